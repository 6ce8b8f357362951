"""IDFC FIRST Bank, imitated: tokens, transfers, enquiries about them.

Checks: the client's assertion (signature, audience, life, used once), the bearer token and its
scope, client code and correlation id, the envelope, every required field and its length, the
limits of the rails, a repeated `transactionID` – which answers an error with the first result.

Answers: `ACPT` to a transfer, and its end to the first enquiry: `SUCCESS` if a persona has that
account and branch, else `REJECT`. Behaviours of personas: `payout_times_out_after_success` (carried
out, then silence), `closed_account`, `payout_returned` (sent back a day after it was credited).

The bank's name for a client's public key is the key itself under the bank's seal, so that one
process may hand out settings and another serve them. `transfers` is what tests and the demo count.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import httpx
import jwt
from cryptography.hazmat.primitives import padding, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from los_adapters.sandbox.personas import Persona
from los_adapters.sandbox.world import World

SANDBOX_ACCOUNT: Final = "10000000001"
SANDBOX_CLIENT: Final = "sandbox-los-client"
SANDBOX_SOURCE: Final = "LOSSANDBOX"
SANDBOX_AUDIENCE: Final = "https://app.sandbox.idfc.invalid/platform/oauth/oauth2/token"
SANDBOX_KEY: Final = "5a" * 32
"""The envelope's key; it opens nothing but this sandbox."""

_SEAL: Final = b"the sandbox bank's seal on its clients' public keys"
_TOKEN_LIFE_S: Final = 900
_LONGEST_ASSERTION_S: Final = 3600
_TRANSFER_SCOPE: Final = "paymenttxn-v1fundTransfer"
_STATUS_SCOPE: Final = "paymentenq-paymentTransactionStatus"
_INDIA: Final = ZoneInfo("Asia/Kolkata")
_RETURNED_AFTER: Final = timedelta(days=1)
_LAKH: Final = 1_00_000_00
_FIELDS: Final[Mapping[str, str]] = {
    "transactionID": r"[A-Za-z0-9]{1,12}",
    "debitAccountNumber": r"\d{9,18}",
    "creditAccountNumber": r"\d{9,18}",
    "remitterName": r".{1,49}",
    "amount": r"\d{1,12}\.\d{2}",
    "currency": r"INR",
    "transactionType": r"IMPS|NEFT|RTGS|IFT",
    "paymentDescription": r".{1,100}",
    "beneficiaryIFSC": r"[A-Z]{4}0[A-Z0-9]{6}",
    "beneficiaryName": r".{1,49}",
    "beneficiaryAddress": r".{0,100}",
    "emailId": r".{0,100}",
    "mobileNo": r"\+?\d{0,14}",
}

Record = dict[str, Any]


def settings(base_url: str) -> dict[str, object]:
    """Return settings for an adapter, with a key pair made for it and registered at the bank."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {
        "base_url": base_url,
        "audience": SANDBOX_AUDIENCE,
        "account": SANDBOX_CLIENT,
        "client_id": SANDBOX_CLIENT,
        "key_id": _registered(public),
        "private_key": private.decode("ascii"),
        "encryption_key": SANDBOX_KEY,
        "source": SANDBOX_SOURCE,
        "debit_account": SANDBOX_ACCOUNT,
        "remitter_name": "SANDBOX LENDER",
        "deadline_s": 3.0,
        "ask_after_s": [2, 10, 30, 120, 600, 1800, 3600],
    }


class Idfc:
    """The bank."""

    name = "idfc"

    def __init__(self, world: World) -> None:
        self._world = world
        self._transfers = world.state("idfc")
        self._tokens = world.state("idfc-tokens")
        self._used = world.state("idfc-assertions")
        self._routes: Mapping[str, Callable[[httpx.Request], httpx.Response]] = {
            "/authorization/oauth2/token": self._token,
            "/paymenttxns/v1/fundTransfer": self._transfer,
            "/paymentenqs/v1/paymentTransactionStatus": self._status,
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as the bank does."""
        route = self._routes.get(request.url.path)
        if route is None or request.method != "POST":
            return _plain(404, "RESOURCE_NOT_FOUND", "no such service")
        return route(request)

    def actions(self) -> Mapping[str, Callable[..., object]]:
        """Return what a person may do at the bank."""
        return {"give_back": self.give_back, "set_status": self.set_status}

    def transfers(self) -> list[Record]:
        """Return every transfer carried out; `asked` counts the orders for it."""
        return list(self._transfers.all().values())

    def give_back(self, reference: str) -> Record:
        """Have the beneficiary's bank send a transfer back. Raises: KeyError."""
        return self._set(reference, status="REJECT", error="RETURN")

    def set_status(self, reference: str, status: str) -> Record:
        """Give a transfer any status, also one nobody has heard of. Raises: KeyError."""
        return self._set(reference, status=status, error="")

    def _set(self, reference: str, **changes: object) -> Record:
        transfer = self._transfers.get(reference)
        if transfer is None:
            raise KeyError(reference)
        self._transfers.put(reference, {**transfer, **changes, "fixed": True})
        return {**transfer, **changes}

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.content.decode("utf-8", "replace")))
        if form.get("grant_type") != "client_credentials" or not form.get("scope"):
            return httpx.Response(400, json={"error": "invalid_request"})
        if form.get("client_id") != SANDBOX_CLIENT:
            return httpx.Response(401, json={"error": "invalid_client"})
        fault = self._assertion_fault(form)
        if fault:
            answer = {"error": "invalid_client", "error_description": fault}
            return httpx.Response(401, json=answer)
        token = secrets.token_urlsafe(32)
        until = time.time() + _TOKEN_LIFE_S
        self._tokens.put(_digest(token), {"until": until, "scope": form["scope"]})
        return httpx.Response(
            200,
            json={"access_token": token, "token_type": "Bearer", "expires_in": _TOKEN_LIFE_S},
        )

    def _assertion_fault(self, form: Mapping[str, str]) -> str:
        """Return what is wrong with the client's assertion, "" if nothing; it is then used up."""
        if not form.get("client_assertion_type", "").endswith(":jwt-bearer"):
            return "the assertion's type is not supported"
        assertion = form.get("client_assertion", "")
        try:
            public = _unsealed(str(jwt.get_unverified_header(assertion).get("kid", "")))
            claims = jwt.decode(
                assertion,
                serialization.load_der_public_key(public),  # type: ignore[arg-type] # RSA or refused
                algorithms=["RS256"],
                audience=SANDBOX_AUDIENCE,
                issuer=SANDBOX_CLIENT,
                options={"require": ["exp", "jti", "sub", "iss", "aud"]},
            )
        except (jwt.InvalidTokenError, ValueError, TypeError) as err:
            return type(err).__name__
        if claims["sub"] != SANDBOX_CLIENT:
            return "the subject is not the client"
        if claims["exp"] > time.time() + _LONGEST_ASSERTION_S:
            return "the assertion lives too long"
        if self._used.get(str(claims["jti"])) is not None:
            return "the assertion was used before"
        self._used.put(str(claims["jti"]), {"exp": claims["exp"]})
        return ""

    def _entry(self, request: httpx.Request, scope: str, root: str) -> Record | httpx.Response:
        """Check the door and open the envelope; return the fields inside, or the refusal."""
        refused = self._door(request, scope)
        if refused is not None:
            return refused
        try:
            fields = json.loads(_opened(request.content))[root]
        except (ValueError, KeyError, TypeError):
            fields = None
        if not isinstance(fields, dict):
            return _plain(400, "INVALID_PAYLOAD", "the payload cannot be read")
        return fields

    def _door(self, request: httpx.Request, scope: str) -> httpx.Response | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        held = self._tokens.get(_digest(token)) if scheme == "Bearer" else None
        if held is None or float(str(held["until"])) <= time.time():
            return _plain(401, "UNAUTHORIZED", "the token is missing, unknown or expired")
        if scope not in str(held["scope"]).split():
            return _plain(403, "FORBIDDEN", "the token's scope does not cover this service")
        if request.headers.get("source") != SANDBOX_SOURCE:
            return _plain(400, "INVALID_SOURCE", "the source is not a client of ours")
        if not re.fullmatch(r"[A-Za-z0-9]{1,32}", request.headers.get("correlationid", "")):
            return _plain(400, "INVALID_CORRELATION_ID", "the correlationId is missing")
        return None

    def _transfer(self, request: httpx.Request) -> httpx.Response:
        root = "initiateAuthGenericFundTransferAPI"
        fields = self._entry(request, _TRANSFER_SCOPE, root + "Req")
        if isinstance(fields, httpx.Response):
            return fields
        fault = _transfer_fault(fields)
        if fault:
            return _sealed_answer(root, error=fault)
        reference = fields["transactionID"]
        first = self._transfers.get(reference)
        if first is not None:
            self._transfers.put(reference, {**first, "asked": int(str(first["asked"])) + 1})
            fault = ("DUPLICATE_TRANSACTION", "Duplicate transactionID")
            return _sealed_answer(root, error=fault, data=_accepted(first))
        account, ifsc = fields["creditAccountNumber"], fields["beneficiaryIFSC"]
        persona = self._world.personas.by_account(account, ifsc)
        transfer = self._carry_out(fields, persona)
        if persona and "payout_times_out_after_success" in persona.behaviours:
            raise httpx.ReadTimeout("the bank fell silent", request=request)
        return _sealed_answer(root, data=_accepted(transfer))

    def _carry_out(self, fields: Mapping[str, str], persona: Persona | None) -> Record:
        now = self._world.clock().astimezone(_INDIA)
        serial = self._transfers.next_number("rrn")
        transfer: Record = {
            "reference": fields["transactionID"],
            "rail": fields["transactionType"],
            "amount": fields["amount"],
            "account": fields["creditAccountNumber"],
            "ifsc": fields["beneficiaryIFSC"],
            "beneficiary": persona.bank.name_at_bank if persona else fields["beneficiaryName"],
            "bank_reference": _bank_reference(fields["transactionType"], now, serial),
            "status": "ACPT",
            "error": "",
            "ordered_at": now.isoformat(),
            "settled_at": "",
            "asked": 1,
        }
        self._transfers.put(fields["transactionID"], transfer)
        return transfer

    def _status(self, request: httpx.Request) -> httpx.Response:
        root = "paymentTransactionStatus"
        fields = self._entry(request, _STATUS_SCOPE, root + "Req")
        if isinstance(fields, httpx.Response):
            return fields
        if not re.fullmatch(r"\d{8}", str(fields.get("transactionDate", ""))):
            fault = ("INVALID_REQUEST", "transactionDate must be DDMMYYYY")
            return _sealed_answer(root, error=fault)
        transfer = self._transfers.get(str(fields.get("paymentReferenceNumber", "")))
        if transfer is None or not _meant(transfer, fields):
            return _sealed_answer(root, error=("NO_RECORD", "No record found for the reference"))
        transfer = self._moved_on(transfer)
        self._transfers.put(str(transfer["reference"]), transfer)
        return _sealed_answer(root, data=_told(transfer))

    def _moved_on(self, transfer: Record) -> Record:
        """Return a transfer as it stands now: settled, refused or sent back."""
        if transfer.get("fixed"):
            return transfer
        now = self._world.clock().astimezone(_INDIA)
        persona = self._world.personas.by_account(transfer["account"], transfer["ifsc"])
        if persona is None:
            return {**transfer, "status": "REJECT", "error": "INVALID_ACCOUNT"}
        if transfer["status"] == "ACPT" and "closed_account" in persona.behaviours:
            return {**transfer, "status": "REJECT", "error": "ACCOUNT_CLOSED"}
        if transfer["status"] == "ACPT":
            return {**transfer, "status": "SUCCESS", "settled_at": now.isoformat()}
        if transfer["status"] == "SUCCESS" and "payout_returned" in persona.behaviours:
            settled_at = datetime.fromisoformat(transfer["settled_at"])
            if now >= settled_at + _RETURNED_AFTER:
                return {**transfer, "status": "REJECT", "error": "RETURN"}
        return transfer


def _transfer_fault(fields: Mapping[str, object]) -> tuple[str, str] | None:
    """Return (code, message) for the first rule a transfer breaks."""
    for name, form in _FIELDS.items():
        if not re.fullmatch(form, str(fields.get(name, ""))):
            return "INVALID_REQUEST", f"{name} is missing or malformed"
    if fields["debitAccountNumber"] != SANDBOX_ACCOUNT:
        return "INVALID_DEBIT_ACCOUNT", "the debit account is not the client's"
    paise = int(str(fields["amount"]).replace(".", ""))
    rail = fields["transactionType"]
    if (
        paise <= 0
        or (rail == "IMPS" and paise > 5 * _LAKH)
        or (rail == "RTGS" and paise < 2 * _LAKH)
    ):
        return "INVALID_AMOUNT", "the amount does not fit the rail"
    if (rail == "RTGS") != (fields.get("messageType") == "R41"):
        return "INVALID_REQUEST", "messageType is R41 for RTGS, and absent elsewhere"
    if (rail == "IFT") != str(fields["beneficiaryIFSC"]).startswith("IDFB"):
        return "INVALID_RAIL", "IFT is for accounts at this bank, and they take nothing else"
    return None


def _meant(transfer: Record, fields: Mapping[str, object]) -> bool:
    """Say whether an enquiry fits a transfer: rail, date (a day's grace at midnight), reference."""
    given = str(fields.get("transactionReferenceNumber", ""))
    if fields.get("transactionType") != transfer["rail"] or given not in (
        "",
        transfer["bank_reference"],
    ):
        return False
    try:
        day = datetime.strptime(str(fields["transactionDate"]), "%d%m%Y").date()  # noqa: DTZ007 # a date
    except ValueError:
        return False
    return abs(datetime.fromisoformat(transfer["ordered_at"]).date() - day) <= timedelta(days=1)


def _bank_reference(rail: str, now: datetime, serial: int) -> str:
    """Return an RRN (12 digits) for IMPS, a UTR for the other rails."""
    day = f"{now.year % 10}{now.timetuple().tm_yday:03d}"
    return f"{day}{now.hour:02d}{serial:06d}" if rail == "IMPS" else f"IDFBR{day}{serial:013d}"


def _accepted(transfer: Record) -> Record:
    return {
        "status": "ACPT",
        "transactionID": transfer["reference"],
        "transactionReferenceNo": transfer["bank_reference"],
        "beneficiaryName": transfer["beneficiary"],
    }


def _told(transfer: Record) -> Record:
    at = datetime.fromisoformat(transfer["settled_at"] or transfer["ordered_at"])
    return {
        "status": transfer["status"],
        "respCode": "00" if transfer["status"] == "SUCCESS" else "",
        "beneficiaryAccountNumber": transfer["account"],
        "beneficiaryName": transfer["beneficiary"],
        "errorId": transfer["error"],
        "errorMessage": transfer["error"].replace("_", " "),
        "transactionType": transfer["rail"],
        "paymentReferenceNumber": transfer["reference"],
        "transactionReferenceNumber": transfer["bank_reference"],
        "transactionDate": f"{at:%d%m%Y}",
        "transactionTime": f"{at:%H%M%S}",
        "amount": transfer["amount"],
    }


def _sealed_answer(
    root: str, *, data: Record | None = None, error: tuple[str, str] | None = None
) -> httpx.Response:
    """Return an answer in the envelope; refusals have metaData alone, but for a repeated order."""
    meta = {"version": "v1", "time": datetime.now(_INDIA).isoformat(timespec="milliseconds")}
    if error:
        meta |= {"status": "ERROR", "code": error[0], "message": error[1]}
    else:
        meta |= {"status": "SUCCESS", "message": "SUCCESS"}
    inside = {"metaData": meta} | ({"resourceData": data} if data else {})
    body = _sealed(json.dumps({root + "Resp": inside}).encode())
    return httpx.Response(200, content=body, headers={"content-type": "application/octet-stream"})


def _plain(status: int, reason: str, details: str) -> httpx.Response:
    """Return an error of the bank's gateway, which knows no envelope."""
    return httpx.Response(
        status, json={"reason": reason, "service": "api-gateway", "details": details}
    )


def _sealed(plain: bytes) -> bytes:
    iv = secrets.token_bytes(16)
    pad = padding.PKCS7(128).padder()
    box = Cipher(algorithms.AES256(bytes.fromhex(SANDBOX_KEY)), modes.CBC(iv)).encryptor()
    return base64.b64encode(iv + box.update(pad.update(plain) + pad.finalize()) + box.finalize())


def _opened(body: bytes) -> bytes:
    raw = base64.b64decode(body, validate=True)
    if len(raw) < 32 or len(raw) % 16:
        raise ValueError("no envelope")
    box = Cipher(algorithms.AES256(bytes.fromhex(SANDBOX_KEY)), modes.CBC(raw[:16])).decryptor()
    pad = padding.PKCS7(128).unpadder()
    return pad.update(box.update(raw[16:]) + box.finalize()) + pad.finalize()


def _registered(public: bytes) -> str:
    """Return the bank's name for a public key: the key under the bank's seal."""
    seal = hmac.new(_SEAL, public, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(seal + public).decode("ascii")


def _unsealed(key_id: str) -> bytes:
    """Return the public key a name stands for. Raises: ValueError: the bank never gave it."""
    raw = base64.urlsafe_b64decode(key_id.encode())
    seal, public = raw[:32], raw[32:]
    if not hmac.compare_digest(seal, hmac.new(_SEAL, public, hashlib.sha256).digest()):
        raise ValueError("the key is not registered")
    return public


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
