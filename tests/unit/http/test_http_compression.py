"""Answers that are compressed, and those that never are."""

import gzip
import re
from typing import Any

import httpx
import pytest

from los_http.app import create_app
from los_http.compression import compressible, is_taken

DESCRIPTION = "/schema/openapi.json"
SECRET = re.compile(r"token$|secret|password|otp$|^url$|signingurl|checkouturl", re.IGNORECASE)


def raw(world: Any, path: str, accepted: str = "gzip") -> tuple[httpx.Response, bytes]:
    """Ask, and return the answer with its body as it was on the wire."""
    request = world.client.http.build_request("GET", path, headers={"Accept-Encoding": accepted})

    async def send() -> tuple[httpx.Response, bytes]:
        answer = await world.client.http.send(request, stream=True)
        content = b"".join([part async for part in answer.aiter_raw()])
        return answer, content

    found: tuple[httpx.Response, bytes] = world.client._wait(send())  # noqa: SLF001 # its own loop
    return found


def test_a_long_answer_is_compressed_and_says_so(still: Any) -> None:
    plain, whole = raw(still, DESCRIPTION, "identity")
    packed, less = raw(still, DESCRIPTION)

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["content-length"] == str(len(less))
    assert "accept-encoding" in packed.headers["vary"]
    assert gzip.decompress(less) == whole
    assert len(less) * 4 < len(whole)


@pytest.mark.parametrize(
    "path", ["/health/live", "/nowhere", "/schema/static/swagger/favicon-32x32.png"]
)
def test_short_answers_refusals_and_pictures_stay_as_they_are(still: Any, path: str) -> None:
    answer, _ = raw(still, path)

    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        ("gzip", True),
        ("deflate, gzip;q=0.5", True),
        ("*", True),
        ("GZIP", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0, *;q=1", False),
        ("gzipped", False),
        (";;;,=", False),
    ],
)
def test_gzip_is_sent_to_those_who_take_it(accepted: str, taken: bool) -> None:  # noqa: FBT001
    assert is_taken(accepted.encode()) is taken


def test_answers_that_show_a_secret_and_commands_are_never_compressed(still: Any) -> None:
    open_routes = compressible(still.client.app.routes)

    described = create_app(still.fakes.services).openapi_schema.to_schema()
    schemas = described["components"]["schemas"]
    for path, methods in described["paths"].items():
        if path not in open_routes:
            continue
        shown = _fields(methods["get"]["responses"]["200"], schemas, set())
        assert [name for name in shown if SECRET.search(name.partition(".")[2])] == [], path
    assert "/api/v1/web/kyc/documents" not in open_routes
    assert "/api/v1/web/loans/{loan_id}/agreement" not in open_routes
    assert "/api/v1/web/loans/{loan_id}/pay" not in open_routes
    assert "/api/v1/web/loans/{loan_id}" in open_routes


def _fields(told: Any, schemas: dict[str, Any], seen: set[str]) -> set[str]:
    """Return `Struct.field` of everything an answer can hold."""
    if isinstance(told, list):
        return {name for each in told for name in _fields(each, schemas, seen)}
    if not isinstance(told, dict):
        return set()
    name = str(told.get("$ref", "")).rpartition("/")[2]
    if name and name not in seen:
        seen.add(name)
        own = {f"{name}.{field}" for field in schemas[name].get("properties", {})}
        return own | _fields(schemas[name], schemas, seen)
    return {name for each in told.values() for name in _fields(each, schemas, seen)}
