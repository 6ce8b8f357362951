"""Telling the broker of jobs that are due, from the table, until told to stop.

The rows are marked first and told of then: what the broker does not take is unmarked, and what a
relay that died in between had marked is found by the workers, who look for overdue rows themselves.
So any number of relays may run, or none, and no job waits for one for ever.
Source: reliability design §3.
"""

import threading
from typing import Final

import structlog

from los_adapters.jobs.attempts import told
from los_core.ports.clock import Clock
from los_core.ports.errors import Unavailable
from los_core.ports.jobs import JobPublisher
from los_core.ports.work import Platform

WINDOW: Final = 500
POLL_S: Final = 0.1
TROUBLE_S: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)

_log = structlog.get_logger(__name__)


class Relay:
    """Moves due jobs of every brand to the broker. Run it in a thread of its own."""

    def __init__(
        self, platform: Platform, publisher: JobPublisher, clock: Clock, *, poll_s: float = POLL_S
    ) -> None:
        self._platform = platform
        self._publisher = publisher
        self._clock = clock
        self._poll_s = poll_s
        self._stopping = threading.Event()

    def run(self) -> None:
        """Work until `stop`."""
        failures = 0
        while not self._stopping.is_set():
            try:
                sent = self.pump()
                failures = 0
            except Exception as error:  # noqa: BLE001 # the edge: broker and database come back
                wait_s = TROUBLE_S[min(failures, len(TROUBLE_S) - 1)]
                failures += 1
                _log.warning("relay.trouble", error=told(error), again_s=wait_s)
                self._stopping.wait(wait_s)
                continue
            if sent < WINDOW:
                self._stopping.wait(self._poll_s)
        self._publisher.close()

    def stop(self) -> None:
        """Send no more."""
        self._stopping.set()

    def pump(self) -> int:
        """Tell of what is due, a window of it; return how many jobs the broker took.

        Raises: Unavailable: no broker, and no row is marked.
        """
        self._publisher.open()
        jobs = self._platform.queue_jobs(limit=WINDOW, now=self._clock.now())
        if not jobs:
            return 0
        try:
            refused = self._publisher.publish(jobs)
        except Unavailable:
            self._platform.unqueue_jobs([job.id for job in jobs])
            raise
        if refused:
            self._platform.unqueue_jobs(refused)
        return len(jobs) - len(refused)
