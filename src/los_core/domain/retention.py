"""How long each kind of record is kept, counted from what, and when it may be erased.

The longest duty wins: erasure on request waits for the law. Purging itself is a job's.
Sources: retention defaults (compliance §10); PMLA (five years after the relationship ends),
Companies Act (books eight years), DPDP Rules 2025 (logs a year, notice before erasure).
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from los_core.domain.deadlines import SPANS, Duty
from los_core.domain.workdays import add_months


class Record(StrEnum):
    """Kinds of records."""

    CLOSED_LOAN = "CLOSED_LOAN"
    KYC = "KYC"
    LEDGER = "LEDGER"
    REJECTED_APPLICATION = "REJECTED_APPLICATION"
    LEAD = "LEAD"
    CALL_RECORDING = "CALL_RECORDING"
    RAW_BUREAU_REPORT = "RAW_BUREAU_REPORT"
    DECISION_SNAPSHOT = "DECISION_SNAPSHOT"
    OTP = "OTP"
    APPLICATION_LOG = "APPLICATION_LOG"
    AUDIT_LOG = "AUDIT_LOG"
    ACCOUNT_AGGREGATOR_DATA = "ACCOUNT_AGGREGATOR_DATA"


class From(StrEnum):
    """The event a period is counted from."""

    CLOSURE = "CLOSURE"
    DECISION = "DECISION"
    CONSENT = "CONSENT"
    CONSENT_EXPIRY = "CONSENT_EXPIRY"
    CREATION = "CREATION"


@attrs.frozen(kw_only=True)
class Rule:
    """How long, in months and days, from which event; `least_months` is what the law demands."""

    counts_from: From
    months: int = 0
    days: int = 0
    least_months: int = 0


_R, _F = Record, From
RULES: Final[Mapping[Record, Rule]] = MappingProxyType(
    {
        _R.CLOSED_LOAN: Rule(counts_from=_F.CLOSURE, months=96, least_months=96),
        _R.KYC: Rule(counts_from=_F.CLOSURE, months=96, least_months=60),
        _R.LEDGER: Rule(counts_from=_F.CLOSURE, months=96, least_months=96),
        _R.REJECTED_APPLICATION: Rule(counts_from=_F.DECISION, months=12),
        _R.LEAD: Rule(counts_from=_F.CONSENT, months=6),
        _R.CALL_RECORDING: Rule(counts_from=_F.CREATION, months=12),
        _R.RAW_BUREAU_REPORT: Rule(counts_from=_F.DECISION, months=12),
        _R.DECISION_SNAPSHOT: Rule(counts_from=_F.CLOSURE, months=96, least_months=96),
        _R.OTP: Rule(counts_from=_F.CREATION, days=1),
        _R.APPLICATION_LOG: Rule(counts_from=_F.CREATION, months=12, least_months=12),
        _R.AUDIT_LOG: Rule(counts_from=_F.CREATION, months=96, least_months=12),
        _R.ACCOUNT_AGGREGATOR_DATA: Rule(counts_from=_F.CONSENT_EXPIRY),
    }
)
"""The defaults. A lead counts from its consent or its last renewal."""

_DISPUTED_MONTHS: Final = 12


def keep_until(
    record: Record,
    since: date,
    *,
    disputed_until: date | None = None,
    months: Mapping[Record, int] | None = None,
) -> date:
    """Return the last day a record is kept.

    `since` is the date of the event the rule counts from. `disputed_until`, the closure of a
    dispute a call recording belongs to, keeps it a year longer than that. `months` are a brand's
    own periods, which lengthen at will and shorten down to what the law demands.
    """
    rule = RULES[record]
    span = max(rule.least_months, (months or {}).get(record, rule.months))
    last = add_months(since, span, anchor_day=since.day) + timedelta(days=rule.days)
    if disputed_until is not None and record is Record.CALL_RECORDING:
        later = add_months(disputed_until, _DISPUTED_MONTHS, anchor_day=disputed_until.day)
        last = max(last, later)
    return last


def may_purge(record: Record, since: date | None, on: date, *, hold: bool = False) -> bool:
    """Return whether a record's time is over on a day.

    `since` None: the event has not come (a loan still runs), so the record stays; `hold`: a court,
    an authority or an open dispute asks for it.
    """
    return since is not None and not hold and on > keep_until(record, since)


def may_erase(record: Record, since: date | None, on: date, *, hold: bool = False) -> bool:
    """Return whether a record goes when the person asks for it: only the law's period counts.

    What no law demands goes at once, also while its event has not come.
    """
    if hold or (since is None and RULES[record].least_months):
        return False
    last = None if since is None else law_keeps_until(record, since)
    return last is None or on > last


def law_keeps_until(record: Record, since: date) -> date | None:
    """Return the last day on which the law wants a record kept; None: it never does."""
    least = RULES[record].least_months
    return add_months(since, least, anchor_day=since.day) if least else None


def earliest_erasure(notified_at: datetime) -> datetime:
    """Return the first instant at which data may go whose owner was told at `notified_at`."""
    return notified_at + SPANS[Duty.ERASURE_NOTICE]
