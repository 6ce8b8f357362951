"""The loans of a brand: the desk's list, one loan with everything, and the decisions of people."""

from collections.abc import Callable
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Response, Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from los_core.domain.errors import InvalidTransition
from los_core.domain.ids import LoanId
from los_core.domain.lifecycle import Status
from los_core.domain.loan import Loan
from los_core.ports.work import Once
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_http.auth import requires
from los_http.fields import Amount, Body, Count, Day, Reasons, Remark, Version
from los_http.idempotency import Promise
from los_http.routes import get, post
from los_http.views.decisions import EvaluationView, evaluation_view
from los_http.views.loans import (
    DeskLoan,
    DeskMove,
    DeskPage,
    OffersView,
    desk_fields,
    desk_loan,
    desk_move,
    desk_page,
    offers_view,
    sanctioned_view,
)
from los_http.views.money import PayoutView, payout_view
from los_http.views.people import CustomerView, customer_view

READ: Final = requires(permissions=["loans:read"])


class StatusBody(Body):
    """Where a loan is to be moved, and why; `version` is the one the caller has seen.

    `held_until` is the last day of a hold, null for one without an end.
    """

    target_status: Status
    version: Version
    held_until: Day | None = None
    reason_codes: Reasons = msgspec.field(default_factory=list)
    remark: Remark = ""


class SanctionBody(Body):
    """What is sanctioned."""

    version: Version
    amount_paise: Amount
    tenure: Count
    remark: Remark = ""


class LoanFile(DeskLoan):
    """One loan with its customer, history and payouts."""

    customer: CustomerView
    history: list[DeskMove]
    payouts: list[PayoutView]


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/partner/brand/{brand_id:uuid}/loans",
        tags=["Staff: loans"],
        route_handlers=[desk, file, evaluation, move, sanction, offers],
    )


@get("/", READ)
def desk(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's: it chose the caller's brand by it
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    status: Annotated[list[Status] | None, QueryParameter(description="Any of these")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
    after: Annotated[UUID | None, QueryParameter(description="`next` of a page")] = None,
) -> DeskPage:
    """List loans, newest first; executives see their own."""
    found = services.applications.desk(
        partner_user,
        statuses=status or (),
        after=LoanId(after) if after else None,
        limit=limit,
    )
    return desk_page(found, limit=limit)


@get("/{loan_id:uuid}", READ)
def file(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> LoanFile:
    """Show one loan with everything."""
    loan, customer, history = services.applications.file(partner_user, LoanId(loan_id))
    payouts = services.disbursals.payouts(partner_user, LoanId(loan_id))
    return LoanFile(
        **desk_fields(loan),
        customer=customer_view(customer),
        history=[desk_move(line) for line in history],
        payouts=[payout_view(payout) for payout in payouts],
    )


@get("/{loan_id:uuid}/evaluation", READ)
def evaluation(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> EvaluationView:
    """Explain the decisions of both engines, rule by rule."""
    return evaluation_view(*services.decisions.explained(partner_user, LoanId(loan_id)))


@post("/{loan_id:uuid}/status", requires(permissions=["loans:recommend"]))
def move(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    data: JSONBody[StatusBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    promise: NamedDependency[Promise],
) -> Response[DeskLoan]:
    """Recommend, return, reject, reopen, hold or release a loan, ask for information, or cancel.

    Other moves have routes of their own: asking for them here is refused with what is allowed.
    """
    command = _command(services, partner_user, LoanId(loan_id), data)
    return promise.keep(command, desk_loan, of=data)


@post("/{loan_id:uuid}/sanction", requires(permissions=["loans:approve"]))
def sanction(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    data: JSONBody[SanctionBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    promise: NamedDependency[Promise],
) -> Response[OffersView]:
    """Approve what another person recommended, and make the offers."""
    return promise.keep(
        lambda once: services.underwriting.approve(
            partner_user,
            LoanId(loan_id),
            version=data.version,
            amount=data.amount_paise,
            tenure=data.tenure,
            remark=data.remark,
            once=once,
        ),
        sanctioned_view,
        of=data,
    )


@get("/{loan_id:uuid}/offers", READ)
def offers(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> OffersView:
    """List the offers, each with its Key Facts Statement."""
    return offers_view(services.offering.offers(partner_user, LoanId(loan_id)))


def _command(
    services: Services, staff: StaffCaller, loan_id: LoanId, data: StatusBody
) -> Callable[[Once | None], Loan]:
    """Return what a target status asks of the services, by where the loan stands.

    A repeat finds the loan moved, and gets what the first call answered whichever is asked.
    """
    loan, _, _ = services.applications.file(staff, loan_id)
    target = data.target_status
    reasoned: dict[str, Any] = {
        "version": data.version,
        "reasons": data.reason_codes,
        "remark": data.remark,
    }
    work, cases = services.underwriting, services.casework
    if loan.status is Status.REJECTED and target is Status.MANUAL_REVIEW:
        return lambda once: cases.reopen(staff, loan_id, **reasoned, once=once)
    commands: dict[Status, Callable[[Once | None], Loan]] = {
        Status.RECOMMENDED: lambda once: work.recommend(
            staff, loan_id, version=data.version, remark=data.remark, once=once
        ),
        Status.MANUAL_REVIEW: lambda once: work.send_back(staff, loan_id, **reasoned, once=once),
        Status.REJECTED: lambda once: work.reject(staff, loan_id, **reasoned, once=once),
        Status.CANCELLED: lambda once: work.cancel(staff, loan_id, **reasoned, once=once),
        Status.INFO_REQUIRED: lambda once: cases.ask(staff, loan_id, **reasoned, once=once),
        Status.ON_HOLD: lambda once: cases.hold(
            staff, loan_id, until=data.held_until, **reasoned, once=once
        ),
    }
    if loan.status is Status.ON_HOLD or (target is loan.status and target not in commands):
        return lambda once: cases.release(
            staff, loan_id, version=data.version, to=target, remark=data.remark, once=once
        )
    if target not in commands:
        raise InvalidTransition(
            f"a loan in {loan.status} is not moved to {target} by this route",
            details=loan.next_steps(),
        )
    return commands[target]
