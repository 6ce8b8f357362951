"""The audit trail and its seals, in memory. Events are added by the desk."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Sequence
from datetime import datetime

import attrs

from los_adapters.store.memory.shelves import Shelves
from los_core.domain.audit import Link, Seal, link_of
from los_core.domain.errors import Conflict
from los_core.domain.ids import BrandId
from los_core.domain.work import AuditEvent, Sought


@attrs.frozen
class MemoryTrail:
    """The audit trail of one brand."""

    shelves: Shelves
    brand_id: BrandId

    def find(self, sought: Sought, *, skip: int, limit: int) -> Sequence[AuditEvent]:
        found = self.shelves.audit.of(self.brand_id, where=lambda event: _fits(event, sought))
        return _oldest_first(found)[::-1][skip : skip + limit]

    def unsealed(self, *, limit: int) -> Sequence[AuditEvent]:
        waiting = self.shelves.unsealed
        found = self.shelves.audit.of(
            self.brand_id, where=lambda event: waiting.has(self.brand_id, event.id)
        )
        return _oldest_first(found)[:limit]

    def last_seal(self) -> Seal | None:
        return max(self.shelves.seals.of(self.brand_id), key=lambda seal: seal.seq, default=None)

    def seal(self, seals: Sequence[Seal]) -> None:
        known = {seal.event_id for seal in self.shelves.seals.peek(self.brand_id)}
        for seal in seals:
            if seal.event_id in known or not self.shelves.seals.add(seal, self.brand_id, seal.seq):
                raise Conflict("another sealer was faster", code="SEALED")
            self.shelves.unsealed.rows.pop((self.brand_id, seal.event_id), None)

    def sealed(self, *, after: int, limit: int) -> Sequence[Link]:
        found = self.shelves.seals.of(self.brand_id, where=lambda seal: seal.seq > after)
        found.sort(key=lambda seal: seal.seq)
        return [
            link_of(seal, self.shelves.audit.get(self.brand_id, seal.event_id))
            for seal in found[:limit]
        ]

    def overdue(self, *, before: datetime, after: datetime, limit: int) -> Sequence[AuditEvent]:
        sealed = {seal.event_id for seal in self.shelves.seals.peek(self.brand_id)}
        found = self.shelves.audit.of(
            self.brand_id,
            where=lambda event: event.id not in sealed and not before <= event.at <= after,
        )
        return _oldest_first(found)[:limit]


def _oldest_first(events: list[AuditEvent]) -> list[AuditEvent]:
    return sorted(events, key=lambda event: (event.at, event.id))


def _fits(event: AuditEvent, sought: Sought) -> bool:
    return (
        sought.since <= event.at < sought.until
        and (sought.actions is None or event.action in sought.actions)
        and sought.actor in ("", event.actor)
        and sought.entity in ("", event.entity)
        and sought.entity_id in (None, event.entity_id)
        and sought.actor_id in (None, event.actor_id)
    )
