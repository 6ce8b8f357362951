"""Hypothesis strategies for whole lives of loans: every kind of fact, in and out of season.

A saga is terms, a credit, and facts of all kinds at random days: most legal where they come, some
too early, too late or aimed at nothing, for the fold must bear whatever was recorded. Plain stories
are `testing.money`.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
from hypothesis import strategies as st

from los_core.domain.closing import OWN_CREDITS
from los_core.domain.excess import Excess, ExcessPolicy
from los_core.domain.facts import (
    Change,
    ChargedBack,
    Classified,
    Disbursed,
    Fact,
    Instructed,
    Intent,
    Levied,
    Received,
    Refunded,
    Reversed,
    SettlementAgreed,
    Tag,
    TermsChanged,
    Waived,
    WrittenOff,
)
from los_core.domain.money import Paise
from los_core.domain.policies import ChargeKind, Component
from los_core.domain.pricing import net_disbursal
from los_core.domain.schedule import build
from los_core.domain.terms import Terms
from los_core.domain.writeoff import Kind
from los_core.testing import money, money_stories

Tale = tuple[Terms, tuple[Fact, ...]]

USUAL = ("receive", "receive", "receive", "receive", "levy", "charge_back", "reverse")
UNUSUAL = (
    "waive",
    "refund",
    "classify",
    "change_terms",
    "instruct",
    "instruct",
    "agree",
    "write_off",
)


@st.composite
def sagas(draw: st.DrawFn, *, kinds: tuple[str, ...] = USUAL + UNUSUAL, most: int = 10) -> Tale:
    """A loan whose policies may be any, its credit, and up to `most` facts of the given kinds."""
    loan = draw(loans())
    facts: list[Fact] = [credit(loan)]
    for number in range(draw(st.integers(0, most))):
        facts.append(draw(any_fact(loan, facts, number, kinds=kinds)))
    return loan, tuple(facts)


@st.composite
def loans(draw: st.DrawFn) -> Terms:
    """Terms whose allocation and use of money left over may be any."""
    loan = draw(money.terms())
    excess = ExcessPolicy(use=draw(st.sampled_from(Excess)), part_fee_pct=draw(money.rates(4)))
    allocation = draw(st.one_of(st.just(loan.allocation), money_stories.policies()))
    return attrs.evolve(loan, excess=excess, allocation=allocation)


def credit(loan: Terms) -> Disbursed:
    """The credit on its planned day."""
    planned = build(loan, disbursed_on=loan.planned_on)
    return Disbursed(
        fact_id=UUID(int=1),
        value_date=loan.planned_on,
        source="idfc",
        reference="UTR1",
        amount=net_disbursal(loan, planned),
    )


@st.composite
def any_fact(
    draw: st.DrawFn,
    loan: Terms,
    facts: list[Fact],
    number: int,
    *,
    kinds: tuple[str, ...] = USUAL + UNUSUAL,
) -> Fact:
    """A fact of one of the kinds, its day anywhere from the credit to well after the term.

    Half of them fall on a due date, or on another fact's day or the next: where rules meet.
    """
    anywhere = money.dates(loan.planned_on, days=min(loan.tenure_days, 900) + 60)
    met = [fact.value_date for fact in facts]
    due_on = build(loan, disbursed_on=loan.planned_on).adjusted_due_on[:24]
    known = {
        "fact_id": UUID(int=number + 2),
        "value_date": draw(
            anywhere | st.sampled_from([*met, *(_next(day) for day in met), *due_on])
        ),
        "source": draw(st.sampled_from(["razorpay", "cashfree"])),
        "reference": f"fact-{number}",
    }
    return _MAKERS[draw(st.sampled_from(kinds))](draw, loan, facts, known)


def _receive(draw: st.DrawFn, loan: Terms, _facts: list[Fact], known: dict[str, Any]) -> Fact:
    level = max(1, build(loan, disbursed_on=loan.planned_on).emi)
    sizes = [level, level, 3 * level, max(1, level // 3), loan.principal, loan.principal // 2]
    amount = draw(st.sampled_from(sizes) | st.integers(1, 2 * loan.principal))
    return Received(**known, amount=amount, intent=draw(st.sampled_from(Intent)))


def _levy(draw: st.DrawFn, loan: Terms, _facts: list[Fact], known: dict[str, Any]) -> Fact:
    return Levied(
        **known,
        charge=draw(st.sampled_from([ChargeKind.BOUNCE, ChargeKind.OTHER])),
        amount=draw(st.integers(1, 60_000)),
        instalment_no=draw(st.none() | st.integers(1, loan.instalments)),
    )


def _outflow(kind: Callable[..., Fact]) -> Callable[..., Fact]:
    def make(draw: st.DrawFn, loan: Terms, facts: list[Fact], known: dict[str, Any]) -> Fact:
        receipts = [fact for fact in facts if isinstance(fact, Received)]
        if not receipts:
            return _receive(draw, loan, facts, known)
        if kind is Refunded and draw(st.integers(0, 3)) == 0:
            source, reference = draw(st.sampled_from(OWN_CREDITS))
            amount = draw(st.integers(1, 100_000))
            return kind(**known, target_source=source, target_reference=reference, amount=amount)
        target = draw(st.sampled_from(receipts))
        part = draw(st.sampled_from([target.amount, max(1, target.amount // 3)]))
        return kind(
            **known, target_source=target.source, target_reference=target.reference, amount=part
        )

    return make


def _reverse(draw: st.DrawFn, _loan: Terms, facts: list[Fact], known: dict[str, Any]) -> Fact:
    victims = [fact.key for fact in facts[1:] if not isinstance(fact, Reversed)]
    source, reference = draw(st.sampled_from([*victims, ("razorpay", "never-seen")]))
    return Reversed(**known, target_source=source, target_reference=reference)


def _waive(draw: st.DrawFn, _loan: Terms, _facts: list[Fact], known: dict[str, Any]) -> Fact:
    component = draw(st.sampled_from(Component))
    return Waived(**known, component=component, amount=draw(st.integers(1, 1_000_000)))


def _classify(draw: st.DrawFn, _loan: Terms, _facts: list[Fact], known: dict[str, Any]) -> Fact:
    since = draw(st.none() | st.integers(0, 500).map(lambda ago: timedelta(days=ago)))
    return Classified(
        **known,
        tag=draw(st.sampled_from(Tag)),
        npa_since=None if since is None else known["value_date"] - since,
        loss=draw(st.booleans()),
    )


def _change_terms(draw: st.DrawFn, _loan: Terms, _facts: list[Fact], known: dict[str, Any]) -> Fact:
    days = draw(st.lists(st.integers(0, 60), max_size=3))
    return TermsChanged(
        **known,
        penal=draw(money.penal_policies()),
        allocation=draw(st.none() | money_stories.policies()),
        non_repayment_dates=tuple(known["value_date"] + timedelta(days=day) for day in days),
    )


def _instruct(draw: st.DrawFn, loan: Terms, _facts: list[Fact], known: dict[str, Any]) -> Fact:
    change = draw(st.sampled_from(Change))
    chosen: dict[str, Any] = {"consented": draw(st.booleans())}
    if change in (Change.RE_AGE, Change.RESTRUCTURE):
        first = known["value_date"] + timedelta(days=draw(st.integers(1, 60)))
        chosen |= {"first_due_on": first, "instalments": draw(st.integers(1, 12))}
    else:
        chosen["notified_amount"] = draw(st.none() | st.integers(1_000, loan.principal))
    if change is Change.RESTRUCTURE:
        chosen["rate_pct"] = draw(st.none() | st.integers(0, 30).map(Decimal))
        chosen["capitalises"] = draw(st.booleans())
    return Instructed(**known, change=change, **chosen)


def _agree(draw: st.DrawFn, loan: Terms, _facts: list[Fact], known: dict[str, Any]) -> Fact:
    pay_by = known["value_date"] + timedelta(days=draw(st.integers(0, 120)))
    return SettlementAgreed(**known, offer=draw(st.integers(1, loan.principal)), pay_by=pay_by)


def _write_off(draw: st.DrawFn, _loan: Terms, _facts: list[Fact], known: dict[str, Any]) -> Fact:
    return WrittenOff(**known, how=draw(st.sampled_from(Kind)))


_MAKERS: dict[str, Callable[..., Fact]] = {
    "receive": _receive,
    "levy": _levy,
    "charge_back": _outflow(ChargedBack),
    "refund": _outflow(Refunded),
    "reverse": _reverse,
    "waive": _waive,
    "classify": _classify,
    "change_terms": _change_terms,
    "instruct": _instruct,
    "agree": _agree,
    "write_off": _write_off,
}


def _next(day: date) -> date:
    return day + timedelta(days=1)


def closing_receipt(on: date, amount: Paise) -> Received:
    """A receipt that asks to foreclose, after all others of its day."""
    return Received(
        fact_id=UUID(int=500),
        value_date=on,
        source="zz-last",
        reference="exit",
        amount=amount,
        intent=Intent.FORECLOSURE,
    )
