"""Applications sent back, parked, reopened and run out, through the services."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.unit.journeys_in_memory.conftest import ASHA, Lender

from los_core.domain.blocklist import BlockType, NewBlock
from los_core.domain.errors import GuardFailed, Invalid, InvalidTransition
from los_core.domain.guards import REOPEN_DAYS
from los_core.domain.lifecycle import Command, Status
from los_core.domain.record_kinds import BLOCKLIST
from los_core.testing import settings

WHY = ["DOCUMENT_UNREADABLE"]


def test_a_customer_asked_for_more_hands_the_application_in_again(lender: Lender) -> None:
    caller, loan = _under_review(lender)
    loan = lender.services.casework.ask(
        lender.staff["executive"], loan.id, version=loan.version, reasons=WHY
    )
    assert loan.status is Status.INFO_REQUIRED
    lender.memory.run_jobs()
    assert "INFORMATION_NEEDED" in _told(lender)
    lender.services.applications.submit(caller, loan.id)
    lender.memory.run_jobs()
    assert lender.loan(loan.id).status is Status.MANUAL_REVIEW


def test_a_held_application_goes_on_where_it_was_left(lender: Lender) -> None:
    _, loan = _under_review(lender)
    cases, manager = lender.services.casework, lender.staff["manager"]
    loan = cases.hold(manager, loan.id, version=loan.version, reasons=["FRAUD_CHECK"])
    assert (loan.status, loan.held_from) == (Status.ON_HOLD, Status.MANUAL_REVIEW)
    with pytest.raises(InvalidTransition):
        cases.release(manager, loan.id, version=loan.version, to=Status.APPROVED)
    loan = cases.release(manager, loan.id, version=loan.version, to=Status.MANUAL_REVIEW)
    assert (loan.status, loan.held_from, loan.held_until) == (Status.MANUAL_REVIEW, None, None)


def test_a_hold_with_an_end_is_released_by_the_clock(lender: Lender) -> None:
    _, loan = _under_review(lender)
    today = lender.memory.clock.business_date()
    cases, manager = lender.services.casework, lender.staff["manager"]
    with pytest.raises(Invalid, match="today or later"):
        cases.hold(
            manager, loan.id, version=loan.version, reasons=WHY, until=today - timedelta(days=1)
        )
    end = today + timedelta(days=2)
    cases.hold(manager, loan.id, version=loan.version, reasons=WHY, until=end)
    lender.go_to(end)
    assert cases.run_out(lender.brand_id) == 0
    lender.go_to(end + timedelta(days=1))
    assert cases.run_out(lender.brand_id) == 1
    assert lender.loan(loan.id).status is Status.MANUAL_REVIEW


def test_a_rejected_application_is_reviewed_again_within_its_days(lender: Lender) -> None:
    _, loan = _under_review(lender)
    work, cases = lender.services.underwriting, lender.services.casework
    manager, admin = lender.staff["manager"], lender.staff["admin"]
    loan = work.reject(manager, loan.id, version=loan.version, reasons=["R042_FOIR"])
    assert loan.reapply_after is not None
    loan = cases.reopen(admin, loan.id, version=loan.version, reasons=["APPEAL"])
    assert (loan.status, loan.reapply_after) == (Status.MANUAL_REVIEW, None)
    with lender.services.begin(lender.brand_id) as uow:
        assert uow.loans.history(loan.id)[-1].command is Command.REOPEN_REJECTED

    loan = work.reject(manager, loan.id, version=loan.version, reasons=["R042_FOIR"])
    lender.go_to(lender.memory.clock.business_date() + timedelta(days=REOPEN_DAYS + 1))
    with pytest.raises(GuardFailed) as refusal:
        cases.reopen(admin, loan.id, version=loan.version, reasons=["APPEAL"])
    assert refusal.value.code == "G-REOPEN"


def test_a_customer_on_the_block_list_is_not_reviewed_again(lender: Lender) -> None:
    _, loan = _under_review(lender)
    work, cases = lender.services.underwriting, lender.services.casework
    loan = work.reject(
        lender.staff["manager"], loan.id, version=loan.version, reasons=["R042_FOIR"]
    )
    _block(lender)
    with pytest.raises(GuardFailed) as refusal:
        cases.reopen(lender.staff["admin"], loan.id, version=loan.version, reasons=["APPEAL"])
    assert refusal.value.code == "G-BLOCK"
    assert lender.loan(loan.id).status is Status.REJECTED


def test_an_application_nobody_continues_expires_once(lender: Lender) -> None:
    caller = lender.register()
    lender.onboard(caller)
    loan = lender.services.applications.apply(
        caller, product="SALARY_EMI", amount=30_000_00, tenure=3
    )
    cases, today = lender.services.casework, lender.memory.clock.business_date()
    lender.go_to(today + timedelta(days=29))
    assert cases.run_out(lender.brand_id) == 0
    lender.go_to(today + timedelta(days=31))
    assert [cases.run_out(lender.brand_id) for _ in range(2)] == [1, 0]
    lender.memory.run_jobs()
    assert lender.loan(loan.id).status is Status.EXPIRED
    assert _told(lender).count("APPLICATION_EXPIRED") == 1


def test_an_offer_nobody_takes_expires_with_its_last_day(lender: Lender) -> None:
    caller, loan = _under_review(lender)
    lender.sanction(loan)
    [offer, *_] = [offer for offer, _ in lender.services.offering.offers(caller, loan.id)]
    cases = lender.services.casework
    lender.go_to(offer.expires_at.date() - timedelta(days=1))
    assert cases.run_out(lender.brand_id) == 0
    lender.go_to(offer.expires_at.date() + timedelta(days=1))
    assert cases.run_out(lender.brand_id) == 1
    assert lender.loan(loan.id).status is Status.EXPIRED


def _under_review(lender: Lender) -> tuple[Any, Any]:
    caller = lender.register()
    lender.onboard(caller)
    loan = lender.apply(caller)
    assert loan.status is Status.MANUAL_REVIEW
    return caller, loan


def _block(lender: Lender) -> None:
    blocklist = lender.services.decisions.appraisal.blocklist
    new = NewBlock(type=BlockType.PHONE, value=ASHA.phone, reason="fraud")
    entry = blocklist.prepare(lender.brand_id, new)
    with lender.services.begin(lender.brand_id) as uow:
        uow.records.add(BLOCKLIST, settings.record(BLOCKLIST, uuid4(), entry))


def _told(lender: Lender) -> list[str]:
    return [message.template for message in lender.memory.message.sent]
