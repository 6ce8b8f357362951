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
from typing import Final, NamedTuple
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
_quoted: Final = json.encoder.encode_basestring
"""A text as `_canonical` writes it, without the steps around it."""


@attrs.frozen(kw_only=True)
class Seal:
    """An event's place in its brand's chain; `seq` runs from 1 without gaps."""

    brand_id: BrandId
    seq: int
    event_id: UUID
    sealed_at: datetime
    prev_hash: str
    hash: str


class Link(NamedTuple):
    """A seal with the event it stands for, as the canonical text has them.

    Ids and instants are text already, since whoever examines a trail makes that text of every row.

    Attributes:
        at: of the event; None: the event is gone, and the fields after it mean nothing.
        facts: JSON-ready.
    """

    seq: int
    prev_hash: str
    hash: str
    sealed_at: str
    event_id: str
    at: str | None
    actor: str = ""
    actor_id: str | None = None
    action: str = ""
    entity: str = ""
    entity_id: str = ""
    facts: object = None


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
        bare = Seal(
            brand_id=event.brand_id,
            seq=seq,
            event_id=event.id,
            sealed_at=sealed_at,
            prev_hash=prev,
            hash="",
        )
        prev = _hash(str(event.brand_id), link_of(bare, event))
        seals.append(attrs.evolve(bare, hash=prev))
    return tuple(seals)


def link_of(seal: Seal, event: AuditEvent | None) -> Link:
    """Return a seal with its event as the chain has them; None: the event is gone."""
    sealed_at, event_id = seal.sealed_at.isoformat(), str(seal.event_id)
    start = (seal.seq, seal.prev_hash, seal.hash, sealed_at, event_id)
    if event is None:
        return Link(*start, at=None)
    assert event.id == seal.event_id, "a seal stands for one event"
    return Link(
        *start,
        at=event.at.isoformat(),
        actor=event.actor,
        actor_id=None if event.actor_id is None else str(event.actor_id),
        action=event.action,
        entity=event.entity,
        entity_id=str(event.entity_id),
        facts=event.facts,
    )


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
    _anchored: int = attrs.field(init=False)
    _since: datetime | None = attrs.field(default=None, init=False)
    """Since when seals are covered by no head."""

    def __attrs_post_init__(self) -> None:
        self._heads = {head.seq: head for head in self.heads}
        self._anchored = self.heads[-1].seq if self.heads else 0

    def walk(self, links: Iterable[Link]) -> Iterator[Finding]:
        """Yield what is wrong with the next links of the chain."""
        brand, heads = str(self.brand_id), self._heads
        for link in links:
            seq = link.seq
            if seq != self.seq + 1 or link.prev_hash != self.hash:
                yield self._misplaced(link)
            if link.at is None:
                yield self._found(Fault.MISSING, f"event {link.event_id} is gone", seq)
            elif _hash(brand, link) != link.hash:
                yield self._found(
                    Fault.ALTERED, f"event {link.event_id} or its seal was changed", seq
                )
            if seq in heads and heads[seq].hash != link.hash:
                at = heads[seq].at.isoformat(timespec="seconds")
                yield self._found(Fault.REWRITTEN, f"the head of {at} says another hash", seq)
            self.seq, self.hash = seq, link.hash
            if seq > self._anchored and self._since is None:
                self._since = datetime.fromisoformat(link.sealed_at)

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

    def _misplaced(self, link: Link) -> Finding:
        """Return what is wrong with the place of a link."""
        if link.seq > self.seq + 1:
            return self._found(Fault.GAP, f"the seals after {self.seq} are gone", self.seq + 1)
        what = "it does not follow the seal before it: put in or moved"
        return self._found(Fault.BROKEN, what, link.seq)

    def _found(self, fault: Fault, what: str, seq: int) -> Finding:
        return Finding(brand_id=self.brand_id, fault=fault, seq=seq, what=what)


def _hash(brand: str, link: Link) -> str:
    """Return the SHA-256 of the hash before and of one canonical text of seal and event.

    The text is that of `_canonical` for the list of these values, put together here because of its
    speed: a trail of years is examined whole.
    """
    actor_id = "null" if link.actor_id is None else _quoted(link.actor_id)
    text = (
        f"{link.prev_hash}|[{link.seq},{_quoted(link.sealed_at)},{_quoted(brand)},"
        f"{_quoted(link.event_id)},{_quoted(link.at or '')},{_quoted(link.actor)},{actor_id},"
        f"{_quoted(link.action)},{_quoted(link.entity)},{_quoted(link.entity_id)},"
        f"{_canonical(link.facts)}]"
    )
    return hashlib.sha256(text.encode()).hexdigest()
