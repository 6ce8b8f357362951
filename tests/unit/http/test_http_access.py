from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar, get

from los_http.auth import requires, undeclared

LOANS = "/api/v1/web/loans"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer null",
        "Basic dXNlcjpwYXNz",
        "Bearer a b",
        "Bearer " + "x" * 65_000,
        "Bearer eyJhbGciOiJub25lIn0.e30.",
    ],
)
def test_anything_but_a_good_token_is_401(still: Any, header: str) -> None:
    answer = still.client("GET", LOANS, headers={"Authorization": header})

    still.problem(answer, 401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_two_authorization_headers_are_401_even_if_both_are_good(world: Any) -> None:
    token = world.customer()
    twice = [("Authorization", f"Bearer {token}")] * 2
    request = world.client.http.build_request("GET", LOANS, headers=twice)

    world.problem(world.client.send(request), 401, "UNAUTHENTICATED")


def test_a_token_in_the_query_is_not_looked_at(world: Any) -> None:
    world.problem(world.client("GET", f"{LOANS}?token={world.customer()}"), 401, "UNAUTHENTICATED")


def test_a_token_is_good_for_its_own_audience_only(world: Any) -> None:
    customer, manager = world.customer(), world.staff("manager")

    world.problem(world.client("GET", LOANS, token=manager), 401, "UNAUTHENTICATED")
    world.problem(
        world.client("GET", f"{world.brand}/loans", token=customer), 401, "UNAUTHENTICATED"
    )
    world.problem(
        world.client("GET", "/api/v1/admin/jobs/runs", token=customer), 401, "UNAUTHENTICATED"
    )


def test_a_token_ends_with_its_session(world: Any) -> None:
    token = world.customer()

    assert world.client("POST", "/api/v1/web/auth/logout", token=token).status_code == 204
    world.problem(world.client("GET", LOANS, token=token), 401, "SESSION_ENDED")


def test_a_foreign_and_an_unknown_brand_look_the_same(world: Any) -> None:
    token = world.staff("manager")

    foreign = world.client(
        "GET", f"/api/v1/partner/brand/{world.other_brand_id}/loans", token=token
    )
    unknown = world.client("GET", f"/api/v1/partner/brand/{uuid4()}/loans", token=token)
    root = world.client("GET", f"/api/v1/partner/brand/{uuid4()}/loans", token=world.staff("root"))

    told = [
        world.problem(answer, 404, "NOT_FOUND")["message"] for answer in (foreign, unknown, root)
    ]
    assert told == ["no such brand"] * 3


def test_a_super_administrator_is_of_every_brand_there_is(world: Any) -> None:
    path = f"/api/v1/partner/brand/{world.other_brand_id}/loans"

    assert world.client("GET", path, token=world.staff("root")).json() == {
        "loans": [],
        "next": None,
    }


def test_authentication_brand_and_role_come_before_the_body_is_looked_at(world: Any) -> None:
    loan = uuid4()
    mess = {"content": b"\xff{", "headers": {"content-type": "text/plain"}}

    no_token = world.client("POST", f"{world.brand}/loans/{loan}/sanction", **mess)
    other_brand = world.client(
        "POST",
        f"/api/v1/partner/brand/{uuid4()}/loans/{loan}/sanction",
        token=world.staff("executive"),
        **mess,
    )
    too_low = world.client(
        "POST", f"{world.brand}/loans/{loan}/sanction", token=world.staff("executive"), **mess
    )
    allowed = world.client(
        "POST", f"{world.brand}/loans/{loan}/sanction", token=world.staff("manager"), **mess
    )

    world.problem(no_token, 401, "UNAUTHENTICATED")
    world.problem(other_brand, 404, "NOT_FOUND")
    assert world.problem(too_low, 403, "FORBIDDEN")["details"] == {"permission": "loans:approve"}
    world.problem(allowed, 415, "UNSUPPORTED_MEDIA_TYPE")


def test_validation_comes_before_ownership(world: Any) -> None:
    path = f"{LOANS}/{uuid4()}/accept-offer"
    token = world.customer()

    world.problem(world.client("POST", path, token=token, json={}), 400, "VALIDATION_FAILED")
    world.problem(
        world.client("POST", path, token=token, json={"offerId": str(uuid4())}), 404, "NOT_FOUND"
    )


def test_administration_is_for_super_administrators(world: Any) -> None:
    for name in ("manager", "checker", "executive"):
        answer = world.client("GET", "/api/v1/admin/jobs/runs", token=world.staff(name))
        world.problem(answer, 403, "FORBIDDEN")
    answer = world.client("GET", "/api/v1/admin/jobs/runs", token=world.staff("root"))
    assert answer.json() == {"idle": True, "deadLetters": 0, "dayEnds": {}}


def test_one_customers_loan_does_not_exist_for_another(world: Any) -> None:
    mine, other = world.customer("9876543210"), world.customer("9876543211")
    body = {"product": "SALARY_EMI", "amountPaise": 50_000_00, "tenure": 6}
    loan = world.client("POST", LOANS, token=mine, json=body).json()["id"]

    foreign = world.client("GET", f"{LOANS}/{loan}", token=other)
    missing = world.client("GET", f"{LOANS}/{uuid4()}", token=other)
    malformed = world.client("GET", f"{LOANS}/not-an-id", token=other)

    told = [world.problem(answer, 404, "NOT_FOUND") for answer in (foreign, missing)]
    assert told[0]["message"] == told[1]["message"]
    world.problem(malformed, 404, "NOT_FOUND")
    assert world.client("GET", f"{LOANS}/{loan}", token=mine).json()["status"] == "DRAFT"


def test_the_same_phone_at_another_brand_is_another_customer(world: Any) -> None:
    body = {"product": "SALARY_EMI", "amountPaise": 50_000_00, "tenure": 6}
    loan = world.client("POST", LOANS, token=world.customer(), json=body).json()["id"]

    answer = world.client(
        "GET", f"{LOANS}/{loan}", token=world.customer(brand_id=world.other_brand_id)
    )

    world.problem(answer, 404, "NOT_FOUND")


def test_me_tells_brands_roles_and_permissions(world: Any) -> None:
    answer = world.client("GET", "/api/v1/partner/auth/me", token=world.staff("executive")).json()

    assert answer["roles"] == ["CREDIT_EXECUTIVE"]
    assert answer["permissions"]["loans:read"] == "OWN"
    assert [brand["code"] for brand in answer["brands"]] == ["bharat"]


def test_a_log_in_is_refused_alike_for_a_wrong_password_and_an_unknown_address(world: Any) -> None:
    path = "/api/v1/partner/auth/login"
    known = {"email": "manager@bharat.example", "password": "wrong-wrong-wrong"}
    unknown = {"email": "nobody@bharat.example", "password": "wrong-wrong-wrong"}

    answers = [world.client("POST", path, json=body) for body in (known, unknown)]

    told = [world.problem(answer, 401, "LOGIN_REFUSED")["message"] for answer in answers]
    assert told[0] == told[1]


def test_a_log_in_never_tells_whether_a_phone_is_known(world: Any) -> None:
    world.customer("9876543210")
    answers = [
        world.client("POST", "/api/v1/web/auth/login", json=world.who(phone, world.other_brand_id))
        for phone in ("9876543210", "9876543219")
    ]

    assert [answer.json() for answer in answers] == [{"sent": True}] * 2


def test_codes_are_not_sent_in_a_row(world: Any) -> None:
    body = world.who()
    world.client("POST", "/api/v1/web/auth/register", json=body)

    answer = world.client("POST", "/api/v1/web/auth/resend-otp", json=body)

    told = world.problem(answer, 429, "TOO_MANY_REQUESTS")
    assert answer.headers["retry-after"] == str(told["details"]["retryAfter"])


def test_refresh_gives_a_new_pair_and_refuses_an_access_token(world: Any) -> None:
    who = world.who()
    world.client("POST", "/api/v1/web/auth/register", json=who)
    pair = world.client(
        "POST", "/api/v1/web/auth/verify-otp", json={**who, "otp": world.code_sent()}
    ).json()
    path = "/api/v1/web/auth/refresh-token"

    fresh = world.client("POST", path, json={"refreshToken": pair["refreshToken"]})
    confused = world.client("POST", path, json={"refreshToken": pair["accessToken"]})

    assert fresh.status_code == 200
    assert world.client("GET", LOANS, token=fresh.json()["accessToken"]).status_code == 200
    world.problem(confused, 401, "SESSION_ENDED")


def test_a_route_without_a_declaration_is_found() -> None:
    @get("/open", sync_to_thread=False)
    def open_to_all() -> str:
        return ""

    app = Litestar([open_to_all], openapi_config=None, logging_config=None)

    assert len(undeclared(app.routes)) == 1


def test_a_permission_that_does_not_exist_cannot_be_declared() -> None:
    with pytest.raises(AssertionError, match="no such permission"):
        requires(permissions=["loans:destroy"])
    assert requires(permissions=["loans:read"]).security == [{"staff": []}]
