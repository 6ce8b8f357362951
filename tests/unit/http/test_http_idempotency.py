from typing import Any

import pytest

LOANS = "/api/v1/web/loans"
BODY = {"product": "SALARY_EMI", "amountPaise": 50_000_00, "tenure": 6}


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


def test_a_repeat_gets_the_same_bytes_and_does_nothing(world: Any) -> None:
    token = world.customer()

    first = world.client("POST", LOANS, token=token, json=BODY, headers=key("k-1"))
    again = world.client(
        "POST",
        LOANS,
        token=token,
        content=b'{ "tenure":6, "amountPaise":5000000,\n "product":"SALARY_EMI" }',
        headers=key("k-1") | {"content-type": "application/json"},
    )

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "idempotent-replay" not in first.headers
    assert again.headers["idempotent-replay"] == "true"
    assert len(world.client("GET", LOANS, token=token).json()["loans"]) == 1


def test_a_repeat_still_gets_the_first_answer_after_the_loan_moved_on(world: Any) -> None:
    token = world.customer()
    first = world.client("POST", LOANS, token=token, json=BODY, headers=key("k-1"))
    path = f"{LOANS}/{first.json()['id']}/cancel"
    world.client("POST", path, token=token, json={"reasonCodes": ["NOT_NEEDED"]})

    again = world.client("POST", LOANS, token=token, json=BODY, headers=key("k-1"))

    assert again.content == first.content


def test_the_same_key_with_another_content_is_refused(world: Any) -> None:
    token = world.customer()
    world.client("POST", LOANS, token=token, json=BODY, headers=key("k-1"))

    answer = world.client("POST", LOANS, token=token, json=BODY | {"tenure": 9}, headers=key("k-1"))

    world.problem(answer, 422, "KEY_REUSED")


def test_a_key_is_its_customers_own(world: Any) -> None:
    answers = [
        world.client("POST", LOANS, token=world.customer(phone), json=BODY, headers=key("k-1"))
        for phone in ("9876543210", "9876543211")
    ]

    assert answers[0].json()["id"] != answers[1].json()["id"]


def test_a_refusal_is_not_kept_under_the_key(world: Any) -> None:
    token = world.customer()
    too_much = BODY | {"amountPaise": 90_000_00}

    refused = world.client("POST", LOANS, token=token, json=too_much, headers=key("k-1"))
    mended = world.client("POST", LOANS, token=token, json=BODY, headers=key("k-1"))

    assert world.problem(refused, 400, "VALIDATION_FAILED")["message"] == [
        {"field": "amountPaise", "message": "must lie from 1000000 to 6000000 paise"}
    ]
    assert mended.status_code == 201


def test_parallel_repeats_make_one_loan_and_one_answer(world: Any) -> None:
    token = world.customer()
    requests = [
        world.client.http.build_request(
            "POST",
            LOANS,
            json=BODY,
            headers=key("k-1") | {"Authorization": f"Bearer {token}"},
        )
        for _ in range(8)
    ]

    answers = world.client.together(*requests)

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert len(world.client("GET", LOANS, token=token).json()["loans"]) == 1


@pytest.mark.parametrize("name", ["", " ", "x" * 256, "kéy", "a\tb"])
def test_a_key_is_printable_ascii_of_at_most_255(world: Any, name: str) -> None:
    request = world.client.http.build_request(
        "POST", LOANS, json=BODY, headers=[(b"Idempotency-Key", name.encode())]
    )
    request.headers["Authorization"] = f"Bearer {world.customer()}"

    answer = world.client.send(request)

    [fault] = world.problem(answer, 400, "VALIDATION_FAILED")["message"]
    assert fault["field"] == "Idempotency-Key"


def test_commands_that_move_money_are_not_taken_without_a_key(world: Any) -> None:
    some = "00000000-0000-7000-8000-000000000001"
    payment = {
        "loanId": some,
        "amountPaise": 100,
        "mode": "UPI",
        "reference": "r",
        "valueDate": "2026-11-25",
    }
    checker = world.staff("checker")
    asked = [
        (world.staff("collector"), "/payment/process", payment),
        (world.staff("maker"), f"/loans/{some}/disburse", {"version": 1}),
        (checker, f"/approvals/{some}/approve", {}),
        (checker, f"/payment/approve/{some}", None),
    ]
    for token, path, body in asked:
        answer = world.client("POST", world.brand + path, token=token, json=body)
        told = world.problem(answer, 400, "VALIDATION_FAILED")
        assert told["message"] == [{"field": "Idempotency-Key", "message": "is required"}]
