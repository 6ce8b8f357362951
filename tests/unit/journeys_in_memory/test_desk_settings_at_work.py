"""Reasons, days off and a brand's own words, where they are at work."""

from datetime import timedelta
from typing import Any

import pytest
from tests.unit.journeys_in_memory.conftest import Lender

from los_core.domain.access import Role
from los_core.domain.errors import Invalid
from los_core.domain.lifecycle import Status
from los_core.domain.message_template import MessageTemplate
from los_core.domain.notices import Channel
from los_core.domain.record import Kind
from los_core.domain.record_kinds import (
    DAYS_OFF,
    RELOAN_RULES,
    REMINDER_RULES,
    STATUS_REASONS,
    TARGETS,
    TEMPLATES,
)
from los_core.domain.reloan import ReloanRule
from los_core.domain.reminder_rules import Kind as Reminder
from los_core.domain.reminder_rules import Rule
from los_core.domain.status_reason import StatusReason
from los_core.domain.target import Goal, Metric, PeriodKind, Scope
from los_core.domain.unavailability import Unavailability


def _set(lender: Lender, kind: Kind[Any], value: object) -> Any:
    return lender.services.records.add(lender.staff["admin"], kind, value)


def _reason(code: str, *statuses: Status, **more: Any) -> StatusReason:
    return StatusReason(code=code, label=code.title(), applies_to=statuses, **more)


def _applied(lender: Lender) -> Any:
    caller = lender.register()
    lender.onboard(caller)
    return lender.apply(caller)


def test_a_move_takes_the_brands_own_reasons_for_the_status(lender: Lender) -> None:
    loan = _applied(lender)
    _set(lender, STATUS_REASONS, _reason("NO_PROOF", Status.REJECTED, Status.CANCELLED))
    _set(lender, STATUS_REASONS, _reason("OLD", Status.REJECTED, active=False))
    work, manager = lender.services.underwriting, lender.staff["manager"]
    for codes in (["OLD"], ["R001_AGE"], ["NO_PROOF", "OLD"]):
        with pytest.raises(Invalid) as refused:
            work.reject(manager, loan.id, version=loan.version, reasons=codes)
        assert refused.value.fields[0][0] == "reasonCodes"
    held = lender.services.casework.hold(
        manager, loan.id, version=loan.version, reasons=["ANY_WORD"]
    )
    assert held.status is Status.ON_HOLD
    loan = lender.services.casework.release(
        manager, loan.id, version=held.version, to=Status.MANUAL_REVIEW
    )
    assert (
        work.reject(manager, loan.id, version=loan.version, reasons=["NO_PROOF"]).status
        is Status.REJECTED
    )


def test_a_rejection_says_the_reason_in_the_brands_words(lender: Lender) -> None:
    loan = _applied(lender)
    words = "We could not see your payslips."
    _set(lender, STATUS_REASONS, _reason("NO_PROOF", Status.REJECTED, customer_text=words))
    lender.services.underwriting.reject(
        lender.staff["manager"], loan.id, version=loan.version, reasons=["NO_PROOF"]
    )
    lender.memory.run_jobs()
    told = {each.channel: each.text for each in lender.mail("APPLICATION_REJECTED")}
    assert words in told[Channel.EMAIL]


def test_nobody_is_given_work_on_a_day_off_of_the_brand_or_their_own(lender: Lender) -> None:
    today = lender.memory.clock.business_date()
    second = lender.hire("second", Role.CREDIT_EXECUTIVE)
    own = Unavailability(on=today, reason="Leave", staff_id=lender.staff["executive"].staff_id)
    _set(lender, DAYS_OFF, own)
    caller = lender.register()
    lender.onboard(caller)
    loan = lender.apply(caller)
    assert loan.assigned_to == second.staff_id


def test_on_a_day_off_of_the_brand_applications_wait(lender: Lender) -> None:
    today = lender.memory.clock.business_date()
    _set(lender, DAYS_OFF, Unavailability(on=today, reason="Maintenance"))
    assert _applied(lender).assigned_to is None


def test_a_day_off_is_of_a_colleague(lender: Lender) -> None:
    on = lender.memory.clock.business_date() + timedelta(days=1)
    stranger = lender.memory.entropy.uuid()
    day: Any = Unavailability(on=on, reason="Leave", staff_id=stranger)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="no such person"):
        _set(lender, DAYS_OFF, day)


def test_a_notice_goes_out_in_the_brands_words_and_the_customers_language(lender: Lender) -> None:
    caller, loan = lender.lend()
    told = {"en": "Got {amount}. {brand_name}", "hi": "मिल गया: {amount}. {brand_name}"}
    for language, body in told.items():
        _set(
            lender,
            TEMPLATES,
            MessageTemplate(
                code="PAYMENT_RECEIVED",
                channel=Channel.SMS,
                language=language,
                dlt_template_id="1107161234567890123",
                body=body,
            ),
        )
    lender.pay(caller, loan, amount=1_000_00)
    sms = [each for each in lender.mail("PAYMENT_RECEIVED") if each.channel is Channel.SMS]
    assert [each.text for each in sms] == ["Got ₹1,000.00. Bharat Credit"]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("code", {"code": "OTP"}),
        ("code", {"code": "PAYOUT_FAILED"}),
        ("language", {"language": "english"}),
        ("dltTemplateId", {"dlt_template_id": ""}),
        ("dltTemplateId", {"channel": Channel.EMAIL, "subject": "Paid"}),
        ("subject", {"subject": "Paid"}),
        ("body", {"body": " "}),
        ("body", {"body": "{amount"}),
        ("body", {"body": "{amount!r}"}),
        ("body", {"body": "{loan.terms}"}),
        ("body", {"code": "OVERDUE", "body": "Pay {amount}"}),
    ],
)
def test_a_template_can_always_be_filled(field: str, change: dict[str, Any]) -> None:
    sound: dict[str, Any] = {
        "code": "PAYMENT_RECEIVED",
        "channel": Channel.SMS,
        "dlt_template_id": "1107161234567890123",
        "body": "Got {amount}",
    }
    MessageTemplate(**sound)
    with pytest.raises(Invalid) as refused:
        MessageTemplate(**{**sound, **change})
    assert field in [name for name, _ in refused.value.fields]


def test_a_reminder_has_words_for_its_channels_and_names_the_penal_charge(lender: Lender) -> None:
    def rule(kind: Reminder, offset: int, template: str, channel: Channel) -> Rule:
        return Rule(kind=kind, offset_days=offset, channels=(channel,), template=template)

    for wrong in (
        rule(Reminder.PRE_DUE, -4, "NO_SUCH", Channel.SMS),
        rule(Reminder.PRE_DUE, -4, "PRE_DUE", Channel.WHATSAPP),
        rule(Reminder.OVERDUE, 4, "PRE_DUE", Channel.SMS),
    ):
        with pytest.raises(Invalid):
            _set(lender, REMINDER_RULES, wrong)
    _set(lender, REMINDER_RULES, rule(Reminder.OVERDUE, 4, "OVERDUE", Channel.SMS))


def test_a_target_is_of_a_colleague_and_part_of_one_that_is_there(lender: Lender) -> None:
    def goal(**more: Any) -> Goal:
        first = lender.memory.clock.business_date().replace(day=1)
        told = {"scope": Scope.BRAND, "metric": Metric.DISBURSAL_COUNT, "value": 10}
        return Goal(period=PeriodKind.MONTH, starts_on=first, **{**told, **more})

    whole = _set(lender, TARGETS, goal())
    executive = lender.staff["executive"].staff_id
    _set(lender, TARGETS, goal(scope=Scope.USER, owner_id=executive, parent_id=whole.id))
    stranger = lender.memory.entropy.uuid()
    for wrong in (
        goal(scope=Scope.USER, owner_id=stranger),
        goal(metric=Metric.NEW_CUSTOMERS, parent_id=stranger),
    ):
        with pytest.raises(Invalid):
            _set(lender, TARGETS, wrong)


def test_a_reloan_rule_is_for_a_product_on_offer(lender: Lender) -> None:
    _set(lender, RELOAN_RULES, ReloanRule(product="SALARY_EMI"))
    with pytest.raises(Invalid, match="no such product"):
        _set(lender, RELOAN_RULES, ReloanRule(product="GOLD"))
