"""The sandbox's state is kept before an answer leaves, and its webhooks arrive at least once."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_adapters.sandbox.courier import Courier, Post
from los_adapters.sandbox.faults import Fault, FaultKind, Faults, matches
from los_adapters.sandbox.personas import Personas
from los_adapters.sandbox.world import MemoryState, SqliteState, StateStore, World

NOW = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)


class Receiver:
    """Takes webhooks, and answers as told."""

    def __init__(self, *answers: int | httpx.TransportError) -> None:
        self.answers = list(answers)
        self.got: list[str] = []
        self.bodies: list[bytes] = []

    def __call__(self, post: Post) -> int:
        self.got.append(post.event_id)
        self.bodies.append(post.body)
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer


class Wall:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def a_world(
    receiver: Callable[[Post], int] | None = None,
    store: StateStore | None = None,
    wall: Callable[[], float] | None = None,
    retries: tuple[float, ...] = (),
) -> World:
    courier = Courier(receiver or Receiver(), timer=wall or Wall(), retries=lambda _vendor: retries)
    return World(store or MemoryState(), Personas(), lambda: NOW, courier)


def post(world: World, event_id: str, body: bytes = b'{"amount": 125}') -> None:
    world.courier.post("razorpay", "http://127.0.0.1:1/hook", {"x-id": "1"}, body, event_id)


def test_a_turn_is_kept_whole_and_a_record_is_a_copy(tmp_path: Path) -> None:
    store = SqliteState(tmp_path / "var" / "sandbox.db")
    world = a_world(store=store)
    with world.turn():
        world.state("idfc").put("p1", {"status": "ACPT"})
        world.state("idfc").put("p2", {"status": "ACPT"})
        assert world.state("idfc").next_number("txn") == 1
    record = world.state("idfc").get("p1")
    assert record is not None
    record["status"] = "STLD"
    store.close()
    again = a_world(store=SqliteState(tmp_path / "var" / "sandbox.db"))
    assert again.state("idfc").all() == {"p1": {"status": "ACPT"}, "p2": {"status": "ACPT"}}
    assert again.state("idfc").next_number("txn") == 2
    assert again.state("razorpay").all() == {}


def test_a_turn_that_fails_leaves_nothing() -> None:
    world = a_world()
    table = world.state("idfc")
    table.put("kept", {"a": 1})

    def fail() -> None:
        with world.turn():
            table.put("kept", {"a": 2})
            table.delete("kept")
            table.put("new", {"a": 3})
            table.next_number("n")
            post(world, "ev_1")
            assert table.get("kept") is None
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert table.all() == {"kept": {"a": 1}}
    assert table.next_number("n") == 1
    assert world.courier.posts() == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.sampled_from("xyz"),
            st.none() | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
        ),
        max_size=12,
    )
)
def test_tables_behave_like_dictionaries(
    changes: list[tuple[str, str, dict[str, int] | None]],
) -> None:
    world = a_world()
    expected: dict[str, dict[str, dict[str, int]]] = {"a": {}, "b": {}}
    for place, key, value in changes:
        if value is None:
            world.state(place).delete(key)
            expected[place].pop(key, None)
        else:
            world.state(place).put(key, value)
            expected[place][key] = value
    assert {place: world.state(place).all() for place in "ab"} == expected


def test_messages_are_read_by_their_recipient() -> None:
    world = a_world()
    for to, text in (("9822010101", "one"), ("a@example.in", "two"), ("9822010101", "three")):
        world.tell(vendor="msg91", channel="SMS", to=to, text=text, variables={"otp": "1"})
    assert [told["text"] for told in world.messages("9822010101")] == ["one", "three"]
    assert len(world.messages()) == 3
    assert world.messages()[0]["at"] == NOW.isoformat()


def test_a_webhook_is_delivered_once_when_it_is_taken() -> None:
    receiver = Receiver()
    world = a_world(receiver)
    post(world, "ev_1")
    assert world.courier.deliver_due() == 1
    assert world.courier.deliver_due() == 0
    assert receiver.got == ["ev_1"]
    assert [p.state for p in world.courier.posts()] == ["delivered"]


def test_a_webhook_not_taken_is_tried_again_on_the_vendors_schedule() -> None:
    wall = Wall()
    receiver = Receiver(500, httpx.ReadTimeout("slow"), 302)
    world = a_world(receiver, wall=wall, retries=(10.0, 60.0))
    post(world, "ev_1")
    seen = []
    for now in (1000.0, 1005.0, 1010.0, 1069.0, 1070.0, 99999.0):
        wall.now = now
        world.courier.deliver_due()
        [p] = world.courier.posts()
        seen.append((p.tries, p.state, p.answer))
    assert seen == [
        (1, "queued", "500"),
        (1, "queued", "500"),
        (2, "queued", "ReadTimeout"),
        (2, "queued", "ReadTimeout"),
        (3, "given-up", "302"),
        (3, "given-up", "302"),
    ]


def test_webhooks_queued_before_a_kill_are_delivered_after_it(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    before = SqliteState(path)
    post(a_world(Receiver(), store=before), "ev_1", b"\xff\x00")
    before.close()
    receiver = Receiver()
    world = a_world(receiver, store=SqliteState(path))
    assert world.courier.next_due_in_s() == 0.0
    world.courier.deliver_due()
    assert (receiver.got, receiver.bodies) == (["ev_1"], [b"\xff\x00"])
    assert world.courier.next_due_in_s() is None


def test_webhooks_go_to_this_machine_only() -> None:
    world = World(MemoryState(), Personas(), lambda: NOW, Courier(timer=Wall()))
    world.courier.post("razorpay", "http://hooks.example.in/", {}, b"{}", "ev_1")
    world.courier.deliver_due()
    [p] = world.courier.posts()
    assert (p.state, p.answer) == ("given-up", "ConnectError")


@pytest.mark.parametrize(
    ("kind", "got"),
    [
        (FaultKind.DUPLICATE, ["ev_1", "ev_1", "ev_2"]),
        (FaultKind.WITHHOLD, ["ev_2"]),
        (FaultKind.REORDER, ["ev_2", "ev_1"]),
        (FaultKind.FORGE, ["ev_1-forged", "ev_1", "ev_2"]),
    ],
)
def test_a_webhook_meets_its_fault_and_the_next_does_not(kind: FaultKind, got: list[str]) -> None:
    receiver = Receiver()
    world = a_world(receiver)
    faults = Faults(world)
    world.courier.obey(faults)
    faults.switch_on(Fault(vendor="razorpay", kind=kind, times=1))
    post(world, "ev_1")
    post(world, "ev_2")
    world.courier.deliver_due()
    assert receiver.got == got


def test_a_forged_webhook_parses_and_tells_something_else() -> None:
    receiver = Receiver()
    world = a_world(receiver)
    faults = Faults(world)
    world.courier.obey(faults)
    faults.switch_on(Fault(vendor="razorpay", kind=FaultKind.FORGE))
    post(world, "ev_1")
    world.courier.deliver_due()
    assert [json.loads(body)["amount"] for body in receiver.bodies] == [126, 125]


def test_withheld_webhooks_are_released_on_demand() -> None:
    receiver = Receiver()
    world = a_world(receiver)
    faults = Faults(world)
    world.courier.obey(faults)
    key = faults.switch_on(Fault(vendor="razorpay", kind=FaultKind.WITHHOLD))
    post(world, "ev_1")
    post(world, "ev_2")
    faults.switch_off(key)
    assert world.courier.deliver_due() == 0
    assert world.courier.release("idfc") == 0
    assert world.courier.release("razorpay") == 2
    world.courier.deliver_due()
    assert receiver.got == ["ev_1", "ev_2"]


def test_a_delivered_webhook_is_sent_once_more_on_demand() -> None:
    receiver = Receiver()
    world = a_world(receiver)
    post(world, "ev_1")
    world.courier.deliver_due()
    world.courier.again(1)
    world.courier.deliver_due()
    assert receiver.got == ["ev_1", "ev_1"]


@pytest.mark.parametrize(
    ("operation", "met"),
    [
        ("", True),
        ("POST", False),
        ("POST /v1/orders", True),
        ("post /v1/orders/", True),
        ("GET /v1/orders", False),
        ("/v1", True),
        ("/v1/{kind}/*/payments", True),
        ("/v1/*/o1/refunds", False),
        ("/v1/orders/o1/payments/p1", False),
        ("/v1/ord", False),
    ],
)
def test_an_operation_is_matched_segment_by_segment(operation: str, *, met: bool) -> None:
    assert matches(operation, "POST", "/v1/orders/o1/payments") is met


def test_a_fault_meets_as_many_calls_as_it_was_set_to() -> None:
    faults = Faults(a_world())
    faults.switch_on(Fault(vendor="idfc", kind=FaultKind.DELAY, operation="/v1", times=2))
    faults.switch_on(Fault(vendor="idfc", kind=FaultKind.STATUS_429, operation="/v2"))
    seen = [
        [fault.kind for fault in faults.met_by(vendor, "POST", path)]
        for vendor, path in (
            ("razorpay", "/v1/x"),
            ("idfc", "/v1/x"),
            ("idfc", "/v2/x"),
            ("idfc", "/v1/x"),
            ("idfc", "/v1/x"),
            ("idfc", "/v2/x"),
        )
    ]
    assert seen == [[], ["delay"], ["status_429"], ["delay"], [], ["status_429"]]
    faults.switch_off()
    assert faults.on() == {}
