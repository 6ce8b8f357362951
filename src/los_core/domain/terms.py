"""The terms of one loan, frozen at sanction: everything its schedule and its fold read.

Brand settings feed new loans only; for a running loan nothing here changes but by a fact. Also the
document and the hash that the Key Facts Statement, the agreement and the loan row share. How terms
come out of a product is `pricing`; what they do is `schedule`, `charges` and `fold`.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from los_core.domain.documents import document_hash, from_document, to_document
from los_core.domain.errors import Invalid, InvalidTerms
from los_core.domain.excess import ExcessPolicy
from los_core.domain.money import LIMIT, Paise
from los_core.domain.policies import (
    AllocationPolicy,
    BrokenPeriod,
    CoolingOff,
    DayCount,
    ForeclosurePolicy,
    InterestOnShift,
    Method,
    PenalPolicy,
    PostDueInterest,
    ProcessingFee,
    RateUnit,
    ShiftRule,
    Tax,
    checked_paise,
    checked_rate,
    rate,
)
from los_core.domain.repayment import Frequency, Moratorium, MoratoriumInterest, Step
from los_core.domain.rounding import Rounding
from los_core.domain.workdays import due_dates, on_anchor

MAX_INSTALMENTS = 1200
LAST_FIRST_DUE = date(9000, 1, 1)
"""A first due date from here on could take the last one out of the calendar."""
NEWER: dict[str, Any] = {
    "frequency": "MONTHLY",
    "step": None,
    "balloon": 0,
    "moratorium": None,
    "excess": {"use": "HOLD_AS_ADVANCE", "part_fee_pct": "0"},
}
"""Fields that documents of earlier releases lack, with the plain value they stand for.

A document has all of them or, where all are plain, none: a loan's hash is what it always was.
"""
NEWER_IN_ALLOCATION: dict[str, Any] = {"waterfall": None, "by_class": []}
"""The same for the allocation policy within it."""


def _in_order(days: Iterable[date]) -> tuple[date, ...]:
    return tuple(sorted(set(days)))


@attrs.frozen(kw_only=True)
class Terms:
    """A loan contract as data.

    `rate_pct` is per cent per year, or per day with `rate_unit` DAILY (×365 is the annual rate).
    `planned_on` is the credit date of the KFS: money credited later makes interest fall, money
    credited earlier earns nothing before it. `first_due_on` and `anchor_day` fix every contract due
    date. `non_repayment_dates` are the brand's as known at sanction, sorted. `small_balance` is
    what may be waived to close, in paise. `step`, `balloon` (paise on top of the last instalment)
    and `moratorium` shape the instalments; None and 0 leave them plain. Raises: InvalidTerms,
    naming the rule and the values.
    """

    method: Method
    principal: Paise
    rate_pct: Decimal = attrs.field(converter=rate)
    rate_unit: RateUnit = RateUnit.ANNUAL
    instalments: int
    planned_on: date
    first_due_on: date
    anchor_day: int
    day_count: DayCount
    rounding: Rounding = Rounding.RUPEE
    broken_period: BrokenPeriod = BrokenPeriod.ADD_TO_FIRST
    count_disbursal_day: bool = False
    shift_rule: ShiftRule = ShiftRule.FOLLOWING
    interest_on_shift: InterestOnShift = InterestOnShift.UNADJUSTED
    non_repayment_dates: tuple[date, ...] = attrs.field(default=(), converter=_in_order)
    post_due_interest: PostDueInterest = PostDueInterest.NONE
    fee: ProcessingFee = attrs.field(factory=ProcessingFee)
    tax: Tax = attrs.field(factory=Tax)
    penal: PenalPolicy = attrs.field(factory=PenalPolicy)
    bounce_charge: Paise = 50_000
    allocation: AllocationPolicy = attrs.field(factory=AllocationPolicy)
    foreclosure: ForeclosurePolicy = attrs.field(factory=ForeclosurePolicy)
    cooling_off: CoolingOff = attrs.field(factory=CoolingOff)
    count_charges_in_dpd: bool = True
    small_balance: Paise = 100
    frequency: Frequency = Frequency.MONTHLY
    step: Step | None = None
    balloon: Paise = 0
    moratorium: Moratorium | None = None
    excess: ExcessPolicy = attrs.field(factory=ExcessPolicy)

    def __attrs_post_init__(self) -> None:
        _check_kinds(self)
        checked_rate(self.rate_pct, "rate")
        for what in ("principal", "bounce_charge", "small_balance", "balloon"):
            checked_paise(getattr(self, what), what)
        if not self.small_balance < self.principal <= LIMIT:
            raise InvalidTerms(
                f"principal must exceed the small balance of {self.small_balance} paise,"
                f" not {self.principal}"
            )
        _check_dates(self)
        if self.day_count is DayCount.MONTHLY:
            _check_monthly(self)
        _check_shape(self)
        if self.fee.total >= self.principal:
            raise InvalidTerms(
                f"a fee of {self.fee.total} leaves nothing of {self.principal} paise"
            )

    @property
    def annual_rate_pct(self) -> Decimal:
        """The rate in per cent per year; a daily rate times 365."""
        return self.rate_pct * 365 if self.rate_unit is RateUnit.DAILY else self.rate_pct

    @property
    def tenure_days(self) -> int:
        """Days from the planned credit to the last contract due date."""
        return (self.last_due_on - self.planned_on).days

    @property
    def last_due_on(self) -> date:
        """The last contract due date."""
        return due_dates(self.first_due_on, self.anchor_day, self.instalments, self.frequency)[-1]


def terms_document(terms: Terms) -> dict[str, Any]:
    """Return the terms as JSON-ready data; decimals and dates as text, money as paise.

    Fields that plain terms of an earlier release did not have are left out while they hold their
    defaults, so that a stored hash stays what it was.
    """
    document: dict[str, Any] = to_document(terms)
    document["allocation"] = _without(document["allocation"], NEWER_IN_ALLOCATION)
    return _without(document, NEWER)


def terms_from_document(document: object) -> Terms:
    """Return the terms that `terms_document` wrote. Raises: InvalidTerms."""
    document = _with(document, NEWER)
    if isinstance(document, Mapping) and "allocation" in document:
        allocation = _with(document["allocation"], NEWER_IN_ALLOCATION)
        document = {**document, "allocation": allocation}
    try:
        return from_document(Terms, document)
    except InvalidTerms:
        raise
    except Invalid as err:
        raise InvalidTerms(err.message) from err


def terms_hash(terms: Terms) -> str:
    """Return the SHA-256, in hex, of the canonical JSON of the terms.

    What a Key Facts Statement and an agreement are of (guards G-KFS and G-AGR).
    """
    return document_hash(terms_document(terms))


def _without(document: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    """Leave the newer fields out where all of them are plain."""
    if any(document[name] != value for name, value in plain.items()):
        return dict(document)
    return {name: value for name, value in document.items() if name not in plain}


def _with(document: object, plain: Mapping[str, Any]) -> object:
    """Put the newer fields in where none of them is."""
    if isinstance(document, Mapping) and plain.keys().isdisjoint(document):
        return {**document, **plain}
    return document


def _check_kinds(terms: Terms) -> None:
    """Refuse a value of another type than its field's: text for a choice, a float for a count."""
    for what, kind in _KINDS.items():
        value = getattr(terms, what)
        if type(value) is not kind:
            raise InvalidTerms(f"{what} must be a {kind.__name__}, not {value!r}")


def _check_dates(terms: Terms) -> None:
    if not 1 <= terms.instalments <= MAX_INSTALMENTS:
        raise InvalidTerms(
            f"instalments must lie from 1 to {MAX_INSTALMENTS}, not {terms.instalments}"
        )
    if terms.method is Method.BULLET and terms.instalments != 1:
        raise InvalidTerms(f"a bullet loan has one instalment, not {terms.instalments}")
    first = terms.first_due_on
    if first >= LAST_FIRST_DUE:
        raise InvalidTerms(f"first due date {first} must lie before {LAST_FIRST_DUE}")
    if not 1 <= terms.anchor_day <= 31 or first != on_anchor(
        first.year, first.month, terms.anchor_day
    ):
        raise InvalidTerms(f"first due date {first} is not on the anchor day {terms.anchor_day}")
    if first <= terms.planned_on:
        raise InvalidTerms(f"first due date {first} must follow the credit on {terms.planned_on}")


def _check_monthly(terms: Terms) -> None:
    if terms.method is Method.BULLET:
        raise InvalidTerms("a bullet loan needs a day count in days, not 30_360_MONTHLY")
    if terms.interest_on_shift is InterestOnShift.ADJUSTED:
        raise InvalidTerms("interest on shifted dates needs a day count in days")


def _check_shape(terms: Terms) -> None:
    """Refuse steps, balloons and moratoria that the method or the count of instalments lacks."""
    method, moratorium = terms.method, terms.moratorium
    if method is Method.BULLET and terms.frequency is not Frequency.MONTHLY:
        raise InvalidTerms(f"a bullet loan has no frequency, not {terms.frequency}")
    if terms.step and method is not Method.REDUCING:
        raise InvalidTerms(f"only a REDUCING loan steps up or down, not a {method} one")
    if terms.balloon and method not in (Method.REDUCING, Method.EQUAL_PRINCIPAL):
        raise InvalidTerms(f"a {method} loan takes no balloon, not {terms.balloon} paise")
    if terms.balloon >= terms.principal:
        raise InvalidTerms(
            f"a balloon of {terms.balloon} paise leaves no principal of {terms.principal}"
        )
    if moratorium is None:
        return
    if method in (Method.BULLET, Method.FLAT):
        raise InvalidTerms(f"a {method} loan takes no moratorium")
    if moratorium.interest is not MoratoriumInterest.COLLECTED:
        if terms.broken_period is BrokenPeriod.DEDUCT_UPFRONT:
            raise InvalidTerms("interest of a moratorium cannot be deducted upfront")
    elif method is Method.INTEREST_ONLY or moratorium.periods >= terms.instalments:
        raise InvalidTerms(
            f"{moratorium.periods} instalments of interest alone leave none of"
            f" {terms.instalments} to repay a {method} loan"
        )


_KINDS: dict[str, type] = {
    field.name: field.type
    for field in attrs.fields(Terms)
    if isinstance(field.type, type) and field.name not in {"principal", "rate_pct"}
}
"""The fields whose values are of exactly one class. Money and rates have checks of their own."""
