"""IDFC FIRST Bank: the envelope by worked examples, and what the bank may answer.

The examples were made apart from this code, with keys that open nothing.
"""

import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import attrs
import httpx
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_adapters.client import Http
from los_adapters.payout import idfc
from los_adapters.sandbox import idfc as bank
from los_adapters.vendors.idfc import opened, sealed
from los_core.ports.errors import ProviderError, Rejected, Unavailable, Unknown
from los_core.ports.payout import PayoutOrder, PayoutState

BASE = "https://bank.example"
TODAY = date(2026, 11, 25)
KEY = bytes.fromhex("00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef")
REQUEST_IV = bytes(range(16))
REQUEST = (
    '{"initiateAuthGenericFundTransferAPIReq":{"tellerBranch":"","tellerID":"","tra'
    'nsactionID":"LOS000000001","debitAccountNumber":"10000000001","creditAccountNu'
    'mber":"20000000002","remitterName":"BRAND A NBFC","amount":"50000.00","currenc'
    'y":"INR","transactionType":"IMPS","paymentDescription":"LN1001","beneficiaryIF'
    'SC":"HDFC0000001","beneficiaryName":"ASHA","beneficiaryAddress":"","emailId":"'
    '","mobileNo":""}}'
)
REQUEST_BODY = (
    "AAECAwQFBgcICQoLDA0ODxJT/X86tnoiTaQ7hs3FUQfgVf1nitCuInu3k/VAhiqkT+1ab+y6ZW17Kx"
    "dovSdsJtEKef32zp9qruAWQox8qKrVa1ubZlAMo3QtkSU3S8Lq6Bjwkq2r/mIQ3s8oDPGs3iZPhPBJ"
    "PtVybKOJAQVegUmAKgiGPQSMLkh0VS7lUp1GxCcPh+baxSQY+0iP5KitRwba1dHZg9mWromtxWBmkO"
    "xCFZTGklm4w1PxWX8OWf/dIP19pdHxJPK43eHk2NnLYr9hu/yDqq23mYFxTWRGORQU4CwCSJ9YaN8z"
    "j55zgo5Ls0HEvgbmx9GbShNVDBvnMiWL9ddMAdovq1IfVdZ/DUn25Urk55ADkCxj7k07Q0o9LywRtW"
    "GGYk2ehInD+SqoAE7bZ5no5iKNcfqrDzipk5Wp8se76bwWwrS9UkhXv3ACobY4lU07xi8riIjLhRPG"
    "EvGwL98VE3gYTpamO1f1L8z0d8aL8veLiIvt4FTdh6mTC0kaC0vpVXSarC6TkPg7oHZv2cGmFmPHbS"
    "sJc3l9VRJjfXrWMz+zS314Sno6X3tn"
)
ANSWER = (
    '{"initiateAuthGenericFundTransferAPIResp":{"metaData":{"status":"SUCCESS","mes'
    'sage":"SUCCESS","version":"v1","time":"2026-11-23T09:10:00.000Z"},"resourceDat'
    'a":{"status":"ACPT","transactionID":"LOS000000001","transactionReferenceNo":"6'
    '32700000001","beneficiaryName":"ASHA"}}}'
)
ANSWER_BODY = (
    "EBESExQVFhcYGRobHB0eH/yl1RjS5lrUSYwqqO4MNLSFAFe8YHoCiYxfIQH06weF0Rvuhh0lBXx4Cq"
    "3aIedw5M5R2H5GjfMSu4nAfmfxLYeG+kZm/tOSoyizHE3nAXcDNS99NcxNwbYlxmDNutIiZc94RRcB"
    "8XNjerk5ZknrrRq7w4YbUksD8SA1Ps/kC9i0IuJKm+OMr4/eRGWEFHKq/RNR94ExH+wIgEyRdhKLR6"
    "IvcaXY4451jIHyTUNnNEBB387ygEQU/VZxbwyCK/w63zOrr31CqYYzYtUSN0FXw+/H6C+6oo+eFda6"
    "YrZNmBSCJh4L880bzzaUfKUUBxGPQjd13QYiqtlfdHnWwKgFTYXrI/MJ1hPeKtpx1mZ6y8zO474Ui3"
    "1/KM80Bgxw+cCF2g=="
)
ORDER = PayoutOrder(
    reference="LOS00000A001",
    amount=50_000_00,
    account_number="20000000002",
    ifsc="HDFC0000001",
    beneficiary="ASHA",
    narration="LN1001",
)


class TestEnvelope:
    def test_a_request_is_sealed_as_in_the_worked_example(self) -> None:
        assert sealed(REQUEST.encode(), KEY, iv=REQUEST_IV).decode() == REQUEST_BODY

    def test_an_answer_is_opened_as_in_the_worked_example(self) -> None:
        assert opened(ANSWER_BODY.encode(), KEY).decode() == ANSWER

    @given(
        st.binary(max_size=200),
        st.binary(min_size=32, max_size=32),
        st.binary(min_size=16, max_size=16),
    )
    def test_what_is_sealed_opens_to_the_same(self, plain: bytes, key: bytes, iv: bytes) -> None:
        assert opened(sealed(plain, key, iv=iv), key) == plain

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"AAECAwQFBgcICQoLDA0ODw==",
            b"not base64 at all!",
            ANSWER_BODY[:-4].encode(),
            b'{"reason": "plain"}',
        ],
        ids=["empty", "only an IV", "no base64", "no whole block", "plain JSON"],
    )
    def test_what_is_no_envelope_does_not_open(self, body: bytes) -> None:
        with pytest.raises(ValueError, match=r".*"):
            opened(body, KEY)

    def test_a_wrong_key_or_a_changed_last_byte_gives_no_answer(self) -> None:
        changed = bytearray(sealed(ANSWER.encode(), KEY, iv=REQUEST_IV))
        changed[-6] ^= 1
        for body, key in ((ANSWER_BODY.encode(), bytes(32)), (bytes(changed), KEY)):
            try:
                inside = opened(body, key)
            except ValueError:
                continue
            with pytest.raises(ValueError, match=r".*"):
                json.loads(inside)


class Line:
    """A bank that gives a token and then one fixed answer."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.tokens = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            self.tokens += 1
            return httpx.Response(200, json={"access_token": f"t{self.tokens}", "expires_in": 600})
        self.asked.append(request)
        return self.answers.pop(0)


def _bank(line: Line, wall: Callable[[], float] = time.time) -> idfc.IdfcBank:
    settings = idfc.Settings.model_validate(bank.settings(BASE))
    http = Http("idfc", (BASE,), transport=httpx.MockTransport(line))
    return idfc.IdfcBank(settings, http, wall=wall)


def _said(root: str, status: int = 200, **inside: Any) -> httpx.Response:
    body = sealed(
        json.dumps({root: inside}).encode(), bytes.fromhex(bank.SANDBOX_KEY), iv=REQUEST_IV
    )
    return httpx.Response(status, content=body)


def _sent(status: int = 200, **inside: Any) -> httpx.Response:
    return _said("initiateAuthGenericFundTransferAPIResp", status, **inside)


def _found(**inside: Any) -> httpx.Response:
    return _said("paymentTransactionStatusResp", **inside)


GOOD = {"status": "SUCCESS", "message": "SUCCESS", "version": "v1"}


class TestSend:
    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (_sent(metaData={"status": "ERROR", "code": "E1", "message": "no"}), Rejected),
            (_sent(400, metaData={"status": "ERROR", "code": "E1", "message": "no"}), Rejected),
            (_sent(metaData={"status": "ERROR", "message": "ACCT WILL BE OVERDRAWN"}), Rejected),
            (_sent(metaData={"status": "ERROR", "message": "Duplicate id"}), Unknown),
            (_sent(metaData={"status": "ERROR", "message": "Timed out at CBS"}), Unknown),
            (_sent(metaData=GOOD), Unknown),
            (_sent(metaData=GOOD, resourceData={"status": "SUCCESS"}), Unknown),
            (
                _sent(metaData=GOOD, resourceData={"status": "ACPT", "transactionID": "OTHER"}),
                Unknown,
            ),
            (_sent(surprise=True), Unknown),
            (httpx.Response(200, json={"reason": "OOPS", "service": "gw"}), Unknown),
            (httpx.Response(400, json={"reason": "OOPS", "service": "gw"}), Rejected),
            (httpx.Response(400, text="<h1>Bad Request</h1>"), Unknown),
            (httpx.Response(409, json={"reason": "CONFLICT"}), Unknown),
            (httpx.Response(412, json={"reason": "PRECONDITION"}), Unknown),
            (httpx.Response(200, content=ANSWER_BODY), Unknown),
        ],
    )
    def test_only_a_clear_no_is_a_rejection(
        self, answer: httpx.Response, error: type[ProviderError]
    ) -> None:
        with pytest.raises(ProviderError) as caught:
            _bank(Line(answer)).send(ORDER)
        assert type(caught.value) is error

    @pytest.mark.parametrize(
        ("word", "state"),
        [
            ("ACPT", PayoutState.PENDING),
            ("SUCCESS", PayoutState.SUCCESS),
            ("REJECT", PayoutState.FAILED),
            ("PENDING", PayoutState.PENDING),
            ("FAILED?", PayoutState.PENDING),
        ],
    )
    def test_the_banks_words_are_read_with_care(self, word: str, state: PayoutState) -> None:
        data = {"status": word, "transactionID": ORDER.reference, "transactionReferenceNo": 63270}
        report = _bank(Line(_sent(metaData=GOOD, resourceData=data))).send(ORDER)
        assert report.state is state
        assert report.bank_reference == "63270"

    @pytest.mark.parametrize(
        "reference", ["", "LOS", "los00000a001", "LOS00000A0012", "LOS00000Ä001"]
    )
    def test_a_reference_of_another_form_never_leaves_us(self, reference: str) -> None:
        line = Line()
        with pytest.raises(Rejected):
            _bank(line).send(attrs.evolve(ORDER, reference=reference))
        assert line.asked == []

    @pytest.mark.parametrize(
        ("amount", "ifsc", "rail"),
        [
            (5_00_000_00, "HDFC0000001", "IMPS"),
            (5_00_000_01, "HDFC0000001", "RTGS"),
            (100, "IDFB0080101", "IFT"),
        ],
    )
    def test_the_rail_fits_the_amount_and_the_bank(self, amount: int, ifsc: str, rail: str) -> None:
        assert idfc.rail_for(amount, ifsc) == rail


class TestInquire:
    def test_an_error_that_is_not_a_missing_record_is_no_finding(self) -> None:
        answers = [_found(metaData={"status": "ERROR", "message": "System error"})]
        with pytest.raises(Unavailable):
            _bank(Line(*answers)).inquire(ORDER.reference, sent_on=TODAY)

    def test_only_when_no_rail_knows_the_transfer_is_it_not_found(self) -> None:
        none = {"status": "ERROR", "message": "No record found"}
        line = Line(*(_found(metaData=none) for _ in range(3)))
        report = _bank(line).inquire(ORDER.reference, sent_on=TODAY)
        assert report.state is PayoutState.NOT_FOUND
        assert len(line.asked) == 3

    def test_an_answer_about_another_transfer_is_no_finding(self) -> None:
        data = {"status": "SUCCESS", "paymentReferenceNumber": "OTHER"}
        with pytest.raises(Unavailable):
            _bank(Line(_found(metaData=GOOD, resourceData=data))).inquire(
                ORDER.reference, sent_on=TODAY
            )

    @pytest.mark.parametrize(
        ("text", "paise"),
        [
            ("50000.00", 50_000_00),
            ("50,000.5", 50_000_50),
            ("0.01", 1),
            ("7", 7_00),
            (50000.0, 50_000_00),
            ("1.005", None),
            ("-5.00", None),
            ("NaN", None),
            ("", None),
        ],
    )
    def test_amounts_are_read_to_the_paisa_or_not_at_all(
        self, text: object, paise: int | None
    ) -> None:
        data = {"status": "SUCCESS", "paymentReferenceNumber": ORDER.reference, "amount": text}
        line = Line(_found(metaData=GOOD, resourceData=data))
        assert _bank(line).inquire(ORDER.reference, sent_on=TODAY).amount == paise

    @pytest.mark.parametrize("text", ["25112026", "2026-11-25", "25-11-2026", "25/11/2026"])
    def test_dates_are_read_in_the_forms_banks_use(self, text: str) -> None:
        data = {
            "status": "SUCCESS",
            "paymentReferenceNumber": ORDER.reference,
            "transactionDate": text,
        }
        line = Line(_found(metaData=GOOD, resourceData=data))
        assert _bank(line).inquire(ORDER.reference, sent_on=TODAY).credited_on == TODAY


class TestToken:
    def test_a_token_serves_until_a_minute_before_it_expires(self) -> None:
        now = [1_000_000.0]
        none = _found(metaData={"status": "ERROR", "message": "No record"})
        line = Line(*[none] * 9)
        adapter = _bank(line, wall=lambda: now[0])
        for at in (0.0, 539.0, 541.0):
            now[0] = 1_000_000.0 + at
            adapter.inquire(ORDER.reference, sent_on=TODAY)
        assert line.tokens == 2

    def test_a_refused_token_is_fetched_once_more_and_the_order_sent_once(self) -> None:
        data = {"status": "ACPT", "transactionID": ORDER.reference}
        line = Line(httpx.Response(401, json={}), _sent(metaData=GOOD, resourceData=data))
        report = _bank(line).send(ORDER)
        assert report.state is PayoutState.PENDING
        assert line.tokens == 2
        assert [request.headers["authorization"] for request in line.asked] == [
            "Bearer t1",
            "Bearer t2",
        ]

    def test_no_token_means_misconfigured_and_no_order_leaves(self) -> None:
        line = Line()
        refused = httpx.Response(400, json={"error": "invalid_client"})
        http = Http("idfc", (BASE,), transport=httpx.MockTransport(lambda _request: refused))
        adapter = idfc.IdfcBank(idfc.Settings.model_validate(bank.settings(BASE)), http)
        with pytest.raises(Unavailable) as caught:
            adapter.send(ORDER)
        assert caught.value.misconfigured
        assert caught.value.code == "invalid_client"
        assert line.asked == []

    def test_every_assertion_is_new_and_lives_for_minutes(self) -> None:
        seen = []

        def answer(request: httpx.Request) -> httpx.Response:
            form = dict(httpx.QueryParams(request.content.decode()))
            seen.append(jwt.decode(form["client_assertion"], options={"verify_signature": False}))
            return httpx.Response(400, json={"error": "invalid_client"})

        http = Http("idfc", (BASE,), transport=httpx.MockTransport(answer))
        adapter = idfc.IdfcBank(idfc.Settings.model_validate(bank.settings(BASE)), http)
        for _ in range(2):
            with pytest.raises(Unavailable):
                adapter.send(ORDER)
        assert seen[0]["jti"] != seen[1]["jti"]
        assert seen[0]["iss"] == seen[0]["sub"] == bank.SANDBOX_CLIENT
        assert seen[0]["aud"] == bank.SANDBOX_AUDIENCE
        assert 0 < seen[0]["exp"] - datetime.now(UTC).timestamp() <= 300
