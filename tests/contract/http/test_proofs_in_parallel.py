"""What proves who somebody is cannot be had twice by asking at the same time.

Numbers are those of the threat table; on both databases.
"""

import itertools
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.contract.http.asking import Asker
from tests.contract.http.asks import Ask
from tests.contract.http.bad_requests import JSON
from tests.contract.http.installation import Installation

from los_core.domain.access import Role
from los_core.domain.errors import TooMany
from los_core.domain.kyc import Phone
from los_core.domain.limits import CODES_BY_ADDRESS
from los_core.domain.staff import SecurePurpose

VERIFY = "/web/auth/verify-otp"
_numbers = itertools.count(1)


def _new_phone() -> str:
    return f"70000{next(_numbers):05d}"


def _ask(path: str, body: dict[str, Any], **headers: str) -> Ask:
    content = json.dumps(body).encode()
    ask = Ask(method="POST", path=f"/api/v1{path}", headers={"Content-Type": JSON}, content=content)
    return ask.having(**headers)


def _sent(made: Installation, phone: str) -> str:
    made.services.identity.send_code(made.ours.id, Phone.parse(phone))
    return str(made.fakes.messages.sent[-1].variables["otp"])


def _guess(made: Installation, phone: str, code: str, **headers: str) -> Ask:
    body = {"brandId": str(made.ours.id), "phone": phone, "otp": code}
    return _ask(VERIFY, body, **headers)


def _other(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 1_000_000:06d}"


def _statuses(answers: list[httpx.Response]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


def test_31_five_wrong_codes_burn_the_right_one(asker: Asker) -> None:
    phone = _new_phone()
    code = _sent(asker.made, phone)
    wrong = [asker(_guess(asker.made, phone, _other(code))).status_code for _ in range(5)]
    assert wrong == [401] * 5
    assert asker(_guess(asker.made, phone, code)).status_code == 429


def test_32_33_of_a_hundred_guesses_at_once_five_are_looked_at(asker: Asker) -> None:
    phone = _new_phone()
    code = _sent(asker.made, phone)
    guesses = [
        _guess(
            asker.made,
            phone,
            _other(code, by=number),
            X_Forwarded_For=f"203.0.113.{number}",
            User_Agent=f"browser {number}",
            Cookie=f"id={number}",
        )
        for number in range(1, 101)
    ]
    answers = asker.together(*guesses)
    assert _statuses(answers) == [401] * 5 + [429] * 95
    assert all("retry-after" in each.headers for each in answers if each.status_code == 429)
    assert asker(_guess(asker.made, phone, code)).status_code == 429


def test_34_of_fifteen_who_show_the_right_code_one_gets_in(asker: Asker) -> None:
    phone = _new_phone()
    code = _sent(asker.made, phone)
    answers = asker.together(*[_guess(asker.made, phone, code)] * 15)
    assert _statuses(answers)[:2] == [200, 401]


def test_35_a_code_is_for_its_phone_its_brand_and_until_the_next(asker: Asker) -> None:
    made, phone, other = asker.made, _new_phone(), _new_phone()
    first = _sent(made, phone)
    assert asker(_guess(made, other, first)).status_code == 401
    abroad = {"brandId": str(made.theirs.id), "phone": phone, "otp": first}
    assert asker(_ask(VERIFY, abroad)).status_code == 401
    made.clock.advance(timedelta(seconds=31))
    second = _sent(made, phone)
    assert asker(_guess(made, phone, first)).status_code == (401 if first != second else 200)
    assert asker(_guess(made, phone, second)).status_code == 200


def test_37_one_phone_gets_one_code_however_many_ask_at_once(asker: Asker) -> None:
    body = {"brandId": str(asker.made.ours.id), "phone": _new_phone()}
    before = len(asker.made.fakes.messages.sent)
    answers = asker.together(*[_ask("/web/auth/register", body)] * 15)
    assert _statuses(answers) == [202] + [429] * 14
    assert len(asker.made.fakes.messages.sent) == before + 1


def test_37_one_address_cannot_write_to_everybody(asker: Asker) -> None:
    identity, lender = asker.made.services.identity, asker.made.ours
    for _ in range(CODES_BY_ADDRESS.burst):
        identity.send_code(lender.id, Phone.parse(_new_phone()), ip="2001:db8::1")
    with pytest.raises(TooMany) as refused:
        identity.send_code(lender.id, Phone.parse(_new_phone()), ip="2001:db8::1")
    wait_s = refused.value.details["retry_after_s"]
    assert isinstance(wait_s, int)
    assert 0 < wait_s <= 60
    with pytest.raises(TooMany):  # the same customer's network
        identity.send_code(lender.id, Phone.parse(_new_phone()), ip="2001:db8::ffff")
    identity.send_code(lender.id, Phone.parse(_new_phone()), ip="2001:db8:1::1")


def test_40_a_refresh_token_shown_again_ends_every_token_after_it(asker: Asker) -> None:
    made, phone = asker.made, _new_phone()
    pair = asker(_guess(made, phone, _sent(made, phone))).json()
    fresh = asker(_ask("/web/auth/refresh-token", {"refreshToken": pair["refreshToken"]})).json()
    made.clock.advance(timedelta(seconds=11))
    for token in (pair["refreshToken"], fresh["refreshToken"]):
        answer = asker(_ask("/web/auth/refresh-token", {"refreshToken": token}))
        assert (answer.status_code, answer.json()["code"]) == (401, "SESSION_ENDED")
    loans = Ask(method="GET", path="/api/v1/web/loans")
    bearer = f"Bearer {fresh['accessToken']}"
    assert asker(loans.having(Authorization=bearer)).status_code == 401


def test_41_twelve_refreshes_at_once_give_one_child(asker: Asker) -> None:
    made, phone = asker.made, _new_phone()
    pair = asker(_guess(made, phone, _sent(made, phone))).json()
    ask = _ask("/web/auth/refresh-token", {"refreshToken": pair["refreshToken"]})
    answers = asker.together(*[ask] * 12)
    assert _statuses(answers) == [200] * 12
    assert len({answer.json()["refreshToken"] for answer in answers}) == 1
    [child] = {answer.json()["refreshToken"] for answer in answers}
    again = asker(_ask("/web/auth/refresh-token", {"refreshToken": child}))
    assert again.status_code == 200


def test_41_another_device_that_races_is_a_thief(asker: Asker) -> None:
    made, phone = asker.made, _new_phone()
    pair = asker(_guess(made, phone, _sent(made, phone), User_Agent="theirs")).json()
    ask = _ask("/web/auth/refresh-token", {"refreshToken": pair["refreshToken"]})
    assert asker(ask.having(User_Agent="theirs")).status_code == 200
    assert asker(ask.having(User_Agent="another")).status_code == 401
    assert asker(ask.having(User_Agent="theirs")).status_code == 401


def test_42_one_account_and_one_address_have_so_many_wrong_passwords(asker: Asker) -> None:
    known, unknown = (
        {"email": f"{name}@bharat.example", "password": "Konkan-express-0111"}
        for name in ("field_agent", "nobody-at-all")
    )
    for body in (known, unknown):
        tries = [asker(_ask("/partner/auth/login", body)).status_code for _ in range(25)]
        assert tries == [401] * 10 + [429] * 15


def test_44_of_fifteen_who_show_a_secure_code_one_sets_the_password(asker: Asker) -> None:
    made = asker.made
    admin, target = (made.theirs.staff[role] for role in (Role.ADMIN, Role.AUDITOR))
    _, code = made.services.staff_secrets.hand_over(admin, target.staff_id, SecurePurpose.PASSWORD)
    body = {"email": "auditor@other.example", "code": code, "password": "Deccan-queen-at-0715"}
    answers = asker.together(*[_ask("/partner/auth/reset-password", body)] * 9)
    assert _statuses(answers) == [200] + [401] * 8
