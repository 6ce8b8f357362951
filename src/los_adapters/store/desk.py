"""Approvals, messages in and out, new jobs, the trail and the numbers of a brand, in SQL."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import attrs
from sqlalchemy import RowMapping, update

from los_adapters.store import platform_tables as tables
from los_adapters.store import queue, rows
from los_adapters.store.money_tables import approval as approval_table
from los_adapters.store.once import JobState, lost
from los_adapters.store.transaction import Transaction
from los_core.domain.approval import Approval, ApprovalStatus
from los_core.domain.errors import Erased
from los_core.domain.ids import ApprovalId, CustomerId, LoanId
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

_approval = approval_table.c
_event = tables.webhook_event.c
_job = tables.job.c
_message = tables.message.c


@attrs.frozen
class SqlApprovals:
    """Items of one brand that await a second person."""

    tx: Transaction

    def add(self, approval: Approval) -> None:
        self.tx.add(approval_table, rows.approval_to_row(approval, self.tx.sealer))

    def get(self, approval_id: ApprovalId) -> Approval | None:
        return self.tx.get(approval_table, approval_id, self._read, lock=True)

    def save(self, approval: Approval) -> None:
        row = rows.approval_to_row(approval, self.tx.sealer)
        self.tx.replace(approval_table, row, id=approval.id)

    def pending(self, *, limit: int) -> Sequence[Approval]:
        query = self.tx.of(approval_table).where(_approval.status == ApprovalStatus.PENDING)
        ordered = query.order_by(_approval.made_at, _approval.id).limit(limit)
        return self.tx.many(ordered, self._read)

    def about(self, entity: str, entity_id: UUID) -> Sequence[Approval]:
        query = self.tx.of(approval_table).where(
            _approval.entity == entity, _approval.entity_id == entity_id
        )
        return self.tx.many(query.order_by(_approval.made_at, _approval.id), self._read)

    def _read(self, row: RowMapping) -> Approval:
        return rows.approval_from_row(row, self.tx.sealer)


@attrs.frozen
class SqlDesk:
    """Messages, jobs, trail and numbers of one brand."""

    tx: Transaction
    clock: Clock

    def add_job(self, job: Job) -> bool:
        return self.tx.add_once(tables.job, _ready(job), "kind", "key")

    def add_jobs(self, jobs: Sequence[Job]) -> None:
        self.tx.add_all_once(tables.job, [_ready(job) for job in jobs], "kind", "key")

    def purge_jobs(self, *, before: datetime, limit: int) -> int:
        done = (_job.state == JobState.DONE, _job.due_at < before)
        return self.tx.purge(tables.job, *done, limit=limit)

    def purge_keys(self, *, before: datetime, limit: int) -> int:
        return self.tx.purge(
            tables.idempotency, tables.idempotency.c.taken_at < before, limit=limit
        )

    def once(self, consumer: str, message_id: str) -> bool:
        row = {"consumer": consumer, "message_id": message_id, "at": self.clock.now()}
        return self.tx.add_once(tables.inbox, row, "consumer", "message_id")

    def add_event(self, event: WebhookEvent) -> bool:
        row = rows.event_to_row(event, self.tx.sealer)
        if self.tx.add_once(tables.webhook_event, row, "provider", "account", "event_key"):
            return True
        self.tx.connection.execute(
            update(tables.webhook_event)
            .where(
                _event.brand_id == self.tx.brand_id,
                _event.provider == event.provider,
                _event.account == event.account,
                _event.event_key == event.event_key,
            )
            .values(deliveries=_event.deliveries + 1)
        )
        return False

    def event(self, event_id: UUID) -> WebhookEvent | None:
        return self.tx.get(tables.webhook_event, event_id, self._read_event)

    def events(self, event_ids: Collection[UUID]) -> Sequence[WebhookEvent]:
        query = self.tx.of(tables.webhook_event).where(_event.id.in_(event_ids))
        return self.tx.many(query.order_by(_event.received_at, _event.id), self._read_event)

    def settle_events(
        self, event_ids: Collection[UUID], status: WebhookStatus, reason: str = ""
    ) -> None:
        query = update(tables.webhook_event).where(
            _event.brand_id == self.tx.brand_id,
            _event.id.in_(event_ids),
            _event.status == WebhookStatus.RECEIVED,
        )
        self.tx.connection.execute(query.values(status=status, reason=reason))

    def parked(self) -> Sequence[WebhookEvent]:
        query = self.tx.of(tables.webhook_event).where(_event.status == WebhookStatus.PARKED)
        return self.tx.many(query.order_by(_event.received_at, _event.id), self._read_event)

    def unsorted(self, *, after: UUID | None, limit: int) -> Sequence[WebhookEvent]:
        query = self.tx.of(tables.webhook_event).where(
            _event.owner.is_(None), _event.status.in_(SETTLED)
        )
        if after is not None:
            query = query.where(_event.id > after)
        return self.tx.many(query.order_by(_event.id).limit(limit), self._read_event)

    def sort_event(self, event_id: UUID, owner: CustomerId | None) -> None:
        query = self.tx.of(tables.webhook_event).where(_event.id == event_id)
        row = self.tx.connection.execute(query.with_for_update(key_share=True)).mappings().one()
        column, sealer = _event.sealed, self.tx.sealer
        new = {"owner": self.tx.brand_id, "sealed": sealer.seal_bytes(column, row, b"")}
        if owner is not None:
            with suppress(Erased):
                body = sealer.open_bytes(column, row)
                sealed = sealer.seal_bytes(column, row, body, of=owner)
                new = {"owner": owner, "sealed": sealed}
        self.tx.replace(tables.webhook_event, new, id=event_id)

    def add_message(self, message: SentMessage) -> bool:
        return self.tx.add_once(tables.message, rows.columns_of(message), "id")

    def message(self, message_id: str) -> SentMessage | None:
        return self.tx.get(tables.message, message_id, rows.plain(SentMessage))

    def save_message(self, message: SentMessage) -> None:
        self.tx.replace(tables.message, rows.columns_of(message), id=message.id)

    def messages(self, *, loan_id: LoanId) -> Sequence[SentMessage]:
        query = self.tx.of(tables.message).where(_message.loan_id == loan_id)
        return self.tx.many(query.order_by(_message.at, _message.id), rows.plain(SentMessage))

    def audit(self, events: Iterable[AuditEvent]) -> None:
        told = [rows.columns_of(event) for event in events]
        self.tx.add_all(tables.audit, told)
        self.tx.add_all(tables.audit_unsealed, [{"event_id": event["id"]} for event in told])

    def hold(self, run: Run) -> None:
        if not queue.hold_slot(self.tx.connection, run, now=self.clock.now()):
            raise lost(run)

    def finish(self, run: Run) -> None:
        self.hold(run)
        queue.finish_slot(self.tx.connection, run, now=self.clock.now())

    def next_number(self, series: str) -> int:
        [number] = self.next_numbers(series, 1)
        return number

    def next_numbers(self, series: str, count: int) -> Sequence[int]:
        last = self.tx.count(tables.counter, series, by=count)
        return range(last - count + 1, last + 1)

    def _read_event(self, row: RowMapping) -> WebhookEvent:
        return rows.event_from_row(row, self.tx.sealer)


def _ready(job: Job) -> dict[str, object]:
    return {**rows.columns_of(job), "state": JobState.READY, "lease_until": None}
