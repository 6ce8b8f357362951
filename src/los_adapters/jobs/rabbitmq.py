"""RabbitMQ in front of the job table: a worker hears of a job at once, without asking the table.

A message carries the id of a job and nothing else. Who runs the job is decided by the claim in the
table, so a message may be lost or doubled: a row that is overdue is found by looking, and a second
message finds it claimed. Delays, retries and dead letters are the table's; the broker's own dead
letters are messages that nobody can read.
Source: decision 9, reliability design §3; the queues' arguments and their traps as measured.
"""

import json
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from kombu.connection import Connection
from kombu.transport.pyamqp import Transport

from los_adapters.jobs.attempts import LEASE_S
from los_core.domain.ids import JobId
from los_core.domain.work import Due, Job
from los_core.ports.clock import Clock
from los_core.ports.errors import Unavailable
from los_core.ports.work import Platform, Which

WAIT_S: Final = 2.0
"""How long to wait for a connection, or for room to write."""
CONFIRM_S: Final = 5.0
HEARTBEAT_S: Final = 10
OVERDUE_S: Final = 5.0
"""A job that is due for so long, and not claimed, was not heard of: it is looked for."""
LOOK_EVERY_S: Final = 1.0
BACKOFF_S: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)

DEAD: Final = "los.dead.v1"
_ARGUMENTS: Final[Mapping[str, object]] = {
    "x-queue-type": "quorum",
    "x-delivery-limit": 5,
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": DEAD,
}
_NIL: Final = JobId(UUID(int=0))
_ERRORS: Final = (*Transport.connection_errors, *Transport.channel_errors, OSError)
_log = structlog.get_logger(__name__)


def name_of(queue: str) -> str:
    """Return a queue's name at the broker; other arguments need another version of the name."""
    return f"los.{queue}.v1"


def ping(url: str) -> None:
    """Raises: Unavailable: no broker answers."""
    line = _Line(url, ())
    line.open()
    line.drop()


class RabbitPublisher:
    """The `JobPublisher`: persistent messages, a window of them at a time, each confirmed."""

    def __init__(
        self, url: str, *, queues: Collection[str], queue_of: Callable[[str], str]
    ) -> None:
        """`queue_of` names the queue of a kind of job, one of `queues`."""
        self._line = _Line(url, queues)
        self._queue_of = queue_of
        self._waiting: dict[int, JobId] = {}
        self._refused: list[JobId] = []
        self._frames: dict[str, tuple[bytes, bytes]] = {}
        self._sent = 0

    def open(self) -> None:
        """Connect, and ask for confirmations; keep up what is open. Raises: Unavailable."""
        if self._line.channel is not None:
            self._line.tick()
            return
        self._line.open()
        with self._line.used() as channel:
            channel.confirm_select()
            channel.events["basic_ack"].add(self._on_ack)
            channel.events["basic_nack"].add(self._on_nack)
            channel.events["basic_return"].add(self._on_return)
        self._sent = 0
        self._frames.clear()

    def publish(self, jobs: Sequence[Due]) -> Sequence[JobId]:
        """Send all, then wait for what the broker says of each. Raises: Unavailable."""
        self.open()
        self._waiting, self._refused = {}, []
        window = []
        for job in jobs:
            self._sent += 1
            self._waiting[self._sent] = job.id
            before, after = self._frames_to(name_of(self._queue_of(job.kind)))
            window.append(b"%b%b%b" % (before, str(job.id).encode(), after))
        with self._line.used():
            self._line.write(b"".join(window))
            deadline = time.monotonic() + CONFIRM_S
            while self._waiting:
                self._line.drain(deadline - time.monotonic())
        if self._refused:
            self._line.drop()  # a queue is missing: it is declared when the line opens again
        return self._refused

    def close(self) -> None:
        """Let go of the connection."""
        self._line.drop()

    def _frames_to(self, queue: str) -> tuple[bytes, bytes]:
        """Return what the client writes for a message to a queue, before and after the job's id.

        Messages differ in nothing else, so it is asked once and not for each of thousands.
        """
        if queue not in self._frames:
            with self._line.used() as channel:
                written = self._line.written(
                    lambda: channel.basic_publish(
                        _message(channel, _NIL), routing_key=queue, mandatory=True
                    )
                )
            before, after = written.split(str(_NIL).encode())
            self._frames[queue] = before, after
        return self._frames[queue]

    def _on_ack(self, tag: int, multiple: bool) -> None:  # noqa: FBT001 # the protocol's signature
        self._settled(tag, multiple=multiple)

    def _on_nack(self, tag: int, multiple: bool) -> None:  # noqa: FBT001 # the protocol's signature
        self._refused += self._settled(tag, multiple=multiple)

    def _on_return(self, _error: Exception, _exchange: str, queue: str, message: Any) -> None:
        """Take note of a message that has no queue; its confirmation follows all the same."""
        _log.error("broker.no_queue", queue=queue)
        self._refused.append(_job_of(message))

    def _settled(self, tag: int, *, multiple: bool) -> list[JobId]:
        tags = [sent for sent in self._waiting if sent <= tag] if multiple else [tag]
        return [self._waiting.pop(sent) for sent in tags if sent in self._waiting]


class RabbitSource:
    """The `JobSource` of one worker. While the broker is away it looks into the table instead."""

    def __init__(
        self,
        url: str,
        platform: Platform,
        clock: Clock,
        *,
        worker: str,
        queues: Collection[str],
        kinds: Collection[str] | None,
        prefetch: int,
    ) -> None:
        """`kinds` are those of the `queues`; None: any. At most `prefetch` messages wait here."""
        self._line = _Line(url, queues)
        self._platform = platform
        self._clock = clock
        self._worker = worker
        self._kinds = kinds
        self._prefetch = prefetch
        self._heard: deque[tuple[int, JobId]] = deque()
        self._looked = time.monotonic()
        self._failures = 0
        self._again_at = float("-inf")
        self._woken, self._wake = socket.socketpair()
        for end in (self._woken, self._wake):
            end.setblocking(False)

    def claim(self, limit: int, *, wait_s: float) -> Sequence[Job]:
        """Claim the jobs heard of, and now and then those that are overdue; else wait."""
        self._connect()
        self._listen(0)
        # Also while messages keep coming: a job that nobody told of must not wait for a lull.
        if overdue := self._overdue(limit):
            return overdue
        if limit <= 0 or not self._heard:
            self._listen(wait_s)
        return self._claimed(limit)

    def wake(self) -> None:
        """End the wait."""
        try:
            self._wake.send(b"\0")
        except OSError:
            return  # it is woken many times over, or closed

    def close(self) -> None:
        """Let go of the connection; messages that were not claimed go to other workers."""
        self._line.drop()
        self._woken.close()
        self._wake.close()

    def _claimed(self, limit: int) -> Sequence[Job]:
        heard = list(self._heard)[: max(0, limit)]
        if not heard:
            return ()
        jobs = self._claim(limit, Which(ids=[job_id for _, job_id in heard]))
        # From here on the table answers for them: those that were not claimed are another's.
        for _ in heard:
            self._heard.popleft()
        with self._told(), self._line.used() as channel:
            channel.basic_ack(heard[-1][0], multiple=True)
        return jobs

    def _overdue(self, limit: int) -> Sequence[Job]:
        now = time.monotonic()
        if limit <= 0 or (self._line.channel is not None and now < self._looked + LOOK_EVERY_S):
            return ()
        self._looked = now
        which = Which(kinds=self._kinds)
        if self._line.channel is not None:
            late = self._clock.now() - timedelta(seconds=OVERDUE_S)
            which = Which(kinds=self._kinds, due_by=late)
        return self._claim(limit, which)

    def _claim(self, limit: int, which: Which) -> Sequence[Job]:
        return self._platform.claim_jobs(
            limit=limit, now=self._clock.now(), lease_s=LEASE_S, worker=self._worker, which=which
        )

    def _connect(self) -> None:
        if self._line.channel is not None or time.monotonic() < self._again_at:
            return
        with self._told():
            self._line.open()
            with self._line.used() as channel:
                channel.basic_qos(0, self._prefetch, False)
                for queue in self._line.queues:
                    channel.basic_consume(name_of(queue), callback=self._on_message)
            self._failures = 0
            _log.info("broker.connected")

    def _listen(self, wait_s: float) -> None:
        """Take in what has arrived; wait for the first of it, or to be woken."""
        watched: list[Any] = [self._woken]
        if self._line.channel is not None:
            watched.append(self._line.socket)
        if wait_s > 0:
            select.select(watched, [], [], wait_s)
            self._drain_wakes()
        if self._line.channel is not None:
            with self._told():
                self._line.tick()

    def _drain_wakes(self) -> None:
        try:
            while self._woken.recv(64):
                pass
        except BlockingIOError:
            return

    def _on_message(self, message: Any) -> None:
        tag = message.delivery_info["delivery_tag"]
        try:
            self._heard.append((tag, _job_of(message)))
        except (ValueError, TypeError, KeyError, AttributeError):
            _log.error("broker.unreadable", queue=message.delivery_info.get("routing_key"))
            message.channel.basic_reject(tag, requeue=False)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Go on without the broker where it is away, and try again later."""
        try:
            yield
        except Unavailable as error:
            wait_s = BACKOFF_S[min(self._failures, len(BACKOFF_S) - 1)]
            self._failures += 1
            self._again_at = time.monotonic() + wait_s
            self._heard.clear()
            _log.warning("broker.away", said=error.code, again_s=wait_s)


class _Line:
    """A connection with one channel on which the queues are declared; every wait is bounded."""

    def __init__(self, url: str, queues: Collection[str]) -> None:
        self.queues = tuple(queues)
        self.channel: Any = None
        self._url = url
        self._connection: Any = None

    def open(self) -> None:
        """Connect and declare. Raises: Unavailable."""
        self._connection = Connection(  # type: ignore[no-untyped-call]  # kombu is typed in part
            self._url,
            heartbeat=HEARTBEAT_S,
            connect_timeout=WAIT_S,
            transport_options={"read_timeout": WAIT_S, "write_timeout": WAIT_S},
        )
        with self.used():
            self._connection.ensure_connection(
                max_retries=0, interval_start=0, reraise_as_library_errors=False
            )
            self.channel = self._connection.channel()
            if self.queues:
                self._declare()

    def drop(self) -> None:
        """Let go without a word: the broker takes back what it was not told to be done with."""
        self.channel = None
        if self._connection is not None:
            self._connection.collect()
            self._connection = None

    @contextmanager
    def used(self) -> Iterator[Any]:
        """Yield the channel; drop the line where it fails. Raises: Unavailable."""
        try:
            yield self.channel
        except _ERRORS as err:
            self.drop()
            raise Unavailable("the broker is away", code=type(err).__name__) from err

    def written(self, send: Callable[[], object]) -> bytes:
        """Return what the client would write to send something, without writing it."""
        connection, pieces = self._connection.connection, _Pieces()
        direct = connection.frame_writer
        connection.frame_writer = connection.frame_writer_cls(connection, pieces)
        try:
            send()
        finally:
            connection.frame_writer = direct
        return b"".join(pieces.written)

    def write(self, frames: bytes) -> None:
        """Write frames."""
        self._connection.connection.transport.write(frames)

    def drain(self, wait_s: float, *, quietly: bool = False) -> bool:
        """Take in one frame; False if none came and that is no failure. Raises: Unavailable."""
        with self.used():
            try:
                self._connection.drain_events(timeout=max(0.0, wait_s))
            except TimeoutError:
                if not quietly:
                    raise
                return False
            return True

    def tick(self) -> None:
        """Take in what has arrived; send heartbeats and miss theirs. Raises: Unavailable."""
        with self.used():
            while self.drain(0, quietly=True):
                pass
            self._connection.heartbeat_check()

    @property
    def socket(self) -> Any:
        """What becomes readable when something arrives."""
        return self._connection.connection.sock

    def _declare(self) -> None:
        dead = {"x-queue-type": "quorum", "x-max-length": 10_000}
        for name, arguments in ((DEAD, dead), *((name_of(q), _ARGUMENTS) for q in self.queues)):
            self.channel.queue_declare(
                name, durable=True, auto_delete=False, arguments=dict(arguments)
            )


class _Pieces:
    """Stands for a transport, and keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Keep a copy: the writer uses its buffer again."""
        self.written.append(bytes(data))


def _message(channel: Any, job_id: JobId) -> Any:
    return channel.prepare_message(
        f'{{"job":"{job_id}"}}',
        content_type="application/json",
        content_encoding="utf-8",
        properties={"delivery_mode": 2},
    )


def _job_of(message: Any) -> JobId:
    """Raises: ValueError, TypeError, KeyError, AttributeError: it is no message of ours."""
    return JobId(UUID(json.loads(message.body)["job"]))
