"""Staff log in by password and second factor."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Router
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from los_core.domain.access import Role
from los_core.domain.errors import NotFound
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_http.auth import PUBLIC, SESSION
from los_http.fields import END, Body, Secret, View
from los_http.routes import get, post
from los_http.sessions import RefreshBody, TokensView, address_of, device_of, tokens_view


class LoginBody(Body):
    """A log-in; `totp` where a second factor is enrolled."""

    email: Annotated[str, Meta(min_length=3, max_length=250)]
    password: Secret
    totp: Annotated[str, Meta(pattern=r"^([0-9]{6})?" + END)] = ""


class BrandLine(View):
    """A brand one works for."""

    id: UUID
    code: str
    name: str


class MeView(View):
    """The signed-in member of staff; a permission covers ALL rows, or OWN ones."""

    id: UUID
    name: str
    email: str
    roles: list[str]
    permissions: dict[str, str]
    brands: list[BrandLine]


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/partner/auth",
        tags=["Staff: log-in"],
        route_handlers=[login, refresh_token, logout, me],
    )


@post("/login", PUBLIC)
def login(
    request: Request[Any, Any, Any],
    data: JSONBody[LoginBody],
    services: NamedDependency[Services],
) -> TokensView:
    """Exchange password and second factor for tokens."""
    pair = services.identity.log_in_staff(
        data.email,
        data.password,
        data.totp,
        device=device_of(request),
        ip=address_of(request),
    )
    return tokens_view(pair)


@post("/refresh-token", PUBLIC)
def refresh_token(data: JSONBody[RefreshBody], services: NamedDependency[Services]) -> TokensView:
    """Exchange a refresh token for a new pair; one shown twice ends its session."""
    return tokens_view(services.identity.refresh(data.refresh_token, audience="partner"))


@post("/logout", SESSION, status=204)
def logout(staff: NamedDependency[StaffCaller], services: NamedDependency[Services]) -> None:
    """End the session."""
    services.identity.log_out(staff)


@get("/me", SESSION)
def me(staff: NamedDependency[StaffCaller], services: NamedDependency[Services]) -> MeView:
    """Show who is signed in, and what they may do where."""
    member = services.platform.staff(staff.staff_id)
    if member is None:
        raise NotFound("no such member of staff")
    everywhere = Role.SUPER_ADMIN in member.roles
    return MeView(
        id=member.id,
        name=member.name,
        email=member.email.reveal(),
        roles=sorted(member.roles),
        permissions={name: scope.value for name, scope in sorted(staff.permissions.items())},
        brands=[
            BrandLine(id=brand.id, code=brand.code, name=brand.name)
            for brand in services.platform.brands()
            if everywhere or brand.id in member.brands
        ],
    )
