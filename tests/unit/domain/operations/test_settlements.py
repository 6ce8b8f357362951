"""Settlements, write-offs, who signs them, and provisions."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain import settlement, writeoff
from los_core.domain.access import Role
from los_core.domain.authority import (
    CHAINS,
    Item,
    Level,
    Signature,
    chain_for,
    level_above,
    level_of,
    missing_signatures,
)
from los_core.domain.errors import Conflict, Invalid, InvalidMoney
from los_core.domain.ids import StaffId
from los_core.domain.policies import AssetClass, Component
from los_core.domain.provisioning import Exposure, Layer, provision, report
from los_core.domain.settlement import (
    Decider,
    Dues,
    Limits,
    Payment,
    Proposal,
    Standing,
    level_needed,
    standing,
    waived,
)

ANIL, BINA, CHITRA = (StaffId(UUID(int=n)) for n in (1, 2, 3))
DUES = Dues(principal=2_000_000, interest=290_000, penal=150_000, bounce=50_000)
AGREED = date(2026, 5, 10)
PROPOSAL = Proposal(
    dues=DUES, payments=(Payment(on=date(2026, 6, 30), amount=1_900_000),), agreed_on=AGREED
)


def paying(amount: int, dues: Dues = DUES) -> Proposal:
    return Proposal(dues=dues, payments=(Payment(on=AGREED, amount=amount),), agreed_on=AGREED)


def decider(*roles: Role, staff_id: StaffId = ANIL, for_committee: bool = False) -> Decider:
    return Decider(staff_id=staff_id, roles=frozenset(roles), for_committee=for_committee)


def test_set_01_settlement_waiver_split() -> None:
    assert PROPOSAL.dues.total == 2_490_000
    assert PROPOSAL.waiver.total == 590_000
    assert PROPOSAL.waiver_pct == Decimal("23.69")
    assert PROPOSAL.waiver == Dues(
        principal=100_000, interest=290_000, penal=150_000, bounce=50_000, other=0
    )
    assert not PROPOSAL.is_restructuring
    assert PROPOSAL.reloan_blocked_until == date(2027, 6, 30)


def test_a_last_payment_after_three_months_is_a_restructuring() -> None:
    in_time = (Payment(on=date(2026, 8, 10), amount=1_900_000),)
    late = (Payment(on=date(2026, 8, 11), amount=1_900_000),)
    assert not attrs.evolve(PROPOSAL, payments=in_time).is_restructuring
    assert attrs.evolve(PROPOSAL, payments=late).is_restructuring


def test_months_are_counted_to_the_end_of_a_short_month() -> None:
    agreed = date(2026, 11, 30)
    on_time = Payment(on=date(2027, 2, 28), amount=1_900_000)
    proposal = Proposal(dues=DUES, payments=(on_time,), agreed_on=agreed)
    assert not proposal.is_restructuring


def test_a_brand_may_give_up_components_in_another_order() -> None:
    order = (
        Component.INTEREST,
        Component.PENAL,
        Component.BOUNCE,
        Component.OTHER,
        Component.PRINCIPAL,
    )
    assert waived(DUES, 2_390_000, order=order) == Dues(interest=100_000)
    with pytest.raises(Invalid, match="once"):
        waived(DUES, 2_390_000, order=order[:4])


def test_a_settlement_is_for_more_than_nothing_and_not_more_than_the_dues() -> None:
    assert paying(DUES.total).waiver.total == 0
    for amount in (0, -1, DUES.total + 1):
        with pytest.raises(InvalidMoney):
            paying(amount)


@pytest.mark.parametrize("days", [(), (date(2026, 5, 9),), (date(2026, 6, 2), date(2026, 6, 1))])
def test_payments_are_dated_in_order_from_the_agreement(days: tuple[date, ...]) -> None:
    payments = tuple(Payment(on=day, amount=100_000) for day in days)
    with pytest.raises(Invalid):
        Proposal(dues=DUES, payments=payments, agreed_on=AGREED)


amounts = st.integers(0, 10**9)
dues_any = st.builds(
    Dues, principal=amounts, interest=amounts, penal=amounts, bounce=amounts, other=amounts
)


@given(dues_any, st.integers(1, 10**10), st.permutations(settlement.WAIVER_ORDER))
def test_what_is_waived_and_what_is_paid_are_the_dues(
    dues: Dues, amount: int, order: list[Component]
) -> None:
    paid = min(amount, dues.total)
    if not paid:
        return
    given_up = waived(dues, paid, order=order)
    assert given_up.total + paid == dues.total
    for component, part in given_up.parts.items():
        assert 0 <= part <= dues.parts[component]
    last = [c for c in order if given_up.parts[c]][-1:]
    for component in order[: order.index(last[0])] if last else []:
        assert given_up.parts[component] == dues.parts[component]


@pytest.mark.parametrize(
    ("paid", "level"),
    [
        (2_490_000, Level.ADMIN),
        (2_241_000, Level.ADMIN),
        (2_240_999, Level.SUPER_ADMIN),
        (1_999_999, Level.ADMIN),
        (1_900_000, Level.ADMIN),
        (1_600_000, Level.ADMIN),
        (1_599_999, Level.SUPER_ADMIN),
    ],
)
def test_an_administrator_waives_a_tenth_of_dues_or_a_fifth_of_principal(
    paid: int, level: Level
) -> None:
    assert level_needed(paying(paid)) is level


def faults_of(proposal: Proposal, approver: Decider, **changes: Any) -> tuple[object, ...]:
    fields: dict[str, Any] = {
        "dpd": 75,
        "sanctioned_by": BINA,
        "sanctioner_roles": frozenset({Role.CREDIT_MANAGER}),
    }
    return settlement.faults(proposal, approver, **{**fields, **changes})


def test_an_administrator_approves_a_small_settlement() -> None:
    assert faults_of(PROPOSAL, decider(Role.ADMIN)) == ()
    assert faults_of(PROPOSAL, decider(Role.ADMIN), dpd=60) == ()


def test_everything_against_a_settlement_is_told() -> None:
    four = tuple(Payment(on=AGREED + timedelta(days=day), amount=100_000) for day in range(4))
    found = faults_of(
        attrs.evolve(PROPOSAL, payments=four),
        decider(Role.CREDIT_MANAGER, staff_id=BINA),
        dpd=59,
    )
    assert found == tuple(settlement.Fault)


def test_the_approver_stands_above_the_sanctioner() -> None:
    by_admin = {"sanctioner_roles": frozenset({Role.ADMIN})}
    fault = settlement.Fault.APPROVER_NOT_ABOVE_SANCTIONER
    assert faults_of(PROPOSAL, decider(Role.ADMIN), **by_admin) == (fault,)
    assert faults_of(PROPOSAL, decider(Role.SUPER_ADMIN), **by_admin) == ()
    by_machine = {"sanctioned_by": None, "sanctioner_roles": None}
    assert faults_of(PROPOSAL, decider(Role.ADMIN), **by_machine) == ()


def test_what_a_super_admin_sanctioned_is_settled_by_a_committee() -> None:
    top = {"sanctioner_roles": frozenset({Role.SUPER_ADMIN})}
    alone = decider(Role.SUPER_ADMIN)
    assert faults_of(PROPOSAL, alone, **top) == (settlement.Fault.APPROVER_NOT_ABOVE_SANCTIONER,)
    assert faults_of(PROPOSAL, decider(Role.SUPER_ADMIN, for_committee=True), **top) == ()
    assert decider(Role.ADMIN, for_committee=True).level is Level.ADMIN


def test_a_brand_may_set_other_limits() -> None:
    strict = Limits(min_dpd=90, max_payments=1, admin_principal_pct=Decimal(1))
    found = faults_of(PROPOSAL, decider(Role.ADMIN), limits=strict)
    assert found == (
        settlement.Fault.NOT_OVERDUE_ENOUGH,
        settlement.Fault.WAIVER_ABOVE_AUTHORITY,
    )


TWO = Proposal(
    dues=DUES,
    payments=(
        Payment(on=date(2026, 5, 31), amount=1_000_000),
        Payment(on=date(2026, 6, 30), amount=900_000),
    ),
    agreed_on=AGREED,
)


@pytest.mark.parametrize(
    ("receipts", "on", "expected"),
    [
        ([], date(2026, 5, 30), Standing.RUNNING),
        ([], date(2026, 5, 31), Standing.MISSED),
        ([(date(2026, 5, 31), 1_000_000)], date(2026, 5, 31), Standing.RUNNING),
        ([(date(2026, 6, 1), 1_900_000)], date(2026, 6, 1), Standing.MISSED),
        ([(date(2026, 5, 20), 1_900_000)], date(2026, 5, 20), Standing.PAID),
        (
            [(date(2026, 5, 31), 1_000_000), (date(2026, 6, 30), 899_999)],
            date(2026, 6, 30),
            Standing.MISSED,
        ),
        (
            [(date(2026, 6, 30), 400_000), (date(2026, 5, 31), 1_500_000)],
            date(2026, 7, 9),
            Standing.PAID,
        ),
    ],
)
def test_a_settlement_is_kept_payment_by_payment(
    receipts: list[tuple[date, int]], on: date, expected: Standing
) -> None:
    assert standing(TWO, receipts, on) is expected


def signature(staff_id: StaffId, *roles: Role) -> Signature:
    return Signature(staff_id=staff_id, roles=frozenset(roles))


def test_a_write_off_takes_an_administrator_and_accounts() -> None:
    admin, accounts = signature(BINA, Role.ADMIN), signature(CHITRA, Role.ACCOUNTS)
    assert writeoff.faults(DUES, dpd=180, maker=ANIL, signed=(admin, accounts)) == ()
    assert writeoff.faults(Dues(), dpd=179, maker=ANIL, signed=(admin,)) == tuple(writeoff.Fault)


def test_one_person_signs_once_and_the_maker_never() -> None:
    chain = CHAINS[Item.WRITE_OFF]
    both = signature(BINA, Role.ADMIN, Role.ACCOUNTS)
    admin = signature(CHITRA, Role.ADMIN)
    assert len(missing_signatures(chain, maker=ANIL, signed=[both, both])) == 1
    assert missing_signatures(chain, maker=ANIL, signed=[both, admin]) == ()
    assert missing_signatures(chain, maker=ANIL, signed=[admin, both]) == ()
    assert len(missing_signatures(chain, maker=BINA, signed=[both, admin])) == 1


def test_a_manager_waives_small_charges() -> None:
    manager = Role.COLLECTION_MANAGER
    assert manager in chain_for(Item.CHARGE_WAIVER, 200_000).checkers[0]
    assert manager not in chain_for(Item.CHARGE_WAIVER, 200_001).checkers[0]
    assert chain_for(Item.DISBURSAL) == CHAINS[Item.DISBURSAL]
    assert set(CHAINS) == set(Item)


def test_levels_of_authority() -> None:
    assert level_of({Role.AUDITOR}) is Level.NONE
    assert level_of({Role.SUPPORT, Role.ADMIN}) is Level.ADMIN
    assert level_above(None) is Level.MANAGER
    assert level_above({Role.CREDIT_MANAGER}) is Level.ADMIN
    assert level_above({Role.SUPER_ADMIN}) is Level.COMMITTEE


def test_a_write_off_uses_the_provision_first() -> None:
    assert writeoff.booking(DUES, provision_held=1_500_000) == writeoff.Booking(
        from_provision=1_500_000, expense=500_000, memo_interest=290_000, memo_charges=200_000
    )
    assert writeoff.booking(DUES, provision_held=9_000_000).expense == 0
    with pytest.raises(InvalidMoney):
        writeoff.booking(DUES, provision_held=-1)


def test_a_recovery_pays_principal_first_and_the_co_lender_by_share() -> None:
    claim = writeoff.claim_of(DUES, writeoff.Kind.TECHNICAL)
    left, used = writeoff.recover(
        claim, 2_100_000, date(2026, 12, 1), partner_share_pct=Decimal(80)
    )
    assert (used.principal, used.interest, used.charges) == (2_000_000, 100_000, 0)
    assert (used.partner, used.income, used.excess) == (1_680_000, 2_100_000, 0)
    assert (left.total, left.recovered) == (390_000, 2_100_000)


def test_a_claim_that_was_given_up_takes_no_money() -> None:
    claim = writeoff.claim_of(DUES, writeoff.Kind.WAIVER)
    with pytest.raises(Conflict) as refused:
        writeoff.recover(claim, 1, date(2026, 12, 1))
    assert refused.value.code == "NO_CLAIM"


@given(dues_any, st.lists(st.integers(1, 10**9), max_size=8))
def test_recoveries_add_up_to_the_claim(dues: Dues, money: list[int]) -> None:
    claim = writeoff.claim_of(dues, writeoff.Kind.TECHNICAL)
    for amount in money:
        if claim.total == 0:
            break
        claim, used = writeoff.recover(claim, amount, date(2026, 12, 1))
        assert used.income + used.excess == amount
        assert claim.total + claim.recovered == dues.total
        assert used.interest == 0 or claim.principal == 0
        assert used.charges == 0 or claim.interest == 0


@pytest.mark.parametrize(
    ("principal", "npa_since", "asset", "expected"),
    [
        (7_748_347, None, AssetClass.STANDARD, 19_371),
        (2_000_000, date(2025, 9, 15), AssetClass.SUB_STANDARD, 200_000),
        (1_825_055, date(2025, 3, 30), AssetClass.DOUBTFUL, 1_825_055),
    ],
)
def test_prv_01_provisioning_unsecured(
    principal: int, npa_since: date | None, asset: AssetClass, expected: int
) -> None:
    on = date(2026, 3, 31)
    assert Exposure(principal=principal, npa_since=npa_since).asset_class(on) is asset
    assert provision(principal, asset, Layer.BASE) == expected


def test_upper_layers_provide_more_for_standard_loans() -> None:
    assert provision(1_000_000, AssetClass.STANDARD, Layer.MIDDLE) == 4_000
    assert provision(1_000_000, AssetClass.STANDARD, Layer.UPPER) == 4_000
    assert provision(1_000_000, AssetClass.LOSS) == 1_000_000


def test_a_lender_may_provide_more_than_the_norm_and_not_less() -> None:
    own = {AssetClass.SUB_STANDARD: Decimal(25)}
    assert provision(1_000_000, AssetClass.SUB_STANDARD, rates_pct=own) == 250_000
    with pytest.raises(Invalid):
        provision(1, AssetClass.SUB_STANDARD, rates_pct={AssetClass.SUB_STANDARD: Decimal(9)})


def test_a_provision_report_adds_up() -> None:
    on = date(2026, 3, 31)
    book = [
        Exposure(principal=7_748_347, npa_since=None),
        Exposure(principal=2_000_000, npa_since=date(2025, 9, 15)),
        Exposure(principal=100, npa_since=date(2025, 9, 15), loss=True),
    ]
    lines = report(book, on)
    assert [(line.asset, line.count, line.provision) for line in lines] == [
        (AssetClass.STANDARD, 1, 19_371),
        (AssetClass.SUB_STANDARD, 1, 200_000),
        (AssetClass.DOUBTFUL, 0, 0),
        (AssetClass.LOSS, 1, 100),
    ]
