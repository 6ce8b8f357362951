from decimal import Decimal
from typing import Annotated, Any

import msgspec
import pytest

from los_core.domain.errors import Invalid
from los_http.body import converted, decoded
from los_http.fields import Amount, Body, PanText, PhoneText

JSON = {"content-type": "application/json"}
LOGIN = "/api/v1/web/auth/login"


class Home(Body):
    city: str
    phone: PhoneText


class Person(Body):
    pan: PanText
    amount_paise: Amount
    home: Home
    tags: Annotated[list[str], msgspec.Meta(max_length=2)] = msgspec.field(default_factory=list)
    second_phone: PhoneText | None = None


SOUND = {
    "pan": "abcpe1234f",
    "amountPaise": 100,
    "home": {"city": "Pune", "phone": "+91 98765 43210"},
}


def faults(value: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        converted(value, Person)
    return dict(caught.value.fields)


def test_a_sound_body_becomes_its_type() -> None:
    person = converted(SOUND, Person)

    assert (person.pan, person.home.city, person.amount_paise) == ("abcpe1234f", "Pune", 100)


def test_all_fields_at_fault_are_told_at_once() -> None:
    found = faults(
        {
            "pan": "ABCCE1234F",
            "amountPaise": "100",
            "home": {"phone": "12", "planet": "Earth"},
            "tags": ["a", 1],
            "kycStatus": "VERIFIED",
        }
    )

    assert set(found) == {
        "pan",
        "amountPaise",
        "home.phone",
        "home.planet",
        "home.city",
        "tags[1]",
        "kycStatus",
    }
    assert found["kycStatus"] == "is not a known field"
    assert found["home.city"] == "is required"
    assert found["pan"] == "belongs to a firm or trust, not to an individual"


def test_identifiers_are_tried_where_all_types_are_right() -> None:
    found = faults(SOUND | {"pan": "nonsense", "secondPhone": "5"})

    assert set(found) == {"pan", "secondPhone"}


@pytest.mark.parametrize("amount", [0, -1, 10**13 + 1, True, Decimal("1.5"), None, "1", [1]])
def test_an_amount_is_a_whole_number_of_paise_in_range(amount: Any) -> None:
    assert set(faults(SOUND | {"amountPaise": amount})) == {"amountPaise"}


def test_a_body_that_is_no_object_is_refused() -> None:
    assert set(faults([SOUND])) == {"body"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe{\x00}\x00",
        b'{"a": "\xe9"}',
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": "\\u0000"}',
        b'{"\\u0000": 1}',
        b'{"a": ["\\ud800"]}',
        b'{"a": "\x00"}',
        b"[" * 100_000,
        b"[" * 60 + b"]" * 60,
        b'{"a":' * 60 + b"1" + b"}" * 60,
        b"1" * 5000,
    ],
)
def test_unsound_json_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid, match="the body"):
        decoded(body)


def test_numbers_with_a_point_are_never_floats() -> None:
    assert decoded(b"[1.10, 2]") == [Decimal("1.10"), 2]


def test_rupee_signs_and_emoji_pass() -> None:
    assert decoded('{"a": "₹ \\ud83d\\ude00 😀"}'.encode()) == {"a": "₹ 😀 😀"}


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/xml",
        "application/msgpack",
        "",
        "application/json; charset=utf-16",
    ],
)
def test_another_content_type_than_json_is_415(still: Any, content_type: str) -> None:
    answer = still.client("POST", LOGIN, content=b"{}", headers={"content-type": content_type})

    still.problem(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000, b"null", b'"x"'])
def test_an_unreadable_body_is_400_and_never_500(still: Any, body: bytes) -> None:
    answer = still.client("POST", LOGIN, content=body, headers=JSON)

    assert answer.status_code == 400
    assert answer.json()["statusCode"] == 400


def test_the_api_lists_every_field_at_fault(still: Any) -> None:
    answer = still.client("POST", LOGIN, json={"phone": "12", "brandId": 5, "role": "ADMIN"})

    found = {
        each["field"]: each["message"]
        for each in still.problem(answer, 400, "VALIDATION_FAILED")["message"]
    }
    assert found == {
        "role": "is not a known field",
        "brandId": "Expected `uuid | null`, got `int`",
        "phone": "is not an Indian mobile number (ten digits, starting 6 to 9)",
    }


def test_an_upload_is_multipart_and_nothing_else(world: Any) -> None:
    path = "/api/v1/web/bank/upload-statement"
    token = world.customer()

    as_json = world.client("POST", path, token=token, json={"file": "x"})
    no_file = world.client("POST", path, token=token, files={"other": b"x"})
    broken = world.client(
        "POST",
        path,
        token=token,
        content=b"--x\r\nnonsense",
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    no_boundary = world.client(
        "POST", path, token=token, content=b"x", headers={"content-type": "multipart/form-data"}
    )
    crowd = world.client("POST", path, token=token, files=[(f"f{i}", b"x") for i in range(100)])

    world.problem(as_json, 415, "UNSUPPORTED_MEDIA_TYPE")
    for answer in (no_file, broken, no_boundary, crowd):
        assert answer.status_code == 400, answer.text
        assert answer.json()["statusCode"] == 400


@pytest.mark.parametrize("query", ["limit=1000", "limit=0", "limit=x", "after=1", "status=NOPE"])
def test_wrong_query_parameters_are_fields(world: Any, query: str) -> None:
    token = world.staff("manager")

    answer = world.client("GET", f"{world.brand}/loans?{query}", token=token)

    [fault] = world.problem(answer, 400, "VALIDATION_FAILED")["message"]
    assert fault["field"] == query.partition("=")[0]


def test_a_missing_query_parameter_is_a_field(world: Any) -> None:
    path = "/api/v1/web/loans/00000000-0000-0000-0000-000000000001/key-facts"

    answer = world.client("GET", path, token=world.customer())

    body = world.problem(answer, 400, "VALIDATION_FAILED")
    assert body["message"] == [{"field": "offerId", "message": "is required"}]
