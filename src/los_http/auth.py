"""Who may call a route: each declares its audience and permission, and none is open by mistake.

The guard here runs before a body is read. A route without a declaration stops the application from
starting. What a caller may do with a particular loan is the services' business.
Source: reliability design §9 and §10, order of checks of design decision D11.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, Literal

import attrs
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.routes import BaseRoute

from los_core.domain.access import PERMISSIONS, Role
from los_core.domain.errors import Forbidden, NotFound, Unauthenticated
from los_core.domain.ids import PLATFORM, BrandId
from los_core.domain.staff import Staff
from los_core.ports.tokens import Claims
from los_core.ports.work import Platform
from los_core.services.callers import CustomerCaller, StaffCaller
from los_core.services.identity import Identity

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]
OPT: Final = "access"
_BEARER: Final = re.compile(r"Bearer ([A-Za-z0-9._~+/=-]{1,4096})", re.IGNORECASE)


@attrs.frozen
class Access:
    """A route's declaration.

    Attributes:
        audience: whose token it takes; `public` and `vendor` take none (a vendor proves itself by
            its signature).
        permission: what staff must hold; "" for any member of staff.
    """

    audience: Literal["public", "web", "partner", "admin", "vendor"]
    permission: str = ""

    def __attrs_post_init__(self) -> None:
        assert self.permission in {"", *PERMISSIONS}, f"no such permission: {self.permission}"

    @property
    def security(self) -> list[dict[str, list[str]]]:
        """The scheme's name in the API's description; none for public routes and vendors."""
        scheme = {"web": "customer", "partner": "staff", "admin": "staff"}.get(self.audience)
        return [{scheme: []}] if scheme else []


PUBLIC: Final = Access("public")
CUSTOMER: Final = Access("web")
SESSION: Final = Access("partner")
"""Any signed-in member of staff, about themselves."""
ADMIN: Final = Access("admin")
VENDOR: Final = Access("vendor")


def staff_with(permission: str) -> Access:
    """Return the declaration of a route for staff who hold a permission."""
    return Access("partner", permission)


def guard(identity: Identity, platform: Platform) -> Guard:
    """Return the guard of the whole application.

    It raises Unauthenticated; NotFound: a brand that is not theirs; Forbidden.
    """

    async def authorise(
        connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        access: Access = handler.opt[OPT]
        if access.audience in ("public", "vendor"):
            return
        token = _token(connection)
        ip = connection.client.host if connection.client else ""
        caller: CustomerCaller | StaffCaller
        if access.audience == "web":
            device = connection.headers.get("user-agent", "")[:200]
            caller = await asyncio.to_thread(identity.customer, token, ip=ip, device=device)
        else:
            member, claims = await asyncio.to_thread(identity.staff, token)
            brand_id = connection.path_params.get("brand_id")
            if brand_id is not None and brand_id not in member.brands:
                # Only a SUPER_ADMIN is of every brand, and of none that does not exist.
                found = await asyncio.to_thread(platform.brand, BrandId(brand_id))
                if found is None or not member.works_for(found.id):
                    raise NotFound("no such brand")
            caller = _at_work(member, claims, brand_id, ip)
            _check(access, caller)
        connection.scope["state"]["caller"] = caller

    return authorise


def undeclared(routes: Iterable[BaseRoute]) -> list[str]:
    """Return the routes that declare no access; the application does not start with any."""
    found = []
    for route in routes:
        for handler in getattr(route, "route_handlers", [getattr(route, "route_handler", None)]):
            automatic = isinstance(handler, HTTPRouteHandler) and handler.http_methods == {
                "OPTIONS"
            }
            if handler is not None and not automatic and OPT not in handler.opt:
                found.append(f"{route.path} ({handler})")
    return found


def _token(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    given = connection.headers.getall("authorization", [])
    found = _BEARER.fullmatch(given[0]) if len(given) == 1 else None
    if found is None:
        raise Unauthenticated("send one Authorization header with a Bearer token")
    return found[1]


def _at_work(member: Staff, claims: Claims, brand_id: Any, ip: str) -> StaffCaller:
    """Return the member at work in the route's brand; without one, in none."""
    if brand_id is not None:
        return StaffCaller.of(member, BrandId(brand_id), session_id=claims.session, ip=ip)
    anywhere = next(iter(member.brands), PLATFORM)
    found = StaffCaller.of(
        attrs.evolve(member, brands=member.brands | {anywhere}),
        anywhere,
        session_id=claims.session,
        ip=ip,
    )
    return attrs.evolve(found, brand_id=PLATFORM)


def _check(access: Access, caller: StaffCaller) -> None:
    if access.audience == "admin" and Role.SUPER_ADMIN not in caller.roles:
        raise Forbidden("your role does not allow this")
    if access.permission:
        caller.need(access.permission)
