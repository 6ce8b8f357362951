"""The audit trail and the log-ins of a brand, as those see them who may."""

from datetime import timedelta
from typing import Any

import pytest

from los_core.domain.access import Role
from los_core.domain.kyc import Email

LOGIN = "/api/v1/partner/auth/login"
PASSWORD = "Sahyadri-monsoon-2026"


@pytest.fixture
def auditor(world: Any) -> str:
    world.fakes.services.brands.hire(
        email=Email.parse("auditor@bharat.example"),
        name="Auditor",
        password=PASSWORD,
        roles=frozenset({Role.AUDITOR}),
        brands=frozenset({world.brand_id}),
    )
    world.secrets["auditor"] = ""
    token: str = world.staff("auditor")
    return token


def _try(world: Any, name: str, password: str) -> int:
    world.fakes.clock.advance(timedelta(seconds=1))
    body = {"email": f"{name}@bharat.example", "password": password}
    headers = {"User-Agent": "Konkan Browser 7"}
    status: int = world.client("POST", LOGIN, json=body, headers=headers).status_code
    return status


def _logins(world: Any, token: str, query: str = "") -> Any:
    return world.client("GET", f"{world.brand}/reports/login-logs{query}", token=token)


def _audit(world: Any, token: str, query: str = "") -> Any:
    return world.client("GET", f"{world.brand}/user/audit-logs{query}", token=token)


def test_log_ins_are_listed_with_how_they_ended_and_whence(world: Any, auditor: str) -> None:
    assert [_try(world, "collector", each) for each in ("wrong", PASSWORD)] == [401, 200]
    person = world.fakes.services.platform.staff_by_email("collector@bharat.example")
    good, bad = _logins(world, auditor, f"?userId={person.id}").json()["logs"]
    assert (good["outcome"], bad["outcome"]) == ("SUCCESS", "REFUSED")
    assert (good["name"], good["device"], good["network"]) == (
        "Collector",
        "Konkan Browser 7",
        "127.0.0.0/24",
    )


def test_log_ins_are_found_by_outcome_and_page(world: Any, auditor: str) -> None:
    for _ in range(3):
        _try(world, "collector", "wrong")
    first = _logins(world, auditor, "?outcome=REFUSED&limit=2").json()
    second = _logins(world, auditor, "?outcome=REFUSED&limit=2&page=2").json()
    assert [(len(each["logs"]), each["more"]) for each in (first, second)] == [
        (2, True),
        (1, False),
    ]
    assert _logins(world, auditor, "?outcome=STOLEN").json()["logs"] == []


def test_a_log_in_is_on_file_in_every_brand_a_person_works_for(world: Any) -> None:
    world.fakes.services.brands.hire(
        email=Email.parse("both@bharat.example"),
        name="Both",
        password=PASSWORD,
        roles=frozenset({Role.AUDITOR}),
        brands=frozenset({world.brand_id, world.other_brand_id}),
    )
    world.secrets["both"] = ""
    token = world.staff("both")
    for brand_id in (world.brand_id, world.other_brand_id):
        path = f"/api/v1/partner/brand/{brand_id}/reports/login-logs"
        names = [each["name"] for each in world.client("GET", path, token=token).json()["logs"]]
        assert names.count("Both") == 1


def test_the_trail_is_found_by_person_action_and_thing(world: Any, auditor: str) -> None:
    world.customer()
    root = world.staff("root")
    body = {"name": "Their own app", "scopes": ["loans:read"]}
    made = world.client("POST", f"{world.brand}/api-keys", token=root, json=body).json()
    [line] = _audit(world, auditor, f"?entityId={made['id']}").json()["logs"]
    assert line["actor"] == "STAFF"
    for query in (f"?userId={line['actorId']}", f"?action={line['action']}"):
        assert line["id"] in [each["id"] for each in _audit(world, auditor, query).json()["logs"]]
    assert _audit(world, auditor, "?entity=nothing").json()["logs"] == []
    assert _audit(world, auditor, "?toDate=2020-01-01").json()["logs"] == []


def test_numbers_of_persons_are_covered_in_the_trail(world: Any, auditor: str) -> None:
    services = world.fakes.services
    services.access_log.add(
        world.brand_id, "note", by=None, facts={"said": ["call 9876543210"], "amount": 50_000_00}
    )
    [line] = _audit(world, auditor, "?action=note").json()["logs"]
    assert "9876543210" not in str(line)
    assert line["facts"]["amount"] == 50_000_00


def test_who_may_not_read_the_trail_is_refused(world: Any) -> None:
    token = world.staff("collector")
    for found in (_audit(world, token), _logins(world, token)):
        world.problem(found, 403, "FORBIDDEN")


@pytest.mark.parametrize(
    "query", ["?limit=101", "?page=0", "?fromDate=2020-01-01&toDate=2026-01-01"]
)
def test_what_is_asked_for_has_bounds(world: Any, auditor: str, query: str) -> None:
    assert _audit(world, auditor, query).status_code == 400
    assert _logins(world, auditor, query).status_code == 400
