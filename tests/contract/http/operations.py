"""The routes as the OpenAPI document describes them, with who may call each.

A schema is followed to its parts; nothing about a route is written down a second time here.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import attrs
from litestar import Litestar

from los_core.domain.access import Role, permissions_of
from los_core.domain.ids import PLATFORM, StaffId
from los_core.services.callers import StaffCaller
from los_http.auth import OPT, Access
from los_http.routes import EVENTS

Schema = Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Parameter:
    """A parameter in path, query or header."""

    name: str
    place: str
    required: bool
    schema: Schema


@attrs.frozen(kw_only=True, eq=False)
class Operation:
    """One method of one route."""

    method: str
    path: str
    access: Access
    audience: str
    parameters: tuple[Parameter, ...]
    media_type: str
    body: Schema
    responses: frozenset[int]
    goes_on: bool
    methods: frozenset[str]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def inside(self, place: str) -> Iterator[Parameter]:
        return (known for known in self.parameters if known.place == place)


_AUDIENCES: Final = {"customer": "web", "staff": "partner"}


def operations(app: Litestar) -> list[Operation]:
    """Return every operation of the document, in its order."""
    document = app.openapi_schema.to_schema()
    access = {
        (method, route.path_format): handler.opt[OPT]
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if OPT in handler.opt
        for method in handler.http_methods
    }
    found = []
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            [(media_type, content)] = told.get("requestBody", {"content": {"": {"schema": {}}}})[
                "content"
            ].items()
            scheme = next(iter((told.get("security") or [{"": []}])[0]))
            found.append(
                Operation(
                    method=method.upper(),
                    path=path,
                    access=access[method.upper(), path],
                    audience=_AUDIENCES.get(scheme, ""),
                    parameters=tuple(
                        Parameter(
                            name=p["name"],
                            place=p["in"],
                            required=p.get("required", False),
                            schema=resolved(p["schema"], document),
                        )
                        for p in told.get("parameters", ())
                    ),
                    media_type=media_type,
                    body=resolved(content["schema"], document),
                    responses=frozenset(int(status) for status in told["responses"]),
                    goes_on=any(
                        EVENTS in answer.get("content", {}) for answer in told["responses"].values()
                    ),
                    methods=frozenset(known.upper() for known in methods),
                )
            )
    return found


def allows(access: Access, role: Role) -> bool:
    """Whether a member of staff of this role alone may call."""
    caller = StaffCaller(
        staff_id=StaffId(UUID(int=1)),
        brand_id=PLATFORM,
        roles=frozenset({role}),
        permissions=permissions_of({role}),
    )
    return access.allows(caller)


def undescribed(app: Litestar) -> set[str]:
    """Return the routes that the document does not name."""
    described = set(app.openapi_schema.to_schema()["paths"])
    return {route.path_format for route in app.routes} - described


def resolved(schema: Schema, document: Mapping[str, Any]) -> Schema:
    """Return a schema with its references replaced by what they name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return resolved(document["components"]["schemas"][name], document)
    done = dict(schema)
    if "properties" in schema:
        done["properties"] = {
            name: resolved(inner, document) for name, inner in schema["properties"].items()
        }
    if isinstance(schema.get("items"), Mapping):
        done["items"] = resolved(schema["items"], document)
    if "oneOf" in schema:
        done["oneOf"] = [resolved(inner, document) for inner in schema["oneOf"]]
    return done


def kinds(schema: Schema) -> set[str]:
    """Return the JSON types a schema takes."""
    if "oneOf" in schema:
        return {kind for inner in schema["oneOf"] for kind in kinds(inner)}
    told = schema.get("type", ())
    return {told} if isinstance(told, str) else set(told)


def format_of(schema: Schema) -> str:
    """Return a text's format: "date", "uuid", "binary", or ""."""
    if "oneOf" in schema:
        return next((f for inner in schema["oneOf"] if (f := format_of(inner))), "")
    return str(schema.get("format", ""))


def choices(schema: Schema) -> list[Any]:
    """Return the values of an enumeration, [] for anything else."""
    return list(schema.get("enum", ()))
