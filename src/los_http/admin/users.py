"""Staff of all brands, for super administrators."""

from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from los_core.domain.errors import NotFound
from los_core.domain.ids import BrandId, StaffId
from los_core.domain.kyc import Email
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_http.auth import ADMIN
from los_http.routes import get, post, put
from los_http.views.staff import (
    NewStaffBody,
    NewStaffView,
    StaffChangeBody,
    StaffListView,
    StaffView,
    new_staff_view,
    part_of,
    staff_view,
)


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/admin/users",
        tags=["Administration"],
        route_handlers=[users, create_staff, change_staff],
    )


@get("/", ADMIN)
def users(
    services: NamedDependency[Services],
    brand_id: Annotated[
        UUID | None, QueryParameter(name="brandId", description="Only of this brand")
    ] = None,
) -> StaffListView:
    """List staff of all brands."""
    brand = None if brand_id is None else BrandId(brand_id)
    if brand is not None and services.platform.brand(brand) is None:
        raise NotFound("no such brand")
    return StaffListView(staff=[staff_view(each) for each in services.platform.staff_of(brand)])


@post("/create", ADMIN, status=201)
def create_staff(
    data: JSONBody[NewStaffBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> NewStaffView:
    """Create a member of staff of any brand."""
    made = services.staffing.hire(
        partner_user,
        email=Email.parse(data.email),
        name=data.name,
        password=data.password,
        part=part_of(data, data.brand_ids),
        second_factor=data.second_factor,
    )
    return new_staff_view(made)


@put("/{user_id:uuid}", ADMIN)
def change_staff(
    user_id: FromPath[UUID],
    data: JSONBody[StaffChangeBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> StaffView:
    """Give a member of staff other roles, permissions or brands; their log-ins end."""
    changed = services.staffing.change(
        partner_user,
        StaffId(user_id),
        part_of(data, data.brand_ids),
        version=data.version,
        name=data.name,
        active=data.active,
    )
    return staff_view(changed)
