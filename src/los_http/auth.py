"""Who may call a route: each declares it, and none is open by mistake.

A declaration names an audience and, for staff, the roles or permissions of which one suffices;
whoever has neither is refused. A route without a declaration stops the application from starting.
`gate` lets callers in by these declarations; what they may do with a particular loan is the
services' business. Source: reliability design §9 and §10.
"""

from collections.abc import Collection, Iterable
from typing import Final, Literal

import attrs
from litestar.handlers import HTTPRouteHandler
from litestar.routes import BaseRoute

from los_core.domain.access import PERMISSIONS, Role
from los_core.domain.api_key import SCOPES
from los_core.domain.errors import Forbidden
from los_core.services.callers import StaffCaller

OPT: Final = "access"
KEY_HEADER: Final = "X-API-Key"
KEYED: Final = "/api/v1/partner/brand/"
"""All that an API key reaches begins so; its permissions decide which of it."""


@attrs.frozen
class Access:
    """A route's declaration.

    Attributes:
        audience: whose proof it takes; `public` and `vendor` take none (a vendor proves itself by
            its signature).
        roles, permissions: what staff must hold one of; both empty: any member of staff.
        unready: also for staff who have yet to enrol the second factor that their role needs.
        persons: not for API keys, whatever their permissions.
    """

    audience: Literal["public", "web", "partner", "admin", "vendor"]
    roles: frozenset[Role] = frozenset()
    permissions: frozenset[str] = frozenset()
    unready: bool = attrs.field(default=False, kw_only=True)
    persons: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        unknown = self.permissions - PERMISSIONS
        assert not unknown, f"no such permission: {', '.join(sorted(unknown))}"

    @property
    def security(self) -> list[dict[str, list[str]]]:
        """The scheme's name in the API's description; none for public routes and vendors."""
        scheme = {"web": "customer", "partner": "staff", "admin": "staff"}.get(self.audience)
        return [{scheme: []}] if scheme else []

    @property
    def keyed(self) -> bool:
        """Whether an API key can hold what the route asks for."""
        return not self.persons and not self.permissions.isdisjoint(SCOPES)

    def check(self, caller: StaffCaller) -> None:
        """Raises: Forbidden: the caller has none of what the route asks for."""
        if not self.allows(caller):
            details: dict[str, object] = {}
            if self.permissions:
                details["permission"] = " or ".join(sorted(self.permissions))
            raise Forbidden("your role does not allow this", details=details)

    def allows(self, caller: StaffCaller) -> bool:
        """Whether the caller has a role or a permission that the route asks for."""
        if self.audience == "admin":
            return Role.SUPER_ADMIN in caller.roles
        if caller.is_key and self.persons:
            return False
        if not self.roles and not self.permissions:
            return not caller.is_key
        by_role = not self.roles.isdisjoint(caller.roles) or (
            bool(self.roles) and Role.SUPER_ADMIN in caller.roles
        )
        return by_role or any(caller.may(permission) for permission in self.permissions)


PUBLIC: Final = Access("public")
CUSTOMER: Final = Access("web")
SESSION: Final = Access("partner")
"""Any signed-in member of staff, about themselves."""
ENROLMENT: Final = Access("partner", unready=True)
"""The same, and those who must first enrol their second factor: it is for that."""
ADMIN: Final = Access("admin")
VENDOR: Final = Access("vendor")


def requires(
    *, roles: Collection[Role] = (), permissions: Collection[str] = (), persons: bool = False
) -> Access:
    """Return the declaration of a staff route: one of the roles or permissions suffices.

    A SUPER_ADMIN counts as every role; an API key has permissions only, and with `persons` none.
    """
    assert roles or permissions, "name a role or a permission"
    return Access("partner", frozenset(roles), frozenset(permissions), persons=persons)


SETTINGS: Final = requires(roles=[Role.ADMIN])
"""Whatever changes a brand's settings."""
SETTINGS_READ: Final = requires(roles=[Role.ADMIN], permissions=["settings.read"])


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
