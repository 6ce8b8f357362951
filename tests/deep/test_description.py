"""Every operation keeps to its description, whatever the description lets a client send.

Requests are made up from the description as it is served, and sent as each operation's audience
would: half of them about things that are there. No answer is a fault of the server, has a status
that is not described, or another form than is described.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import attrs
import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi import checks as of_openapi
from tests.contract.http.asking import Asker
from tests.contract.http.asks import Ask
from tests.contract.http.bad_requests import Table
from tests.contract.http.filling import fill, staff_token
from tests.contract.http.installation import opened
from tests.contract.http.lending import log_in
from tests.contract.http.operations import Operation, operations

from los_adapters.container import in_memory
from los_http.app import create_app

EXAMPLES: Final = 100
DESCRIPTION: Final = "/schema/openapi.json"
CHECKS: Final[list[Any]] = [
    schemathesis.checks.not_a_server_error,
    of_openapi.status_code_conformance,
    of_openapi.content_type_conformance,
    of_openapi.response_headers_conformance,
    of_openapi.response_schema_conformance,
]
OPERATIONS: Final = [
    op
    for op in operations(create_app(in_memory().services))
    if not op.goes_on  # has no end to be looked at
]


@attrs.define
class Served:
    """An installation, the description it serves, and who asks."""

    asker: Asker
    description: Any

    def table(self, op: Operation) -> Table:
        """Return what a sound request of the operation is made of, its caller logged in anew."""
        made = self.asker.made
        made.clock.advance(timedelta(minutes=31))  # whoever was locked out is let in again
        table = Table(made=made, op=op)
        if op.audience == "web":
            table.who.token, table.who.refresh = log_in(made, made.ours, table.who.person)
        elif op.audience:
            [role, *_] = table.may()
            made.ours.tokens[role] = staff_token(made, made.ours, role)
        return table

    def answer(self, case: Any, sound: Ask) -> httpx.Response:
        """Send what was made up, with the headers that say who asks."""
        prepared = requests.Request(**case.as_transport_kwargs("http://los.test")).prepare()
        path, _, query = str(prepared.path_url).partition("?")
        body: Any = prepared.body or b""
        headers = {name: _bytes(value) for name, value in prepared.headers.items()}
        if "Authorization" in sound.headers:
            headers["Authorization"] = sound.headers["Authorization"]
        self.asker.made.clock.advance(timedelta(milliseconds=100))
        self.asker.come_from_elsewhere()
        return self.asker(
            Ask(
                method=str(prepared.method),
                path=path,
                query=query,
                headers=headers,
                content=body.encode() if isinstance(body, str) else body,
            )
        )


def _bytes(value: str | bytes) -> str | bytes:
    return value if isinstance(value, bytes) or value.isascii() else value.encode()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with opened(f"sqlite:///{tmp_path_factory.mktemp('deep') / 'los.db'}") as made:
        fill(made)
        asker = Asker(made)
        document = asker(Ask(method="GET", path=DESCRIPTION))
        yield Served(asker, schemathesis.openapi.from_dict(json.loads(document.content)))
        asker.close()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda op: op.name)
def test_an_operation_keeps_to_its_description(served: Served, operation: Operation) -> None:
    table = served.table(operation)
    sound = table.sound()
    described = served.description[operation.path][operation.method]
    there = table.path_values()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=described.as_strategy(), about=st.booleans())
    def keeps(case: Any, about: bool) -> None:  # noqa: FBT001 # drawn, not passed
        if about:
            case.path_parameters = {**(case.path_parameters or {}), **there}
        case.validate_response(served.answer(case, sound), checks=CHECKS)

    keeps()
