"""A worker process: the job runner and the clockwork, side by side, until a signal ends them."""

import signal
import threading
from collections.abc import Callable

import structlog

from los_core.services import Services
from los_workers import presence
from los_workers.cron import LEASE_S, Cron, tasks
from los_workers.jobs import handlers
from los_workers.runner import DRAIN_S, THREADS, Runner

_log = structlog.get_logger(__name__)


def work(
    services: Services,
    *,
    ready: Callable[[], None],
    threads: int = THREADS,
    with_jobs: bool = True,
    with_cron: bool = True,
    run_lease_s: float = LEASE_S,
) -> bool:
    """Run until SIGTERM or SIGINT; True if everything under way was finished.

    `ready` is called once the worker is at work. Call it from the main thread: signals are its.
    """
    presence.give_back_of_the_dead(services.platform, services.clock)
    runner = Runner(services.platform, handlers(services), services.clock, threads=threads)
    cron = Cron(services.platform, tasks(services), services.clock, lease_s=run_lease_s)
    stop = threading.Event()

    def on_signal(number: int, _frame: object) -> None:
        _log.info("worker.stopping", signal=signal.Signals(number).name)
        stop.set()
        runner.stop()
        cron.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    clockwork = threading.Thread(target=cron.run, name="cron", daemon=True)
    if with_cron:
        clockwork.start()
    ready()
    whole = True
    if with_jobs:
        whole = runner.run()
    else:
        stop.wait()
    if with_cron:
        # A long run is begun again where it stopped: it need not be waited for to its end.
        clockwork.join(DRAIN_S)
        whole = whole and not clockwork.is_alive()
    return whole
