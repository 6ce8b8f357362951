"""The imitated bank and gateways hold their clients to the rules, as the real ones do."""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import attrs
import httpx
import jwt
import pytest

from los_adapters import registry
from los_adapters.directory import ProviderRow
from los_adapters.sandbox import idfc, razorpay, razorpayx, vendors
from los_adapters.sandbox.courier import Courier, Post
from los_adapters.sandbox.personas import Persona, Personas
from los_adapters.sandbox.switchboard import Switchboard
from los_adapters.sandbox.world import MemoryState, World
from los_adapters.vendors.idfc import opened, sealed
from los_core.ports.errors import Unknown
from los_core.ports.payment import PaymentRequest
from los_core.ports.payout import PayoutOrder, PayoutState

BASE = "http://127.0.0.1"
NOW = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)
TODAY = date(2026, 11, 25)
KEY = bytes.fromhex(idfc.SANDBOX_KEY)


@attrs.define
class Town:
    """A sandbox whose clock can be moved."""

    now: datetime = NOW
    posts: list[Post] = attrs.field(factory=list)
    world: World = attrs.field(init=False)
    board: Switchboard = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.world = World(MemoryState(), Personas(), lambda: self.now, Courier(self._keep))
        self.board = Switchboard(self.world)

    def _keep(self, post: Post) -> int:
        self.posts.append(post)
        return 200

    def adapter(self, port: str, name: str) -> Any:
        row = ProviderRow(name=name, settings=vendors.settings(name, f"{BASE}/{name}"))
        return registry.opened(port, row, transport=httpx.MockTransport(self.board)).adapter

    def vendor(self, name: str) -> Any:
        return self.board.vendor(name)

    def client(self, name: str, **more: Any) -> httpx.Client:
        transport = httpx.MockTransport(self.board)
        return httpx.Client(base_url=f"{BASE}/{name}", transport=transport, **more)


@pytest.fixture
def town() -> Town:
    return Town()


def _order(persona: Persona, reference: str = "LOS00000A001") -> PayoutOrder:
    return PayoutOrder(
        reference=reference,
        amount=48_500_75,
        account_number=persona.bank.account_number,
        ifsc=persona.bank.ifsc,
        beneficiary=persona.bank.name_at_bank,
        narration="LN-000042",
    )


class TestPeople:
    def test_the_bank_that_falls_silent_has_paid_once(self, town: Town) -> None:
        bank, order = town.adapter("payout", "idfc"), _order(town.world.personas["meena"])
        with pytest.raises(Unknown):
            bank.send(order)
        assert bank.inquire(order.reference, sent_on=TODAY).state is PayoutState.SUCCESS
        bank.send(order)
        [transfer] = town.vendor("idfc").transfers()
        assert transfer["reference"] == order.reference
        assert transfer["asked"] == 2

    def test_a_returned_credit_is_told_the_day_after(self, town: Town) -> None:
        bank, order = town.adapter("payout", "idfc"), _order(town.world.personas["dev"])
        bank.send(order)
        assert bank.inquire(order.reference, sent_on=TODAY).state is PayoutState.SUCCESS
        town.now += timedelta(days=1)
        returned = bank.inquire(order.reference, sent_on=TODAY)
        assert returned.state is PayoutState.FAILED
        assert returned.raw_code == "RETURN"

    def test_an_account_nobody_has_is_rejected_on_inquiry(self, town: Town) -> None:
        bank = town.adapter("payout", "idfc")
        order = attrs.evolve(_order(town.world.personas["asha"]), account_number="99999999999")
        bank.send(order)
        report = bank.inquire(order.reference, sent_on=TODAY)
        assert report.state is PayoutState.FAILED
        assert report.raw_code == "INVALID_ACCOUNT"

    def test_an_inquiry_with_another_date_finds_nothing(self, town: Town) -> None:
        bank, order = town.adapter("payout", "idfc"), _order(town.world.personas["asha"])
        bank.send(order)
        found = bank.inquire(order.reference, sent_on=TODAY - timedelta(days=9))
        assert found.state is PayoutState.NOT_FOUND


class TestBankDoor:
    """What IDFC FIRST refuses before it looks at a transfer."""

    @pytest.fixture
    def given(self) -> dict[str, Any]:
        return idfc.settings(f"{BASE}/idfc")

    def _token(self, town: Town, given: Mapping[str, Any], **claims: object) -> httpx.Response:
        body = {
            "jti": str(uuid4()),
            "sub": given["client_id"],
            "iss": given["client_id"],
            "aud": given["audience"],
            "exp": int(time.time()) + 60,
            **claims,
        }
        assertion = jwt.encode(
            body, given["private_key"], algorithm="RS256", headers={"kid": given["key_id"]}
        )
        return self._ask(town, given, assertion)

    def _ask(self, town: Town, given: Mapping[str, Any], assertion: str) -> httpx.Response:
        with town.client("idfc") as client:
            return client.post(
                "/authorization/oauth2/token",
                data={
                    "grant_type": "client_credentials",
                    "scope": "paymenttxn-v1fundTransfer",
                    "client_id": given["client_id"],
                    "client_assertion_type": (
                        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
                    ),
                    "client_assertion": assertion,
                },
            )

    @pytest.mark.parametrize(
        "claims",
        [
            {"aud": "https://elsewhere.example"},
            {"exp": 1_000_000_000},
            {"exp": 9_999_999_999},
            {"iss": "another"},
            {"sub": "another"},
            {"jti": None},
        ],
    )
    def test_an_assertion_that_breaks_a_rule_gets_no_token(
        self, town: Town, given: dict[str, Any], claims: dict[str, object]
    ) -> None:
        assert self._token(town, given).status_code == 200
        assert self._token(town, given, **claims).status_code == 401

    def test_an_assertion_is_good_once(self, town: Town, given: dict[str, Any]) -> None:
        assert self._token(town, given, jti="one").status_code == 200
        assert self._token(town, given, jti="one").status_code == 401

    def test_a_key_the_bank_never_registered_gets_no_token(
        self, town: Town, given: dict[str, Any]
    ) -> None:
        stranger = idfc.settings(BASE)["private_key"]
        assert self._token(town, {**given, "private_key": stranger}).status_code == 401
        assert self._token(town, {**given, "key_id": "AAAA"}).status_code == 401

    def test_a_service_is_closed_without_token_scope_source_or_envelope(
        self, town: Town, given: dict[str, Any]
    ) -> None:
        token = self._token(town, given).json()["access_token"]
        good = {
            "authorization": f"Bearer {token}",
            "source": idfc.SANDBOX_SOURCE,
            "correlationid": "ABC123",
        }
        sent = "/paymenttxns/v1/fundTransfer"
        enquiry = "/paymentenqs/v1/paymentTransactionStatus"
        with town.client("idfc") as client:
            statuses = [
                client.post(sent, headers=good | {"authorization": "Bearer x"}).status_code,
                client.post(enquiry, headers=good).status_code,
                client.post(sent, headers=good | {"source": "OTHER"}).status_code,
                client.post(sent, headers=good | {"correlationid": ""}).status_code,
                client.post(sent, headers=good, json={"plain": True}).status_code,
            ]
        assert statuses == [401, 403, 400, 400, 400]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("transactionID", "LOS00000A0012"),
            ("debitAccountNumber", "20000000002"),
            ("creditAccountNumber", "12AB"),
            ("amount", "50000"),
            ("amount", "0.00"),
            ("amount", "500000.01"),
            ("currency", "USD"),
            ("transactionType", "RTGS"),
            ("transactionType", "IFT"),
            ("beneficiaryIFSC", "HDFC1"),
            ("beneficiaryName", "N" * 50),
            ("beneficiaryName", ""),
            ("paymentDescription", ""),
        ],
    )
    def test_a_transfer_that_breaks_a_rule_is_refused(
        self, town: Town, given: dict[str, Any], field: str, value: str
    ) -> None:
        token = self._token(town, given).json()["access_token"]
        fields = {
            "transactionID": "LOS00000A001",
            "debitAccountNumber": idfc.SANDBOX_ACCOUNT,
            "creditAccountNumber": "50100411010101",
            "remitterName": "SANDBOX LENDER",
            "amount": "50000.00",
            "currency": "INR",
            "transactionType": "IMPS",
            "paymentDescription": "LN1",
            "beneficiaryIFSC": "HDFC0000001",
            "beneficiaryName": "ASHA",
            field: value,
        }
        root = "initiateAuthGenericFundTransferAPI"
        plain = json.dumps({root + "Req": fields}).encode()
        with town.client("idfc") as client:
            answer = client.post(
                "/paymenttxns/v1/fundTransfer",
                content=sealed(plain, KEY, iv=bytes(16)),
                headers={
                    "authorization": f"Bearer {token}",
                    "source": idfc.SANDBOX_SOURCE,
                    "correlationid": "ABC123",
                },
            )
        meta = json.loads(opened(answer.content, KEY))[root + "Resp"]["metaData"]
        assert meta["status"] == "ERROR"
        assert meta["code"].startswith("INVALID")
        assert town.vendor("idfc").transfers() == []


class TestGateway:
    @pytest.fixture
    def client(self, town: Town) -> Iterator[httpx.Client]:
        keys = (razorpay.SANDBOX_KEY_ID, razorpay.SANDBOX_KEY_SECRET)
        with town.client("razorpay", auth=keys) as client:
            yield client

    @pytest.mark.parametrize(
        "changes",
        [
            {"amount": 99},
            {"amount": "100"},
            {"amount": 100.5},
            {"amount": True},
            {"currency": "USD"},
            {"receipt": "R" * 41},
            {"notes": {str(n): "x" for n in range(16)}},
            {"notes": {"long": "x" * 257}},
            {"notes": "text"},
        ],
    )
    def test_an_order_that_breaks_a_rule_is_refused(
        self, client: httpx.Client, changes: dict[str, object]
    ) -> None:
        order = {"amount": 100, "currency": "INR", "receipt": "R1", **changes}
        answer = client.post("/v1/orders", json=order)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "BAD_REQUEST_ERROR"

    def test_a_receipt_is_good_for_one_order_and_the_refusal_names_it(
        self, client: httpx.Client
    ) -> None:
        order = {"amount": 100, "currency": "INR", "receipt": "R1"}
        first = client.post("/v1/orders", json=order).json()
        again = client.post("/v1/orders", json=order)
        assert first["notes"] == []
        assert again.json()["error"]["metadata"] == {"order_id": first["id"]}

    def test_an_unknown_id_is_a_bad_request(self, client: httpx.Client) -> None:
        assert client.get("/v1/orders/order_none").status_code == 400
        assert client.get("/v1/payments/pay_none").status_code == 400

    def test_wrong_keys_open_nothing(self, town: Town) -> None:
        for auth in (None, ("rzp_test_x", "y"), (razorpay.SANDBOX_KEY_ID, "")):
            with town.client("razorpay", auth=auth) as client:
                assert client.get("/v1/orders").status_code == 401
            with town.client("razorpayx", auth=auth) as client:
                assert client.get("/v1/fund_accounts/validations").status_code == 401

    def test_the_checkout_page_takes_the_amount_due_once(self, town: Town) -> None:
        gateway = town.adapter("payment", "razorpay")
        request = PaymentRequest(reference="EMI-1", amount=2_500_50, description="Instalment")
        page = gateway.create_order(request).checkout_url
        with httpx.Client(transport=httpx.MockTransport(town.board)) as browser:
            assert "2500.50" in browser.get(page).text
            less = {"amount": "250049", "outcome": "success"}
            assert browser.post(page, data=less).status_code == 400
            assert "not paid" in browser.post(page, data={"outcome": "failure"}).text
            assert browser.post(page, data={"outcome": "success"}).status_code == 200
            assert browser.post(page, data={"outcome": "success"}).status_code == 400

    def test_a_payment_is_told_by_three_events_and_a_failure_by_one(self, town: Town) -> None:
        gateway, vendor = town.adapter("payment", "razorpay"), town.vendor("razorpay")
        vendor.webhook("http://127.0.0.1:9/hook")
        request = PaymentRequest(reference="EMI-1", amount=2_500_50, description="Instalment")
        order_id = gateway.create_order(request).order_id
        vendor.pay(order_id, outcome="failure")
        vendor.pay(order_id, "250050", "2026-12-05T10:00:00+05:30")
        town.world.courier.deliver_due()
        notices = [gateway.verify(post.headers, post.body) for post in town.posts]
        assert [notice.kind for notice in notices] == [
            "payment.failed",
            "payment.authorized",
            "payment.captured",
            "order.paid",
        ]
        paid = gateway.payment_of(town.posts[-1].body)
        assert paid.at == datetime(2026, 12, 5, 4, 30, tzinfo=UTC)


class TestPennyDrop:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("source_account_number", "1"),
            ("validation_type", "guess"),
            ("reference_id", "R" * 41),
            ("fund_account", {}),
        ],
    )
    def test_a_request_that_breaks_a_rule_is_refused(
        self, town: Town, field: str, value: object
    ) -> None:
        request = {
            "source_account_number": razorpayx.SANDBOX_ACCOUNT,
            "validation_type": "pennydrop",
            "reference_id": "R1",
            "fund_account": {
                "account_type": "bank_account",
                "bank_account": {
                    "name": "ASHA KULKARNI",
                    "ifsc": "HDFC0000001",
                    "account_number": "0001234567",
                },
                "contact": {"name": "ASHA KULKARNI", "type": "customer"},
            },
        }
        keys = (razorpayx.SANDBOX_KEY_ID, razorpayx.SANDBOX_KEY_SECRET)
        with town.client("razorpayx", auth=keys) as client:
            path = "/v1/fund_accounts/validations"
            assert client.post(path, json=request).json()["status"] == "created"
            assert client.post(path, json={**request, field: value}).status_code == 400
        assert len(town.vendor("razorpayx").checks()) == 1
