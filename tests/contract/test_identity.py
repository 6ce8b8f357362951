"""The laws of identity, tried on every verifier; and what only Digitap's wire shows."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest

from los_adapters import registry
from los_adapters.directory import ProviderRow
from los_adapters.sandbox import digitap as sandbox
from los_core.ports.errors import Rejected, Unavailable
from los_core.ports.identity import AadhaarRecord, Address, OtpRefused, PanRecord
from los_core.testing.identity import REFERENCE, IdentityLaws, IdentityRig
from los_core.testing.provider import Call

PAN = "AAKPD2468F"
AADHAAR = "999941001012"
PERSON = PanRecord(
    valid=True,
    status="Active",
    full_name="Asha Vinayak Deshpande",
    born_on=date(1993, 7, 14),
    gender="F",
    holder_type="INDIVIDUAL",
    aadhaar_linked=True,
    aadhaar_last4="1012",
)
HOLDER = AadhaarRecord(
    last4="1012",
    reference="101220261125120000000",
    full_name="Asha Vinayak Deshpande",
    born_on=date(1993, 7, 14),
    gender="F",
    address=Address(
        line1="Flat 12, Sarita Apartments, Karve Road",
        locality="Kothrud",
        city="Pune",
        district="Pune",
        state="Maharashtra",
        pincode="411038",
    ),
)
WIRE = {
    "pan": "POST /svc/validation",
    "start_aadhaar": "POST /api/ent/v3/kyc/intiate-kyc-auto",
    "finish_aadhaar": "POST /api/ent/v3/kyc/submit-otp",
}

Stand = Callable[..., Any]


@pytest.fixture(params=registry.cases("identity"))
def rig(request: pytest.FixtureRequest, stand: Stand) -> IdentityRig:
    place = stand("identity", request.param, wire=WIRE)
    adapter = place.adapter

    def otp(session: str) -> str:
        if place.fake:
            return str(adapter.otp(session))
        begun = place.world.state("digitap").get(json.loads(session)["transactionId"])
        return str(begun["otp"])

    def late(session: str) -> str:
        if not place.fake:
            return sandbox.EXPIRED_OTP
        adapter.expire(session)
        return otp(session)

    def finish(verifier: Any) -> AadhaarRecord:
        session = verifier.start_aadhaar(AADHAAR, reference=REFERENCE)
        record: AadhaarRecord = verifier.finish_aadhaar(session, otp(session))
        return record

    if place.fake:
        adapter.knows_pan(PAN, PERSON)
        adapter.knows_aadhaar(AADHAAR, HOLDER)
    return IdentityRig(
        name=place.name,
        adapter=adapter,
        calls=(
            Call("pan", effect=False, make=lambda it: it.pan(PAN, reference=REFERENCE)),
            Call(
                "start_aadhaar",
                effect=False,
                make=lambda it: it.start_aadhaar(AADHAAR, reference=REFERENCE),
            ),
            Call("finish_aadhaar", effect=False, make=finish),
        ),
        meet=place.meet,
        secrets=(*place.secrets, PAN, AADHAAR, "Deshpande", "DESHPANDE"),
        pan=PAN,
        person=PERSON,
        unknown_pan="ZZZPZ9999Z",
        aadhaar=AADHAAR,
        holder=HOLDER,
        unknown_aadhaar="999941999992",
        otp=otp,
        late=late,
    )


class TestIdentity(IdentityLaws):
    pass


# -- Digitap's wire ---------------------------------------------------------------------------


def digitap(answer: Callable[[httpx.Request], httpx.Response]) -> Any:
    """Return the adapter beside a vendor that answers so."""
    row = ProviderRow(name="digitap", settings=sandbox.settings("http://127.0.0.1/digitap"))
    return registry.opened("identity", row, transport=httpx.MockTransport(answer)).adapter


def pan_answer(**result: object) -> httpx.Response:
    envelope = {"http_response_code": 200, "result_code": 101, "request_id": "r1"}
    return httpx.Response(200, json={**envelope, "result": {"pan": PAN, **result}})


def test_the_otp_arrives_by_sms_from_uidai(stand: Stand) -> None:
    place = stand("identity", "digitap")
    session = place.adapter.start_aadhaar(AADHAAR, reference=REFERENCE)
    [message] = place.world.messages(to="9822010101")
    assert message["vendor"] == "uidai"
    otp = message["variables"]["otp"]
    assert otp in message["text"]
    assert place.adapter.finish_aadhaar(session, otp).full_name == HOLDER.full_name


def test_the_session_holds_what_submitting_asks_for_and_no_more(stand: Stand) -> None:
    session = stand("identity", "digitap").adapter.start_aadhaar(AADHAAR, reference=REFERENCE)
    assert set(json.loads(session)) == {"transactionId", "fwdp", "codeVerifier"}


def test_the_imitated_vendor_keeps_no_aadhaar_number(stand: Stand) -> None:
    place = stand("identity", "digitap")
    place.adapter.start_aadhaar(AADHAAR, reference=REFERENCE)
    assert AADHAAR not in json.dumps(place.world.state("digitap").all())


def test_a_name_mismatch_shows_between_pan_and_aadhaar(stand: Stand) -> None:
    place = stand("identity", "digitap")
    person = place.world.personas["farhan"]
    session = place.adapter.start_aadhaar(person.aadhaar, reference=REFERENCE)
    otp = place.world.messages(to=person.phone)[-1]["variables"]["otp"]
    holder = place.adapter.finish_aadhaar(session, otp)
    assert holder.full_name == person.name_on_aadhaar
    assert place.adapter.pan(person.pan, reference=REFERENCE).full_name == "FARHAN AHMED SHAIKH"


@pytest.mark.parametrize("wrong", [{"client_secret": "other"}, {"client_id": "other"}])
def test_wrong_credentials_are_our_fault(stand: Stand, wrong: dict[str, object]) -> None:
    adapter = stand("identity", "digitap", settings=wrong).adapter
    with pytest.raises(Unavailable) as caught:
        adapter.pan(PAN, reference=REFERENCE)
    assert caught.value.misconfigured is True


@pytest.mark.parametrize("reference", ["", "x" * 46])
def test_a_reference_the_vendor_does_not_take_is_rejected(stand: Stand, reference: str) -> None:
    adapter = stand("identity", "digitap").adapter
    with pytest.raises(Rejected, match="400"):
        adapter.pan(PAN, reference=reference)
    with pytest.raises(Rejected, match="400"):
        adapter.start_aadhaar(AADHAAR, reference=reference)


@pytest.mark.parametrize("status", [412, 403, 401])
@pytest.mark.parametrize("inside", [True, False])
def test_a_product_not_enabled_is_our_fault(status: int, *, inside: bool) -> None:
    body = {"http_response_code": status, "error": "Client not enabled"}
    adapter = digitap(lambda _: httpx.Response(200 if inside else status, json=body))
    with pytest.raises(Unavailable) as caught:
        adapter.pan(PAN, reference=REFERENCE)
    assert caught.value.misconfigured is True
    assert caught.value.code == str(status)


@pytest.mark.parametrize("status", [422, 503, 500])
def test_an_authority_that_cannot_serve_is_worth_asking_later(status: int) -> None:
    adapter = digitap(lambda _: httpx.Response(status, json={"http_response_code": status}))
    with pytest.raises(Unavailable) as caught:
        adapter.pan(PAN, reference=REFERENCE)
    assert caught.value.misconfigured is False


@pytest.mark.parametrize("code", ["401", "403"])
def test_a_refused_client_is_our_fault_in_the_other_envelope_too(code: str) -> None:
    adapter = digitap(lambda _: httpx.Response(200, json={"code": code, "msg": "no"}))
    with pytest.raises(Unavailable) as caught:
        adapter.start_aadhaar(AADHAAR, reference=REFERENCE)
    assert caught.value.misconfigured is True


@pytest.mark.parametrize("status", ["Inactive", "Deactivated", "Deceased", "Fake", "", "Newish"])
def test_only_an_active_pan_is_valid(status: str) -> None:
    record = digitap(lambda _: pan_answer(fullname="A", pan_status=status)).pan(
        PAN, reference=REFERENCE
    )
    assert record.valid is False
    assert record.status == status


@pytest.mark.parametrize("dob", ["14/07/1993", "14-07-1993", "1993-07-14", "14-Jul-1993"])
def test_a_date_of_birth_is_read_in_any_form(dob: str) -> None:
    record = digitap(lambda _: pan_answer(fullname="A", dob=dob)).pan(PAN, reference=REFERENCE)
    assert record.born_on == date(1993, 7, 14)


def test_what_is_blank_or_absent_is_not_told() -> None:
    record = digitap(lambda _: pan_answer(fullname="A\u0000B", dob="", gender=None)).pan(
        PAN, reference=REFERENCE
    )
    assert record.full_name == "A B"
    assert record.born_on is None
    assert record.gender == ""
    assert record.aadhaar_linked is None
    assert record.aadhaar_last4 == ""


def test_details_of_another_pan_are_not_believed() -> None:
    adapter = digitap(lambda _: pan_answer(fullname="A"))
    with pytest.raises(Unavailable):
        adapter.pan("BNZPN5173K", reference=REFERENCE)


def test_an_answer_to_another_request_is_not_believed() -> None:
    body = {"result_code": 103, "client_ref_num": "somebody-else"}
    adapter = digitap(lambda _: httpx.Response(200, json=body))
    with pytest.raises(Unavailable):
        adapter.pan(PAN, reference=REFERENCE)


@pytest.mark.parametrize("code", [None, 7, 105, "x"])
def test_a_result_code_we_do_not_know_is_no_answer(code: object) -> None:
    adapter = digitap(lambda _: httpx.Response(200, json={"result_code": code}))
    with pytest.raises(Unavailable):
        adapter.pan(PAN, reference=REFERENCE)


SESSION = json.dumps({"transactionId": "t", "fwdp": "f", "codeVerifier": "v"})


@pytest.mark.parametrize(
    ("message", "expired"),
    [
        ("Invalid OTP", False),
        ("OTP does not match", False),
        ("Incorrect OTP entered", False),
        ("OTP expired", True),
        ("Your OTP has expired", True),
        ("OTP attempts exceeded", True),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_what_is_said_against_an_otp_is_understood(
    message: str, *, expired: bool, status: int
) -> None:
    body = {"code": "400", "msg": message, "model": None}
    adapter = digitap(lambda _: httpx.Response(status, json=body))
    with pytest.raises(OtpRefused) as caught:
        adapter.finish_aadhaar(SESSION, "123456")
    assert caught.value.expired is expired


def test_an_http_400_is_no_success_whatever_its_body_says() -> None:
    body = {"code": "200", "msg": "success", "model": {"name": "A", "maskedAdharNumber": "1234"}}
    adapter = digitap(lambda _: httpx.Response(400, json=body))
    with pytest.raises(Rejected, match="400"):
        adapter.finish_aadhaar(SESSION, "123456")


def test_ekyc_without_last_four_digits_is_no_answer() -> None:
    body = {"code": "200", "model": {"name": "A", "maskedAdharNumber": "xxxxxxxxxxxx"}}
    adapter = digitap(lambda _: httpx.Response(200, json=body))
    with pytest.raises(Unavailable):
        adapter.finish_aadhaar(SESSION, "123456")


def test_an_answer_of_another_shape_is_blamed_without_its_content() -> None:
    adapter = digitap(
        lambda _: httpx.Response(200, json={"code": "200", "model": {"name": {"x": "SECRET NAME"}}})
    )
    with pytest.raises(Unavailable) as caught:
        adapter.finish_aadhaar(SESSION, "123456")
    assert "SECRET" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
