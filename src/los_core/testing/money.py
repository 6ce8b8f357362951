"""Hypothesis strategies for loans and their money: legal terms, and stories of facts.

Only values the domain accepts come out. Dates lie in 2025 to 2030, amounts between one thousand and
five lakh rupees, so that shrunk examples read like real loans.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import assume
from hypothesis import strategies as st

from los_core.domain.charges import gst_on
from los_core.domain.errors import InvalidTerms
from los_core.domain.facts import ChargedBack, Disbursed, Fact, Intent, Levied, Received, Reversed
from los_core.domain.money import Paise, pct_of
from los_core.domain.policies import (
    AllocationMode,
    AllocationPolicy,
    BrokenPeriod,
    ChargeKind,
    ChargesPosition,
    Component,
    CoolingOff,
    DayCount,
    ForeclosurePolicy,
    GraceMode,
    InterestOnShift,
    Method,
    PenalPolicy,
    PostDueInterest,
    ProcessingFee,
    RateUnit,
    ShiftRule,
    Supply,
    Tax,
)
from los_core.domain.pricing import net_disbursal
from los_core.domain.repayment import Frequency, Moratorium, MoratoriumInterest, Step
from los_core.domain.rounding import Residue, Rounding, RoundingMode
from los_core.domain.schedule import build
from los_core.domain.terms import Terms
from los_core.domain.workdays import add_months, add_periods

EPOCH = date(2025, 1, 1)


def dates(first: date = EPOCH, *, days: int = 700) -> st.SearchStrategy[date]:
    """Dates from `first` to `days` later."""
    return st.integers(0, days).map(lambda ahead: first + timedelta(days=ahead))


def rates(most: int, *, places: int = 2) -> st.SearchStrategy[Decimal]:
    """Per cents from 0 to `most` with `places` decimals."""
    unit = Decimal(1).scaleb(-places)
    return st.integers(0, most * 10**places).map(lambda units: units * unit)


def penal_policies() -> st.SearchStrategy[PenalPolicy]:
    """Penal policies with and without grace days and caps."""
    return st.builds(
        PenalPolicy,
        rate_per_day_pct=rates(1, places=3),
        grace_days=st.integers(0, 7),
        grace_mode=st.sampled_from(GraceMode),
        max_per_instalment=st.none() | st.integers(0, 100_000),
        max_pct_of_instalment=st.none() | rates(20),
    )


def allocation_policies() -> st.SearchStrategy[AllocationPolicy]:
    """Every allocation policy a brand may choose."""
    kinds = [ChargeKind.BOUNCE, ChargeKind.PENAL, ChargeKind.OTHER]
    return st.builds(
        AllocationPolicy,
        mode=st.sampled_from(AllocationMode),
        charges=st.sampled_from(ChargesPosition),
        components=st.permutations([Component.INTEREST, Component.PRINCIPAL]).map(tuple),
        charge_order=st.permutations(kinds).map(tuple),
    )


@st.composite
def terms(
    draw: st.DrawFn, *, methods: Sequence[Method] = tuple(Method), shaped: bool = True
) -> Terms:
    """Terms that a schedule can be built from, for all methods, day counts and policies.

    Without `shaped` no steps, balloon or moratorium.
    """
    method = draw(st.sampled_from(methods))
    planned_on = draw(dates())
    principal = draw(st.integers(100_000, 50_000_000))
    chosen: dict[str, Any] = {
        "method": method,
        "principal": principal,
        "planned_on": planned_on,
        "fee": _fee(draw, principal),
        **_bullet_or_regular(draw, method, planned_on),
    }
    if method is not Method.BULLET and shaped:
        chosen |= draw(_shapes(method, principal, chosen["instalments"]))
        _wait(chosen)
    return _legal(draw, chosen)


@st.composite
def stories(draw: st.DrawFn, *, calm: bool = False) -> tuple[Terms, tuple[Fact, ...]]:
    """A loan and its facts in order of value date: a credit, receipts, bounces, undoings.

    With `calm`, only a credit, plain receipts and levied charges: what an independent day by day
    reckoning can follow.
    """
    loan = draw(terms())
    facts: list[Fact] = [_credit(draw, loan)]
    span = loan.tenure_days + 60
    level = max(1, build(loan, disbursed_on=loan.planned_on).emi)
    for number in range(draw(st.integers(0, 8))):
        name = f"fact-{number}"
        known: dict[str, Any] = {
            "fact_id": UUID(int=number + 2),
            "value_date": loan.planned_on + timedelta(days=draw(st.integers(0, span))),
            "source": draw(st.sampled_from(["razorpay", "cashfree"])),
            "reference": name,
        }
        facts.append(_event(draw, loan, facts, known, level=level, calm=calm))
    return loan, tuple(facts)


def days_of(loan: Terms) -> st.SearchStrategy[date]:
    """Days from shortly before a loan's credit to well after its last instalment."""
    return dates(loan.planned_on - timedelta(days=3), days=loan.tenure_days + 100)


def roundings() -> st.SearchStrategy[Rounding]:
    """Every way to round an instalment, the everyday two more often."""
    return st.sampled_from([Rounding.RUPEE, Rounding.PAISE]) | st.builds(
        Rounding.to,
        st.sampled_from([1, 100, 500, 1000]),
        mode=st.sampled_from(RoundingMode),
        residue=st.sampled_from(Residue),
    )


def _bullet_or_regular(draw: st.DrawFn, method: Method, planned_on: date) -> dict[str, Any]:
    by_days = [count for count in DayCount if count is not DayCount.MONTHLY]
    if method is Method.BULLET:
        first = planned_on + timedelta(days=draw(st.integers(2, 90)))
        unit = draw(st.sampled_from(RateUnit))
        return {
            "instalments": 1,
            "first_due_on": first,
            "anchor_day": first.day,
            "day_count": draw(st.sampled_from(by_days)),
            "rate_unit": unit,
            "rate_pct": draw(rates(1, places=3) if unit is RateUnit.DAILY else rates(100)),
        }
    frequency = draw(st.just(Frequency.MONTHLY) | st.sampled_from(Frequency))
    anchor = draw(st.integers(1, 31))
    first = add_months(planned_on, draw(st.integers(1, 2)), anchor_day=anchor)
    if frequency.days:
        first = planned_on + timedelta(days=draw(st.integers(1, 2 * frequency.days)))
        anchor = first.day
    return {
        "frequency": frequency,
        "instalments": draw(st.integers(1, 8 if frequency is Frequency.QUARTERLY else 24)),
        "first_due_on": first,
        "anchor_day": anchor,
        "day_count": draw(st.sampled_from([DayCount.MONTHLY, *by_days])),
        "rate_pct": draw(rates(48)),
    }


@st.composite
def _shapes(draw: st.DrawFn, method: Method, principal: Paise, count: int) -> dict[str, Any]:
    """Steps, a balloon and a moratorium, each where the method takes it, and mostly none."""
    chosen: dict[str, Any] = {}
    kind = draw(st.sampled_from(["plain", "plain", "step", "balloon", "moratorium", "all"]))
    amortises = method in (Method.REDUCING, Method.EQUAL_PRINCIPAL)
    if kind in ("step", "all") and method is Method.REDUCING:
        change = draw(st.integers(-30, 30).filter(bool))
        chosen["step"] = Step(every=draw(st.integers(1, 12)), change_pct=Decimal(change))
    if kind in ("balloon", "all") and amortises:
        chosen["balloon"] = draw(st.integers(0, principal // 2))
    if kind in ("moratorium", "all") and method is not Method.FLAT:
        interest = draw(st.sampled_from(MoratoriumInterest))
        periods = draw(st.integers(1, 6))
        if interest is not MoratoriumInterest.COLLECTED or (amortises and periods < count):
            chosen["moratorium"] = Moratorium(periods=periods, interest=interest)
    return chosen


def _wait(chosen: dict[str, Any]) -> None:
    """Let the first due date come after the periods of a moratorium that has no instalments."""
    if chosen.get("moratorium") and chosen["moratorium"].waits:
        frequency, waits = chosen["frequency"], chosen["moratorium"].waits
        first = add_periods(
            chosen["first_due_on"], waits, frequency, anchor_day=chosen["anchor_day"]
        )
        chosen["first_due_on"] = first
        chosen["anchor_day"] = first.day if frequency.days else chosen["anchor_day"]


def _legal(draw: st.DrawFn, chosen: dict[str, Any]) -> Terms:
    shift = InterestOnShift.UNADJUSTED
    if chosen["day_count"] is not DayCount.MONTHLY:
        shift = draw(st.sampled_from(InterestOnShift))
    around = st.integers(-3, 3).map(lambda days: chosen["first_due_on"] + timedelta(days=days))
    try:
        loan = Terms(
            **chosen,
            rounding=draw(roundings()),
            broken_period=draw(st.sampled_from(BrokenPeriod)),
            count_disbursal_day=draw(st.booleans()),
            shift_rule=draw(st.sampled_from(ShiftRule)),
            interest_on_shift=shift,
            non_repayment_dates=draw(st.lists(around, max_size=4)),
            post_due_interest=draw(st.sampled_from(PostDueInterest)),
            tax=draw(_taxes()),
            penal=draw(penal_policies()),
            allocation=draw(allocation_policies()),
            foreclosure=draw(
                st.builds(ForeclosurePolicy, fee_pct=rates(5), disclosed=st.booleans())
            ),
            cooling_off=draw(
                st.builds(CoolingOff, days=st.integers(1, 5), keeps_fee=st.booleans())
            ),
            count_charges_in_dpd=draw(st.booleans()),
        )
        net_disbursal(loan, build(loan, disbursed_on=loan.planned_on))
    except InvalidTerms:
        assume(False)
        raise
    return loan


def _taxes() -> st.SearchStrategy[Tax]:
    pct = st.sampled_from([Decimal(0), Decimal(18)])
    return st.builds(Tax, supply=st.sampled_from(Supply), bounce_pct=pct, foreclosure_pct=pct)


def _fee(draw: st.DrawFn, principal: Paise) -> ProcessingFee:
    gross = pct_of(principal, draw(rates(5)))
    discount = draw(st.integers(0, gross))
    supply = draw(st.sampled_from(Supply))
    gst = gst_on(gross - discount, Decimal(18), supply)
    return ProcessingFee(gross=gross, discount=discount, gst=gst)


def _credit(draw: st.DrawFn, loan: Terms) -> Disbursed:
    """A credit up to two days early or three days late, of what the terms leave."""
    planned = build(loan, disbursed_on=loan.planned_on)
    credited_on = loan.planned_on + timedelta(days=draw(st.integers(-2, 3)))
    try:
        build(loan, disbursed_on=credited_on)
    except InvalidTerms:
        credited_on = loan.planned_on
    return Disbursed(
        fact_id=UUID(int=1),
        value_date=credited_on,
        source="idfc",
        reference="UTR1",
        amount=net_disbursal(loan, planned),
    )


def _event(
    draw: st.DrawFn,
    loan: Terms,
    facts: list[Fact],
    known: dict[str, Any],
    *,
    level: Paise,
    calm: bool,
) -> Fact:
    kind = draw(st.sampled_from("rrrrl" if calm else "rrrrrlbv"))
    receipts = [fact for fact in facts if isinstance(fact, Received)]
    if kind == "l":
        no = draw(st.integers(1, loan.instalments))
        charge = draw(st.sampled_from([ChargeKind.BOUNCE, ChargeKind.OTHER]))
        return Levied(**known, charge=charge, amount=draw(st.integers(1, 60_000)), instalment_no=no)
    if kind == "b" and receipts:
        target = draw(st.sampled_from(receipts))
        known["value_date"] = max(known["value_date"], target.value_date)
        part = draw(st.sampled_from([target.amount, max(1, target.amount // 3)]))
        return ChargedBack(
            **known,
            target_source=target.source,
            target_reference=target.reference,
            amount=part,
        )
    if kind == "v":
        victims = [
            (fact.source, fact.reference) for fact in facts if not isinstance(fact, Reversed)
        ]
        source, reference = draw(st.sampled_from([*victims[1:], ("razorpay", "never-seen")]))
        return Reversed(**known, target_source=source, target_reference=reference)
    amount = draw(
        st.sampled_from([level, 2 * level, max(1, level // 3), loan.principal])
        | st.integers(1, 2 * loan.principal)
    )
    intent = Intent.INSTALMENT if calm else draw(st.sampled_from(Intent))
    return Received(**known, amount=amount, intent=intent)
