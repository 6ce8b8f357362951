"""What becomes of a loan when a vendor is silent, late, wrong or repeats itself."""

import json
from datetime import timedelta
from typing import Any

import pytest

from los_adapters.payout.memory import Behaviour
from los_core.domain.agreement import AgreementStatus
from los_core.domain.customer import StepState
from los_core.domain.errors import Conflict, GuardFailed
from los_core.domain.lifecycle import Status
from los_core.domain.payout import PayoutStage
from los_core.domain.servicing import PaymentPurpose
from los_core.domain.work import WebhookStatus
from los_core.ports.bankaccount import AccountState
from los_core.ports.errors import BadSignature, ProviderError, Unavailable, Unknown

# A lender is made by this folder's conftest, which is no module to import its type from.
Lender = Any


class Died(ProviderError):
    """Stands for the end of a process: no service knows it, so none acts on it."""


def test_a_payout_whose_answer_was_lost_is_found_by_inquiry_and_sent_once(
    lender: Lender,
) -> None:
    _, loan = lender.sign_up()
    lender.memory.payout.script.fail(Unknown("no answer"), operation="send", after=True)
    assert lender.disburse(loan).status is Status.DISBURSED
    assert len(lender.memory.payout.transfers) == 1
    [payout] = lender.payouts(loan)
    assert (payout.stage, payout.inquiries) == (PayoutStage.SUCCESS, 1)
    lender.no_paisa_differs()


def test_a_payout_that_never_reached_the_bank_fails_after_a_day_and_is_made_anew(
    lender: Lender,
) -> None:
    _, loan = lender.sign_up()
    lender.memory.payout.script.fail(Unknown("no answer"), operation="send")
    assert lender.disburse(loan).status is Status.DISBURSEMENT_INITIATED
    for _ in range(30):
        lender.memory.clock.advance(timedelta(hours=1))
        lender.memory.run_jobs()
    assert lender.loan(loan.id).status is Status.DISBURSEMENT_FAILED
    assert lender.disburse(loan).status is Status.DISBURSED
    assert [p.stage for p in lender.payouts(loan)] == [PayoutStage.FAILED, PayoutStage.SUCCESS]
    assert len(lender.memory.payout.transfers) == 1
    lender.no_paisa_differs()


def test_a_bank_that_is_down_is_asked_again_with_the_same_reference(lender: Lender) -> None:
    _, loan = lender.sign_up()
    lender.memory.payout.script.fail(Unavailable("down"), operation="send", times=2)
    assert lender.disburse(loan).status is Status.DISBURSED
    [payout] = lender.payouts(loan)
    assert list(lender.memory.payout.transfers) == [payout.reference]


def test_a_refused_transfer_fails_the_payout_and_moves_no_money(lender: Lender) -> None:
    _, loan = lender.sign_up()
    lender.memory.payout.behave("50100123456789", Behaviour.REFUSED)
    assert lender.disburse(loan).status is Status.DISBURSEMENT_FAILED
    assert lender.memory.payout.transfers == {}


def test_a_worker_that_died_while_sending_asks_and_does_not_send_again(lender: Lender) -> None:
    _, loan = lender.sign_up()
    approval = lender.prepare(loan)
    lender.services.approvals.approve(lender.staff["checker"], approval.id)
    platform, clock = lender.services.platform, lender.memory.clock
    jobs = platform.claim_jobs(limit=9, now=clock.now(), lease_s=60, worker="one that dies")
    [send] = [job for job in jobs if job.kind == "payout.send"]
    # The order goes out, and the process dies before it can say so.
    lender.memory.payout.script.fail(Died("killed"), operation="send", after=True)
    with pytest.raises(Died):
        lender.services.transfers.send(send)
    clock.advance(timedelta(seconds=61))
    lender.run_for(timedelta(minutes=1))
    assert lender.loan(loan.id).status is Status.DISBURSED
    assert len(lender.memory.payout.transfers) == 1


def test_every_job_may_run_twice_and_acts_once(lender: Lender) -> None:
    """A worker that dies after the effect and before its report makes a job run again."""
    caller = lender.register()
    lender.onboard(caller)
    loan = lender.services.applications.apply(
        caller, product="SALARY_EMI", amount=30_000_00, tenure=3
    )
    lender.services.applications.submit(caller, loan.id)
    handlers = lender.services.handlers()
    seen: set[Any] = set()

    def run_all_twice() -> None:
        platform, clock = lender.services.platform, lender.memory.clock
        while due := platform.claim_jobs(limit=1, now=clock.now(), lease_s=60, worker="w"):
            for job in due:
                handlers[job.kind](job)
                handlers[job.kind](job)
                seen.add(job.kind)
                platform.finish_job(job)

    def a_minute() -> None:
        for _ in range(12):
            run_all_twice()
            lender.memory.clock.advance(timedelta(seconds=5))

    run_all_twice()
    lender.sanction(lender.loan(loan.id))
    run_all_twice()
    offering = lender.services.offering
    [offer, *_] = [offer for offer, _ in offering.offers(caller, loan.id)]
    offering.acknowledge(caller, loan.id, offer.id)
    offering.accept(caller, loan.id, offer.id)
    run_all_twice()
    agreement = lender.services.agreements.sign(caller, loan.id)
    lender.memory.esign.sign(agreement.docket_id, at=lender.memory.clock.now())
    headers = {"authorization": agreement.callback_secret}
    lender.services.agreements.callback(agreement.callback_token, headers, b"{}")
    a_minute()
    lender.services.approvals.approve(lender.staff["checker"], lender.prepare(loan).id)
    a_minute()
    order = lender.order(caller, loan, purpose=PaymentPurpose.FORECLOSURE)
    address = lender.services.webhooks.address(lender.brand_id, "memory").rpartition("/")[2]
    headers, body = lender.memory.payment.pay(order.order_id, at=lender.memory.clock.now())
    lender.services.webhooks.receive("memory", address, headers, body)
    a_minute()

    assert lender.loan(loan.id).status is Status.COMPLETED
    assert len(lender.memory.payout.transfers) == 1
    assert len(lender.memory.bureau.pulls) == 1
    assert len(lender.services.repayments.receipts(caller, loan.id)) == 1
    texts = [(m.template, m.channel, m.text) for m in lender.memory.message.sent]
    assert len(texts) == len(set(texts))
    assert seen >= {"application.decide", "agreement.render", "payout.send", "closure.no_dues"}
    lender.no_paisa_differs()


def test_a_webhook_delivered_three_times_is_posted_once(lender: Lender) -> None:
    caller, loan = lender.lend()
    first, *_ = lender.due_dates(caller, loan)
    lender.go_to(first)
    order = lender.order(caller, loan)
    delivered = lender.memory.payment.pay(order.order_id, at=lender.memory.clock.now())
    for _ in range(3):
        lender.notify(*delivered)
    [receipt] = lender.services.repayments.receipts(caller, loan.id)
    assert receipt.amount == order.amount
    lender.no_paisa_differs()


def test_a_forged_webhook_is_refused_and_leaves_nothing(lender: Lender) -> None:
    caller, loan = lender.lend()
    order = lender.order(caller, loan, amount=1_000_00)
    headers, body = lender.memory.payment.pay(order.order_id, at=lender.memory.clock.now())
    with pytest.raises(BadSignature):
        lender.notify(headers, body.replace(b'"amount": 100000', b'"amount": 900000'))
    with pytest.raises(BadSignature):
        lender.notify({}, body)
    assert lender.services.repayments.receipts(caller, loan.id) == []


def test_a_payment_of_another_amount_is_parked_for_people(lender: Lender) -> None:
    caller, loan = lender.lend()
    order = lender.order(caller, loan, amount=1_000_00)
    lender.notify(
        *lender.memory.payment.pay(order.order_id, at=lender.memory.clock.now(), amount=999_99)
    )
    assert lender.services.repayments.receipts(caller, loan.id) == []
    with lender.services.begin(lender.brand_id) as uow:
        [parked] = uow.desk.parked()
    assert parked.status is WebhookStatus.PARKED


def test_a_payment_nobody_reported_is_found_by_asking(lender: Lender) -> None:
    caller, loan = lender.lend()
    order = lender.order(caller, loan, amount=1_000_00)
    lender.memory.payment.pay(order.order_id, at=lender.memory.clock.now())
    lender.run_for(timedelta(minutes=3))
    [receipt] = lender.services.repayments.receipts(caller, loan.id)
    assert receipt.amount == 1_000_00
    lender.no_paisa_differs()


def test_a_payment_both_reported_and_found_is_posted_once(lender: Lender) -> None:
    caller, loan = lender.lend()
    order = lender.order(caller, loan, amount=1_000_00)
    delivered = lender.memory.payment.pay(order.order_id, at=lender.memory.clock.now())
    lender.run_for(timedelta(minutes=3))
    lender.notify(*delivered)
    assert len(lender.services.repayments.receipts(caller, loan.id)) == 1
    lender.no_paisa_differs()


def test_without_a_bureau_the_third_try_sends_the_application_to_a_person(
    lender: Lender,
) -> None:
    caller = lender.register()
    lender.onboard(caller)
    lender.memory.bureau.script.fail(Unavailable("down"), times=9)
    loan = lender.apply(caller)
    assert loan.status is Status.BRE_IN_PROGRESS
    lender.run_for(timedelta(minutes=2))
    assert lender.loan(loan.id).status is Status.MANUAL_REVIEW


def test_a_signing_that_expires_is_noticed_without_a_callback(lender: Lender) -> None:
    caller = lender.register()
    lender.onboard(caller)
    loan = lender.apply(caller)
    lender.sanction(loan)
    offering = lender.services.offering
    [offer, *_] = [offer for offer, _ in offering.offers(caller, loan.id)]
    offering.acknowledge(caller, loan.id, offer.id)
    offering.accept(caller, loan.id, offer.id)
    lender.memory.run_jobs()
    agreement = lender.services.agreements.sign(caller, loan.id)
    assert lender.services.agreements.sign(caller, loan.id).docket_id == agreement.docket_id
    lender.memory.esign.expire(agreement.docket_id)
    lender.memory.clock.advance(timedelta(hours=3))
    lender.memory.run_jobs()
    assert lender.loan(loan.id).status is Status.AGREEMENT_EXPIRED
    with lender.services.begin(lender.brand_id) as uow:
        kept = uow.agreements.of_loan(loan.id)
    assert kept is not None
    assert kept.status is AgreementStatus.EXPIRED


def test_a_callback_with_another_secret_is_refused(lender: Lender) -> None:
    caller = lender.register()
    lender.onboard(caller)
    loan = lender.apply(caller)
    lender.sanction(loan)
    offering = lender.services.offering
    [offer, *_] = [offer for offer, _ in offering.offers(caller, loan.id)]
    offering.acknowledge(caller, loan.id, offer.id)
    offering.accept(caller, loan.id, offer.id)
    lender.memory.run_jobs()
    agreement = lender.services.agreements.sign(caller, loan.id)
    with pytest.raises(BadSignature):
        lender.services.agreements.callback(
            agreement.callback_token, {"authorization": "another"}, b"{}"
        )


def test_an_account_of_somebody_else_stops_onboarding(lender: Lender) -> None:
    lender.memory.bank_account.know(
        "50100123456789", state=AccountState.VALID, name_at_bank="RAMESH GUPTA"
    )
    caller = lender.register()
    lender.onboard(caller)
    progress = lender.services.onboarding.progress(caller)
    assert progress.customer.accounts[0].state is StepState.FAILED
    with pytest.raises(GuardFailed) as refusal:
        lender.apply(caller)
    assert refusal.value.code == "G-STEPS"


def test_messages_wait_for_a_vendor_that_is_down_and_then_go_out_once(lender: Lender) -> None:
    caller, loan = lender.lend()
    sent = len(lender.memory.message.sent)
    lender.memory.message.script.fail(Unavailable("down"), times=2)
    lender.pay(caller, loan, amount=1_000_00)
    lender.run_for(timedelta(minutes=2))
    receipts = [m for m in lender.memory.message.sent[sent:] if m.template == "PAYMENT_RECEIVED"]
    assert len(receipts) == 1


def test_a_message_of_which_nobody_knows_whether_it_went_is_not_repeated(lender: Lender) -> None:
    caller, loan = lender.lend()
    lender.memory.message.script.fail(Unknown("no answer"), after=True)
    lender.pay(caller, loan, amount=1_000_00)
    lender.run_for(timedelta(minutes=2))
    receipts = [m for m in lender.memory.message.sent if m.template == "PAYMENT_RECEIVED"]
    assert len(receipts) == 1


def test_a_webhook_that_carries_no_payment_is_ignored(lender: Lender) -> None:
    _, loan = lender.lend()
    body = json.dumps({"event": "settlement.processed"}).encode()
    lender.notify(lender.sign(body), body)
    assert lender.loan(loan.id).status is Status.DISBURSED
    with lender.services.begin(lender.brand_id) as uow:
        assert list(uow.desk.parked()) == []


def test_money_beyond_what_is_owed_is_not_ordered(lender: Lender) -> None:
    caller, loan = lender.lend()
    with pytest.raises(Exception, match="more than is owed"):
        lender.order(caller, loan, amount=9_00_000_00)
    lender.pay(caller, loan, purpose=PaymentPurpose.FORECLOSURE)
    with pytest.raises((Conflict, GuardFailed)):
        lender.order(caller, loan, amount=1_000_00)
