"""Forgetting a customer in memory: what the law keeps waits, and two people decide."""

from datetime import timedelta

import pytest
from tests.unit.journeys_in_memory.conftest import Lender

from los_core.domain.access import Role
from los_core.domain.approval import LIFETIME, Approval
from los_core.domain.errors import Erased, MustBeKept
from los_core.domain.ids import CustomerId
from los_core.domain.lifecycle import Status
from los_core.domain.servicing import PaymentPurpose

EIGHT_YEARS = timedelta(days=8 * 366)


def _ask(lender: Lender, customer_id: CustomerId) -> Approval:
    support = lender.staff.get("support") or lender.hire("support", Role.SUPPORT)
    lender.staff["support"] = support
    return lender.services.erasures.ask(support, customer_id, remark="by letter")


def _reasons(lender: Lender, customer_id: CustomerId) -> list[str]:
    with pytest.raises(MustBeKept) as refused:
        _ask(lender, customer_id)
    told = refused.value.details["obstacles"]
    assert isinstance(told, list)
    return [each["reason"] for each in told]


def test_a_customer_is_forgotten_with_files_and_comes_back(lender: Lender) -> None:
    caller, loan = lender.lend()
    lender.pay(caller, loan, purpose=PaymentPurpose.FORECLOSURE)
    assert _reasons(lender, caller.customer_id) == ["RETENTION"]
    lender.memory.clock.advance(EIGHT_YEARS)
    assert lender.memory.storage.files
    approval = _ask(lender, caller.customer_id)
    lender.services.approvals.approve(lender.staff["admin"], approval.id)
    lender.memory.run_jobs()
    assert lender.memory.storage.files == {}
    with pytest.raises(Erased):
        lender.services.applications.file(lender.staff["manager"], loan.id)
    assert lender.services.repayments.receipts(lender.staff["manager"], loan.id)
    lender.no_paisa_differs()
    again = lender.register()
    assert again.customer_id != caller.customer_id


def test_money_that_waits_for_a_refund_keeps_the_customer(lender: Lender) -> None:
    caller, loan = lender.lend()
    twice = [
        lender.order(caller, loan, purpose=PaymentPurpose.FORECLOSURE),
        lender.order(caller, loan, purpose=PaymentPurpose.FORECLOSURE),
    ]
    for order in twice:
        lender.notify(*lender.memory.payment.pay(order.order_id, at=lender.memory.clock.now()))
    assert lender.loan(loan.id).status is Status.COMPLETED
    lender.memory.clock.advance(EIGHT_YEARS)
    assert _reasons(lender, caller.customer_id) == ["REFUND_DUE"]


def test_a_payment_that_nobody_decided_keeps_the_customer(lender: Lender) -> None:
    caller, loan = lender.lend()
    lender.pay(caller, loan, purpose=PaymentPurpose.FORECLOSURE)
    lender.services.repayments.record(
        lender.staff["collector"],
        loan.id,
        amount=1_000_00,
        mode="UPI",
        reference="counter-1",
        utr="UTRCOUNTER1",
        value_date=lender.memory.clock.business_date(),
    )
    lender.memory.clock.advance(EIGHT_YEARS)
    assert _reasons(lender, caller.customer_id) == ["MONEY_UNDECIDED"]


def test_a_payment_that_could_not_be_booked_keeps_the_customer(lender: Lender) -> None:
    caller, loan = lender.lend()
    order = lender.pay(caller, loan, purpose=PaymentPurpose.FORECLOSURE)
    late = lender.memory.payment.pay(order.order_id, at=lender.memory.clock.now(), amount=7_00)
    lender.notify(*late)
    assert len(lender.services.webhooks.parked(lender.staff["director"])) == 1
    lender.memory.clock.advance(EIGHT_YEARS)
    assert _reasons(lender, caller.customer_id) == ["MONEY_UNDECIDED"]


def test_what_nobody_decides_in_time_forgets_nobody(lender: Lender) -> None:
    caller = lender.register()
    _ask(lender, caller.customer_id)
    lender.memory.clock.advance(LIFETIME)
    assert lender.services.approvals.run_out(lender.brand_id) == 1
    assert _ask(lender, caller.customer_id).is_open(lender.memory.clock.now())
