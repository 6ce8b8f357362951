"""How far along a brand's targets are."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from los_core.domain.target import Metric, Pace, PeriodKind, Scope
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_core.services.targets import Standing
from los_http.auth import requires
from los_http.fields import View
from los_http.routes import get

READ = requires(permissions=["settings.read", "reports:read"], persons=True)


class ProgressView(View):
    """How a target stands at the end of a day; shares are per cent. Null: not measured."""

    achieved: int
    achievement_pct: str | None
    expected_run_rate_pct: str | None
    expected: int
    gap: int
    pace: Pace


class StandingView(View):
    """A target; its unit is that of its metric."""

    id: UUID
    period: PeriodKind
    starts_on: date
    ends_on: date
    scope: Scope
    owner_id: UUID | None
    metric: Metric
    value: int
    progress: ProgressView | None


class StandingsView(View):
    """The targets whose period the day lies in."""

    targets: list[StandingView]


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/partner/brand/{brand_id:uuid}/settings/targets/progress",
        tags=["Staff: settings"],
        route_handlers=[target_progress],
    )


@get("/", READ)
def target_progress(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's: it chose the caller's brand by it
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    on: Annotated[date | None, QueryParameter(description="A day; today if left out")] = None,
) -> StandingsView:
    """Show how far along the targets are."""
    found = services.targets.progress(partner_user, on)
    return StandingsView(targets=[_view(each) for each in found])


def _view(standing: Standing) -> StandingView:
    target, stands = standing.target, standing.progress
    return StandingView(
        id=target.id,
        period=target.period,
        starts_on=target.starts_on,
        ends_on=target.ends_on,
        scope=target.scope,
        owner_id=target.owner_id,
        metric=target.metric,
        value=target.value,
        progress=None
        if stands is None
        else ProgressView(
            achieved=stands.achieved,
            achievement_pct=_text(stands.achievement_pct),
            expected_run_rate_pct=_text(stands.expected_run_rate_pct),
            expected=stands.expected,
            gap=stands.gap,
            pace=stands.pace,
        ),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
