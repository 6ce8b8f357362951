"""A brand: one lender of the installation, with its product rules and its settings.

Settings steer new loans only; what a running loan goes by is frozen in its terms (decision D3).
"""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

import attrs

from los_core.domain.errors import Invalid
from los_core.domain.ids import BrandId, StaffId
from los_core.domain.money import Paise

_ORIGIN: Final = re.compile(
    r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[1-9][0-9]{0,4})?"
    r"|http://(localhost|127\.0\.0\.1)(:[1-9][0-9]{0,4})?"
)


class EvaluationEngine(StrEnum):
    """Which scoring engine decides new applications."""

    V1 = "V1"


class AllocationType(StrEnum):
    """How new work finds a member of staff. Source: operations §1."""

    OFF = "OFF"
    ROUND_ROBIN = "ROUND_ROBIN"
    LEAST_LOADED = "LEAST_LOADED"
    WEIGHTED = "WEIGHTED"


@attrs.frozen(kw_only=True)
class Officer:
    """A person customers are told to turn to."""

    name: str
    phone: str
    email: str


@attrs.frozen(kw_only=True)
class PolicyLinks:
    """Where the brand's public texts are; each an https address."""

    terms: str = ""
    privacy: str = ""
    faq: str = ""


@attrs.define(kw_only=True)
class Brand:
    """A lender as the world sees it.

    Attributes:
        code: short, lower case, unique in the installation; its name among those who run it.
        subdomain: the label of the host its customers come by, unique; None: they name its id.
        lender: the legal entity behind it: one lender may run several brands.
        gst_state: two-letter state of registration; decides between CGST+SGST and IGST.
    """

    id: BrandId
    code: str
    name: str
    lender: str
    legal_name: str
    rbi_reg_no: str
    address: str
    gst_state: str
    grievance_officer: Officer
    nodal_officer: Officer
    policy_links: PolicyLinks = attrs.field(factory=PolicyLinks)
    subdomain: str | None = None
    active: bool = True
    version: int = 0


def _are_origins(_settings: "Settings", _field: object, origins: tuple[str, ...]) -> None:
    if any(not _ORIGIN.fullmatch(origin) for origin in origins):
        raise Invalid(
            "no origin of a web page",
            fields=[("allowedOrigins", "are written like https://apply.example, in lower case")],
        )


@attrs.frozen(kw_only=True)
class Settings:
    """A brand's switches and limits; the defaults are a sound small lender's.

    Attributes:
        salary_threshold: least net monthly salary, paise.
        rejection_duration_days: days before a rejected customer may apply again.
        bank_statement_months: months a statement must cover.
        penny_drop_max_age_days: age beyond which the account is checked again before disbursal.
        name_match_pass_pct, name_match_review_pct: at or above the first a bank account's name
            passes; between the two a second person decides.
        pincode_prefixes: where the brand lends, by the first digits; empty means all of India.
        cities_a, cities_b: city categories for the FOIR table, upper case; the rest are C.
        auto_approve_limit: no machine approves more than this, paise.
        offer_validity_days, approval_validity_days: how long an offer and a pending approval live.
        esign_expiry_days: life of a signing docket.
        agreement_header, agreement_footer: text with named fields in braces, printed literally.
        allowed_origins: web pages that may call from a browser, such as https://apply.example.
        dashboard_version, loan_ops_version, collection_version: which version of the console's
            parts the brand's staff work with.
        section_managers: who hears of idle colleagues, cases that nobody took and missed deadlines;
            empty: the brand's administrators.
        idle_alert_minutes: silence of a colleague after which they hear of it.
    """

    salary_threshold: Paise = 25_000_00
    rejection_duration_days: int = 30
    bank_statement_months: int = 6
    is_aadhaar_required: bool = True
    is_mobile_verification_required: bool = False
    is_selfie_required: bool = False
    is_bank_step_early: bool = True
    is_employment_required: bool = True
    is_epfo_mandatory: bool = False
    is_bank_statement_required: bool = True
    is_autopay_required: bool = False
    is_cam_required: bool = True
    central_dedup: bool = False
    allow_ntc: bool = False
    allow_microfinance: bool = False
    allocation: AllocationType = AllocationType.WEIGHTED
    evaluation_engine: EvaluationEngine = EvaluationEngine.V1
    age_min: int = 21
    age_max: int = 58
    max_active_loans: int = 1
    penny_drop_max_age_days: int = 30
    name_match_pass_pct: int = 85
    name_match_review_pct: int = 60
    bre_validity_days: int = 30
    report_validity_days: int = 30
    auto_approve_limit: Paise = 50_000_00
    foir_cap_pct: Decimal = Decimal(50)
    income_multiple: Decimal = Decimal(3)
    offer_validity_days: int = 7
    approval_validity_days: int = 7
    pincode_prefixes: tuple[str, ...] = ()
    negative_pincodes: tuple[str, ...] = ()
    cities_a: tuple[str, ...] = (
        "AHMEDABAD",
        "BENGALURU",
        "CHENNAI",
        "DELHI",
        "HYDERABAD",
        "KOLKATA",
        "MUMBAI",
        "PUNE",
    )
    cities_b: tuple[str, ...] = ()
    esign_docket_title: str = "Loan agreement {loan_no}"
    esign_expiry_days: int = 7
    esign_final_copy_recipients: tuple[str, ...] = ()
    agreement_header: str = "{lender_name} – Loan agreement {loan_no}"
    agreement_footer: str = "{customer_name} · {date} · page {page} of {pages}"
    allowed_origins: tuple[str, ...] = attrs.field(default=(), validator=_are_origins)
    dashboard_version: int = 1
    loan_ops_version: int = 1
    collection_version: int = 1
    section_managers: tuple[StaffId, ...] = ()
    idle_alert_minutes: int = 20
    version: int = 0


@attrs.frozen
class NonRepaymentDate:
    """A holiday of the brand's: no due date falls on it."""

    on: date
    name: str
