"""A member of staff's own log-ins: where they are signed in, and ending one."""

from datetime import datetime
from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath

from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_http.auth import SESSION
from los_http.fields import View
from los_http.routes import delete, get


class SessionView(View):
    """A log-in; `current` is the one that asks."""

    id: UUID
    device: str
    ip: str
    created_at: datetime
    renewed_at: datetime
    expires_at: datetime
    current: bool


class SessionsView(View):
    """One's log-ins, newest first."""

    sessions: list[SessionView]


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/partner/auth/sessions", tags=["Staff: log-in"], route_handlers=[sessions, end_session]
    )


@get("/", SESSION)
def sessions(
    partner_user: NamedDependency[StaffCaller], services: NamedDependency[Services]
) -> SessionsView:
    """List one's own log-ins."""
    return SessionsView(
        sessions=[
            SessionView(
                id=session.id,
                device=session.device,
                ip=session.ip,
                created_at=session.created_at,
                renewed_at=session.rotated_at,
                expires_at=min(session.expires_at, session.ends_at),
                current=session.id == partner_user.session_id,
            )
            for session in services.sessions.of_staff(partner_user)
        ]
    )


@delete("/{session_id:uuid}", SESSION)
def end_session(
    session_id: FromPath[UUID],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> None:
    """End one of one's own log-ins."""
    services.sessions.end(partner_user, session_id)
