"""Staff administered by the API, and helped in again. Numbers are those of the threat table."""

from datetime import timedelta
from typing import Any

import pytest

from los_core.domain.access import Role
from los_core.domain.kyc import Email

PASSWORD = "Deccan-queen-at-0715"
LOGIN = "/api/v1/partner/auth/login"


def _hire(world: Any, name: str, role: Role, *brands: Any) -> str:
    made = world.fakes.services.brands.hire(
        email=Email.parse(f"{name}@bharat.example"),
        name=name.title(),
        password=PASSWORD,
        roles=frozenset({role}),
        brands=frozenset(brands or {world.brand_id}),
        second_factor=role is Role.ADMIN,
    )
    world.secrets[name] = made.totp_secret
    return str(made.staff.id)


def _log_in(world: Any, name: str, password: str = PASSWORD) -> Any:
    body = {"email": f"{name}@bharat.example", "password": password}
    if secret := world.secrets.get(name):
        world.fakes.clock.advance(timedelta(seconds=31))
        body["totp"] = world.fakes.second_factor.code(secret, world.fakes.clock.now())
    return world.client("POST", LOGIN, json=body)


@pytest.fixture
def admin(world: Any) -> str:
    _hire(world, "admin", Role.ADMIN)
    token: str = _log_in(world, "admin").json()["accessToken"]
    return token


def _person(world: Any, admin: str, name: str) -> dict[str, Any]:
    listed = world.client("GET", f"{world.brand}/user", token=admin).json()["staff"]
    return next(each for each in listed if each["email"] == f"{name}@bharat.example")


def _change(world: Any, admin: str, person: dict[str, Any], **changes: Any) -> Any:
    kept = ("name", "roles", "granted", "denied", "brandIds", "active", "version")
    body = {name: person[name] for name in kept} | changes
    return world.client("PUT", f"{world.brand}/user/{person['id']}/update", token=admin, json=body)


def test_28_a_change_of_roles_ends_every_log_in_and_holds_at_once(world: Any, admin: str) -> None:
    _hire(world, "ravi", Role.SUPPORT)
    token = _log_in(world, "ravi").json()["accessToken"]
    changed = _change(world, admin, _person(world, admin, "ravi"), roles=["COLLECTION_EXECUTIVE"])
    assert changed.json()["roles"] == ["COLLECTION_EXECUTIVE"]
    world.problem(world.client("GET", "/api/v1/partner/auth/me", token=token), 401, "SESSION_ENDED")
    me = world.client(
        "GET", "/api/v1/partner/auth/me", token=_log_in(world, "ravi").json()["accessToken"]
    ).json()
    assert me["permissions"]["payments:record"] == "OWN"


def test_a_denial_wins_over_a_role_and_a_grant_adds_to_it(world: Any, admin: str) -> None:
    _hire(world, "ravi", Role.SUPPORT)
    ravi = _person(world, admin, "ravi")
    _change(world, admin, ravi, granted=["reports:read"], denied=["calls:read"])
    me = world.client(
        "GET", "/api/v1/partner/auth/me", token=_log_in(world, "ravi").json()["accessToken"]
    ).json()
    assert me["permissions"]["reports:read"] == "ALL"
    assert "calls:read" not in me["permissions"]


def test_48_nobody_changes_their_own_part_or_gives_more_than_they_stand_for(
    world: Any, admin: str
) -> None:
    _hire(world, "ravi", Role.SUPPORT)
    me, ravi = _person(world, admin, "admin"), _person(world, admin, "ravi")
    world.problem(_change(world, admin, me, roles=["SUPPORT"]), 403, "OWN_PART")
    world.problem(_change(world, admin, ravi, roles=["SUPER_ADMIN"]), 403, "ABOVE_OWN")
    world.problem(_change(world, admin, ravi, granted=["pii.export"]), 403, "ABOVE_OWN")
    root = _person(world, admin, "root")
    world.problem(_change(world, admin, root, roles=["SUPPORT"]), 403, "ABOVE_OWN")
    both = [str(world.brand_id), str(world.other_brand_id)]
    world.problem(_change(world, admin, ravi, brandIds=both), 404, "NOT_FOUND")
    assert _person(world, admin, "ravi") == ravi


def test_a_person_of_two_brands_is_changed_by_who_works_in_both(world: Any, admin: str) -> None:
    shared = _hire(world, "ravi", Role.SUPPORT, world.brand_id, world.other_brand_id)
    ravi = _person(world, admin, "ravi")
    world.problem(_change(world, admin, ravi, roles=["ADMIN"]), 403, "ABOVE_OWN")
    gone = world.client("DELETE", f"{world.brand}/user/{shared}", token=admin)
    assert gone.status_code == 204
    assert _log_in(world, "ravi").status_code == 200
    token = _log_in(world, "ravi").json()["accessToken"]
    assert world.client("GET", f"{world.brand}/loans", token=token).status_code == 404


def test_28_who_is_dismissed_from_the_last_brand_cannot_come_in(world: Any, admin: str) -> None:
    ravi = _hire(world, "ravi", Role.SUPPORT)
    token = _log_in(world, "ravi").json()["accessToken"]
    assert world.client("DELETE", f"{world.brand}/user/{ravi}", token=admin).status_code == 204
    assert world.client("GET", f"{world.brand}/loans", token=token).status_code == 401
    world.problem(_log_in(world, "ravi"), 401, "LOGIN_REFUSED")


def test_a_stale_change_is_refused(world: Any, admin: str) -> None:
    _hire(world, "ravi", Role.SUPPORT)
    ravi = _person(world, admin, "ravi")
    _change(world, admin, ravi, roles=["AUDITOR"])
    world.problem(_change(world, admin, ravi, roles=["COMPLIANCE"]), 409, "STALE_VERSION")


def test_who_must_enrol_can_do_nothing_else_until_it_is_done(world: Any) -> None:
    made = world.fakes.services.brands.hire(
        email=Email.parse("meera@bharat.example"),
        name="Meera",
        password=PASSWORD,
        roles=frozenset({Role.ACCOUNTS}),
        brands=frozenset({world.brand_id}),
    )
    assert made.totp_secret == ""
    answer = _log_in(world, "meera").json()
    token = answer["accessToken"]
    assert answer["mustEnrol"] is True
    loans = f"{world.brand}/loans"
    world.problem(world.client("GET", loans, token=token), 403, "TOTP_NOT_ENROLLED")
    auth = "/api/v1/partner/auth/totp"
    world.problem(
        world.client("POST", f"{auth}/enrol", token=token, json={"password": "wrong-wrong-wrong"}),
        401,
        "LOGIN_REFUSED",
    )
    begun = world.client("POST", f"{auth}/enrol", token=token, json={"password": PASSWORD}).json()
    wrong = world.client("POST", f"{auth}/confirm", token=token, json={"totp": "000000"})
    world.problem(wrong, 401, "TOTP_WRONG")
    code = world.fakes.second_factor.code(begun["secret"], world.fakes.clock.now())
    done = world.client("POST", f"{auth}/confirm", token=token, json={"totp": code})
    assert done.json() == {"done": True}
    assert world.client("GET", loans, token=token).status_code == 200
    world.problem(_log_in(world, "meera"), 401, "TOTP_REQUIRED")
    world.secrets["meera"] = begun["secret"]
    assert _log_in(world, "meera").status_code == 200


def test_a_forgotten_password_is_set_by_a_mailed_code_that_works_once(world: Any) -> None:
    _hire(world, "ravi", Role.SUPPORT)
    token = _log_in(world, "ravi").json()["accessToken"]
    forgot, reset = (f"/api/v1/partner/auth/{verb}-password" for verb in ("forgot", "reset"))
    sent = len(world.fakes.message.sent)
    for name in ("ravi", "nobody"):
        answer = world.client("POST", forgot, json={"email": f"{name}@bharat.example"})
        assert (answer.status_code, answer.json()) == (202, {"sent": True})
    world.fakes.run_jobs()
    [mail] = world.fakes.message.sent[sent:]
    assert mail.to == "ravi@bharat.example"
    body = {"email": "ravi@bharat.example", "code": mail.variables["code"]}
    weak = world.client("POST", reset, json={**body, "password": "Password-2026"})
    world.problem(weak, 400, "VALIDATION_FAILED")
    new = {**body, "password": "Konkan-express-0111"}
    assert world.client("POST", reset, json=new).json() == {"done": True}
    world.problem(world.client("POST", reset, json=new), 401, "CODE_REFUSED")
    assert world.client("GET", f"{world.brand}/loans", token=token).status_code == 401
    world.problem(_log_in(world, "ravi"), 401, "LOGIN_REFUSED")
    assert _log_in(world, "ravi", "Konkan-express-0111").status_code == 200


def test_44_a_code_handed_over_is_for_others_of_the_brand_and_has_five_tries(
    world: Any, admin: str
) -> None:
    ravi = _hire(world, "ravi", Role.SUPPORT)
    stranger = _hire(world, "lila", Role.SUPPORT, world.other_brand_id)
    path = f"{world.brand}/user/generate-secure-code"

    def ask(user_id: str) -> Any:
        body = {"userId": user_id, "purpose": "ACCESS"}
        return world.client("POST", path, token=admin, json=body)

    world.problem(ask(stranger), 404, "NOT_FOUND")
    world.problem(ask(_person(world, admin, "admin")["id"]), 403, "G-4EYES")
    code = ask(ravi).json()["code"]
    body = {"email": "ravi@bharat.example", "password": "Konkan-express-0111"}
    reset = "/api/v1/partner/auth/reset-password"
    for _ in range(5):
        world.problem(
            world.client("POST", reset, json={**body, "code": "222222"}), 401, "CODE_REFUSED"
        )
    world.problem(world.client("POST", reset, json={**body, "code": code}), 401, "CODE_REFUSED")


def test_29_ones_log_ins_are_listed_and_ended(world: Any) -> None:
    _hire(world, "ravi", Role.SUPPORT)
    first, second = (_log_in(world, "ravi").json()["accessToken"] for _ in range(2))
    path = "/api/v1/partner/auth/sessions"
    listed = world.client("GET", path, token=second).json()["sessions"]
    assert [each["current"] for each in listed].count(True) == 1
    other = next(each["id"] for each in listed if not each["current"])
    assert world.client("DELETE", f"{path}/{other}", token=second).status_code == 204
    world.problem(world.client("GET", path, token=first), 401, "SESSION_ENDED")
    world.problem(world.client("DELETE", f"{path}/{other}", token=second), 404, "NOT_FOUND")
    foreign = world.client("GET", path, token=world.staff("manager")).json()["sessions"][0]["id"]
    world.problem(world.client("DELETE", f"{path}/{foreign}", token=second), 404, "NOT_FOUND")


def test_65_a_refusal_is_put_on_file_with_who_and_where(world: Any) -> None:
    token = world.staff("executive")
    world.problem(world.client("GET", f"{world.brand}/user", token=token), 403, "FORBIDDEN")
    events = world.fakes.store._shelves.audit.of(world.brand_id)  # noqa: SLF001 - every row there is
    [event] = [event for event in events if event.action == "access.refused"]
    assert event.facts["status"] == 403
    assert event.facts["route"] == "GET /api/v1/partner/brand/{brand_id}/user"
    member = world.fakes.services.platform.staff_by_email("executive@bharat.example")
    assert event.actor_id == member.id
