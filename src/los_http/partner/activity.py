"""Who of a brand's staff is at work: one's own signs of life, and everybody's sittings."""

from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from los_core.domain.activity import Sitting, Summary
from los_core.domain.contact import INDIA
from los_core.domain.errors import Invalid
from los_core.domain.ids import StaffId
from los_core.services import Services
from los_core.services.attendance import LONGEST, Seen
from los_core.services.callers import StaffCaller
from los_http.auth import SESSION, requires
from los_http.fields import View
from los_http.routes import get, post

READ = requires(permissions=["staff:read"])
FromDay = Annotated[date | None, QueryParameter(name="fromDate", description="First day, in India")]
ToDay = Annotated[date | None, QueryParameter(name="toDate", description="Last day, in India")]


class SittingView(View):
    """A log-in at work in the brand. `presence` is how it stands now; seconds are whole ones."""

    id: UUID
    user_id: UUID
    name: str
    device: str
    ip: str
    login_at: datetime
    last_active_at: datetime
    idle_seconds: int
    presence: str
    logout_at: datetime | None
    end_reason: str | None


class SummaryView(View):
    """A person's figures over the span; the share is a per cent of the time logged in."""

    sessions: int
    first_login_at: datetime | None
    online_seconds: int
    idle_seconds: int
    active_pct: str | None


class SittingsView(View):
    """Sittings that began in the span, newest first; figures where one person is asked for."""

    sessions: list[SittingView]
    page: int
    limit: int
    total: int
    summary: SummaryView | None


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/partner/brand/{brand_id:uuid}/activity",
        tags=["Staff: activity"],
        route_handlers=[ping, activity_sessions],
    )


@post("/ping", SESSION, status=204)
def ping(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's: it chose the caller's brand by it
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> None:
    """Give a sign of life; after half an hour without any the session ends."""
    services.attendance.ping(partner_user)


@get("/sessions", READ)
def activity_sessions(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    user_id: Annotated[UUID | None, QueryParameter(name="userId")] = None,
    from_date: FromDay = None,
    to_date: ToDay = None,
    page: Annotated[int, QueryParameter(ge=1, le=100)] = 1,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 20,
) -> SittingsView:
    """List when staff were at work and idle; by default today."""
    today = services.clock.now().astimezone(INDIA).date()
    begin, end = span(from_date, to_date, today=today, longest=LONGEST)
    found = services.attendance.seen(
        partner_user,
        staff_id=None if user_id is None else StaffId(user_id),
        since=begin,
        until=end,
        page=page,
        limit=limit,
    )
    return _view(found, services.clock.now(), page=page, limit=limit)


def span(
    first: date | None, last: date | None, *, today: date, longest: timedelta
) -> tuple[datetime, datetime]:
    """Return the instants from the start of the first day to the end of the last.

    One day alone is that day; none is today. Raises: Invalid: none or too many days.
    """
    begin = first or last or today
    end = last or max(begin, today if first else begin)
    if not timedelta(0) <= end - begin < longest:
        raise Invalid(
            "no such span",
            fields=[("toDate", f"must lie within {longest.days} days from `fromDate` on")],
        )
    return (
        datetime.combine(begin, time(), INDIA),
        datetime.combine(end + timedelta(days=1), time(), INDIA),
    )


def _view(found: Seen, at: datetime, *, page: int, limit: int) -> SittingsView:
    return SittingsView(
        sessions=[
            _sitting(each, found.names.get(each.staff_id, ""), at) for each in found.sittings
        ],
        page=page,
        limit=limit,
        total=found.total,
        summary=None if found.summary is None else _summary(found.summary),
    )


def _sitting(sitting: Sitting, name: str, at: datetime) -> SittingView:
    activity = sitting.activity
    return SittingView(
        id=sitting.id,
        user_id=sitting.staff_id,
        name=name,
        device=sitting.device,
        ip=sitting.ip,
        login_at=activity.started_at,
        last_active_at=activity.last_active_at,
        idle_seconds=activity.idle_s,
        presence=activity.presence(at).value,
        logout_at=activity.ended_at,
        end_reason=activity.end_reason and activity.end_reason.value,
    )


def _summary(figures: Summary) -> SummaryView:
    return SummaryView(
        sessions=figures.sessions,
        first_login_at=figures.first_login_at,
        online_seconds=figures.online_s,
        idle_seconds=figures.idle_s,
        active_pct=None if figures.active_pct is None else str(figures.active_pct),
    )
