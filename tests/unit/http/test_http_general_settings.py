"""The settings a brand has one of, by the API: limits, links, scoring, hard rules."""

from datetime import timedelta
from typing import Any

import pytest

from los_core.domain.access import Role
from los_core.domain.kyc import Email


@pytest.fixture
def root(world: Any) -> str:
    token: str = world.staff("root")
    return token


def _get(world: Any, token: str, what: str) -> Any:
    return world.client("GET", f"{world.brand}/settings/{what}", token=token)


def _put(world: Any, token: str, what: str, version: int, body: Any) -> Any:
    headers = {"If-Match": f'"{version}"'}
    url = f"{world.brand}/settings/{what}"
    return world.client("PUT", url, token=token, headers=headers, json=body)


@pytest.mark.parametrize("what", ["brand", "brand-paths", "evaluation-items"])
def test_what_is_read_can_be_sent_back_and_raises_the_version(
    world: Any, root: str, what: str
) -> None:
    read = _get(world, root, what)
    body = read.json()
    version = body.pop("version")
    assert read.headers["ETag"].removeprefix("W/") == f'"{version}"'
    url, sent = f"{world.brand}/settings/{what}", {"If-Match": read.headers["ETag"]}
    written = world.client("PUT", url, token=root, headers=sent, json=body)
    assert written.status_code == 200, written.text
    assert written.json() == {**body, "version": version + 1}
    world.problem(_put(world, root, what, version, body), 412, "STALE_VERSION")


def test_a_limit_is_changed_told_in_the_trail_and_holds_for_the_next_applicant(
    world: Any, root: str
) -> None:
    body = _get(world, root, "brand").json()
    version = body.pop("version")
    body |= {"isSelfieRequired": True, "ageMin": 25}
    assert _put(world, root, "brand", version, body).status_code == 200
    with world.fakes.store.begin(world.brand_id) as uow:
        assert uow.lender.settings().age_min == 25
        [event] = [e for e in uow.trail.unsealed(limit=1000) if e.entity == "brand"]
    assert event.facts == {"is_selfie_required": [False, True], "age_min": [21, 25]}
    steps = world.client("GET", "/api/v1/web/onboarding", token=world.customer()).json()["steps"]
    assert [s["mandatory"] for s in steps if s["step"] == "SELFIE"] == [True]


def test_a_new_version_of_the_console_is_shown_at_log_in_and_told_to_staff(
    world: Any, root: str
) -> None:
    body = _get(world, root, "brand").json()
    version = body.pop("version")
    assert _put(world, root, "brand", version, body | {"loanOpsVersion": 2}).status_code == 200
    executive = world.staff("executive")
    me = world.client("GET", "/api/v1/partner/auth/me", token=executive).json()
    assert [b["loanOpsVersion"] for b in me["brands"]] == [2]
    told = world.client("GET", "/api/v1/notifications", token=executive).json()
    assert [n["type"] for n in told["notifications"]] == ["VERSION_UPDATE"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ageMin": 60, "ageMax": 30}, "ageMax"),
        ({"nameMatchPassPct": 50, "nameMatchReviewPct": 60}, "nameMatchReviewPct"),
        ({"foirCapPct": "many"}, "foirCapPct"),
        ({"pincodePrefixes": ["0"]}, "pincodePrefixes"),
    ],
)
def test_limits_that_make_no_sense_are_told_by_field(
    world: Any, root: str, wrong: Any, field: str
) -> None:
    told = world.problem(_put(world, root, "brand", 0, wrong), 400, "VALIDATION_FAILED")
    assert [fault["field"].partition("[")[0] for fault in told["message"]] == [field]


def test_policy_links_are_shown_to_the_public_at_once(world: Any, root: str) -> None:
    links = {"terms": "https://b.example/t", "privacy": "https://b.example/p", "faq": ""}
    assert _put(world, root, "brand-paths", 0, links).status_code == 200
    shown = world.client("GET", f"/api/v1/web/brand?brandId={world.brand_id}").json()
    assert shown["policyLinks"] == links
    assert shown["appearance"]["primary"] == "#1F3A5F"
    assert shown["status"] == "ACTIVE"


def test_scores_whose_weights_do_not_total_a_hundred_are_refused(world: Any, root: str) -> None:
    body = _get(world, root, "evaluation-items").json()
    version = body.pop("version")
    body["items"][0]["weight"] = "24"
    world.problem(_put(world, root, "evaluation-items", version, body), 400, "VALIDATION_FAILED")
    assert _get(world, root, "evaluation-items").json()["version"] == version


def test_hard_rules_are_replaced_by_two_people_from_the_next_day(world: Any, root: str) -> None:
    services = world.fakes.services
    services.brands.hire(
        email=Email.parse("second@bharat.example"),
        name="Second",
        password="Sahyadri-monsoon-2026",
        roles=frozenset({Role.SUPER_ADMIN}),
        brands=frozenset({world.brand_id}),
        second_factor=True,
    )
    read = _get(world, root, "bre-rules").json()
    version, rules = read["version"], read["rules"]
    rules[0]["isActive"] = False
    asked = _put(world, root, "bre-rules", version, {"rules": rules})
    assert asked.status_code == 202, asked.text
    assert list(asked.json()["payload"]["changes"]) == [rules[0]["code"]]
    again = _put(world, root, "bre-rules", version, {"rules": rules})
    world.problem(again, 409, "CHANGE_PENDING")

    approve = f"{world.brand}/approvals/{asked.json()['id']}/approve"
    key = {"Idempotency-Key": "approve"}
    own = world.client("POST", approve, token=root, json={}, headers=key)
    world.problem(own, 403, "G-4EYES")
    [second] = [s for s in services.platform.staff_of(world.brand_id) if s.name == "Second"]
    code = world.fakes.second_factor.code(_totp(world, second), world.fakes.clock.now())
    _, pair = services.staff_login.log_in("second@bharat.example", "Sahyadri-monsoon-2026", code)
    said = world.client("POST", approve, token=pair.access, json={}, headers=key)
    assert said.status_code == 200, said.text

    services.record_approvals.take_effect(world.brand_id)
    assert _get(world, root, "bre-rules").json()["version"] == version
    world.fakes.clock.advance(timedelta(days=1))
    assert services.record_approvals.take_effect(world.brand_id) == 1
    with world.fakes.store.begin(world.brand_id) as uow:
        now, kept = uow.lender.rules()
    assert now == version + 1
    assert [rule.code for rule in kept if not rule.is_active] == [rules[0]["code"]]


def test_rules_that_could_not_run_are_refused_with_their_code(world: Any, root: str) -> None:
    read = _get(world, root, "bre-rules").json()
    read["rules"][0]["field"] = "applicant.shoeSize"
    told = world.problem(
        _put(world, root, "bre-rules", read["version"], {"rules": read["rules"]}),
        400,
        "VALIDATION_FAILED",
    )
    assert told["message"][0]["field"] == read["rules"][0]["code"]


def _totp(world: Any, staff: Any) -> str:
    sealed = bytes.fromhex(staff.totp_secret)
    opened: bytes = world.fakes.services.brands.secrets.open(f"staff.totp:{staff.id}", sealed)
    return opened.decode()
