"""A product, an amount and a date become a priced loan.

`price` is the one function behind an offer, the Key Facts Statement and the agreement, so that
their figures cannot differ: fee, GST, net disbursal, schedule, total cost, APR. Which amount and
rate a borrower may have is `offers` and `eligibility`.
"""

from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import attrs

from los_core.domain import apr
from los_core.domain.apr import AprMethod
from los_core.domain.charges import Discount, FeeRule, processing_fee
from los_core.domain.due_rules import DueRule, first_due
from los_core.domain.errors import InvalidTerms
from los_core.domain.money import Paise, pct_of
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
    RateUnit,
    ShiftRule,
    Supply,
    Tax,
    checked_rate,
    rate,
)
from los_core.domain.repayment import Frequency, Moratorium, Step
from los_core.domain.rounding import Rounding
from los_core.domain.schedule import Schedule, build
from los_core.domain.terms import Terms, terms_hash
from los_core.domain.workdays import add_periods

_SHIFT_SPAN = timedelta(days=62)


@attrs.frozen(kw_only=True)
class Product:
    """What a lender offers before amount, dates and borrower are known.

    Fields that share a name with those of `Terms` pass into them unchanged. `balloon_pct` is per
    cent of the amount lent. The due rule says when the first period ends; a moratorium without
    instalments moves the first due date on by its periods.
    """

    method: Method
    rate_pct: Decimal = attrs.field(converter=rate)
    rate_unit: RateUnit = RateUnit.ANNUAL
    due_rule: DueRule
    fee_rule: FeeRule
    day_count: DayCount
    rounding: Rounding = Rounding.RUPEE
    broken_period: BrokenPeriod = BrokenPeriod.ADD_TO_FIRST
    count_disbursal_day: bool = False
    shift_rule: ShiftRule = ShiftRule.FOLLOWING
    interest_on_shift: InterestOnShift = InterestOnShift.UNADJUSTED
    post_due_interest: PostDueInterest = PostDueInterest.NONE
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
    moratorium: Moratorium | None = None
    balloon_pct: Decimal = attrs.field(default=Decimal(0), converter=rate)


@attrs.frozen(kw_only=True)
class Pricing:
    """A priced loan: its terms, their schedule from the planned credit date, and the figures.

    `emi` is the level instalment (a bullet's amount due), `total_cost` interest, fee and GST. APR
    and effective rate are per cent per year to two decimals. Money in paise.
    """

    terms: Terms
    schedule: Schedule
    terms_hash: str
    net_disbursal: Paise
    apr_method: AprMethod
    apr_pct: Decimal
    effective_annual_pct: Decimal

    @property
    def emi(self) -> Paise:
        """The level instalment."""
        return self.schedule.emi

    @property
    def total_interest(self) -> Paise:
        """Interest over the whole term."""
        return self.schedule.total_interest

    @property
    def total_payable(self) -> Paise:
        """Principal and all interest. Source: row 8 of the Key Facts Statement."""
        return self.terms.principal + self.total_interest

    @property
    def total_cost(self) -> Paise:
        """What the loan costs the borrower if paid on time: interest, fee and GST."""
        return self.total_interest + self.terms.fee.total


def price(
    product: Product,
    *,
    amount: Paise,
    credited_on: date,
    instalments: int = 1,
    due_rule: DueRule | None = None,
    discount: Discount | None = None,
    supply: Supply = Supply.INTER_STATE,
    holidays: AbstractSet[date] = frozenset(),
) -> Pricing:
    """Return the loan of `amount` paise that `product` makes for a credit on `credited_on`.

    `due_rule` replaces the product's (a borrower's salary day, another tenure); `holidays` are the
    brand's non-repayment dates, of which the terms keep those that can matter. The annual rate is
    periodic for equal periods, simple for one repayment, else by dates; half up to two decimals.
    Raises: InvalidTerms. Source: schedule maths §6 and §7, RBI KFS circular of 15-Apr-2024.
    """
    tax = attrs.evolve(product.tax, supply=supply)
    first_due_on, anchor_day = _first_due(product, due_rule or product.due_rule, credited_on)
    checked_rate(product.balloon_pct, "balloon")
    passed_on = {
        field.name: getattr(product, field.name)
        for field in attrs.fields(Product)
        if field.name in attrs.fields_dict(Terms)
    }
    terms = Terms(
        **{**passed_on, "tax": tax},
        principal=amount,
        instalments=instalments,
        planned_on=credited_on,
        first_due_on=first_due_on,
        anchor_day=anchor_day,
        balloon=pct_of(amount, product.balloon_pct),
        fee=processing_fee(amount, product.fee_rule, tax=tax, discount=discount),
    )
    last = credited_on + timedelta(days=terms.tenure_days) + _SHIFT_SPAN
    kept = tuple(day for day in holidays if credited_on <= day <= last)
    return price_terms(attrs.evolve(terms, non_repayment_dates=kept))


def price_terms(terms: Terms) -> Pricing:
    """Return the figures of terms already fixed, for a credit on their planned date.

    Raises: InvalidTerms: no schedule can be built, or fee and upfront interest eat the principal.
    """
    schedule = build(terms, disbursed_on=terms.planned_on)
    net = net_disbursal(terms, schedule)
    method, apr_pct, effective = _annual_rates(terms, schedule, net)
    return Pricing(
        terms=terms,
        schedule=schedule,
        terms_hash=terms_hash(terms),
        net_disbursal=net,
        apr_method=method,
        apr_pct=apr_pct,
        effective_annual_pct=effective,
    )


def net_disbursal(terms: Terms, schedule: Schedule) -> Paise:
    """Return what is paid out: principal less fee, GST and interest withheld upfront. Paise.

    Raises: InvalidTerms: nothing would be left. Source: schedule maths §6.
    """
    net = terms.principal - terms.fee.total - schedule.upfront_interest
    if net <= 0:
        raise InvalidTerms(
            f"fee and upfront interest leave {net} paise of {terms.principal} to disburse"
        )
    return net


def _first_due(product: Product, rule: DueRule, credited_on: date) -> tuple[date, int]:
    first, anchor_day = first_due(rule, credited_on=credited_on)
    waits, frequency = product.moratorium.waits if product.moratorium else 0, product.frequency
    if waits:
        first = add_periods(first, waits, frequency, anchor_day=anchor_day)
    return first, first.day if frequency.days else anchor_day


def _annual_rates(
    terms: Terms, schedule: Schedule, net: Paise
) -> tuple[AprMethod, Decimal, Decimal]:
    """Return (method, APR, effective rate): simple for one payment, nominal for equal periods."""
    flows = apr.dated(terms.planned_on, schedule.due_on, schedule.amount)
    if terms.method is Method.BULLET:
        simple = apr.single_payment_simple_pct(net, schedule.amount[0], days=terms.tenure_days)
        return AprMethod.SINGLE_PAYMENT_SIMPLE, simple, apr.effective_annual_pct(net, flows)
    if schedule.broken_days == 0:
        part, year = terms.frequency.year_share
        per_year = Fraction(year, part)
        nominal = apr.periodic_nominal_pct(net, schedule.amount, per_year=per_year)
        equal = apr.regular(schedule.amount, per_year=per_year)
        effective = apr.effective_annual_pct(net, equal)
        return AprMethod.PERIODIC_NOMINAL, nominal, effective
    effective = apr.effective_annual_pct(net, flows)
    return AprMethod.XIRR_EFFECTIVE, effective, effective
