"""Equifax India: consumer credit report (CCR), JSON.

API: `POST /cir360service/cir360report` (test host: `/cir360Report/cir360Report`), product CCR,
version 4.5, score ERS 4.0. Source: public clients and report samples of CIR 360.
Auth: credentials in the body's `RequestHeader`; allowed addresses are registered with Equifax.
Units: rupees as text, with or without commas and decimals; dates YYYY-MM-DD, months MM-YY.
Idempotency: none; `CustRefField` only comes back. Every pull is billed and leaves an enquiry.
Webhook: none.
Limits: synchronous, 45 seconds; history of 48 months.

Inferred: what the error codes E0401 to E0420 mean, so their text decides whether our credentials
are at fault; that a score up to 10, or a report without accounts, means new to credit; the days
past due of asset words (SMA 61, SUB 91, DBT 181, LSS 361, the conservative reading).

The answer carries the enquiry back and names the person: it is returned as `raw` for the caller
to seal, and nothing of it is in an error.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, SecretStr

from los_adapters.bureau.equifax_report import ReportData, to_report
from los_adapters.client import Http
from los_adapters.lenient import Day, Items, Text
from los_adapters.provider import Provider, ProviderSettings
from los_core.domain.bureau import CreditReport, Outcome
from los_core.ports.bureau import CreditBureau, Inquiry, Pulled
from los_core.ports.errors import ProviderError

DEADLINE_S = 45.0
NOT_FOUND = "GSWDOE116"


class Settings(ProviderSettings, frozen=True):
    """The member's credentials; `path` differs between the test and the production host."""

    base_url: str = "https://ists.equifax.co.in"
    path: str = "/cir360service/cir360report"
    customer_id: str
    user_id: str
    password: SecretStr
    member_number: str
    security_code: SecretStr
    product_version: str = "4.5"
    purpose: str = "00"
    score_version: str = "4.0"


class _Error(BaseModel):
    ErrorCode: Text = ""
    ErrorDesc: Text = ""


class _Header(BaseModel):
    CustRefField: Text = ""
    ReportOrderNO: Text = ""
    SuccessCode: Text = ""
    Date: Day = None


class _Entry(BaseModel):
    Error: _Error | None = None
    CIRReportData: ReportData | None = None


class _Ccr(BaseModel):
    CIRReportDataLst: Items[_Entry] = []


class _Answer(BaseModel):
    InquiryResponseHeader: _Header
    CCRResponse: _Ccr = _Ccr()
    Error: _Error | None = None


class Equifax:
    """Credit reports from Equifax."""

    def __init__(self, settings: Settings, http: Http) -> None:
        self._settings = settings
        self._http = http

    def pull(self, inquiry: Inquiry) -> Pulled:
        """Fetch a report; see the port."""
        # Asking again is sound, if not free: a pull that was lost is no effect to inquire about.
        response = self._http.call(
            "POST",
            self._settings.base_url + self._settings.path,
            operation="pull",
            effect=False,
            json=_request(self._settings, inquiry),
            deadline_s=DEADLINE_S,
        )
        if response.status_code >= 400:
            raise self._http.rejected("pull", str(response.status_code))
        answer = self._http.parsed(response, _Answer, effect=False)
        if answer.InquiryResponseHeader.CustRefField not in {"", inquiry.reference}:
            raise self._http.unreadable("pull", "report for another inquiry", effect=False)
        return Pulled(report=self._read(answer), raw=response.content)

    def _read(self, answer: _Answer) -> CreditReport:
        header = answer.InquiryResponseHeader
        entry = next(iter(answer.CCRResponse.CIRReportDataLst), _Entry())
        error = answer.Error or entry.Error
        if error is not None and error.ErrorCode != NOT_FOUND:
            raise _refused(self._http, error)
        if header.Date is None:
            raise self._http.unreadable("pull", "undated report", effect=False)
        if error is not None:
            return CreditReport(
                bureau="EQUIFAX",
                report_id=header.ReportOrderNO,
                bureau_date=header.Date,
                outcome=Outcome.NO_HIT,
            )
        if header.SuccessCode != "1" or entry.CIRReportData is None:
            raise self._http.unreadable("pull", "neither report nor error", effect=False)
        return to_report(
            entry.CIRReportData, report_id=header.ReportOrderNO, bureau_date=header.Date
        )


def _refused(http: Http, error: _Error) -> ProviderError:
    """Return the error for a code: by its text, our credentials' fault or the request's."""
    about_us = r"authenti|authori[sz]|credential|password|user ?id|member|security code|permission"
    if re.search(about_us, error.ErrorDesc.casefold()):
        return http.misconfigured("pull", error.ErrorCode)
    return http.rejected("pull", error.ErrorCode)


def _request(settings: Settings, inquiry: Inquiry) -> dict[str, object]:
    return {
        "RequestHeader": {
            "CustomerId": settings.customer_id,
            "UserId": settings.user_id,
            "Password": settings.password.get_secret_value(),
            "MemberNumber": settings.member_number,
            "SecurityCode": settings.security_code.get_secret_value(),
            "ProductVersion": settings.product_version,
            "CustRefField": inquiry.reference,
            "ProductCode": ["CCR"],
        },
        "RequestBody": {
            "InquiryPurpose": settings.purpose,
            "TransactionAmount": _rupees(inquiry.amount),
            "FirstName": inquiry.first_name,
            "MiddleName": inquiry.middle_name,
            "LastName": inquiry.last_name,
            "DOB": inquiry.born_on.isoformat(),
            "Gender": inquiry.gender,
            "InquiryAddresses": [
                {
                    "seq": "1",
                    "AddressType": ["H"],
                    "AddressLine1": inquiry.address,
                    "City": inquiry.city,
                    "State": state_code(inquiry.state),
                    "Postal": inquiry.pincode,
                }
            ],
            "InquiryPhones": [{"seq": "1", "Number": inquiry.phone, "PhoneType": ["M"]}],
            "EmailAddresses": (
                [{"seq": "1", "Email": inquiry.email, "EmailType": ["O"]}] if inquiry.email else []
            ),
            "IDDetails": [{"seq": "1", "IDType": "T", "IDValue": inquiry.pan, "Source": "Inquiry"}],
        },
        "Score": [{"Type": "ERS", "Version": settings.score_version}],
    }


def _rupees(paise: int) -> str:
    """Return whole rupees as text, half up: the amount asked for is only an indication."""
    return str((paise + 50) // 100)


def state_code(state: str) -> str:
    """Return the two letters for a state or union territory, "" for a name not known."""
    name = re.sub(r"[^A-Z]+", " ", state.upper().replace("&", " AND ")).strip()
    if name in _STATES.values():
        return name
    return _STATES.get(name, "")


_STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ANDAMAN AND NICOBAR ISLANDS": "AN",
        "ANDHRA PRADESH": "AP",
        "ARUNACHAL PRADESH": "AR",
        "ASSAM": "AS",
        "BIHAR": "BR",
        "CHANDIGARH": "CH",
        "CHHATTISGARH": "CG",
        "DADRA AND NAGAR HAVELI AND DAMAN AND DIU": "DD",
        "DADRA AND NAGAR HAVELI": "DN",
        "DAMAN AND DIU": "DD",
        "DELHI": "DL",
        "NCT OF DELHI": "DL",
        "GOA": "GA",
        "GUJARAT": "GJ",
        "HARYANA": "HR",
        "HIMACHAL PRADESH": "HP",
        "JAMMU AND KASHMIR": "JK",
        "JHARKHAND": "JH",
        "KARNATAKA": "KA",
        "KERALA": "KL",
        "LADAKH": "LA",
        "LAKSHADWEEP": "LD",
        "MADHYA PRADESH": "MP",
        "MAHARASHTRA": "MH",
        "MANIPUR": "MN",
        "MEGHALAYA": "ML",
        "MIZORAM": "MZ",
        "NAGALAND": "NL",
        "ODISHA": "OR",
        "ORISSA": "OR",
        "PUDUCHERRY": "PY",
        "PONDICHERRY": "PY",
        "PUNJAB": "PB",
        "RAJASTHAN": "RJ",
        "SIKKIM": "SK",
        "TAMIL NADU": "TN",
        "TELANGANA": "TS",
        "TRIPURA": "TR",
        "UTTAR PRADESH": "UP",
        "UTTARAKHAND": "UK",
        "WEST BENGAL": "WB",
    }
)


PROVIDER: Provider[Settings, CreditBureau] = Provider(Settings, Equifax)
