"""A credit report, the same whichever bureau wrote it: scores, accounts, enquiries, identity.

These are values only. What rules read of a report (`bureau.*`) is in `bureau_figures`, the account
types are in `bureau_types`; how a bureau's file becomes a report is its adapter's business, and the
file itself is kept elsewhere, sealed. Amounts are paise, months "YYYY-MM", absent facts None (never
0) or "". A report has a document form, so that a decision can be run again from it.

Source: provider-independent credit report schema.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

import attrs

from los_core.domain.bureau_types import AccountType, account_type
from los_core.domain.canonical import Document
from los_core.domain.errors import Invalid
from los_core.domain.money import Paise


class Outcome(StrEnum):
    """What asking came to: NTC is known but new to credit, PARTIAL a report without its score."""

    HIT = "HIT"
    NO_HIT = "NO_HIT"
    NTC = "NTC"
    PARTIAL = "PARTIAL"


class Ownership(StrEnum):
    """In which part the person stands on an account."""

    INDIVIDUAL = "INDIVIDUAL"
    JOINT = "JOINT"
    GUARANTOR = "GUARANTOR"
    AUTHORISED_USER = "AUTHORISED_USER"
    DECEASED = "DECEASED"
    UNKNOWN = "UNKNOWN"


class Mark(StrEnum):
    """What went wrong with an account, gravest first. One account may bear several."""

    WILFUL_DEFAULT = "WILFUL_DEFAULT"
    WRITTEN_OFF = "WRITTEN_OFF"
    SUIT_FILED = "SUIT_FILED"
    SETTLED = "SETTLED"
    SOLD = "SOLD"
    RESTRUCTURED = "RESTRUCTURED"


class Frequency(StrEnum):
    """How often an instalment falls due; BULLET once, at the end."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    FORTNIGHTLY = "FORTNIGHTLY"
    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"
    HALF_YEARLY = "HALF_YEARLY"
    YEARLY = "YEARLY"
    BULLET = "BULLET"
    ON_DEMAND = "ON_DEMAND"


@attrs.frozen
class MonthStatus:
    """One month of an account's history.

    Attributes:
        month: "YYYY-MM".
        dpd: days past due; None where the lender did not report the month.
        token: the bureau's own mark for the month ("012", "STD", "XXX", …).
    """

    month: str
    dpd: int | None
    token: str = ""


@attrs.frozen(kw_only=True)
class Tradeline:
    """One account of the person, as its lender last reported it.

    Attributes:
        ref: the account's place in the report.
        lender: "" where the bureau hides it.
        type_code: CIBIL numbering, "00" if not recognised; `type_label` is the bureau's word.
        marks_since: the first date from which a mark is known; None if the report does not tell.
        written_off: the amount written off.
        history: newest month first.
    """

    ref: str
    lender: str = ""
    account_masked: str = attrs.field(default="", repr=False)
    type_code: str = "00"
    type_label: str = ""
    ownership: Ownership = Ownership.UNKNOWN
    open: bool
    marks: frozenset[Mark] = frozenset()
    marks_since: date | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    reported_on: date | None = None
    last_payment_on: date | None = None
    sanctioned: Paise | None = None
    high_credit: Paise | None = None
    credit_limit: Paise | None = None
    balance: Paise | None = None
    overdue: Paise | None = None
    emi: Paise | None = None
    frequency: Frequency | None = None
    tenure_months: int | None = None
    rate_pct: Decimal | None = None
    written_off: Paise | None = None
    history: tuple[MonthStatus, ...] = ()

    @property
    def kind(self) -> AccountType:
        """The account's type: product group, secured or not."""
        return account_type(self.type_code)

    @property
    def status(self) -> str:
        """The gravest mark, else CLOSED or ACTIVE."""
        if self.marks:
            return next(mark.value for mark in Mark if mark in self.marks)
        return "ACTIVE" if self.open else "CLOSED"


@attrs.frozen(kw_only=True)
class Enquiry:
    """Somebody asked the bureau about the person; `lender` "" where it is hidden."""

    made_on: date
    lender: str = ""
    purpose: str = ""
    amount: Paise | None = None


@attrs.frozen(kw_only=True)
class Score:
    """A score on the bureau's own scale; `value` None where the person could not be scored."""

    name: str
    value: int | None
    raw: str = ""
    reasons: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class KnownAddress:
    """An address lenders have reported for the person."""

    text: str = attrs.field(repr=False)
    state: str = ""
    pincode: str = ""
    reported_on: date | None = None


@attrs.frozen(kw_only=True)
class CreditReport:
    """A bureau's whole answer about one person.

    Attributes:
        report_id: the bureau's number of the report, "" for none.
        bureau_date: the date the bureau puts on it; enquiries are counted back from here.
        score: the score that decides; None where there is none.
        names, born_on, phones, pan_last4s: what lenders reported, for comparing; variations only.
    """

    bureau: str
    report_id: str
    bureau_date: date
    outcome: Outcome
    scores: tuple[Score, ...] = ()
    tradelines: tuple[Tradeline, ...] = ()
    enquiries: tuple[Enquiry, ...] = ()
    names: tuple[str, ...] = attrs.field(default=(), repr=False)
    born_on: tuple[date, ...] = attrs.field(default=(), repr=False)
    phones: tuple[str, ...] = attrs.field(default=(), repr=False)
    pan_last4s: tuple[str, ...] = attrs.field(default=(), repr=False)
    addresses: tuple[KnownAddress, ...] = attrs.field(default=(), repr=False)

    @property
    def score(self) -> int | None:
        """The first score that has a value."""
        return next((score.value for score in self.scores if score.value is not None), None)

    def document(self) -> Document:
        """Return the JSON-ready form: dates and decimals as text, sets as sorted lists."""
        return attrs.asdict(self, value_serializer=lambda _owner, _field, value: _plain(value))

    @classmethod
    def from_document(cls, document: Document) -> Self:
        """Return the report that `document()` described. Raises: Invalid: it is none."""
        try:
            return cls(**_report_fields(document))
        except (KeyError, TypeError, ValueError, ArithmeticError) as err:
            raise Invalid("a stored credit report is not well formed") from err


def _plain(value: object) -> object:
    match value:
        case frozenset():
            return sorted(str(part) for part in value)
        case tuple():
            return [_plain(part) for part in value]
        case StrEnum():
            return value.value
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case _:
            return value


def _report_fields(document: Document) -> dict[str, Any]:
    return {
        **document,
        "bureau_date": _day(document["bureau_date"]),
        "outcome": Outcome(str(document["outcome"])),
        "scores": tuple(
            Score(**{**item, "reasons": tuple(item["reasons"])})
            for item in _list(document["scores"])
        ),
        "tradelines": tuple(_tradeline(item) for item in _list(document["tradelines"])),
        "enquiries": tuple(
            Enquiry(**{**item, "made_on": _day(item["made_on"])})
            for item in _list(document["enquiries"])
        ),
        "addresses": tuple(
            KnownAddress(**{**item, "reported_on": _day(item["reported_on"])})
            for item in _list(document["addresses"])
        ),
        "born_on": tuple(_day(day) for day in _list(document["born_on"])),
        **{name: tuple(_list(document[name])) for name in ("names", "phones", "pan_last4s")},
    }


def _tradeline(item: Mapping[str, Any]) -> Tradeline:
    dates = ("marks_since", "opened_on", "closed_on", "reported_on", "last_payment_on")
    frequency, rate = item["frequency"], item["rate_pct"]
    fields: dict[str, Any] = {
        **item,
        **{name: _day(item[name]) for name in dates},
        "ownership": Ownership(str(item["ownership"])),
        "marks": frozenset(Mark(mark) for mark in _list(item["marks"])),
        "frequency": None if frequency is None else Frequency(str(frequency)),
        "rate_pct": None if rate is None else Decimal(str(rate)),
        "history": tuple(MonthStatus(**month) for month in _list(item["history"])),
    }
    return Tradeline(**fields)


def _day(value: object) -> date | None:
    return None if value is None else date.fromisoformat(str(value))


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    return value
