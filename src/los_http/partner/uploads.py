"""Pictures that staff put on file."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Router
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody, QueryParameter

from los_core.domain.upload import Purpose
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_core.services.uploads import NEEDS
from los_http.auth import requires
from los_http.fields import Body, Shown, View
from los_http.routes import post

WRITE = requires(permissions=sorted(set(NEEDS.values())))


class PictureBody(Body):
    """A PNG, JPEG or WebP picture; its name is not kept."""

    file: UploadFile


class UploadView(View):
    """A picture on file: settings name it by its key; the address is good for a few minutes."""

    key: str
    content_type: str
    size: int
    sha256: str
    url: Shown


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/partner/brand/{brand_id:uuid}/uploads", tags=["Staff: files"], route_handlers=[upload]
    )


@post("/", WRITE, status=201)
def upload(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's: it chose the caller's brand by it
    data: MultipartBody[PictureBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    purpose: Annotated[Purpose, QueryParameter(description="What it is for")],
) -> UploadView:
    """Put a logo, an image of a blog or a proof of payment on file."""
    file: Any = data.file.file
    kept = services.uploads.keep(partner_user, purpose, file.read())
    return UploadView(
        key=kept.key,
        content_type=kept.kind.value,
        size=kept.size,
        sha256=kept.sha256,
        url=kept.url,
    )
