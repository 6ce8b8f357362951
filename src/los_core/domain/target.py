"""Targets of a brand, its teams and its people: how far along they are, and what looks wrong.

Amounts are paise, counts whole numbers, a recovery share hundredths of a per cent. Time passes by
working days (Sundays and the brand's closed days do not count). What was achieved is counted
elsewhere. Source: target rules (operations §13), run rate of dashboard metrics (§11).
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.errors import Invalid
from los_core.domain.metrics import percent
from los_core.domain.money import round_half_up
from los_core.domain.workdays import add_months, working_days_between

_FULL: Final = 10_000
_DAY: Final = timedelta(days=1)


class PeriodKind(StrEnum):
    """How long a target runs; a quarter begins in January, April, July or October."""

    MONTH = "MONTH"
    QUARTER = "QUARTER"


class Scope(StrEnum):
    """Whose target it is."""

    BRAND = "BRAND"
    TEAM = "TEAM"
    USER = "USER"


class Metric(StrEnum):
    """What is counted."""

    DISBURSAL_AMOUNT = "DISBURSAL_AMOUNT"
    DISBURSAL_COUNT = "DISBURSAL_COUNT"
    COLLECTION_AMOUNT = "COLLECTION_AMOUNT"
    RECOVERY_PCT = "RECOVERY_PCT"
    NEW_CUSTOMERS = "NEW_CUSTOMERS"

    @property
    def adds_up(self) -> bool:
        """Whether parts sum to the whole and grow with time; a share does neither."""
        return self is not Metric.RECOVERY_PCT


@attrs.frozen(kw_only=True)
class Target:
    """One target.

    `value` is paise for amounts, a count, or hundredths of a per cent for a share. `parent_id` is
    the target it is a part of. Raises: Invalid: a period that does not begin on its first day, a
    value not above zero, a share beyond 100 per cent, or an owner missing or named for a brand.
    """

    id: UUID
    period: PeriodKind
    starts_on: date
    scope: Scope
    owner_id: UUID | None = None
    metric: Metric
    value: int
    parent_id: UUID | None = None

    def __attrs_post_init__(self) -> None:
        quarter = self.period is PeriodKind.QUARTER
        if self.starts_on.day != 1 or (quarter and self.starts_on.month % 3 != 1):
            raise Invalid(f"a {self.period.lower()} does not begin on {self.starts_on}")
        if self.value <= 0 or (not self.metric.adds_up and self.value > _FULL):
            raise Invalid(f"a target of {self.value} makes no sense for {self.metric}")
        if (self.owner_id is None) != (self.scope is Scope.BRAND):
            raise Invalid("a team's or person's target names its owner, a brand's does not")

    @property
    def ends_on(self) -> date:
        """The last day of the period."""
        months = 1 if self.period is PeriodKind.MONTH else 3
        return add_months(self.starts_on, months, anchor_day=1) - _DAY


@attrs.frozen(kw_only=True)
class Goal:
    """A target as a brand sets it, before it has an id. Raises: Invalid: as `Target`."""

    period: PeriodKind
    starts_on: date
    scope: Scope
    owner_id: UUID | None = None
    metric: Metric
    value: int
    parent_id: UUID | None = None

    def __attrs_post_init__(self) -> None:
        self.target(UUID(int=0))

    def target(self, target_id: UUID) -> Target:
        """Return the target that it is under an id."""
        return Target(id=target_id, **attrs.asdict(self))

    @property
    def key(self) -> str:
        """One for a period, whose it is and what is counted."""
        owner = self.owner_id or ""
        return f"{self.period}|{self.starts_on.isoformat()}|{self.scope}|{owner}|{self.metric}"


class Pace(StrEnum):
    """How the target stands on a day."""

    NOT_STARTED = "NOT_STARTED"
    BEHIND = "BEHIND"
    ON_TRACK = "ON_TRACK"
    ACHIEVED = "ACHIEVED"
    MISSED = "MISSED"


@attrs.frozen(kw_only=True)
class Progress:
    """Where a target stands at the end of a day.

    Attributes:
        achievement_pct: achieved of the whole target; may exceed 100.
        expected_run_rate_pct: working days elapsed of all; None in a period without any.
        expected: what should be achieved by then, in the target's unit.
        gap: how much is missing to `expected`; below zero when ahead.
    """

    achieved: int
    achievement_pct: Decimal | None
    expected_run_rate_pct: Decimal | None
    expected: int
    gap: int
    pace: Pace


def working_days(target: Target, on: date, closed: AbstractSet[date]) -> tuple[int, int]:
    """Return (elapsed, total) working days of the period, `on` counted as elapsed."""
    before = target.starts_on - _DAY
    total = working_days_between(before, target.ends_on, closed)
    last = min(max(on, before), target.ends_on)
    return working_days_between(before, last, closed), total


def progress(
    target: Target, achieved: int, on: date, *, closed: AbstractSet[date] = frozenset()
) -> Progress:
    """Return how a target stands at the end of `on`.

    A share is expected in full from the period's first day, an amount or a count in step with
    working days, rounded half up (in full where the period has none). Behind is judged within the
    period only; after it, MISSED.
    """
    elapsed, total = working_days(target, on, closed)
    if target.metric.adds_up and total:
        expected = round_half_up(target.value * elapsed, total)
    else:
        expected = target.value if on >= target.starts_on else 0
    return Progress(
        achieved=achieved,
        achievement_pct=percent(achieved, target.value),
        expected_run_rate_pct=percent(elapsed, total),
        expected=expected,
        gap=expected - achieved,
        pace=_pace(target, achieved, on, expected=expected),
    )


class Doubt(StrEnum):
    """What looks wrong in a set of targets; none of them forbids it."""

    PARTS_EXCEED_WHOLE = "PARTS_EXCEED_WHOLE"
    PARTS_FALL_SHORT = "PARTS_FALL_SHORT"
    PART_DIFFERS_IN_KIND = "PART_DIFFERS_IN_KIND"
    PARENT_UNKNOWN = "PARENT_UNKNOWN"
    SAME_TARGET_TWICE = "SAME_TARGET_TWICE"


def doubts(targets: Iterable[Target]) -> tuple[tuple[UUID, Doubt], ...]:
    """Return (target, what looks wrong) pairs, in the order of the targets.

    The sum of parts is compared with the whole for metrics that add up. A part in another metric or
    outside the whole's period is reported and left out of the sum.
    """
    given = list(targets)
    by_id = {each.id: each for each in given}
    found: list[tuple[UUID, Doubt]] = []
    sums: dict[UUID, int] = {}
    seen = set()
    for each in given:
        same = (each.period, each.starts_on, each.scope, each.owner_id, each.metric)
        if same in seen:
            found.append((each.id, Doubt.SAME_TARGET_TWICE))
        seen.add(same)
        if each.parent_id is None:
            continue
        parent = by_id.get(each.parent_id)
        if parent is None:
            found.append((each.id, Doubt.PARENT_UNKNOWN))
        elif not _fits(each, parent):
            found.append((each.id, Doubt.PART_DIFFERS_IN_KIND))
        elif each.metric.adds_up:
            sums[parent.id] = sums.get(parent.id, 0) + each.value
    for parent_id, total in sums.items():
        if total > by_id[parent_id].value:
            found.append((parent_id, Doubt.PARTS_EXCEED_WHOLE))
        elif total < by_id[parent_id].value:
            found.append((parent_id, Doubt.PARTS_FALL_SHORT))
    order = {each.id: place for place, each in enumerate(given)}
    return tuple(sorted(found, key=lambda pair: order[pair[0]]))


def _fits(part: Target, whole: Target) -> bool:
    inside = whole.starts_on <= part.starts_on and part.ends_on <= whole.ends_on
    return inside and part.metric is whole.metric


def _pace(target: Target, achieved: int, on: date, *, expected: int) -> Pace:
    if achieved >= target.value:
        return Pace.ACHIEVED
    if on < target.starts_on:
        return Pace.NOT_STARTED
    if on > target.ends_on:
        return Pace.MISSED
    return Pace.BEHIND if achieved < expected else Pace.ON_TRACK
