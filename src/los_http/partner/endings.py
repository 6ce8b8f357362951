"""Loans that end with less than was owed, proposed for a second person; and all that have ended."""

from typing import Annotated, Final
from uuid import UUID

from litestar import Response, Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from los_core.domain.ids import LoanId
from los_core.domain.lifecycle import Status
from los_core.domain.settlement import Payment
from los_core.domain.writeoff import Kind
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_http.auth import requires
from los_http.fields import Amount, Body, Day, Reasons, Remark, Version
from los_http.idempotency import Promise
from los_http.routes import get, post
from los_http.views.loans import DeskPage, desk_page
from los_http.views.money import ApprovalView, approval_view

READ: Final = requires(permissions=["loans:read"])
MOST_PAYMENTS: Final = 12


class PaymentBody(Body):
    """One payment of a settlement: by when, and how much."""

    on: Day
    amount_paise: Amount


class SettlementBody(Body):
    """What would settle all dues, and why; `version` is the one the caller has seen."""

    version: Version
    payments: Annotated[list[PaymentBody], Meta(min_length=1, max_length=MOST_PAYMENTS)]
    reason_codes: Reasons
    remark: Remark = ""


class WriteOffBody(Body):
    """How the loan would leave the books, and why."""

    version: Version
    kind: Kind
    reason_codes: Reasons
    remark: Remark = ""


Limit = Annotated[int, QueryParameter(ge=1, le=100)]
After = Annotated[UUID | None, QueryParameter(description="`next` of a page")]


def routers() -> list[Router]:
    """Return the routes of this file."""
    brand = "/partner/brand/{brand_id:uuid}"
    return [
        Router(
            f"{brand}/collection/{{loan_id:uuid}}",
            tags=["Staff: servicing"],
            route_handlers=[settlement, write_off],
        ),
        Router(
            f"{brand}/completed",
            tags=["Staff: loans"],
            route_handlers=[completed, closed, settled, written_off],
        ),
    ]


@post("/settlement", requires(permissions=["settlements:write"]), status=202)
def settlement(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's: it chose the caller's brand by it
    loan_id: FromPath[UUID],
    data: JSONBody[SettlementBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    firm_promise: NamedDependency[Promise],
) -> Response[ApprovalView]:
    """Propose a settlement; it is agreed once a second person approves it."""
    return firm_promise.keep(
        lambda once: services.settlements.propose(
            partner_user,
            LoanId(loan_id),
            version=data.version,
            payments=[Payment(on=each.on, amount=each.amount_paise) for each in data.payments],
            reasons=data.reason_codes,
            remark=data.remark,
            once=once,
        ),
        approval_view,
        of=data,
        status=202,
    )


@post("/writeoff", requires(permissions=["writeoffs:write"]), status=202)
def write_off(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    data: JSONBody[WriteOffBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    firm_promise: NamedDependency[Promise],
) -> Response[ApprovalView]:
    """Propose a write-off; it is booked once an administrator and accounts have both signed."""
    return firm_promise.keep(
        lambda once: services.settlements.write_off(
            partner_user,
            LoanId(loan_id),
            version=data.version,
            kind=data.kind,
            reasons=data.reason_codes,
            remark=data.remark,
            once=once,
        ),
        approval_view,
        of=data,
        status=202,
    )


@get("/", READ)
def completed(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    limit: Limit = 50,
    after: After = None,
) -> DeskPage:
    """List loans that were lent and have ended, newest first."""
    ends = (Status.COMPLETED, Status.SETTLED, Status.WRITTEN_OFF)
    return _page(services, partner_user, ends, limit=limit, after=after)


@get("/closed", READ)
def closed(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    limit: Limit = 50,
    after: After = None,
) -> DeskPage:
    """List loans of which nothing is owed, newest first."""
    return _page(services, partner_user, (Status.COMPLETED,), limit=limit, after=after)


@get("/settled", READ)
def settled(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    limit: Limit = 50,
    after: After = None,
) -> DeskPage:
    """List settled loans, newest first."""
    return _page(services, partner_user, (Status.SETTLED,), limit=limit, after=after)


@get("/writeoff", READ)
def written_off(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    limit: Limit = 50,
    after: After = None,
) -> DeskPage:
    """List loans written off, newest first."""
    return _page(services, partner_user, (Status.WRITTEN_OFF,), limit=limit, after=after)


def _page(
    services: Services,
    staff: StaffCaller,
    statuses: tuple[Status, ...],
    *,
    limit: int,
    after: UUID | None,
) -> DeskPage:
    found = services.applications.desk(
        staff, statuses=statuses, after=LoanId(after) if after else None, limit=limit
    )
    return desk_page(found, limit=limit)
