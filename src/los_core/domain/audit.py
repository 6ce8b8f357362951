"""The chain over the audit trail, as values: sealing events in order, finding what was changed.

A seal is the SHA-256 of the seal before it and of its own content, so that no sealed event can be
changed, taken out, put in or moved without breaking the chain there. Whoever can rewrite the whole
database can make a new chain: heads that were written down elsewhere show it. Who chains, and where
heads are kept, is not here. Source: reliability design §14.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.ids import BrandId
from los_core.domain.work import AuditEvent

GENESIS: Final = "0" * 64
"""What stands before the first seal."""
SEALED_WITHIN: Final = timedelta(seconds=60)
"""Age at which an event must have its seal."""
ANCHORED_WITHIN: Final = timedelta(hours=1)
"""Age at which a seal must be covered by a head outside the database."""
_canonical: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False
).encode
"""JSON with sorted keys, no blanks; unlike `canonical.encode` it takes what somebody else wrote."""


@attrs.frozen(kw_only=True)
class Seal:
    """An event's place in its brand's chain; `seq` runs from 1 without gaps."""

    brand_id: BrandId
    seq: int
    event_id: UUID
    sealed_at: datetime
    prev_hash: str
    hash: str


@attrs.frozen(kw_only=True)
class Head:
    """What the chain of a brand ended with at an instant, as written down elsewhere."""

    brand_id: BrandId
    seq: int
    hash: str
    at: datetime


class Fault(StrEnum):
    """What can be wrong with a trail."""

    GAP = "GAP"
    MISSING = "MISSING"
    ALTERED = "ALTERED"
    BROKEN = "BROKEN"
    TRUNCATED = "TRUNCATED"
    REWRITTEN = "REWRITTEN"
    HEADS = "HEADS"
    UNSEALED = "UNSEALED"
    UNANCHORED = "UNANCHORED"


@attrs.frozen(kw_only=True)
class Finding:
    """Something wrong with a brand's trail: where in the chain (0: nowhere in it), and in words."""

    brand_id: BrandId
    fault: Fault
    seq: int
    what: str


def chain(
    events: Iterable[AuditEvent], *, after: Seal | None, sealed_at: datetime
) -> tuple[Seal, ...]:
    """Return the seals of events of one brand, in their order, going on after its last seal."""
    seals: list[Seal] = []
    seq, prev = (after.seq, after.hash) if after else (0, GENESIS)
    for event in events:
        seq += 1
        seals.append(
            Seal(
                brand_id=event.brand_id,
                seq=seq,
                event_id=event.id,
                sealed_at=sealed_at,
                prev_hash=prev,
                hash=_hash(prev, seq, sealed_at, event),
            )
        )
        prev = seals[-1].hash
    return tuple(seals)


@attrs.define(kw_only=True)
class Inspection:
    """Walks a brand's chain from its beginning, piece by piece, and finds what is wrong with it.

    Attributes:
        heads: what was written down elsewhere, oldest first.
    """

    brand_id: BrandId
    heads: Sequence[Head]
    seq: int = 0
    hash: str = GENESIS
    _heads: Mapping[int, Head] = attrs.field(init=False)
    _since: datetime | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._heads = {head.seq: head for head in self.heads}

    def walk(self, links: Iterable[tuple[Seal, AuditEvent | None]]) -> Iterator[Finding]:
        """Yield what is wrong with the next links of the chain, each a seal and its event."""
        for seal, event in links:
            if seal.seq > self.seq + 1:
                yield self._found(Fault.GAP, f"the seals after {self.seq} are gone", self.seq + 1)
            elif seal.seq <= self.seq or seal.prev_hash != self.hash:
                yield self._found(
                    Fault.BROKEN, "it does not follow the seal before it: put in or moved", seal.seq
                )
            if event is None:
                yield self._found(Fault.MISSING, f"event {seal.event_id} is gone", seal.seq)
            elif _hash(seal.prev_hash, seal.seq, seal.sealed_at, event) != seal.hash:
                yield self._found(
                    Fault.ALTERED, f"event {event.id} or its seal was changed", seal.seq
                )
            head = self._heads.get(seal.seq)
            if head is not None and head.hash != seal.hash:
                yield self._found(
                    Fault.REWRITTEN,
                    f"the head of {head.at.isoformat(timespec='seconds')} says another hash",
                    seal.seq,
                )
            self.seq, self.hash = seal.seq, seal.hash
            self._note(seal)

    def end(self, now: datetime) -> Iterator[Finding]:
        """Yield what the end of the chain shows: a tail cut off, seals that no head covers."""
        last = self.heads[-1] if self.heads else None
        if last is not None and last.seq > self.seq:
            yield self._found(
                Fault.TRUNCATED,
                f"the chain ends here; the head of {last.at.isoformat(timespec='seconds')}"
                f" stands at {last.seq}",
                self.seq,
            )
        if self._since is not None and now - self._since > ANCHORED_WITHIN:
            since = self._since.isoformat(timespec="seconds")
            yield self._found(
                Fault.UNANCHORED, f"seals since {since} are covered by no head", self.seq
            )

    def unsealed(self, events: Sequence[AuditEvent]) -> Iterator[Finding]:
        """Yield a finding if events, oldest first, should have had their seals by now."""
        if events:
            oldest = events[0]
            yield self._found(
                Fault.UNSEALED,
                f"{len(events)} or more events have no seal, such as {oldest.id} of"
                f" {oldest.at.isoformat(timespec='seconds')}",
                0,
            )

    def _note(self, seal: Seal) -> None:
        """Remember since when seals are covered by no head."""
        if not self.heads or seal.seq > self.heads[-1].seq:
            self._since = self._since or seal.sealed_at

    def _found(self, fault: Fault, what: str, seq: int) -> Finding:
        return Finding(brand_id=self.brand_id, fault=fault, seq=seq, what=what)


def _hash(prev: str, seq: int, sealed_at: datetime, event: AuditEvent) -> str:
    """Return the SHA-256 of the hash before and of one canonical text of seal and event."""
    text = _canonical(
        (
            seq,
            sealed_at.isoformat(),
            str(event.brand_id),
            str(event.id),
            event.at.isoformat(),
            event.actor,
            None if event.actor_id is None else str(event.actor_id),
            event.action,
            event.entity,
            str(event.entity_id),
            event.facts,
        )
    )
    return hashlib.sha256(f"{prev}|{text}".encode()).hexdigest()
