"""Signzy Contract 360, imitated: dockets, the signing page, signed files, the callback.

Checks: the token, the mandatory fields and their lengths, that the document is a PDF that can be
read. On the page a signer gives the last four digits of the Aadhaar, gets a code on the phone, and
gives the code. Whoever the phone belongs to signs: digits, year of birth and name are compared as
the docket asks; a persona who `refuses_to_sign` declines. A docket's time runs by the business
clock.

The signed file is the document with a page of signatures after it, the same bytes whenever it is
fetched. When a docket is signed, declined or cancelled the callback goes out, with the
`Authorization` that the docket came with. Nobody signs at Signzy itself: the actions `sign` and
`decline` play a signer who has read the page.
"""

import base64
import hashlib
import hmac
import html
import json
import re
import secrets
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

import httpx

from los_adapters.sandbox.personas import Persona
from los_adapters.sandbox.signed_pdf import with_signature
from los_adapters.sandbox.signzy_rules import certificate, fault_of, mismatch
from los_adapters.sandbox.world import World

SANDBOX_TOKEN: Final = "sandbox-token-of-signzy"  # noqa: S105 # opens this sandbox only
SANDBOX_USER: Final = "sandbox_los"

RETRIES: Final[tuple[float, ...]] = (10.0, 60.0, 600.0, 3600.0)
"""Seconds between deliveries of a callback (inferred)."""

_DEFAULT_LIFE: Final = timedelta(days=14)
Record = dict[str, Any]


def settings(base_url: str) -> dict[str, object]:
    """Return settings for an adapter."""
    return {
        "base_url": base_url,
        "account": SANDBOX_USER,
        "token": SANDBOX_TOKEN,
        "executer": "Sandbox Lender",
        "return_page": base_url + "/done",
    }


class Signzy:
    """The signing service."""

    name = "signzy"

    def __init__(self, world: World) -> None:
        self._world = world
        self._contracts = world.state("signzy")
        self._files = world.state("signzy-files")
        self._calls: Mapping[str, Callable[[Record], httpx.Response]] = {
            "/api/v3/contract/initiate": self._initiate,
            "/api/v3/contract/pullData": self._pull,
            "/api/v3/contract/cancel": self._cancel,
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as the service does."""
        path = request.url.path
        if found := re.fullmatch(r"/sign/([\w-]+)", path):
            return self._page(request, found[1])
        if found := re.fullmatch(r"/files/([\w-]+\.pdf)", path):
            return self._file(found[1])
        if path == "/done":
            return _html("Thank you", "<p>You may close this page.</p>")
        return self._api(request)

    def actions(self) -> Mapping[str, Callable[..., object]]:
        """Return what a person may do: sign or decline by docket id."""
        return {"sign": self.sign, "decline": self.decline}

    def sign(self, contract_id: str) -> Record:
        """Play the signer, who gives the right digits and code. Raises: KeyError; ValueError."""
        contract = self._open(contract_id)
        persona = self._world.personas.by_phone(contract["signer"]["signerMobile"])
        with self._world.turn():
            self._attempt(contract, persona, persona.aadhaar[-4:] if persona else "")
        return self._told(self._open(contract_id, ended=True))

    def decline(self, contract_id: str) -> Record:
        """Play a signer who declines. Raises: KeyError; ValueError: the docket is over."""
        with self._world.turn():
            self._end(self._open(contract_id), status="DECLINED", error="DECLINED")
        return self._told(self._open(contract_id, ended=True))

    def _open(self, contract_id: str, *, ended: bool = False) -> Record:
        contract = self._contracts.get(contract_id)
        if contract is None:
            raise KeyError(contract_id)
        if not ended and self._status(contract) != "PENDING":
            raise ValueError("the docket is over")
        return contract

    def _api(self, request: httpx.Request) -> httpx.Response:
        call = self._calls.get(request.url.path)
        if call is None or request.method != "POST":
            return _error(404, "NOT_FOUND", "no such service")
        token = request.headers.get("authorization", "")
        if not hmac.compare_digest(token.encode("utf-8", "replace"), SANDBOX_TOKEN.encode()):
            return _error(401, "UNAUTHORIZED", "the token is not valid")
        try:
            asked = json.loads(request.content)
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            return _error(400, "VALIDATION_ERROR", "the body is no JSON object")
        return call(asked)

    def _initiate(self, asked: Record) -> httpx.Response:
        fault = fault_of(asked)
        if fault:
            return _error(400, "VALIDATION_ERROR", f"{fault} is missing or invalid")
        document = base64.b64decode(asked["pdf"])
        contract_id, signer_id = str(uuid.uuid4()), uuid.uuid4().hex
        now = self._world.clock()
        life = asked.get("contractTtl")
        contract: Record = {
            "id": contract_id,
            "name": asked["contractName"],
            "signer": asked["signerdetail"][0],
            "signer_id": signer_id,
            "callback_url": asked["callbackUrl"],
            "callback_authorization": asked.get("callbackUrlAuthorizationHeader", ""),
            "year_matters": bool(asked.get("allowSignerYOBMatch")),
            "name_match": float(asked.get("nameMatchThreshold") or 0),
            "created_at": now.isoformat(),
            "expires_at": (
                now + (timedelta(milliseconds=life) if life else _DEFAULT_LIFE)
            ).isoformat(),
            "status": "PENDING",
            "error": "",
            "ended_at": "",
            "code": "",
            "attempts": [],
            "hash": "",
        }
        with self._world.turn():
            self._contracts.put(contract_id, contract)
            self._put_file(f"{contract_id}.pdf", document)
        return httpx.Response(
            200,
            json={
                "customerId": "sandbox",
                "username": SANDBOX_USER,
                "contractId": contract_id,
                "pdf": self._world.url(self.name, f"/files/{contract_id}.pdf"),
                "initialContractHash": hashlib.sha256(document).hexdigest(),
                "signerdetail": [
                    {
                        "signerId": signer_id,
                        "signerName": contract["signer"]["signerName"],
                        "esignUrl": self._world.url(self.name, f"/sign/{signer_id}"),
                        "status": "PENDING",
                    }
                ],
                "fileTtl": "14 days",
            },
        )

    def _pull(self, asked: Record) -> httpx.Response:
        contract = self._contracts.get(str(asked.get("contractId", "")))
        if contract is None:
            return _error(404, "NOT_FOUND", "no such contract")
        return httpx.Response(200, json=self._told(contract))

    def _cancel(self, asked: Record) -> httpx.Response:
        contract = self._contracts.get(str(asked.get("contractId", "")))
        if contract is None:
            return _error(404, "NOT_FOUND", "no such contract")
        if self._status(contract) != "PENDING":
            return _error(400, "VALIDATION_ERROR", "the contract is over")
        self._end(contract, status="CANCELLED")
        return self._pull(asked)

    def _status(self, contract: Record) -> str:
        expires_at = datetime.fromisoformat(contract["expires_at"])
        if contract["status"] == "PENDING" and self._world.clock() >= expires_at:
            return "EXPIRED"
        return str(contract["status"])

    def _told(self, contract: Record) -> Record:
        """Return a docket as `pullData` and the callback tell of it."""
        status = self._status(contract)
        signed = status == "SIGNED"
        file = self._world.url(self.name, f"/files/{contract['id']}-signed.pdf")
        words = {"SIGNED": "SUCCESS", "DECLINED": "FAILED"}
        return {
            "contractId": contract["id"],
            "contractStatus": words.get(status, status),
            "initialSignerCount": 1,
            "signedSignerCount": int(signed),
            "deletedSignerCount": 0,
            "cancelledSignerCount": int(status == "DECLINED"),
            "contractCreationTime": _time(contract["created_at"]),
            "finalSignedContract": file if signed else None,
            "finalSignedContractHash": contract["hash"] if signed else None,
            "isCompleted": signed,
            "contractCompletionTime": _time(contract["ended_at"]) if signed else None,
            "contractCancelTimestamp": (
                _time(contract["ended_at"]) if status == "CANCELLED" else None
            ),
            "signerdetail": [
                {
                    "signerId": contract["signer_id"],
                    "signerName": contract["signer"]["signerName"],
                    "status": status,
                    "errorMessage": contract["error"] or None,
                    "nameMatchResult": signed,
                    "noOfSuccessfulAttempts": int(signed),
                    "esignAttempts": contract["attempts"],
                }
            ],
            "endOfLife": _time(contract["expires_at"]),
        }

    def _page(self, request: httpx.Request, signer_id: str) -> httpx.Response:
        every = self._contracts.all().values()
        contract: Record | None = next((c for c in every if c["signer_id"] == signer_id), None)
        if contract is None:
            return _html("No such docket", "<p>There is nothing to sign here.</p>", status=404)
        if self._status(contract) != "PENDING":
            return _html("Over", f"<p>{html.escape(self._status(contract))}</p>", status=410)
        if request.method != "POST":
            return _html("Sign", _form(contract, self._world.url(self.name)))
        form = dict(parse_qsl(request.content.decode("utf-8", "replace")))
        return self._submitted(contract, form)

    def _submitted(self, contract: Record, form: Mapping[str, str]) -> httpx.Response:
        if form.get("action") == "decline":
            self._end(contract, status="DECLINED", error="DECLINED")
            return _html("Declined", "<p>You declined to sign.</p>")
        if not form.get("otp"):
            return self._send_code(contract)
        fault = "OTP_INVALID"
        code = str(contract["code"])
        if code and hmac.compare_digest(form["otp"].encode(), code.encode()):
            persona = self._world.personas.by_phone(contract["signer"]["signerMobile"])
            fault = self._attempt(contract, persona, form.get("last4", ""))
        if fault:
            return _html("Not signed", f"<p>{html.escape(fault)}</p>", status=400)
        return _html("Signed", "<p>Thank you.</p>")

    def _send_code(self, contract: Record) -> httpx.Response:
        code = f"{secrets.randbelow(999_999) + 1:06d}"
        contract["code"] = code
        self._contracts.put(contract["id"], contract)
        self._world.tell(
            vendor=self.name,
            channel="SMS",
            to=contract["signer"]["signerMobile"],
            text=f"{code} is your OTP to sign {contract['name']}.",
            variables={"otp": code},
        )
        return _html("Sign", _form(contract, self._world.url(self.name)))

    def _attempt(self, contract: Record, persona: Persona | None, last4: str) -> str:
        """Let a persona sign; return what is wrong, "" if signed. One who refuses declines."""
        if persona and "refuses_to_sign" in persona.behaviours:
            self._end(contract, status="DECLINED", error="DECLINED")
            return "DECLINED"
        fault = mismatch(contract, persona, last4)
        if fault or persona is None:
            self._contracts.put(contract["id"], {**contract, "error": fault})
            return fault
        now = self._world.clock()
        document = base64.b64decode(str((self._files.get(f"{contract['id']}.pdf") or {})["pdf"]))
        signed = with_signature(document, name=persona.aadhaar_name, at=now, last4=last4)
        self._put_file(f"{contract['id']}-signed.pdf", signed)
        contract["hash"] = hashlib.sha256(signed).hexdigest()
        contract["attempts"] = [{"signerDscData": certificate(persona)}]
        self._end(contract, status="SIGNED")
        return ""

    def _end(self, contract: Record, *, status: str, error: str = "") -> None:
        """Close a docket and tell whoever ordered it."""
        ended_at = self._world.clock().isoformat()
        ended = {**contract, "status": status, "error": error, "ended_at": ended_at, "code": ""}
        self._contracts.put(contract["id"], ended)
        self._world.courier.post(
            self.name,
            contract["callback_url"],
            {
                "content-type": "application/json",
                "authorization": contract["callback_authorization"],
            },
            json.dumps(self._told(ended)).encode(),
            f"{contract['id']}-{status}",
        )

    def _put_file(self, name: str, content: bytes) -> None:
        self._files.put(name, {"pdf": base64.b64encode(content).decode("ascii")})

    def _file(self, name: str) -> httpx.Response:
        held = self._files.get(name)
        if held is None:
            return _error(404, "NOT_FOUND", "no such file")
        content = base64.b64decode(str(held["pdf"]))
        return httpx.Response(200, content=content, headers={"content-type": "application/pdf"})


def _time(text: str) -> str:
    at = datetime.fromisoformat(text).astimezone(UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _error(status: int, reason: str, message: str) -> httpx.Response:
    about = {
        "name": "error",
        "message": message,
        "reason": reason,
        "type": "Error",
        "statusCode": status,
    }
    return httpx.Response(status, json={"error": about})


def _form(contract: Record, address: str) -> str:
    document = html.escape(f"{address}/files/{contract['id']}.pdf")
    return (
        f"<h2>{html.escape(contract['name'])}</h2>"
        f"<p>{html.escape(contract['signer']['signerName'])}, "
        f'please read <a href="{document}">the document</a>.</p><form method="post">'
        '<label>Last four digits of your Aadhaar <input name="last4" maxlength="4"></label> '
        '<label>OTP <input name="otp" maxlength="6"></label> '
        '<button name="action" value="sign">Send the OTP, or sign with it</button> '
        '<button name="action" value="decline">Decline</button></form>'
    )


def _html(title: str, inside: str, *, status: int = 200) -> httpx.Response:
    text = f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>{inside}"
    return httpx.Response(status, html=text)
