"""What needs two people: payments entered by hand, and the queue of approvals."""

from typing import Annotated, Final
from uuid import UUID

from litestar import Response, Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from los_core.domain.ids import ApprovalId, LoanId, PaymentId
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_http.auth import requires
from los_http.fields import END, Amount, Body, Code, Day, Remark
from los_http.idempotency import Promise
from los_http.routes import get, post
from los_http.views.money import (
    ApprovalsView,
    ApprovalView,
    ReceiptsView,
    ReceiptView,
    approval_view,
    approvals_view,
    receipt_view,
    receipts_view,
)

QUEUE: Final = requires(permissions=["approvals:read"])
"""Who may decide at all; what each kind of item needs besides is the service's to say."""
CHECK: Final = requires(permissions=["payments:approve"])


class PaymentBody(Body):
    """A payment that came in outside the gateway; `reference` is the client's id of it."""

    loan_id: UUID
    amount_paise: Amount
    mode: Code
    reference: Annotated[str, Meta(min_length=1, max_length=64)]
    value_date: Day
    utr: Annotated[str, Meta(max_length=40, pattern=r"^[A-Za-z0-9]*" + END)] = ""
    note: Remark = ""


class ApproveBody(Body):
    """A yes."""

    remark: Remark = ""


class RejectBody(Body):
    """A no, and why."""

    remark: Annotated[str, Meta(min_length=1, max_length=1000)]


def routers() -> list[Router]:
    """Return the routes of this file."""
    brand = "/partner/brand/{brand_id:uuid}"
    return [
        Router(
            f"{brand}/approvals",
            tags=["Staff: approvals"],
            route_handlers=[approvals, approve, reject],
        ),
        Router(
            f"{brand}/payment",
            tags=["Staff: payments"],
            route_handlers=[record_payment, awaiting, approve_payment, reject_payment],
        ),
    ]


@get("/", QUEUE)
def approvals(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's: it chose the caller's brand by it
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> ApprovalsView:
    """List what awaits a second person, oldest first."""
    return approvals_view(services.approvals.pending(partner_user))


@post("/{approval_id:uuid}/approve", QUEUE)
def approve(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    approval_id: FromPath[UUID],
    data: JSONBody[ApproveBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    firm_promise: NamedDependency[Promise],
) -> Response[ApprovalView]:
    """Approve what another person prepared, and carry it out."""
    return firm_promise.keep(
        lambda once: services.approvals.approve(
            partner_user, ApprovalId(approval_id), remark=data.remark, once=once
        ),
        approval_view,
        of=data,
    )


@post("/{approval_id:uuid}/reject", QUEUE)
def reject(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    approval_id: FromPath[UUID],
    data: JSONBody[RejectBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    promise: NamedDependency[Promise],
) -> Response[ApprovalView]:
    """Refuse what another person prepared."""
    return promise.keep(
        lambda once: services.approvals.reject(
            partner_user, ApprovalId(approval_id), remark=data.remark, once=once
        ),
        approval_view,
        of=data,
    )


@post("/process", requires(permissions=["payments:record"]), status=202)
def record_payment(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    data: JSONBody[PaymentBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    firm_promise: NamedDependency[Promise],
) -> Response[ReceiptView]:
    """Enter a payment; it counts once another person approves it."""
    return firm_promise.keep(
        lambda once: services.repayments.record(
            partner_user,
            LoanId(data.loan_id),
            amount=data.amount_paise,
            mode=data.mode,
            reference=data.reference,
            utr=data.utr,
            value_date=data.value_date,
            note=data.note,
            once=once,
        ),
        receipt_view,
        of=data,
        status=202,
    )


@get("/approval", requires(permissions=["payments:read"], persons=True))
def awaiting(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> ReceiptsView:
    """List payments that await a second person."""
    return receipts_view(services.repayments.awaiting(partner_user))


@post("/approve/{payment_id:uuid}", CHECK)
def approve_payment(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    payment_id: FromPath[UUID],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    firm_promise: NamedDependency[Promise],
) -> Response[ApprovalView]:
    """Approve a payment that another person entered: it is posted."""
    return firm_promise.keep(
        lambda once: services.approvals.approve_payment(
            partner_user, PaymentId(payment_id), once=once
        ),
        approval_view,
    )


@post("/reject/{payment_id:uuid}", CHECK)
def reject_payment(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    payment_id: FromPath[UUID],
    data: JSONBody[RejectBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    promise: NamedDependency[Promise],
) -> Response[ApprovalView]:
    """Refuse a payment that another person entered."""
    return promise.keep(
        lambda once: services.approvals.reject_payment(
            partner_user, PaymentId(payment_id), remark=data.remark, once=once
        ),
        approval_view,
        of=data,
    )
