"""Loans that end with less than was owed, through the services: agreed, kept, missed, signed."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from tests.unit.journeys_in_memory.conftest import Lender

from los_core.domain.access import Role
from los_core.domain.errors import Conflict, Forbidden, GuardFailed
from los_core.domain.ids import ApprovalId
from los_core.domain.lifecycle import Status
from los_core.domain.settlement import Payment
from los_core.domain.state import State
from los_core.domain.writeoff import Kind

WHY = ["HARDSHIP"]


def test_a_settlement_paid_in_two_parts_ends_the_loan_and_waives_the_rest(lender: Lender) -> None:
    caller, loan, today = _overdue(lender, days=70)
    offer = _owed(lender, loan) * 95 // 100
    first, second = offer // 2, offer - offer // 2
    _settle(
        lender, loan, [(today + timedelta(days=5), first), (today + timedelta(days=35), second)]
    )
    assert lender.loan(loan.id).status is Status.SETTLEMENT_IN_PROGRESS
    assert lender.order(caller, loan).amount == offer

    lender.go_to(today + timedelta(days=5))
    lender.pay(caller, loan, first)
    lender.go_to(today + timedelta(days=35))
    assert lender.loan(loan.id).status is Status.SETTLEMENT_IN_PROGRESS
    lender.pay(caller, loan, second)

    loan = lender.loan(loan.id)
    assert (loan.status, loan.closed_on) == (Status.SETTLED, today + timedelta(days=35))
    with pytest.raises(GuardFailed) as refusal:
        lender.apply(caller)
    assert refusal.value.code == "G-COOL"
    state = _state(lender, loan)
    assert state.total_owed == 0
    assert state.waived > 0
    assert "SETTLED" in {message.template for message in lender.memory.message.sent}
    with pytest.raises(Conflict, match="no-dues certificate"):
        lender.services.closure.certificate(caller, loan.id)
    lender.no_paisa_differs()


def test_a_missed_part_voids_the_settlement_and_what_was_paid_counts(lender: Lender) -> None:
    caller, loan, today = _overdue(lender, days=70)
    owed = _owed(lender, loan)
    part = owed // 4
    missed = today + timedelta(days=20)
    _settle(lender, loan, [(today + timedelta(days=1), part), (missed, part)])
    lender.go_to(today + timedelta(days=1))
    lender.pay(caller, loan, part)
    lender.go_to(missed)
    assert lender.loan(loan.id).status is Status.SETTLEMENT_IN_PROGRESS
    lender.go_to(missed + timedelta(days=1))

    loan, state = lender.loan(loan.id), _state(lender, loan)
    assert loan.status is Status.DISBURSED
    assert (state.waived, state.settlement, loan.reapply_after) == (0, None, None)
    assert state.total_due > owed - part
    assert "SETTLEMENT_VOID" in {message.template for message in lender.memory.message.sent}
    lender.no_paisa_differs()


def test_money_of_the_same_morning_is_no_payment_of_the_settlement(lender: Lender) -> None:
    caller, loan, today = _overdue(lender, days=70)
    lender.pay(caller, loan, 1_000_00)
    offer = _owed(lender, loan) * 95 // 100
    _settle(lender, loan, [(today + timedelta(days=9), offer)])
    assert lender.order(caller, loan).amount == offer
    lender.pay(caller, loan, offer - 1_00)
    assert lender.loan(loan.id).status is Status.SETTLEMENT_IN_PROGRESS
    lender.pay(caller, loan, 1_00)
    assert lender.loan(loan.id).status is Status.SETTLED
    lender.no_paisa_differs()


def test_who_pays_everything_under_a_settlement_completes_the_loan(lender: Lender) -> None:
    caller, loan, today = _overdue(lender, days=70)
    owed = _owed(lender, loan)
    _settle(lender, loan, [(today + timedelta(days=9), owed * 9 // 10)])
    lender.pay(caller, loan, owed)
    assert lender.loan(loan.id).status is Status.COMPLETED
    assert lender.services.closure.certificate(caller, loan.id).version_no == 1
    lender.no_paisa_differs()


def test_a_settlement_keeps_to_the_rules_whoever_asks(lender: Lender) -> None:
    caller, loan, today = _overdue(lender, days=30)
    soon = today + timedelta(days=3)
    with pytest.raises(GuardFailed) as refusal:
        _propose(lender, loan, [(soon, 100_00)])
    assert refusal.value.details["faults"] == ["NOT_OVERDUE_ENOUGH"]
    assert lender.order(caller, loan).amount == _state(lender, loan).total_due

    lender.go_to(today + timedelta(days=45))
    soon = today + timedelta(days=50)
    asked = _propose(lender, loan, [(soon, 100_00)])
    with pytest.raises(Conflict, match="awaits"):
        _propose(lender, loan, [(soon, 100_00)])
    approvals = lender.services.approvals
    with pytest.raises(GuardFailed) as refusal:
        approvals.approve(lender.staff["admin"], asked)
    assert refusal.value.details["faults"] == ["WAIVER_ABOVE_AUTHORITY"]
    with pytest.raises(Forbidden):
        approvals.approve(lender.staff["manager"], asked)
    approvals.reject(lender.staff["admin"], asked, remark="too little")
    assert lender.loan(loan.id).status is Status.DISBURSED
    _settle(lender, loan, [(soon, _owed(lender, loan) * 95 // 100)])


def test_a_write_off_takes_two_signatures_and_recoveries_reduce_the_claim(lender: Lender) -> None:
    caller, loan, _ = _overdue(lender, days=200)
    asked = _write_off(lender, loan)
    approvals, admin, accounts = (
        lender.services.approvals,
        lender.staff["admin"],
        lender.staff["checker"],
    )
    approvals.approve(admin, asked)
    assert lender.loan(loan.id).status is Status.DISBURSED
    [countersign] = approvals.pending(admin)
    with pytest.raises(Forbidden):
        approvals.approve(admin, countersign.id)
    approvals.approve(accounts, countersign.id)

    state = _state(lender, loan)
    claim = state.claim_left.total
    assert (lender.loan(loan.id).status, claim > 0) == (Status.WRITTEN_OFF, True)
    lender.pay(caller, loan, 2_000_00)
    loan = lender.loan(loan.id)
    assert loan.status is Status.WRITTEN_OFF
    assert _state(lender, loan).claim_left.total == claim - 2_000_00
    with lender.services.begin(lender.brand_id) as uow:
        assert uow.loans.history(loan.id)[-1].row == "T36"
    lender.no_paisa_differs()


def test_two_administrators_are_not_an_administrator_and_accounts(lender: Lender) -> None:
    _, loan, _ = _overdue(lender, days=200)
    asked = _write_off(lender, loan)
    lender.services.approvals.approve(lender.staff["admin"], asked)
    [countersign] = lender.services.approvals.pending(lender.staff["admin"])
    with pytest.raises(GuardFailed) as refusal:
        lender.services.approvals.approve(lender.hire("second", Role.ADMIN), countersign.id)
    assert refusal.value.details["missing"] == [["ACCOUNTS"]]


def test_a_loan_written_off_may_be_settled_later(lender: Lender) -> None:
    caller, loan, today = _overdue(lender, days=200)
    approvals = lender.services.approvals
    approvals.approve(lender.staff["admin"], _write_off(lender, loan))
    [countersign] = approvals.pending(lender.staff["admin"])
    approvals.approve(lender.staff["checker"], countersign.id)
    offer = _state(lender, loan).claim_left.total * 95 // 100
    _settle(lender, loan, [(today + timedelta(days=10), offer)])
    assert lender.loan(loan.id).status is Status.WRITTEN_OFF
    lender.pay(caller, loan, offer)
    assert lender.loan(loan.id).status is Status.SETTLED
    lender.no_paisa_differs()


def _overdue(lender: Lender, *, days: int) -> tuple[Any, Any, date]:
    """A loan of which nothing was paid, so many days after its first due date."""
    caller, loan = lender.lend()
    first, *_ = lender.due_dates(caller, loan)
    today = first + timedelta(days=days)
    lender.go_to(today)
    return caller, loan, today


def _state(lender: Lender, loan: Any) -> State:
    today = lender.memory.clock.business_date()
    running = lender.loan(loan.id)
    with lender.services.begin(lender.brand_id) as uow:
        return lender.services.repayments.books.state(uow, running, on=today)


def _owed(lender: Lender, loan: Any) -> int:
    caller = lender.staff["collector"]
    return lender.services.repayments.quote(caller, loan.id).amount


def _propose(lender: Lender, loan: Any, payments: Sequence[tuple[date, int]]) -> ApprovalId:
    asked = lender.services.settlements.propose(
        lender.staff["collector"],
        loan.id,
        version=lender.loan(loan.id).version,
        payments=[Payment(on=on, amount=amount) for on, amount in payments],
        reasons=WHY,
    )
    return asked.id


def _settle(lender: Lender, loan: Any, payments: Sequence[tuple[date, int]]) -> None:
    approval_id = _propose(lender, loan, payments)
    lender.services.approvals.approve(lender.staff["director"], approval_id)


def _write_off(lender: Lender, loan: Any) -> ApprovalId:
    asked = lender.services.settlements.write_off(
        lender.staff["collector"],
        loan.id,
        version=lender.loan(loan.id).version,
        kind=Kind.TECHNICAL,
        reasons=WHY,
    )
    return asked.id
