"""A customer proves who they are, and reads back the files kept of them."""

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import JSONBody

from los_core.domain.kyc import Aadhaar, Pan
from los_core.services import Services
from los_core.services.agreements import LINK_LIFE
from los_core.services.callers import CustomerCaller
from los_http.auth import CUSTOMER
from los_http.fields import AadhaarText, Body, Day, Digits, Name, PanText
from los_http.routes import get, post
from los_http.sessions import SentView
from los_http.views.loans import DocumentsView, documents_view
from los_http.views.people import ProgressView, progress_view


class PanBody(Body):
    """A PAN, with the name and birth date its holder gives."""

    pan: PanText
    name: Name
    date_of_birth: Day


class AadhaarBody(Body):
    """An Aadhaar number; it is passed on to the authority and not kept."""

    aadhaar: AadhaarText


class AadhaarOtpBody(Body):
    """The code that the authority sent to the holder's linked mobile."""

    otp: Digits


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/web/kyc",
        tags=["Customer: onboarding"],
        route_handlers=[verify_pan, initiate_aadhaar_otp, submit_aadhaar_otp, documents],
    )


@post("/verify-pan", CUSTOMER)
def verify_pan(
    data: JSONBody[PanBody],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> ProgressView:
    """Check a PAN against the authority's record."""
    return progress_view(
        services.onboarding.verify_pan(
            customer, Pan.parse(data.pan), name=data.name, born_on=data.date_of_birth
        )
    )


@post("/initiate-aadhaar-otp", CUSTOMER, status=202)
def initiate_aadhaar_otp(
    data: JSONBody[AadhaarBody],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> SentView:
    """Have the authority send its code."""
    services.onboarding.start_aadhaar(customer, Aadhaar.parse(data.aadhaar))
    return SentView()


@post("/submit-aadhaar-otp", CUSTOMER)
def submit_aadhaar_otp(
    data: JSONBody[AadhaarOtpBody],
    customer: NamedDependency[CustomerCaller],
    services: NamedDependency[Services],
) -> ProgressView:
    """Redeem the authority's code."""
    return progress_view(services.onboarding.finish_aadhaar(customer, data.otp))


@get("/documents", CUSTOMER)
def documents(
    customer: NamedDependency[CustomerCaller], services: NamedDependency[Services]
) -> DocumentsView:
    """List the files kept of the customer, each with a short-lived link."""
    with services.begin(customer.brand_id) as uow:
        found = uow.agreements.documents(customer_id=customer.customer_id)
    return documents_view(
        [
            (kept, services.storage.link(kept.key, filename=kept.name, expires_in=LINK_LIFE))
            for kept in found
        ]
    )
