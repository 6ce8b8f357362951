"""Requests that are wrong in every way are told of the first: size, route, token, brand, role, …

Each step puts one fault right, so that the next one is told. Source: design decision D11.
"""

import json
from collections.abc import Iterator
from uuid import uuid4

import attrs
import pytest
from tests.contract.http.asking import Asker
from tests.contract.http.asks import Ask
from tests.contract.http.bad_requests import JSON, KEY, Table
from tests.contract.http.operations import Operation, allows, format_of, operations
from tests.contract.http.verdicts import TRACES, changed

from los_adapters.container import in_memory
from los_core.domain.access import Role
from los_http.app import create_app
from los_http.middleware import UPLOAD_LIMIT

COMMANDS = [op for op in operations(create_app(in_memory().services)) if op.method != "GET"]


@pytest.mark.parametrize("operation", COMMANDS, ids=lambda op: op.name)
def test_the_earliest_fault_is_told(asker: Asker, operation: Operation) -> None:
    table = Table(made=asker.made, op=operation)
    before = asker.books.read()

    told = [(fault, asker(ask).status_code) for fault, ask, _ in _faults(table)]

    assert told == [(fault, status) for fault, _, status in _faults(table)]
    assert changed(before, asker.books.read()) - TRACES == set()


def _faults(table: Table) -> Iterator[tuple[str, Ask, int]]:
    """Yield (the earliest fault, the request, its status), each with one fault less."""
    op, sound = table.op, table.sound()
    ask = attrs.evolve(_wrong_ids(table, sound), content=b"[", query="x=1")
    ask = ask.having(
        Authorization=None,
        Content_Type="text/plain",
        Content_Length=str(UPLOAD_LIMIT + 1),
        Idempotency_Key="k" * 300,
    )
    unknown = attrs.evolve(ask, path="/api/v1/no/such/route")
    yield "size", unknown, 413
    yield "route", unknown.having(Content_Length=None), 404
    ask = ask.having(Content_Length=None)
    other = next(method for method in ("GET", "PUT", "PATCH") if method not in op.methods)
    yield "method", attrs.evolve(ask, method=other), 405
    if op.audience:
        yield "authentication", ask, 401
        ask = ask.having(Authorization=f"Bearer {_lowest(table)}")
    if "{brand_id}" in op.path:
        foreign = ask.path.replace(str(table.made.ours.id), str(table.made.theirs.id))
        yield "brand", attrs.evolve(ask, path=foreign), 404
    if ask.headers.get("Authorization") != sound.headers.get("Authorization"):
        yield "role", ask, 403
        ask = ask.having(Authorization=sound.headers["Authorization"])
    if op.media_type == JSON:
        yield "content type", ask, 415
        ask = ask.having(Content_Type=JSON)
        yield "parse", ask, 400
        invalid = json.dumps(table.sample() | {"noSuchField": 1}).encode()
        ask = attrs.evolve(ask, content=invalid)
        yield "validation", ask, 400
        ask = attrs.evolve(ask, content=sound.content)
    if any(p.name == KEY for p in op.inside("header")):
        yield "the key", ask, 400
        ask = ask.having(Idempotency_Key="k")
    if ask.path != sound.path and not op.path.startswith("/api/v1/webhook/"):
        yield "ownership", ask, 404


def _wrong_ids(table: Table, sound: Ask) -> Ask:
    """Return the request about an object that nobody has."""
    path = sound.path
    for parameter in table.op.inside("path"):
        if parameter.name != "brand_id" and format_of(parameter.schema) == "uuid":
            path = table.path_with(**{parameter.name: str(uuid4())})
    return attrs.evolve(sound, path=path)


def _lowest(table: Table) -> str:
    """Return the token of somebody whose role does not allow the route, where there is one."""
    access, tokens = table.op.access, table.made.ours.tokens
    if access.audience == "admin":
        return tokens[Role.ADMIN]
    for role in sorted(set(Role) - {Role.SUPER_ADMIN}):
        if not allows(access, role):
            return tokens[role]
    return table.token()
