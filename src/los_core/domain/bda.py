"""A bureau data analysis: what an analyst vendor, such as ScoreMe, makes of a credit report.

Values only, as they are stored and shown; the vendor's file is kept sealed elsewhere. What rules
read of a bureau's own report is `bureau_figures`. Amounts are paise, months "YYYY-MM"; a figure the
vendor does not give is None, never 0, and a list it does not give is empty.

Source: contents of bureau analysis reports; rules page §9.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Self

import attrs

from los_core.domain.bureau import Mark, MonthStatus
from los_core.domain.bureau_types import Product
from los_core.domain.documents import from_document, to_document
from los_core.domain.errors import Invalid
from los_core.domain.money import Paise

TTL_DAYS: Final = 30
"""An analysis is used for this long after it was pulled, then pulled anew."""

STRIP_MONTHS: Final = 36


class Trigger(StrEnum):
    """Why an analysis is pulled: a credit executive asks, or the evaluation is through."""

    MANUAL = "MANUAL"
    POST_EVALUATION = "POST_EVALUATION"


class Trend(StrEnum):
    """Where payments are heading."""

    IMPROVING = "IMPROVING"
    STABLE = "STABLE"
    WORSENING = "WORSENING"


class Recommendation(StrEnum):
    """The vendor's band; it advises and decides nothing."""

    APPROVE = "APPROVE"
    REVIEW = "REVIEW"
    DECLINE = "DECLINE"


@attrs.frozen(kw_only=True)
class ProductCount:
    """Accounts of one product group."""

    product: Product
    total: int
    active: int


@attrs.frozen(kw_only=True)
class AccountSummary:
    """How many accounts there are, of what kind, since when."""

    total: int | None = None
    active: int | None = None
    closed: int | None = None
    secured: int | None = None
    unsecured: int | None = None
    by_product: tuple[ProductCount, ...] = ()
    oldest_opened_on: date | None = None
    newest_opened_on: date | None = None


@attrs.frozen(kw_only=True)
class Exposure:
    """What is owed on open accounts, and the vendor's estimate of what a month takes."""

    sanctioned: Paise | None = None
    outstanding: Paise | None = None
    utilisation_pct: Decimal | None = None
    monthly_obligation: Paise | None = None


@attrs.frozen(kw_only=True)
class BadAccount:
    """An account written off, settled or sued over; date and amount where the vendor tells."""

    account_ref: str
    mark: Mark
    on: date | None = None
    amount: Paise | None = None


@attrs.frozen(kw_only=True)
class Delinquency:
    """How late dues were; counts are of months with at least so many days past due."""

    max_dpd_3m: int | None = None
    max_dpd_6m: int | None = None
    max_dpd_12m: int | None = None
    max_dpd_24m: int | None = None
    max_dpd_36m: int | None = None
    count_30_plus: int | None = None
    count_60_plus: int | None = None
    count_90_plus: int | None = None
    current_overdue: Paise | None = None
    bad_accounts: tuple[BadAccount, ...] = ()


@attrs.frozen(kw_only=True)
class AccountStrip:
    """One account: its estimated month's due and its last 36 months, newest first.

    Raises: Invalid: more months than that, or not in falling order.
    """

    account_ref: str
    lender: str = ""
    product: Product = Product.OTHER
    monthly_obligation: Paise | None = None
    months: tuple[MonthStatus, ...] = ()

    def __attrs_post_init__(self) -> None:
        names = [each.month for each in self.months]
        if len(names) > STRIP_MONTHS or names != sorted(set(names), reverse=True):
            raise Invalid(
                f"a strip has at most {STRIP_MONTHS} months, newest first, each once",
                fields=((self.account_ref, "has months out of order or too many"),),
            )


@attrs.frozen(kw_only=True)
class LenderEnquiries:
    """Enquiries by one type of lender, as the vendor names it."""

    lender_type: str
    count: int


@attrs.frozen(kw_only=True)
class EnquiryAnalysis:
    """How often lenders asked; `hit_to_open_pct` is accounts opened per hundred enquiries."""

    last_7d: int | None = None
    last_30d: int | None = None
    last_60d: int | None = None
    last_90d: int | None = None
    last_180d: int | None = None
    by_lender_type: tuple[LenderEnquiries, ...] = ()
    hit_to_open_pct: Decimal | None = None


@attrs.frozen(kw_only=True)
class Behaviour:
    """How the person borrows; the indices are the vendor's, 0 to 100."""

    new_unsecured_3m: int | None = None
    new_unsecured_6m: int | None = None
    small_ticket_count: int | None = None
    credit_hungry_index: int | None = None
    payment_trend: Trend | None = None
    balance_build_up_pct: Decimal | None = None


@attrs.frozen(kw_only=True)
class IdentityVariation:
    """How many different ones lenders have reported; many may mean two people in one report."""

    addresses: int | None = None
    phones: int | None = None
    pans: int | None = None
    employers: int | None = None


@attrs.frozen(kw_only=True)
class Analysis:
    """A whole bureau data analysis.

    `score` is the bureau's, `model_score` the vendor's, 0 to 100. `risk_flags` are the vendor's
    words. Raises: Invalid: no report number, a negative count or one beyond reason, an index or a
    model score outside 0 to 100, or a pull that is dated without a zone; `fields` names each.
    """

    report_id: str
    vendor: str
    bureau: str
    pulled_at: datetime
    trigger: Trigger
    score: int | None = None
    score_factors: tuple[str, ...] = ()
    accounts: AccountSummary = AccountSummary()
    exposure: Exposure = Exposure()
    delinquency: Delinquency = Delinquency()
    strips: tuple[AccountStrip, ...] = ()
    enquiries: EnquiryAnalysis = EnquiryAnalysis()
    behaviour: Behaviour = Behaviour()
    identity: IdentityVariation = IdentityVariation()
    risk_flags: tuple[str, ...] = ()
    recommendation: Recommendation | None = None
    model_score: int | None = None

    def __attrs_post_init__(self) -> None:
        if wrong := list(_complaints(self)):
            raise Invalid("the bureau analysis is not well formed", fields=wrong)

    @property
    def expires_at(self) -> datetime:
        """The instant from which it is too old to use."""
        return self.pulled_at + timedelta(days=TTL_DAYS)

    def is_fresh(self, at: datetime) -> bool:
        """Whether it may be used at an instant; one pulled later than that may not."""
        return self.pulled_at <= at < self.expires_at

    def document(self) -> dict[str, Any]:
        """Return the JSON-ready form that is stored."""
        written: dict[str, Any] = to_document(self)
        return written

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the analysis of a document; a field an older release lacked takes its default.

        Raises: Invalid: a field is unknown, of another type, or out of range.
        """
        return from_document(cls, document, fill=True)


def may_pull(latest: Analysis | None, *, in_flight: bool, at: datetime) -> bool:
    """Return whether to ask the vendor: nothing is being asked, and none that is fresh is there."""
    return not in_flight and (latest is None or not latest.is_fresh(at))


_SIGNED: Final = frozenset({"balance_build_up_pct"})
_HUNDRED: Final = frozenset({"credit_hungry_index", "model_score"})
_LARGEST: Final = 10**13


def _complaints(analysis: Analysis) -> list[tuple[str, str]]:
    wrong = []
    if not analysis.report_id:
        wrong.append(("report_id", "must not be empty"))
    if analysis.pulled_at.tzinfo is None:
        wrong.append(("pulled_at", "must have a zone"))
    parts: tuple[attrs.AttrsInstance, ...] = (
        analysis,
        analysis.accounts,
        *analysis.accounts.by_product,
        analysis.exposure,
        analysis.delinquency,
        *analysis.delinquency.bad_accounts,
        *analysis.strips,
        analysis.enquiries,
        *analysis.enquiries.by_lender_type,
        analysis.behaviour,
        analysis.identity,
    )
    wrong += [
        (field.name, says)
        for part in parts
        for field in attrs.fields(type(part))
        if (says := _out_of_range(field.name, getattr(part, field.name)))
    ]
    return wrong


def _out_of_range(name: str, value: object) -> str | None:
    """Return what is wrong with a number; anything else is right."""
    if not isinstance(value, (int, Decimal)):
        return None
    number = Decimal(value)
    if not number.is_finite():
        return "must be a finite number"
    if number < 0 and name not in _SIGNED:
        return "must not be below 0"
    if abs(number) > (100 if name in _HUNDRED else _LARGEST):
        return "is beyond what it can be"
    return None
