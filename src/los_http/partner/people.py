"""The staff of a brand: who they are, what they may do, and helping them in again."""

from datetime import datetime
from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from los_core.domain.ids import StaffId
from los_core.domain.kyc import Email
from los_core.domain.staff import SecurePurpose
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_http.auth import requires
from los_http.fields import Body, Shown, View
from los_http.routes import delete, get, post, put
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

READ = requires(permissions=["staff:read"])
WRITE = requires(permissions=["staff:write"])


class CodeBody(Body):
    """For whom, and what for: a PASSWORD, or ACCESS with a new second factor."""

    user_id: UUID
    purpose: SecurePurpose


class CodeView(View):
    """A code to be told to the person, who sets a new password with it; shown this once."""

    code: Shown
    expires_at: datetime


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/partner/brand/{brand_id:uuid}/user",
        tags=["Staff: people"],
        route_handlers=[people, create_person, change_person, dismiss_person, secure_code],
    )


@get("/", READ)
def people(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's: it chose the caller's brand by it
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> StaffListView:
    """List the brand's staff."""
    return StaffListView(staff=[staff_view(each) for each in services.staffing.of(partner_user)])


@post("/create", WRITE, status=201)
def create_person(
    brand_id: FromPath[UUID],
    data: JSONBody[NewStaffBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> NewStaffView:
    """Create a member of the brand's staff."""
    made = services.staffing.hire(
        partner_user,
        email=Email.parse(data.email),
        name=data.name,
        password=data.password,
        part=part_of(data, [brand_id, *data.brand_ids]),
        second_factor=data.second_factor,
    )
    return new_staff_view(made)


@put("/{user_id:uuid}/update", WRITE)
def change_person(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
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


@delete("/{user_id:uuid}", WRITE)
def dismiss_person(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    user_id: FromPath[UUID],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> None:
    """Take a member of staff from the brand; from their last one, altogether."""
    services.staffing.dismiss(partner_user, StaffId(user_id))


@post("/generate-secure-code", WRITE)
def secure_code(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    data: JSONBody[CodeBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> CodeView:
    """Make a one-time code by which a colleague sets a new password."""
    code, letters = services.staff_secrets.hand_over(
        partner_user, StaffId(data.user_id), data.purpose
    )
    return CodeView(code=letters, expires_at=code.expires_at)
