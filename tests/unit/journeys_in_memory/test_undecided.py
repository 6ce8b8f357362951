"""Items that nobody decides within seven days: what has to be decided is asked anew."""

import pytest
from tests.unit.journeys_in_memory.conftest import Lender

from los_core.domain.approval import LIFETIME, Approval
from los_core.domain.errors import Conflict
from los_core.domain.loan import Loan
from los_core.domain.servicing import Receipt, ReceiptStatus


def _entered(lender: Lender, loan: Loan) -> Receipt:
    """Enter a payment by hand."""
    return lender.services.repayments.record(
        lender.staff["collector"],
        loan.id,
        amount=1_000_00,
        mode="UPI",
        reference="counter-1",
        utr="UTRCOUNTER1",
        value_date=lender.memory.clock.business_date(),
    )


def _pending(lender: Lender) -> list[Approval]:
    return list(lender.services.approvals.pending(lender.staff["checker"]))


def test_a_payment_entered_by_hand_waits_until_somebody_decides(lender: Lender) -> None:
    _, loan = lender.lend()
    receipt = _entered(lender, loan)
    [first] = _pending(lender)
    lender.memory.clock.advance(LIFETIME)
    assert lender.services.approvals.run_out(lender.brand_id) == 1
    [again] = _pending(lender)
    assert (again.entity_id, again.maker) == (first.entity_id, first.maker)
    assert again.id != first.id
    with pytest.raises(Conflict, match="expired"):
        lender.services.approvals.approve(lender.staff["checker"], first.id)
    lender.services.approvals.approve_payment(lender.staff["checker"], receipt.id)
    [posted] = lender.services.repayments.receipts(lender.staff["checker"], loan.id)
    assert posted.status is ReceiptStatus.POSTED
    assert _pending(lender) == []
    lender.no_paisa_differs()
