"""What of calls is put on file, when, and what happens where it cannot be."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest

from los_adapters.container import InMemory, in_memory
from los_core.domain.access import Role
from los_core.domain.brand import Settings
from los_core.domain.errors import Busy, Conflict
from los_core.domain.ids import PLATFORM, CustomerId, StaffId
from los_core.domain.work import AuditEvent
from los_core.services.call_log import COMMAND, LOST, READ, REFUSED, Call, CallLog
from los_core.services.callers import CustomerCaller, StaffCaller
from los_core.testing import records
from los_http.app import create_app

DETAILS = {
    "email": "asha@mail.example",
    "residence": {
        "line1": "1 MG Road",
        "city": "Pune",
        "state": "MH",
        "pincode": "411001",
        "since": "2020-01-01",
    },
}
ME = "/api/v1/web/personal-details"


def told(world: Any, *actions: str) -> list[AuditEvent]:
    """Return the rows of the trail with these actions, as they were written."""
    found = world.fakes.store._shelves.audit.of(world.brand_id)  # noqa: SLF001 # the whole trail
    return [event for event in found if event.action in actions]


def test_what_is_read_is_written_together_and_equal_reads_are_one_row(world: Any) -> None:
    token = world.customer()
    for _ in range(3):
        assert world.client("GET", ME, token=token).status_code == 200
    assert told(world, READ) == []

    world.fakes.services.calls.flush()

    [row] = told(world, READ)
    assert row.facts["route"] == f"GET {ME}"
    assert (row.actor, row.facts["times"]) == ("CUSTOMER", 3)


def test_who_reads_what_is_personal_is_told_before_the_answer(world: Any) -> None:
    token = world.staff("manager")

    assert world.client("GET", f"{world.brand}/user", token=world.staff("root")).status_code == 200
    assert world.client("GET", f"{world.brand}/loans", token=token).status_code == 200

    [row] = told(world, READ)
    assert row.facts == {"route": "GET /api/v1/partner/brand/{brand_id}/user"}


def test_a_personal_answer_that_cannot_be_told_of_is_not_given(world: Any) -> None:
    token = world.staff("root")
    calls = world.fakes.services.calls
    with away(calls):
        answer = world.client("GET", f"{world.brand}/user", token=token)
        world.problem(answer, 503, "BUSY")
        sessions = world.client("GET", "/api/v1/partner/auth/sessions", token=token)
        assert sessions.status_code == 200

    assert "bharat.example" not in answer.text
    assert calls.waiting == 2


@contextmanager
def away(calls: CallLog) -> Iterator[None]:
    """Have the trail out of reach, and nothing else."""
    begin = calls._begin  # noqa: SLF001 # the one thing that is away

    def refuse(*_: Any, **__: Any) -> Any:
        raise Busy("others hold the store", details={"retry_after_s": 1})

    calls._begin = refuse  # noqa: SLF001
    yield
    calls._begin = begin  # noqa: SLF001


def test_a_command_is_told_by_the_transaction_it_commits(world: Any) -> None:
    token = world.customer()
    done = world.client("POST", f"{ME}/update", token=token, json=DETAILS)

    assert done.status_code == 200, done.text
    [row] = told(world, COMMAND)
    assert row.facts == {"route": f"POST {ME}/update"}


def test_what_is_undone_tells_nothing_and_a_refusal_is_told_with_its_status(world: Any) -> None:
    token, loan = world.customer(), uuid4()
    path = f"/api/v1/web/loans/{loan}/cancel"

    refused = world.client("POST", path, token=token, json={"reasonCodes": ["NOT_NEEDED"]})
    world.fakes.services.calls.flush()

    assert refused.status_code == 404
    [row] = told(world, COMMAND, REFUSED)
    assert (row.action, row.facts["status"], row.entity, row.entity_id) == (
        REFUSED,
        404,
        "loan",
        loan,
    )


def test_a_command_does_not_stay_open_for_the_next_call(world: Any) -> None:
    token = world.customer()
    world.client("POST", f"{ME}/update", token=token, json=DETAILS)
    world.client("GET", ME, token=token)

    assert len(told(world, COMMAND)) == 1


def test_what_waits_is_written_as_the_application_ends(world: Any) -> None:
    client = type(world.client)(create_app(world.fakes.services, threads=1))
    client("GET", ME, token=world.customer())
    assert told(world, READ) == []
    client.close()

    assert len(told(world, READ)) == 1


def test_what_is_read_of_no_brand_stands_in_the_readers_own(world: Any) -> None:
    world.client("GET", "/api/v1/partner/auth/sessions", token=world.staff("manager"))
    world.fakes.services.calls.flush()

    [row] = told(world, READ)
    assert row.brand_id == world.brand_id


class Kept:
    """A trail that is kept by itself, with little room."""

    def __init__(self, room: int) -> None:
        self.fakes: InMemory = in_memory()
        brand = records.brand("ours")
        self.fakes.services.brands.create(brand, Settings())
        self.brand_id = brand.id
        store = self.fakes.store
        self.calls = CallLog(store.begin, store.platform, self.fakes.services.access_log, room=room)
        self.reader = CustomerCaller(customer_id=CustomerId(uuid4()), brand_id=brand.id)

    def read(self, number: int) -> None:
        self.calls.finished(
            Call(by=self.reader, route=f"GET /{number}"), 200, personal=False, reads=True
        )

    def rows(self, action: str) -> list[AuditEvent]:
        return told(self, action)


def test_what_finds_no_room_is_counted_and_the_number_is_told() -> None:
    kept = Kept(room=2)
    for number in (1, 2, 3, 3, 1):
        kept.read(number)
    assert (kept.calls.waiting, kept.calls.lost) == (2, 2)

    assert kept.calls.flush() == 3

    assert [row.facts["times"] for row in kept.rows(READ)] == [2, 1]
    assert [row.facts for row in kept.rows(LOST)] == [{"calls": 2}]
    assert kept.calls.flush() == 0


def test_what_cannot_be_written_waits_on_with_what_came_meanwhile() -> None:
    kept = Kept(room=3)
    kept.read(1)
    with away(kept.calls):
        with pytest.raises(Busy):
            kept.calls.flush()
        for number in (1, 2, 3, 4):
            kept.read(number)
    assert (kept.calls.waiting, kept.calls.lost) == (3, 1)

    kept.calls.flush()

    assert {row.facts["route"]: row.facts["times"] for row in kept.rows(READ)} == {
        "GET /1": 2,
        "GET /2": 1,
        "GET /3": 1,
    }
    assert [row.facts for row in kept.rows(LOST)] == [{"calls": 1}]


def test_a_transaction_that_fails_tells_of_no_command() -> None:
    kept = Kept(room=3)
    with kept.calls.closed():
        kept.calls.command(Call(by=kept.reader, route="POST /x"))
        with pytest.raises(Conflict), kept.calls.telling(kept.brand_id):
            raise Conflict("no")
        assert kept.rows(COMMAND) == []
        with kept.calls.telling(kept.brand_id) as uow:
            uow.lender.brand()
        assert kept.rows(COMMAND) == []
        for _ in range(2):
            with kept.calls.telling(kept.brand_id) as uow:
                uow.desk.next_number("x")
    with kept.calls.telling(kept.brand_id) as uow:
        uow.desk.next_number("x")

    assert len(kept.rows(COMMAND)) == 1


def test_a_reader_without_a_brand_in_an_installation_without_any_is_counted() -> None:
    fakes = in_memory()
    store = fakes.store
    calls = CallLog(store.begin, store.platform, fakes.services.access_log)
    nobody = StaffCaller(
        staff_id=StaffId(uuid4()),
        brand_id=PLATFORM,
        roles=frozenset({Role.SUPER_ADMIN}),
        permissions={},
    )
    for personal in (False, True):
        calls.finished(Call(by=nobody, route="GET /x"), 200, personal=personal, reads=True)

    assert calls.flush() == 0
    assert (calls.waiting, calls.lost) == (0, 2)
