"""Reasons for a status, for drop-downs of any member of staff."""

from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from los_core.domain.lifecycle import Status
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_http.auth import SESSION
from los_http.fields import View
from los_http.routes import get


class ReasonLine(View):
    """A reason to choose."""

    code: str
    label: str
    applies_to: list[Status]


class ReasonsView(View):
    """Active reasons, in the order they were added."""

    reasons: list[ReasonLine]


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/partner/brand/{brand_id:uuid}/status-reasons",
        tags=["Staff: loans"],
        route_handlers=[status_reasons],
    )


@get("/", SESSION)
def status_reasons(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's: it chose the caller's brand by it
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    status: FromQuery[Status | None] = None,
) -> ReasonsView:
    """List the reasons that may be given for a status, or all."""
    found = services.published.reasons(partner_user, status)
    return ReasonsView(
        reasons=[
            ReasonLine(code=each.code, label=each.label, applies_to=list(each.applies_to))
            for each in found
        ]
    )
