"""Signzy: what its words mean to us, and its imitation's signing page, clock and callback."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import attrs
import httpx
import pytest
from pypdf import PdfReader, PdfWriter

from los_adapters import registry
from los_adapters.client import Http
from los_adapters.directory import ProviderRow
from los_adapters.esign import signzy
from los_adapters.sandbox import vendors
from los_adapters.sandbox.courier import Courier, Post
from los_adapters.sandbox.personas import Persona, Personas
from los_adapters.sandbox.signed_pdf import with_signature
from los_adapters.sandbox.switchboard import Switchboard
from los_adapters.sandbox.world import MemoryState, World
from los_core.ports.errors import ProviderError, Rejected, Unknown
from los_core.ports.esign import DocketReport, DocketRequest, DocketState

BASE = "http://127.0.0.1"
NOW = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)


def _document() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _request(persona: Persona, **changes: Any) -> DocketRequest:
    request = DocketRequest(
        reference="LN-000042-A1",
        title="Loan agreement <LN-000042>",
        pdf=_document(),
        signer=persona.aadhaar_name,
        phone=persona.phone,
        signer_last4=persona.aadhaar[-4:],
        signer_birth_year=persona.born_on.year,
        callback_url="http://127.0.0.1:9/webhooks/signzy",
        callback_secret="a value of thirty-two random bytes",
        expires_in=timedelta(days=3),
    )
    return attrs.evolve(request, **changes)


class Office:
    """Signzy's imitation with a clock that can be moved, an adapter, and a browser."""

    def __init__(self) -> None:
        self.now = NOW
        self.posts: list[Post] = []
        self.world = World(MemoryState(), Personas(), lambda: self.now, Courier(self._keep))
        self.board = Switchboard(self.world)
        transport = httpx.MockTransport(self.board)
        row = ProviderRow(name="signzy", settings=vendors.settings("signzy", f"{BASE}/signzy"))
        self.signer: Any = registry.opened("esign", row, transport=transport).adapter
        self.browser = httpx.Client(transport=transport)

    def _keep(self, post: Post) -> int:
        self.posts.append(post)
        return 200

    def code(self, phone: str) -> str:
        found = re.search(r"\d{6}", str(self.world.messages(phone)[-1]["text"]))
        assert found
        return found[0]

    def signed(self, page: str, persona: Persona, **form: str) -> httpx.Response:
        last4 = form.get("last4", persona.aadhaar[-4:])
        self.browser.post(page, data={"last4": last4})
        otp = form.get("otp") or self.code(persona.phone)
        return self.browser.post(page, data={"last4": last4, "otp": otp})


@pytest.fixture
def office() -> Iterator[Office]:
    place = Office()
    yield place
    place.browser.close()


class TestSigningPage:
    def test_last_digits_and_the_code_on_the_phone_sign_the_document(self, office: Office) -> None:
        asha = office.world.personas["asha"]
        request = _request(asha)
        docket = office.signer.create(request)
        page = office.browser.get(docket.signing_url).text
        assert "&lt;LN-000042&gt;" in page
        assert office.signed(docket.signing_url, asha).status_code == 200
        report = office.signer.inquire(docket.docket_id)
        file = office.signer.fetch_signed(report)
        assert report.state is DocketState.SIGNED
        assert report.signed_sha256 == hashlib.sha256(file).hexdigest()
        pages = PdfReader(BytesIO(file)).pages
        assert len(pages) == 2
        assert asha.aadhaar_name in pages[1].extract_text()

    def test_equal_signatures_give_equal_files(self) -> None:
        once, again = (
            with_signature(_document(), name="Asha (X) \\ ₹", at=NOW, last4="1234")
            for _ in range(2)
        )
        assert once == again
        assert "Asha (X)" in PdfReader(BytesIO(once)).pages[-1].extract_text()

    @pytest.mark.parametrize("form", [{"otp": "000000"}, {"last4": "0000"}])
    def test_a_wrong_code_or_other_digits_do_not_sign(
        self, office: Office, form: dict[str, str]
    ) -> None:
        asha = office.world.personas["asha"]
        docket = office.signer.create(_request(asha))
        assert office.signed(docket.signing_url, asha, **form).status_code == 400
        assert office.signer.inquire(docket.docket_id).state is DocketState.SENT

    @pytest.mark.parametrize(
        ("changes", "failure"),
        [
            ({"signer_birth_year": 1901}, "YOB_MISMATCH"),
            ({"signer_last4": "0000"}, "LAST4_MISMATCH"),
        ],
    )
    def test_a_docket_for_somebody_else_says_what_does_not_fit(
        self, office: Office, changes: dict[str, object], failure: str
    ) -> None:
        asha = office.world.personas["asha"]
        docket = office.signer.create(_request(asha, **changes))
        assert office.signed(docket.signing_url, asha).status_code == 400
        report = office.signer.inquire(docket.docket_id)
        assert report.state is DocketState.SENT
        assert report.failure == failure

    def test_one_who_refuses_to_sign_declines(self, office: Office) -> None:
        lata = office.world.personas["lata"]
        docket = office.signer.create(_request(lata))
        office.signed(docket.signing_url, lata)
        assert office.signer.inquire(docket.docket_id).state is DocketState.DECLINED

    def test_the_button_declines(self, office: Office) -> None:
        docket = office.signer.create(_request(office.world.personas["asha"]))
        office.browser.post(docket.signing_url, data={"action": "decline"})
        assert office.signer.inquire(docket.docket_id).state is DocketState.DECLINED

    def test_a_docket_is_open_until_its_time_is_over(self, office: Office) -> None:
        asha = office.world.personas["asha"]
        docket = office.signer.create(_request(asha))
        office.now += timedelta(days=3) - timedelta(seconds=1)
        assert office.signer.inquire(docket.docket_id).state is DocketState.SENT
        office.now += timedelta(seconds=1)
        assert office.signer.inquire(docket.docket_id).state is DocketState.EXPIRED
        assert office.browser.get(docket.signing_url).status_code == 410

    def test_the_callback_carries_the_value_it_was_given(self, office: Office) -> None:
        asha = office.world.personas["asha"]
        request = _request(asha)
        docket = office.signer.create(request)
        office.signed(docket.signing_url, asha)
        office.world.courier.deliver_due()
        [post] = office.posts
        assert post.url == request.callback_url
        office.signer.verify(post.headers["authorization"], secret=request.callback_secret)

    @pytest.mark.parametrize(
        "changes",
        [
            {"pdf": b"%PDF-1.7 damaged"},
            {"phone": "12345"},
            {"title": ""},
            {"callback_url": "ftp://x"},
            {"signer_last4": "12"},
        ],
    )
    def test_a_docket_that_breaks_a_rule_is_refused(
        self, office: Office, changes: dict[str, object]
    ) -> None:
        with pytest.raises(Rejected) as caught:
            office.signer.create(_request(office.world.personas["asha"], **changes))
        assert caught.value.code == "VALIDATION_ERROR"


def _signer(*answers: httpx.Response, **more: object) -> signzy.SignzySigner:
    waiting = list(answers)
    fields = {**vendors.settings("signzy", "https://sign.example"), **more}
    settings = signzy.Settings.model_validate(fields)
    transport = httpx.MockTransport(lambda _request: waiting.pop(0))
    origins = ("https://sign.example", "https://files.example")
    return signzy.SignzySigner(settings, Http("signzy", origins, transport=transport))


def _pulled(**changes: object) -> httpx.Response:
    return httpx.Response(200, json={"contractId": "c1", "contractStatus": "PENDING", **changes})


FILE = "https://files.example/c1.pdf"
DONE = {
    "isCompleted": True,
    "initialSignerCount": 1,
    "signedSignerCount": 1,
    "finalSignedContract": FILE,
}


class TestWords:
    @pytest.mark.parametrize(
        ("changes", "state"),
        [
            ({}, DocketState.SENT),
            ({"contractStatus": "SUCCESS"}, DocketState.SENT),
            ({"contractStatus": "COMPLETED"}, DocketState.SENT),
            (DONE, DocketState.SIGNED),
            ({**DONE, "contractStatus": "FAILED"}, DocketState.SIGNED),
            ({**DONE, "signedSignerCount": 0}, DocketState.SENT),
            ({**DONE, "finalSignedContract": None}, DocketState.SENT),
            ({**DONE, "isCompleted": None}, DocketState.SENT),
            (
                {**DONE, "initialSignerCount": None, "signedSignerCount": None},
                DocketState.SIGNED,
            ),
            ({**DONE, "initialSignerCount": 2}, DocketState.SENT),
            ({**DONE, "initialSignerCount": 2, "deletedSignerCount": 1}, DocketState.SIGNED),
            ({**DONE, "deletedSignerCount": 1, "signedSignerCount": 0}, DocketState.SENT),
            ({"cancelledSignerCount": 1}, DocketState.DECLINED),
            ({"contractCancelTimestamp": "2026-11-25T05:10:00.000Z"}, DocketState.CANCELLED),
            ({"contractStatus": "EXPIRED"}, DocketState.EXPIRED),
            ({"contractStatus": "CANCELLED"}, DocketState.SENT),
        ],
    )
    def test_counts_and_times_decide_not_the_word(
        self, changes: dict[str, object], state: DocketState
    ) -> None:
        assert _signer(_pulled(**changes)).inquire("c1").state is state

    def test_the_state_of_another_docket_is_no_answer(self) -> None:
        with pytest.raises(ProviderError):
            _signer(_pulled(contractId="c2")).inquire("c1")

    @pytest.mark.parametrize("told", ["", "b77c", "x" * 64])
    def test_a_hash_of_another_kind_is_not_compared(self, told: str) -> None:
        file = httpx.Response(200, content=b"%PDF-1.7 signed")
        signer = _signer(_pulled(**DONE, finalSignedContractHash=told), file)
        assert signer.fetch_signed(signer.inquire("c1")) == b"%PDF-1.7 signed"

    def test_a_hash_in_capitals_is_a_hash(self) -> None:
        content = b"%PDF-1.7 signed"
        told = hashlib.sha256(content).hexdigest().upper()
        signer = _signer(
            _pulled(**DONE, finalSignedContractHash=told), httpx.Response(200, content=content)
        )
        assert signer.fetch_signed(signer.inquire("c1")) == content

    def test_what_is_no_pdf_is_rejected(self) -> None:
        report = DocketReport(docket_id="c1", state=DocketState.SIGNED, signed_file=FILE)
        with pytest.raises(Rejected) as caught:
            _signer(httpx.Response(200, text="<html>gone</html>")).fetch_signed(report)
        assert caught.value.code == "NOT_A_PDF"

    def test_a_docket_without_an_address_to_sign_at_is_unknown(self) -> None:
        answer = httpx.Response(200, json={"contractId": "c1", "signerdetail": [{"signerId": "s"}]})
        with pytest.raises(Unknown):
            _signer(answer).create(_request(Personas()["asha"]))

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"error": {"reason": "VALIDATION_ERROR"}}, "VALIDATION_ERROR"),
            ({"error": "text"}, "404"),
            ({}, "404"),
            ([], "404"),
        ],
    )
    def test_a_refusal_has_the_vendors_reason_or_the_status(self, body: object, code: str) -> None:
        with pytest.raises(Rejected) as caught:
            _signer(httpx.Response(404, json=body)).inquire("c1")
        assert caught.value.code == code
