"""Moving due jobs from the table to RabbitMQ, against the bare wire and against one at a time.

The limit writes the same publish frames, made beforehand, to a socket of its own, a window at a
time, and waits for the confirmations: what the broker can take from one connection. The relay of
one row claims, publishes and marks each job by itself. All take turns on the same quorum queue and
table; every job must be told of once. Printed: the median of the rounds' ratios, and their range.
Limits: 0.15 of the bare wire, 20 times the relay of one row.

    python benchmarks/relay.py [--rounds 5] [--jobs 5000]

Servers: LOS_TEST_PG_URL, in which a database is made and dropped, and LOS_TEST_AMQP_URL.
"""

import argparse
import os
import secrets
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import attrs
from kombu.connection import Connection
from sqlalchemy import create_engine, insert, make_url, text

from los_adapters.cipher.aes import AesCipher
from los_adapters.cipher.local import LocalWrap
from los_adapters.clock import WallClock
from los_adapters.entropy import SystemEntropy
from los_adapters.jobs.rabbitmq import RabbitPublisher, name_of
from los_adapters.keys import Key
from los_adapters.store import platform_tables as tables
from los_adapters.store.engine import connect
from los_adapters.store.once import JobState
from los_adapters.store.schema import create
from los_adapters.store.work import SqlStore
from los_core.domain.ids import BrandId
from los_core.testing import records
from los_core.testing.store import brands_on_file
from los_workers.relay import WINDOW, Relay

DEFAULT_PG_URL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
DEFAULT_AMQP_URL = "amqp://guest:guest@127.0.0.1:5672//"
OF_WIRE = 0.15
OF_SINGLE = 20
SHARE_SINGLE = 20
"""The relay of one row moves a twentieth of the jobs: it has all day."""


def main() -> int:
    """Measure, print, and return 1 if a limit is missed."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--jobs", type=int, default=5000)
    options = arguments.parse_args()
    to_wire, to_single = [], []
    with _stand() as stand:
        for _ in range(options.rounds):
            relay = stand.relay(options.jobs)
            wire = stand.wire(options.jobs)
            single = stand.single(options.jobs // SHARE_SINGLE)
            to_wire.append(relay / wire)
            to_single.append(relay / single)
            print(f"wire {wire:8,.0f}/s   relay {relay:8,.0f}/s   one by one {single:6,.0f}/s")
    _say("relay to bare wire", to_wire, OF_WIRE)
    _say("relay to one by one", to_single, OF_SINGLE)
    return 0 if _reached(to_wire, OF_WIRE) and _reached(to_single, OF_SINGLE) else 1


def _say(what: str, ratios: list[float], limit: float) -> None:
    spread = f"{min(ratios):.2f}..{max(ratios):.2f}"
    print(f"{what}: {statistics.median(ratios):.2f} ({spread}), limit {limit}")


def _reached(ratios: list[float], limit: float) -> bool:
    return statistics.median(ratios) >= limit


@attrs.define
class _Stand:
    """A table of jobs and a queue, emptied after each turn."""

    engine: Any
    store: SqlStore
    brand_id: BrandId
    url: str
    queue: str

    def relay(self, count: int) -> float:
        """Return how many jobs a second the product's relay moves."""
        publisher = self._publisher()
        relay = Relay(self.store.platform, publisher, WallClock())
        self._add(count)
        publisher.open()
        seconds = _timed(lambda: _pump(relay, count))
        publisher.close()
        self._check(count)
        return count / seconds

    def single(self, count: int) -> float:
        """Return how many jobs a second are moved one by one."""
        publisher, platform, clock = self._publisher(), self.store.platform, WallClock()
        self._add(count)
        publisher.open()

        def move() -> None:
            for _ in range(count):
                [job] = platform.queue_jobs(limit=1, now=clock.now())
                assert not publisher.publish([job])

        seconds = _timed(move)
        publisher.close()
        self._check(count)
        return count / seconds

    def wire(self, count: int) -> float:
        """Return how many messages a second the broker takes as bytes made beforehand."""
        confirmed = [0]

        def on_ack(tag: int, multiple: bool) -> None:  # noqa: ARG001, FBT001 # the protocol's
            confirmed.append(max(confirmed.pop(), tag))

        def send() -> None:
            sent = 0
            for size, window in zip(sizes, windows, strict=True):
                opened.connection.sock.sendall(window)
                sent += size
                while confirmed[0] < sent:
                    opened.connection.drain_events(timeout=10)

        with _opened(self.url) as opened:
            channel = opened.channel()
            channel.confirm_select()
            channel.events["basic_ack"].add(on_ack)
            sizes = [min(WINDOW, count - sent) for sent in range(0, count, WINDOW)]
            windows = [_frames(opened.connection, channel, self.queue, size) for size in sizes]
            seconds = _timed(send)
        self._check(count)
        return count / seconds

    def _publisher(self) -> RabbitPublisher:
        return RabbitPublisher(self.url, queues=[self.queue], queue_of=lambda _: self.queue)

    def _add(self, count: int) -> None:
        now, entropy = WallClock().now(), SystemEntropy()
        made = (records.job(self.brand_id, entropy.uuid(), due_at=now) for _ in range(count))
        rows = [{**attrs.asdict(job), "state": JobState.READY, "lease_until": None} for job in made]
        with self.engine.begin() as connection:
            connection.execute(insert(tables.job), rows)

    def _check(self, count: int) -> None:
        """See that every message is in the queue, once; empty queue and table."""
        with _opened(self.url) as opened:
            purged = opened.channel().queue_purge(name_of(self.queue))
        assert purged == count, f"{purged} of {count} messages are in the queue"
        with self.engine.begin() as connection:
            left = connection.execute(text("SELECT count(*) FROM job WHERE NOT queued")).scalar()
            assert left == 0, f"{left} jobs were not told of"
            connection.execute(text("DELETE FROM job"))


def _pump(relay: Relay, count: int) -> None:
    moved = 0
    while moved < count:
        moved += relay.pump()


def _frames(connection: Any, channel: Any, queue: str, count: int) -> bytes:
    """Return the bytes that the client would write for some messages."""
    written = _Written([])
    direct = connection.frame_writer
    connection.frame_writer = connection.frame_writer_cls(connection, written)
    for _ in range(count):
        message = channel.prepare_message(
            f'{{"job":"{SystemEntropy().uuid()}"}}',
            content_type="application/json",
            content_encoding="utf-8",
            properties={"delivery_mode": 2},
        )
        channel.basic_publish(message, "", name_of(queue), mandatory=True)
    connection.frame_writer = direct
    return b"".join(written.pieces)


@attrs.frozen
class _Written:
    """Stands for a transport, and keeps what is written."""

    pieces: list[bytes]

    def write(self, data: bytes) -> None:
        self.pieces.append(bytes(data))


def _timed(action: Callable[[], None]) -> float:
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


@contextmanager
def _opened(url: str) -> Iterator[Any]:
    """Yield a connection to the broker."""
    connection: Any = Connection(url)  # type: ignore[no-untyped-call] # kombu is typed in part
    try:
        yield connection
    finally:
        connection.release()


@contextmanager
def _stand() -> Iterator[_Stand]:
    """Yield a database and a queue of our own."""
    server = make_url(os.environ.get("LOS_TEST_PG_URL", DEFAULT_PG_URL))
    url = os.environ.get("LOS_TEST_AMQP_URL", DEFAULT_AMQP_URL)
    name = f"los_test_bench_{secrets.token_hex(4)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = connect(server.set(database=name).render_as_string(hide_password=False))
    try:
        create(engine)
        store = SqlStore(
            engine,
            cipher=AesCipher(LocalWrap([Key("bench", bytes(32))])),
            clock=WallClock(),
            entropy=SystemEntropy(),
        )
        brand, _ = brands_on_file(store.platform)
        queue = f"bench-{secrets.token_hex(4)}"
        yield _Stand(engine, store, brand.id, url, queue)
        with _opened(url) as opened:
            opened.channel().queue_delete(name_of(queue))
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


if __name__ == "__main__":
    sys.exit(main())
