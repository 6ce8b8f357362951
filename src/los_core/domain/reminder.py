"""Which reminders a loan is due on a day: dates around closed days, caps, stop conditions.

An occasion is a date that something is reminded of (a due date, a promise, an offer's end). Rules
say how many days from it, by which channels and with which template. `plan` is pure: occasions,
rules, what went out before and an instant give the messages, and the reason for each one withheld.
Kinds and rules are `reminder_rules`; hours are `contact`'s; sending is the services'.
When a debit may follow its notice is `presentation`'s. Source: reminder rules (operations §2).
"""

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

import attrs

from los_core.domain.arrears import SmaClass, classification_dates
from los_core.domain.contact import Traffic, business_day, send_at
from los_core.domain.ids import LoanId
from los_core.domain.money import Paise
from los_core.domain.notices import Channel
from los_core.domain.reminder_rules import BINDING, TRAFFIC, Halt, Kind, Rule, halted
from los_core.domain.timeline import Row


class Withheld(StrEnum):
    """Why a message that a rule asks for does not go; the first that applies is reported."""

    HALTED = "HALTED"
    NO_CONSENT = "NO_CONSENT"
    NO_TEMPLATE = "NO_TEMPLATE"
    ALREADY_SENT = "ALREADY_SENT"
    NEARER_REMINDER = "NEARER_REMINDER"
    DAILY_CAP = "DAILY_CAP"
    MISSED_ITS_DAY = "MISSED_ITS_DAY"


@attrs.frozen(kw_only=True)
class Occasion:
    """A date worth reminding of, still open: what is settled is not an occasion.

    `about` tells occasions of one kind apart (an instalment's number, a docket). `amount` is what
    is asked for, paise; 0 where no money is.
    """

    kind: Kind
    on: date
    about: str
    amount: Paise = 0


@attrs.frozen(kw_only=True)
class Recipient:
    """The loan a plan is made for, and what decides whether its borrower may be written to."""

    loan_id: LoanId
    microfinance: bool = False
    halts: frozenset[Halt] = frozenset()
    marketing_consent: bool = False


@attrs.frozen(kw_only=True)
class Sent:
    """A reminder that went out before: its key, and the day and channel it took."""

    key: str
    channel: Channel
    on: date


@attrs.frozen(kw_only=True)
class Reminder:
    """A message to send at `send_at` (UTC).

    `key` is the idempotency key: loan, kind, nominal date, channel. `nominal_on` is the day before
    closed days moved it; `offset_days` the rule's.
    """

    key: str
    loan_id: LoanId
    kind: Kind
    channel: Channel
    template: str
    about: str
    amount: Paise
    offset_days: int
    nominal_on: date
    send_at: datetime


@attrs.frozen(kw_only=True)
class Plan:
    """What goes, most urgent first, and what does not, with (key, reason)."""

    due: tuple[Reminder, ...] = ()
    withheld: tuple[tuple[str, Withheld], ...] = ()


@attrs.frozen(kw_only=True)
class Sending:
    """The day a reminder goes out, the rule's offset, and the day before closed days moved it."""

    send_on: date
    offset_days: int
    nominal_on: date


def sending_day(anchor: date, offset_days: int, closed: AbstractSet[date]) -> Sending:
    """Return the day for one offset: up to 0 it moves to an earlier open day, above 0 to a later.

    Example REM-01 of the reminder rules.
    """
    nominal = anchor + timedelta(days=offset_days)
    step = timedelta(days=-1 if offset_days <= 0 else 1)
    day = nominal
    while day in closed:
        day += step
    return Sending(send_on=day, offset_days=offset_days, nominal_on=nominal)


def sending_days(
    anchor: date, offsets_days: Iterable[int], closed: AbstractSet[date] = frozenset()
) -> tuple[Sending, ...]:
    """Return the days around one date, in order; of several on one day the nearest offset stays."""
    best: dict[date, Sending] = {}
    for offset in offsets_days:
        found = sending_day(anchor, offset, closed)
        kept = best.get(found.send_on)
        if kept is None or abs(offset) < abs(kept.offset_days):
            best[found.send_on] = found
    return tuple(best[day] for day in sorted(best))


def due_occasions(
    rows: Sequence[Row], *, advance: Paise = 0, autopay: bool = False
) -> tuple[Occasion, ...]:
    """Return the occasions of a loan's instalments: what each row still asks for, by due date.

    `advance` is money held that pays the earliest rows first (`State.advance_held`). With `autopay`
    every row also is a debit to announce.
    """
    kinds = (Kind.PRE_DUE, Kind.DUE_TODAY, Kind.OVERDUE) + ((Kind.PRE_DEBIT,) if autopay else ())
    found = []
    for row in rows:
        held = min(advance, max(0, row.outstanding))
        advance -= held
        if row.outstanding > held:
            found += [
                Occasion(
                    kind=kind,
                    on=row.adjusted_due_on,
                    about=str(row.no),
                    amount=row.outstanding - held,
                )
                for kind in kinds
            ]
    return tuple(found)


def class_occasions(oldest_unpaid_due_on: date | None) -> tuple[Occasion, ...]:
    """Return the days on which an unpaid loan would become SMA-1, SMA-2 and NPA, as notices.

    SMA-0 begins on the due date itself, which other reminders cover. None: nothing is unpaid.
    """
    if oldest_unpaid_due_on is None:
        return ()
    return tuple(
        Occasion(kind=Kind.CLASS_NOTICE, on=day, about=name.value)
        for name, day in classification_dates(oldest_unpaid_due_on)
        if name is not SmaClass.SMA_0
    )


def plan(
    occasions: Iterable[Occasion],
    at: datetime,
    *,
    to: Recipient,
    rules: Collection[Rule],
    closed: AbstractSet[date] = frozenset(),
    sent: Iterable[Sent] = (),
    templates: AbstractSet[tuple[Channel, str]] | None = None,
) -> Plan:
    """Return the messages a loan is due on the business day of `at`, and those withheld.

    On a day in `closed` none are. Of the reminders of one occasion on one day the nearest offset
    stays; of all, one per channel goes, `BINDING` ones beside. A message whose hours have passed
    for the day is withheld, but a binding one waits for the next opening. `templates` are those
    registered, by channel and code; None: not checked here.
    """
    on = business_day(at)
    if on in closed:
        return Plan()
    history = tuple(sent)
    keys = {each.key for each in history}
    taken = {each.channel for each in history if each.on == on}
    due: list[Reminder] = []
    withheld: list[tuple[str, Withheld]] = []
    for reminder, nearest in _asked_for(occasions, at, to=to, rules=rules, closed=closed):
        binding = reminder.kind in BINDING
        late = business_day(reminder.send_at) != on
        checks = (
            *_checks(reminder, to, templates),
            (Withheld.ALREADY_SENT, reminder.key in keys),
            (Withheld.NEARER_REMINDER, not nearest),
            (Withheld.DAILY_CAP, reminder.channel in taken and not binding),
            (Withheld.MISSED_ITS_DAY, late and not binding),
        )
        why = next((why for why, applies in checks if applies), None)
        if why is None:
            due.append(reminder)
            keys.add(reminder.key)
            taken.add(reminder.channel)
        else:
            withheld.append((reminder.key, why))
    return Plan(due=tuple(due), withheld=tuple(withheld))


def _asked_for(
    occasions: Iterable[Occasion],
    at: datetime,
    *,
    to: Recipient,
    rules: Collection[Rule],
    closed: AbstractSet[date],
) -> list[tuple[Reminder, bool]]:
    """Return what the rules ask for on the day, most urgent first, and whether each is nearest."""
    on = business_day(at)
    found = []
    for occasion in occasions:
        for rule in rules:
            if rule.kind is not occasion.kind or not rule.active:
                continue
            sending = sending_day(occasion.on, rule.offset_days, closed)
            if sending.send_on != on:
                continue
            moment = send_at(
                at, TRAFFIC[rule.kind], microfinance=to.microfinance, own=rule.window, closed=closed
            )
            found += [
                Reminder(
                    key=f"{to.loan_id}|{rule.kind}|{sending.nominal_on.isoformat()}|{channel}",
                    loan_id=to.loan_id,
                    kind=rule.kind,
                    channel=channel,
                    template=rule.template,
                    about=occasion.about,
                    amount=occasion.amount,
                    offset_days=rule.offset_days,
                    nominal_on=sending.nominal_on,
                    send_at=moment,
                )
                for channel in rule.channels
            ]
    seen: set[tuple[str, str, Channel]] = set()
    asked = []
    for reminder in sorted(found, key=_urgency):
        family = _family(reminder)
        asked.append((reminder, reminder.kind in BINDING or family not in seen))
        seen.add(family)
    return asked


_DUE_KINDS: Final = frozenset({Kind.PRE_DUE, Kind.DUE_TODAY, Kind.OVERDUE})


def _urgency(reminder: Reminder) -> tuple[bool, int, date, int, int, str]:
    return (
        reminder.kind not in BINDING,
        abs(reminder.offset_days),
        reminder.nominal_on,
        tuple(Kind).index(reminder.kind),
        tuple(Channel).index(reminder.channel),
        reminder.key,
    )


def _family(reminder: Reminder) -> tuple[str, str, Channel]:
    """Reminders that speak of the same thing on the same channel: one of them is enough a day."""
    name = "DUE" if reminder.kind in _DUE_KINDS else reminder.kind.value
    return name, reminder.about, reminder.channel


def _checks(
    reminder: Reminder, to: Recipient, templates: AbstractSet[tuple[Channel, str]] | None
) -> tuple[tuple[Withheld, bool], ...]:
    promotion = TRAFFIC[reminder.kind] is Traffic.PROMOTIONAL
    words = (reminder.channel, reminder.template)
    return (
        (Withheld.HALTED, halted(reminder.kind, to.halts) is not None),
        (Withheld.NO_CONSENT, promotion and not to.marketing_consent),
        (Withheld.NO_TEMPLATE, templates is not None and words not in templates),
    )
