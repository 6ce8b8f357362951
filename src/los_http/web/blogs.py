"""What a brand publishes, for anyone to read."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Router
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from los_core.domain.ids import BrandId
from los_core.services import Services
from los_core.services.agreements import LINK_LIFE
from los_http.addresses import brand_of
from los_http.auth import PUBLIC
from los_http.fields import View
from los_http.markup import shown
from los_http.partner.settings.outreach import SeoBody, seo_view
from los_http.routes import get


class BlogEntry(View):
    """A published text; `imageUrl` is good for a few minutes."""

    slug: str
    title: str
    html: str
    image_url: str | None
    seo: SeoBody
    updated_at: datetime | None


class BlogsView(View):
    """Published texts, newest first."""

    blogs: list[BlogEntry]
    page: int
    limit: int
    total: int


def router() -> Router:
    """Return the routes of this file."""
    return Router("/web/blogs", tags=["Customer: brand"], route_handlers=[blogs])


@get("/", PUBLIC)
def blogs(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    brand_id: Annotated[
        UUID | None, QueryParameter(name="brandId", description="Needed at no brand's own host")
    ] = None,
    page: Annotated[int, QueryParameter(ge=1, le=100)] = 1,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 20,
) -> BlogsView:
    """List what the brand has published."""
    named = None if brand_id is None else BrandId(brand_id)
    found, total = services.published.blogs(
        brand_of(request, services.identity, named), page=page, limit=limit
    )
    return BlogsView(
        blogs=[
            BlogEntry(
                slug=record.value.slug,
                title=record.value.title,
                html=shown(record.value),
                image_url=services.storage.link(
                    record.value.image_key, filename=record.value.slug, expires_in=LINK_LIFE
                )
                if record.value.image_key
                else None,
                seo=seo_view(record.value.seo),
                updated_at=record.updated_at,
            )
            for record in found
        ],
        page=page,
        limit=limit,
        total=total,
    )
