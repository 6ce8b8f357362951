"""When, and whether at all, a customer may be contacted: quiet hours and the rules on calls.

Instants in and out are aware UTC; the hours are of India, which keeps one offset all year. What is
sent, and on which date, is `reminder`'s matter; which vendor carries it, the services'.
Sources: RBI on recovery agents, 12-Aug-2022 (no contact before 08:00 or after 19:00); RBI
Microfinance Directions 2022 (09:00 to 18:00); TRAI TCCCPR 2018 (promotions 10:00 to 21:00); RBI
Digital Lending Directions 2025 (an agent is announced before the first contact).
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from los_core.domain.customer import CustomerStatus
from los_core.domain.errors import Invalid

INDIA: Final = timezone(timedelta(hours=5, minutes=30), "Asia/Kolkata")

MAX_RECOVERY_CALLS: Final = 3
"""Recovery calls to one borrower in a day, over all their loans."""


class Traffic(StrEnum):
    """What a message or call is for; decides the hours it keeps."""

    RECOVERY = "RECOVERY"
    PRE_DUE_SERVICE = "PRE_DUE_SERVICE"
    PROMOTIONAL = "PROMOTIONAL"
    TRANSACTIONAL = "TRANSACTIONAL"


@attrs.frozen
class Window:
    """Hours of the day in India, from `opens` up to but without `closes`.

    Raises: Invalid: the window is empty, or would run over midnight.
    """

    opens: time
    closes: time

    def __attrs_post_init__(self) -> None:
        if self.opens.tzinfo is not None or self.closes.tzinfo is not None:
            raise Invalid("a window's hours carry no zone: they are hours of India")
        if self.opens >= self.closes:
            raise Invalid(f"the window {self.opens}–{self.closes} is empty")

    def has(self, clock: time) -> bool:
        """Return whether the time of day lies in the window."""
        return self.opens <= clock < self.closes


HOURS: Final[Mapping[Traffic, Window | None]] = MappingProxyType(
    {
        Traffic.RECOVERY: Window(time(8), time(19)),
        Traffic.PRE_DUE_SERVICE: Window(time(8), time(21)),
        Traffic.PROMOTIONAL: Window(time(10), time(21)),
        Traffic.TRANSACTIONAL: None,
    }
)
"""The hours of each traffic; None: any time."""

MICROFINANCE_RECOVERY: Final = Window(time(9), time(18))
"""The hours in which a microfinance borrower may be asked for dues."""


def window_of(
    traffic: Traffic, *, microfinance: bool = False, own: Window | None = None
) -> Window | None:
    """Return the hours that bind; None: any time.

    `own` is the lender's own choice: it narrows the hours of the law and cannot widen them.
    Raises: Invalid: the two have no minute in common.
    """
    law = HOURS[traffic]
    if microfinance and traffic is Traffic.RECOVERY:
        law = MICROFINANCE_RECOVERY
    if own is None or law is None:
        return law if own is None else own
    return Window(max(law.opens, own.opens), min(law.closes, own.closes))


def business_day(at: datetime) -> date:
    """Return the calendar date in India of an aware instant. Raises: Invalid: a naive one."""
    return _local(at).date()


def send_at(
    requested_at: datetime,
    traffic: Traffic,
    *,
    microfinance: bool = False,
    own: Window | None = None,
    closed: AbstractSet[date] = frozenset(),
) -> datetime:
    """Return when a message asked for at `requested_at` goes: then, or when hours next open.

    On a day in `closed` nothing goes but transactional messages. The answer is UTC.
    Raises: Invalid: a naive instant, or hours that `own` leaves empty.
    """
    window = window_of(traffic, microfinance=microfinance, own=own)
    if window is None:
        return _local(requested_at).astimezone(UTC)
    local = _local(requested_at)
    shut = frozenset[date]() if traffic is Traffic.TRANSACTIONAL else closed
    if local.date() not in shut and window.has(local.time()):
        return local.astimezone(UTC)
    day = local.date()
    if local.time() >= window.closes:
        day += timedelta(days=1)
    while day in shut:
        day += timedelta(days=1)
    return datetime.combine(day, window.opens, INDIA).astimezone(UTC)


def is_quiet(
    at: datetime, traffic: Traffic, *, microfinance: bool = False, own: Window | None = None
) -> bool:
    """Return whether the instant lies outside the hours of the traffic."""
    window = window_of(traffic, microfinance=microfinance, own=own)
    return window is not None and not window.has(_local(at).time())


class Party(StrEnum):
    """Who is on the other end; a reference or relative is never asked for dues."""

    BORROWER = "BORROWER"
    GUARANTOR = "GUARANTOR"
    REFERENCE = "REFERENCE"
    OTHER = "OTHER"


class CallBar(StrEnum):
    """Why a recovery call or visit may not be made; the first that applies is reported."""

    THIRD_PARTY = "THIRD_PARTY"
    DECEASED = "DECEASED"
    DISPUTE = "DISPUTE"
    BANKRUPTCY = "BANKRUPTCY"
    BEREAVEMENT = "BEREAVEMENT"
    FESTIVAL = "FESTIVAL"
    QUIET_HOURS = "QUIET_HOURS"
    TOO_MANY_CALLS = "TOO_MANY_CALLS"
    AGENT_NOT_ANNOUNCED = "AGENT_NOT_ANNOUNCED"


@attrs.frozen(kw_only=True)
class Recovery:
    """What is known of a borrower when a collector reaches for the phone.

    `calls_today` counts over all loans of the borrower. `agent_announced`: the borrower was sent
    this agent's name and number before; staff of the lender itself need no announcement. The dates
    of a festival and of a bereavement come from the brand, which may leave both empty.
    """

    party: Party
    status: CustomerStatus = CustomerStatus.ACTIVE
    in_dispute: bool = False
    bankrupt: bool = False
    microfinance: bool = False
    calls_today: int = 0
    by_agency: bool = False
    agent_announced: bool = False
    festivals: frozenset[date] = frozenset()
    bereaved: frozenset[date] = frozenset()


_ADDRESSABLE: Final = (Party.BORROWER, Party.GUARANTOR)


def call_bar(case: Recovery, at: datetime) -> CallBar | None:
    """Return why a recovery call may not be made at `at`; None: it may.

    Source: recovery conduct (operations rules §2 and §4), Fair Practices Code.
    """
    day = business_day(at)
    checks = (
        (CallBar.THIRD_PARTY, case.party not in _ADDRESSABLE),
        (CallBar.DECEASED, case.status is CustomerStatus.DECEASED),
        (CallBar.DISPUTE, case.in_dispute),
        (CallBar.BANKRUPTCY, case.bankrupt),
        (CallBar.BEREAVEMENT, day in case.bereaved),
        (CallBar.FESTIVAL, day in case.festivals),
        (
            CallBar.QUIET_HOURS,
            is_quiet(at, Traffic.RECOVERY, microfinance=case.microfinance),
        ),
        (CallBar.TOO_MANY_CALLS, case.calls_today >= MAX_RECOVERY_CALLS),
        (CallBar.AGENT_NOT_ANNOUNCED, case.by_agency and not case.agent_announced),
    )
    return next((bar for bar, applies in checks if applies), None)


def _local(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise Invalid("an instant needs a zone")
    return at.astimezone(INDIA)
