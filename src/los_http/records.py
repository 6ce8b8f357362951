"""The routes of a brand's settings, made from a table: each module has its own typed schema.

A `Module` says how a body becomes the value of its kind and how a value is shown; the routes, their
rights, versions and pages are the same for all. `routed` makes those of the kinds of which a brand
has many records, and of those of which it has one.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

import attrs
import msgspec
from litestar import Response, Router
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from los_core.domain.approval import Approval
from los_core.domain.record import Kind, Page, Record
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_http.auth import SETTINGS, SETTINGS_READ
from los_http.fields import Body, View
from los_http.idempotency import Promise
from los_http.routes import delete, get, post, put
from los_http.versions import seen, tagged
from los_http.views.money import ApprovalView, approval_view

T = TypeVar("T")
B = TypeVar("B", bound=Body)

_ANSWER: Final[Any] = Response
_BODY: Final[Any] = JSONBody
"""As no type checker sees them: what they are of is known from the table only."""
PAGES: Final = 500
PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=PAGES)]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=100)]


class RecordView(View):
    """What every record says of itself. Version 0: the brand wrote none, these are the defaults."""

    id: UUID
    version: int
    created_at: datetime | None
    created_by: UUID | None
    updated_at: datetime | None
    updated_by: UUID | None


@attrs.frozen(kw_only=True)
class Module(Generic[T, B]):
    """A module of the settings as clients see it.

    Attributes:
        kind: of its records.
        body: what is sent; `view` is what is told, a `RecordView` with the module's own fields.
        read: makes the value of a body; the second argument is what is on file, None for a new one.
        show: returns the module's own fields of the view.
        verbs: what may be done beside listing.
    """

    kind: Kind[T]
    body: type[B]
    view: type[RecordView]
    read: Callable[[B, T | None], T]
    show: Callable[[T], dict[str, Any]]
    verbs: tuple[str, ...] = ("POST", "PUT", "DELETE")

    def view_of(self, record: Record[T]) -> RecordView:
        """Return a record as it is told."""
        head = {name: getattr(record, name) for name in RecordView.__struct_fields__}
        return self.view(**head, **self.show(record.value))

    def told(self, done: Record[T] | Approval) -> View:
        """Return what became of a command: the record, or what a second person is to decide."""
        return approval_view(done) if isinstance(done, Approval) else self.view_of(done)


def routed(*modules: Module[Any, Any]) -> list[Router]:
    """Return the routes of some modules."""
    return [_router(module) for module in modules]


def _router(module: Module[Any, Any]) -> Router:
    if module.kind.first is not None:
        handlers = [_read_only(module), _put_only(module)]
    else:
        made = {"POST": _post, "PUT": _put, "DELETE": _delete}
        handlers = [_list(module), *(made[verb](module) for verb in module.verbs)]
    return Router(
        f"/partner/brand/{{brand_id:uuid}}/settings/{module.kind.name}",
        tags=["Staff: settings"],
        route_handlers=handlers,
        dependencies={"version": Provide(seen, sync_to_thread=False)},
    )


def _list(module: Module[Any, Any]) -> HTTPRouteHandler:
    page_view = _page_view(module)

    def handler(
        brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's: it chose the caller's brand by it
        partner_user: NamedDependency[StaffCaller],
        services: NamedDependency[Services],
        page: PageNumber = 1,
        limit: Limit = 20,
    ) -> Any:
        found: Page[Any] = services.records.page(partner_user, module.kind, page=page, limit=limit)
        items = [module.view_of(record) for record in found.records]
        return page_view(items=items, page=page, limit=limit, total=found.total)

    _typed(handler, module, "list", f"List the {module.kind.called} records", answer=page_view)
    return get("/", SETTINGS_READ)(handler)


def _post(module: Module[Any, Any]) -> HTTPRouteHandler:
    status = 202 if module.kind.dual else 201

    def handler(
        brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
        data: Any,
        partner_user: NamedDependency[StaffCaller],
        services: NamedDependency[Services],
        promise: NamedDependency[Promise],
    ) -> Any:
        answer = promise.keep(
            lambda once: services.records.add(
                partner_user, module.kind, module.read(data, None), once=once
            ),
            module.told,
            of=data,
            status=status,
        )
        if not module.kind.dual:
            answer.headers["ETag"] = '"1"'
        return answer

    view = ApprovalView if module.kind.dual else module.view
    _typed(handler, module, "add", f"Add a {module.kind.called}", answer=_ANSWER[view])
    return post("/", SETTINGS, status=status)(handler)


def _put(module: Module[Any, Any]) -> HTTPRouteHandler:
    def handler(
        *,
        brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
        record_id: FromPath[UUID],
        data: Any,
        version: NamedDependency[int],
        partner_user: NamedDependency[StaffCaller],
        services: NamedDependency[Services],
    ) -> Any:
        record = services.records.change(
            partner_user,
            module.kind,
            record_id,
            lambda kept: module.read(data, kept),
            version=version,
        )
        return _done(module, record)

    _typed(handler, module, "change", f"Change a {module.kind.called}", answer=_ANSWER[module.view])
    accepted = ApprovalView if module.kind.dual else None
    return put("/{record_id:uuid}", SETTINGS, versioned=True, accepted=accepted)(handler)


def _delete(module: Module[Any, Any]) -> HTTPRouteHandler:
    def handler(
        brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
        record_id: FromPath[UUID],
        version: NamedDependency[int],
        partner_user: NamedDependency[StaffCaller],
        services: NamedDependency[Services],
    ) -> None:
        services.records.remove(partner_user, module.kind, record_id, version=version)

    _typed(handler, module, "remove", f"Remove a {module.kind.called}", answer=None)
    return delete("/{record_id:uuid}", SETTINGS, versioned=True)(handler)


def _read_only(module: Module[Any, Any]) -> HTTPRouteHandler:
    def handler(
        brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
        partner_user: NamedDependency[StaffCaller],
        services: NamedDependency[Services],
    ) -> Any:
        record = services.records.only(partner_user, module.kind)
        return tagged(module.view_of(record), record.version)

    _typed(handler, module, "read", f"Show the {module.kind.called}", answer=_ANSWER[module.view])
    return get("/", SETTINGS_READ)(handler)


def _put_only(module: Module[Any, Any]) -> HTTPRouteHandler:
    def handler(
        brand_id: FromPath[UUID],  # noqa: ARG001 - the guard's
        data: Any,
        version: NamedDependency[int],
        partner_user: NamedDependency[StaffCaller],
        services: NamedDependency[Services],
    ) -> Any:
        record = services.records.change_only(
            partner_user, module.kind, lambda kept: module.read(data, kept), version=version
        )
        return _done(module, record)

    _typed(
        handler, module, "replace", f"Replace the {module.kind.called}", answer=_ANSWER[module.view]
    )
    accepted = ApprovalView if module.kind.dual else None
    return put("/", SETTINGS, versioned=True, accepted=accepted)(handler)


def _done(module: Module[Any, Any], done: Record[Any] | Approval) -> Response[Any]:
    if isinstance(done, Approval):
        return Response(module.told(done), status_code=202)
    return tagged(module.told(done), done.version)


def _page_view(module: Module[Any, Any]) -> type[msgspec.Struct]:
    """Return the class of a module's lists: a page of its views."""
    return msgspec.defstruct(
        f"{module.view.__name__.removesuffix('View')}PageView",
        [("items", list[module.view]), ("page", int), ("limit", int), ("total", int)],  # type: ignore[name-defined]  # as above
        kw_only=True,
        rename="camel",
        module=module.view.__module__,
    )


def _typed(
    handler: Callable[..., Any], module: Module[Any, Any], verb: str, told: str, *, answer: Any
) -> None:
    """Give a handler the module's own types, and a name of its own."""
    handler.__name__ = f"{verb}_{module.kind.name.replace('-', '_')}"
    handler.__qualname__ = handler.__name__
    handler.__doc__ = f"{told}."
    handler.__annotations__["return"] = answer
    if "data" in handler.__annotations__:
        handler.__annotations__["data"] = _BODY[module.body]
