"""The queue and the post room: what is still running, what failed for good, what was parked."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import attrs
from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from los_core.domain.errors import NotFound
from los_core.domain.ids import BrandId, JobId
from los_core.domain.work import Job, WebhookEvent, date_of
from los_core.services import Services
from los_core.services.arrears import DAY_END
from los_core.services.callers import StaffCaller
from los_http.auth import ADMIN
from los_http.fields import View
from los_http.routes import get, post


class RunsView(View):
    """Whether any job is due or running, how many failed for good, what days are closed.

    Attributes:
        day_ends: the latest business date closed, by brand; no entry before the first.
    """

    idle: bool
    dead_letters: int
    day_ends: dict[str, date]


class DeadLetter(View):
    """A job that failed for good; its payload holds ids and codes only."""

    id: UUID
    brand_id: UUID
    kind: str
    key: str
    payload: dict[str, str]
    due_at: datetime
    created_at: datetime
    attempts: int
    last_error: str


class DeadLettersView(View):
    """Jobs that failed for good."""

    dead_letters: list[DeadLetter]


class ReplayView(View):
    """The job is due again."""

    replayed: bool


class EventView(View):
    """A proven message that could not be applied; its content stays sealed."""

    id: UUID
    brand_id: UUID
    port: str
    provider: str
    account: str
    kind: str
    reference: str
    received_at: datetime
    status: str
    reason: str
    deliveries: int


class EventsView(View):
    """Parked messages, oldest first."""

    events: list[EventView]


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/admin",
        tags=["Administration"],
        route_handlers=[runs, dead_letters, replay, parked],
    )


@get("/jobs/runs", ADMIN)
def runs(services: NamedDependency[Services]) -> RunsView:
    """Tell whether the queue is idle, and up to which date each brand's days are closed."""
    platform = services.platform
    closed = {brand.id: platform.last_slot(brand.id, DAY_END) for brand in platform.brands()}
    return RunsView(
        idle=platform.idle(services.clock.now()),
        dead_letters=len(platform.dead_letters()),
        day_ends={
            str(brand_id): date_of(slot) for brand_id, slot in closed.items() if slot is not None
        },
    )


@get("/dead-letters", ADMIN)
def dead_letters(services: NamedDependency[Services]) -> DeadLettersView:
    """List jobs that failed for good."""
    return DeadLettersView(
        dead_letters=[_dead_letter(job) for job in services.platform.dead_letters()]
    )


@post("/dead-letters/{job_id:uuid}/replay", ADMIN, status=202)
def replay(job_id: FromPath[UUID], services: NamedDependency[Services]) -> ReplayView:
    """Make a dead letter due again."""
    if not services.platform.replay_job(JobId(job_id), services.clock.now()):
        raise NotFound("no such dead letter")
    return ReplayView(replayed=True)


@get("/webhooks/parked", ADMIN)
def parked(
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    brand_id: Annotated[UUID, QueryParameter(name="brandId", description="Of which brand")],
) -> EventsView:
    """List vendors' messages of a brand that could not be applied."""
    if services.platform.brand(BrandId(brand_id)) is None:
        raise NotFound("no such brand")
    here = attrs.evolve(partner_user, brand_id=BrandId(brand_id))
    return EventsView(events=[_event(event) for event in services.webhooks.parked(here)])


def _dead_letter(job: Job) -> DeadLetter:
    return DeadLetter(
        id=job.id,
        brand_id=job.brand_id,
        kind=job.kind,
        key=job.key,
        payload=job.payload,
        due_at=job.due_at,
        created_at=job.created_at,
        attempts=job.attempts,
        last_error=job.last_error,
    )


def _event(event: WebhookEvent) -> EventView:
    return EventView(
        id=event.id,
        brand_id=event.brand_id,
        port=event.port,
        provider=event.provider,
        account=event.account,
        kind=event.kind,
        reference=event.reference,
        received_at=event.received_at,
        status=event.status.value,
        reason=event.reason,
        deliveries=event.deliveries,
    )
