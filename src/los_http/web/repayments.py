"""What a customer owes, pays and has paid."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from los_core.domain.ids import LoanId
from los_core.domain.servicing import PaymentPurpose
from los_core.services import Services
from los_core.services.callers import CustomerCaller
from los_http.answers import PDF, file_answer, wants_pdf
from los_http.auth import CUSTOMER
from los_http.fields import Amount, Body
from los_http.idempotency import Promise
from los_http.routes import get, post
from los_http.views.money import (
    OrderView,
    QuoteView,
    ReceiptsView,
    TimelineView,
    order_view,
    quote_view,
    receipts_view,
    timeline_view,
)


class PayBody(Body):
    """What is to be paid; without an amount it is what is due or quoted today."""

    purpose: PaymentPurpose
    amount_paise: Amount | None = None


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/web/loans/{loan_id:uuid}",
        tags=["Customer: repayment"],
        route_handlers=[repayment_timeline, pay, foreclosure_quote, receipts],
    )


@get("/repayment-timeline", CUSTOMER, also=PDF)
def repayment_timeline(
    request: Request[Any, Any, Any],
    loan_id: FromPath[UUID],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> Response[TimelineView]:
    """Show the instalments, paid and unpaid; the schedule as PDF where Accept prefers it."""
    if wants_pdf(request):
        content = services.repayments.schedule_pdf(customer, LoanId(loan_id))
        return file_answer(content, name="Repayment schedule.pdf", content_type=PDF)
    return Response(timeline_view(services.repayments.timeline(customer, LoanId(loan_id))))


@post("/pay", CUSTOMER, status=201)
def pay(
    loan_id: FromPath[UUID],
    data: JSONBody[PayBody],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
    promise: NamedDependency[Promise],
) -> Response[OrderView]:
    """Create an order to pay at the brand's gateway."""
    return promise.keep(
        lambda once: services.repayments.order(
            customer,
            LoanId(loan_id),
            purpose=data.purpose,
            amount=data.amount_paise,
            once=once,
        ),
        order_view,
        of=data,
        status=201,
    )


@get("/foreclosure-quote", CUSTOMER)
def foreclosure_quote(
    loan_id: FromPath[UUID],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> QuoteView:
    """Show what closes the loan today."""
    return quote_view(services.repayments.quote(customer, LoanId(loan_id)))


@get("/receipts", CUSTOMER)
def receipts(
    loan_id: FromPath[UUID],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> ReceiptsView:
    """List the payments of the loan."""
    return receipts_view(services.repayments.receipts(customer, LoanId(loan_id)))
