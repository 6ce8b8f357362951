"""A brand as anyone may see it, before log-in."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Router
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from los_core.domain.appearance import Appearance
from los_core.domain.brand import Brand, Officer
from los_core.domain.ids import BrandId
from los_core.services import Services
from los_core.services.catalogue import OnOffer
from los_core.services.uploads import LINK_LIFE
from los_http.addresses import brand_of
from los_http.auth import PUBLIC
from los_http.fields import View
from los_http.partner.settings.shop import ShadesBody, appearance_fields
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


class ExampleView(View):
    """A loan of the largest amount over the longest tenure, as it would cost today."""

    amount_paise: int
    tenure: int
    emi_paise: int
    total_interest_paise: int
    fee_paise: int
    net_disbursal_paise: int
    apr_pct: str


class ProductView(View):
    """What may be borrowed; tenures are in instalments, or in days for a bullet product."""

    code: str
    name: str
    min_amount_paise: int
    max_amount_paise: int
    step_paise: int
    tenures: tuple[int, ...]
    example: ExampleView


class ThemeView(View):
    """How the brand looks; `logoUrl` shows its logo for a few minutes."""

    primary: str
    secondary: str
    font: str
    logo_key: str
    logo_url: str | None
    dark: bool
    rounded: bool
    tokens: ShadesBody


class BrandView(View):
    """A brand, how it looks, and what it lends."""

    id: UUID
    code: str
    name: str
    legal_name: str
    rbi_registration_no: str
    address: str
    grievance_officer: OfficerView
    nodal_officer: OfficerView
    policy_links: LinksView
    status: Literal["ACTIVE", "INACTIVE"]
    appearance: ThemeView
    products: tuple[ProductView, ...]


def router() -> Router:
    """Return the routes of this file."""
    return Router("/web/brand", tags=["Customer: brand"], route_handlers=[public_brand])


@get("/", PUBLIC)
def public_brand(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    brand_id: Annotated[
        UUID | None, QueryParameter(name="brandId", description="Needed at no brand's own host")
    ] = None,
) -> BrandView:
    """Show the brand of the host, or the one that is named, with what it lends at what cost."""
    named = None if brand_id is None else BrandId(brand_id)
    found, theme, products = services.catalogue.of(brand_of(request, services.identity, named))
    logo = None
    if theme.logo_key:
        logo = services.storage.link(theme.logo_key, filename="logo", expires_in=LINK_LIFE)
    return brand_view(found, theme, products, logo_url=logo)


def brand_view(
    found: Brand, theme: Appearance, products: Sequence[OnOffer], *, logo_url: str | None
) -> BrandView:
    """Return a brand to the public."""
    return BrandView(
        id=found.id,
        code=found.code,
        name=found.name,
        legal_name=found.legal_name,
        rbi_registration_no=found.rbi_reg_no,
        address=found.address,
        grievance_officer=_officer(found.grievance_officer),
        nodal_officer=_officer(found.nodal_officer),
        policy_links=LinksView(
            terms=found.policy_links.terms,
            privacy=found.policy_links.privacy,
            faq=found.policy_links.faq,
        ),
        status="ACTIVE" if found.active else "INACTIVE",
        appearance=ThemeView(**appearance_fields(theme), logo_url=logo_url),
        products=tuple(_product(product) for product in products),
    )


def _product(product: OnOffer) -> ProductView:
    return ProductView(
        code=product.code,
        name=product.name,
        min_amount_paise=product.min_amount,
        max_amount_paise=product.max_amount,
        step_paise=product.step,
        tenures=product.tenures,
        example=ExampleView(
            amount_paise=product.example.amount,
            tenure=product.example.tenure,
            emi_paise=product.example.emi,
            total_interest_paise=product.example.total_interest,
            fee_paise=product.example.fee,
            net_disbursal_paise=product.example.net_disbursal,
            apr_pct=str(product.example.apr_pct),
        ),
    )


def _officer(officer: Officer) -> OfficerView:
    return OfficerView(name=officer.name, phone=officer.phone, email=officer.email)
