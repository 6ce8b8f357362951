"""What steers the work of a brand's staff: reasons, days off, ratings, targets."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from los_core.domain.ids import StaffId
from los_core.domain.lifecycle import Status
from los_core.domain.rating import (
    Band,
    Banded,
    Criterion,
    HigherBetter,
    LowerBetter,
    Matrix,
    Method,
)
from los_core.domain.record_kinds import (
    CUSTOMER_CRITERIA,
    DAYS_OFF,
    STAFF_CRITERIA,
    STATUS_REASONS,
    TARGETS,
)
from los_core.domain.status_reason import StatusReason
from los_core.domain.target import Goal, Metric, PeriodKind, Scope
from los_core.domain.unavailability import Unavailability
from los_http.fields import Amount, Body, Code, Day, Name, Percent, Text
from los_http.records import Module, RecordView

MOST_BANDS: Final = 20


class ReasonBody(Body):
    """A reason; its code is kept in upper case."""

    code: Annotated[str, Meta(min_length=2, max_length=40)]
    label: Name
    applies_to: Annotated[list[Status], Meta(min_length=1, max_length=30)]
    customer_text: Text = ""
    active: bool = True


class ReasonView(RecordView):
    """A reason that staff choose from."""

    code: str
    label: str
    applies_to: list[Status]
    customer_text: str
    active: bool


class DayOffBody(Body):
    """A day off; without a person, of the whole brand."""

    on: Day
    reason: Name
    user_id: UUID | None = None


class DayOffView(RecordView):
    """A day off."""

    on: date
    reason: str
    user_id: UUID | None


class BandBody(Body):
    """Values from `low` on, below `high`, and their score of 0 to 100; null is open."""

    score: Percent
    low: Percent | None = None
    high: Percent | None = None


class MethodBody(Body):
    """How a value scores: by bands, or evenly between `floor` or `ceiling` and `target`."""

    kind: Literal["BAND", "HIGHER_BETTER", "LOWER_BETTER"]
    bands: Annotated[list[BandBody], Meta(max_length=MOST_BANDS)] = msgspec.field(
        default_factory=list
    )
    floor: Percent | None = None
    ceiling: Percent | None = None
    target: Percent | None = None


class CriterionBody(Body):
    """What is measured, how much it weighs, and how it scores."""

    code: Code
    weight: Percent
    method: MethodBody


class CriterionView(RecordView):
    """A criterion of a rating."""

    code: str
    weight: str
    method: MethodBody


class TargetBody(Body):
    """A target: paise for amounts, a count, or hundredths of a per cent for a share."""

    period: PeriodKind
    starts_on: Day
    scope: Scope
    metric: Metric
    value: Amount
    owner_id: UUID | None = None
    parent_id: UUID | None = None


class TargetView(RecordView):
    """A target."""

    period: PeriodKind
    starts_on: date
    scope: Scope
    owner_id: UUID | None
    metric: Metric
    value: int
    parent_id: UUID | None


def _reason(body: ReasonBody, _: StatusReason | None) -> StatusReason:
    return StatusReason(
        code=body.code.strip().upper(),
        label=body.label,
        applies_to=tuple(body.applies_to),
        customer_text=body.customer_text,
        active=body.active,
    )


def reason_fields(value: StatusReason) -> dict[str, Any]:
    """Return a reason's fields."""
    return {
        "code": value.code,
        "label": value.label,
        "applies_to": list(value.applies_to),
        "customer_text": value.customer_text,
        "active": value.active,
    }


def _day_off(body: DayOffBody, _: Unavailability | None) -> Unavailability:
    staff_id = None if body.user_id is None else StaffId(body.user_id)
    return Unavailability(on=body.on, reason=body.reason, staff_id=staff_id)


def _day_off_fields(value: Unavailability) -> dict[str, Any]:
    return {"on": value.on, "reason": value.reason, "user_id": value.staff_id}


def _criterion(body: CriterionBody, _: Criterion | None) -> Criterion:
    found = Criterion(code=body.code, weight=Decimal(body.weight), method=_method(body.method))
    Matrix(criteria=(found,))
    return found


def _method(body: MethodBody) -> Method:
    floor, ceiling, target = (
        Decimal(text or 0) for text in (body.floor, body.ceiling, body.target)
    )
    match body.kind:
        case "BAND":
            return Banded(
                bands=tuple(
                    Band(_decimal(each.low), _decimal(each.high), Decimal(each.score))
                    for each in body.bands
                )
            )
        case "HIGHER_BETTER":
            return HigherBetter(floor=floor, target=target)
        case "LOWER_BETTER":
            return LowerBetter(ceiling=ceiling, target=target)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _criterion_fields(value: Criterion) -> dict[str, Any]:
    return {
        "code": value.code,
        "weight": str(value.weight),
        "method": _method_body(value.method),
    }


def _method_body(method: Method) -> MethodBody:
    match method:
        case Banded():
            bands = [
                BandBody(low=_text(each.low), high=_text(each.high), score=str(each.score))
                for each in method.bands
            ]
            return MethodBody(kind="BAND", bands=bands)
        case HigherBetter():
            return MethodBody(
                kind="HIGHER_BETTER", floor=str(method.floor), target=str(method.target)
            )
        case LowerBetter():
            return MethodBody(
                kind="LOWER_BETTER", ceiling=str(method.ceiling), target=str(method.target)
            )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _target(body: TargetBody, _: Goal | None) -> Goal:
    return Goal(
        period=body.period,
        starts_on=body.starts_on,
        scope=body.scope,
        owner_id=body.owner_id,
        metric=body.metric,
        value=body.value,
        parent_id=body.parent_id,
    )


def target_fields(value: Goal) -> dict[str, Any]:
    """Return a target's fields."""
    return {
        "period": value.period,
        "starts_on": value.starts_on,
        "scope": value.scope,
        "owner_id": value.owner_id,
        "metric": value.metric,
        "value": value.value,
        "parent_id": value.parent_id,
    }


MODULES: Final = (
    Module(kind=STATUS_REASONS, body=ReasonBody, view=ReasonView, read=_reason, show=reason_fields),
    Module(
        kind=DAYS_OFF,
        body=DayOffBody,
        view=DayOffView,
        read=_day_off,
        show=_day_off_fields,
        verbs=("POST", "DELETE"),
    ),
    Module(
        kind=CUSTOMER_CRITERIA,
        body=CriterionBody,
        view=CriterionView,
        read=_criterion,
        show=_criterion_fields,
    ),
    Module(
        kind=STAFF_CRITERIA,
        body=CriterionBody,
        view=CriterionView,
        read=_criterion,
        show=_criterion_fields,
    ),
    Module(
        kind=TARGETS,
        body=TargetBody,
        view=TargetView,
        read=_target,
        show=target_fields,
        verbs=("POST",),
    ),
)
