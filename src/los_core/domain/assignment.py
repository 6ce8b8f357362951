"""Whose desk a case goes to: who is excluded and why, and who of the rest has most room.

Pure: the open counts are given, and whoever saves the result locks the executive's row. When a
method is chosen and what happens to a case that nobody can take is the services' matter.
Source: allocation rules, two pools, weighted by rating.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

import attrs

from los_core.domain.ids import LoanId, StaffId
from los_core.domain.money import Paise


class Pool(StrEnum):
    """Which work is given out."""

    ORIGINATION = "ORIGINATION"
    COLLECTION = "COLLECTION"


class Method(StrEnum):
    """How a brand gives out work."""

    OFF = "OFF"
    ROUND_ROBIN = "ROUND_ROBIN"
    LEAST_LOADED = "LEAST_LOADED"
    WEIGHTED = "LEAST_LOADED_WEIGHTED"


STICKY: Final = "STICKY"
"""How a case came to the executive who had the customer before."""


class Exclusion(StrEnum):
    """Why an executive was not considered; the first that applies is reported."""

    INACTIVE = "INACTIVE"
    UNAVAILABLE = "UNAVAILABLE"
    PRODUCT = "PRODUCT"
    LANGUAGE = "LANGUAGE"
    LOCATION = "LOCATION"
    AT_CAPACITY = "AT_CAPACITY"


ALERT_AFTER: Final = timedelta(minutes=30)
"""How long a case may wait for somebody to take it."""

RATING_WEIGHTS: Final[Mapping[int, Decimal]] = MappingProxyType(
    {1: Decimal("0.7"), 2: Decimal("0.85"), 3: Decimal(1), 4: Decimal("1.1"), 5: Decimal("1.25")}
)
"""How far a rating stretches an executive's capacity."""


@attrs.frozen(kw_only=True)
class Executive:
    """A member of staff as allocation sees them.

    `pools` are those their roles permit. None for products, languages or locations: any.
    `last_allocated_at` None: never. `tilt` multiplies capacity, from their target (see `tilt`).
    """

    id: StaffId
    active: bool
    pools: frozenset[Pool]
    open: int
    capacity: int
    rating: int = 3
    last_allocated_at: datetime | None = None
    products: frozenset[str] | None = None
    languages: frozenset[str] | None = None
    locations: frozenset[str] | None = None
    unavailable: frozenset[date] = frozenset()
    tilt: Decimal = Decimal(1)


@attrs.frozen(kw_only=True)
class Case:
    """A case to be given out on a business date; None: that does not narrow the choice.

    `location` is the place a field visit needs. `previous_executive_id` is set for a reloan or a
    re-opened lead. `customer_rating`, `requested` and `waiting_since` order the queue.
    """

    loan_id: LoanId
    pool: Pool
    on: date
    product: str | None = None
    language: str | None = None
    location: str | None = None
    previous_executive_id: StaffId | None = None
    customer_rating: int = 0
    requested: Paise = 0
    waiting_since: datetime | None = None


@attrs.frozen(kw_only=True)
class Assignment:
    """Who got the case and how; `executive_id` None: nobody, and `skipped` says the run was off.

    `loads` are the candidates' effective loads to four decimals; `excluded` are the others, in the
    order given, each with the first reason.
    """

    loan_id: LoanId
    executive_id: StaffId | None
    how: str | None
    loads: Mapping[StaffId, Decimal]
    excluded: tuple[tuple[StaffId, Exclusion], ...]
    skipped: bool = False


def assign(
    case: Case,
    executives: Sequence[Executive],
    *,
    method: Method = Method.WEIGHTED,
    closed: frozenset[date] = frozenset(),
    weights: Mapping[int, Decimal] = RATING_WEIGHTS,
) -> Assignment:
    """Return whose the case becomes.

    On a day in `closed`, or with the method OFF, nothing is given out. The previous executive gets
    the case back if still a candidate. Else the one with the least effective load, or for
    ROUND_ROBIN the one waiting longest; ties go to who was given a case longest ago, then by id.
    """
    if method is Method.OFF or case.on in closed:
        return Assignment(
            loan_id=case.loan_id,
            executive_id=None,
            how=None,
            loads={},
            excluded=(),
            skipped=True,
        )
    reasons = [(each, _exclusion(each, case)) for each in executives]
    candidates = [each for each, reason in reasons if reason is None]
    load = {each.id: _load(each, method, weights) for each in candidates}
    chosen = min(
        candidates,
        key=lambda each: (
            0 if method is Method.ROUND_ROBIN else load[each.id],
            each.last_allocated_at or _NEVER,
            str(each.id),
        ),
        default=None,
    )
    how: str | None = None if chosen is None else method.value
    for each in candidates:
        if each.id == case.previous_executive_id:
            chosen, how = each, STICKY
    return Assignment(
        loan_id=case.loan_id,
        executive_id=None if chosen is None else chosen.id,
        how=how,
        loads={staff_id: _four_places(exact) for staff_id, exact in load.items()},
        excluded=tuple((each.id, reason) for each, reason in reasons if reason is not None),
    )


def assign_all(
    cases: Iterable[Case],
    executives: Sequence[Executive],
    *,
    at: datetime,
    method: Method = Method.WEIGHTED,
    closed: frozenset[date] = frozenset(),
    weights: Mapping[int, Decimal] = RATING_WEIGHTS,
) -> tuple[Assignment, ...]:
    """Return the assignments of a queue, each counting towards the next one's loads.

    The queue's order: customer rating and requested amount, highest first, then who waits longest.
    `at` is the instant each allocation is stamped with.
    """
    desks = {each.id: each for each in executives}
    given = []
    for case in sorted(cases, key=_urgency):
        result = assign(case, tuple(desks.values()), method=method, closed=closed, weights=weights)
        if result.executive_id is not None:
            desk = desks[result.executive_id]
            desks[desk.id] = attrs.evolve(desk, open=desk.open + 1, last_allocated_at=at)
        given.append(result)
    return tuple(given)


def tilt(expected: int, achieved: int) -> Decimal:
    """Return expected run rate over achievement within 0.8 and 1.2, to two decimals.

    Who is behind the target is given more, who is ahead less. Nothing achieved: 1.2; nothing
    expected: 1.
    """
    if expected <= 0:
        return Decimal(1)
    if achieved <= 0:
        return Decimal("1.2")
    ratio = (Decimal(expected) / Decimal(achieved)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return min(Decimal("1.2"), max(Decimal("0.8"), ratio))


def waited_too_long(cases: Iterable[Case], at: datetime) -> tuple[LoanId, ...]:
    """Return the cases that nobody took for half an hour, which the manager is told of once.

    In the order of the queue; a case without `waiting_since` does not wait.
    """
    late = [
        case
        for case in cases
        if case.waiting_since is not None and at - case.waiting_since >= ALERT_AFTER
    ]
    return tuple(case.loan_id for case in sorted(late, key=_urgency))


_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_LATEST: Final = datetime.max.replace(tzinfo=UTC)


def _exclusion(executive: Executive, case: Case) -> Exclusion | None:
    checks = (
        (Exclusion.INACTIVE, not executive.active or case.pool not in executive.pools),
        (Exclusion.UNAVAILABLE, case.on in executive.unavailable),
        (Exclusion.PRODUCT, _lacks(executive.products, case.product)),
        (Exclusion.LANGUAGE, _lacks(executive.languages, case.language)),
        (Exclusion.LOCATION, _lacks(executive.locations, case.location)),
        (Exclusion.AT_CAPACITY, executive.open >= executive.capacity),
    )
    return next((reason for reason, applies in checks if applies), None)


def _lacks(have: frozenset[str] | None, wanted: str | None) -> bool:
    return wanted is not None and have is not None and wanted not in have


def _load(executive: Executive, method: Method, weights: Mapping[int, Decimal]) -> Fraction:
    """Return open cases over capacity, stretched by rating and target where the method weighs.

    A candidate's capacity is above its open cases, so it is never 0.
    """
    load = Fraction(executive.open, executive.capacity)
    if method is Method.WEIGHTED:
        weight = Fraction(weights.get(executive.rating, Decimal(1))) * Fraction(executive.tilt)
        return load / weight
    return load


def _urgency(case: Case) -> tuple[int, Paise, datetime]:
    return -case.customer_rating, -case.requested, case.waiting_since or _LATEST


def _four_places(exact: Fraction) -> Decimal:
    part = Decimal(exact.numerator) / Decimal(exact.denominator)
    return part.quantize(Decimal("0.0001"), ROUND_HALF_UP)
