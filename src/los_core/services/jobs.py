"""Job rows: what services ask to be done later, in the commit that causes it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from los_core.domain.ids import BrandId, JobId
from los_core.domain.work import Job
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.work import UnitOfWork

DECIDE: Final = "application.decide"
RENDER_AGREEMENT: Final = "agreement.render"
INQUIRE_AGREEMENT: Final = "agreement.inquire"
SEND_PAYOUT: Final = "payout.send"
INQUIRE_PAYOUT: Final = "payout.inquire"
LOOK_AT_PAYOUT: Final = "payout.look"
INQUIRE_ORDER: Final = "payment.inquire"
APPLY_WEBHOOK: Final = "webhook.apply"
APPLY_REPORT: Final = "agreement.apply"
ISSUE_NO_DUES: Final = "closure.no_dues"
SEND_NOTICE: Final = "notice.send"
TRACE_NOTICE: Final = "notice.trace"
SEND_SECURE_CODE: Final = "staff.send_code"
MOVE_DUE_DATES: Final = "calendar.move_due_dates"
ERASE_FILES: Final = "customer.erase_files"

GENERAL: Final = "general"
INBOX: Final = "inbox"
"""The queue of what is done for many jobs at once, and by nobody who does anything else."""
QUEUES: Final[Mapping[str, str]] = MappingProxyType(
    {
        DECIDE: "decisions",
        RENDER_AGREEMENT: "papers",
        INQUIRE_AGREEMENT: "papers",
        APPLY_REPORT: "papers",
        ISSUE_NO_DUES: "papers",
        ERASE_FILES: "papers",
        SEND_PAYOUT: "money",
        INQUIRE_PAYOUT: "money",
        LOOK_AT_PAYOUT: "money",
        INQUIRE_ORDER: "money",
        MOVE_DUE_DATES: "money",
        APPLY_WEBHOOK: INBOX,
        SEND_NOTICE: "reminders",
        TRACE_NOTICE: "reminders",
        SEND_SECURE_CODE: "reminders",
    }
)
"""The queue of each kind of job, so that what is slow does not keep money waiting."""


def queue_of(kind: str) -> str:
    """Return the queue that a kind of job waits in; one that the table does not name is general."""
    return QUEUES.get(kind, GENERAL)


def queues() -> tuple[str, ...]:
    """Return every queue, sorted."""
    return tuple(sorted({GENERAL, *QUEUES.values()}))


def later(
    uow: UnitOfWork,
    kind: str,
    key: str,
    *,
    clock: Clock,
    entropy: Entropy,
    payload: Mapping[str, object],
    delay: timedelta = timedelta(0),
) -> bool:
    """Add a job to the transaction, once per (kind, key); False if it is on file.

    A job is on file from now until it was finished and purged.

    The payload's values become text; they are ids and codes, never personal data.
    """
    job = asked(uow.brand_id, kind, key, clock=clock, entropy=entropy, payload=payload, delay=delay)
    return uow.desk.add_job(job)


def asked(
    brand_id: BrandId,
    kind: str,
    key: str,
    *,
    clock: Clock,
    entropy: Entropy,
    payload: Mapping[str, object],
    delay: timedelta = timedelta(0),
) -> Job:
    """Return the job that `later` adds, for those who add many at once."""
    now: datetime = clock.now()
    return Job(
        id=JobId(entropy.uuid()),
        brand_id=brand_id,
        kind=kind,
        key=key,
        payload={name: str(value) for name, value in payload.items()},
        due_at=now + delay,
        created_at=now,
    )
