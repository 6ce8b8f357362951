"""Every payout has an end, and what ends wrongly is put right or put before people."""

from datetime import timedelta
from typing import Any

import attrs
import pytest

from los_adapters.payout.memory import Behaviour
from los_core.domain.errors import Conflict, Forbidden, GuardFailed, Invalid
from los_core.domain.facts import Reversed
from los_core.domain.ledger import Account, totals
from los_core.domain.lifecycle import Status
from los_core.domain.payout import PayoutStage, Ruling, Why
from los_core.domain.servicing import PaymentPurpose
from los_core.ports.errors import Unavailable, Unknown

# A lender is made by this folder's conftest, which is no module to import its type from.
Lender = Any

ACCOUNT = "50100123456789"
DAY = timedelta(days=1)


def _silent(lender: Lender, *, after: bool = False) -> None:
    lender.memory.payout.script.fail(Unknown("no answer"), operation="send", after=after)


def _hours(lender: Lender, count: int) -> None:
    for _ in range(count):
        lender.memory.clock.advance(timedelta(hours=1))
        lender.memory.run_jobs()


def _rule(lender: Lender, loan: Any, payout: Any, ruling: Ruling, **more: Any) -> Any:
    return lender.services.rulings.ask(
        lender.staff["maker"],
        loan.id,
        payout.id,
        ruling=ruling,
        remark="seen on the account's statement",
        **more,
    )


def _balances(lender: Lender, loan: Any) -> dict[Account, int]:
    with lender.services.begin(lender.brand_id) as uow:
        entries = [entry for one in uow.books.postings(loan.id) for entry in one.entries]
    sums: dict[Account, int] = {}
    for (account, _), amount in totals(entries).items():
        sums[account] = sums.get(account, 0) + amount
    return {account: amount for account, amount in sums.items() if amount}


def test_a_credit_that_came_back_undoes_the_disbursal(lender: Lender) -> None:
    _, loan = lender.lend()
    [payout] = lender.payouts(loan)
    lender.memory.payout.give_back(payout.reference)
    lender.mornings(2)
    [payout] = lender.payouts(loan)
    loan = lender.loan(loan.id)
    assert (payout.stage, payout.why) == (PayoutStage.RETURNED, Why.SENT_BACK)
    assert (loan.status, loan.disbursed_on) == (Status.DISBURSEMENT_FAILED, None)
    assert _balances(lender, loan) == {}
    with lender.services.begin(lender.brand_id) as uow:
        history = uow.loans.history(loan.id)
        [reversal] = [f for f in uow.books.facts(loan.id) if isinstance(f, Reversed)]
    assert history[-1].row == "T40"
    assert reversal.target_reference == payout.reference
    lender.no_paisa_differs()


def test_customer_and_staff_are_told_once_of_a_returned_credit(lender: Lender) -> None:
    _, loan = lender.lend()
    [payout] = lender.payouts(loan)
    lender.memory.payout.give_back(payout.reference)
    lender.mornings(4)
    assert sorted(m.channel for m in lender.mail("CREDIT_RETURNED")) == ["EMAIL", "SMS"]
    told = {message.to for message in lender.mail("PAYOUT_RETURNED")}
    assert told == {"maker@bharat.example", "checker@bharat.example"}


def test_no_reminder_goes_out_for_a_loan_whose_credit_came_back(lender: Lender) -> None:
    caller, loan = lender.lend()
    first, *_ = lender.due_dates(caller, loan)
    [payout] = lender.payouts(loan)
    lender.memory.payout.give_back(payout.reference)
    lender.mornings(2)
    lender.go_to(first + 5 * DAY)
    assert lender.mail("INSTALMENT_OVERDUE") == []
    assert lender.loan(loan.id).status is Status.DISBURSEMENT_FAILED


def test_what_was_paid_before_the_credit_came_back_is_held_for_the_customer(
    lender: Lender,
) -> None:
    caller, loan = lender.lend()
    lender.pay(caller, loan, amount=1_000_00)
    [payout] = lender.payouts(loan)
    lender.memory.payout.give_back(payout.reference)
    lender.mornings(2)
    assert set(_balances(lender, loan).values()) == {1_000_00, -1_000_00}
    assert "₹1,000.00" in lender.mail("PAYOUT_RETURNED")[0].text
    lender.no_paisa_differs()


def test_a_payment_that_arrives_after_the_return_is_held_too(lender: Lender) -> None:
    caller, loan = lender.lend()
    order = lender.order(caller, loan, amount=1_000_00)
    [payout] = lender.payouts(loan)
    lender.memory.payout.give_back(payout.reference)
    lender.mornings(2)
    lender.notify(*lender.memory.payment.pay(order.order_id, at=lender.memory.clock.now()))
    assert set(_balances(lender, loan).values()) == {1_000_00, -1_000_00}
    lender.no_paisa_differs()


def test_a_loan_closed_before_its_credit_came_back_is_undone_as_well(lender: Lender) -> None:
    caller, loan = lender.lend()
    lender.pay(caller, loan, purpose=PaymentPurpose.FORECLOSURE)
    assert lender.loan(loan.id).status is Status.COMPLETED
    [payout] = lender.payouts(loan)
    lender.memory.payout.give_back(payout.reference)
    lender.mornings(2)
    with lender.services.begin(lender.brand_id) as uow:
        history = [move.row for move in uow.loans.history(loan.id)]
        certificate = uow.agreements.no_dues(loan.id)
    assert history[-2:] == ["T38", "T40"]
    assert certificate.withdrawn_at is not None
    lender.no_paisa_differs()


def test_a_returned_loan_is_paid_out_again_under_another_reference(lender: Lender) -> None:
    caller, loan = lender.lend()
    [payout] = lender.payouts(loan)
    lender.memory.payout.give_back(payout.reference)
    lender.mornings(2)
    lender.disburse(loan)
    stages = [known.stage for known in lender.payouts(loan)]
    assert stages == [PayoutStage.RETURNED, PayoutStage.SUCCESS]
    assert len(lender.memory.payout.transfers) == 2
    assert lender.services.repayments.timeline(caller, loan.id).state.disbursed > 0
    lender.no_paisa_differs()


def test_banks_are_asked_on_the_days_of_their_watch_and_then_no_more(lender: Lender) -> None:
    _, loan = lender.lend()
    [payout] = lender.payouts(loan)
    lender.mornings(8)
    lender.memory.payout.give_back(payout.reference)
    lender.mornings(5)
    assert lender.loan(loan.id).status is Status.DISBURSED


def test_staff_see_why_a_payout_waits_and_when_the_bank_is_asked_again(lender: Lender) -> None:
    _, loan = lender.sign_up()
    _silent(lender)
    lender.disburse(loan)
    [payout] = lender.services.disbursals.undecided(lender.staff["checker"])
    assert (payout.stage, payout.why) == (PayoutStage.UNKNOWN, Why.NOT_KNOWN_YET)
    assert payout.next_at > lender.memory.clock.business_now()


def test_the_window_for_unknown_orders_is_the_banks_own(lender: Lender) -> None:
    _, loan = lender.sign_up()
    bank = lender.memory.payout
    bank.patience = attrs.evolve(bank.patience, not_found_for=timedelta(hours=6))
    _silent(lender)
    lender.disburse(loan)
    _hours(lender, 5)
    assert lender.loan(loan.id).status is Status.DISBURSEMENT_INITIATED
    _hours(lender, 2)
    [payout] = lender.payouts(loan)
    assert (payout.stage, payout.why) == (PayoutStage.FAILED, Why.NEVER_ARRIVED)
    assert {m.to for m in lender.mail("PAYOUT_FAILED")} == {
        "maker@bharat.example",
        "checker@bharat.example",
    }


def test_an_order_once_acknowledged_and_then_unknown_does_not_count_as_failed(
    lender: Lender,
) -> None:
    _, loan = lender.sign_up()
    bank = lender.memory.payout
    bank.behave(ACCOUNT, Behaviour.LINGERS)
    lender.disburse(loan)
    bank.transfers.clear()
    _hours(lender, 30)
    [payout] = lender.payouts(loan)
    assert payout.stage is PayoutStage.PENDING
    _hours(lender, 20)
    [payout] = lender.payouts(loan)
    assert payout.stage is PayoutStage.MANUAL


def test_people_are_told_once_after_hours_and_decide_after_two_days(lender: Lender) -> None:
    _, loan = lender.sign_up()
    lender.memory.payout.behave(ACCOUNT, Behaviour.LINGERS)
    lender.disburse(loan)
    _hours(lender, 3)
    assert lender.mail("PAYOUT_LATE") == []
    _hours(lender, 10)
    assert len(lender.mail("PAYOUT_LATE")) == 2
    _hours(lender, 40)
    [payout] = lender.payouts(loan)
    assert (payout.stage, payout.why, payout.next_at) == (
        PayoutStage.MANUAL,
        Why.ACCEPTED,
        None,
    )
    assert len(lender.mail("PAYOUT_MANUAL")) == 2
    assert lender.loan(loan.id).status is Status.DISBURSEMENT_INITIATED


def test_a_bank_that_cannot_be_asked_for_two_days_leaves_the_payout_to_people(
    lender: Lender,
) -> None:
    _, loan = lender.sign_up()
    lender.memory.payout.script.fail(Unavailable("down"), operation="inquire", times=999)
    lender.disburse(loan)
    _hours(lender, 50)
    [payout] = lender.payouts(loan)
    assert (payout.stage, payout.why) == (PayoutStage.MANUAL, Why.NO_INQUIRY)
    assert lender.services.platform.dead_letters() == []


@pytest.mark.parametrize("ruling", [Ruling.PAID, Ruling.FAILED])
def test_two_people_end_a_payout_that_the_bank_does_not(lender: Lender, ruling: Ruling) -> None:
    _, loan = lender.sign_up()
    lender.memory.payout.behave(ACCOUNT, Behaviour.LINGERS)
    lender.disburse(loan)
    _hours(lender, 50)
    [payout] = lender.payouts(loan)
    today = lender.memory.clock.business_date()
    proof = {"utr": "N330261234567", "credited_on": today} if ruling is Ruling.PAID else {}
    asked = _rule(lender, loan, payout, ruling, **proof)
    with pytest.raises(Forbidden):
        lender.services.approvals.approve(lender.staff["maker"], asked.id)
    lender.services.approvals.approve(lender.staff["checker"], asked.id)
    [payout] = lender.payouts(loan)
    ended = {
        Ruling.PAID: (PayoutStage.SUCCESS, Why.RULED_PAID, Status.DISBURSED),
        Ruling.FAILED: (PayoutStage.FAILED, Why.RULED_FAILED, Status.DISBURSEMENT_FAILED),
    }
    assert (payout.stage, payout.why, lender.loan(loan.id).status) == ended[ruling]
    lender.no_paisa_differs()


def test_a_failure_is_not_ruled_while_the_bank_is_still_asked(lender: Lender) -> None:
    _, loan = lender.sign_up()
    _silent(lender)
    lender.disburse(loan)
    [payout] = lender.payouts(loan)
    with pytest.raises(Conflict) as refused:
        _rule(lender, loan, payout, Ruling.FAILED)
    assert refused.value.code == "PAYOUT_STAGE"


def test_a_payment_is_not_ruled_without_its_reference_and_a_possible_date(lender: Lender) -> None:
    _, loan = lender.sign_up()
    _silent(lender)
    lender.disburse(loan)
    [payout] = lender.payouts(loan)
    tomorrow = lender.memory.clock.business_date() + DAY
    with pytest.raises(Invalid) as refused:
        _rule(lender, loan, payout, Ruling.PAID, credited_on=tomorrow)
    assert {field for field, _ in refused.value.fields} == {"utr", "creditedOn"}


def test_a_ruling_comes_too_late_when_the_bank_has_spoken(lender: Lender) -> None:
    _, loan = lender.sign_up()
    bank = lender.memory.payout
    bank.behave(ACCOUNT, Behaviour.LINGERS)
    lender.disburse(loan)
    _hours(lender, 50)
    [payout] = lender.payouts(loan)
    bank.behave(ACCOUNT, Behaviour.SETTLES)
    asked = _rule(lender, loan, payout, Ruling.FAILED)
    lender.memory.run_jobs()
    assert lender.loan(loan.id).status is Status.DISBURSED
    with pytest.raises(Conflict) as refused:
        lender.services.approvals.approve(lender.staff["checker"], asked.id)
    assert refused.value.code == "PAYOUT_STAGE"
    lender.no_paisa_differs()


def test_two_people_may_undo_a_disbursal_whose_credit_came_back(lender: Lender) -> None:
    _, loan = lender.lend()
    [payout] = lender.payouts(loan)
    asked = _rule(lender, loan, payout, Ruling.RETURNED)
    lender.services.approvals.approve(lender.staff["checker"], asked.id)
    assert lender.loan(loan.id).status is Status.DISBURSEMENT_FAILED
    assert _balances(lender, loan) == {}
    lender.no_paisa_differs()


def test_a_refused_ruling_leaves_the_payout_as_it_stood(lender: Lender) -> None:
    _, loan = lender.lend()
    [payout] = lender.payouts(loan)
    asked = _rule(lender, loan, payout, Ruling.RETURNED)
    lender.services.approvals.reject(lender.staff["checker"], asked.id, remark="no such entry")
    assert lender.payouts(loan) == [payout]
    assert lender.loan(loan.id).status is Status.DISBURSED


def _fails_and_is_paid_after_all(lender: Lender) -> tuple[Any, Any]:
    """Return a loan whose first order reached the bank after it had counted as failed."""
    _, loan = lender.sign_up()
    bank = lender.memory.payout
    _silent(lender, after=True)
    hidden: dict[str, Any] = {}
    approval = lender.prepare(loan)
    lender.services.approvals.approve(lender.staff["checker"], approval.id)
    lender.memory.run_jobs()
    hidden.update(bank.transfers)
    bank.transfers.clear()
    _hours(lender, 26)
    assert lender.loan(loan.id).status is Status.DISBURSEMENT_FAILED
    return loan, hidden


def test_a_second_attempt_does_not_go_out_when_the_first_was_paid_after_all(
    lender: Lender,
) -> None:
    loan, hidden = _fails_and_is_paid_after_all(lender)
    approval = lender.prepare(loan)
    lender.services.approvals.approve(lender.staff["checker"], approval.id)
    lender.memory.payout.transfers.update(hidden)
    lender.run_for(timedelta(minutes=1))
    first, second = lender.payouts(loan)
    assert first.why == Why.PAID_AFTER_FAILURE
    assert (second.stage, second.why) == (PayoutStage.FAILED, Why.EARLIER_ATTEMPT_PAID)
    assert len(lender.memory.payout.transfers) == 1
    assert len(lender.mail("PAYOUT_PAID_AFTER_FAILURE")) == 2


def test_a_failure_that_was_none_is_noticed_and_bars_another_attempt_until_ruled_returned(
    lender: Lender,
) -> None:
    loan, hidden = _fails_and_is_paid_after_all(lender)
    lender.memory.payout.transfers.update(hidden)
    lender.mornings(1)
    [payout] = lender.payouts(loan)
    assert payout.why == Why.PAID_AFTER_FAILURE
    with pytest.raises(GuardFailed) as refused:
        lender.prepare(loan)
    assert refused.value.code == "G-IDEMP"
    asked = _rule(lender, loan, payout, Ruling.RETURNED)
    lender.services.approvals.approve(lender.staff["checker"], asked.id)
    lender.prepare(loan)


def test_an_order_that_no_bank_takes_for_a_day_is_dropped_unsent(lender: Lender) -> None:
    _, loan = lender.sign_up()
    lender.memory.payout.script.fail(Unavailable("down"), operation="send", times=999)
    assert lender.disburse(loan).status is Status.DISBURSEMENT_INITIATED
    [payout] = lender.payouts(loan)
    assert (payout.stage, payout.why) == (PayoutStage.INTENT, Why.BANK_CLOSED)
    _hours(lender, 26)
    [payout] = lender.payouts(loan)
    assert (payout.stage, payout.why) == (PayoutStage.FAILED, Why.NEVER_SENT)
    assert lender.memory.payout.transfers == {}
    assert lender.services.platform.dead_letters() == []


def test_a_payout_whose_job_was_lost_gets_another(lender: Lender) -> None:
    _, loan = lender.sign_up()
    lender.memory.payout.behave(ACCOUNT, Behaviour.LINGERS)
    lender.disburse(loan)
    jobs = lender.services.platform
    lender.memory.clock.advance(timedelta(hours=1))
    for job in jobs.claim_jobs(limit=9, now=lender.memory.clock.now(), lease_s=60, worker="w"):
        jobs.fail_job(job, error="lost", again_at=None, dead=True)
    lender.memory.payout.behave(ACCOUNT, Behaviour.SETTLES)
    _hours(lender, 4)
    assert lender.loan(loan.id).status is Status.DISBURSEMENT_INITIATED
    assert lender.services.transfers.rescue(lender.brand_id) == 1
    lender.memory.run_jobs()
    assert lender.loan(loan.id).status is Status.DISBURSED


def test_a_success_of_another_amount_is_for_people(lender: Lender) -> None:
    _, loan = lender.sign_up()
    bank = lender.memory.payout
    approval = lender.prepare(loan)
    lender.services.approvals.approve(lender.staff["checker"], approval.id)
    lender.memory.run_jobs()
    [(reference, order)] = bank.transfers.items()
    bank.transfers[reference] = attrs.evolve(order, amount=order.amount - 1)
    lender.run_for(timedelta(minutes=1))
    [payout] = lender.payouts(loan)
    assert (payout.stage, payout.why) == (PayoutStage.MANUAL, Why.AMOUNT_DIFFERS)
    assert lender.loan(loan.id).status is Status.DISBURSEMENT_INITIATED


def test_a_reference_that_another_payout_has_is_for_people(lender: Lender) -> None:
    _, first = lender.lend()
    person = attrs.evolve(
        lender.person(),
        phone="9822010102",
        pan="ABCPE1235G",
        aadhaar="345634563457",
        account="50100123456780",
    )
    _, loan = lender.sign_up(person)
    lender.services.approvals.approve(lender.staff["checker"], lender.prepare(loan).id)
    lender.memory.run_jobs()
    [paid] = lender.payouts(first)
    del lender.memory.payout.transfers[paid.reference]  # the bank counts from one again
    lender.run_for(timedelta(minutes=1))
    [payout] = lender.payouts(loan)
    assert (payout.stage, payout.why) == (PayoutStage.MANUAL, Why.REFERENCE_ON_FILE)
