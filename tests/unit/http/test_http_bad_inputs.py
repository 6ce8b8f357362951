"""Bad input of every kind to every operation that the API's description names.

Whatever comes: a refusal in the one shape, never a fault of ours, and not one row changed.
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

PEOPLE = ("root", "executive", "manager", "maker", "checker", "collector", "support")
JSON = {"content-type": "application/json", "Idempotency-Key": "k"}
MESSES = [
    b"",
    b"null",
    b"[]",
    b"7",
    b'"text"',
    b"{",
    b"\xff\xfe",
    b'{"\\u0000": 1}',
    b"[" * 5000,
    b'{"unknown": 1}',
]
TRACES = {"audit", "unsealed"}
"""Where it is written that somebody was refused."""
ODD: list[Any] = [None, True, -1, 1.5, 10**30, "", "\x00", "\ud83d", "x" * 5000, [], {}, [[1]]]


@pytest.fixture(scope="module")
def tokens(still: Any) -> dict[str, str]:
    return {"customer": still.customer()} | {name: still.staff(name) for name in PEOPLE}


@pytest.fixture(scope="module")
def described(still: Any) -> Any:
    return still.client("GET", "/schema/openapi.json").json()


def operations(described: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def filled(path: str, brand: Any) -> str:
    made = path.replace("{brand_id}", str(brand))
    while "{" in made:
        start, end = made.index("{"), made.index("}")
        made = made[:start] + str(uuid4()) + made[end + 1 :]
    return made


def allowed(still: Any, tokens: dict[str, str], method: str, path: str) -> str:
    """Return the token of somebody whom the guard lets through."""
    if path.startswith("/api/v1/web"):
        return tokens["customer"]
    for name in PEOPLE:
        answer = still.client(method, path, token=tokens[name])
        if answer.status_code not in {401, 403}:
            return tokens[name]
    raise AssertionError(f"nobody may {method} {path}")


def rows(still: Any) -> Any:
    kept = still.fakes.store._shelves.snapshot()  # noqa: SLF001 - every row there is
    return {name: shelf for name, shelf in kept.items() if name not in TRACES}


def check(answer: Any, told: str) -> None:
    body = answer.json()
    assert 400 <= answer.status_code < 500, f"{told}: {answer.status_code} {answer.text}"
    assert body["statusCode"] == answer.status_code
    assert {"message", "error", "timestamp", "path", "code"} <= set(body), told
    assert "?" not in body["path"]


def bad_bodies(described: Any, schema: Any) -> Iterator[bytes]:
    yield from MESSES
    name = schema["$ref"].rpartition("/")[2]
    shape = described["components"]["schemas"][name]
    sound = {field: example(described, each) for field, each in shape["properties"].items()}
    for field in shape["required"]:
        yield json.dumps({key: value for key, value in sound.items() if key != field}).encode()
    for field in shape["properties"]:
        for odd in ODD:
            if not fits(shape["properties"][field], odd, required=field in shape["required"]):
                yield json.dumps(sound | {field: odd}).encode()
    yield json.dumps(sound | {"brandId": str(uuid4())}).encode()


def example(described: Any, schema: Any) -> Any:
    """Return something that the field's type takes; it need not make sense to a rule."""
    if "$ref" in schema:
        shape = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if "enum" in shape:
            return shape["enum"][0]
        return {name: example(described, each) for name, each in shape["properties"].items()}
    if "oneOf" in schema:
        return example(described, schema["oneOf"][0])
    by_type = {"string": "x1", "integer": 1, "boolean": True, "array": [], "object": {}}
    formats = {"uuid": str(uuid4()), "date": "2026-01-05"}
    return formats.get(schema.get("format", ""), by_type[schema["type"]])


def fits(schema: Any, odd: Any, *, required: bool) -> bool:
    """Whether an odd value may be a right one for a field of this schema."""
    kinds = [schema, *schema.get("oneOf", [])]
    types = {each.get("type") for each in kinds}
    if odd is None:
        return "null" in types or not required
    if odd is True:
        return "boolean" in types
    if isinstance(odd, list):
        return odd == [] and "array" in types
    if isinstance(odd, str):
        return "string" in types and odd == ""
    return False


def test_no_bad_body_is_taken_and_none_changes_a_row(
    still: Any, described: Any, tokens: dict[str, str]
) -> None:
    before, tried = rows(still), 0
    for method, path, operation in operations(described):
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            continue
        address = filled(path, still.brand_id)
        token = allowed(still, tokens, method, address) if operation.get("security") else None
        for body in bad_bodies(described, content["application/json"]["schema"]):
            answer = still.client(method, address, token=token, content=body, headers=JSON)
            check(answer, f"{method} {path} {body[:200]!r}")
            tried += 1

    assert rows(still) == before
    assert tried > 1000


def test_what_does_not_exist_is_404_and_changes_no_row(
    still: Any, described: Any, tokens: dict[str, str]
) -> None:
    before = rows(still)
    for method, path, operation in operations(described):
        if "requestBody" in operation or "_id}" not in path.replace("{brand_id}", ""):
            continue
        address = filled(path, still.brand_id)
        token = allowed(still, tokens, method, address)
        query = {"offerId": str(uuid4())} if "key-facts" in path else None
        headers = JSON | {"if-match": '"1"'}
        answer = still.client(method, address, token=token, headers=headers, params=query)
        still.problem(answer, 404, "NOT_FOUND")
        malformed = address.rpartition("/")[0] + "/not-an-id"
        check(still.client(method, malformed, token=token), malformed)

    assert rows(still) == before


def test_every_route_behind_a_log_in_refuses_strangers_whatever_they_send(
    still: Any, described: Any
) -> None:
    before = rows(still)
    for method, path, operation in operations(described):
        if operation.get("security"):
            answer = still.client(method, filled(path, still.brand_id), content=b"\xff")
            still.problem(answer, 401, "UNAUTHENTICATED")

    assert rows(still) == before
