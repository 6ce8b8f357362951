"""Who is asked back: eligibility for another loan, its ceiling, and the draft that is prepared.

Pure: the customer's history and the brand's settings give an answer with the first reason against.
The invitation itself goes by `reminder` (promotional hours, with consent); finding candidates and
saving the draft are the services'. Nothing here raises an amount by itself: a ceiling above the
last loan holds only on the customer's own request.
Sources: reloan rules (operations §3); RBI Digital Lending Directions 2025 (no automatic increase);
RBI KYC Directions (OTP e-KYC without full due diligence is good for one year); RBI on compromise
settlements, 8-Jun-2023 (twelve months without new exposure).
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from los_core.domain.customer import CustomerStatus
from los_core.domain.errors import Invalid
from los_core.domain.ids import LoanId, StaffId
from los_core.domain.kyc import KycMode
from los_core.domain.lifecycle import Status
from los_core.domain.money import Paise, checked, pct_of, positive
from los_core.domain.workdays import add_months, days_between

KYC_MONTHS: Final = 12
DOCUMENT_DAYS: Final = 90
DRAFT_DAYS: Final = 30
_RUPEES_1000: Final = 1_000_00

INCREASE_PCT_BY_RATING: Final[Mapping[int, Decimal]] = MappingProxyType(
    {1: Decimal(0), 2: Decimal(0), 3: Decimal(0), 4: Decimal(10), 5: Decimal(25)}
)


def _fixed(steps: Mapping[int, Decimal]) -> Mapping[int, Decimal]:
    return MappingProxyType(dict(steps))


@attrs.frozen(kw_only=True)
class ReloanConfig:
    """A brand's settings for asking customers back.

    Days are calendar days; `increase_pct_by_rating` is per cent on the last sanctioned amount, and
    a rating it leaves out gets none. `auto_create`: drafts are made at night, not on request only.
    Raises: Invalid: a limit below zero, a per cent beyond 100, or a rating outside 1 to 5.
    """

    min_days_since_closure: int = 1
    min_rating: int = 3
    max_active_loans: int = 0
    max_dpd_last_loan: int = 7
    min_on_time_pct: Decimal = Decimal(80)
    cooldown_after_decline_days: int = 30
    increase_pct_by_rating: Mapping[int, Decimal] = attrs.field(
        default=INCREASE_PCT_BY_RATING, converter=_fixed
    )
    auto_create: bool = False

    def __deepcopy__(self, _: object) -> "ReloanConfig":
        """Return itself: nothing about it changes, and a fixed mapping knows no copy."""
        return self

    def __attrs_post_init__(self) -> None:
        limits = (
            self.min_days_since_closure,
            self.max_active_loans,
            self.max_dpd_last_loan,
            self.cooldown_after_decline_days,
        )
        if min(limits) < 0 or not 1 <= self.min_rating <= 5:
            raise Invalid("a reloan limit is below zero, or the rating is not 1 to 5")
        if not 0 <= self.min_on_time_pct <= 100:
            raise Invalid("the share paid on time is a per cent from 0 to 100")
        steps = self.increase_pct_by_rating
        if not set(steps) <= set(range(1, 6)) or any(not 0 <= pct <= 100 for pct in steps.values()):
            raise Invalid("an increase is 0 to 100 per cent for a rating from 1 to 5")


@attrs.frozen(kw_only=True)
class ReloanRule:
    """A brand's settings for one product's customers; `product` "": for all that have no own."""

    product: str = ""
    config: ReloanConfig = attrs.field(factory=ReloanConfig)


class Bar(StrEnum):
    """Why a customer is not asked back, in the order in which they are looked at."""

    CUSTOMER_INACTIVE = "CUSTOMER_INACTIVE"
    LAST_LOAN_RUNNING = "LAST_LOAN_RUNNING"
    CLOSURE_TYPE = "CLOSURE_TYPE"
    SETTLEMENT_COOL_OFF = "SETTLEMENT_COOL_OFF"
    BLOCKLISTED = "BLOCKLISTED"
    OPEN_APPLICATION = "OPEN_APPLICATION"
    ACTIVE_LOANS = "ACTIVE_LOANS"
    TOO_SOON = "TOO_SOON"
    DECLINED_RECENTLY = "DECLINED_RECENTLY"
    RATING = "RATING"
    DPD = "DPD"
    ON_TIME = "ON_TIME"
    KYC_STALE = "KYC_STALE"
    NO_CONSENT = "NO_CONSENT"


@attrs.frozen(kw_only=True)
class Record:
    """What is known of a customer whose last loan may be followed by another.

    `last_status` and `closed_on` are of the last loan; `on_time_pct` is the share of its
    instalments paid by their adjusted due date, None where none fell due. `rating` None: not rated.
    `declined_on` is the last rejection of an application, `blocked_until` the end of the cool-off
    after a settlement or write-off of any loan; None: there was none. `kyc_verified_on` is of the
    verification named by `kyc_mode`.
    """

    customer_status: CustomerStatus = CustomerStatus.ACTIVE
    last_status: Status
    closed_on: date | None
    rating: int | None
    active_loans: int
    max_dpd_last_loan: int
    on_time_pct: Decimal | None
    kyc_mode: KycMode
    kyc_verified_on: date
    marketing_consent: bool
    blocklisted: bool = False
    open_application: bool = False
    declined_on: date | None = None
    blocked_until: date | None = None


def bar(record: Record, config: ReloanConfig, on: date) -> Bar | None:
    """Return the first reason against asking the customer back on a business date; None: none.

    A limit of days or months lets the day it ends on pass for the wait since closure and a decline,
    and for KYC up to its last good day.
    """
    closed_on = record.closed_on
    checks = (
        (Bar.CUSTOMER_INACTIVE, record.customer_status is not CustomerStatus.ACTIVE),
        (Bar.LAST_LOAN_RUNNING, closed_on is None or closed_on > on),
        (Bar.CLOSURE_TYPE, record.last_status is not Status.COMPLETED),
        (
            Bar.SETTLEMENT_COOL_OFF,
            record.blocked_until is not None and on <= record.blocked_until,
        ),
        (Bar.BLOCKLISTED, record.blocklisted),
        (Bar.OPEN_APPLICATION, record.open_application),
        (Bar.ACTIVE_LOANS, record.active_loans > config.max_active_loans),
        (Bar.TOO_SOON, _within(closed_on, config.min_days_since_closure, on)),
        (
            Bar.DECLINED_RECENTLY,
            _within(record.declined_on, config.cooldown_after_decline_days, on),
        ),
        (Bar.RATING, record.rating is None or record.rating < config.min_rating),
        (Bar.DPD, record.max_dpd_last_loan > config.max_dpd_last_loan),
        (
            Bar.ON_TIME,
            record.on_time_pct is not None and record.on_time_pct < config.min_on_time_pct,
        ),
        (Bar.KYC_STALE, not kyc_is_fresh(record.kyc_mode, record.kyc_verified_on, on)),
        (Bar.NO_CONSENT, not record.marketing_consent),
    )
    return next((reason for reason, applies in checks if applies), None)


def kyc_is_fresh(mode: KycMode, verified_on: date, on: date) -> bool:
    """Return whether identity need not be established again before another loan.

    OTP e-KYC is good for twelve months; other modes do not run out here.
    """
    if mode is not KycMode.AADHAAR_OTP_NON_F2F:
        return True
    return on <= add_months(verified_on, KYC_MONTHS, anchor_day=verified_on.day)


def ceiling(
    last_sanctioned: Paise,
    rating: int,
    config: ReloanConfig,
    *,
    requested: Paise | None = None,
    maximum: Paise | None = None,
) -> Paise:
    """Return the most that may be offered: the last amount, and more only if it was asked for.

    Without `requested`, or up to the last amount, that is the last amount. Above it the rating's
    increase applies, floored to a thousand rupees and never below the last amount. `maximum` is the
    product's. Paise.
    """
    positive(last_sanctioned, "last sanctioned amount")
    most = last_sanctioned
    if requested is not None and checked(requested, "requested amount") > last_sanctioned:
        more = pct_of(last_sanctioned, config.increase_pct_by_rating.get(rating, Decimal(0)))
        most = max(most, (last_sanctioned + more) // _RUPEES_1000 * _RUPEES_1000)
    return most if maximum is None else min(most, maximum)


@attrs.frozen(kw_only=True)
class Draft:
    """The application prepared for a customer who is asked back.

    Profile, employment and bank account are carried over by the service that saves it; `refresh`
    names the documents too old to reuse. The bureau report is always pulled anew. After
    `expires_on` the draft lapses.
    """

    previous_loan_id: LoanId
    amount: Paise
    executive_id: StaffId | None
    refresh: tuple[str, ...]
    expires_on: date


def draft(
    *,
    previous_loan_id: LoanId,
    last_sanctioned: Paise,
    executive_id: StaffId | None,
    documents: Mapping[str, date],
    on: date,
) -> Draft:
    """Return the draft: the last amount, the executive of the last loan, what to ask for again.

    `documents` are the customer's, by type, with the date each was made or last verified.
    """
    return Draft(
        previous_loan_id=previous_loan_id,
        amount=positive(last_sanctioned, "last sanctioned amount"),
        executive_id=executive_id,
        refresh=stale_documents(documents, on),
        expires_on=on + timedelta(days=DRAFT_DAYS),
    )


def stale_documents(
    documents: Mapping[str, date], on: date, *, keep: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the types older than ninety days, sorted, without those in `keep`."""
    return tuple(
        sorted(
            name
            for name, made_on in documents.items()
            if days_between(made_on, on) > DOCUMENT_DAYS and name not in keep
        )
    )


def _within(since: date | None, days: int, on: date) -> bool:
    return since is not None and days_between(since, on) < days
