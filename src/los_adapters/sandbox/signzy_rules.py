"""What the imitated Signzy demands of a docket, and the Aadhaar authority of a signer. No state."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

from pypdf.errors import PyPdfError
from rapidfuzz import fuzz

from los_adapters.sandbox.personas import Persona
from los_adapters.sandbox.signed_pdf import is_readable

_MAX_PDF: Final = 10 * 1024 * 1024
_FORMS: Final[Mapping[str, str]] = {
    "contractName": r".{1,150}",
    "successRedirectUrl": r"https?://.{1,500}",
    "failureRedirectUrl": r"https?://.{1,500}",
    "callbackUrl": r"https?://.{1,500}",
}
_SIGNER_FORMS: Final[Mapping[str, str]] = {
    "signerName": r".{1,100}",
    "signatureType": r"AADHAARESIGN-(OTP|FINGERPRINT|FACEAUTH)",
    "signerMobile": r"[6-9]\d{9}",
    "uidLastFourDigits": r"(\d{4})?",
    "signerYearOfBirth": r"(\d{4})?",
    "signerEmail": r".{0,200}",
}

Record = dict[str, Any]


def fault_of(asked: Record) -> str:
    """Return the name of the first field that breaks a rule, "" if none does."""
    signers = asked.get("signerdetail")
    if not isinstance(signers, list) or len(signers) != 1 or not isinstance(signers[0], dict):
        return "signerdetail"
    for fields, forms in ((asked, _FORMS), (signers[0], _SIGNER_FORMS)):
        for name, form in forms.items():
            if not re.fullmatch(form, str(fields.get(name, ""))):
                return name
    life = asked.get("contractTtl")
    if life is not None and not (type(life) is int and life > 0):
        return "contractTtl"
    if not re.fullmatch(r"|0\.\d\d|1\.00", str(asked.get("nameMatchThreshold", ""))):
        return "nameMatchThreshold"
    return "" if _is_pdf(asked.get("pdf")) else "pdf"


def _is_pdf(text: object) -> bool:
    try:
        content = base64.b64decode(str(text), validate=True)
        return len(content) <= _MAX_PDF and is_readable(content)
    except (binascii.Error, PyPdfError):
        return False


def mismatch(contract: Record, persona: Persona | None, last4: str) -> str:
    """Return why the Aadhaar authority does not let this person sign this docket, "" if it does."""
    signer = contract["signer"]
    if persona is None:
        return "AADHAAR_NOT_LINKED"
    wanted = signer.get("uidLastFourDigits") or last4
    if last4 != persona.aadhaar[-4:] or wanted != last4:
        return "LAST4_MISMATCH"
    year = signer.get("signerYearOfBirth")
    if contract["year_matters"] and year and year != str(persona.born_on.year):
        return "YOB_MISMATCH"
    alike = fuzz.token_sort_ratio(signer["signerName"].upper(), persona.aadhaar_name.upper())
    return "NAME_MISMATCH" if alike < contract["name_match"] * 100 else ""


def certificate(persona: Persona) -> Record:
    """Return what the signature's certificate says of its holder."""
    return {
        "name": persona.aadhaar_name.upper(),
        "gender": persona.gender,
        "yob": str(persona.born_on.year),
        "state": persona.address.state,
        "pincode": persona.address.pincode,
        "uidLastFourDigits": persona.aadhaar[-4:],
    }
