"""A brand as anyone may see it, before log-in."""

from typing import Annotated

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from los_core.domain.brand import Brand, Officer
from los_core.domain.errors import NotFound
from los_core.services import Services
from los_http.auth import PUBLIC
from los_http.fields import View
from los_http.routes import get


class OfficerView(View):
    """Whom customers turn to."""

    name: str
    phone: str
    email: str


class LinksView(View):
    """Where the brand's public texts are; "" where there is none."""

    terms: str
    privacy: str
    faq: str


class BrandView(View):
    """A brand."""

    code: str
    name: str
    legal_name: str
    rbi_registration_no: str
    address: str
    active: bool
    grievance_officer: OfficerView
    nodal_officer: OfficerView
    policy_links: LinksView


def router() -> Router:
    """Return the routes of this file."""
    return Router("/web/brand", tags=["Customer: brand"], route_handlers=[public_brand])


@get("/", PUBLIC)
def public_brand(
    services: NamedDependency[Services],
    brand: Annotated[str, QueryParameter(max_length=64, description="Its code")],
) -> BrandView:
    """Show a brand by its code."""
    found = services.platform.brand_by_code(brand)
    if found is None:
        raise NotFound("no such brand")
    return brand_view(found)


def brand_view(found: Brand) -> BrandView:
    """Return a brand to the public."""
    return BrandView(
        code=found.code,
        name=found.name,
        legal_name=found.legal_name,
        rbi_registration_no=found.rbi_reg_no,
        address=found.address,
        active=found.active,
        grievance_officer=_officer(found.grievance_officer),
        nodal_officer=_officer(found.nodal_officer),
        policy_links=LinksView(
            terms=found.policy_links.terms,
            privacy=found.policy_links.privacy,
            faq=found.policy_links.faq,
        ),
    )


def _officer(officer: Officer) -> OfficerView:
    return OfficerView(name=officer.name, phone=officer.phone, email=officer.email)
