"""A worker process: loops side by side in threads, until a signal or the end of one ends them."""

import signal
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final, Protocol

import structlog

from los_adapters.container import Installation
from los_adapters.jobs.attempts import told
from los_core.services import Services, jobs
from los_workers import presence
from los_workers.cron import Cron, tasks
from los_workers.jobs import handlers, together
from los_workers.relay import Relay
from los_workers.runner import DRAIN_S, MOST, Gatherer, Runner

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_log = structlog.get_logger(__name__)


class Loop(Protocol):
    """Something that runs until it is told to stop, from another thread."""

    def run(self) -> bool | None:
        """Work until `stop`; False if something under way was not finished."""
        ...

    def stop(self) -> None:
        """Begin nothing more."""
        ...


def runner(
    installation: Installation, *, threads: int, queues: Collection[str] | None = None
) -> Runner | None:
    """Return what runs the jobs of some queues, or of all, but for those that `gatherer` runs.

    None if no others are asked for. Raises: LookupError: as `handlers`.
    """
    wanted = set(jobs.queues() if queues is None else queues) - {jobs.INBOX}
    if not wanted:
        return None
    services = installation.services
    source = installation.source(worker=presence.name(), queues=wanted, prefetch=2 * threads)
    return Runner(source, services.platform, handlers(services), services.clock, threads=threads)


def gatherer(
    installation: Installation, *, queues: Collection[str] | None = None
) -> Gatherer | None:
    """Return what runs many jobs at once, of the queue where they are; None if it is not asked for.

    Raises: LookupError: a kind of that queue cannot be run so.
    """
    if queues is not None and jobs.INBOX not in queues:
        return None
    services = installation.services
    source = installation.source(worker=presence.name(), queues={jobs.INBOX}, prefetch=2 * MOST)
    return Gatherer(source, services.platform, together(services), services.clock)


def cron(installation: Installation, *, only: Collection[str] = ()) -> Cron:
    """Return the clockwork, of the whole table or of the tasks whose names begin with a word.

    Raises: LookupError: no task is named so.
    """
    services = installation.services
    table = tasks(services)
    for word in only:
        if not any(_begins(task.name, word) for task in table):
            raise LookupError(f"no task is named {word}: {', '.join(task.name for task in table)}")
    wanted = [task for task in table if not only or any(_begins(task.name, w) for w in only)]
    lease_s = installation.settings.cron.lease_s
    return Cron(services.platform, wanted, services.clock, lease_s=lease_s)


def relay(installation: Installation) -> Relay | None:
    """Return what tells the broker of jobs; None where there is no broker."""
    publisher = installation.publisher()
    if publisher is None:
        return None
    return Relay(installation.services.platform, publisher, installation.services.clock)


def work(
    services: Services, loops: Mapping[str, Loop | None], *, ready: Callable[[], None]
) -> bool:
    """Run loops until SIGTERM or SIGINT; True if everything under way was finished.

    `ready` is called once all are at work. Call it from the main thread. A loop that ends by itself
    ends the others: whoever started the process starts it again.
    """
    presence.give_back_of_the_dead(services.platform, services.clock)
    running = {name: loop for name, loop in loops.items() if loop is not None}
    whole: dict[str, bool] = {}
    with _woken_by_signals() as (woken, wake):
        threads = [
            threading.Thread(target=_run, args=(name, loop, whole, wake), name=name, daemon=True)
            for name, loop in running.items()
        ]
        for thread in threads:
            thread.start()
        ready()
        [number] = woken.recv(1)
        _log.info("worker.stopping", signal=number)
        for loop in running.values():
            loop.stop()
        deadline = time.monotonic() + DRAIN_S
        for thread in threads:
            # A long run of the clockwork begins again where it stopped: others' work is waited for.
            thread.join(max(0.0, deadline - time.monotonic()))
    return all(whole.get(name, False) for name in running)


def _run(name: str, loop: Loop, whole: dict[str, bool], wake: socket.socket) -> None:
    try:
        whole[name] = loop.run() is not False
    except Exception as error:  # noqa: BLE001 # the edge: the process ends, and says why
        _log.error("worker.loop_ended", loop=name, error=told(error))
    finally:
        with suppress(OSError):  # the process did not wait for us any longer
            wake.send(b"\0")


@contextmanager
def _woken_by_signals() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Yield what can be read from once a signal came, and what else may wake the reader.

    The handlers do nothing: one that stopped the loops would meet locks that its own thread holds.
    """
    woken, wake = socket.socketpair()
    wake.setblocking(False)
    handlers = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
    before = signal.set_wakeup_fd(wake.fileno())
    try:
        yield woken, wake
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        woken.close()
        wake.close()


def _begins(name: str, word: str) -> bool:
    return name == word or name.startswith(f"{word}.")
