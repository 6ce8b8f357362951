"""Equifax, imitated: consumer credit reports as JSON.

Checks: the credentials in the body, product and version, purpose, every required field and its
form, that a PAN is given. Answers: the persona's bureau file as a CCR report, its months counted
back from the world's clock; `GSWDOE116` for a PAN that is nobody's or a date of birth that is not
that person's; a report with score -1 and no accounts for who is new to credit. Refusals come with
HTTP 200, as the vendor's.

Every pull leaves an enquiry of ours, listed in the person's later reports. State: those.

Inferred: which of E0401 to E0420 stands for which fault.
"""

import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx

from los_adapters.sandbox.personas import Persona, Tradeline
from los_adapters.sandbox.world import World

SANDBOX_CUSTOMER: Final = "21"
SANDBOX_USER: Final = "SANDBOX_UAT"
SANDBOX_PASSWORD: Final = "sandbox-equifax-password"  # noqa: S105 # it opens this sandbox only
SANDBOX_MEMBER: Final = "000FZ00021"
SANDBOX_CODE: Final = "S4X"

_PATHS: Final = frozenset({"/cir360service/cir360report", "/cir360Report/cir360Report"})
_INDIA: Final = ZoneInfo("Asia/Kolkata")
_OURS: Final = "SANDBOX LENDER"
_MONTHS: Final = 48

Json = dict[str, Any]


def settings(base_url: str) -> dict[str, object]:
    """Return settings for the adapter."""
    return {
        "account": SANDBOX_MEMBER,
        "base_url": base_url,
        "customer_id": SANDBOX_CUSTOMER,
        "user_id": SANDBOX_USER,
        "password": SANDBOX_PASSWORD,
        "member_number": SANDBOX_MEMBER,
        "security_code": SANDBOX_CODE,
    }


class Equifax:
    """One bureau."""

    name = "equifax"

    def __init__(self, world: World) -> None:
        self._world = world
        self._pulls = world.state(self.name)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.method != "POST" or request.url.path not in _PATHS:
            return httpx.Response(404, json={"message": "no such service"})
        asked = _json(request)
        header, body = _part(asked, "RequestHeader"), _part(asked, "RequestBody")
        if (fault := _fault(header, body)) is not None:
            return self._refused(header, *fault)
        pan = next(
            str(detail["IDValue"]) for detail in body["IDDetails"] if detail["IDType"] == "T"
        )
        person = self._world.personas.by_pan(pan)
        if person is None or person.born_on.isoformat() != body["DOB"]:
            return self._not_found(header)
        report = self._report(header, body, person)
        self._remember(person, str(body["TransactionAmount"]))
        return httpx.Response(200, json=report)

    def _now(self) -> datetime:
        return self._world.clock().astimezone(_INDIA)

    def _header(self, header: Json, *, success: bool) -> Json:
        return {
            "ClientID": SANDBOX_MEMBER,
            "CustRefField": str(header.get("CustRefField", "")),
            "ReportOrderNO": f"26{self._pulls.next_number('report'):07d}",
            "ProductCode": ["CCR"],
            "SuccessCode": "1" if success else "0",
            "Date": f"{self._now():%Y-%m-%d}",
            "Time": f"{self._now():%H:%M:%S}",
        }

    def _refused(self, header: Json, code: str, text: str) -> httpx.Response:
        answer = {
            "InquiryResponseHeader": self._header(header, success=False),
            "Error": {"ErrorCode": code, "ErrorDesc": text},
        }
        return httpx.Response(200, json=answer)

    def _not_found(self, header: Json) -> httpx.Response:
        error = {"ErrorCode": "GSWDOE116", "ErrorDesc": "Consumer record not found"}
        answer = {
            "InquiryResponseHeader": self._header(header, success=True),
            "CCRResponse": {"Status": "1", "CIRReportDataLst": [{"Error": error}]},
        }
        return httpx.Response(200, json=answer)

    def _report(self, header: Json, body: Json, person: Persona) -> Json:
        today = self._now().date()
        enquiries = [*self._earlier_pulls(person), *_enquiries(person, today)]
        accounts = [
            _account(number, line, today) for number, line in enumerate(person.bureau.tradelines, 1)
        ]
        data = {
            "IDAndContactInfo": _contact(person, today),
            "ScoreDetails": [_score(person)],
            "RetailAccountDetails": accounts,
            "RetailAccountsSummary": _summary(person),
            "Enquiries": [
                {"seq": str(number), **enquiry} for number, enquiry in enumerate(enquiries)
            ],
            "EnquirySummary": _enquiry_summary(enquiries, today),
        }
        entry = {
            "InquiryResponseHeader": {"HitCode": "10", "CustomerName": "SANDBOX"},
            "InquiryRequestInfo": body,
            "CIRReportData": data,
        }
        return {
            "InquiryResponseHeader": self._header(header, success=True),
            "InquiryRequestInfo": body,
            "CCRResponse": {"Status": "1", "CIRReportDataLst": [entry]},
        }

    def _earlier_pulls(self, person: Persona) -> list[Json]:
        kept: Json = self._pulls.get(person.key) or {}
        return [*reversed(kept.get("pulls", []))]

    def _remember(self, person: Persona, amount: str) -> None:
        kept: Json = self._pulls.get(person.key) or {}
        pull = _enquiry(_OURS, self._now().date(), amount, time=f"{self._now():%H:%M}")
        self._pulls.put(person.key, {"pulls": [*kept.get("pulls", []), pull]})


# -- checks ------------------------------------------------------------------------------------


def _fault(header: Json, body: Json) -> tuple[str, str] | None:
    """Return the error of a request that is refused, None for a sound one."""
    credentials = {
        "CustomerId": SANDBOX_CUSTOMER,
        "UserId": SANDBOX_USER,
        "Password": SANDBOX_PASSWORD,
        "MemberNumber": SANDBOX_MEMBER,
        "SecurityCode": SANDBOX_CODE,
    }
    for field, wanted in credentials.items():
        if not hmac.compare_digest(str(header.get(field, "")).encode(), wanted.encode()):
            return "E0401", "Authentication failed: check credentials"
    if header.get("ProductVersion") != "4.5" or header.get("ProductCode") != ["CCR"]:
        return "E0404", "Product not available"
    if not re.fullmatch(r".{1,40}", str(header.get("CustRefField", ""))):
        return "E0405", "CustRefField missing or too long"
    for field, (form, part) in _REQUIRED.items():
        if not re.fullmatch(form, part(body)):
            return "E0412", f"{field} missing or invalid"
    return None


def _first(body: Json, name: str) -> Json:
    """Return the first entry of a list in the body, {} if there is none."""
    listed = body.get(name)
    return listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}


def _own(name: str) -> Callable[[Json], str]:
    return lambda body: str(body.get(name, ""))


def _in(listed: str, name: str) -> Callable[[Json], str]:
    return lambda body: str(_first(body, listed).get(name, ""))


_REQUIRED: Final[Mapping[str, tuple[str, Callable[[Json], str]]]] = {
    "InquiryPurpose": (r"\d{2}", _own("InquiryPurpose")),
    "TransactionAmount": (r"[1-9]\d{0,8}", _own("TransactionAmount")),
    "FirstName": (r".{1,50}", _own("FirstName")),
    "DOB": (r"\d{4}-\d{2}-\d{2}", _own("DOB")),
    "Gender": (r"[MFT]?", _own("Gender")),
    "InquiryAddresses.AddressLine1": (r".{1,200}", _in("InquiryAddresses", "AddressLine1")),
    "InquiryAddresses.State": (r"[A-Z]{2}", _in("InquiryAddresses", "State")),
    "InquiryAddresses.Postal": (r"[1-9]\d{5}", _in("InquiryAddresses", "Postal")),
    "InquiryPhones.Number": (r"[6-9]\d{9}", _in("InquiryPhones", "Number")),
    "IDDetails.IDType": (r"T", _in("IDDetails", "IDType")),
    "IDDetails.IDValue": (r"[A-Z]{5}\d{4}[A-Z]", _in("IDDetails", "IDValue")),
    "IDDetails.Source": (r"Inquiry", _in("IDDetails", "Source")),
}


def _json(request: httpx.Request) -> Json:
    try:
        body = httpx.Response(200, content=request.content).json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _part(asked: Json, name: str) -> Json:
    part = asked.get(name)
    return part if isinstance(part, dict) else {}


# -- the report --------------------------------------------------------------------------------


def _rupees(paise: int) -> str:
    rupees, rest = divmod(abs(paise), 100)
    sign = "-" if paise < 0 else ""
    return f"{sign}{rupees}.{rest:02d}" if rest else f"{sign}{rupees}"


def _contact(person: Persona, today: date) -> Json:
    home, reported = person.address, f"{today.replace(day=1) - timedelta(days=1):%Y-%m-%d}"
    return {
        "PersonalInfo": {
            "Name": {
                "FullName": person.full_name.upper(),
                "FirstName": person.first_name.upper(),
                "MiddleName": person.middle_name.upper(),
                "LastName": person.last_name.upper(),
            },
            "DateOfBirth": person.born_on.isoformat(),
            "Gender": {"M": "Male", "F": "Female"}[person.gender],
        },
        "IdentityInfo": {"PANId": [{"seq": "1", "ReportedDate": reported, "IdNumber": person.pan}]},
        "AddressInfo": [
            {
                "Seq": "1",
                "ReportedDate": reported,
                "Address": f"{home.line1} {home.locality} {home.city}".upper(),
                "State": home.state_code,
                "Postal": home.pincode,
                "Type": "Primary",
            }
        ],
        "PhoneInfo": [
            {"seq": "1", "typeCode": "M", "ReportedDate": reported, "Number": person.phone}
        ],
        "EmailAddressInfo": [
            {"seq": "1", "ReportedDate": reported, "EmailAddress": person.email.upper()}
        ],
    }


def _score(person: Persona) -> Json:
    score: Json = {"Type": "ERS", "Version": "4.0", "Name": "RTL.ERS4.0"}
    reason = ("7a", "Low balance to limit") if person.bureau.score > 650 else ("9b", "Past dues")
    if person.bureau.score < 0:
        reason = ("1a", "No credit history")
    code, text = reason
    return {
        **score,
        "Value": str(person.bureau.score),
        "ScoringElements": [{"type": "RES", "seq": "1", "code": code, "Description": text}],
    }


def _account(number: int, line: Tradeline, today: date) -> Json:
    reported = today.replace(day=1) - timedelta(days=1)
    newest = line.history[0] if line.history else 0
    account: Json = {
        "seq": str(number),
        "AccountNumber": line.account_number,
        "Institution": line.lender,
        "AccountType": line.account_type,
        "OwnershipType": "Individual",
        "Open": "No" if line.closed_on else "Yes",
        "Balance": _rupees(line.balance),
        "PastDueAmount": _rupees(line.overdue),
        "SanctionAmount": _rupees(line.sanctioned),
        "HighCredit": _rupees(line.sanctioned),
        "DateReported": (line.closed_on or reported).isoformat(),
        "DateOpened": line.opened_on.isoformat(),
        "DateClosed": line.closed_on.isoformat() if line.closed_on else "",
        "InterestRate": "",
        "AccountStatus": _status(line, newest),
        "AssetClassification": "" if line.closed_on else _asset(newest),
        "source": "INDIVIDUAL",
        "History48Months": list(_history(line, today)),
    }
    if line.credit_limit is not None:
        account["CreditLimit"] = _rupees(line.credit_limit)
    if line.emi:
        account |= {"InstallmentAmount": _rupees(line.emi), "TermFrequency": "Monthly"}
    if line.tenure_months is not None:
        account["RepaymentTenure"] = str(line.tenure_months)
    if line.written_off:
        account["WriteOffAmount"] = _rupees(line.written_off)
    return account


def _status(line: Tradeline, newest: int) -> str:
    if line.written_off:
        return "Written-off"
    if line.closed_on:
        return "Closed Account"
    return f"{newest} days past due" if newest else "Current Account"


def _asset(days: int) -> str:
    return "STD" if days <= 90 else "SUB" if days <= 455 else "DBT"


def _history(line: Tradeline, today: date) -> Iterator[Json]:
    """Yield the months, the newest first: up to the closing month, or last month if open."""
    newest = line.closed_on or (today.replace(day=1) - timedelta(days=1))
    start = newest.year * 12 + newest.month - 1
    opened = line.opened_on.year * 12 + line.opened_on.month - 1
    for back in range(min(start - opened + 1, _MONTHS)):
        year, month = divmod(start - back, 12)
        told = line.history[back] if back < len(line.history) else None
        status = "*" if told is None else f"{min(told, 999):03d}"
        if line.closed_on and back == 0:
            status = "CLSD"
        elif start - back == opened and told == 0:
            status = "NEW"
        yield {
            "key": f"{month + 1:02d}-{year % 100:02d}",
            "PaymentStatus": status,
            "SuitFiledStatus": "*",
            "AssetClassificationStatus": "*" if told is None else _asset(told),
        }


def _summary(person: Persona) -> Json:
    lines = person.bureau.tradelines
    return {
        "NoOfAccounts": str(len(lines)),
        "NoOfActiveAccounts": str(sum(line.closed_on is None for line in lines)),
        "NoOfWriteOffs": str(sum(line.written_off > 0 for line in lines)),
        "TotalPastDue": _rupees(sum(line.overdue for line in lines)),
        "TotalBalanceAmount": _rupees(sum(line.balance for line in lines)),
        "TotalSanctionAmount": _rupees(sum(line.sanctioned for line in lines)),
        "TotalMonthlyPaymentAmount": _rupees(sum(line.emi for line in lines)),
        "NoOfPastDueAccounts": str(sum(line.overdue > 0 for line in lines)),
    }


def _enquiry(lender: str, made_on: date, rupees: str, *, time: str) -> Json:
    return {
        "Institution": lender,
        "Date": made_on.isoformat(),
        "Time": time,
        "RequestPurpose": "00",
        "Amount": rupees,
    }


def _enquiries(person: Persona, today: date) -> list[Json]:
    return [
        _enquiry(
            enquiry.lender,
            today - timedelta(days=enquiry.days_ago),
            _rupees(enquiry.amount),
            time="11:20",
        )
        for enquiry in person.bureau.enquiries
    ]


def _enquiry_summary(enquiries: list[Json], today: date) -> Json:
    ages = [(today - date.fromisoformat(enquiry["Date"])).days for enquiry in enquiries]
    return {
        "Purpose": "ALL",
        "Total": str(len(ages)),
        "Past30Days": str(sum(age <= 30 for age in ages)),
        "Past12Months": str(sum(age <= 365 for age in ages)),
        "Past24Months": str(sum(age <= 730 for age in ages)),
        "Recent": max((enquiry["Date"] for enquiry in enquiries), default=""),
    }
