"""Digitap, imitated: PAN register, Aadhaar e-KYC by OTP, provident fund.

Two hosts by path: `/svc` and `/api`. Checks: HTTP Basic; the reference and its length; PAN, mobile,
UAN and Aadhaar formats (Verhoeff digit); that an OTP transaction is known, unspent, younger than
ten minutes, and its three tokens belong together. 000000 is always a wrong OTP and 999999 an
expired one, as in Digitap's own test environment; three wrong ones end the transaction.

Answers are those of the personas; a number that is nobody's has no record (103). The OTP goes by
SMS from UIDAI to the person's phone and is read among the sandbox's messages. Behaviours of
personas: `aadhaar_name_mismatch` (through the name on their Aadhaar).

State: the OTP transactions. The person is kept by key; no Aadhaar number is.
"""

import base64
import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
from stdnum.in_ import aadhaar as aadhaar_number

from los_adapters.sandbox.personas import Persona
from los_adapters.sandbox.world import World

SANDBOX_CLIENT: Final = "sandbox-digitap"
SANDBOX_SECRET: Final = "sandbox-digitap-secret"  # noqa: S105 # it opens this sandbox only
WRONG_OTP: Final = "000000"
EXPIRED_OTP: Final = "999999"

_LIFE: Final = timedelta(minutes=10)
_TRIES: Final = 3
_INDIA: Final = ZoneInfo("Asia/Kolkata")
_FORMATS: Final[Mapping[str, str]] = {
    "client_ref_num": r".{1,45}",
    "pan": r"[A-Z]{5}[0-9]{4}[A-Z]",
    "mobile": r"[6-9][0-9]{9}",
    "uan": r"[0-9]{12}",
    "uniqueId": r".{1,45}",
    "uid": r"[0-9]{12}",
    "shareCode": r"[0-9]{4}",
    "otp": r"[0-9]{6}",
    "transactionId": r".+",
    "fwdp": r".+",
    "codeVerifier": r".+",
}


def settings(base_url: str) -> dict[str, object]:
    """Return settings for the adapters of either port."""
    return {
        "account": SANDBOX_CLIENT,
        "svc_url": f"{base_url}/svc",
        "api_url": f"{base_url}/api",
        "client_id": SANDBOX_CLIENT,
        "client_secret": SANDBOX_SECRET,
    }


class Digitap:
    """The two hosts of one company."""

    name = "digitap"

    def __init__(self, world: World) -> None:
        self._world = world
        self._ekyc = world.state(self.name)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        products = {
            "/svc/validation/kyc/v1/pan_details_plus": (self._pan, ("client_ref_num", "pan")),
            "/svc/cv/uan_lookup": (self._uan_lookup, ("client_ref_num", "mobile")),
            "/svc/cv/v4/uan_basic/sync": (self._uan_history, ("client_ref_num", "uan")),
            "/api/ent/v3/kyc/intiate-kyc-auto": (self._start, ("uniqueId", "uid")),
            "/api/ent/v3/kyc/submit-otp": (
                self._submit,
                ("shareCode", "otp", "transactionId", "fwdp", "codeVerifier"),
            ),
        }
        refuse = _refused_svc if request.url.path.startswith("/svc/") else _refused_api
        if request.url.path not in products or request.method != "POST":
            return refuse(404, "no such product")
        if not _is_client(request):
            return refuse(401, "Client Authentication Failed")
        product, required = products[request.url.path]
        body = _json(request)
        for field in required:
            value = body.get(field)
            if not isinstance(value, str) or not re.fullmatch(_FORMATS[field], value):
                return refuse(400, f"{field} is missing or malformed")
        return product(body)

    # -- registers ---------------------------------------------------------------------------

    def _pan(self, body: dict[str, Any]) -> httpx.Response:
        person = self._world.personas.by_pan(body["pan"])
        if person is None:
            return _found(body, 103, message="No record found")
        return _found(body, 101, _pan_details(person))

    def _uan_lookup(self, body: dict[str, Any]) -> httpx.Response:
        person = self._world.personas.by_phone(body["mobile"])
        if person is None:
            return _found(body, 103, message="No UAN found")
        return _found(body, 101, {"uan": [person.uan]})

    def _uan_history(self, body: dict[str, Any]) -> httpx.Response:
        person = self._world.personas.by_uan(body["uan"])
        if person is None:
            return _found(body, 103, message="No record found")
        return _found(body, 101, _history(person, self._world.clock().astimezone(_INDIA)))

    # -- Aadhaar e-KYC -----------------------------------------------------------------------

    def _start(self, body: dict[str, Any]) -> httpx.Response:
        if not aadhaar_number.is_valid(body["uid"]):
            return _refused_api(400, "Invalid Aadhaar number", http=200)
        person = self._world.personas.by_aadhaar(body["uid"])
        if person is None:
            return _refused_api(400, "Aadhaar number does not exist", http=200)
        otp = _otp()
        model = {
            "transactionId": secrets.token_hex(8),
            "fwdp": secrets.token_urlsafe(24),
            "codeVerifier": secrets.token_urlsafe(24),
        }
        self._ekyc.put(
            model["transactionId"],
            {
                **model,
                "person": person.key,
                "uniqueId": body["uniqueId"],
                "otp": otp,
                "wrong": 0,
                "spent": False,
                "at": self._world.clock().isoformat(),
            },
        )
        self._world.tell(
            vendor="uidai",
            channel="SMS",
            to=person.phone,
            text=f"{otp} is the OTP for your Aadhaar (XX{person.aadhaar[-4:]}), valid for 10"
            " minutes. Do not tell it to anybody. UIDAI",
            variables={"otp": otp},
        )
        return httpx.Response(200, json={"code": "200", "msg": "success", "model": model})

    def _submit(self, body: dict[str, Any]) -> httpx.Response:
        begun = self._ekyc.get(body["transactionId"])
        if begun is None or any(body[name] != begun[name] for name in ("fwdp", "codeVerifier")):
            return _refused_api(400, "Invalid transaction", http=200)
        if (refusal := self._otp_refusal(begun, body["otp"])) is not None:
            return _refused_api(400, refusal, http=200)
        self._ekyc.put(body["transactionId"], {**begun, "spent": True})
        person = self._world.personas[str(begun["person"])]
        model = _ekyc(person, str(begun["uniqueId"]), self._world.clock().astimezone(_INDIA))
        return httpx.Response(200, json={"code": "200", "msg": "success", "model": model})

    def _otp_refusal(self, begun: dict[str, Any], otp: str) -> str | None:
        if begun["spent"]:
            return "OTP already used"
        age = self._world.clock() - datetime.fromisoformat(begun["at"])
        if otp == EXPIRED_OTP or age > _LIFE:
            return "OTP expired"
        if begun["wrong"] >= _TRIES:
            return "OTP attempts exceeded"
        if not hmac.compare_digest(otp, begun["otp"]):
            self._ekyc.put(begun["transactionId"], {**begun, "wrong": begun["wrong"] + 1})
            return "Invalid OTP"
        return None


def _otp() -> str:
    """Return six digits that mean nothing else."""
    while (otp := f"{secrets.randbelow(1_000_000):06d}") in {WRONG_OTP, EXPIRED_OTP}:
        continue
    return otp


def _is_client(request: httpx.Request) -> bool:
    pair = base64.b64encode(f"{SANDBOX_CLIENT}:{SANDBOX_SECRET}".encode()).decode()
    return hmac.compare_digest(
        request.headers.get("authorization", "").encode(), f"Basic {pair}".encode()
    )


def _json(request: httpx.Request) -> dict[str, Any]:
    try:
        body = httpx.Response(200, content=request.content).json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _refused_svc(status: int, error: str) -> httpx.Response:
    return httpx.Response(status, json={"http_response_code": status, "error": error})


def _refused_api(code: int, message: str, *, http: int | None = None) -> httpx.Response:
    body = {"code": str(code), "msg": message, "model": None}
    return httpx.Response(http or code, json=body)


def _found(
    body: dict[str, Any], code: int, result: object = None, *, message: str = "Success"
) -> httpx.Response:
    answer = {
        "http_response_code": 200,
        "result_code": code,
        "request_id": secrets.token_hex(16),
        "client_ref_num": body["client_ref_num"],
        "message": message,
    }
    return httpx.Response(200, json=answer if result is None else {**answer, "result": result})


# -- what the authorities know ------------------------------------------------------------------


def _pan_details(person: Persona) -> dict[str, object]:
    home = person.address
    return {
        "pan": person.pan,
        "pan_type": "Individual",
        "fullname": person.full_name.upper(),
        "first_name": person.first_name.upper(),
        "middle_name": person.middle_name.upper(),
        "last_name": person.last_name.upper(),
        "gender": {"M": "male", "F": "female"}[person.gender],
        "aadhaar_number": f"XXXXXXXX{person.aadhaar[-4:]}",
        "aadhaar_linked": True,
        "dob": f"{person.born_on:%d/%m/%Y}",
        "address": {
            "building_name": home.line1.upper(),
            "locality": home.locality.upper(),
            "street_name": "",
            "pincode": home.pincode,
            "city": home.city.upper(),
            "state": home.state.upper(),
            "country": "INDIA",
        },
        "mobile": f"{person.phone[0]}XXXXXX{person.phone[-3:]}",
        "email": f"{person.email[0]}***@{person.email.partition('@')[2]}",
        "is_salaried": True,
        "is_director": False,
        "is_sole_proprietor": False,
        "pan_status": "Active",
        "pan_allotment_date": f"{person.born_on.year + 19}-04-01",
    }


def _ekyc(person: Persona, unique_id: str, now: datetime) -> dict[str, object]:
    home = person.address
    return {
        "uniqueId": unique_id,
        "referenceId": f"{person.aadhaar[-4:]}{now:%Y%m%d%H%M%S%f}"[:21],
        "maskedAdharNumber": f"xxxxxxxx{person.aadhaar[-4:]}",
        "name": person.aadhaar_name,
        "gender": person.gender,
        "dob": f"{person.born_on:%d-%m-%Y}",
        "careOf": "",
        "address": {
            "house": home.line1,
            "street": "",
            "landmark": "",
            "loc": home.locality,
            "po": home.locality,
            "dist": home.district,
            "subdist": "",
            "vtc": home.city,
            "pc": home.pincode,
            "state": home.state,
            "country": "India",
        },
        "image": "",
        "link": None,
        "pdfLink": None,
        "isXmlValid": True,
    }


def _history(person: Persona, now: datetime) -> dict[str, object]:
    months = (now.year - person.joined_on.year) * 12 + now.month - person.joined_on.month
    return {
        "uan": [person.uan],
        "summary": {
            "recent_employer_data": {
                "member_id": f"MHPUN{person.uan[-7:]}000{person.uan[-7:]}",
                "establishment_id": f"MHPUN{person.uan[-7:]}000",
                "establishment_name": person.employer.upper(),
                "date_of_joining": person.joined_on.isoformat(),
                "date_of_exit": "",
                "leave_reason": "",
                "employer_confidence_score": 96.5,
                "matching_uan": person.uan,
            },
            "matching_uan": person.uan,
            "is_employed": True,
            "uan_count": 1,
            "date_of_exit_marked": False,
        },
        "uan_details": {
            person.uan: {
                "basic_details": {
                    "name": person.full_name.upper(),
                    "gender": {"M": "MALE", "F": "FEMALE"}[person.gender],
                    "date_of_birth": person.born_on.isoformat(),
                    "mobile": f"{person.phone[0]}XXXXXX{person.phone[-3:]}",
                    "employee_confidence_score": 98.0,
                    "aadhaar_verification_status": 1,
                }
            }
        },
        "employment_history": [
            {
                "establishment_name": person.employer.upper(),
                "date_of_joining": person.joined_on.isoformat(),
                "date_of_exit": "",
                "employment_period_in_months": months,
                "is_recent": True,
                "is_employed": True,
                "matched_name": "",
                "is_name_exact": True,
            }
        ],
    }
