"""What staff are told, by the API: their own alone, as a list and as it happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import attrs
import pytest
from litestar import Litestar

from los_adapters.container import InMemory
from los_core.domain.access import Role
from los_core.domain.errors import Busy, TooMany
from los_core.domain.ids import BrandId, StaffId
from los_core.domain.kyc import Email
from los_core.domain.notification import Notification, NotificationKind
from los_core.services.notifying import Reader, notify
from los_http.board import Board

BOX = "/api/v1/notifications"
PATIENCE_S = 10


def _id(world: Any, name: str) -> StaffId:
    found = world.fakes.services.platform.staff_by_email(f"{name}@bharat.example")
    assert found is not None
    return StaffId(found.id)


def _tell(fakes: InMemory, brand_id: BrandId, staff_id: StaffId, text: str) -> None:
    with fakes.services.begin(brand_id) as uow:
        notify(
            uow,
            [staff_id],
            NotificationKind.SYSTEM_ALERT,
            at=fakes.clock.now(),
            entropy=fakes.entropy,
            metadata={"loanId": "7"},
            title="Alert",
            text=text,
        )
    fakes.clock.advance(timedelta(milliseconds=1))


def test_a_page_is_newest_first_with_the_unread_counted(world: Any) -> None:
    for number in range(3):
        _tell(world.fakes, world.brand_id, _id(world, "manager"), f"no. {number}")
    token = world.staff("manager")
    body = world.client("GET", f"{BOX}?page=2&limit=2", token=token).json()
    [only] = body.pop("notifications")
    assert body == {"page": 2, "limit": 2, "total": 3, "unread": 3}
    assert (only["type"], only["title"], only["body"]) == ("SYSTEM_ALERT", "Alert", "no. 0")
    assert only["metadata"] == {"loanId": "7"}
    assert only["readAt"] is None
    first = world.client("GET", BOX, token=token).json()["notifications"]
    assert [each["body"] for each in first] == ["no. 2", "no. 1", "no. 0"]


def test_one_is_read_all_are_read_and_one_is_dismissed(world: Any) -> None:
    for number in range(3):
        _tell(world.fakes, world.brand_id, _id(world, "manager"), f"no. {number}")
    token = world.staff("manager")
    [last, *_] = world.client("GET", BOX, token=token).json()["notifications"]
    for _ in range(2):
        answer = world.client("PATCH", f"{BOX}/{last['id']}/read", token=token)
        assert (answer.status_code, answer.json()) == (200, {"unread": 2})
    assert world.client("PATCH", f"{BOX}/read-all", token=token).json() == {"unread": 0}
    assert world.client("DELETE", f"{BOX}/{last['id']}", token=token).status_code == 204
    assert world.client("GET", BOX, token=token).json()["total"] == 2
    again = world.client("DELETE", f"{BOX}/{last['id']}", token=token)
    world.problem(again, 404, "NOT_FOUND")


def test_13_another_persons_notification_is_none_of_ones_own(world: Any) -> None:
    _tell(world.fakes, world.brand_id, _id(world, "manager"), "for the manager")
    manager, collector = world.staff("manager"), world.staff("collector")
    [theirs] = world.client("GET", BOX, token=manager).json()["notifications"]
    for method, path in (("PATCH", f"{theirs['id']}/read"), ("DELETE", theirs["id"])):
        found = world.client(method, f"{BOX}/{path}", token=collector)
        missing = world.client(
            method, f"{BOX}/{path.replace(theirs['id'], str(uuid4()))}", token=collector
        )
        bodies = [world.problem(each, 404, "NOT_FOUND") for each in (found, missing)]
        assert bodies[0]["message"] == bodies[1]["message"]
    assert world.client("GET", BOX, token=manager).json()["unread"] == 1


@pytest.mark.parametrize("query", ["page=0", "limit=101", "limit=0", "page=x"])
def test_a_page_has_bounds(still: Any, query: str) -> None:
    answer = still.client("GET", f"{BOX}?{query}", token=still.staff("manager"))
    assert answer.status_code == 400


def test_a_brand_that_one_has_left_is_not_heard_of(world: Any) -> None:
    hired = world.fakes.services.brands.hire(
        email=Email.parse("both@bharat.example"),
        name="Both",
        password="Sahyadri-monsoon-2026",
        roles=frozenset({Role.SUPPORT}),
        brands=frozenset({world.brand_id, world.other_brand_id}),
    )
    world.secrets["both"] = ""
    for brand_id in (world.brand_id, world.other_brand_id):
        _tell(world.fakes, brand_id, hired.staff.id, str(brand_id))
    assert world.client("GET", BOX, token=world.staff("both")).json()["total"] == 2
    staff = world.fakes.services.platform.staff(hired.staff.id)
    staff.brands = frozenset({world.brand_id})
    world.fakes.services.platform.save_staff(staff)
    [left] = world.client("GET", BOX, token=world.staff("both")).json()["notifications"]
    assert left["brandId"] == str(world.brand_id)


@attrs.define
class Stream:
    """An open stream of the application, as a server holds it."""

    events: "asyncio.Queue[dict[str, str] | None]" = attrs.field(factory=asyncio.Queue)
    status: int = 0
    content_type: str = ""

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = {name.lower(): value for name, value in message["headers"]}
            self.content_type = headers[b"content-type"].decode()
            return
        for block in message["body"].decode().split("\n\n"):
            lines = [line.partition(": ") for line in block.splitlines()]
            if fields := {name: value for name, _, value in lines if name}:
                self.events.put_nowait(fields)
        if not message["more_body"]:
            self.events.put_nowait(None)

    async def next(self) -> dict[str, str] | None:
        return await asyncio.wait_for(self.events.get(), PATIENCE_S)


@asynccontextmanager
async def _listening(app: Litestar, token: str, last: str = "") -> AsyncIterator[Stream]:
    stream, gone = Stream(), asyncio.Event()
    headers = [
        (b"accept-encoding", b"gzip"),
        (b"host", b"los.test"),
        (b"authorization", f"Bearer {token}".encode()),
    ]
    headers += [(b"last-event-id", last.encode())] if last else []
    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": f"{BOX}/stream",
        "raw_path": f"{BOX}/stream".encode(),
        "query_string": b"",
        "scheme": "http",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("los.test", 80),
        "state": {},
    }
    begun = False

    async def receive() -> Any:
        nonlocal begun
        if not begun:
            begun = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    task = asyncio.create_task(app(scope, receive, stream.send))
    try:
        yield stream
    finally:
        gone.set()
        await asyncio.wait_for(task, PATIENCE_S)


def test_a_stream_tells_what_happens_and_takes_up_where_it_was_left(world: Any) -> None:
    token, manager = world.staff("manager"), _id(world, "manager")

    async def story() -> None:
        async with _listening(world.client.app, token) as stream:
            first = await stream.next()
            assert (stream.status, stream.content_type.partition(";")[0]) == (
                200,
                "text/event-stream",
            )
            assert first == {"retry": "2000", "event": "unread", "data": '{"unread":0}'}
            await asyncio.to_thread(_tell, world.fakes, world.brand_id, manager, "one")
            one = await stream.next()
            assert one is not None
            assert one["event"] == "notification"
            assert json.loads(one["data"])["body"] == "one"
        for text in ("two", "three"):
            await asyncio.to_thread(_tell, world.fakes, world.brand_id, manager, text)
        async with _listening(world.client.app, token, last=one["id"]) as stream:
            assert (await stream.next() or {})["data"] == '{"unread":3}'
            missed = [await stream.next() or {} for _ in range(2)]
            assert [json.loads(each["data"])["body"] for each in missed] == ["two", "three"]

    asyncio.run(story())


def test_who_asks_for_the_head_of_a_stream_is_answered_at_once(world: Any) -> None:
    token = world.staff("manager")
    answer = world.client("HEAD", f"{BOX}/stream", token=token)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_a_stream_ends_with_its_session(world: Any) -> None:
    token = world.staff("manager")

    async def story() -> None:
        async with _listening(world.client.app, token) as stream:
            assert await stream.next() is not None
            logout = world.client("POST", "/api/v1/partner/auth/logout", token=token)
            assert logout.status_code == 204
            assert await stream.next() is None
        async with _listening(world.client.app, token) as stream:
            assert await stream.next() is not None
            assert stream.status == 401

    asyncio.run(story())


@attrs.define
class Hall:
    """A board over a lender in memory, which looks often."""

    world: Any
    draining: bool = False

    def board(self, **limits: Any) -> Board:
        services = self.world.fakes.services
        return Board(
            services.notifications,
            services.clock.now,
            draining=lambda: self.draining,
            **{"look_s": 0.005, **limits},
        )

    def reader(self, name: str) -> Reader:
        """Return somebody who has just logged in."""
        staff, claims = self.world.fakes.services.staff_login.staff(self.world.staff(name))
        return Reader(staff_id=staff.id, brands=staff.brands, session_id=claims.session)


@pytest.fixture
def hall(world: Any) -> Hall:
    return Hall(world)


def _body(told: Notification) -> bytes:
    return told.body.encode()


async def _next(stream: Any) -> bytes:
    found: bytes = await asyncio.wait_for(anext(stream, b""), PATIENCE_S)
    return found


def test_a_quiet_stream_beats(hall: Hall) -> None:
    async def story() -> None:
        stream = hall.board(beat_s=0.01).stream(hall.reader("manager"), _body)
        assert b"unread" in await _next(stream)
        assert [await _next(stream) for _ in range(2)] == [b": still here\n\n"] * 2
        await stream.aclose()

    asyncio.run(story())


def test_streams_are_bounded_and_a_place_is_free_once_one_has_gone(hall: Hall) -> None:
    async def story() -> None:
        board = hall.board(most=2, of_one=1)
        manager, collector, root = map(hall.reader, ("manager", "collector", "root"))
        streams = [board.stream(who, _body) for who in (manager, collector)]
        for stream in streams:
            await _next(stream)
        with pytest.raises(Busy):
            board.check(root)
        assert await _next(board.stream(root, _body)) == b""
        await streams[1].aclose()
        board.check(root)
        with pytest.raises(TooMany):
            board.check(manager)
        await streams[0].aclose()
        assert len(board) == 0

    asyncio.run(story())


def test_a_reader_who_is_too_slow_is_let_go_and_loses_nothing(hall: Hall) -> None:
    manager = hall.reader("manager")

    async def story() -> None:
        board = hall.board(waiting=2)
        stream = board.stream(manager, _body)
        await _next(stream)
        for number in range(5):
            await asyncio.to_thread(
                _tell, hall.world.fakes, hall.world.brand_id, manager.staff_id, f"no. {number}"
            )
        while told := await _next(stream):
            assert told in {f"no. {number}".encode() for number in range(5)}
        box = hall.world.fakes.services.notifications
        assert box.unread(manager) == 5

    asyncio.run(story())


def test_a_process_that_drains_lets_all_go_and_takes_none(hall: Hall) -> None:
    async def story() -> None:
        board = hall.board()
        stream = board.stream(hall.reader("manager"), _body)
        await _next(stream)
        hall.draining = True
        assert await _next(stream) == b""
        with pytest.raises(Busy):
            board.check(hall.reader("collector"))

    asyncio.run(story())


def test_many_listen_in_one_thread_and_each_hears_their_own(hall: Hall) -> None:
    manager, collector = hall.reader("manager"), hall.reader("collector")

    async def story() -> None:
        board = hall.board(of_one=100)
        streams = [board.stream(who, _body) for who in (manager, collector) for _ in range(50)]
        await asyncio.gather(*map(_next, streams))
        for who, text in ((manager, "for the manager"), (collector, "for the collector")):
            await asyncio.to_thread(
                _tell, hall.world.fakes, hall.world.brand_id, who.staff_id, text
            )
        heard = await asyncio.gather(*map(_next, streams))
        assert heard == [b"for the manager"] * 50 + [b"for the collector"] * 50
        for stream in streams:
            await stream.aclose()

    asyncio.run(story())


def test_what_was_missed_is_told_whole_however_much_it_was(world: Any) -> None:
    services, manager = world.fakes.services, _id(world, "manager")
    _tell(world.fakes, world.brand_id, manager, "seen")
    who = Reader(staff_id=manager, brands=frozenset({world.brand_id}), session_id=None)
    [seen] = services.notifications.fresh([who], since=world.fakes.clock.now() - timedelta(days=1))
    for number in range(250):
        _tell(world.fakes, world.brand_id, manager, f"no. {number}")
    missed = services.notifications.missed(who, seen.id)
    assert [each.body for each in missed] == [f"no. {number}" for number in range(250)]
    assert services.notifications.missed(who, UUID(int=7)) == []


def test_what_was_committed_late_is_found_by_a_look_back(world: Any) -> None:
    """A transaction may commit after one that began later."""
    services, manager = world.fakes.services, _id(world, "manager")
    who = Reader(staff_id=manager, brands=frozenset({world.brand_id}), session_id=None)
    early = world.fakes.clock.now()
    world.fakes.clock.advance(timedelta(seconds=5))
    _tell(world.fakes, world.brand_id, manager, "began later")
    [last] = services.notifications.fresh([who], since=early)
    with services.begin(world.brand_id) as uow:
        notify(
            uow,
            [manager],
            NotificationKind.SYSTEM_ALERT,
            at=early,
            entropy=world.fakes.entropy,
            title="Alert",
            text="committed later",
        )
    assert [each.body for each in services.notifications.missed(who, last.id)] == [
        "committed later"
    ]
