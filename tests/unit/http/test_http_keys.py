"""API keys by the API. Numbers are those of the threat table."""

from typing import Any

import pytest


@pytest.fixture
def root(world: Any) -> str:
    token: str = world.staff("root")
    return token


def _make(world: Any, root: str, *scopes: str) -> Any:
    body = {"name": "Their own app", "scopes": list(scopes)}
    return world.client("POST", f"{world.brand}/api-keys", token=root, json=body)


def _loans(world: Any, key: str, brand_id: Any = None) -> Any:
    path = f"/api/v1/partner/brand/{brand_id or world.brand_id}/loans"
    return world.client("GET", path, headers={"X-API-Key": key})


def test_52_a_key_is_shown_once_and_then_known_by_its_last_letters(world: Any, root: str) -> None:
    made = _make(world, root, "loans:read").json()
    answer = world.client("GET", f"{world.brand}/api-keys", token=root)
    [listed] = answer.json()["keys"]
    assert listed["last4"] == made["key"][-4:]
    assert listed["lastUsedAt"] is None
    assert listed["createdAt"]
    assert made["key"] not in answer.text
    assert _loans(world, made["key"]).status_code == 200
    [used] = world.client("GET", f"{world.brand}/api-keys", token=root).json()["keys"]
    assert used["lastUsedAt"]


def test_19_a_key_opens_its_own_brand_only_and_no_use_is_noted_elsewhere(
    world: Any, root: str
) -> None:
    key = _make(world, root, "loans:read").json()["key"]
    world.problem(_loans(world, key, world.other_brand_id), 401, "UNAUTHENTICATED")
    for path in ("/api/v1/web/loans", "/api/v1/admin/jobs/runs", "/api/v1/partner/auth/me"):
        answer = world.client("GET", path, headers={"X-API-Key": key})
        world.problem(answer, 401, "UNAUTHENTICATED")
    [kept] = world.client("GET", f"{world.brand}/api-keys", token=root).json()["keys"]
    assert kept["lastUsedAt"] is None


def test_a_rotated_key_is_none_and_its_successor_works(world: Any, root: str) -> None:
    first = _make(world, root, "loans:read").json()
    path = f"{world.brand}/api-keys/{first['id']}"
    second = world.client("POST", f"{path}/rotate", token=root).json()
    assert second["id"] == first["id"]
    world.problem(_loans(world, first["key"]), 401, "UNAUTHENTICATED")
    assert _loans(world, second["key"]).status_code == 200
    assert world.client("DELETE", path, token=root).status_code == 204
    world.problem(_loans(world, second["key"]), 401, "UNAUTHENTICATED")
    world.problem(world.client("POST", f"{path}/rotate", token=root), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    "scope", ["pii.export", "pii.view", "disbursals:approve", "approvals:read", "staff:write", "x"]
)
def test_what_is_for_persons_is_for_no_key(world: Any, root: str, scope: str) -> None:
    world.problem(_make(world, root, scope), 400, "VALIDATION_FAILED")


def test_a_key_does_what_its_scopes_say_and_nothing_else(world: Any, root: str) -> None:
    key = _make(world, root, "payments:read").json()["key"]
    assert world.problem(_loans(world, key), 403, "FORBIDDEN")["details"] == {
        "permission": "loans:read"
    }
    queue = world.client("GET", f"{world.brand}/payment/approval", headers={"X-API-Key": key})
    world.problem(queue, 403, "FORBIDDEN")
