"""Work that happens later, and the records that keep it from happening twice.

A job is a row in the commit of what causes it; whoever runs it records the job's id in the
transaction of the effect. Source: design §6, reliability design §3 and §5.
"""

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import attrs

from los_core.domain.contact import INDIA
from los_core.domain.ids import BrandId, JobId


@attrs.frozen(kw_only=True)
class Job:
    """Something to be done once, by name.

    Attributes:
        kind: the job's name, such as "application.decide"; a table maps names to services.
        key: what makes it the same job: a second row with the same (kind, key) is not added.
        payload: ids and plain values only, JSON-ready; no personal data.
        due_at: not before this instant (wall clock).
        attempts: runs begun so far, this one included.
        lease: proof of the claim; finishing with another lease changes nothing.
    """

    id: JobId
    brand_id: BrandId
    kind: str
    key: str
    payload: dict[str, str]
    due_at: datetime
    created_at: datetime
    attempts: int = 0
    lease: str = ""
    last_error: str = ""


class Due(NamedTuple):
    """A job that is due, as a broker is told of it."""

    id: JobId
    kind: str


class WebhookStatus(StrEnum):
    """What became of a vendor's message."""

    RECEIVED = "RECEIVED"
    APPLIED = "APPLIED"
    IGNORED = "IGNORED"
    PARKED = "PARKED"


SETTLED: Final = (WebhookStatus.APPLIED, WebhookStatus.IGNORED)
"""What became of messages that nobody will act on again."""


@attrs.frozen(kw_only=True)
class WebhookEvent:
    """A proven message from a vendor, kept once per (brand, provider, account, event key).

    Attributes:
        body: sealed.
        reason: why it is parked or ignored; "" otherwise.
    """

    id: UUID
    brand_id: BrandId
    port: str
    provider: str
    account: str
    event_key: str
    kind: str
    reference: str
    body: bytes = attrs.field(repr=False)
    received_at: datetime
    status: WebhookStatus = WebhookStatus.RECEIVED
    reason: str = ""
    deliveries: int = 1


@attrs.frozen(kw_only=True)
class AuditEvent:
    """Who did what to what. No personal data: ids, codes, amounts."""

    id: UUID
    brand_id: BrandId
    at: datetime
    actor: str
    actor_id: UUID | None
    action: str
    entity: str
    entity_id: UUID
    facts: dict[str, object]


@attrs.frozen(kw_only=True)
class Sought:
    """Which events of a trail are looked for, newest first; None and "" are any.

    Attributes:
        actor: what kind of actor did it.
        since, until: from an instant up to but without another.
    """

    actor: str = ""
    actions: frozenset[str] | None = None
    entity: str = ""
    entity_id: UUID | None = None
    actor_id: UUID | None = None
    since: datetime
    until: datetime


@attrs.frozen(kw_only=True)
class Run:
    """A claimed run of a scheduled task: one at a time for a brand, a task and a slot.

    Attributes:
        slot: what the run is for: the start of an interval, or `slot_of` a business date.
        fence: rises with each claim of the slot: what is written under an older one is refused.
        lease_s: how long the claim holds; each transaction of the run renews it.
    """

    brand_id: BrandId
    task: str
    slot: datetime
    fence: int
    lease_s: float


def slot_of(on: date) -> datetime:
    """Return the slot of a business date: its midnight in India, in UTC."""
    return datetime.combine(on, time(), INDIA).astimezone(UTC)


def date_of(slot: datetime) -> date:
    """Return the business date of a slot."""
    return slot.astimezone(INDIA).date()


@attrs.frozen(kw_only=True)
class SentMessage:
    """A message that was handed to a vendor, kept as evidence; the text is sealed with it.

    Attributes:
        id: the dedupe key: one message per id, whatever the tries.
        repeated: our commit was lost once after the vendor may have said yes.
    """

    id: str
    brand_id: BrandId
    channel: str
    template: str
    to_masked: str
    loan_id: UUID | None
    provider: str = ""
    provider_ref: str = ""
    status: str = "INTENDED"
    repeated: bool = False
    at: datetime
