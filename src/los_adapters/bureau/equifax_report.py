"""Reading Equifax's `CIRReportData` into a credit report.

Wire models with the fields we read, and pure functions over them. Asking for a report, errors and
no-hits are in `equifax`. What is inferred is said there.

Source: credit report schema, mapping for Equifax; bureau code tables.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel

from los_adapters.lenient import Amount as Rupees
from los_adapters.lenient import Day, Flag, Items, Number, Text, Whole
from los_core.domain.bureau import (
    CreditReport,
    Enquiry,
    Frequency,
    KnownAddress,
    Mark,
    MonthStatus,
    Outcome,
    Ownership,
    Score,
    Tradeline,
)
from los_core.domain.bureau_types import code_of


class _Reason(BaseModel):
    code: Text = ""
    Description: Text = ""


class _Score(BaseModel):
    Type: Text = ""
    Name: Text = ""
    Value: Whole = None
    ScoringElements: Items[_Reason] = []


class _Month(BaseModel):
    key: Text
    PaymentStatus: Text = ""
    SuitFiledStatus: Text = ""
    AssetClassificationStatus: Text = ""
    DaysPastDue: Text = ""


class _Account(BaseModel):
    seq: Text = ""
    AccountNumber: Text = ""
    Institution: Text = ""
    AccountType: Text = ""
    OwnershipType: Text = ""
    Open: Flag = None
    Balance: Rupees = None
    PastDueAmount: Rupees = None
    SanctionAmount: Rupees = None
    CreditLimit: Rupees = None
    HighCredit: Rupees = None
    InstallmentAmount: Rupees = None
    TermFrequency: Text = ""
    RepaymentTenure: Whole = None
    InterestRate: Number = None
    WriteOffAmount: Rupees = None
    DateOpened: Day = None
    DateClosed: Day = None
    DateReported: Day = None
    LastPaymentDate: Day = None
    AccountStatus: Text = ""
    AssetClassification: Text = ""
    SuitFiledStatus: Text = ""
    DaysPastDue: Text = ""
    History48Months: Items[_Month] = []


class _Enquiry(BaseModel):
    Institution: Text = ""
    Date: Day = None
    RequestPurpose: Text = ""
    Amount: Rupees = None


class _Name(BaseModel):
    FullName: Text = ""


class _Person(BaseModel):
    Name: _Name = _Name()
    DateOfBirth: Day = None


class _Id(BaseModel):
    IdNumber: Text = ""


class _Ids(BaseModel):
    PANId: Items[_Id] = []


class _Address(BaseModel):
    ReportedDate: Day = None
    Address: Text = ""
    State: Text = ""
    Postal: Text = ""


class _Phone(BaseModel):
    Number: Text = ""


class _Contact(BaseModel):
    PersonalInfo: _Person = _Person()
    IdentityInfo: _Ids = _Ids()
    AddressInfo: Items[_Address] = []
    PhoneInfo: Items[_Phone] = []


class ReportData(BaseModel):
    """The part of an answer that is the report."""

    IDAndContactInfo: _Contact = _Contact()
    ScoreDetails: Items[_Score] = []
    RetailAccountDetails: Items[_Account] = []
    Enquiries: Items[_Enquiry] = []


def to_report(data: ReportData, *, report_id: str, bureau_date: date) -> CreditReport:
    """Return the credit report that the data says. Raises: nothing; what is not told is absent."""
    contact = data.IDAndContactInfo
    scores = tuple(_to_score(score) for score in data.ScoreDetails)
    return CreditReport(
        bureau="EQUIFAX",
        report_id=report_id,
        bureau_date=bureau_date,
        outcome=_outcome(scores, has_accounts=bool(data.RetailAccountDetails)),
        scores=scores,
        tradelines=tuple(_to_tradeline(account) for account in data.RetailAccountDetails),
        enquiries=tuple(
            Enquiry(
                made_on=enquiry.Date,
                lender=enquiry.Institution,
                purpose=enquiry.RequestPurpose,
                amount=enquiry.Amount,
            )
            for enquiry in data.Enquiries
            if enquiry.Date is not None
        ),
        names=_told([contact.PersonalInfo.Name.FullName]),
        born_on=tuple(filter(None, [contact.PersonalInfo.DateOfBirth])),
        phones=_told(phone.Number for phone in contact.PhoneInfo),
        pan_last4s=_told(pan.IdNumber[-4:] for pan in contact.IdentityInfo.PANId),
        addresses=tuple(
            KnownAddress(
                text=address.Address,
                state=address.State,
                pincode=address.Postal,
                reported_on=address.ReportedDate,
            )
            for address in contact.AddressInfo
        ),
    )


def _outcome(scores: Iterable[Score], *, has_accounts: bool) -> Outcome:
    value = next((score.value for score in scores if score.value is not None), None)
    if not has_accounts or (value is not None and value <= 10):
        return Outcome.NTC
    return Outcome.PARTIAL if value is None else Outcome.HIT


def _to_score(score: _Score) -> Score:
    return Score(
        name=score.Name or score.Type,
        value=score.Value,
        raw="" if score.Value is None else str(score.Value),
        reasons=tuple(reason.Description or reason.code for reason in score.ScoringElements),
    )


def _told(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))


# -- accounts ----------------------------------------------------------------------------------

_OWNERSHIP: Final[Mapping[str, Ownership]] = MappingProxyType(
    {
        "individual": Ownership.INDIVIDUAL,
        "joint": Ownership.JOINT,
        "guarantor": Ownership.GUARANTOR,
        "authorised user": Ownership.AUTHORISED_USER,
        "authorized user": Ownership.AUTHORISED_USER,
        "supplementary card holder": Ownership.AUTHORISED_USER,
        "deceased": Ownership.DECEASED,
    }
)
_FREQUENCY: Final[Mapping[str, Frequency]] = MappingProxyType(
    {
        "daily": Frequency.DAILY,
        "weekly": Frequency.WEEKLY,
        "fortnightly": Frequency.FORTNIGHTLY,
        "biweekly": Frequency.FORTNIGHTLY,
        "monthly": Frequency.MONTHLY,
        "quarterly": Frequency.QUARTERLY,
        "halfyearly": Frequency.HALF_YEARLY,
        "yearly": Frequency.YEARLY,
        "annually": Frequency.YEARLY,
        "bullet": Frequency.BULLET,
        "bulletpayment": Frequency.BULLET,
        "ondemand": Frequency.ON_DEMAND,
    }
)
_MARKS: Final[tuple[tuple[str, Mark], ...]] = (
    (r"\bwill?ful", Mark.WILFUL_DEFAULT),
    (r"\b(?:written|write) ?off\b", Mark.WRITTEN_OFF),
    (r"\bsuit filed\b", Mark.SUIT_FILED),
    (r"\bsettled\b", Mark.SETTLED),
    (r"\bsold\b", Mark.SOLD),
    (r"\brestructured\b", Mark.RESTRUCTURED),
)


def _to_tradeline(account: _Account) -> Tradeline:
    months = sorted(
        ((month, named) for month in account.History48Months if (named := _month_of(month.key))),
        key=lambda pair: pair[1],
        reverse=True,
    )
    return Tradeline(
        ref=account.seq,
        lender=account.Institution,
        account_masked=account.AccountNumber,
        type_code=code_of(account.AccountType),
        type_label=account.AccountType,
        ownership=_OWNERSHIP.get(account.OwnershipType.casefold(), Ownership.UNKNOWN),
        open=_is_open(account),
        marks=_account_marks(account)
        | {mark for month, _ in months for mark in _month_marks(month)},
        marks_since=_marks_since(months),
        opened_on=account.DateOpened,
        closed_on=account.DateClosed,
        reported_on=account.DateReported,
        last_payment_on=account.LastPaymentDate,
        sanctioned=account.HighCredit if account.SanctionAmount is None else account.SanctionAmount,
        high_credit=account.HighCredit,
        credit_limit=account.CreditLimit,
        balance=account.Balance,
        overdue=account.PastDueAmount,
        emi=account.InstallmentAmount,
        frequency=_FREQUENCY.get(re.sub(r"[^a-z]", "", account.TermFrequency.casefold())),
        tenure_months=account.RepaymentTenure,
        rate_pct=account.InterestRate,
        written_off=account.WriteOffAmount,
        history=_history(account, months),
    )


def _is_open(account: _Account) -> bool:
    if account.Open is not None:
        return account.Open
    return account.DateClosed is None and "closed" not in account.AccountStatus.casefold()


def _account_marks(account: _Account) -> frozenset[Mark]:
    marks = {
        mark
        for said in (account.AccountStatus, account.SuitFiledStatus, account.AssetClassification)
        for mark in marks_in(said)
    }
    if account.WriteOffAmount is not None and account.WriteOffAmount > 0:
        marks.add(Mark.WRITTEN_OFF)
    return frozenset(marks)


def _month_marks(month: _Month) -> frozenset[Mark]:
    return marks_in(month.SuitFiledStatus)


def marks_in(said: str) -> frozenset[Mark]:
    """Return the marks a status text names: "Suit Filed, Wilful Default and Written off" three."""
    words = re.sub(r"[^a-z]+", " ", said.casefold()).strip()
    if re.match(r"no[tn]?\b", words):  # "No Suit Filed", "Not Written Off"
        return frozenset()
    return frozenset(mark for pattern, mark in _MARKS if re.search(pattern, words))


def _marks_since(months: Iterable[tuple[_Month, str]]) -> date | None:
    """Return the first day of the first month that bears a write-off or settlement."""
    lost = {Mark.WRITTEN_OFF, Mark.SETTLED}
    first = min((named for month, named in months if _month_marks(month) & lost), default=None)
    return None if first is None else date(int(first[:4]), int(first[5:]), 1)


# -- history -----------------------------------------------------------------------------------

_TOKENS: Final[Mapping[str, int | None]] = MappingProxyType(
    {"STD": 0, "NEW": 0, "CLSD": 0, "SMA": 61, "SUB": 91, "DBT": 181, "LSS": 361}
)
_BAD_ASSETS: Final = frozenset({"SMA", "SUB", "DBT", "LSS"})


def _history(account: _Account, months: Iterable[tuple[_Month, str]]) -> tuple[MonthStatus, ...]:
    """Return the months, newest first, a doubled month once at its worst.

    The account's own days past due stand for the month it was reported in, if that has none.
    """
    worst: dict[str, MonthStatus] = {}
    for entry in (*_statuses(months), *_reported_month(account)):
        known = worst.get(entry.month)
        if known is None or _rank(entry) > _rank(known):
            worst[entry.month] = entry
    return tuple(worst[month] for month in sorted(worst, reverse=True))


def _statuses(months: Iterable[tuple[_Month, str]]) -> Iterator[MonthStatus]:
    for month, named in months:
        yield MonthStatus(named, _dpd(month), month.PaymentStatus)


def _reported_month(account: _Account) -> Iterator[MonthStatus]:
    days = _days(account.DaysPastDue)
    if days is not None and account.DateReported is not None:
        yield MonthStatus(f"{account.DateReported:%Y-%m}", days, account.DaysPastDue)


def _rank(entry: MonthStatus) -> int:
    return -1 if entry.dpd is None else entry.dpd


def _month_of(key: str) -> str:
    """Return "YYYY-MM" for "MM-YY" (or "MM-YYYY"), "" for anything else."""
    found = re.fullmatch(r"(0[1-9]|1[0-2])-(?:20)?(\d{2})", key)
    return f"20{found[2]}-{found[1]}" if found else ""


def _dpd(month: _Month) -> int | None:
    """Return a month's days past due: counted, else as a word of the payment, else of the asset."""
    for said in (month.PaymentStatus, month.DaysPastDue):
        if (days := _days(said)) is not None:
            return days
    if month.PaymentStatus.upper() in _TOKENS:
        return _TOKENS[month.PaymentStatus.upper()]
    asset = month.AssetClassificationStatus.upper()
    return _TOKENS[asset] if asset in _BAD_ASSETS else None


def _days(said: str) -> int | None:
    found = re.fullmatch(r"(\d{1,4})\+?", said)
    return int(found[1]) if found else None
