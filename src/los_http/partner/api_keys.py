"""API keys of a brand. A key's text is shown once, when it is made or rotated."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from los_core.domain.api_key import ApiKey
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_core.services.keys import NewKey
from los_http.auth import requires
from los_http.fields import Body, Name, Shown, View
from los_http.routes import delete, get, post

READ = requires(permissions=["keys:read"])
WRITE = requires(permissions=["keys:write"])


class KeyBody(Body):
    """A key to make: its name among people, and the permissions it carries."""

    name: Name
    scopes: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=40)]], Meta(min_length=1, max_length=100)
    ]


class KeyView(View):
    """A key by its last four letters. `last_used_at` is right to the minute."""

    id: UUID
    name: str
    scopes: list[str]
    last4: str
    created_at: datetime
    rotated_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class KeysView(View):
    """The brand's keys, oldest first."""

    keys: list[KeyView]


class NewKeyView(View):
    """A key's text, this once; it goes into the header X-API-Key."""

    id: UUID
    key: Shown
    last4: str
    scopes: list[str]


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/partner/brand/{brand_id:uuid}/api-keys",
        tags=["Staff: API keys"],
        route_handlers=[api_keys, create_key, rotate_key, revoke_key],
    )


@get("/", READ)
def api_keys(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's: it chose the caller's brand by it
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> KeysView:
    """List the brand's keys."""
    return KeysView(keys=[_view(key) for key in services.keys.all(partner_user)])


@post("/", WRITE, status=201)
def create_key(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    data: JSONBody[KeyBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> NewKeyView:
    """Make a key."""
    return _new(services.keys.create(partner_user, name=data.name, scopes=data.scopes))


@post("/{key_id:uuid}/rotate", WRITE)
def rotate_key(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    key_id: FromPath[UUID],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> NewKeyView:
    """Put another text in the place of a key's; the old one is none from then on."""
    return _new(services.keys.rotate(partner_user, key_id))


@delete("/{key_id:uuid}", WRITE)
def revoke_key(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    key_id: FromPath[UUID],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> None:
    """End a key for good."""
    services.keys.revoke(partner_user, key_id)


def _view(key: ApiKey) -> KeyView:
    return KeyView(
        id=key.id,
        name=key.name,
        scopes=sorted(key.scopes),
        last4=key.last4,
        created_at=key.created_at,
        rotated_at=key.rotated_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
    )


def _new(made: NewKey) -> NewKeyView:
    key = made.key
    return NewKeyView(id=key.id, key=made.text, last4=key.last4, scopes=sorted(key.scopes))
