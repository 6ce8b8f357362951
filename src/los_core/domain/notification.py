"""What members of staff are told in the console: kinds, words, and whose eyes they are for.

Titles and texts hold a customer's number and a loan's number at most, no personal data; what a
console needs to lead on is in `metadata`, as ids. How they reach a screen is not here.
Source: notifications (operations §9).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.brand import Settings
from los_core.domain.ids import BrandId, StaffId

KEPT: Final = timedelta(days=90)
"""How long a notification is kept."""


class NotificationKind(StrEnum):
    """What is told of."""

    LOAN_ASSIGNED = "LOAN_ASSIGNED"
    LOAN_STATUS_CHANGED = "LOAN_STATUS_CHANGED"
    PAYMENT_RECEIVED = "PAYMENT_RECEIVED"
    PAYMENT_APPROVAL_PENDING = "PAYMENT_APPROVAL_PENDING"
    PAYMENT_APPROVAL_RESULT = "PAYMENT_APPROVAL_RESULT"
    DOCUMENT_UPLOADED = "DOCUMENT_UPLOADED"
    AGREEMENT_SIGNED = "AGREEMENT_SIGNED"
    AGREEMENT_EXPIRED = "AGREEMENT_EXPIRED"
    AA_CONSENT_CHANGED = "AA_CONSENT_CHANGED"
    PTP_DUE = "PTP_DUE"
    USER_INACTIVE = "USER_INACTIVE"
    SYSTEM_ALERT = "SYSTEM_ALERT"
    VERSION_UPDATE = "VERSION_UPDATE"


@attrs.define(kw_only=True)
class Notification:
    """One thing that one member of staff is told, in one brand.

    Attributes:
        metadata: where it leads, by id (`loanId`, `userId`, …), and what it is about.
        dismissed_at: taken from the list by the person.
    """

    id: UUID
    brand_id: BrandId
    staff_id: StaffId
    kind: NotificationKind
    title: str
    body: str
    metadata: dict[str, str]
    created_at: datetime
    read_at: datetime | None = None
    dismissed_at: datetime | None = None


_WORDS: Final[Mapping[NotificationKind, tuple[str, str]]] = MappingProxyType(
    {
        NotificationKind.LOAN_ASSIGNED: ("New loan for you", "Loan {loan_no} is yours to work on."),
        NotificationKind.LOAN_STATUS_CHANGED: (
            "Loan {loan_no} moved",
            "Loan {loan_no} is {status} now.",
        ),
        NotificationKind.PAYMENT_RECEIVED: (
            "Payment received",
            "{amount} came in for loan {loan_no}.",
        ),
        NotificationKind.PAYMENT_APPROVAL_PENDING: (
            "Payment to approve",
            "A payment of {amount} for loan {loan_no} waits for a second person.",
        ),
        NotificationKind.PAYMENT_APPROVAL_RESULT: (
            "Payment {result}",
            "The payment of {amount} for loan {loan_no} was {result}.",
        ),
        NotificationKind.DOCUMENT_UPLOADED: (
            "Document uploaded",
            "A {document} came in for loan {loan_no}.",
        ),
        NotificationKind.AGREEMENT_SIGNED: (
            "Agreement signed",
            "The agreement of loan {loan_no} is signed.",
        ),
        NotificationKind.AGREEMENT_EXPIRED: (
            "Agreement not signed",
            "The agreement of loan {loan_no} was not signed in time.",
        ),
        NotificationKind.AA_CONSENT_CHANGED: (
            "Consent to bank data changed",
            "The consent for loan {loan_no} is {status} now.",
        ),
        NotificationKind.PTP_DUE: (
            "Promise due",
            "A payment of {amount} was promised for loan {loan_no} today.",
        ),
        NotificationKind.USER_INACTIVE: ("Colleague inactive", "{name} is idle since {since}."),
        NotificationKind.SYSTEM_ALERT: ("{title}", "{text}"),
        NotificationKind.VERSION_UPDATE: (
            "New version of {part}",
            "{part} works in version {version} from now on.",
        ),
    }
)


def words(kind: NotificationKind, facts: Mapping[str, object]) -> tuple[str, str]:
    """Return title and text. Every fact that the kind's words name has to be given."""
    title, text = _WORDS[kind]
    return title.format(**facts), text.format(**facts)


_PARTS: Final = (
    ("dashboard_version", "the dashboard"),
    ("loan_ops_version", "loan operations"),
    ("collection_version", "collection"),
)


def versions_changed(before: Settings, after: Settings) -> list[tuple[str, int]]:
    """Return the console's parts whose version a change of settings moves, with the new one."""
    return [
        (part, getattr(after, name))
        for name, part in _PARTS
        if getattr(before, name) != getattr(after, name)
    ]
