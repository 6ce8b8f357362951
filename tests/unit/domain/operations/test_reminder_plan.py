"""Which reminders go on a day, and why others do not."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.contact import INDIA, Window, business_day, is_quiet
from los_core.domain.errors import Invalid
from los_core.domain.ids import LoanId
from los_core.domain.notices import NOTICES, Channel
from los_core.domain.reminder import (
    Occasion,
    Plan,
    Recipient,
    Sent,
    Withheld,
    class_occasions,
    due_occasions,
    plan,
    sending_day,
    sending_days,
)
from los_core.domain.reminder_rules import (
    BINDING,
    TRAFFIC,
    Halt,
    Kind,
    Rule,
    default_rules,
    halted,
    lacks_penal_terms,
)
from los_core.domain.timeline import Row, Status

LOAN = LoanId(UUID(int=7))
DUE = date(2026, 3, 5)
TO = Recipient(loan_id=LOAN)
RULES = default_rules()


def morning(day: date, hour: int = 8) -> datetime:
    return datetime.combine(day, time(hour), INDIA)


def instalment(due_on: date = DUE, **changes: Any) -> Row:
    fields: dict[str, Any] = {
        "no": 1,
        "due_on": due_on,
        "adjusted_due_on": due_on,
        "principal": 900_000,
        "interest": 45_600,
        "charges": 0,
        "paid": 0,
        "outstanding": 945_600,
        "status": Status.UPCOMING,
        "days_late": 0,
        "paid_on": None,
    }
    return Row(**{**fields, **changes})


def kinds(found: Plan) -> list[tuple[Kind, int, Channel]]:
    return [(each.kind, each.offset_days, each.channel) for each in found.due]


def reasons(found: Plan) -> set[Withheld]:
    return {why for _, why in found.withheld}


def test_rem_01_reminder_dates_around_unavailability_days() -> None:
    closed = {date(2026, 3, 4), date(2026, 3, 6)}
    found = sending_days(DUE, (-7, -3, -1, 0, 1, 3, 7), closed)
    assert [(each.send_on, each.offset_days, each.nominal_on) for each in found] == [
        (date(2026, 2, 26), -7, date(2026, 2, 26)),
        (date(2026, 3, 2), -3, date(2026, 3, 2)),
        (date(2026, 3, 3), -1, date(2026, 3, 4)),
        (date(2026, 3, 5), 0, date(2026, 3, 5)),
        (date(2026, 3, 7), 1, date(2026, 3, 6)),
        (date(2026, 3, 8), 3, date(2026, 3, 8)),
        (date(2026, 3, 12), 7, date(2026, 3, 12)),
    ]


def test_of_several_on_one_day_the_nearest_stays() -> None:
    closed = {date(2026, 3, 3), date(2026, 3, 4)}
    found = sending_days(DUE, (-3, -2, -1), closed)
    assert [(each.send_on, each.offset_days) for each in found] == [(date(2026, 3, 2), -1)]


def test_a_due_instalment_is_reminded_of_in_the_morning() -> None:
    found = plan(due_occasions([instalment()]), morning(DUE), to=TO, rules=RULES)
    assert kinds(found) == [(Kind.DUE_TODAY, 0, Channel.SMS)]
    reminder = found.due[0]
    assert reminder.amount == 945_600
    assert reminder.send_at == morning(DUE)
    assert reminder.key == f"{LOAN}|DUE_TODAY|2026-03-05|SMS"


def test_money_held_in_advance_is_not_asked_for_again() -> None:
    rows = [instalment(), instalment(date(2026, 4, 5), no=2)]
    found = due_occasions(rows, advance=1_000_000)
    assert {(each.about, each.amount) for each in found} == {("2", 891_200)}


def test_a_paid_instalment_is_no_occasion() -> None:
    assert due_occasions([instalment(outstanding=0, status=Status.PAID)], autopay=True) == ()


def test_a_debit_notice_takes_the_place_of_the_day_before_reminder() -> None:
    eve = DUE - timedelta(days=1)
    found = plan(due_occasions([instalment()], autopay=True), morning(eve), to=TO, rules=RULES)
    assert kinds(found) == [
        (Kind.PRE_DEBIT, -1, Channel.SMS),
        (Kind.PRE_DEBIT, -1, Channel.EMAIL),
    ]
    assert reasons(found) == {Withheld.DAILY_CAP}


def test_nothing_is_planned_on_a_closed_day() -> None:
    found = plan(due_occasions([instalment()]), morning(DUE), to=TO, rules=RULES, closed={DUE})
    assert found == Plan()


def test_a_second_run_of_the_day_repeats_nothing() -> None:
    occasions = due_occasions([instalment()])
    first = plan(occasions, morning(DUE), to=TO, rules=RULES)
    sent = [Sent(key=each.key, channel=each.channel, on=DUE) for each in first.due]
    again = plan(occasions, morning(DUE, 17), to=TO, rules=RULES, sent=sent)
    assert again.due == ()
    assert reasons(again) == {Withheld.ALREADY_SENT}


def test_one_message_a_day_on_a_channel_whatever_it_is_about() -> None:
    promise = Occasion(kind=Kind.BROKEN_PROMISE, on=DUE, about="p1", amount=5_000)
    day = DUE + timedelta(days=1)
    found = plan([promise, *due_occasions([instalment()])], morning(day), to=TO, rules=RULES)
    assert [each.channel for each in found.due] == [Channel.SMS, Channel.EMAIL]
    assert reasons(found) == {Withheld.DAILY_CAP}


@pytest.mark.parametrize("halt", [Halt.DISPUTE, Halt.DECEASED, Halt.BANKRUPTCY])
def test_reminders_stop_at_once(halt: Halt) -> None:
    to = attrs.evolve(TO, halts=frozenset({halt}))
    found = plan(due_occasions([instalment()]), morning(DUE), to=to, rules=RULES)
    assert found.due == ()
    assert reasons(found) == {Withheld.HALTED}


def test_do_not_disturb_stops_promotions_alone() -> None:
    assert halted(Kind.RELOAN_INVITE, {Halt.DND}) is Halt.DND
    assert halted(Kind.DUE_TODAY, {Halt.DND}) is None
    assert halted(Kind.NDC_READY, {Halt.DISPUTE}) is None


def test_an_invitation_needs_consent() -> None:
    invitation = Occasion(kind=Kind.RELOAN_INVITE, on=DUE, about="reloan")
    day = DUE + timedelta(days=1)
    refused = plan([invitation], morning(day), to=TO, rules=RULES)
    assert reasons(refused) == {Withheld.NO_CONSENT}
    willing = attrs.evolve(TO, marketing_consent=True)
    sent = plan([invitation], morning(day), to=willing, rules=RULES)
    assert [each.send_at for each in sent.due] == [morning(day, 10)]


def test_an_unregistered_template_is_not_sent() -> None:
    found = plan(
        due_occasions([instalment()]), morning(DUE), to=TO, rules=RULES, templates=frozenset()
    )
    assert reasons(found) == {Withheld.NO_TEMPLATE}


def test_a_reminder_whose_hours_have_passed_is_dropped_but_a_binding_one_waits() -> None:
    night = morning(DUE, 22)
    notice = Occasion(kind=Kind.CLASS_NOTICE, on=DUE, about="SMA_1")
    found = plan([notice, *due_occasions([instalment()])], night, to=TO, rules=RULES)
    assert {each.kind for each in found.due} == {Kind.CLASS_NOTICE}
    assert {each.send_at for each in found.due} == {morning(DUE + timedelta(days=1))}
    assert Withheld.DAILY_CAP in reasons(found)
    alone = plan(due_occasions([instalment()]), night, to=TO, rules=RULES)
    assert reasons(alone) == {Withheld.MISSED_ITS_DAY}


def test_the_borrower_is_told_when_the_loan_changes_class() -> None:
    notices = class_occasions(date(2021, 3, 31))
    assert [(each.about, each.on) for each in notices] == [
        ("SMA_1", date(2021, 4, 30)),
        ("SMA_2", date(2021, 5, 30)),
        ("NPA", date(2021, 6, 29)),
    ]
    assert class_occasions(None) == ()
    found = plan(notices, morning(date(2021, 6, 29)), to=TO, rules=RULES)
    assert [each.about for each in found.due] == ["NPA", "NPA"]


def test_an_inactive_rule_asks_for_nothing() -> None:
    rules = [attrs.evolve(rule, active=False) for rule in RULES]
    assert plan(due_occasions([instalment()]), morning(DUE), to=TO, rules=rules) == Plan()


@pytest.mark.parametrize(
    "changes",
    [
        {"channels": ()},
        {"template": ""},
        {"kind": Kind.PRE_DUE, "offset_days": 0},
        {"kind": Kind.PRE_DEBIT, "offset_days": 0},
        {"offset_days": -1},
        {"window": Window(time(19, 30), time(21))},
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(changes: dict[str, Any]) -> None:
    rule = Rule(kind=Kind.OVERDUE, offset_days=1, channels=(Channel.SMS,), template="T")
    with pytest.raises(Invalid):
        attrs.evolve(rule, **changes)


def test_a_reminder_of_dues_names_the_penal_charge() -> None:
    assert lacks_penal_terms(Kind.OVERDUE, "Pay {due_amount} for {loan_no}.")
    assert not lacks_penal_terms(Kind.OVERDUE, "Pay {due_amount}. Penal charge: {penal_terms}.")
    assert not lacks_penal_terms(Kind.PRE_DUE, "Due on {due_on}.")


days = st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 12, 31))
occasions_any = st.lists(
    st.builds(
        Occasion,
        kind=st.sampled_from(Kind),
        on=days,
        about=st.sampled_from(["1", "2", "3"]),
        amount=st.integers(0, 10**7),
    ),
    max_size=12,
)
recipients = st.builds(
    Recipient,
    loan_id=st.just(LOAN),
    microfinance=st.booleans(),
    halts=st.frozensets(st.sampled_from(Halt), max_size=1),
    marketing_consent=st.booleans(),
)
closed_any = st.frozensets(days, max_size=30)


@given(days, st.integers(-30, 90), closed_any)
def test_a_reminder_never_lands_on_a_closed_day_nor_crosses_its_date(
    anchor: date, offset: int, closed: frozenset[date]
) -> None:
    found = sending_day(anchor, offset, closed)
    assert found.send_on not in closed
    if offset <= 0:
        assert found.send_on <= found.nominal_on <= anchor
    else:
        assert found.send_on >= found.nominal_on > anchor


@given(
    occasions_any,
    st.integers(0, 365 * 86_400).map(
        lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    ),
    recipients,
    closed_any,
)
def test_reminders_never_go_in_quiet_hours_nor_twice_on_a_channel(
    occasions: list[Occasion], at: datetime, to: Recipient, closed: frozenset[date]
) -> None:
    found = plan(occasions, at, to=to, rules=RULES, closed=closed)
    for each in found.due:
        assert not is_quiet(each.send_at, TRAFFIC[each.kind], microfinance=to.microfinance)
        assert halted(each.kind, to.halts) is None
        assert each.send_at >= at
    free = Counter(each.channel for each in found.due if each.kind not in BINDING)
    assert all(count == 1 for count in free.values())
    assert len({each.key for each in found.due}) == len(found.due)
    sent = [Sent(key=e.key, channel=e.channel, on=business_day(at)) for e in found.due]
    assert plan(occasions, at, to=to, rules=RULES, closed=closed, sent=sent).due == ()


FILLED = {
    "brand_name": "Udhaar",
    "customer_name": "Asha Rao",
    "loan_no": "LN-000042",
    "due_amount": "₹9,456.00",
    "due_on": "05 Mar 2026",
    "penal_terms": "0.1 % a day after 3 days",
    "class_name": "SMA-1",
    "grievance": "R. Iyer, 18002000000",
}


@pytest.mark.parametrize("rule", default_rules(), ids=lambda rule: f"{rule.kind}{rule.offset_days}")
def test_every_reminder_has_its_words_on_each_of_its_channels(rule: Rule) -> None:
    notice = NOTICES[rule.template]
    assert set(rule.channels) <= set(notice.channels)
    for channel in rule.channels:
        subject, text = notice.words(channel, FILLED)
        by_email, by_sms = ("Dear Asha Rao", "18002000000"), ("", ". Udhaar")
        first, last = by_email if channel is Channel.EMAIL else by_sms
        assert text.startswith(first)
        assert text.endswith(last)
        assert subject or channel is Channel.SMS
        assert not lacks_penal_terms(rule.kind, notice.email or notice.sms)
        assert not lacks_penal_terms(rule.kind, notice.sms)


def test_what_a_reminder_asks_for_is_in_its_words() -> None:
    for kind in (Kind.PRE_DUE, Kind.DUE_TODAY, Kind.PRE_DEBIT, Kind.OVERDUE, Kind.BROKEN_PROMISE):
        _, text = NOTICES[kind.value].words(Channel.SMS, FILLED)
        assert "₹9,456.00" in text
        assert "05 Mar 2026" in text or kind is Kind.DUE_TODAY


def test_an_sms_fits_into_two_parts() -> None:
    for rule in default_rules():
        _, text = NOTICES[rule.template].words(Channel.SMS, FILLED)
        assert len(text) <= 2 * 153, rule.template
