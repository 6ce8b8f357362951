"""Clocks that regulators set: complaints, corrections, identity checks, incidents, data requests.

A table of spans, and what is owed when one is overrun. Time-outs of an application are `timeouts`,
how long records are kept is `retention`, bureau files are `bureau_calendar`.
Sources: RBI Digital Lending Directions 2025, CICRA compensation framework (example CMP-01), RBI KYC
Directions, CERT-In directions of 28-Apr-2022, DPDP Rules 2025, TRAI TCCCPR 2018.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from los_core.domain.errors import Invalid
from los_core.domain.money import Paise, positive
from los_core.domain.workdays import add_months, days_between

BUREAU_DISPUTE_DAYS: Final = 30
BUREAU_PER_DAY: Final[Paise] = 100_00


class Duty(StrEnum):
    """What has to be done in time."""

    GRIEVANCE = "GRIEVANCE"
    BUREAU_DISPUTE_OURS = "BUREAU_DISPUTE_OURS"
    BUREAU_DISPUTE = "BUREAU_DISPUTE"
    CKYC_UPLOAD = "CKYC_UPLOAD"
    DATA_REQUEST = "DATA_REQUEST"
    BREACH_DETAILS = "BREACH_DETAILS"
    INCIDENT_REPORT = "INCIDENT_REPORT"
    PROMOTION_OPT_OUT = "PROMOTION_OPT_OUT"
    ERASURE_NOTICE = "ERASURE_NOTICE"


SPANS: Final[Mapping[Duty, timedelta]] = MappingProxyType(
    {
        Duty.GRIEVANCE: timedelta(days=30),
        Duty.BUREAU_DISPUTE_OURS: timedelta(days=21),
        Duty.BUREAU_DISPUTE: timedelta(days=BUREAU_DISPUTE_DAYS),
        Duty.CKYC_UPLOAD: timedelta(days=10),
        Duty.DATA_REQUEST: timedelta(days=90),
        Duty.BREACH_DETAILS: timedelta(hours=72),
        Duty.INCIDENT_REPORT: timedelta(hours=6),
        Duty.PROMOTION_OPT_OUT: timedelta(hours=24),
        Duty.ERASURE_NOTICE: timedelta(hours=48),
    }
)
"""The longest each may take. Of a bureau dispute's thirty days the lender has twenty-one."""

DATA_REQUEST_TARGET: Final = timedelta(days=30)
"""What we aim at; the law allows three times as long."""


def due_at(duty: Duty, began_at: datetime) -> datetime:
    """Return the last instant for a duty that began at an aware instant. Raises: Invalid."""
    if began_at.tzinfo is None:
        raise Invalid("an instant needs a zone")
    return began_at + SPANS[duty]


class Escalation(StrEnum):
    """Where a complaint stands."""

    OPEN = "OPEN"
    RESOLVED = "RESOLVED"
    TO_REGULATOR = "TO_REGULATOR"


def escalation(received_on: date, resolved_on: date | None, on: date) -> Escalation:
    """Return how a complaint stands; unresolved after thirty days, the RBI's route is shown."""
    if resolved_on is not None and resolved_on <= on:
        return Escalation.RESOLVED
    over = days_between(received_on, on) > SPANS[Duty.GRIEVANCE].days
    return Escalation.TO_REGULATOR if over else Escalation.OPEN


@attrs.frozen(kw_only=True)
class Compensation:
    """What a late correction at the bureau costs: days beyond the limit, and paise."""

    delay_days: int
    amount: Paise


def bureau_compensation(
    filed_on: date,
    resolved_on: date,
    *,
    limit_days: int = BUREAU_DISPUTE_DAYS,
    per_day: Paise = BUREAU_PER_DAY,
) -> Compensation:
    """Return the compensation for a correction: ₹100 for each calendar day beyond thirty.

    Raises: Invalid: resolved before it was filed; InvalidMoney.
    """
    taken = days_between(filed_on, resolved_on)
    if taken < 0:
        raise Invalid(f"resolved on {resolved_on}, before it was filed on {filed_on}")
    late = max(0, taken - limit_days)
    return Compensation(delay_days=late, amount=late * positive(per_day, "compensation per day"))


class Risk(StrEnum):
    """The customer's risk class under anti-money-laundering rules."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


REKYC_YEARS: Final[Mapping[Risk, int]] = MappingProxyType(
    {Risk.HIGH: 2, Risk.MEDIUM: 8, Risk.LOW: 10}
)


def rekyc_due_on(verified_on: date, risk: Risk) -> date:
    """Return by when identity is established again: two, eight or ten years after the last time.

    Source: RBI KYC Directions (periodic updation by risk class).
    """
    return add_months(verified_on, 12 * REKYC_YEARS[risk], anchor_day=verified_on.day)
