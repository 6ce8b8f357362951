"""IDFC FIRST Bank: transfers out of the lender's account, and their status.

API: Payment transactions v1 (`fundTransfer`) and payment enquiries v1 (`paymentTransactionStatus`).
    The bank's portal is behind a log-in: everything here is *inferred* from public integrations
    that agree with each other, but for the token request (RFC 7523).
Auth: OAuth2 client credentials; the client proves itself by an RS256 assertion, good once. The
    token is kept until a minute before it expires and fetched once more on a 401. Calls come from
    allow-listed addresses.
Units: rupees as text with two decimals, dates as DDMMYYYY. A body is base64 of an IV and the JSON
    under AES-256-CBC, both ways; errors of the bank's gateway are plain JSON.
Idempotency: `transactionID`, ours, 12 characters. What the bank does with a repeated one is not
    known: if it tells of the first transfer, that is the answer; an error that hints at a repeat
    is `Unknown`, so that `inquire` decides.
Webhook: none; a transfer that was accepted (`ACPT`) is asked about until it settles.
Limits: IMPS up to ₹5 lakh, above it RTGS; accounts at IDFC FIRST itself by IFT. An enquiry names
    the rail, which its caller does not know: the rails are asked in turn. Inferred: the status
    words, and the words by which the bank says that it has no such transfer (a setting).
"""

import json
import re
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, Self, TypeAlias, TypeVar

import httpx
import jwt
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    SecretStr,
    field_validator,
    model_validator,
)

from los_adapters.client import Http
from los_adapters.provider import Provider, ProviderSettings
from los_adapters.vendors.idfc import opened, sealed
from los_core.domain.money import Paise
from los_core.domain.payout import LONGEST_WATCH, Patience
from los_core.ports.errors import Unavailable
from los_core.ports.payout import PayoutBank, PayoutOrder, PayoutReport, PayoutState

IMPS_LIMIT: Final[Paise] = 5_00_000_00
"""The most that one IMPS transfer carries. Source: NPCI."""

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIFE_S: Final = 300
_TOKEN_MARGIN_S: Final = 60
_TOKEN_LIFE_S: Final = 300  # assumed where the bank names none (inferred)
_RAILS: Final = ("IMPS", "RTGS", "IFT")
_OWN_BANK: Final = "IDFB"
_REFERENCE: Final = re.compile(r"[A-Z0-9]{12}")
_PERHAPS_DONE: Final = frozenset({408, 409, 412, 425})
Words: TypeAlias = tuple[str, ...]
_DATE_FORMATS: Final = ("%d%m%Y", "%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y")


class Settings(ProviderSettings, frozen=True):
    """One corporate account at the bank.

    Attributes:
        audience: the `aud` the bank expects in an assertion; not the address of the token call.
        token_url: where tokens come from; "" means the usual path under `base_url`.
        key_id: what the bank calls our public key.
        private_key: PEM of the RSA key that signs assertions.
        encryption_key: 32 bytes as 64 hexadecimal digits.
        source: the client code the bank gave us.
        not_found: how an enquiry says that there is no such transfer, in upper case.
        deadline_s: how long an answer is waited for; then a transfer is `Unknown`.
        perhaps: how a refused order hints that it was carried out after all, in upper case.
        ask_after_s: seconds before each inquiry about an open order; the last wait repeats.
        not_found_window_h: hours in which the bank may not know an order that it got. After them an
            unknown one counts as failed. Inferred: 24, the day's end.
        alarm_after_h: hours after which an open order is reported to people.
        ask_for_h: hours after which it is handed to them. Inferred: two days.
        watch_days: days after a credit on which the bank is asked whether it was sent back.
    """

    base_url: str
    token_url: str = ""
    audience: str
    client_id: str
    key_id: str
    private_key: SecretStr
    encryption_key: SecretStr
    source: str
    debit_account: SecretStr
    remitter_name: str
    scope: str = "paymenttxn-v1fundTransfer paymentenq-paymentTransactionStatus"
    not_found: Words = ("NOT FOUND", "NO RECORD", "NOT EXIST", "NO DATA")
    deadline_s: float = Field(20.0, gt=0, le=60)
    perhaps: Words = ("DUPLICATE", "ALREADY", "TIMEOUT", "TIMED OUT", "PROCESS")
    ask_after_s: tuple[PositiveInt, ...] = Field((10, 30, 120, 600, 1800, 3600), min_length=1)
    not_found_window_h: PositiveInt = 24
    alarm_after_h: PositiveInt = 4
    ask_for_h: PositiveInt = 48
    watch_days: tuple[Annotated[int, Field(ge=1, le=LONGEST_WATCH.days)], ...] = (1, 2, 3, 7)

    @field_validator("encryption_key")
    @classmethod
    def _is_aes_256(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[0-9a-fA-F]{64}", value.get_secret_value()):
            raise ValueError("must be 64 hexadecimal digits")
        return value

    @model_validator(mode="after")
    def _outlast_the_window(self) -> Self:
        if self.ask_for_h <= self.not_found_window_h:
            raise ValueError("ask_for_h must be more than not_found_window_h")
        return self


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class _Token(_Wire):
    access_token: SecretStr
    expires_in: int | None = None


class _Meta(_Wire):
    status: str
    code: str | None = None
    message: str | None = None


class _Transfer(_Wire):
    status: str | None = None
    reference: str | None = Field(None, alias="transactionID")
    bank_reference: str | None = Field(None, alias="transactionReferenceNo")
    beneficiary: str | None = Field(None, alias="beneficiaryName")


class _Sent(_Wire):
    meta: _Meta = Field(alias="metaData")
    data: _Transfer | None = Field(None, alias="resourceData")


class _Status(_Wire):
    status: str | None = None
    error: str | None = Field(None, alias="errorId")
    reference: str | None = Field(None, alias="paymentReferenceNumber")
    bank_reference: str | None = Field(None, alias="transactionReferenceNumber")
    beneficiary: str | None = Field(None, alias="beneficiaryName")
    amount: str | None = None
    on: str | None = Field(None, alias="transactionDate")


class _Found(_Wire):
    meta: _Meta = Field(alias="metaData")
    data: _Status | None = Field(None, alias="resourceData")


_Answer = TypeVar("_Answer", _Sent, _Found)


class IdfcBank:
    """IDFC FIRST Bank as a `PayoutBank`."""

    def __init__(
        self, settings: Settings, http: Http, *, wall: Callable[[], float] = time.time
    ) -> None:
        self._settings = settings
        self._http = http
        self._wall = wall
        self._lock = threading.Lock()
        self._token = SecretStr("")
        self._token_until = 0.0

    @property
    def patience(self) -> Patience:
        """As the account's settings say."""
        return Patience(
            ask_after=tuple(timedelta(seconds=s) for s in self._settings.ask_after_s),
            not_found_for=timedelta(hours=self._settings.not_found_window_h),
            alarm_after=timedelta(hours=self._settings.alarm_after_h),
            ask_for=timedelta(hours=self._settings.ask_for_h),
            watch_days=self._settings.watch_days,
        )

    def send(self, order: PayoutOrder) -> PayoutReport:
        """Order a transfer; see the port."""
        if not _REFERENCE.fullmatch(order.reference):
            raise self._http.rejected("fundTransfer", "REFERENCE_MALFORMED")
        if order.amount <= 0:
            raise self._http.rejected("fundTransfer", "AMOUNT_NOT_POSITIVE")
        response = self._post(
            "/paymenttxns/v1/fundTransfer",
            {"initiateAuthGenericFundTransferAPIReq": _to_request(order, self._settings)},
            effect=True,
        )
        root = "initiateAuthGenericFundTransferAPIResp"
        answer = self._answer(response, root, _Sent, effect=True)
        return _to_sent(self._http, answer, order.reference, perhaps=self._settings.perhaps)

    def inquire(self, reference: str, *, sent_on: date, bank_reference: str = "") -> PayoutReport:
        """Ask for a transfer on each rail until one has it; see the port."""
        for rail in _RAILS:
            response = self._post(
                "/paymentenqs/v1/paymentTransactionStatus",
                {
                    "paymentTransactionStatusReq": {
                        "tellerBranch": "",
                        "tellerID": "",
                        "transactionType": rail,
                        "transactionReferenceNumber": bank_reference,
                        "paymentReferenceNumber": reference,
                        "transactionDate": sent_on.strftime("%d%m%Y"),
                    }
                },
                effect=False,
            )
            answer = self._answer(response, "paymentTransactionStatusResp", _Found, effect=False)
            report = _to_report(self._http, answer, reference, not_found=self._settings.not_found)
            if report.state is not PayoutState.NOT_FOUND:
                return report
        return PayoutReport(state=PayoutState.NOT_FOUND)

    def _post(self, path: str, fields: Mapping[str, Any], *, effect: bool) -> httpx.Response:
        """Send one sealed request, with a fresh token if the bank no longer takes ours."""
        body = sealed(json.dumps(fields).encode(), self._key(), iv=secrets.token_bytes(16))
        token = self._bearer()
        try:
            return self._call(path, body, token, effect=effect)
        except Unavailable as refused:
            # Refused at the door: nothing happened, so even a transfer may be asked for again.
            if refused.code != "401":
                raise
        self._forget(token)
        return self._call(path, body, self._bearer(), effect=effect)

    def _call(self, path: str, body: bytes, token: SecretStr, *, effect: bool) -> httpx.Response:
        return self._http.call(
            "POST",
            self._settings.base_url + path,
            operation=path.rsplit("/", 1)[-1],
            effect=effect,
            content=body,
            headers={
                "Authorization": f"Bearer {token.get_secret_value()}",
                "Content-Type": "application/octet-stream",
                "source": self._settings.source,
                "correlationId": secrets.token_hex(6).upper(),
            },
            deadline_s=self._settings.deadline_s,
        )

    def _answer(
        self, response: httpx.Response, root: str, model: type[_Answer], *, effect: bool
    ) -> _Answer:
        """Return the answer inside the envelope.

        Raises: Rejected: the gateway's own plain error, to a transfer; Unknown (transfer) or
            Unavailable (enquiry): anything that cannot be read or does not prove a refusal.
        """
        operation = str(response.request.extensions.get("los", ""))
        status = response.status_code
        if status in _PERHAPS_DONE:
            raise self._http.unreadable(operation, f"status {status}", effect=effect)
        plain = _plain_error(response.content)
        if plain is not None:
            if effect and status >= 400:
                raise self._http.rejected(operation, plain)
            raise self._http.unreadable(operation, f"the gateway says {plain}", effect=effect)
        try:
            inside = json.loads(opened(response.content, self._key()))
            return model.model_validate(inside[root])
        except (ValueError, KeyError, TypeError) as err:
            # The cause is named, not chained: a validation error quotes what it could not read.
            why = type(err).__name__
        raise self._http.unreadable(operation, why, effect=effect)

    def _key(self) -> bytes:
        return bytes.fromhex(self._settings.encryption_key.get_secret_value())

    def _bearer(self) -> SecretStr:
        with self._lock:
            if self._wall() >= self._token_until:
                self._token, self._token_until = self._fetch_token()
            return self._token

    def _forget(self, token: SecretStr) -> None:
        with self._lock:
            if self._token == token:
                self._token_until = 0.0

    def _fetch_token(self) -> tuple[SecretStr, float]:
        now = self._wall()
        response = self._http.call(
            "POST",
            self._settings.token_url or self._settings.base_url + "/authorization/oauth2/token",
            operation="token",
            effect=False,
            data={
                "grant_type": "client_credentials",
                "scope": self._settings.scope,
                "client_id": self._settings.client_id,
                "client_assertion_type": _ASSERTION_TYPE,
                "client_assertion": _assertion(self._settings, int(now)),
            },
        )
        if response.status_code != 200:
            code = _plain_error(response.content) or str(response.status_code)
            raise self._http.misconfigured("token", code)
        token = self._http.parsed(response, _Token, effect=False)
        life = token.expires_in if token.expires_in is not None else _TOKEN_LIFE_S
        return token.access_token, now + life - _TOKEN_MARGIN_S


def rail_for(amount: Paise, ifsc: str) -> str:
    """Return the rail that carries a transfer: IFT inside the bank, else IMPS or RTGS by amount."""
    if ifsc.upper().startswith(_OWN_BANK):
        return "IFT"
    return "IMPS" if amount <= IMPS_LIMIT else "RTGS"


def _to_request(order: PayoutOrder, settings: Settings) -> dict[str, str]:
    rail = rail_for(order.amount, order.ifsc)
    fields = {
        "tellerBranch": "",
        "tellerID": "",
        "transactionID": order.reference,
        "debitAccountNumber": settings.debit_account.get_secret_value(),
        "creditAccountNumber": order.account_number,
        "remitterName": settings.remitter_name,
        "amount": _rupees(order.amount),
        "currency": "INR",
        "transactionType": rail,
        "paymentDescription": order.narration,
        "beneficiaryIFSC": order.ifsc,
        "beneficiaryName": order.beneficiary[:49],
        "beneficiaryAddress": "",
        "emailId": order.email,
        "mobileNo": order.phone,
    }
    return fields | {"messageType": "R41"} if rail == "RTGS" else fields


def _to_sent(http: Http, answer: _Sent, reference: str, *, perhaps: Words) -> PayoutReport:
    """Read the answer to an order; one that does not name our transfer proves nothing about it."""
    data = answer.data or _Transfer.model_construct()
    if data.status and data.reference == reference:
        return PayoutReport(
            state=_status(data.status),
            bank_reference=data.bank_reference or "",
            beneficiary=data.beneficiary or "",
            raw_code=data.status,
        )
    refused = answer.meta.status.upper() == "ERROR" and not (data.status or data.reference)
    if refused and not _says(answer.meta, perhaps):
        raise http.rejected("fundTransfer", _code(answer.meta))
    raise http.unreadable("fundTransfer", _code(answer.meta), effect=True)


def _to_report(http: Http, answer: _Found, reference: str, *, not_found: Words) -> PayoutReport:
    """Read the answer to an enquiry; an error that is not "no such transfer" says nothing."""
    data = answer.data
    if data is None or not data.status:
        if answer.meta.status.upper() == "ERROR" and _says(answer.meta, not_found):
            return PayoutReport(state=PayoutState.NOT_FOUND, raw_code=_code(answer.meta))
        raise http.unreadable("paymentTransactionStatus", _code(answer.meta), effect=False)
    if data.reference != reference:
        raise http.unreadable("paymentTransactionStatus", "another transfer", effect=False)
    state = _status(data.status)
    return PayoutReport(
        state=state,
        bank_reference=data.bank_reference or "",
        beneficiary=data.beneficiary or "",
        amount=_paise(data.amount),
        credited_on=_date(data.on) if state is PayoutState.SUCCESS else None,
        raw_code=data.error or data.status,
    )


def _says(meta: _Meta, words: Words) -> bool:
    said = f"{meta.code or ''} {meta.message or ''}".upper()
    return any(word in said for word in words)


def _code(meta: _Meta) -> str:
    """Return the bank's code, or its words without any number that might be an account's."""
    return meta.code or re.sub(r"\d{4,}", "…", meta.message or "")[:80] or meta.status


def _status(word: str) -> PayoutState:
    match word.upper():
        case "SUCCESS":
            return PayoutState.SUCCESS
        case "REJECT":
            return PayoutState.FAILED
        case _:
            return PayoutState.PENDING


def _assertion(settings: Settings, now: int) -> str:
    return jwt.encode(
        {
            "jti": str(uuid.uuid4()),
            "sub": settings.client_id,
            "iss": settings.client_id,
            "aud": settings.audience,
            "exp": now + _ASSERTION_LIFE_S,
        },
        settings.private_key.get_secret_value(),
        algorithm="RS256",
        headers={"kid": settings.key_id},
    )


def _plain_error(body: bytes) -> str | None:
    """Return the code of a plain JSON error; None if the body is no JSON object."""
    try:
        fields = json.loads(body)
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    return str(fields.get("reason") or fields.get("error") or fields.get("code") or "ERROR")


def _rupees(amount: Paise) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


def _paise(text: str | None) -> Paise | None:
    """Read rupees as the bank writes them; None if absent or not an amount to the paisa."""
    found = re.fullmatch(r"(\d+)(?:\.(\d{1,2})0*)?", (text or "").replace(",", "").strip())
    if found is None:
        return None
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def _date(text: str | None) -> date | None:
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime((text or "")[:10], form).date()  # noqa: DTZ007 – a bare date
        except ValueError:
            continue
    return None


PROVIDER: Provider[Settings, PayoutBank] = Provider(Settings, IdfcBank)
