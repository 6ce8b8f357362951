"""The chain over the audit trail: whole it shows nothing, and nothing done to it goes unseen."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import attrs
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.audit import (
    ANCHORED_WITHIN,
    GENESIS,
    Fault,
    Finding,
    Head,
    Inspection,
    Link,
    Seal,
    chain,
    link_of,
)
from los_core.domain.ids import BrandId
from los_core.domain.work import AuditEvent

BRAND = BrandId(UUID(int=1))
AT = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)
Pair = tuple[Seal, AuditEvent | None]


def event(number: int) -> AuditEvent:
    return AuditEvent(
        id=UUID(int=number),
        brand_id=BRAND,
        at=AT + timedelta(seconds=number),
        actor="STAFF",
        actor_id=UUID(int=4) if number % 2 else None,
        action="loan.approve",
        entity="loan",
        entity_id=UUID(int=number % 3),
        facts={"amount": number},
    )


def chained(count: int) -> list[Pair]:
    events = [event(number) for number in range(1, count + 1)]
    return list(zip(chain(events, after=None, sealed_at=AT), events, strict=True))


def examined(links: Sequence[Pair], heads: Sequence[Head] = (), piece: int = 7) -> list[Finding]:
    inspection = Inspection(brand_id=BRAND, heads=heads)
    found: list[Finding] = []
    for start in range(0, len(links), piece):
        found += inspection.walk(linked(links[start : start + piece]))
    return found + list(inspection.end(AT))


def linked(pairs: Sequence[Pair]) -> list[Link]:
    """Return pairs as a store gives them out, also where the event is another than was sealed."""
    found = []
    for seal, told in pairs:
        of = seal if told is None else attrs.evolve(seal, event_id=told.id)
        found.append(link_of(of, told))
    return found


def head_of(link: Pair) -> Head:
    return Head(brand_id=BRAND, seq=link[0].seq, hash=link[0].hash, at=AT)


def test_a_seal_is_the_hash_of_the_one_before_and_of_its_own_content() -> None:
    """Worked by hand, so that another program can prove a chain by the words of the manual."""
    [(first, _), (second, _)] = chained(2)
    told = [
        2,
        "2026-11-25T06:30:00+00:00",
        "00000000-0000-0000-0000-000000000001",
        "00000000-0000-0000-0000-000000000002",
        "2026-11-25T06:30:02+00:00",
        "STAFF",
        None,
        "loan.approve",
        "loan",
        "00000000-0000-0000-0000-000000000002",
        {"amount": 2},
    ]
    text = json.dumps(told, separators=(",", ":"))
    assert first.prev_hash == GENESIS
    assert second.prev_hash == first.hash
    assert second.hash == hashlib.sha256(f"{first.hash}|{text}".encode()).hexdigest()


@given(
    words=st.tuples(*[st.text(st.characters(codec="utf-8"))] * 3),
    facts=st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none()),
    micros=st.integers(0, 999_999),
    by=st.none() | st.uuids(),
)
def test_whatever_an_event_says_its_seal_is_of_the_canonical_text(
    words: tuple[str, str, str], facts: dict[str, object], micros: int, by: UUID | None
) -> None:
    actor, action, entity = words
    told = attrs.evolve(
        event(7),
        at=AT + timedelta(microseconds=micros),
        actor=actor,
        actor_id=by,
        action=action,
        entity=entity,
        facts=facts,
    )
    [seal] = chain([told], after=None, sealed_at=AT)
    ids = [str(told.brand_id), str(told.id)]
    who = [actor, None if by is None else str(by), action, entity, str(told.entity_id)]
    listed = [1, AT.isoformat(), *ids, told.at.isoformat(), *who, facts]
    text = json.dumps(listed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert seal.hash == hashlib.sha256(f"{GENESIS}|{text}".encode()).hexdigest()


@given(count=st.integers(0, 40), piece=st.integers(1, 41), heads=st.sets(st.integers(1, 40)))
def test_a_whole_chain_has_nothing_to_find_in_whatever_pieces_it_is_read(
    count: int, piece: int, heads: set[int]
) -> None:
    links = chained(count)
    written = [head_of(links[seq - 1]) for seq in sorted(heads) if seq <= count]
    assert examined(links, written, piece) == []


@given(count=st.integers(1, 40), at=st.integers(1, 40))
def test_a_chain_may_be_made_in_pieces(count: int, at: int) -> None:
    events = [event(number) for number in range(1, count + 1)]
    first = chain(events[:at], after=None, sealed_at=AT)
    second = chain(events[at:], after=first[-1], sealed_at=AT)
    assert [*first, *second] == [seal for seal, _ in chained(count)]


FIELDS: dict[str, Any] = {
    "id": UUID(int=99),
    "at": AT - timedelta(seconds=1),
    "actor": "SYSTEM",
    "actor_id": UUID(int=98),
    "action": "loan.reject",
    "entity": "payout",
    "entity_id": UUID(int=97),
    "facts": {"amount": -1},
}


@given(st.data())
def test_whatever_is_done_to_sealed_events_is_found_where_it_was_done(data: st.DataObject) -> None:
    count = data.draw(st.integers(3, 30))
    links = chained(count)
    written = [head_of(links[-1])]
    place = data.draw(st.integers(0, count - 1))
    other = data.draw(st.integers(0, count - 1).filter(lambda n: n != place))
    seal, told = links[place]
    assert told is not None
    deed = data.draw(
        st.sampled_from(["edit", "erase", "cut", "insert", "swap events", "swap seals", "truncate"])
    )
    if deed == "edit":
        name = data.draw(st.sampled_from(sorted(FIELDS)))
        links[place] = seal, attrs.evolve(told, **{name: FIELDS[name]})
    elif deed == "erase":
        links[place] = seal, None
    elif deed == "cut":
        del links[place]
    elif deed == "insert":
        place = min(place, count - 2)  # past the last head a chain may grow
        forged = chain([event(500)], after=links[place][0], sealed_at=AT)[0], event(500)
        links.insert(place + 1, forged)
    elif deed == "swap events":
        links[place], links[other] = (seal, links[other][1]), (links[other][0], told)
    elif deed == "swap seals":
        one, two = links[place], links[other]
        links[place] = attrs.evolve(two[0], seq=seal.seq), two[1]
        links[other] = attrs.evolve(one[0], seq=two[0].seq), one[1]
    else:
        del links[place:]
    found = examined(links, written)
    assert found != []
    touched = {place, place + 1, place + 2, other + 1}
    assert found[0].seq in touched


def test_who_chains_everything_again_is_told_by_the_head_elsewhere() -> None:
    written = [head_of(chained(20)[-1])]
    changed = [event(number + 1) for number in range(20)]
    changed[7] = attrs.evolve(changed[7], facts={"amount": 0})
    links = list(zip(chain(changed, after=None, sealed_at=AT), changed, strict=True))
    assert [found.fault for found in examined(links, written)] == [Fault.REWRITTEN]


def test_seals_are_to_be_covered_by_a_head_within_the_hour() -> None:
    links = chained(9)
    inspection = Inspection(brand_id=BRAND, heads=[head_of(links[4])])
    assert list(inspection.walk(linked(links))) == []
    assert list(inspection.end(AT + ANCHORED_WITHIN)) == []
    [found] = inspection.end(AT + ANCHORED_WITHIN + timedelta(seconds=1))
    assert (found.fault, found.seq) == (Fault.UNANCHORED, 9)
