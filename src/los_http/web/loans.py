"""A customer's loans: from the application to the acceptance of an offer and the signature."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from los_core.domain.coupon import canonical_code
from los_core.domain.ids import LoanId, OfferId
from los_core.services import Services
from los_core.services.callers import CustomerCaller
from los_http.answers import PDF, file_answer, wants_pdf
from los_http.auth import CUSTOMER
from los_http.fields import Amount, Body, Code, Count, CouponText, Text
from los_http.idempotency import Promise
from los_http.routes import get, post
from los_http.views.keyfacts import KeyFactsView, key_facts_view
from los_http.views.loans import (
    AgreementStanding,
    LoanStory,
    LoansView,
    LoanView,
    OffersView,
    agreement_standing,
    loan_story,
    loan_view,
    loans_view,
    offers_view,
)


class ApplicationBody(Body):
    """What is applied for; `tenure` is instalments, or days for a bullet product."""

    product: Code
    amount_paise: Amount
    tenure: Count
    purpose: Text = ""
    coupon_code: CouponText | None = None


class CancelBody(Body):
    """Why the application is withdrawn."""

    reason_codes: Annotated[list[Code], Meta(min_length=1, max_length=10)]


class OfferBody(Body):
    """Which offer."""

    offer_id: UUID


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/web/loans",
        tags=["Customer: loans"],
        route_handlers=[
            loans,
            apply,
            loan,
            submit,
            cancel,
            offers,
            key_facts,
            acknowledge,
            accept_offer,
            agreement,
            sign_agreement,
        ],
    )


@get("/", CUSTOMER)
def loans(
    customer: NamedDependency[CustomerCaller], services: NamedDependency[Services]
) -> LoansView:
    """List the customer's loans, newest first."""
    return loans_view(services.applications.loans(customer))


@post("/", CUSTOMER, status=201)
def apply(
    data: JSONBody[ApplicationBody],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
    promise: NamedDependency[Promise],
) -> Response[LoanView]:
    """Begin an application."""
    return promise.keep(
        lambda once: services.applications.apply(
            customer,
            product=data.product,
            amount=data.amount_paise,
            tenure=data.tenure,
            purpose=data.purpose,
            coupon=canonical_code(data.coupon_code) if data.coupon_code is not None else "",
            once=once,
        ),
        loan_view,
        of=data,
        status=201,
    )


@get("/{loan_id:uuid}", CUSTOMER)
def loan(
    loan_id: FromPath[UUID],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> LoanStory:
    """Show one loan with its history."""
    return loan_story(*services.applications.loan(customer, LoanId(loan_id)))


@post("/{loan_id:uuid}/submit", CUSTOMER)
def submit(
    loan_id: FromPath[UUID],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
    promise: NamedDependency[Promise],
) -> Response[LoanView]:
    """Hand a complete application in, to be decided."""
    return promise.keep(
        lambda once: services.applications.submit(customer, LoanId(loan_id), once=once),
        loan_view,
    )


@post("/{loan_id:uuid}/cancel", CUSTOMER)
def cancel(
    loan_id: FromPath[UUID],
    data: JSONBody[CancelBody],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
    promise: NamedDependency[Promise],
) -> Response[LoanView]:
    """Withdraw before the money is on its way."""
    return promise.keep(
        lambda once: services.applications.cancel(
            customer, LoanId(loan_id), reasons=data.reason_codes, once=once
        ),
        loan_view,
        of=data,
    )


@get("/{loan_id:uuid}/offers", CUSTOMER)
def offers(
    loan_id: FromPath[UUID],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> OffersView:
    """List the offers, each with its Key Facts Statement."""
    return offers_view(services.offering.offers(customer, LoanId(loan_id)))


@get("/{loan_id:uuid}/key-facts", CUSTOMER, also=PDF)
def key_facts(
    request: Request[Any, Any, Any],
    loan_id: FromPath[UUID],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
    offer_id: Annotated[UUID, QueryParameter(name="offerId", description="Of which offer")],
) -> Response[KeyFactsView]:
    """Show the Key Facts Statement of an offer; as PDF where Accept prefers it."""
    ids = LoanId(loan_id), OfferId(offer_id)
    if wants_pdf(request):
        content = services.offering.key_facts_pdf(customer, *ids)
        return file_answer(content, name="Key Facts Statement.pdf", content_type=PDF)
    return Response(key_facts_view(services.offering.key_facts(customer, *ids)))


@post("/{loan_id:uuid}/key-facts/acknowledge", CUSTOMER)
def acknowledge(
    loan_id: FromPath[UUID],
    data: JSONBody[OfferBody],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
    promise: NamedDependency[Promise],
) -> Response[KeyFactsView]:
    """Acknowledge that the statement was read and understood."""
    return promise.keep(
        lambda once: services.offering.acknowledge(
            customer, LoanId(loan_id), OfferId(data.offer_id), once=once
        ),
        key_facts_view,
        of=data,
    )


@post("/{loan_id:uuid}/accept-offer", CUSTOMER)
def accept_offer(
    loan_id: FromPath[UUID],
    data: JSONBody[OfferBody],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
    promise: NamedDependency[Promise],
) -> Response[LoanView]:
    """Accept an offer: its terms are the loan's from then on."""
    return promise.keep(
        lambda once: services.offering.accept(
            customer, LoanId(loan_id), OfferId(data.offer_id), once=once
        ),
        loan_view,
        of=data,
    )


@get("/{loan_id:uuid}/agreement", CUSTOMER)
def agreement(
    loan_id: FromPath[UUID],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> AgreementStanding:
    """Show the agreement's state, with a short-lived link to it."""
    return agreement_standing(*services.agreements.of_loan(customer, LoanId(loan_id)))


@post("/{loan_id:uuid}/agreement/sign", CUSTOMER)
def sign_agreement(
    loan_id: FromPath[UUID],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> AgreementStanding:
    """Have the agreement put up for signature; the same one however often it is asked for."""
    services.agreements.sign(customer, LoanId(loan_id))
    return agreement_standing(*services.agreements.of_loan(customer, LoanId(loan_id)))
