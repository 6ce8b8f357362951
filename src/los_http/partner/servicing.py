"""A running loan for staff: payout, timeline, ledger, papers, quote and certificate."""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response, Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from los_core.domain.ids import LoanId, PayoutId
from los_core.domain.payout import Ruling
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_http.answers import PDF, file_answer, wants_pdf
from los_http.auth import requires
from los_http.fields import END, Body, Day, Version
from los_http.idempotency import Promise
from los_http.routes import get, post
from los_http.views.loans import DocumentsView, NoDuesView, documents_view, no_dues_view
from los_http.views.money import (
    ApprovalView,
    LedgerView,
    PayoutsView,
    QuoteView,
    TimelineView,
    approval_view,
    ledger_view,
    payouts_view,
    quote_view,
    timeline_view,
)

READ: Final = requires(permissions=["loans:read"])


class DisburseBody(Body):
    """The version of the loan that the caller has seen."""

    version: Version


class RulingBody(Body):
    """What became of a payout, and what proves it; a payment has the bank's reference and date."""

    ruling: Ruling
    remark: Annotated[str, Meta(min_length=10, max_length=1000)]
    utr: Annotated[str, Meta(max_length=40, pattern=r"^[A-Za-z0-9]*" + END)] = ""
    credited_on: Day | None = None


def routers() -> list[Router]:
    """Return the routes of this file."""
    tags = ["Staff: servicing"]
    brand = "/partner/brand/{brand_id:uuid}"
    return [
        Router(
            f"{brand}/loans/{{loan_id:uuid}}",
            tags=tags,
            route_handlers=[disburse, rule, repayment_timeline, ledger, documents, generate_ndc],
        ),
        Router(f"{brand}/payouts", tags=tags, route_handlers=[undecided]),
        Router(f"{brand}/collection/{{loan_id:uuid}}", tags=tags, route_handlers=[foreclosure]),
    ]


@post("/disburse", requires(permissions=["disbursals:prepare"]), status=202)
def disburse(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's: it chose the caller's brand by it
    loan_id: FromPath[UUID],
    data: JSONBody[DisburseBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    firm_promise: NamedDependency[Promise],
) -> Response[ApprovalView]:
    """Prepare the payout and ask a second person to approve it."""
    return firm_promise.keep(
        lambda once: services.disbursals.prepare(
            partner_user, LoanId(loan_id), version=data.version, once=once
        ),
        approval_view,
        of=data,
        status=202,
    )


@post("/payouts/{payout_id:uuid}/ruling", requires(permissions=["disbursals:prepare"]), status=202)
def rule(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    payout_id: FromPath[UUID],
    data: JSONBody[RulingBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    firm_promise: NamedDependency[Promise],
) -> Response[ApprovalView]:
    """Say what became of a payout where the bank does not; it counts once another approves it."""
    return firm_promise.keep(
        lambda once: services.rulings.ask(
            partner_user,
            LoanId(loan_id),
            PayoutId(payout_id),
            ruling=data.ruling,
            remark=data.remark,
            utr=data.utr,
            credited_on=data.credited_on,
            once=once,
        ),
        approval_view,
        of=data,
        status=202,
    )


@get("/", requires(permissions=["disbursals:read"]))
def undecided(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> PayoutsView:
    """List approved payouts whose end is not known: why, and when the bank is asked again."""
    return payouts_view(services.disbursals.undecided(partner_user))


@get("/repayment-timeline", READ, also=PDF)
def repayment_timeline(
    request: Request[Any, Any, Any],
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> Response[TimelineView]:
    """Show the instalments, paid and unpaid; the schedule as PDF where Accept prefers it."""
    if wants_pdf(request):
        content = services.repayments.schedule_pdf(partner_user, LoanId(loan_id))
        return file_answer(content, name="Repayment schedule.pdf", content_type=PDF)
    return Response(timeline_view(services.repayments.timeline(partner_user, LoanId(loan_id))))


@get("/ledger", READ)
def ledger(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> LedgerView:
    """Show the double entry behind the loan."""
    return ledger_view(services.repayments.ledger(partner_user, LoanId(loan_id)))


@get("/documents", READ)
def documents(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> DocumentsView:
    """List the loan's files, each with a short-lived link."""
    return documents_view(services.agreements.documents(partner_user, LoanId(loan_id)))


@post("/generate-ndc", READ)
def generate_ndc(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> NoDuesView:
    """Give the no-dues certificate of a completed loan; it is made once."""
    return no_dues_view(services.closure.certificate(partner_user, LoanId(loan_id)))


@post("/foreclosure", READ)
def foreclosure(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    loan_id: FromPath[UUID],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> QuoteView:
    """Quote what closes the loan today; it closes when that is paid."""
    return quote_view(services.repayments.quote(partner_user, LoanId(loan_id)))
