"""A running loan for staff: payout, timeline, ledger, papers, quote and certificate."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from los_core.domain.ids import LoanId
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_http.answers import PDF, file_answer, wants_pdf
from los_http.auth import staff_with
from los_http.fields import Body, Version
from los_http.idempotency import Promise
from los_http.routes import get, post
from los_http.views.loans import DocumentsView, NoDuesView, documents_view, no_dues_view
from los_http.views.money import (
    ApprovalView,
    LedgerView,
    QuoteView,
    TimelineView,
    approval_view,
    ledger_view,
    quote_view,
    timeline_view,
)

READ: Final = staff_with("loans:read")


class DisburseBody(Body):
    """The version of the loan that the caller has seen."""

    version: Version


def routers() -> list[Router]:
    """Return the routes of this file."""
    tags = ["Staff: servicing"]
    brand = "/partner/brand/{brand_id:uuid}"
    return [
        Router(
            f"{brand}/loans/{{loan_id:uuid}}",
            tags=tags,
            route_handlers=[disburse, repayment_timeline, ledger, documents, generate_ndc],
        ),
        Router(f"{brand}/collection/{{loan_id:uuid}}", tags=tags, route_handlers=[foreclosure]),
    ]


@post("/disburse", staff_with("disbursals:prepare"), status=202)
def disburse(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's: it chose the caller's brand by it
    loan_id: FromPath[UUID],
    data: JSONBody[DisburseBody],
    staff: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    firm_promise: NamedDependency[Promise],
) -> Response[ApprovalView]:
    """Prepare the payout and ask a second person to approve it."""
    return firm_promise.keep(
        lambda once: services.disbursals.prepare(
            staff, LoanId(loan_id), version=data.version, once=once
        ),
        approval_view,
        of=data,
        status=202,
    )


@get("/repayment-timeline", READ, also=PDF)
def repayment_timeline(
    request: Request[Any, Any, Any],
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    staff: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> Response[TimelineView]:
    """Show the instalments, paid and unpaid; the schedule as PDF where Accept prefers it."""
    if wants_pdf(request):
        content = services.repayments.schedule_pdf(staff, LoanId(loan_id))
        return file_answer(content, name="Repayment schedule.pdf", content_type=PDF)
    return Response(timeline_view(services.repayments.timeline(staff, LoanId(loan_id))))


@get("/ledger", READ)
def ledger(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    staff: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> LedgerView:
    """Show the double entry behind the loan."""
    return ledger_view(services.repayments.ledger(staff, LoanId(loan_id)))


@get("/documents", READ)
def documents(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    staff: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> DocumentsView:
    """List the loan's files, each with a short-lived link."""
    return documents_view(services.agreements.documents(staff, LoanId(loan_id)))


@post("/generate-ndc", READ)
def generate_ndc(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    staff: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> NoDuesView:
    """Give the no-dues certificate of a completed loan; it is made once."""
    return no_dues_view(services.closure.certificate(staff, LoanId(loan_id)))


@post("/foreclosure", READ)
def foreclosure(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    staff: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> QuoteView:
    """Quote what closes the loan today; it closes when that is paid."""
    return quote_view(services.repayments.quote(staff, LoanId(loan_id)))
