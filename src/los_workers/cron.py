"""The table of what happens every day, and the clockwork that sees to it.

A task runs for a business date once that date is over and the task's hour has come, for each brand,
by the business clock. Dates that were missed are caught up in order. Each run is a slot in the
store: several workers share the work, and one that died is taken over when its lease runs out, or
at once by the next of its machine. A task must stand being begun again where it stopped.
Source: reliability design §21, design §7.
"""

import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

import attrs
import structlog

from los_adapters.clock import INDIA
from los_adapters.jobs.attempts import told
from los_core.domain.errors import Busy
from los_core.domain.ids import BrandId
from los_core.ports.clock import Clock
from los_core.ports.work import Platform
from los_core.services import Services
from los_core.services.arrears import DAY_END
from los_workers import presence

POLL_S: Final = 0.1
TROUBLE_S: Final = 1.0
TRIES: Final = 8

_log = structlog.get_logger(__name__)
_DAY: Final = timedelta(days=1)


@attrs.frozen(kw_only=True)
class Task:
    """Something done once for every business date of every brand.

    Attributes:
        name: the slot's name; it stays, or everything is done again.
        at: the time of day in India, on the day after the business date, from which it runs.
        run: does it for a brand and a date, and returns how much it touched.
    """

    name: str
    at: time
    run: Callable[[BrandId, date], int]

    def latest(self, now: datetime) -> date:
        """Return the latest business date that may be done at an instant."""
        local = now.astimezone(INDIA)
        over = local.date() - _DAY
        return over if local.time() >= self.at else over - _DAY


def tasks(services: Services) -> tuple[Task, ...]:
    """Return the table."""
    return (Task(name=DAY_END, at=time(0, 15), run=services.arrears.day_end),)


class Cron:
    """Runs the table until told to stop."""

    def __init__(
        self,
        platform: Platform,
        table: tuple[Task, ...],
        clock: Clock,
        *,
        poll_s: float = POLL_S,
    ) -> None:
        self._platform = platform
        self._table = table
        self._clock = clock
        self._poll_s = poll_s
        self._stopping = threading.Event()
        self._all_done: dict[str, date] = {}

    def run(self) -> None:
        """Work until `stop`; what is under way is finished first."""
        while not self._stopping.is_set():
            try:
                whole = self.tick()
            except Exception as error:  # noqa: BLE001 # the edge: a lost database comes back
                _log.error("cron.trouble", error=told(error))
                whole = False
            self._stopping.wait(self._poll_s if whole else TROUBLE_S)

    def stop(self) -> None:
        """Begin no more runs."""
        self._stopping.set()

    def tick(self) -> bool:
        """Do what is due now; False if something has to be looked at again soon.

        Cheap while nothing is due: the store is asked only after a task's hour was passed.
        """
        whole = True
        for task in self._table:
            latest = task.latest(self._clock.business_now())
            if self._all_done.get(task.name, date.min) >= latest:
                continue
            brands = [brand.id for brand in self._platform.brands() if brand.active]
            caught_up = [self._caught_up(task, brand_id, latest) for brand_id in brands]
            if all(caught_up):
                self._all_done[task.name] = latest
            else:
                whole = False
        return whole

    def _caught_up(self, task: Task, brand_id: BrandId, latest: date) -> bool:
        """Do a brand's missed dates in order; False if one is another's or failed.

        What fails for one brand must not keep the others waiting.
        """
        for on in self._missed(task, brand_id, latest):
            try:
                done = not self._stopping.is_set() and self._one(task, brand_id, on)
            except Exception as error:  # noqa: BLE001 # the edge: the brand is tried again
                _log.error(
                    "cron.failed",
                    task=task.name,
                    brand=str(brand_id),
                    on=on.isoformat(),
                    error=told(error),
                )
                return False
            if not done:
                return False
        return True

    def _missed(self, task: Task, brand_id: BrandId, latest: date) -> Iterator[date]:
        """Yield the dates to do, oldest first; a brand's first run is the latest date alone."""
        last = self._platform.last_slot(brand_id, task.name)
        on = latest if last is None else last + _DAY
        while on <= latest:
            yield on
            on += _DAY

    def _one(self, task: Task, brand_id: BrandId, on: date) -> bool:
        """Run a task for a date; False if another worker has it."""
        now = self._clock.now()
        if not self._platform.claim_slot(brand_id, task.name, on, now=now, worker=presence.name()):
            return False
        touched = self._patiently(task, brand_id, on)
        self._platform.finish_slot(brand_id, task.name, on, now=self._clock.now())
        _log.info(
            "cron.done", task=task.name, brand=str(brand_id), on=on.isoformat(), touched=touched
        )
        return True

    def _patiently(self, task: Task, brand_id: BrandId, on: date) -> int:
        """Run a task again while the store is busy; it goes on where it stopped."""
        for tried in range(1, TRIES):
            try:
                return task.run(brand_id, on)
            except Busy:
                self._stopping.wait(0.1 * 2**tried)
        return task.run(brand_id, on)
