"""What happens to an application nobody moves: status, age, action, as a table.

Pure: the services say since when a loan waits, and carry out what is due; nudges before the end are
`reminder`'s. A payout of unknown outcome is only asked about, and never sent again by a clock.
Source: loan lifecycle §1.6.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from los_core.domain.contact import INDIA, Window, business_day
from los_core.domain.errors import Invalid
from los_core.domain.lifecycle import Command, Status
from los_core.domain.workdays import is_working_day


class Start(StrEnum):
    """What an age is counted from."""

    ACTIVITY = "ACTIVITY"
    ENTRY = "ENTRY"
    OFFER_END = "OFFER_END"
    KFS_END = "KFS_END"
    HOLD_END = "HOLD_END"


class Action(StrEnum):
    """What is done."""

    EXPIRE = "EXPIRE"
    EXPIRE_AGREEMENT = "EXPIRE_AGREEMENT"
    RELEASE = "RELEASE"
    ESCALATE = "ESCALATE"
    ALERT = "ALERT"


COMMANDS: Final[Mapping[Action, Command | None]] = MappingProxyType(
    {
        Action.EXPIRE: Command.EXPIRE,
        Action.EXPIRE_AGREEMENT: Command.EXPIRE_AGREEMENT,
        Action.RELEASE: Command.RELEASE,
        Action.ESCALATE: None,
        Action.ALERT: None,
    }
)
"""The move an action makes; None: people are told, and the loan stays where it is."""


OFFICE: Final = Window(time(10), time(18))


@attrs.frozen(kw_only=True)
class Limits:
    """A brand's spans. Days are whole days; review counts hours of `office` on working days."""

    idle_days: int = 30
    after_kfs_days: int = 2
    esign_days: int = 7
    after_esign_days: int = 7
    hold_days: int = 30
    review_hours: int = 24
    office: Window = OFFICE
    payout_alert: timedelta = timedelta(hours=4)


@attrs.frozen(kw_only=True)
class Timeout:
    """One row: in `status`, when `age` has passed since `start`, `action` is due."""

    status: Status
    start: Start
    age: timedelta
    action: Action
    working: bool = False


def table(limits: Limits | None = None) -> tuple[Timeout, ...]:
    """Return the rows. `working` rows count office hours only.

    `limits` None: the defaults. Source: loan lifecycle §1.6.
    """
    given = limits or Limits()
    idle = timedelta(days=given.idle_days)
    none = timedelta()
    rows = (
        (Status.DRAFT, Start.ACTIVITY, idle, Action.EXPIRE),
        (Status.INFO_REQUIRED, Start.ACTIVITY, idle, Action.EXPIRE),
        (Status.APPROVED, Start.OFFER_END, none, Action.EXPIRE),
        (
            Status.SANCTIONED,
            Start.KFS_END,
            timedelta(days=given.after_kfs_days),
            Action.EXPIRE,
        ),
        (
            Status.AGREEMENT_SENT,
            Start.ENTRY,
            timedelta(days=given.esign_days),
            Action.EXPIRE_AGREEMENT,
        ),
        (
            Status.AGREEMENT_EXPIRED,
            Start.ENTRY,
            timedelta(days=given.after_esign_days),
            Action.EXPIRE,
        ),
        (Status.DISBURSEMENT_INITIATED, Start.ENTRY, given.payout_alert, Action.ALERT),
        (Status.ON_HOLD, Start.HOLD_END, none, Action.RELEASE),
        (Status.ON_HOLD, Start.ENTRY, timedelta(days=given.hold_days), Action.RELEASE),
    )
    review = Timeout(
        status=Status.MANUAL_REVIEW,
        start=Start.ENTRY,
        age=timedelta(hours=given.review_hours),
        action=Action.ESCALATE,
        working=True,
    )
    return (
        *(
            Timeout(status=status, start=start, age=age, action=action)
            for status, start, age, action in rows
        ),
        review,
    )


@attrs.frozen(kw_only=True)
class Waiting:
    """A loan that waits: where, and the instants an age may be counted from (aware).

    A start that is missing is not counted from: an offer's end for a loan without one.
    """

    status: Status
    since: Mapping[Start, datetime]


@attrs.frozen(kw_only=True)
class Due:
    """An action whose time has come, and since when (UTC)."""

    action: Action
    since: datetime


def due(
    waiting: Waiting,
    at: datetime,
    *,
    limits: Limits | None = None,
    holidays: AbstractSet[date] = frozenset(),
) -> Due | None:
    """Return the action that is due for a loan at an instant, the earliest of several; or None."""
    given = limits or Limits()
    found: Iterable[Due] = (
        Due(action=row.action, since=moment)
        for row in table(given)
        if row.status is waiting.status and row.start in waiting.since
        for moment in (_deadline(waiting.since[row.start], row, given, holidays),)
        if moment <= at
    )
    return min(found, key=lambda each: each.since, default=None)


def end_of(day: date) -> datetime:
    """Return the first instant (UTC) after a day in India, when what is good through it ends."""
    return datetime.combine(day + timedelta(days=1), time(), INDIA).astimezone(UTC)


_POLLS: Final = (timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=15))
_HOUR: Final = timedelta(hours=1)


def next_poll(initiated_at: datetime, after: datetime) -> datetime:
    """Return when a payout of unknown outcome is asked about next, after an instant.

    Two, five and fifteen minutes and an hour from its initiation, then every hour.
    """
    for wait in _POLLS:
        if initiated_at + wait > after:
            return initiated_at + wait
    hours = max(0, (after - initiated_at) // _HOUR) + 1
    return initiated_at + hours * _HOUR


def add_working_hours(
    at: datetime, span: timedelta, *, office: Window, holidays: AbstractSet[date]
) -> datetime:
    """Return the instant (UTC) at which `span` of office hours has passed since `at`.

    Raises: Invalid: a naive instant or a span below zero.
    """
    if span < timedelta():
        raise Invalid("a span of working hours is not below zero")
    day = business_day(at)
    now, left = at, span
    while True:
        opens = datetime.combine(day, office.opens, INDIA)
        closes = datetime.combine(day, office.closes, INDIA)
        begin = max(now, opens)
        if is_working_day(day, holidays) and begin < closes:
            if begin + left <= closes:
                return (begin + left).astimezone(UTC)
            left -= closes - begin
        day += timedelta(days=1)


def _deadline(
    start: datetime, row: Timeout, limits: Limits, holidays: AbstractSet[date]
) -> datetime:
    if row.working:
        return add_working_hours(start, row.age, office=limits.office, holidays=holidays)
    return (start + row.age).astimezone(UTC)
