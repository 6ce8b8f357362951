"""Setting up lenders."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from los_core.domain.brand import Brand, Officer, PolicyLinks, Settings
from los_core.services import Services
from los_http.auth import ADMIN
from los_http.fields import END, Body, EmailText, Name, State, View
from los_http.routes import post

Subdomain = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?" + END,
        description="The label of the host its customers come by",
    ),
]
Link = Annotated[str, Meta(max_length=300, pattern=r"^(https://[!-~]+)?" + END)]


class OfficerBody(Body):
    """Whom customers turn to."""

    name: Name
    phone: Annotated[str, Meta(min_length=3, max_length=20)]
    email: EmailText


class LinksBody(Body):
    """Where the brand's public texts are; each an https address."""

    terms: Link = ""
    privacy: Link = ""
    faq: Link = ""


class BrandBody(Body, kw_only=True):
    """A lender as the world sees it; it starts with the default settings."""

    code: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,31}" + END)]
    name: Name
    lender: Name
    subdomain: Subdomain | None = None
    legal_name: Name
    rbi_registration_no: Name
    address: Annotated[str, Meta(min_length=1, max_length=300)]
    gst_state: State
    grievance_officer: OfficerBody
    nodal_officer: OfficerBody
    policy_links: LinksBody = msgspec.field(default_factory=LinksBody)


class NewBrandView(View):
    """The brand's id."""

    id: UUID
    code: str


def router() -> Router:
    """Return the routes of this file."""
    return Router("/admin/brands", tags=["Administration"], route_handlers=[create_brand])


@post("/", ADMIN, status=201)
def create_brand(data: JSONBody[BrandBody], services: NamedDependency[Services]) -> NewBrandView:
    """Create a brand with the default settings and rule library."""
    brand = Brand(
        id=services.brands.new_brand_id(),
        code=data.code,
        name=data.name,
        lender=data.lender,
        legal_name=data.legal_name,
        rbi_reg_no=data.rbi_registration_no,
        address=data.address,
        gst_state=data.gst_state,
        grievance_officer=_officer(data.grievance_officer),
        nodal_officer=_officer(data.nodal_officer),
        subdomain=data.subdomain,
        policy_links=PolicyLinks(
            terms=data.policy_links.terms,
            privacy=data.policy_links.privacy,
            faq=data.policy_links.faq,
        ),
    )
    made = services.brands.create(brand, Settings())
    return NewBrandView(id=made.id, code=made.code)


def _officer(body: OfficerBody) -> Officer:
    return Officer(name=body.name, phone=body.phone, email=body.email)
