"""Approvals, messages in and out, new jobs, the trail and the numbers of a brand, in memory."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import attrs

from los_adapters.store.memory.forgetting import of_customer
from los_adapters.store.memory.shelves import JobRow, Shelves, SlotRow
from los_adapters.store.once import JobState, lost
from los_core.domain.approval import Approval, ApprovalStatus
from los_core.domain.documents import to_document
from los_core.domain.ids import ApprovalId, BrandId, CustomerId, LoanId
from los_core.domain.work import (
    SETTLED,
    AuditEvent,
    Job,
    Run,
    SentMessage,
    WebhookEvent,
    WebhookStatus,
)
from los_core.ports.clock import Clock


@attrs.frozen
class MemoryApprovals:
    """Items of one brand that await a second person."""

    shelves: Shelves
    brand_id: BrandId

    def add(self, approval: Approval) -> None:
        assert self.shelves.approvals.add(approval, self.brand_id, approval.id)

    def get(self, approval_id: ApprovalId) -> Approval | None:
        return self.shelves.approvals.get(self.brand_id, approval_id)

    def save(self, approval: Approval) -> None:
        self.shelves.approvals.replace(approval, self.brand_id, approval.id)

    def pending(self, *, limit: int) -> Sequence[Approval]:
        found = self.shelves.approvals.of(
            self.brand_id, where=lambda each: each.status is ApprovalStatus.PENDING
        )
        return sorted(found, key=lambda approval: (approval.made_at, approval.id))[:limit]

    def about(self, entity: str, entity_id: UUID) -> Sequence[Approval]:
        found = self.shelves.approvals.of(
            self.brand_id,
            where=lambda each: (each.entity, each.entity_id) == (entity, entity_id),
        )
        return sorted(found, key=lambda approval: (approval.made_at, approval.id))


@attrs.frozen
class MemoryDesk:
    """Messages, jobs, trail and numbers of one brand."""

    shelves: Shelves
    brand_id: BrandId
    clock: Clock

    def add_job(self, job: Job) -> bool:
        if any(
            (row.job.kind, row.job.key) == (job.kind, job.key)
            for row in self.shelves.jobs.peek(self.brand_id)
        ):
            return False
        assert self.shelves.jobs.add(JobRow(job), self.brand_id, job.id)
        return True

    def add_jobs(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self.add_job(job)

    def purge_jobs(self, *, before: datetime, limit: int) -> int:
        return self.shelves.jobs.purge(
            self.brand_id,
            where=lambda row: row.state is JobState.DONE and row.job.due_at < before,
            limit=limit,
        )

    def purge_keys(self, *, before: datetime, limit: int) -> int:
        return self.shelves.keys.purge(
            self.brand_id, where=lambda taken: taken.taken_at < before, limit=limit
        )

    def once(self, consumer: str, message_id: str) -> bool:
        return self.shelves.inbox.add(True, self.brand_id, consumer, message_id)

    def add_event(self, event: WebhookEvent) -> bool:
        for known in self.shelves.events.of(self.brand_id):
            if _known_as(known) == _known_as(event):
                repeated = attrs.evolve(known, deliveries=known.deliveries + 1)
                self.shelves.events.put(repeated, self.brand_id, known.id)
                return False
        assert self.shelves.events.add(event, self.brand_id, event.id)
        return True

    def event(self, event_id: UUID) -> WebhookEvent | None:
        found = self.shelves.events.get(self.brand_id, event_id)
        owner = self.shelves.event_owners.get(self.brand_id, event_id)
        if owner is None:
            return found
        return of_customer(self.shelves, self.brand_id, CustomerId(owner), found)

    def events(self, event_ids: Collection[UUID]) -> Sequence[WebhookEvent]:
        found = self.shelves.events.of(self.brand_id, where=lambda each: each.id in event_ids)
        return sorted(found, key=lambda event: (event.received_at, event.id))

    def settle_events(
        self, event_ids: Collection[UUID], status: WebhookStatus, reason: str = ""
    ) -> None:
        for event in self.events(event_ids):
            if event.status is WebhookStatus.RECEIVED:
                settled = attrs.evolve(event, status=status, reason=reason)
                self.shelves.events.put(settled, self.brand_id, event.id)

    def parked(self) -> Sequence[WebhookEvent]:
        found = self.shelves.events.of(
            self.brand_id, where=lambda each: each.status is WebhookStatus.PARKED
        )
        return sorted(found, key=lambda event: (event.received_at, event.id))

    def unsorted(self, *, after: UUID | None, limit: int) -> Sequence[WebhookEvent]:
        found = self.shelves.events.of(
            self.brand_id,
            where=lambda each: (
                each.status in SETTLED
                and not self.shelves.event_owners.has(self.brand_id, each.id)
                and (after is None or each.id > after)
            ),
        )
        return sorted(found, key=lambda event: event.id)[:limit]

    def sort_event(self, event_id: UUID, owner: CustomerId | None) -> None:
        event = self.shelves.events.get(self.brand_id, event_id)
        assert event is not None, "an event is added before it is sorted"
        of: UUID = owner or self.brand_id
        if owner is None or self.shelves.erased.has(self.brand_id, owner):
            of = self.brand_id
            self.shelves.events.put(attrs.evolve(event, body=b""), self.brand_id, event_id)
        self.shelves.event_owners.put(of, self.brand_id, event_id)

    def add_message(self, message: SentMessage) -> bool:
        return self.shelves.messages.add(message, self.brand_id, message.id)

    def message(self, message_id: str) -> SentMessage | None:
        return self.shelves.messages.get(self.brand_id, message_id)

    def save_message(self, message: SentMessage) -> None:
        self.shelves.messages.replace(message, self.brand_id, message.id)

    def messages(self, *, loan_id: LoanId) -> Sequence[SentMessage]:
        found = self.shelves.messages.of(self.brand_id, where=lambda each: each.loan_id == loan_id)
        return sorted(found, key=lambda message: (message.at, message.id))

    def audit(self, events: Iterable[AuditEvent]) -> None:
        for event in events:
            assert event.brand_id == self.brand_id, "a trail belongs to its brand"
            tell(self.shelves, event)

    def hold(self, run: Run) -> None:
        row = own(self.shelves, run)
        if row is None or row.finished:
            raise lost(run)
        row.lease_until = self.clock.now() + timedelta(seconds=run.lease_s)
        self.shelves.slots.put(row, run.brand_id, run.task, run.slot)

    def finish(self, run: Run) -> None:
        self.hold(run)
        finish(self.shelves, run, self.clock.now())

    def next_number(self, series: str) -> int:
        [number] = self.next_numbers(series, 1)
        return number

    def next_numbers(self, series: str, count: int) -> Sequence[int]:
        last = self.shelves.numbers.get(self.brand_id, series) or 0
        self.shelves.numbers.put(last + count, self.brand_id, series)
        return range(last + 1, last + count + 1)


def own(shelves: Shelves, run: Run) -> SlotRow | None:
    """Return the row of a run; None if another worker took it over."""
    row = shelves.slots.get(run.brand_id, run.task, run.slot)
    return row if row is not None and row.fence == run.fence else None


def finish(shelves: Shelves, run: Run, now: datetime) -> bool:
    """Mark a run as done; False if another worker took it over."""
    if own(shelves, run) is None:
        return False
    row = SlotRow(now, "", run.fence, finished=True)
    shelves.slots.put(row, run.brand_id, run.task, run.slot)
    return True


def _known_as(event: WebhookEvent) -> tuple[str, str, str]:
    return event.provider, event.account, event.event_key


def tell(shelves: Shelves, event: AuditEvent) -> None:
    """Add an event to its brand's trail, to be sealed."""
    kept = attrs.evolve(event, facts=to_document(event.facts))
    assert shelves.audit.add(kept, event.brand_id, event.id)
    shelves.unsealed.put(event.id, event.brand_id, event.id)
