"""Staff as those who administer them see and describe them; brands and platform alike."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from los_core.domain.access import PERMISSIONS, Role
from los_core.domain.errors import Invalid
from los_core.domain.ids import BrandId
from los_core.domain.staff import Staff
from los_core.services.brands import NewStaff
from los_core.services.staff import Part
from los_http.fields import PARSE, Body, EmailText, Name, Secret, Shown, Version, View


def _permission(text: str) -> str:
    """Raises: Invalid: no such permission."""
    if text not in PERMISSIONS:
        raise Invalid("no such permission", fields=[("permission", "is no permission")])
    return text


Permissions = Annotated[
    list[Annotated[str, Meta(max_length=40)]],
    Meta(
        max_length=100,
        extra={PARSE: lambda names: [_permission(name) for name in names]},
        description="Names of permissions, such as `pii.export`",
    ),
]
Roles = Annotated[list[Role], Meta(min_length=1, max_length=13)]


class PartBody(Body):
    """What somebody is: roles, permissions beyond and below them, brands."""

    roles: Roles
    granted: Permissions = msgspec.field(default_factory=list)
    denied: Permissions = msgspec.field(default_factory=list)


class NewStaffBody(PartBody, kw_only=True):
    """A member of staff to create in a brand; `brand_ids` are others they work for as well."""

    email: EmailText
    name: Name
    password: Secret
    brand_ids: Annotated[list[UUID], Meta(max_length=100)] = msgspec.field(default_factory=list)
    second_factor: bool = False


class StaffChangeBody(PartBody, kw_only=True):
    """A member of staff as they shall be; `version` is the one the caller has seen."""

    version: Version
    name: Name
    brand_ids: Annotated[list[UUID], Meta(max_length=100)]
    active: bool = True


class StaffView(View):
    """A member of staff. `version` rises with every change of what they may do."""

    id: UUID
    name: str
    email: str
    roles: list[str]
    granted: list[str]
    denied: list[str]
    brand_ids: list[UUID]
    active: bool
    second_factor: bool
    created_at: datetime
    version: int


class StaffListView(View):
    """Staff, by name."""

    staff: list[StaffView]


class NewStaffView(View):
    """The new log-in; `totp_secret` is shown this once, "" without a second factor."""

    id: UUID
    email: str
    roles: list[str]
    totp_secret: Shown


def part_of(body: PartBody, brands: list[UUID]) -> Part:
    """Return what a body says somebody is."""
    return Part(
        roles=frozenset(body.roles),
        brands=frozenset(map(BrandId, brands)),
        granted=frozenset(body.granted),
        denied=frozenset(body.denied),
    )


def staff_view(staff: Staff) -> StaffView:
    """Return a member of staff; never a hash or a secret."""
    return StaffView(
        id=staff.id,
        name=staff.name,
        email=staff.email.reveal(),
        roles=sorted(staff.roles),
        granted=sorted(staff.granted),
        denied=sorted(staff.denied),
        brand_ids=sorted(staff.brands),
        active=staff.active,
        second_factor=staff.totp_confirmed,
        created_at=staff.created_at,
        version=staff.security_version,
    )


def new_staff_view(made: NewStaff) -> NewStaffView:
    """Return somebody just created."""
    return NewStaffView(
        id=made.staff.id,
        email=made.staff.email.reveal(),
        roles=sorted(made.staff.roles),
        totp_secret=made.totp_secret,
    )
