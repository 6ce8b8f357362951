"""Part-prepayment, re-ageing, restructuring and changed terms, told as stories."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
import pytest

from los_core.domain.errors import Invalid
from los_core.domain.excess import Excess, ExcessPolicy
from los_core.domain.facts import (
    Change,
    ChargedBack,
    Disbursed,
    Fact,
    Instructed,
    Intent,
    Levied,
    Received,
    Refunded,
    Reversed,
    TermsChanged,
    Waived,
)
from los_core.domain.fold import fold
from los_core.domain.foreclosure import quote
from los_core.domain.newrows import rows_hash
from los_core.domain.policies import (
    AllocationPolicy,
    ChargeKind,
    Component,
    DayCount,
    ForeclosurePolicy,
    Method,
    PenalPolicy,
    Tax,
)
from los_core.domain.rupees import parse_rupees
from los_core.domain.schedule import build
from los_core.domain.state import State
from los_core.domain.terms import Terms
from los_core.domain.timeline import Status, timeline
from los_core.domain.waterfall import Slot, Waterfall, When


def terms(**chosen: Any) -> Terms:
    """₹1,00,000 at 24 % in 12 instalments of ₹9,456, credited on 5 February 2026."""
    usual: dict[str, Any] = {
        "method": Method.REDUCING,
        "principal": 10_000_000,
        "rate_pct": Decimal(24),
        "instalments": 12,
        "planned_on": date(2026, 2, 5),
        "first_due_on": date(2026, 3, 5),
        "anchor_day": 5,
        "day_count": DayCount.MONTHLY,
    }
    return Terms(**{**usual, **chosen})


class Story:
    """A loan's facts, each named by what happens; all known under their own name."""

    def __init__(self, loan: Terms) -> None:
        self.terms = loan
        self.facts: list[Fact] = []
        self.add(Disbursed, loan.planned_on, "utr", amount=loan.principal - loan.fee.total)

    def add(self, kind: Any, on: date, name: str, **more: Any) -> "Story":
        number = len(self.facts) + 1
        fact: Fact = kind(
            fact_id=UUID(int=number), value_date=on, source="los", reference=name, **more
        )
        self.facts.append(fact)
        return self

    def pays(self, amount: int, on: date, name: str, **more: Any) -> "Story":
        return self.add(Received, on, name, amount=amount, **more)

    def pays_on_time(self, count: int) -> "Story":
        schedule = build(self.terms, disbursed_on=self.terms.planned_on)
        for row in list(schedule)[:count]:
            self.pays(row.amount, row.due_on, f"emi-{row.no}")
        return self

    def undoes(self, name: str, on: date) -> "Story":
        return self.add(Reversed, on, f"undo-{name}", target_source="los", target_reference=name)

    def on(self, day: date) -> State:
        return fold(self.terms, self.facts, on=day)


def amounts(state: State) -> list[int]:
    assert state.schedule is not None
    return list(state.schedule.amount)


# Part-prepayment


def ppy_01() -> Story:
    """₹77,483.47 at 24 %, nine instalments of ₹9,456 left, ₹20,000 after ten days."""
    loan = terms(
        principal=7_748_347,
        instalments=9,
        planned_on=date(2026, 4, 5),
        first_due_on=date(2026, 5, 5),
    )
    return Story(loan).pays(2_000_000, date(2026, 4, 15), "part", intent=Intent.REDUCE_EMI)


def test_ppy_01_a_part_prepayment_lowers_the_instalment() -> None:
    state = ppy_01().on(date(2026, 4, 15))
    assert state.paid_by(("los", "part")) == {
        Component.INTEREST: parse_rupees("509.48"),
        Component.PRINCIPAL: parse_rupees("19490.52"),
    }
    assert state.outstanding_principal == parse_rupees("57992.95")
    assert state.schedule is not None
    assert state.schedule.emi == parse_rupees("7105.00")
    assert len(state.schedule) == 9
    # Ten days are paid for: the first new instalment bears interest for twenty.
    assert state.schedule.interest[0] == parse_rupees("762.65")


def test_a_part_prepayment_may_keep_the_instalment_and_end_sooner() -> None:
    story = ppy_01()
    part = story.facts[1]
    assert isinstance(part, Received)
    story.facts[1] = attrs.evolve(part, intent=Intent.REDUCE_TENURE)
    state = story.on(date(2026, 4, 15))
    asked = amounts(state)
    assert asked[:-1] == [949_300] * 6
    assert asked[-1] < 949_300
    assert state.outstanding_principal == parse_rupees("57992.95")


def test_paying_the_new_instalments_pays_the_loan() -> None:
    story = ppy_01()
    schedule = story.on(date(2026, 4, 15)).schedule
    assert schedule is not None
    for row in schedule:
        story.pays(row.amount, row.due_on, f"new-{row.no}")
    state = story.on(schedule.due_on[-1])
    assert state.closed_on == schedule.due_on[-1]
    assert (state.suspense_held, state.waived) == (0, 0)


def test_dues_come_first_and_only_the_rest_prepays() -> None:
    story = Story(terms()).pays(2_000_000, date(2026, 3, 5), "part", intent=Intent.REDUCE_EMI)
    state = story.on(date(2026, 3, 5))
    assert state.cleared_on[0] == date(2026, 3, 5)
    assert state.outstanding_principal == 10_000_000 - 745_600 - (2_000_000 - 945_600)
    assert len(amounts(state)) == 12
    assert amounts(state)[0] == 945_600
    assert max(amounts(state)[1:]) < 945_600


def test_a_part_prepayment_reversed_later_brings_the_old_instalments_back() -> None:
    story = Story(terms()).pays_on_time(3)
    story.pays(3_000_000, date(2026, 5, 20), "part", intent=Intent.REDUCE_EMI)
    assert max(amounts(story.on(date(2026, 6, 1)))[3:]) < 945_600
    story.undoes("part", date(2026, 6, 10))
    never = Story(terms()).pays_on_time(3)
    assert story.on(date(2026, 6, 10)) == never.on(date(2026, 6, 10))


def test_a_part_prepayment_charged_back_is_repaid_with_the_last_instalment() -> None:
    story = ppy_01()
    before = amounts(story.on(date(2026, 4, 15)))
    story.add(
        ChargedBack, date(2026, 6, 20), "back", target_source="los", target_reference="part",
        amount=2_000_000,
    )  # fmt: skip
    story.pays(before[0], date(2026, 5, 5), "one").pays(before[1], date(2026, 6, 5), "two")
    state = story.on(date(2026, 6, 20))
    assert amounts(state)[:-1] == before[:-1]
    assert amounts(state)[-1] > before[-1] + 1_949_052
    assert state.received == before[0] + before[1]
    repaid = sum(story.on(date(2026, 6, 5)).paid_principal)
    assert state.outstanding_principal == 7_748_347 - repaid


def test_a_part_prepayment_pays_its_fee_with_gst_where_disclosed() -> None:
    loan = terms(
        foreclosure=ForeclosurePolicy(disclosed=True),
        excess=ExcessPolicy(part_fee_pct=Decimal(2)),
    )
    story = Story(loan).pays(1_000_000, date(2026, 2, 5), "part", intent=Intent.REDUCE_EMI)
    state = story.on(date(2026, 2, 5))
    assert state.paid_by(("los", "part")) == {
        Component.PRINCIPAL: 1_000_000 - 20_000 - 3_600,
        Component.FORECLOSURE: 23_600,
    }


def test_too_much_for_a_part_prepayment_is_held() -> None:
    story = Story(terms()).pays(10_200_000, date(2026, 2, 25), "all", intent=Intent.REDUCE_EMI)
    state = story.on(date(2026, 2, 25))
    assert state.closure is None
    assert state.advance_held == 10_200_000


def test_money_held_may_be_used_by_instruction() -> None:
    story = Story(terms()).pays(2_000_000, date(2026, 2, 20), "held")
    story.add(Instructed, date(2026, 2, 25), "use", change=Change.REDUCE_EMI)
    assert story.on(date(2026, 2, 24)).advance_held == 2_000_000
    state = story.on(date(2026, 2, 25))
    assert (state.advance_held, state.prepaid_principal > 1_800_000) == (0, True)


@pytest.mark.parametrize("use", [Excess.REDUCE_EMI, Excess.REDUCE_TENURE])
def test_the_terms_may_use_whatever_is_left_over(use: Excess) -> None:
    loan = terms(excess=ExcessPolicy(use=use))
    state = Story(loan).pays(1_945_600, date(2026, 3, 5), "more").on(date(2026, 3, 5))
    assert (state.advance_held, state.prepaid_principal) == (0, 1_000_000)


def test_the_terms_may_give_back_whatever_is_left_over() -> None:
    loan = terms(excess=ExcessPolicy(use=Excess.REFUND))
    story = Story(loan).pays(1_000_000, date(2026, 3, 5), "more")
    assert story.on(date(2026, 3, 5)).suspense_held == 54_400
    story.add(
        Refunded, date(2026, 3, 8), "back", target_source="los", target_reference="more",
        amount=54_400,
    )  # fmt: skip
    state = story.on(date(2026, 3, 8))
    assert (state.suspense_held, state.received) == (0, 945_600)


def test_a_refund_of_more_than_was_left_over_makes_dues_owed_again() -> None:
    story = Story(terms()).pays(945_600, date(2026, 3, 5), "emi")
    story.add(
        Refunded, date(2026, 3, 20), "back", target_source="los", target_reference="emi",
        amount=100_000,
    )  # fmt: skip
    state = story.on(date(2026, 3, 20))
    assert (state.total_due, state.oldest_unpaid_due_on) == (100_000, date(2026, 3, 5))


# Notified rows and consent


def test_a_notified_instalment_is_never_exceeded_but_by_the_last() -> None:
    """What is learnt later may raise the rows an instruction makes: only the last one bears it."""
    story = Story(terms()).pays_on_time(2)
    story.pays(3_000_000, date(2026, 4, 10), "held")
    told = fold(
        story.terms,
        [*story.facts, instruction(date(2026, 4, 20))],
        on=date(2026, 4, 20),
    )
    assert told.schedule is not None
    hash_told, emi_told = rows_hash(told.schedule, 2), told.schedule.emi
    story.facts.append(instruction(date(2026, 4, 20), rows_hash=hash_told, most=emi_told))
    assert not story.on(date(2026, 4, 20)).needs_notice
    story.pays(100_000, date(2026, 4, 12), "found").undoes("found", date(2026, 4, 25))
    assert not story.on(date(2026, 4, 25)).needs_notice
    story.add(
        Refunded, date(2026, 4, 15), "back", target_source="los", target_reference="held",
        amount=500_000,
    )  # fmt: skip
    state = story.on(date(2026, 4, 25))
    assert state.needs_notice
    assert max(amounts(state)[2:-1]) <= emi_told
    assert amounts(state)[-1] > emi_told


def instruction(on: date, *, rows_hash: str = "", most: int | None = None) -> Instructed:
    return Instructed(
        fact_id=UUID(int=77),
        value_date=on,
        source="staff",
        reference="lower",
        change=Change.REDUCE_EMI,
        notified_amount=most,
        rows_hash=rows_hash,
    )


def test_an_instruction_that_later_facts_forbid_is_inert_and_told() -> None:
    story = Story(terms()).pays(2_000_000, date(2026, 2, 20), "held")
    story.facts.append(instruction(date(2026, 2, 25)))
    assert story.on(date(2026, 2, 25)).inert == []
    story.undoes("held", date(2026, 3, 1))
    state = story.on(date(2026, 3, 1))
    assert state.inert == [("staff", "lower")]
    assert amounts(state) == amounts(Story(terms()).on(date(2026, 3, 1)))


# Re-ageing and restructuring


def spread(story: Story, change: Change, on: date, **more: Any) -> State:
    chosen: dict[str, Any] = {
        "first_due_on": on + timedelta(days=30),
        "instalments": 12,
        "consented": True,
        **more,
    }
    return story.add(Instructed, on, "spread", change=change, **chosen).on(on)


def test_re_ageing_spreads_what_is_unpaid_and_charges_no_interest_on_its_interest() -> None:
    story = Story(terms())
    on = date(2026, 5, 5)
    before = story.on(on)
    assert before.outstanding_interest == 200_000 + 185_088 + 169_878
    state = spread(story, Change.RE_AGE, on)
    assert (state.total_due, state.oldest_unpaid_due_on) == (0, date(2026, 6, 4))
    assert state.outstanding_principal == 10_000_000
    assert sum(state.carried) == before.outstanding_interest
    assert state.schedule is not None
    level = build(
        terms(planned_on=on, first_due_on=date(2026, 6, 4), anchor_day=4), disbursed_on=on
    )
    own = [asked - part for asked, part in zip(state.interest, state.carried, strict=True)]
    assert own[3:] == list(level.interest)


def test_restructuring_may_capitalise_interest_and_change_the_rate() -> None:
    story = Story(terms())
    on = date(2026, 5, 5)
    unpaid = story.on(on).outstanding_interest
    state = spread(
        story, Change.RESTRUCTURE, on, rate_pct=Decimal(18), capitalises=True, instalments=24
    )
    assert state.outstanding_principal == 10_000_000 + unpaid
    assert state.terms.rate_pct == 18
    assert len(amounts(state)) == 3 + 24
    assert state.total_due == 0


def test_charges_are_never_spread_or_capitalised() -> None:
    penal = PenalPolicy(rate_per_day_pct=Decimal("0.1"))
    story = Story(terms(penal=penal))
    story.add(
        Levied, date(2026, 3, 5), "bounce", charge=ChargeKind.BOUNCE, amount=50_000,
        instalment_no=1,
    )  # fmt: skip
    on = date(2026, 4, 4)
    before = story.on(on)
    assert before.penal(0) == 28_368
    state = spread(story, Change.RESTRUCTURE, on, capitalises=True)
    assert state.total_due == before.outstanding_charges == 50_000 + 28_368
    assert timeline(state)[0].status is Status.MOVED


def test_without_consent_no_instalment_rises_and_the_last_absorbs_the_rest() -> None:
    story = Story(terms())
    on = date(2026, 4, 6)
    state = spread(
        story, Change.RE_AGE, on, consented=False, instalments=10, first_due_on=date(2026, 5, 5)
    )
    assert amounts(state)[2:-1] == [945_600] * 9
    assert amounts(state)[-1] > 945_600


def test_paying_a_restructured_loan_pays_it_all() -> None:
    story = Story(terms())
    state = spread(story, Change.RE_AGE, date(2026, 5, 12))
    schedule = state.schedule
    assert schedule is not None
    for row in list(schedule)[3:]:
        story.pays(row.amount, row.due_on, f"new-{row.no}")
    closed = story.on(schedule.due_on[-1])
    assert closed.closed_on == schedule.due_on[-1]
    assert (closed.suspense_held, closed.waived) == (0, 0)


def test_the_quote_of_a_re_aged_loan_asks_for_the_interest_it_carries() -> None:
    story = Story(terms())
    on = date(2026, 5, 5)
    unpaid = story.on(on).outstanding_interest
    spread(story, Change.RE_AGE, on)
    asked = quote(story.on(on))
    assert (asked.principal, asked.due_interest, asked.accrued_interest) == (10_000_000, unpaid, 0)
    later = date(2026, 5, 6)
    story.pays(quote(story.on(later)).amount, later, "exit", intent=Intent.FORECLOSURE)
    assert story.on(later).closed_on == later


@pytest.mark.parametrize(
    "wrong",
    [
        {"change": Change.REDUCE_EMI, "instalments": 3},
        {"change": Change.RE_AGE},
        {"change": Change.RE_AGE, "instalments": 0, "first_due_on": date(2026, 6, 5)},
        {"change": Change.RE_AGE, "instalments": 3, "first_due_on": date(2026, 5, 5)},
        {"change": Change.RE_AGE, "instalments": 3, "first_due_on": date(2026, 6, 5),
         "capitalises": True},
        {"change": Change.REDUCE_TENURE, "rate_pct": Decimal(3)},
    ],
)  # fmt: skip
def test_an_instruction_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        Instructed(
            fact_id=UUID(int=1), value_date=date(2026, 5, 5), source="s", reference="r", **wrong
        )


# Waivers, changed terms, paying ahead


def test_a_waiver_gives_up_no_more_than_is_due_of_its_component() -> None:
    story = Story(terms(tax=Tax(bounce_pct=Decimal(18))))
    story.add(Levied, date(2026, 3, 5), "bounce", charge=ChargeKind.BOUNCE, amount=50_000)
    story.add(Waived, date(2026, 3, 6), "kind", component=Component.BOUNCE, amount=1_000_000)
    state = story.on(date(2026, 3, 6))
    assert (state.waived, state.unpaid_levied) == (59_000, 0)
    assert state.total_due == 945_600


def test_a_penal_policy_governs_instalments_that_fall_due_from_its_day() -> None:
    penal = PenalPolicy(rate_per_day_pct=Decimal("0.1"))
    story = Story(terms(penal=penal))
    story.add(TermsChanged, date(2026, 4, 1), "milder", penal=PenalPolicy())
    state = story.on(date(2026, 4, 15))
    assert state.penal(0) == 38_770
    assert state.penal(1) == 0


def test_a_holiday_added_moves_only_instalments_to_come_and_only_later() -> None:
    days = (date(2026, 3, 5), date(2026, 4, 5), date(2026, 5, 5), date(2026, 5, 6))
    story = Story(terms())
    story.add(TermsChanged, date(2026, 3, 20), "calendar", non_repayment_dates=days)
    state = story.on(date(2026, 3, 20))
    assert state.schedule is not None
    assert state.schedule.adjusted_due_on[:3] == (
        date(2026, 3, 5),
        date(2026, 4, 6),
        date(2026, 5, 7),
    )
    assert amounts(state) == amounts(Story(terms()).on(date(2026, 3, 20)))


AHEAD = AllocationPolicy(
    waterfall=Waterfall(
        (
            (Slot.PAST_DUE_INTEREST, Slot.PAST_DUE_PRINCIPAL),
            (Slot.DUE_INTEREST, Slot.DUE_PRINCIPAL),
            *(((Slot(f"{when}_{part}"),)) for when in (When.PAST_DUE, When.DUE)
              for part in ("FEE", "PENAL")),
            (Slot.IN_ADVANCE_INTEREST, Slot.IN_ADVANCE_PRINCIPAL),
        )
    )
)  # fmt: skip


def test_a_waterfall_with_slots_in_advance_pays_the_next_instalment_at_once() -> None:
    story = Story(terms(allocation=AHEAD)).pays(1_000_000, date(2026, 2, 20), "early")
    state = story.on(date(2026, 2, 20))
    assert (state.advance_held, state.cleared_on[0]) == (0, date(2026, 2, 20))
    assert state.paid_interest[:2] == [200_000, 54_400]
    assert state.oldest_unpaid_due_on == date(2026, 4, 5)


def test_leaving_early_gives_back_interest_paid_ahead() -> None:
    story = Story(terms(allocation=AHEAD)).pays(1_000_000, date(2026, 2, 20), "early")
    asked = quote(story.on(date(2026, 2, 20)))
    assert asked.advance == 254_400
    assert asked.principal == 10_000_000 - 745_600
    state = story.pays(asked.amount, date(2026, 2, 20), "exit", intent=Intent.FORECLOSURE).on(
        date(2026, 2, 20)
    )
    assert state.closed_on == date(2026, 2, 20)
    assert (state.suspense_held, state.waived) == (0, 0)
