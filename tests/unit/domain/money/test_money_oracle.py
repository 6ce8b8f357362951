"""The fold against an independent reckoning: one day at a time, in fractions, with no state kept.

The reckoning knows the schedule and the rules of the terms, walks every calendar day, and shares no
code with the fold. It follows plain receipts and levied charges up to closure.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from los_core.domain.facts import Disbursed, Fact, Levied, Received
from los_core.domain.fold import fold
from los_core.domain.policies import (
    AllocationMode,
    ChargeKind,
    ChargesPosition,
    Component,
    GraceMode,
    PostDueInterest,
    Supply,
)
from los_core.domain.schedule import build
from los_core.domain.terms import Terms
from los_core.domain.waterfall import Slot, Waterfall, When
from los_core.testing import money, money_stories

DAY = timedelta(days=1)
DEEP = settings.get_profile(settings.get_current_profile_name()).max_examples >= 2000
STORIES = settings(max_examples=10_000 if DEEP else 80)


def half_up(exact: Fraction) -> int:
    return int((exact + Fraction(1, 2)) // 1)


class Reckoning:
    """A loan followed by hand."""

    def __init__(self, terms: Terms, credit: Disbursed) -> None:
        self.terms = terms
        self.schedule = build(terms, disbursed_on=credit.value_date)
        self.rows = range(len(self.schedule))
        self.interest_left = [Fraction(i) for i in self.schedule.interest]
        self.principal_left = [Fraction(p) for p in self.schedule.principal]
        self.late = [Fraction(0) for _ in self.rows]
        self.late_paid = [0 for _ in self.rows]
        self.penal_exact = [Fraction(0) for _ in self.rows]
        self.penal_paid = [0 for _ in self.rows]
        self.cleared: list[date | None] = [None for _ in self.rows]
        self.levied: list[tuple[ChargeKind, date, int]] = []
        self.levied_of: list[int] = []
        self.levied_paid: list[int] = []
        withheld = terms.principal - credit.amount - terms.fee.total
        self.held = withheld - self.schedule.upfront_interest
        self.closed: date | None = None
        self.day = credit.value_date

    def live(self, facts: Iterable[Fact], until: date) -> None:
        pending = sorted(facts, key=lambda fact: isinstance(fact, Levied))
        self.spend()
        while True:
            for fact in pending:
                if fact.value_date == self.day and self.closed is None:
                    self.happen(fact)
            if self.day == until or self.closed:
                return
            self.run_a_day()
            self.day += DAY
            self.spend()

    def happen(self, fact: Fact) -> None:
        if isinstance(fact, Received):
            self.held += fact.amount
        if isinstance(fact, Levied):
            gst = 0
            pct = Fraction(self.terms.tax.pct(fact.charge))
            if self.terms.tax.supply is Supply.INTER_STATE:
                gst = half_up(fact.amount * pct / 100)
            else:
                gst = 2 * half_up(fact.amount * pct / 200)
            self.levied.append((fact.charge, self.day, fact.amount + gst))
            self.levied_of.append(fact.instalment_no or 0)
            self.levied_paid.append(0)
        self.spend()

    def asked(self, row: int) -> bool:
        return self.schedule.adjusted_due_on[row] <= self.day

    def run_a_day(self) -> None:
        """Let one night pass over what is overdue."""
        policy, terms = self.terms.penal, self.terms
        for row in self.rows:
            if not self.asked(row):
                continue
            due_on = self.schedule.adjusted_due_on[row]
            base = self.interest_left[row] + self.principal_left[row]
            grace = policy.grace_days if policy.grace_mode is GraceMode.AFTER_GRACE else 0
            if self.day >= due_on + timedelta(days=grace):
                self.penal_exact[row] += base * Fraction(policy.rate_per_day_pct) / 100
            if self.day >= max(due_on, self.schedule.accrued_on[row]):
                earning = {
                    PostDueInterest.NONE: Fraction(0),
                    PostDueInterest.ON_PRINCIPAL: self.principal_left[row],
                    PostDueInterest.ON_OVERDUE_EMI: base,
                }[terms.post_due_interest]
                self.late[row] += earning * Fraction(terms.annual_rate_pct) / 36500

    def penal(self, row: int) -> int:
        policy = self.terms.penal
        last_free = self.schedule.adjusted_due_on[row] + timedelta(days=policy.grace_days)
        cleared = self.cleared[row]
        if self.day <= last_free or (cleared and cleared <= last_free):
            return 0
        whole = half_up(self.penal_exact[row])
        if policy.max_per_instalment is not None:
            whole = min(whole, policy.max_per_instalment)
        if policy.max_pct_of_instalment is not None:
            share = Fraction(policy.max_pct_of_instalment) / 100
            whole = min(whole, half_up(self.schedule.amount[row] * share))
        return whole

    def spend(self) -> None:
        """Use money held for what is due, one item after another, and look whether all is paid."""
        for kind, index in self.items():
            left = self.left(kind, index)
            part = min(self.held, left)
            if part > 0:
                self.held -= part
                self.pay(kind, index, part)
        for row in self.rows:
            owed = self.left("interest", row) + self.left("principal", row)
            if owed == 0 and self.cleared[row] is None:
                self.cleared[row] = self.day
        if self.everything() - self.held <= self.terms.small_balance:
            self.closed = self.day

    def items(self) -> list[tuple[str, int]]:
        policy = self.terms.allocation
        if policy.waterfall is not None:
            return [item for step in policy.waterfall.steps for item in self.items_of(step)]
        names = {Component.INTEREST: "interest", Component.PRINCIPAL: "principal"}
        parts = [names[component] for component in policy.components]
        rows = [row for row in self.rows if self.asked(row)]
        if policy.mode is AllocationMode.VERTICAL:
            dues = [(part, row) for row in rows for part in parts]
        else:
            dues = [(part, row) for part in parts for row in rows]
        charges: list[tuple[str, int]] = []
        for kind in policy.charge_order:
            if kind is ChargeKind.PENAL:
                charges += [("penal", row) for row in rows]
            else:
                charges += [
                    ("levied", index)
                    for index, (levied, _, _) in enumerate(self.levied)
                    if levied is kind
                ]
        return charges + dues if policy.charges is ChargesPosition.FIRST else dues + charges

    def items_of(self, step: tuple[Slot, ...]) -> list[tuple[str, int]]:
        """List what a step pays, walking instalment by instalment and slot by slot."""
        fees_only = {slot.part for slot in step} <= {"FEE", "BOUNCE", "OTHER"}
        numbers = [None] if fees_only else range(len(self.rows) + 1)
        return [item for no in numbers for slot in step for item in self.filling(slot, no)]

    def filling(self, slot: Slot, no: int | None) -> list[tuple[str, int]]:
        if slot.part in {"INTEREST", "PRINCIPAL", "PENAL"}:
            row = (no or 0) - 1
            stands = row >= 0 and self.when(self.schedule.adjusted_due_on[row]) is slot.when
            return [(slot.part.lower(), row)] if stands else []
        kinds = ["BOUNCE", "OTHER"] if slot.part == "FEE" else [slot.part]
        return [
            ("levied", index)
            for wanted in kinds
            for index, (kind, day, _) in enumerate(self.levied)
            if kind == wanted
            and self.when(day) is slot.when
            and no in {None, self.levied_of[index]}
        ]

    def when(self, day: date) -> When:
        if day == self.day:
            return When.DUE
        return When.PAST_DUE if day < self.day else When.IN_ADVANCE

    def left(self, kind: str, index: int) -> int:
        if kind == "interest":
            late = half_up(self.late[index]) - self.late_paid[index]
            return int(self.interest_left[index]) + late
        if kind == "principal":
            return int(self.principal_left[index])
        if kind == "penal":
            return self.penal(index) - self.penal_paid[index]
        return self.levied[index][2] - self.levied_paid[index]

    def pay(self, kind: str, index: int, part: int) -> None:
        if kind == "interest":
            scheduled = min(part, int(self.interest_left[index]))
            self.interest_left[index] -= scheduled
            self.late_paid[index] += part - scheduled
        elif kind == "principal":
            self.principal_left[index] -= part
        elif kind == "penal":
            self.penal_paid[index] += part
        else:
            self.levied_paid[index] += part

    def everything(self) -> int:
        rows = sum(
            self.left(kind, row) for row in self.rows for kind in ("interest", "principal", "penal")
        )
        return rows + sum(self.left("levied", index) for index in range(len(self.levied)))

    def oldest_unpaid(self) -> date | None:
        items = [
            (day, self.left("interest", row) + self.left("principal", row))
            for row, day in enumerate(self.schedule.adjusted_due_on)
        ]
        charges = [(day, self.left("levied", i)) for i, (_, day, _) in enumerate(self.levied)]
        charges += [
            (self.cleared[row] or self.schedule.adjusted_due_on[row], self.left("penal", row))
            for row in self.rows
        ]
        if self.terms.count_charges_in_dpd and sum(amount for _, amount in charges) > 100:
            items += charges
        covered = 0
        for day, amount in sorted(items):
            covered += amount
            if covered > self.held:
                return day
        return None


@STORIES
@given(money.stories(calm=True), st.none() | money_stories.waterfalls(), st.data())
def test_the_fold_agrees_with_a_reckoning_day_by_day(
    tale: tuple[Terms, tuple[Fact, ...]], waterfall: Waterfall | None, data: st.DataObject
) -> None:
    terms, facts = tale
    policy = attrs.evolve(terms.allocation, waterfall=waterfall)
    terms = attrs.evolve(terms, allocation=policy)
    credit = facts[0]
    assert isinstance(credit, Disbursed)
    events = [fact for fact in facts[1:] if fact.value_date >= credit.value_date]
    until = max(credit.value_date, data.draw(money.days_of(terms)))
    by_hand = Reckoning(terms, credit)
    by_hand.live(sorted(events, key=lambda fact: (fact.source, fact.reference)), until)
    state = fold(terms, [credit, *events], on=until)
    assert state.closed_on == by_hand.closed
    if state.closure is not None:
        return
    rows = by_hand.rows
    assert [state.unpaid_principal(row) for row in rows] == by_hand.principal_left
    assert [state.unpaid_interest(row) for row in rows] == [
        by_hand.left("interest", row) for row in rows
    ]
    assert [state.penal(row) for row in rows] == [by_hand.penal(row) for row in rows]
    assert [state.paid_penal[row] for row in rows] == by_hand.penal_paid
    assert [charge.paid for charge in state.charges] == by_hand.levied_paid
    assert state.advance_held == by_hand.held
    assert state.oldest_unpaid_due_on == by_hand.oldest_unpaid()
