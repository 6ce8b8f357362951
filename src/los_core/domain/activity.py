"""A staff member's presence: pings, idle time, and when the session ends by itself.

All instants are the server's, aware; spans are whole seconds. What a session may do is `access`.
Source: activity tracking (operations §10).
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

import attrs

from los_core.domain.contact import INDIA
from los_core.domain.errors import Invalid
from los_core.domain.ids import BrandId, StaffId
from los_core.domain.metrics import percent
from los_core.domain.workdays import is_working_day

LEAST_GAP: Final = timedelta(seconds=30)
IDLE_AFTER: Final = timedelta(minutes=5)
ALERT_AFTER: Final = timedelta(minutes=20)
LOGOUT_AFTER: Final = timedelta(minutes=30)
KEPT: Final = timedelta(days=365)
"""How long it is kept who was at work when."""
OPENS: Final = time(9)
CLOSES: Final = time(19)
"""Working hours in India, in which a manager hears of who is idle; never on a day of rest."""


class Presence(StrEnum):
    """How a session stands."""

    ACTIVE = "ACTIVE"
    IDLE = "IDLE"
    ALERT = "ALERT"
    ENDED = "ENDED"


class EndReason(StrEnum):
    """Why a session ended."""

    LOGOUT = "LOGOUT"
    IDLE = "IDLE"
    REPLACED = "REPLACED"
    REVOKED = "REVOKED"


@attrs.frozen(kw_only=True)
class Activity:
    """One session: its start, the last ping, and the seconds of gaps longer than five minutes."""

    started_at: datetime
    last_active_at: datetime
    idle_s: int = 0
    ended_at: datetime | None = None
    end_reason: EndReason | None = None

    @classmethod
    def start(cls, at: datetime) -> Self:
        """Return a session that begins at an aware instant. Raises: Invalid: a naive one."""
        if at.tzinfo is None:
            raise Invalid("an instant needs a zone")
        return cls(started_at=at, last_active_at=at)

    def ping(self, at: datetime) -> "Activity":
        """Return the session after a sign of life.

        One within thirty seconds of the last, or before it, changes nothing. A gap of more than
        five minutes is idle time as a whole; one of thirty minutes has ended the session.
        """
        gap = at - self.last_active_at
        if self.ended_at is not None or gap < LEAST_GAP:
            return self
        if gap >= LOGOUT_AFTER:
            return self.close_idle(at)
        idle = gap // timedelta(seconds=1) if gap > IDLE_AFTER else 0
        return attrs.evolve(self, last_active_at=at, idle_s=self.idle_s + idle)

    def close_idle(self, at: datetime) -> "Activity":
        """Return the session ended thirty minutes after its last ping, if that time has come."""
        end = self.last_active_at + LOGOUT_AFTER
        if self.ended_at is not None or at < end:
            return self
        return self._ended(end, EndReason.IDLE)

    def close(self, at: datetime, reason: EndReason) -> "Activity":
        """Return the session ended now; one that ended before stays as it ended."""
        found = self.close_idle(at)
        return found if found.ended_at is not None else self._ended(at, reason)

    def presence(self, at: datetime, *, alert_after: timedelta = ALERT_AFTER) -> Presence:
        """Return how the session stands; on ALERT the manager hears of it, in working hours."""
        gap = at - self.last_active_at
        if self.ended_at is not None or gap >= LOGOUT_AFTER:
            return Presence.ENDED
        if gap >= alert_after:
            return Presence.ALERT
        return Presence.IDLE if gap > IDLE_AFTER else Presence.ACTIVE

    def _ended(self, end: datetime, reason: EndReason) -> "Activity":
        gap = end - self.last_active_at
        idle = gap // timedelta(seconds=1) if gap > IDLE_AFTER else 0
        return attrs.evolve(
            self, ended_at=end, end_reason=reason, idle_s=self.idle_s + max(0, idle)
        )


@attrs.frozen(kw_only=True)
class Sitting:
    """A log-in of a member of staff at work in one brand.

    Attributes:
        id: the log-in's, of which there is one for each device.
        alerted_at: when a manager was last told that nothing is heard of it.
    """

    id: UUID
    brand_id: BrandId
    staff_id: StaffId
    device: str
    ip: str
    activity: Activity
    alerted_at: datetime | None = None

    def alarming(self, at: datetime, *, alert_after: timedelta) -> bool:
        """Whether a manager is to be told now: once for each time of silence."""
        told = self.alerted_at is not None and self.alerted_at > self.activity.last_active_at
        return not told and self.activity.presence(at, alert_after=alert_after) is Presence.ALERT


def in_working_hours(at: datetime, closed: AbstractSet[date]) -> bool:
    """Whether an instant lies in working hours of a day on which the brand works."""
    local = at.astimezone(INDIA)
    return OPENS <= local.time() < CLOSES and is_working_day(local.date(), closed)


@attrs.frozen(kw_only=True)
class Summary:
    """A person's day: sessions, first log-in, seconds logged in and idle, and the active share."""

    sessions: int
    first_login_at: datetime | None
    online_s: int
    idle_s: int
    active_pct: Decimal | None


def summary(sessions: Iterable[Activity], at: datetime) -> Summary:
    """Return the figures of sessions; one still open counts up to its last ping."""
    closed = [each.close_idle(at) for each in sessions]
    online = sum(
        ((each.ended_at or each.last_active_at) - each.started_at) // timedelta(seconds=1)
        for each in closed
    )
    idle = min(online, sum(each.idle_s for each in closed))
    return Summary(
        sessions=len(closed),
        first_login_at=min((each.started_at for each in closed), default=None),
        online_s=online,
        idle_s=idle,
        active_pct=percent(online - idle, online),
    )
