"""Signzy Contract 360: agreements signed by Aadhaar OTP.

API: v3 `contract/initiate` and `contract/pullData`. Source: copies of the vendor's documents in
    public integrations, 2026-11; sections marked inferred are our reading.
Auth: `Authorization` with the bare token.
Units: time to live in milliseconds; files as base64; times as ISO 8601 in UTC.
Idempotency: none, and no look-up by our reference: a create without an answer may have made a
    docket that nobody will sign. `x-uniqueReferenceId` carries our reference for people.
Webhook: a POST to `callbackUrl` whose `Authorization` is the value we gave, per docket. It proves
    no content: the state is read by `pullData` and nothing else is believed.
Limits: links to files die, so a signed file is fetched at once. *Inferred*: the hash is SHA-256
    (one of another length is not compared); a docket is signed if it `isCompleted` and no count
    of signatures contradicts, cancelled if it has a time of cancellation, declined if a signer is
    counted as cancelled. Only that a docket expired is taken from its status word, for no other
    field tells.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from los_adapters.client import Http
from los_adapters.provider import Provider, ProviderSettings
from los_core.ports.errors import BadSignature
from los_core.ports.esign import Docket, DocketReport, DocketRequest, DocketState, ESigner

_UPLOAD_S: Final = 60.0
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Settings(ProviderSettings, frozen=True):
    """One account at Signzy.

    Attributes:
        executer: who issues the contracts, shown to the signer.
        return_page: where a signer goes after signing if a request names no page.
        positions: where the signature stands on every page.
        name_match: the least similarity of names the vendor takes, "0.01" to "1.00"; "" for none.
    """

    base_url: str = "https://api.signzy.app"
    token: SecretStr
    executer: str
    return_page: str
    positions: tuple[str, ...] = ("BottomLeft",)
    name_match: str = Field("", pattern=r"^(|0\.\d[1-9]|0\.[1-9]\d|1\.00)$")


def _list(value: object) -> object:
    return value if isinstance(value, list) else []


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class _Link(_Wire):
    esign_url: str | None = Field(None, alias="esignUrl")
    workflow_url: str | None = Field(None, alias="workflowUrl")


class _Created(_Wire):
    contract_id: str = Field(alias="contractId", min_length=1)
    signers: tuple[_Link, ...] = Field(alias="signerdetail", min_length=1)


class _Signer(_Wire):
    name: str | None = Field(None, alias="signerName")
    error: str | None = Field(None, alias="errorMessage")
    aadhaar_error: str | None = Field(None, alias="aadhaarErrorMessage")
    attempts: Annotated[list[dict[str, Any]], BeforeValidator(_list)] = Field(
        default_factory=list, alias="esignAttempts"
    )


class _Pulled(_Wire):
    contract_id: str = Field(alias="contractId")
    status: str | None = Field(None, alias="contractStatus")
    completed: bool | None = Field(None, alias="isCompleted")
    asked: int | None = Field(None, alias="initialSignerCount")
    signed: int | None = Field(None, alias="signedSignerCount")
    deleted: int | None = Field(None, alias="deletedSignerCount")
    declined: int | None = Field(None, alias="cancelledSignerCount")
    cancelled_at: str | None = Field(None, alias="contractCancelTimestamp")
    completed_at: str | None = Field(None, alias="contractCompletionTime")
    file: str | None = Field(None, alias="finalSignedContract")
    file_hash: str | None = Field(None, alias="finalSignedContractHash")
    signers: Annotated[list[_Signer], BeforeValidator(_list)] = Field(
        default_factory=list, alias="signerdetail"
    )


class _Refused(_Wire):
    error: dict[str, Any]


class SignzySigner:
    """Signzy as an `ESigner`."""

    def __init__(self, settings: Settings, http: Http) -> None:
        self._settings = settings
        self._http = http

    def create(self, request: DocketRequest) -> Docket:
        """Create a docket; see the port."""
        response = self._http.call(
            "POST",
            self._settings.base_url + "/api/v3/contract/initiate",
            operation="initiate",
            effect=True,
            headers=self._headers() | {"x-uniqueReferenceId": request.reference},
            json=_to_contract(request, self._settings),
            deadline_s=_UPLOAD_S,
        )
        if not response.is_success:
            raise self._http.rejected("initiate", _code(response.content, response.status_code))
        created = self._http.parsed(response, _Created, effect=True)
        url = created.signers[0].esign_url or created.signers[0].workflow_url
        if not url:
            raise self._http.unreadable("initiate", "no address to sign at", effect=True)
        return Docket(docket_id=created.contract_id, signing_url=url)

    def inquire(self, docket_id: str) -> DocketReport:
        """Return the docket's state; see the port."""
        response = self._http.call(
            "POST",
            self._settings.base_url + "/api/v3/contract/pullData",
            operation="pullData",
            effect=False,
            headers=self._headers(),
            json={"contractId": docket_id},
        )
        if not response.is_success:
            raise self._http.rejected("pullData", _code(response.content, response.status_code))
        pulled = self._http.parsed(response, _Pulled, effect=False)
        if pulled.contract_id != docket_id:
            raise self._http.unreadable("pullData", "another docket", effect=False)
        return _to_report(pulled)

    def fetch_signed(self, report: DocketReport) -> bytes:
        """Download the signed PDF; see the port.

        Raises: Rejected with code NOT_SIGNED, FOREIGN_HOST, NOT_A_PDF or HASH_MISMATCH.
        """
        if report.state is not DocketState.SIGNED or not report.signed_file:
            raise self._http.rejected("signed file", "NOT_SIGNED")
        file = self._http.fetch(report.signed_file, operation="signed file", deadline_s=_UPLOAD_S)
        if not file.startswith(b"%PDF-"):
            raise self._http.rejected("signed file", "NOT_A_PDF")
        told = report.signed_sha256
        if told and not hmac.compare_digest(hashlib.sha256(file).hexdigest(), told):
            raise self._http.rejected("signed file", "HASH_MISMATCH")
        return file

    def verify(self, authorization: str, *, secret: str) -> None:
        """Prove a callback by the value we gave; see the port."""
        given, ours = authorization.encode("utf-8", "replace"), secret.encode()
        if not ours or not hmac.compare_digest(given, ours):
            raise BadSignature("the callback does not prove itself", provider=self._http.name)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": self._settings.token.get_secret_value()}


def _to_contract(request: DocketRequest, settings: Settings) -> dict[str, object]:
    page = request.return_url or settings.return_page
    signer: dict[str, object] = {
        "signerName": request.signer,
        "signatureType": "AADHAARESIGN-OTP",
        "signerMobile": request.phone,
        "signatures": [{"pageNo": ["All"], "signaturePosition": list(settings.positions)}],
    }
    if request.email:
        signer["signerEmail"] = request.email
    if request.signer_last4:
        signer["uidLastFourDigits"] = request.signer_last4
    if request.signer_birth_year is not None:
        signer["signerYearOfBirth"] = str(request.signer_birth_year)
    contract: dict[str, object] = {
        "pdf": base64.b64encode(request.pdf).decode("ascii"),
        "contractName": request.title,
        "contractExecuterName": settings.executer,
        "successRedirectUrl": page,
        "failureRedirectUrl": page,
        "contractTtl": int(request.expires_in.total_seconds() * 1000),
        "eSignProvider": "nsdl",
        "signerdetail": [signer],
        "callbackUrl": request.callback_url,
        "callbackUrlAuthorizationHeader": request.callback_secret,
        "allowSignerYOBMatch": request.signer_birth_year is not None,
    }
    return contract | ({"nameMatchThreshold": settings.name_match} if settings.name_match else {})


def _to_report(pulled: _Pulled) -> DocketReport:
    state = _state(pulled)
    signed = state is DocketState.SIGNED
    told = (pulled.file_hash or "").lower()
    return DocketReport(
        docket_id=pulled.contract_id,
        state=state,
        signed_file=(pulled.file or "") if signed else "",
        signed_sha256=told if signed and _SHA256.fullmatch(told) else "",
        signed_at=_instant(pulled.completed_at) if signed else None,
        signer_name=_signer_name(pulled.signers) if signed else "",
        failure=_failure(pulled.signers),
    )


def _state(pulled: _Pulled) -> DocketState:
    """Derive the state from counts and times; see the docstring above for the one exception."""
    wanted = (1 if pulled.asked is None else pulled.asked) - (pulled.deleted or 0)
    counted = wanted if pulled.signed is None else pulled.signed
    if pulled.completed and pulled.file and 0 < wanted <= counted:
        return DocketState.SIGNED
    if pulled.cancelled_at:
        return DocketState.CANCELLED
    if pulled.declined:
        return DocketState.DECLINED
    if (pulled.status or "").upper() == "EXPIRED":
        return DocketState.EXPIRED
    return DocketState.SENT


def _signer_name(signers: Iterable[_Signer]) -> str:
    """Return the name on the signature's certificate, "" if not told."""
    for signer in signers:
        for attempt in reversed(signer.attempts):
            certificate = attempt.get("signerDscData")
            if isinstance(certificate, dict) and certificate.get("name"):
                return str(certificate["name"])
    return ""


def _failure(signers: Iterable[_Signer]) -> str:
    return next((text for s in signers if (text := s.error or s.aadhaar_error)), "")


def _instant(text: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _code(body: bytes, status: int) -> str:
    """Return the vendor's reason for a refusal, its status if it gives none."""
    try:
        reason = _Refused.model_validate_json(body).error.get("reason")
    except ValueError:
        reason = None
    return str(reason or status)


PROVIDER: Provider[Settings, ESigner] = Provider(Settings, SignzySigner)
