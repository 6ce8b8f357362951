"""A notice of which nobody knows whether it went out is asked about, or repeated once."""

from datetime import timedelta
from typing import Any

import pytest

from los_core.domain.errors import GuardFailed, InvalidTransition
from los_core.domain.servicing import PaymentPurpose
from los_core.domain.work import Job
from los_core.ports.errors import ProviderError, Unavailable, Unknown

# A lender is made by this folder's conftest, which is no module to import its type from.
Lender = Any


class Died(ProviderError):
    """Stands for the end of a process: no service knows it, so none acts on it."""


def _closed(lender: Lender, error: ProviderError | None = None, *, after: bool = False) -> Any:
    """Close a loan; the vendor answers the no-dues letter with `error`."""
    caller, loan = lender.lend()
    lender.memory.message.refused.add("9822010101")  # no text message comes before the letter
    if error is not None:
        lender.memory.message.script.fail(error, operation="send", after=after)
    lender.pay(caller, loan, purpose=PaymentPurpose.FORECLOSURE)
    return loan


def _emailed_at(lender: Lender, loan: Any) -> Any:
    with lender.services.begin(lender.brand_id) as uow:
        return uow.agreements.no_dues(loan.id).emailed_at


def _record(lender: Lender, loan: Any) -> Any:
    with lender.services.begin(lender.brand_id) as uow:
        [record] = [m for m in uow.desk.messages(loan_id=loan.id) if m.template == "NO_DUES"]
    return record


def test_a_no_dues_letter_that_went_out_is_noted_on_its_certificate(lender: Lender) -> None:
    loan = _closed(lender)
    assert _emailed_at(lender, loan) == lender.memory.clock.business_now()


def test_a_vendor_that_knows_the_message_is_believed_and_nothing_is_repeated(
    lender: Lender,
) -> None:
    loan = _closed(lender, Unknown("no answer"), after=True)
    assert (_record(lender, loan).status, _emailed_at(lender, loan)) == ("UNKNOWN", None)
    lender.run_for(timedelta(minutes=3))
    assert _record(lender, loan).status == "ACCEPTED"
    assert _emailed_at(lender, loan) is not None
    assert len(lender.mail("NO_DUES")) == 1


def test_a_message_the_vendor_never_got_is_sent_and_is_no_repeat(lender: Lender) -> None:
    loan = _closed(lender, Unknown("no answer"))
    lender.run_for(timedelta(minutes=3))
    record = _record(lender, loan)
    assert (record.status, record.repeated) == ("ACCEPTED", False)
    assert len(lender.mail("NO_DUES")) == 1


def test_a_legal_letter_is_repeated_once_after_an_hour_where_nobody_can_tell(
    lender: Lender,
) -> None:
    lender.memory.message.keeps_no_record = True
    loan = _closed(lender, Unknown("no answer"), after=True)
    lender.run_for(timedelta(minutes=50))
    assert len(lender.mail("NO_DUES")) == 1
    lender.run_for(timedelta(minutes=30))
    record = _record(lender, loan)
    assert (record.status, record.repeated) == ("ACCEPTED", True)
    assert len(lender.mail("NO_DUES")) == 2
    assert _emailed_at(lender, loan) is not None


def test_a_repeat_without_an_answer_is_not_repeated_again(lender: Lender) -> None:
    lender.memory.message.keeps_no_record = True
    loan = _closed(lender, Unknown("no answer"), after=True)
    lender.run_for(timedelta(minutes=10))
    lender.memory.message.script.fail(Unknown("no answer"), operation="send", after=True)
    for _ in range(8):
        lender.memory.clock.advance(timedelta(hours=1))
        lender.memory.run_jobs()
    record = _record(lender, loan)
    assert (record.status, record.repeated) == ("UNKNOWN", True)
    assert len(lender.mail("NO_DUES")) == 2
    assert lender.services.platform.dead_letters() == []


def test_a_text_message_is_not_repeated_where_nobody_can_tell(lender: Lender) -> None:
    caller, loan = lender.lend()
    lender.memory.message.keeps_no_record = True
    lender.memory.message.script.fail(Unknown("no answer"), operation="send", after=True)
    lender.pay(caller, loan, amount=1_000_00)
    for _ in range(4):
        lender.memory.clock.advance(timedelta(hours=1))
        lender.memory.run_jobs()
    assert len(lender.mail("PAYMENT_RECEIVED")) == 1


def test_a_vendor_that_was_down_leaves_no_mark_of_a_repeat(lender: Lender) -> None:
    loan = _closed(lender, Unavailable("down"))
    lender.run_for(timedelta(minutes=1))
    record = _record(lender, loan)
    assert (record.status, record.repeated) == ("ACCEPTED", False)


@pytest.mark.parametrize(("after", "tells"), [(True, True), (True, False), (False, True)])
def test_a_death_while_sending_repeats_only_where_nobody_can_tell(
    lender: Lender, *, after: bool, tells: bool
) -> None:
    _, loan = lender.lend()
    lender.memory.message.keeps_no_record = not tells
    payload = {
        "notice": "NO_DUES",
        "channel": "EMAIL",
        "loan_id": str(loan.id),
        "message_id": f"{loan.id}|NO_DUES|x|EMAIL",
    }
    job = Job(
        id=lender.memory.entropy.uuid(),
        brand_id=lender.brand_id,
        kind="notice.send",
        key="x",
        payload=payload,
        due_at=lender.memory.clock.now(),
        created_at=lender.memory.clock.now(),
    )
    lender.memory.message.script.fail(Died("killed"), operation="send", after=after)
    with pytest.raises(Died):
        lender.services.messaging.deliver(job)
    lender.services.messaging.deliver(job)
    record = _record(lender, loan)
    assert record.status == "ACCEPTED"
    assert record.repeated is not tells
    assert len(lender.mail("NO_DUES")) == (2 if after and not tells else 1)


def test_a_statement_is_acknowledged_while_its_offer_can_be_accepted_only(lender: Lender) -> None:
    caller, loan = lender.lend()
    [(offer, _), *_] = lender.services.offering.offers(caller, loan.id)
    with pytest.raises(InvalidTransition) as refused:
        lender.services.offering.acknowledge(caller, loan.id, offer.id)
    assert refused.value.details["status"] == "DISBURSED"


def test_a_statement_of_an_offer_that_ran_out_is_not_acknowledged(lender: Lender) -> None:
    caller = lender.register()
    lender.onboard(caller)
    loan = lender.apply(caller)
    lender.sanction(loan)
    [(offer, _), *_] = lender.services.offering.offers(caller, loan.id)
    lender.memory.clock.advance(timedelta(days=10))
    with pytest.raises(GuardFailed) as refused:
        lender.services.offering.acknowledge(caller, loan.id, offer.id)
    assert refused.value.code == "G-OFFER"
