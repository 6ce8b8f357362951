"""Where workers get jobs, by the laws: the table alone and RabbitMQ; and what a broker adds."""

import secrets
import socket
import time
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from kombu.connection import Connection
from tests.contract.store.filling import CIPHER

from los_adapters.jobs import rabbitmq
from los_adapters.jobs.rabbitmq import DEAD, OVERDUE_S, RabbitPublisher, RabbitSource, name_of, ping
from los_adapters.jobs.table import TableSource
from los_adapters.store.engine import connect
from los_adapters.store.memory import MemoryStore
from los_adapters.store.schema import create
from los_adapters.store.work import SqlStore
from los_core.domain.work import Due
from los_core.ports.errors import Unavailable
from los_core.ports.jobs import JobSource
from los_core.testing.jobs import (
    PATIENCE_S,
    QUICK,
    SLOW,
    JobSourceLaws,
    SourceRig,
    gathered,
    nothing_for,
)
from los_core.testing.store import Counting, Hands, brands_on_file
from los_workers.relay import Relay

KINDS = ("k", "render", "pay")


@attrs.frozen
class Broker:
    """Queues of one test's own at a broker."""

    url: str
    mark: str

    def queue_of(self, kind: str) -> str:
        return f"{kind.partition('.')[0]}-{self.mark}"

    @property
    def queues(self) -> list[str]:
        return [f"{QUICK}-{self.mark}", f"{SLOW}-{self.mark}"]

    def publisher(self, url: str = "") -> RabbitPublisher:
        return RabbitPublisher(url or self.url, queues=self.queues, queue_of=self.queue_of)

    def channel(self) -> Any:
        return Connection(self.url, connect_timeout=2).channel()  # type: ignore[no-untyped-call] # in part


@pytest.fixture
def broker(amqp_url: str) -> Iterator[Broker]:
    made = Broker(amqp_url, secrets.token_hex(4))
    yield made
    channel = made.channel()
    for queue in made.queues:
        channel.queue_delete(name_of(queue))
    channel.connection.close()


@pytest.fixture
def closed() -> Iterator[list[Callable[[], None]]]:
    """What is called when the test is over."""
    calls: list[Callable[[], None]] = []
    yield calls
    for call in calls:
        call()


def memory_rig() -> SourceRig:
    clock, entropy = Hands(), Counting()
    store = MemoryStore(clock=clock, entropy=entropy)
    brand, _ = brands_on_file(store.platform)

    def source(worker: str, queues: Collection[str] | None = None) -> JobSource:
        kinds = None if queues is None else [f"{queue}.{k}" for queue in queues for k in KINDS]
        return TableSource(store.platform, clock, worker=worker, kinds=kinds)

    return SourceRig(
        begin=store.begin,
        platform=store.platform,
        clock=clock,
        entropy=entropy,
        brand_id=brand.id,
        source=source,
        tell=lambda: None,
        overdue=timedelta(),
    )


def sqlite_rig(closed: list[Callable[[], None]], folder: Path) -> SourceRig:
    engine = connect(f"sqlite:///{folder / 'los.db'}")
    closed.append(engine.dispose)
    create(engine)
    memory = memory_rig()
    store = SqlStore(engine, cipher=CIPHER, clock=memory.clock, entropy=memory.entropy)
    brand, _ = brands_on_file(store.platform)

    def source(worker: str, queues: Collection[str] | None = None) -> JobSource:
        kinds = None if queues is None else [f"{queue}.{k}" for queue in queues for k in KINDS]
        return TableSource(store.platform, memory.clock, worker=worker, kinds=kinds)

    return attrs.evolve(
        memory, begin=store.begin, platform=store.platform, brand_id=brand.id, source=source
    )


def rabbit_rig(closed: list[Callable[[], None]], broker: Broker, url: str = "") -> SourceRig:
    """Return a rig whose workers listen at the broker, or at another address."""
    rig = memory_rig()
    publisher = broker.publisher()
    closed.append(publisher.close)

    def source(worker: str, queues: Collection[str] | None = None) -> JobSource:
        wanted = (QUICK, SLOW) if queues is None else queues
        made = RabbitSource(
            url or broker.url,
            rig.platform,
            rig.clock,
            worker=worker,
            queues=[f"{queue}-{broker.mark}" for queue in wanted],
            kinds=None if queues is None else [f"{queue}.{k}" for queue in queues for k in KINDS],
            prefetch=8,
        )
        closed.append(made.close)
        return made

    return attrs.evolve(
        rig,
        source=source,
        tell=Relay(rig.platform, publisher, rig.clock).pump,
        overdue=timedelta(seconds=OVERDUE_S),
    )


class TestJobSource(JobSourceLaws):
    """The table in memory and on disk, and RabbitMQ before it."""

    @pytest.fixture(params=["memory", "sqlite", "rabbitmq"])
    def rig(
        self, request: pytest.FixtureRequest, closed: list[Callable[[], None]], tmp_path: Path
    ) -> SourceRig:
        if request.param == "memory":
            return memory_rig()
        if request.param == "sqlite":
            return sqlite_rig(closed, tmp_path)
        return rabbit_rig(closed, request.getfixturevalue("broker"))


@pytest.fixture
def rig(broker: Broker, closed: list[Callable[[], None]]) -> SourceRig:
    return rabbit_rig(closed, broker)


def _nobody() -> str:
    """Return the address of a port of this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"amqp://guest:guest@127.0.0.1:{listening.getsockname()[1]}//"


def test_the_broker_is_told_of_a_job_once(rig: SourceRig) -> None:
    for _ in range(3):
        rig.add()
    assert [rig.tell(), rig.tell()] == [3, 0]


def test_a_message_that_has_no_queue_is_not_taken(rig: SourceRig, broker: Broker) -> None:
    job = rig.add()
    publisher = broker.publisher()
    publisher.open()
    channel = broker.channel()
    channel.queue_delete(name_of(broker.queue_of(job.kind)))
    channel.connection.close()
    assert list(publisher.publish([Due(job.id, job.kind)])) == [job.id]
    assert list(publisher.publish([Due(job.id, job.kind)])) == []
    publisher.close()


def test_a_job_whose_queue_is_gone_is_told_of_again(rig: SourceRig, broker: Broker) -> None:
    job = rig.add()
    rig.tell()
    channel = broker.channel()
    channel.queue_delete(name_of(broker.queue_of(job.kind)))
    channel.connection.close()
    second = rig.add()
    assert [rig.tell(), rig.tell()] == [0, 1]
    assert [found.id for found in gathered(rig.source("w"), 1)] == [second.id]


def test_what_cannot_be_read_is_put_aside_and_the_next_is_served(
    rig: SourceRig, broker: Broker
) -> None:
    channel = broker.channel()
    source = rig.source("w")
    assert nothing_for(source)
    for body in (
        b"\x80\x04pickled",
        b"{}",
        b'{"job": 1}',
        b'{"job": "x"}',
        b"[]",
        b"x" * 1_000_000,
    ):
        channel.basic_publish(
            channel.prepare_message(body, content_type="application/x-python-serialize"),
            routing_key=name_of(broker.queue_of(QUICK)),
        )
    job = rig.add()
    rig.tell()
    assert [found.id for found in gathered(source, 1)] == [job.id]
    mine = [name_of(broker.queue_of(QUICK))] * 6
    assert _dead_of(channel, mine[0]) == mine
    channel.connection.close()


def _dead_of(channel: Any, queue: str) -> list[str]:
    """Take the broker's dead letters that came from a queue; leave those of others."""
    found: list[str] = []
    deadline = time.monotonic() + PATIENCE_S
    while len(found) < 6 and time.monotonic() < deadline:
        message = channel.basic_get(DEAD)
        if message is None:
            continue
        came_from = message.headers["x-first-death-queue"]
        if came_from == queue:
            found.append(came_from)
            channel.basic_ack(message.delivery_info["delivery_tag"])
    return found


def test_a_broker_that_is_away_is_told_at_once(rig: SourceRig, broker: Broker) -> None:
    nobody = _nobody()
    job = rig.add()
    publisher = broker.publisher(nobody)
    begun = time.monotonic()
    for tried in (
        publisher.open,
        lambda: publisher.publish([Due(job.id, job.kind)]),
        lambda: ping(nobody),
    ):
        with pytest.raises(Unavailable):
            tried()
    assert time.monotonic() - begun < 3 * rabbitmq.WAIT_S


def test_without_a_broker_jobs_come_from_the_table_without_delay(
    closed: list[Callable[[], None]],
) -> None:
    rig = rabbit_rig(closed, Broker(_nobody(), "away"))
    job = rig.add()
    assert [found.id for found in gathered(rig.source("w"), 1)] == [job.id]


def test_a_relay_without_a_broker_marks_nothing(rig: SourceRig, broker: Broker) -> None:
    job = rig.add()
    relay = Relay(rig.platform, broker.publisher(_nobody()), rig.clock)
    with pytest.raises(Unavailable):
        relay.pump()
    assert [found.id for found in rig.platform.queue_jobs(limit=9, now=rig.clock.now())] == [job.id]
