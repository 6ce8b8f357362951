"""The brand's vendors; their secrets go in and never come out."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from los_core.domain.access import Role
from los_core.ports.work import ProviderRow
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_core.services.providers import provider_id
from los_http.auth import SETTINGS, requires
from los_http.fields import Body, Code, View
from los_http.routes import delete, get, post, put
from los_http.versions import seen, tagged

Value = str | int | bool | list[str]


class ProviderBody(Body):
    """A vendor: `type` is the capability, such as payment; a secret left out stays as it is."""

    type: Code
    name: Code
    settings: Annotated[dict[str, Value], Meta(max_length=60)] = msgspec.field(default_factory=dict)
    is_primary: bool = False
    is_active: bool = True


class ProviderView(View):
    """A vendor with what is not secret of it, and the names of what is withheld."""

    id: UUID
    version: int
    type: str
    name: str
    settings: dict[str, Any]
    withheld: list[str]
    is_primary: bool
    is_active: bool


class ProvidersView(View):
    """The brand's vendors by capability, the primary first."""

    items: list[ProviderView]
    total: int


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/partner/brand/{brand_id:uuid}/settings/brand-providers",
        tags=["Staff: settings"],
        route_handlers=[providers, add_provider, change_provider, retire_provider],
        dependencies={"version": Provide(seen, sync_to_thread=False)},
    )


@get("/", requires(roles=[Role.ADMIN], permissions=["providers:read"]))
def providers(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> ProvidersView:
    """List the brand's vendors."""
    items = [_view(services, row) for row in services.providers.all(partner_user)]
    return ProvidersView(items=items, total=len(items))


@post("/", SETTINGS, status=201)
def add_provider(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    data: JSONBody[ProviderBody],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> Response[ProviderView]:
    """Connect a vendor."""
    row = services.providers.add(partner_user, _row(partner_user, data))
    return tagged(_view(services, row), row.version, status=201)


@put("/{record_id:uuid}", SETTINGS, versioned=True)
def change_provider(
    *,
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    record_id: FromPath[UUID],
    data: JSONBody[ProviderBody],
    version: NamedDependency[int],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> Response[ProviderView]:
    """Change a vendor's settings or its place."""
    row = services.providers.change(
        partner_user, record_id, _row(partner_user, data), version=version
    )
    return tagged(_view(services, row), row.version)


@delete("/{record_id:uuid}", SETTINGS, versioned=True)
def retire_provider(
    brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
    record_id: FromPath[UUID],
    version: NamedDependency[int],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> None:
    """Give a vendor no new work; what it began is still asked of it."""
    services.providers.retire(partner_user, record_id, version=version)


def _row(caller: StaffCaller, body: ProviderBody) -> ProviderRow:
    return ProviderRow(
        brand_id=caller.brand_id,
        port=body.type,
        name=body.name,
        settings=dict(body.settings),
        is_primary=body.is_primary,
        is_active=body.is_active,
    )


def _view(services: Services, row: ProviderRow) -> ProviderView:
    secret = services.providers.secrets(row)
    return ProviderView(
        id=provider_id(row),
        version=row.version,
        type=row.port,
        name=row.name,
        settings={name: value for name, value in row.settings.items() if name not in secret},
        withheld=sorted(name for name in row.settings if name in secret),
        is_primary=row.is_primary,
        is_active=row.is_active,
    )
