"""Setting up lenders and their staff."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from los_core.domain.access import Role
from los_core.domain.brand import Brand, Officer, PolicyLinks, Settings
from los_core.domain.errors import Invalid
from los_core.domain.ids import BrandId
from los_core.domain.kyc import Email
from los_core.services import Services
from los_http.auth import ADMIN
from los_http.fields import END, Body, EmailText, Name, Secret, State, View
from los_http.routes import post

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


class BrandBody(Body):
    """A lender as the world sees it; it starts with the default settings."""

    code: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,31}" + END)]
    name: Name
    lender: Name
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


class StaffBody(Body):
    """A member of staff to create."""

    email: EmailText
    name: Name
    password: Secret
    roles: Annotated[list[Role], Meta(min_length=1, max_length=13)]
    brand_ids: Annotated[list[UUID], Meta(max_length=100)] = msgspec.field(default_factory=list)
    second_factor: bool = False


class NewStaffView(View):
    """The new log-in; `totp_secret` is shown this once, "" without a second factor."""

    id: UUID
    email: str
    roles: list[str]
    totp_secret: str


def routers() -> list[Router]:
    """Return the routes of this file."""
    tags = ["Administration"]
    return [
        Router("/admin/brands", tags=tags, route_handlers=[create_brand]),
        Router("/admin/users", tags=tags, route_handlers=[create_staff]),
    ]


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
        policy_links=PolicyLinks(
            terms=data.policy_links.terms,
            privacy=data.policy_links.privacy,
            faq=data.policy_links.faq,
        ),
    )
    made = services.brands.create(brand, Settings())
    return NewBrandView(id=made.id, code=made.code)


@post("/create", ADMIN, status=201)
def create_staff(data: JSONBody[StaffBody], services: NamedDependency[Services]) -> NewStaffView:
    """Create a member of staff of any brand."""
    unknown = [
        (f"brandIds.{place}", "is no brand")
        for place, brand_id in enumerate(data.brand_ids)
        if services.platform.brand(BrandId(brand_id)) is None
    ]
    if unknown:
        raise Invalid("no such brand", fields=unknown)
    made = services.brands.hire(
        email=Email.parse(data.email),
        name=data.name,
        password=data.password,
        roles=frozenset(data.roles),
        brands=frozenset(BrandId(brand_id) for brand_id in data.brand_ids),
        second_factor=data.second_factor,
    )
    return NewStaffView(
        id=made.staff.id,
        email=made.staff.email.reveal(),
        roles=sorted(made.staff.roles),
        totp_secret=made.totp_secret,
    )


def _officer(body: OfficerBody) -> Officer:
    return Officer(name=body.name, phone=body.phone, email=body.email)
