"""Razorpay and RazorpayX: signatures by a worked example, and the shapes their bodies come in.

The example was made apart from this code; its secret opens nothing.
"""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from los_adapters.bankaccount import razorpayx
from los_adapters.client import Http
from los_adapters.payment import razorpay
from los_core.ports.bankaccount import AccountState
from los_core.ports.errors import BadSignature, ProviderError, Rejected, Unavailable
from los_core.ports.payment import PaymentRequest, PaymentState

BASE = "https://gateway.example"
SECRET = "whsec-brandA-2026"
SIGNATURE = "897b1194e108ae052178c00783a2b68b4c11db2f214dec05d019c3d8602038bb"
BODY = (
    b'{"entity":"event","account_id":"acc_LOS00000000001","event":"payment.captured","'
    b'contains":["payment"],"payload":{"payment":{"entity":{"id":"pay_LOS0000000001","'
    b'entity":"payment","amount":250050,"currency":"INR","status":"captured","order_id'
    b'":"order_LOS0000000001","invoice_id":null,"international":false,"method":"upi","'
    b'amount_refunded":0,"refund_status":null,"captured":true,"vpa":"asha@examplebank"'
    b',"email":"asha@example.com","contact":"+919000000001","notes":{"loan_id":"LN-100'
    b'1"},"fee":5901,"tax":900,"error_code":null,"error_description":null,"acquirer_da'
    b'ta":{"rrn":"600000000001"},"created_at":1795400000}}},"created_at":1795400003}'
)
HEADERS = {"x-razorpay-signature": SIGNATURE, "x-razorpay-event-id": "evt_LOS000000001"}
REQUEST = PaymentRequest(reference="EMI-7", amount=2_500_50, description="Instalment 7")


def _gateway(*answers: httpx.Response, secret: str = SECRET, previous: str = "") -> Any:
    waiting = list(answers)
    settings = razorpay.Settings.model_validate(
        {
            "base_url": BASE,
            "account": "acc_1",
            "key_id": "rzp_test_1",
            "key_secret": "key secret",
            "webhook_secret": secret,
            "previous_webhook_secret": previous,
        }
    )
    transport = httpx.MockTransport(lambda _request: waiting.pop(0))
    return razorpay.RazorpayGateway(settings, Http("razorpay", (BASE,), transport=transport))


def _payment(**changes: object) -> bytes:
    entity = json.loads(BODY)["payload"]["payment"]["entity"] | changes
    event = {"event": "payment.captured", "payload": {"payment": {"entity": entity}}}
    return json.dumps(event).encode()


class TestWebhook:
    def test_the_worked_example_is_genuine(self) -> None:
        notice = _gateway().verify(HEADERS, BODY)
        assert notice.event_key == "evt_LOS000000001"
        assert notice.kind == "payment.captured"
        assert notice.reference == "pay_LOS0000000001"

    def test_one_paisa_more_is_refused(self) -> None:
        with pytest.raises(BadSignature):
            _gateway().verify(HEADERS, BODY.replace(b"250050", b"250051"))

    def test_the_same_content_written_otherwise_is_refused(self) -> None:
        with pytest.raises(BadSignature):
            _gateway().verify(HEADERS, json.dumps(json.loads(BODY)).encode())

    def test_the_previous_secret_is_accepted_beside_the_present_one(self) -> None:
        assert _gateway(secret="new", previous=SECRET).verify(HEADERS, BODY).kind

    def test_the_previous_secret_alone_accepts_nothing(self) -> None:
        with pytest.raises(BadSignature):
            _gateway(secret="", previous=SECRET).verify(HEADERS, BODY)

    def test_an_event_without_an_id_is_known_by_its_body(self) -> None:
        gateway = _gateway()
        bare = {"x-razorpay-signature": SIGNATURE}
        strange = bare | {"x-razorpay-event-id": "x" * 1000}
        key = gateway.verify(bare, BODY).event_key
        assert len(key) == 64
        assert gateway.verify(strange, BODY).event_key == key

    @pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff\xfe", b"{", b'{"payload": 1}'])
    def test_a_genuine_body_of_any_form_is_kept(self, body: bytes) -> None:
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        notice = _gateway().verify({"x-razorpay-signature": signature}, body)
        assert notice.kind == ""
        assert notice.reference == ""


class TestPayment:
    def test_the_worked_example_is_read(self) -> None:
        payment = _gateway().payment_of(BODY)
        assert payment.payment_id == "pay_LOS0000000001"
        assert payment.order_id == "order_LOS0000000001"
        assert payment.amount == 250_050
        assert payment.state is PaymentState.CAPTURED
        assert payment.at == datetime.fromtimestamp(1_795_400_000, UTC)
        assert payment.method == "upi"
        assert payment.utr == "600000000001"

    @pytest.mark.parametrize(
        ("status", "captured", "state"),
        [
            ("captured", True, PaymentState.CAPTURED),
            ("captured", "1", PaymentState.CAPTURED),
            ("captured", 1, PaymentState.CAPTURED),
            ("captured", None, PaymentState.CAPTURED),
            ("captured", False, PaymentState.PENDING),
            ("authorized", False, PaymentState.AUTHORISED),
            ("failed", False, PaymentState.FAILED),
            ("refunded", True, PaymentState.REFUNDED),
            ("created", False, PaymentState.PENDING),
            ("teleported", True, PaymentState.PENDING),
        ],
    )
    def test_the_status_decides_and_captured_may_only_doubt(
        self, status: str, captured: object, state: PaymentState
    ) -> None:
        payment = _gateway().payment_of(_payment(status=status, captured=captured))
        assert payment.state is state

    @pytest.mark.parametrize(
        ("notes", "reference"),
        [([], ""), ({}, ""), (None, ""), ({"reference": "EMI-7"}, "EMI-7")],
    )
    def test_notes_come_as_a_list_or_an_object(self, notes: object, reference: str) -> None:
        payment = _gateway().payment_of(_payment(notes=notes, acquirer_data=[]))
        assert payment.reference == reference
        assert payment.utr == ""

    @pytest.mark.parametrize("amount", ["250050", 2500.5, 250050.0, True, None])
    def test_an_amount_that_is_no_whole_number_is_refused(self, amount: object) -> None:
        with pytest.raises(ValueError, match="cannot be read") as caught:
            _gateway().payment_of(_payment(amount=amount))
        assert "asha" not in str(caught.value)

    def test_a_payment_comes_with_its_order_and_with_a_subscription(self) -> None:
        event = json.loads(BODY)
        event["event"] = "order.paid"
        event["payload"]["order"] = {"entity": {"id": "order_1", "receipt": "EMI-7"}}
        assert _gateway().payment_of(json.dumps(event).encode()).reference == "EMI-7"


def _list(*items: dict[str, object]) -> httpx.Response:
    return httpx.Response(200, json={"entity": "collection", "items": list(items)})


ORDER = {"id": "order_1", "amount": 2_500_50, "currency": "INR", "receipt": "EMI-7"}


class TestOrder:
    def test_of_two_orders_under_a_receipt_the_first_counts(self) -> None:
        later = {**ORDER, "id": "order_2", "created_at": 20}
        first = {**ORDER, "created_at": 10}
        order = _gateway(_list(later, first)).create_order(REQUEST)
        assert order.order_id == "order_1"

    def test_a_receipt_refused_as_repeated_leads_to_the_first_order(self) -> None:
        refused = httpx.Response(
            400,
            json={
                "error": {
                    "code": "BAD_REQUEST_ERROR",
                    "description": "Order receipt should be unique.",
                    "metadata": {"order_id": "order_1"},
                }
            },
        )
        found = httpx.Response(200, json=ORDER)
        assert _gateway(_list(), refused, found).create_order(REQUEST).order_id == "order_1"

    def test_a_list_that_ignores_the_filter_finds_nobody_elses_order(self) -> None:
        other = {**ORDER, "id": "order_9", "receipt": "EMI-8"}
        made = httpx.Response(200, json=ORDER)
        assert _gateway(_list(other), made).create_order(REQUEST).order_id == "order_1"

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"error": {"code": "BAD_REQUEST_ERROR", "reason": "NA"}}, "BAD_REQUEST_ERROR"),
            ({"error": {"code": 4012, "reason": None}}, "4012"),
            (
                {"error": {"code": "X", "reason": "input_validation_failed"}},
                "input_validation_failed",
            ),
            ({"message": "no", "status": "failed"}, "400"),
            ("a bare string", "400"),
            ({"error": "a string"}, "400"),
            (None, "400"),
        ],
    )
    def test_every_shape_of_error_gives_a_code(self, body: object, code: str) -> None:
        with pytest.raises(Rejected) as caught:
            _gateway(_list(), httpx.Response(400, json=body)).create_order(REQUEST)
        assert caught.value.code == code

    def test_a_product_that_is_not_enabled_is_misconfigured(self) -> None:
        text = "The requested URL was not found on the server."
        answer = httpx.Response(400, json={"error": {"code": "X", "description": text}})
        with pytest.raises(Unavailable) as caught:
            _gateway(answer).create_order(REQUEST)
        assert caught.value.misconfigured


class TestPennyDrop:
    @pytest.mark.parametrize(
        ("changes", "state"),
        [
            ({"status": "created"}, AccountState.PENDING),
            ({"status": "completed"}, AccountState.PENDING),
            ({"status": "failed"}, AccountState.UNCLEAR),
            ({"results": {"account_status": "active"}}, AccountState.VALID),
            ({"validation_results": {"account_status": "active"}}, AccountState.VALID),
            ({"validation_results": {"account_status": "invalid"}}, AccountState.INVALID),
            ({"validation_results": {"account_status": "dormant?"}}, AccountState.PENDING),
            (
                {"status": "failed", "results": {"account_status": "invalid"}},
                AccountState.UNCLEAR,
            ),
        ],
    )
    def test_a_bad_account_and_no_finding_are_kept_apart(
        self, changes: dict[str, object], state: AccountState
    ) -> None:
        body = {"id": "fav_1", "status": "completed", **changes}
        assert _accounts(httpx.Response(200, json=body)).inquire("fav_1").state is state

    @pytest.mark.parametrize(("score", "pct"), [(86, 86), (85.5, 86), (None, None), ("90.00", 90)])
    def test_the_score_is_a_whole_per_cent(self, score: object, pct: int | None) -> None:
        results = {"account_status": "active", "name_match_score": score}
        body = {"id": "fav_1", "status": "completed", "validation_results": results}
        assert _accounts(httpx.Response(200, json=body)).inquire("fav_1").name_match_pct == pct

    def test_a_check_that_cannot_be_read_is_no_finding(self) -> None:
        with pytest.raises(ProviderError):
            _accounts(httpx.Response(200, json={"status": "completed"})).inquire("fav_1")


def _accounts(answer: httpx.Response) -> razorpayx.RazorpayXAccounts:
    settings = razorpayx.Settings.model_validate(
        {
            "base_url": BASE,
            "account": "acc_1",
            "key_id": "rzp_test_1",
            "key_secret": "key secret",
            "source_account": "7878780080316316",
        }
    )
    transport = httpx.MockTransport(lambda _request: answer)
    return razorpayx.RazorpayXAccounts(settings, Http("razorpayx", (BASE,), transport=transport))
