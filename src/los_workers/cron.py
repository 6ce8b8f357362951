"""The table of what happens by the clock, and the clockwork that sees to it.

A daily task runs for a business date once that date is over and the task's hour has come, by the
business clock; dates that were missed are caught up in order. A periodic one runs once in each
period, by the wall clock; what was missed is covered by the next. Both for each brand. A run is a
slot in the store, claimed with a lease: several workers share the work, one that died is taken
over, and one that was paused past its lease finds that it may not write any more, since every
transaction of a run proves its claim (`desk.hold`). A task must stand being begun again where it
stopped; one of a single transaction ends its run in it (`desk.finish`) and so acts once.
Source: reliability design §21, design §7.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol

import attrs
import structlog

from los_adapters.jobs.attempts import told
from los_core.domain.contact import INDIA
from los_core.domain.errors import Busy, LeaseLost
from los_core.domain.ids import BrandId
from los_core.domain.work import Run, date_of, slot_of
from los_core.ports.clock import Clock
from los_core.ports.work import Platform
from los_core.services import Services
from los_core.services.approvals import RUN_OUT as UNDECIDED
from los_core.services.arrears import DAY_END
from los_core.services.attendance import LOOK
from los_core.services.belongings import SORT
from los_core.services.casework import RUN_OUT
from los_core.services.housekeeping import PURGE
from los_core.services.record_approvals import TAKE_EFFECT
from los_core.services.transfers import PAYOUT_RESCUE, PAYOUT_WATCH
from los_workers import presence

POLL_S: Final = 0.1
TROUBLE_S: Final = 1.0
TRIES: Final = 8
LEASE_S: Final = 60.0
KEPT: Final = timedelta(days=1)
"""How long the slots of periodic tasks are remembered."""

_log = structlog.get_logger(__name__)
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Task(Protocol):
    """A line of the table."""

    @property
    def name(self) -> str:
        """The slots' name; it stays, or everything is done again."""
        ...

    @property
    def catches_up(self) -> bool:
        """Whether every slot has to be done, each after the one before."""
        ...

    def latest(self, clock: Clock) -> datetime:
        """Return the latest slot that may be done now."""
        ...

    def missed(self, last: datetime | None, latest: datetime) -> Iterator[datetime]:
        """Yield the slots to do after the last that was done, in order."""
        ...

    def carry_out(self, run: Run) -> int:
        """Do it for a slot of a brand, and return how much it touched."""
        ...


@attrs.frozen(kw_only=True)
class Daily:
    """Something done once for every business date.

    `at` is the time of day in India, on the day after the business date, from which it runs.
    """

    name: str
    at: time
    run: Callable[[Run, date], int]
    catches_up: bool = attrs.field(default=True, init=False)

    def latest(self, clock: Clock) -> datetime:
        """Return the slot of the latest business date that is over."""
        local = clock.business_now().astimezone(INDIA)
        over = local.date() - _DAY
        return slot_of(over if local.time() >= self.at else over - _DAY)

    def missed(self, last: datetime | None, latest: datetime) -> Iterator[datetime]:
        """Yield every date since the last; a brand's first run is the latest date alone."""
        on, until = date_of(latest), date_of(latest)
        if last is not None:
            on = date_of(last) + _DAY
        while on <= until:
            yield slot_of(on)
            on += _DAY

    def carry_out(self, run: Run) -> int:
        """Run for the slot's business date."""
        return self.run(run, date_of(run.slot))


@attrs.frozen(kw_only=True)
class Every:
    """Something done once in each period."""

    name: str
    period: timedelta
    run: Callable[[Run], int]
    catches_up: bool = attrs.field(default=False, init=False)

    def latest(self, clock: Clock) -> datetime:
        """Return the beginning of the present period."""
        return _EPOCH + (clock.now() - _EPOCH) // self.period * self.period

    def missed(self, last: datetime | None, latest: datetime) -> Iterator[datetime]:
        """Yield the present period, unless it is done."""
        if last is None or last < latest:
            yield latest

    def carry_out(self, run: Run) -> int:
        """Run for the slot."""
        return self.run(run)


def tasks(services: Services) -> tuple[Task, ...]:
    """Return the table."""

    def purge(run: Run) -> int:
        return services.housekeeping.purge(run.brand_id)

    def take_effect(run: Run, _: date) -> int:
        return services.record_approvals.take_effect(run.brand_id, run=run)

    return (
        Daily(name=DAY_END, at=time(0, 15), run=_for_date(services.arrears.day_end)),
        Daily(name=TAKE_EFFECT, at=time(0, 5), run=take_effect),
        Daily(name=PAYOUT_WATCH, at=time(4, 0), run=_for_date(services.transfers.watch)),
        Every(name=PAYOUT_RESCUE, period=_HOUR, run=_for_brand(services.transfers.rescue)),
        Every(name=RUN_OUT, period=_HOUR, run=_for_brand(services.casework.run_out)),
        Every(name=UNDECIDED, period=_HOUR, run=_for_brand(services.approvals.run_out)),
        Every(name=SORT, period=_HOUR, run=_for_brand(services.belongings.sort)),
        Every(name=PURGE, period=_HOUR, run=purge),
        Every(name=LOOK, period=_MINUTE, run=_for_brand(services.attendance.look)),
        Every(name="audit.seal", period=_MINUTE / 4, run=_for_brand(services.audit.seal)),
        Every(name="audit.anchor", period=_MINUTE * 5, run=_for_brand(services.audit.anchor)),
    )


class _OfBrand(Protocol):
    """A service's method that is run for a brand."""

    def __call__(self, brand_id: BrandId, /, *, run: Run | None = None) -> int: ...


class _OfDate(Protocol):
    """A service's method that is run for a business date of a brand."""

    def __call__(self, brand_id: BrandId, on: date, /, *, run: Run | None = None) -> int: ...


def _for_brand(method: _OfBrand) -> Callable[[Run], int]:
    return lambda run: method(run.brand_id, run=run)


def _for_date(method: _OfDate) -> Callable[[Run, date], int]:
    return lambda run, on: method(run.brand_id, on, run=run)


class Cron:
    """Runs the table until told to stop."""

    def __init__(
        self,
        platform: Platform,
        table: Iterable[Task],
        clock: Clock,
        *,
        poll_s: float = POLL_S,
        lease_s: float = LEASE_S,
    ) -> None:
        self._platform = platform
        self._table = tuple(table)
        self._clock = clock
        self._poll_s = poll_s
        self._lease_s = lease_s
        self._stopping = threading.Event()
        self._all_done: dict[str, datetime] = {}

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
            latest = task.latest(self._clock)
            if self._all_done.get(task.name, _EPOCH) >= latest:
                continue
            brands = [brand.id for brand in self._platform.brands() if brand.active]
            caught_up = [self._caught_up(task, brand_id, latest) for brand_id in brands]
            if all(caught_up):
                self._all_done[task.name] = latest
            else:
                whole = False
        return whole

    def _caught_up(self, task: Task, brand_id: BrandId, latest: datetime) -> bool:
        """Do a brand's missed slots in order; False if one is another's or failed.

        What fails for one brand must not keep the others waiting.
        """
        last = self._platform.last_slot(brand_id, task.name)
        for slot in task.missed(last, latest):
            if self._stopping.is_set():
                return False
            try:
                done = self._one(task, brand_id, slot)
            except Exception as error:  # noqa: BLE001 # the edge: the brand is tried again
                _log.error("cron.failed", **_names(task, brand_id, slot), error=told(error))
                return False
            if not done:
                return not task.catches_up
        return True

    def _one(self, task: Task, brand_id: BrandId, slot: datetime) -> bool:
        """Run a task for a slot; False if another worker has it, or has it by now."""
        run = self._platform.claim_slot(
            brand_id,
            task.name,
            slot,
            now=self._clock.now(),
            worker=presence.name(),
            lease_s=self._lease_s,
        )
        if run is None:
            return False
        try:
            touched = self._patiently(task, run)
        except LeaseLost:
            touched, ours = 0, False
        else:
            ours = self._platform.finish_slot(run, now=self._clock.now())
        if not ours:
            _log.warning("cron.lost", **_names(task, brand_id, slot), fence=run.fence)
            return False
        if not task.catches_up:
            self._platform.forget_slots(brand_id, task.name, before=slot - KEPT)
        if touched or task.catches_up:
            _log.info("cron.done", **_names(task, brand_id, slot), touched=touched)
        return True

    def _patiently(self, task: Task, run: Run) -> int:
        """Run a task again while the store is busy; it goes on where it stopped."""
        for tried in range(1, TRIES):
            try:
                return task.carry_out(run)
            except Busy:
                self._stopping.wait(0.1 * 2**tried)
        return task.carry_out(run)


def _names(task: Task, brand_id: BrandId, slot: datetime) -> dict[str, str]:
    return {"task": task.name, "brand": str(brand_id), "slot": slot.isoformat()}
