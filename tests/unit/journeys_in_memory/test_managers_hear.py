"""Managers hear, once, of applications nobody took and of what takes longer than it may."""

from datetime import timedelta

from tests.unit.journeys_in_memory.conftest import Lender, NewLender

from los_core.domain.brand import AllocationType, Settings
from los_core.domain.lifecycle import Status


def _heard(lender: Lender, name: str = "admin") -> list[str]:
    page = lender.services.notifications.page(lender.staff[name], page=1, limit=100)
    return [each.title for each in page.notifications if each.kind == "SYSTEM_ALERT"]


def _look(lender: Lender) -> int:
    return lender.services.attendance.look(lender.brand_id)


def test_an_application_nobody_took_for_half_an_hour_is_told_once(new_lender: NewLender) -> None:
    lender = new_lender(Settings(allocation=AllocationType.OFF))
    caller = lender.register()
    lender.onboard(caller)
    assert lender.apply(caller).assigned_to is None
    lender.memory.clock.advance(timedelta(minutes=29))
    assert _look(lender) == 0
    lender.memory.clock.advance(timedelta(minutes=1))
    assert [_look(lender), _look(lender)] == [1, 0]
    assert _heard(lender) == ["Application without an executive"]


def test_a_review_that_takes_too_long_is_told_once_for_each_entry(lender: Lender) -> None:
    caller = lender.register()
    lender.onboard(caller)
    loan = lender.apply(caller)
    assert loan.status is Status.MANUAL_REVIEW
    lender.go_to(lender.memory.clock.business_date() + timedelta(days=2))
    assert _look(lender) == 0
    lender.go_to(lender.memory.clock.business_date() + timedelta(days=2))
    assert [_look(lender), _look(lender)] == [1, 0]
    cases, manager = lender.services.casework, lender.staff["manager"]
    held = cases.hold(manager, loan.id, version=loan.version, reasons=["CHECK"])
    cases.release(manager, loan.id, version=held.version, to=Status.MANUAL_REVIEW)
    assert _look(lender) == 0
    lender.go_to(lender.memory.clock.business_date() + timedelta(days=5))
    assert _look(lender) == 1
    assert _heard(lender) == ["Deadline missed"] * 2
