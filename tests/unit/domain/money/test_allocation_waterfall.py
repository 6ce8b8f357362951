"""Waterfalls as data: what they say, and sharing money against an independent reckoning."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from los_core.domain.allocation import Due, allocate, in_order
from los_core.domain.documents import from_document, to_document
from los_core.domain.errors import InvalidTerms
from los_core.domain.policies import (
    AllocationMode,
    AllocationPolicy,
    AssetClass,
    ChargeKind,
    ChargesPosition,
    Component,
)
from los_core.domain.waterfall import Slot, Waterfall, When
from los_core.testing import money, money_stories

DEEP = settings.get_profile(settings.get_current_profile_name()).max_examples >= 2000
STORIES = settings(max_examples=10_000 if DEEP else 100)

PRINCIPAL_FIRST = Waterfall(
    tuple(
        (Slot(f"{when}_{part}"),)
        for part in ("PRINCIPAL", "INTEREST", "FEE", "PENAL")
        for when in (When.PAST_DUE, When.DUE)
    )
)


class ByHand:
    """Shares money by walking the steps of a waterfall, slot by slot, in fractions."""

    def __init__(self, dues: Sequence[Due]) -> None:
        self.dues = dues
        self.left = [Fraction(due.amount) for due in dues]

    def pay(self, money: Fraction, waterfall: Waterfall) -> Fraction:
        for step in waterfall.steps:
            for no in self.numbers(step):
                for slot in step:
                    for index in self.filling(slot, no):
                        part = min(money, self.left[index])
                        self.left[index] -= part
                        money -= part
        for no in range(7):
            for index, due in enumerate(self.dues):
                if self.named(due, waterfall) or (due.no or 0) != no:
                    continue
                part = min(money, self.left[index])
                self.left[index] -= part
                money -= part
        return money

    def numbers(self, step: Sequence[Slot]) -> list[int | None]:
        families = {"FEE" if slot.part in {"BOUNCE", "OTHER"} else slot.part for slot in step}
        return [None] if families == {"FEE"} else [*range(7)]

    def filling(self, slot: Slot, no: int | None) -> list[int]:
        kinds = ["BOUNCE", "OTHER"] if slot.part == "FEE" else [slot.part]
        found = []
        for kind in kinds:
            for index, due in enumerate(self.dues):
                number = due.no or due.of or 0
                if due.component == kind and due.when is slot.when and no in {None, number}:
                    found.append(index)
        return found

    @staticmethod
    def named(due: Due, waterfall: Waterfall) -> bool:
        part = "FEE" if due.charge else due.component.value
        return any(
            slot.when is due.when and slot.part in {part, due.component.value}
            for step in waterfall.steps
            for slot in step
        )


@STORIES
@given(money_stories.dues(), money_stories.policies(), st.data())
def test_sharing_equals_a_reckoning_slot_by_slot(
    dues: list[Due], policy: AllocationPolicy, data: st.DataObject
) -> None:
    asset_class = data.draw(st.sampled_from(AssetClass))
    waterfall = policy.waterfall_for(asset_class)
    by_hand = ByHand(dues)
    left = list(dues)
    for money_in in data.draw(st.lists(st.integers(1, 2500), min_size=1, max_size=5)):
        paid, over = allocate(money_in, left, policy, asset_class)
        assert over == by_hand.pay(Fraction(money_in), waterfall)
        assert sum(due.amount for due in paid) + over == money_in
        for part in paid:
            index = next(i for i, due in enumerate(left) if same(due, part))
            left[index] = left[index]._replace(amount=left[index].amount - part.amount)
        assert [due.amount for due in left] == by_hand.left


def same(one: Due, other: Due) -> bool:
    return one._replace(amount=0) == other._replace(amount=0)


@given(money_stories.dues(), money.allocation_policies())
def test_mode_and_orders_say_the_same_as_steps(dues: list[Due], policy: AllocationPolicy) -> None:
    spelled = AllocationPolicy(waterfall=policy.waterfall_for(AssetClass.STANDARD))
    assert in_order(dues, spelled) == in_order(dues, policy)
    listed = [due for due in dues if due.amount]
    charges = [due for due in listed if due.component not in policy.components]
    charges.sort(
        key=lambda due: (policy.charge_order.index(ChargeKind(due.component)), due.no or 0)
    )
    scheduled = [due for due in listed if due.component in policy.components]
    rank = policy.components.index
    if policy.mode is AllocationMode.VERTICAL:
        scheduled.sort(key=lambda due: (due.no or 0, rank(due.component)))
    else:
        scheduled.sort(key=lambda due: (rank(due.component), due.no or 0))
    first = policy.charges is ChargesPosition.FIRST
    assert in_order(dues, policy) == (charges + scheduled if first else scheduled + charges)


def test_an_npa_is_paid_principal_first_where_the_policy_says_so() -> None:
    policy = AllocationPolicy(by_class=((AssetClass.SUB_STANDARD, PRINCIPAL_FIRST),))
    dues = [
        Due(Component.INTEREST, 100, no=1, when=When.PAST_DUE),
        Due(Component.PRINCIPAL, 900, no=1, when=When.PAST_DUE),
    ]
    (standard, *_), _ = allocate(50, dues, policy)
    (npa, *_), _ = allocate(50, dues, policy, AssetClass.SUB_STANDARD)
    assert (standard.component, npa.component) == (Component.INTEREST, Component.PRINCIPAL)


def test_in_a_step_of_everything_a_bounce_is_paid_with_its_instalment() -> None:
    parts = ("BOUNCE", "OTHER", "PENAL", "INTEREST", "PRINCIPAL")
    whens = (When.PAST_DUE, When.DUE)
    together = Waterfall((tuple(Slot(f"{when}_{part}") for when in whens for part in parts),))
    dues = [
        Due(Component.INTEREST, 10, no=1, when=When.PAST_DUE),
        Due(Component.INTEREST, 10, no=2, when=When.PAST_DUE),
        Due(Component.BOUNCE, 5, charge=("nach", "2"), of=2, when=When.PAST_DUE),
    ]
    order = in_order(dues, AllocationPolicy(waterfall=together))
    assert [(due.component, due.no or due.of) for due in order] == [
        (Component.INTEREST, 1),
        (Component.BOUNCE, 2),
        (Component.INTEREST, 2),
    ]


def test_only_slots_in_advance_pay_ahead() -> None:
    assert not PRINCIPAL_FIRST.pays_ahead
    ahead = Waterfall((*PRINCIPAL_FIRST.steps, (Slot.IN_ADVANCE_PRINCIPAL,)))
    assert ahead.pays_ahead


@pytest.mark.parametrize(
    "steps",
    [
        (),
        ((Slot.DUE_INTEREST, Slot.DUE_INTEREST),),
        PRINCIPAL_FIRST.steps[1:],
        (*PRINCIPAL_FIRST.steps, ()),
        (*PRINCIPAL_FIRST.steps, (Slot.DUE_BOUNCE,)),
        (*PRINCIPAL_FIRST.steps, (Slot.IN_ADVANCE_BOUNCE,), (Slot.IN_ADVANCE_FEE,)),
    ],
)
def test_a_waterfall_with_a_hole_or_a_slot_twice_is_refused(
    steps: tuple[tuple[Slot, ...], ...],
) -> None:
    with pytest.raises(InvalidTerms):
        Waterfall(steps)


@given(money_stories.policies())
def test_policies_with_waterfalls_survive_their_documents(policy: AllocationPolicy) -> None:
    assert from_document(AllocationPolicy, to_document(policy)) == policy
