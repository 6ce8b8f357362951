"""Loans from the first code to the end, through the services alone."""

from datetime import date, timedelta
from typing import Any

import pytest

from los_core.domain.agreement import DocumentType
from los_core.domain.assessment import DecisionKind
from los_core.domain.errors import Conflict, Forbidden, GuardFailed
from los_core.domain.lifecycle import Status
from los_core.domain.rupees import format_rupees
from los_core.domain.servicing import PaymentPurpose, ReceiptStatus
from los_core.domain.timeline import Status as Standing
from los_core.ports.message import Channel

# A lender is made by this folder's conftest, which is no module to import its type from.
Lender = Any


def test_a_loan_lives_from_the_first_code_to_the_no_dues_certificate(lender: Lender) -> None:
    caller, loan = lender.lend()
    assert loan.status is Status.DISBURSED
    assert loan.disbursed_on == date(2026, 11, 25)
    for due_on in lender.due_dates(caller, loan):
        lender.go_to(due_on)
        lender.pay(caller, loan)

    loan = lender.loan(loan.id)
    assert loan.status is Status.COMPLETED
    assert lender.services.repayments.timeline(caller, loan.id).state.total_owed == 0
    certificate = lender.services.closure.certificate(caller, loan.id)
    assert certificate.certificate_no == "NDC-000001"
    lender.no_paisa_differs()


def test_the_bank_is_asked_for_exactly_the_net_amount_of_the_offer(lender: Lender) -> None:
    _, loan = lender.lend()
    [transfer] = lender.memory.payout.transfers.values()
    assert transfer.amount == loan.net_disbursal
    assert transfer.account_number == "50100123456789"


def test_every_letter_of_the_loan_is_on_file_with_a_link_that_opens(lender: Lender) -> None:
    caller, loan = lender.lend()
    lender.pay(caller, loan, purpose=PaymentPurpose.FORECLOSURE)
    found = lender.services.agreements.documents(caller, loan.id)
    assert {document.type for document, _ in found} == {
        DocumentType.KFS,
        DocumentType.AGREEMENT,
        DocumentType.SIGNED_AGREEMENT,
        DocumentType.REPAYMENT_SCHEDULE,
        DocumentType.NDC,
    }
    for document, link in found:
        token = link.rpartition("/")[2]
        stored, name = lender.memory.storage.open_link(token, lender.memory.clock.now())
        assert (len(stored.content), name) == (document.size, document.name)


def test_the_no_dues_certificate_travels_once_by_mail(lender: Lender) -> None:
    caller, loan = lender.lend()
    lender.pay(caller, loan, purpose=PaymentPurpose.FORECLOSURE)
    lender.services.closure.certificate(caller, loan.id)
    lender.memory.run_jobs()
    mails = [m for m in lender.memory.message.sent if m.template == "NO_DUES"]
    assert [(m.channel, len(m.attachments)) for m in mails] == [(Channel.EMAIL, 1)]


def test_a_late_instalment_costs_a_penal_charge_and_one_reminder_for_its_date(
    lender: Lender,
) -> None:
    caller, loan = lender.lend()
    first, *_ = lender.due_dates(caller, loan)
    lender.go_to(first + timedelta(days=10))

    standing = lender.services.repayments.timeline(caller, loan.id)
    assert standing.rows[0].status is Standing.OVERDUE
    assert standing.rows[0].charges > 0
    assert standing.dpd == 11
    reminders = [m for m in lender.memory.message.sent if m.template == "INSTALMENT_OVERDUE"]
    assert len(reminders) == 1
    assert "0.1% per day after 3 days" in reminders[0].text
    assert lender.loan(loan.id).arrears_since == first

    lender.pay(caller, loan)
    standing = lender.services.repayments.timeline(caller, loan.id)
    assert standing.dpd == 0
    lender.no_paisa_differs()


def test_a_part_payment_leaves_the_rest_due(lender: Lender) -> None:
    caller, loan = lender.lend()
    first, *_ = lender.due_dates(caller, loan)
    lender.go_to(first)
    due = lender.services.repayments.timeline(caller, loan.id).rows[0].outstanding
    lender.pay(caller, loan, amount=4_000_00)
    after = lender.services.repayments.timeline(caller, loan.id)
    assert after.rows[0].outstanding == due - 4_000_00
    assert after.state.total_due == due - 4_000_00
    lender.no_paisa_differs()


def test_a_payment_entered_by_hand_counts_once_another_person_approves_it(lender: Lender) -> None:
    caller, loan = lender.lend()
    first, *_ = lender.due_dates(caller, loan)
    lender.go_to(first + timedelta(days=2))
    repayments, approvals = lender.services.repayments, lender.services.approvals
    receipt = repayments.record(
        lender.staff["collector"],
        loan.id,
        amount=5_000_00,
        mode="UPI",
        reference="branch-17",
        utr="633412345678",
        value_date=first,
    )
    before = repayments.timeline(caller, loan.id).state.total_owed
    assert receipt.status is ReceiptStatus.PENDING_APPROVAL
    with pytest.raises(Forbidden):
        approvals.approve_payment(lender.staff["collector"], receipt.id)
    approvals.approve_payment(lender.staff["checker"], receipt.id)

    [posted] = repayments.receipts(caller, loan.id)
    assert posted.status is ReceiptStatus.POSTED
    assert posted.value_date == first
    assert repayments.timeline(caller, loan.id).state.total_owed < before
    lender.no_paisa_differs()


def test_the_quoted_amount_closes_the_loan_to_the_paisa(lender: Lender) -> None:
    caller, loan = lender.lend()
    first, *_ = lender.due_dates(caller, loan)
    lender.go_to(first)
    lender.pay(caller, loan)
    lender.go_to(first + timedelta(days=12))
    quote = lender.services.repayments.quote(caller, loan.id)
    order = lender.pay(caller, loan, purpose=PaymentPurpose.FORECLOSURE)

    assert order.amount == quote.amount
    loan = lender.loan(loan.id)
    assert (loan.status, loan.closure_type) == (Status.COMPLETED, quote.kind)
    assert lender.services.repayments.timeline(caller, loan.id).state.total_owed == 0
    lender.no_paisa_differs()


def test_leaving_within_the_cooling_off_days_costs_no_penalty(lender: Lender) -> None:
    caller, loan = lender.lend()
    order = lender.pay(caller, loan, purpose=PaymentPurpose.COOLING_OFF_EXIT)
    assert lender.loan(loan.id).status is Status.COMPLETED
    assert order.amount <= loan.terms.principal
    lender.no_paisa_differs()


def test_cooling_off_ends(lender: Lender) -> None:
    caller, loan = lender.lend()
    lender.go_to(loan.cooling_off_until + timedelta(days=1))
    with pytest.raises(GuardFailed):
        lender.order(caller, loan, purpose=PaymentPurpose.COOLING_OFF_EXIT)


def test_a_customer_deep_in_arrears_elsewhere_is_rejected_and_told_why(lender: Lender) -> None:
    late = _person(lender, dpd=75)
    caller = lender.register(late)
    lender.onboard(caller, late)
    loan = lender.apply(caller)

    assert loan.status is Status.REJECTED
    with lender.services.begin(lender.brand_id) as uow:
        decision = uow.assessments.decision(loan.id, DecisionKind.BRE)
    assert decision is not None
    assert "R033_DPD_RECENT" in decision.reasons
    [mail] = [
        m
        for m in lender.memory.message.sent
        if m.template == "APPLICATION_REJECTED" and m.channel is Channel.EMAIL
    ]
    assert "R033" not in mail.text
    assert f"{loan.reapply_after:%d %b %Y}" in mail.text
    with pytest.raises(GuardFailed) as refusal:
        lender.apply(caller)
    assert refusal.value.code == "G-COOL"


def test_a_rejected_customer_may_apply_again_when_the_wait_is_over(lender: Lender) -> None:
    late = _person(lender, dpd=75)
    caller = lender.register(late)
    lender.onboard(caller, late)
    loan = lender.apply(caller)
    lender.go_to(loan.reapply_after)
    again = lender.services.applications.apply(
        caller, product="SALARY_EMI", amount=20_000_00, tenure=3
    )
    assert again.status is Status.DRAFT


def test_a_second_application_beside_an_open_one_is_refused(lender: Lender) -> None:
    caller = lender.register()
    lender.onboard(caller)
    lender.apply(caller)
    with pytest.raises(GuardFailed) as refusal:
        lender.apply(caller)
    assert refusal.value.code == "G-DEDUP"


def test_nobody_approves_what_they_recommended(lender: Lender) -> None:
    caller = lender.register()
    lender.onboard(caller)
    loan = lender.apply(caller)
    underwriting, executive = lender.services.underwriting, lender.staff["executive"]
    underwriting.save_cam(executive, loan.id, amount=30_000_00, tenure=3)
    loan = underwriting.recommend(executive, loan.id, version=lender.loan(loan.id).version)
    with pytest.raises(Forbidden):
        underwriting.approve(executive, loan.id, version=loan.version, amount=30_000_00, tenure=3)
    assert lender.loan(loan.id).status is Status.RECOMMENDED


def test_nobody_approves_a_payout_they_prepared(lender: Lender) -> None:
    caller = lender.register()
    lender.onboard(caller)
    loan = lender.apply(caller)
    lender.sanction(loan)
    lender.accept(caller, loan)
    approval = lender.prepare(loan)
    with pytest.raises(Forbidden) as refusal:
        lender.services.approvals.approve(lender.staff["maker"], approval.id)
    assert refusal.value.code == "G-4EYES"
    assert lender.memory.payout.transfers == {}


def test_a_payout_sent_back_by_the_checker_can_be_prepared_again(lender: Lender) -> None:
    caller = lender.register()
    lender.onboard(caller)
    loan = lender.apply(caller)
    lender.sanction(loan)
    lender.accept(caller, loan)
    approval = lender.prepare(loan)
    lender.services.approvals.reject(lender.staff["checker"], approval.id, remark="wrong day")
    with pytest.raises(Conflict):
        lender.services.approvals.approve(lender.staff["checker"], approval.id)
    assert lender.disburse(loan).status is Status.DISBURSED
    assert len(lender.memory.payout.transfers) == 1
    lender.no_paisa_differs()


def test_the_offer_is_told_in_rupees_as_indians_write_them(lender: Lender) -> None:
    caller = lender.register()
    lender.onboard(caller)
    lender.sanction(lender.apply(caller))
    lender.memory.run_jobs()
    [offer] = [
        m
        for m in lender.memory.message.sent
        if m.template == "OFFER_READY" and m.channel is Channel.SMS
    ]
    assert format_rupees(30_000_00) in offer.text


def _person(lender: Lender, **changes: Any) -> Any:
    return lender.person(**changes)
