"""Digitap: PAN details, and Aadhaar e-KYC by one-time password.

API: `POST /validation/kyc/v1/pan_details_plus` on the `svc` host; `POST
/ent/v3/kyc/intiate-kyc-auto` (the vendor's spelling) and `/ent/v3/kyc/submit-otp` on the `api`
host. Source: Digitap KYC Validation API Suite 4.91 as used by public clients.
Auth: HTTP Basic, client id and secret; allowed addresses are registered with Digitap.
Units: dates DD/MM/YYYY or DD-MM-YYYY, others are understood too.
Idempotency: none; `client_ref_num` and `uniqueId` only come back. Only HTTP 200 is billed.
Webhook: none.
Limits: client_ref_num 45 characters; an OTP lives ten minutes and bears three wrong tries.

Inferred: the texts by which a wrong and an expired OTP are told apart (the code is "400" for
both); an initiation that is refused with "400" is a number UIDAI does not take; the share code
only locks a file we never fetch.

The Aadhaar number passes through `start_aadhaar` into the request and nowhere else: the answer's
own copy of it is not read, the session holds what `submit-otp` asks for and no more.
"""

import json
import re
import secrets

from pydantic import BaseModel, ValidationError

from los_adapters.client import Http
from los_adapters.lenient import Day, Flag, Text
from los_adapters.provider import Provider
from los_adapters.vendors import digitap
from los_adapters.vendors.digitap import DigitapSettings, Enveloped, gender
from los_core.ports.errors import ProviderError
from los_core.ports.identity import (
    AadhaarRecord,
    Address,
    IdentityVerifier,
    OtpRefused,
    PanRecord,
)


class Settings(DigitapSettings, frozen=True):
    """The client id with its secret, and both hosts."""


class _PanDetails(BaseModel):
    pan: Text
    fullname: Text = ""
    gender: Text = ""
    dob: Day = None
    pan_type: Text = ""
    pan_status: Text = ""
    aadhaar_linked: Flag = None
    aadhaar_number: Text = ""


class _Session(BaseModel):
    transactionId: str  # noqa: N815 # the vendor's name
    fwdp: str
    codeVerifier: str  # noqa: N815 # the vendor's name


class _AadhaarAddress(BaseModel):
    house: Text = ""
    street: Text = ""
    landmark: Text = ""
    loc: Text = ""
    vtc: Text = ""
    dist: Text = ""
    state: Text = ""
    pc: Text = ""


class _Ekyc(BaseModel):
    referenceId: Text = ""  # noqa: N815 # the vendor's name
    maskedAdharNumber: Text = ""  # noqa: N815 # the vendor's name
    name: Text
    gender: Text = ""
    dob: Day = None
    address: _AadhaarAddress = _AadhaarAddress()


class DigitapIdentity:
    """PAN and Aadhaar through Digitap."""

    def __init__(self, settings: Settings, http: Http) -> None:
        self._settings = settings
        self._http = http

    def pan(self, pan: str, *, reference: str) -> PanRecord:
        """Look a PAN up; see the port."""
        answer = digitap.ask_register(
            self._http,
            self._settings,
            "/validation/kyc/v1/pan_details_plus",
            operation="pan",
            reference=reference,
            pan=pan,
        )
        if answer.result_code == digitap.TOO_MANY:
            raise self._http.rejected("pan", str(digitap.TOO_MANY))
        if answer.result_code != digitap.SUCCESS:
            return PanRecord(
                valid=False,
                status="NO_RECORD" if answer.result_code == digitap.NO_RECORD else "INVALID_ID",
                provider_ref=answer.request_id,
            )
        details = digitap.read(self._http, "pan", _PanDetails, answer.result)
        if details.pan.upper() != pan.upper():
            raise self._http.unreadable("pan", "details of another PAN", effect=False)
        return _to_pan_record(details, answer.request_id)

    def start_aadhaar(self, aadhaar: str, *, reference: str) -> str:
        """Have UIDAI send an OTP; see the port."""
        answer = self._ask(
            "/ent/v3/kyc/intiate-kyc-auto", "aadhaar-start", uniqueId=reference, uid=aadhaar
        )
        if answer.code != "200":
            raise _refused(self._http, "aadhaar-start", answer)
        session = digitap.read(self._http, "aadhaar-start", _Session, answer.model)
        return json.dumps(session.model_dump(), separators=(",", ":"))

    def finish_aadhaar(self, session: str, otp: str) -> AadhaarRecord:
        """Redeem the OTP; see the port. Raises also ValueError: the session is not ours."""
        held = _held(session)
        answer = self._ask(
            "/ent/v3/kyc/submit-otp",
            "aadhaar-finish",
            shareCode=f"{secrets.randbelow(10_000):04d}",
            otp=otp,
            **held.model_dump(),
        )
        if answer.code != "200":
            if (otp_refusal := _otp_refusal(answer.msg)) is not None:
                raise otp_refusal
            raise _refused(self._http, "aadhaar-finish", answer)
        ekyc = digitap.read(self._http, "aadhaar-finish", _Ekyc, answer.model)
        if not _last4(ekyc.maskedAdharNumber):
            raise self._http.unreadable("aadhaar-finish", "no last four digits", effect=False)
        return _to_aadhaar_record(ekyc)

    def _ask(self, path: str, operation: str, **body: str) -> Enveloped:
        # Asking again is sound: an OTP sent twice harms nobody, so nothing here is an effect.
        response = self._http.call(
            "POST",
            self._settings.api_url + path,
            operation=operation,
            effect=False,
            json=body,
            auth=self._settings.auth,
            deadline_s=digitap.DEADLINE_S,
        )
        if response.status_code == 400:
            return _bad_request(response.content)
        if response.status_code > 400:
            raise digitap.refusal(self._http, operation, response.status_code)
        return self._http.parsed(response, Enveloped, effect=False)


def _held(session: str) -> _Session:
    try:
        return _Session.model_validate_json(session)
    except ValidationError:
        pass  # leave its message behind: it quotes the session
    raise ValueError("the Aadhaar session is not one of ours")


def _bad_request(body: bytes) -> Enveloped:
    """Return what an HTTP 400 says, if it says anything; it is never a success."""
    try:
        return Enveloped(code="400", msg=Enveloped.model_validate_json(body).msg)
    except ValidationError:
        return Enveloped(code="400")


def _refused(http: Http, operation: str, answer: Enveloped) -> ProviderError:
    if answer.code.isdecimal():
        return digitap.refusal(http, operation, int(answer.code))
    return http.rejected(operation, answer.code)


def _otp_refusal(message: str) -> OtpRefused | None:
    """Return what a message says against the OTP; None if it is about something else."""
    said = message.casefold()
    if "otp" not in said:
        return None
    if re.search(r"expire|attempt|exceed|too many|used", said):
        return OtpRefused("the one-time password is no longer good", expired=True)
    if re.search(r"invalid|incorrect|wrong|mismatch|not match|not valid", said):
        return OtpRefused("the one-time password is wrong")
    return None


def _to_pan_record(details: _PanDetails, request_id: str) -> PanRecord:
    return PanRecord(
        valid=details.pan_status.casefold() == "active",
        status=details.pan_status,
        full_name=details.fullname,
        born_on=details.dob,
        gender=gender(details.gender),
        holder_type=details.pan_type.upper(),
        aadhaar_linked=details.aadhaar_linked,
        aadhaar_last4=_last4(details.aadhaar_number),
        provider_ref=request_id,
    )


def _to_aadhaar_record(ekyc: _Ekyc) -> AadhaarRecord:
    home = ekyc.address
    return AadhaarRecord(
        last4=_last4(ekyc.maskedAdharNumber),
        reference=ekyc.referenceId,
        full_name=ekyc.name,
        born_on=ekyc.dob,
        gender=gender(ekyc.gender),
        address=Address(
            line1=", ".join(part for part in (home.house, home.street, home.landmark) if part),
            locality=home.loc,
            city=home.vtc,
            district=home.dist,
            state=home.state,
            pincode=home.pc,
        ),
    )


def _last4(masked: str) -> str:
    """Return the digits a masked number ends with, "" if it shows none."""
    found = re.search(r"\d{4}$", masked)
    return found[0] if found else ""


PROVIDER: Provider[Settings, IdentityVerifier] = Provider(Settings, DigitapIdentity)
