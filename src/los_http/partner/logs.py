"""What is on file of who did what in a brand, and of who logged in."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from los_core.domain.contact import INDIA
from los_core.domain.lifecycle import Actor
from los_core.domain.work import AuditEvent, Sought
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_core.services.trails import LOG_INS, READ
from los_http.auth import requires
from los_http.fields import View
from los_http.partner.activity import FromDay, ToDay, span
from los_http.routes import get

AUDIT = requires(permissions=[READ], persons=True)
LONGEST = timedelta(days=366)
PageNumber = Annotated[int, QueryParameter(ge=1, le=100)]
Limit = Annotated[int, QueryParameter(ge=1, le=100)]
Word = Annotated[str | None, QueryParameter(min_length=1, max_length=60)]
_OUTCOMES = {action: outcome for outcome, action in LOG_INS.items()}


class AuditLine(View):
    """One thing done. `facts` has codes, amounts and ids; numbers of persons are covered."""

    id: UUID
    at: datetime
    actor: str
    actor_id: UUID | None
    actor_name: str | None
    action: str
    entity: str
    entity_id: UUID
    facts: dict[str, Any]


class AuditView(View):
    """A page of the trail, newest first; with `more` another page follows."""

    logs: list[AuditLine]
    page: int
    limit: int
    more: bool


class LoginLine(View):
    """One log-in, or try at one; of the address only its network is told."""

    id: UUID
    at: datetime
    user_id: UUID | None
    name: str | None
    outcome: str
    network: str
    device: str


class LoginsView(View):
    """A page of log-ins, newest first; with `more` another page follows."""

    logs: list[LoginLine]
    page: int
    limit: int
    more: bool


def routers() -> list[Router]:
    """Return the routes of this file."""
    brand = "/partner/brand/{brand_id:uuid}"
    return [
        Router(f"{brand}/user/audit-logs", tags=["Staff: people"], route_handlers=[audit_logs]),
        Router(f"{brand}/reports/login-logs", tags=["Staff: people"], route_handlers=[login_logs]),
    ]


@get("/", AUDIT)
def audit_logs(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's: it chose the caller's brand by it
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    user_id: Annotated[UUID | None, QueryParameter(name="userId")] = None,
    action: Word = None,
    entity: Word = None,
    entity_id: Annotated[UUID | None, QueryParameter(name="entityId")] = None,
    from_date: FromDay = None,
    to_date: ToDay = None,
    page: PageNumber = 1,
    limit: Limit = 20,
) -> AuditView:
    """List what was done in the brand, by whom; by default today."""
    begin, end = span(from_date, to_date, today=_today(services), longest=LONGEST)
    found = services.trails.find(
        partner_user,
        Sought(
            actions=None if action is None else frozenset({action}),
            entity=entity or "",
            entity_id=entity_id,
            actor_id=user_id,
            since=begin,
            until=end,
        ),
        page=page,
        limit=limit,
    )
    return AuditView(
        logs=[_line(event, found.names) for event in found.events],
        page=page,
        limit=limit,
        more=found.more,
    )


@get("/", AUDIT)
def login_logs(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    user_id: Annotated[UUID | None, QueryParameter(name="userId")] = None,
    outcome: FromQuery[Literal["SUCCESS", "REFUSED", "STOLEN"] | None] = None,
    from_date: FromDay = None,
    to_date: ToDay = None,
    page: PageNumber = 1,
    limit: Limit = 20,
) -> LoginsView:
    """List log-ins of the brand's staff and tries at them; by default today's."""
    begin, end = span(from_date, to_date, today=_today(services), longest=LONGEST)
    actions = LOG_INS.values() if outcome is None else [LOG_INS[outcome]]
    found = services.trails.find(
        partner_user,
        Sought(
            actor=Actor.STAFF,
            actions=frozenset(actions),
            actor_id=user_id,
            since=begin,
            until=end,
        ),
        page=page,
        limit=limit,
    )
    return LoginsView(
        logs=[_login(event, found.names) for event in found.events],
        page=page,
        limit=limit,
        more=found.more,
    )


def _today(services: Services) -> date:
    return services.clock.now().astimezone(INDIA).date()


def _line(event: AuditEvent, names: Any) -> AuditLine:
    return AuditLine(
        id=event.id,
        at=event.at,
        actor=event.actor,
        actor_id=event.actor_id,
        actor_name=names.get(event.actor_id),
        action=event.action,
        entity=event.entity,
        entity_id=event.entity_id,
        facts=event.facts,
    )


def _login(event: AuditEvent, names: Any) -> LoginLine:
    return LoginLine(
        id=event.id,
        at=event.at,
        user_id=event.actor_id,
        name=names.get(event.actor_id),
        outcome=_OUTCOMES[event.action],
        network=str(event.facts.get("ip", "")),
        device=str(event.facts.get("device", "")),
    )
