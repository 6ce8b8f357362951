"""Whatever is done to sealed events behind the store's back is found, and the place is named.

The tampering is done as the owner of the database could: with the triggers out of the way.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import attrs
import pytest
from sqlalchemy import (
    Connection,
    Engine,
    Table,
    create_engine,
    delete,
    insert,
    select,
    text,
    update,
)

from los_adapters.heads.memory import MemoryHeads
from los_adapters.store import platform_tables as tables
from los_core.domain.audit import Fault, Head, chain
from los_core.domain.work import AuditEvent
from los_core.services.audit import Audit, Examined
from los_core.testing import records
from los_core.testing.store import StoreRig

EVENTS, ANCHORED, PLACE = 60, 40, 25
"""So many events, of which so many are covered by a head; the tampering is done in the middle."""
SEAL = set(tables.audit_seal.c.keys())
LATER = records.AT + timedelta(microseconds=1)

_event, _seal = tables.audit.c, tables.audit_seal.c
Tamper = Callable[[Connection, list[UUID]], None]


@attrs.frozen
class Trail:
    """A sealed trail in a database, and what examines it."""

    rig: StoreRig
    engine: Engine
    audit: Audit
    ids: list[UUID]

    @contextmanager
    def behind(self) -> Iterator[Connection]:
        """Open a transaction in which no trigger and no foreign key is in the way."""
        behind = create_engine(self.engine.url)
        with behind.begin() as connection:
            if connection.dialect.name == "sqlite":
                triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                for name in connection.execute(text(triggers)).scalars().all():
                    connection.execute(text(f"DROP TRIGGER {name}"))
            else:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            yield connection
        behind.dispose()

    def examined(self) -> Examined:
        [ours] = [one for one in self.audit.verify() if one.brand == self.rig.ours]
        return ours

    def record(self, count: int) -> list[UUID]:
        ids = [self.rig.entropy.uuid() for _ in range(count)]
        with self.rig.begin(self.rig.brand_id) as uow:
            uow.desk.audit(
                attrs.evolve(
                    records.audit(self.rig.brand_id, event_id),
                    facts={"amountPaise": 1_00_000_00 + event_id.int % 1000, "reasons": ["AGE"]},
                )
                for event_id in ids
            )
        return ids


@pytest.fixture
def trail(sql: StoreRig, engine: Engine) -> Trail:
    audit = Audit(begin=sql.begin, platform=sql.platform, clock=sql.clock, heads=MemoryHeads())
    made = Trail(sql, engine, audit, [])
    for count in (ANCHORED, EVENTS - ANCHORED):
        made.ids.extend(made.record(count))
        assert audit.seal(sql.brand_id) == count
        if len(made.ids) == ANCHORED:
            assert audit.anchor(sql.brand_id) == 1
    return made


def test_an_untouched_trail_has_nothing_to_find(trail: Trail) -> None:
    seen = trail.examined()
    assert (seen.seals, seen.heads, seen.findings) == (EVENTS, 1, ())


def edit(table: Table, name: str, value: object) -> Tamper:
    """Return what writes another value into a column at the place."""

    def tamper(connection: Connection, ids: list[UUID]) -> None:
        key = table.c.get("event_id", table.c.get("id"))
        assert key is not None
        statement = update(table).where(key == ids[PLACE - 1]).values({name: value})
        assert connection.execute(statement).rowcount == 1

    tamper.__qualname__ = f"{table.name}.{name}"
    return tamper


def delete_event(connection: Connection, ids: list[UUID]) -> None:
    connection.execute(delete(tables.audit).where(_event.id == ids[PLACE - 1]))


def delete_seal(connection: Connection, _ids: list[UUID]) -> None:
    connection.execute(delete(tables.audit_seal).where(_seal.seq == PLACE))


def delete_both(connection: Connection, ids: list[UUID]) -> None:
    delete_event(connection, ids)
    delete_seal(connection, ids)


def delete_both_and_renumber(connection: Connection, ids: list[UUID]) -> None:
    delete_both(connection, ids)
    for seq in range(PLACE + 1, EVENTS + 1):
        connection.execute(update(tables.audit_seal).where(_seal.seq == seq).values(seq=seq - 1))


def swap_events(connection: Connection, ids: list[UUID]) -> None:
    """Exchange what two events say; each keeps its id and its seal."""
    _exchange(connection, ids, tables.audit, key="id", kept={"brand_id", "id"})


def swap_sealed_events(connection: Connection, ids: list[UUID]) -> None:
    """Exchange the events of two seals; each seal keeps its place and hash."""
    _exchange(connection, ids, tables.audit_seal, key="event_id", kept=SEAL - {"event_id"})


def swap_everything_but_places(connection: Connection, ids: list[UUID]) -> None:
    """Exchange two events with their seals, as if one had happened before the other."""
    _exchange(connection, ids, tables.audit_seal, key="event_id", kept={"brand_id", "seq"})


def swap_so_that_links_fit(connection: Connection, ids: list[UUID]) -> None:
    """Exchange two events with their seals, and have each follow the one that is now before it."""
    swap_everything_but_places(connection, ids)
    for seq in (PLACE, PLACE + 1):
        before = select(_seal.hash).where(_seal.seq == seq - 1).scalar_subquery()
        place = update(tables.audit_seal).where(_seal.seq == seq)
        connection.execute(place.values(prev_hash=before))


def _exchange(
    connection: Connection, ids: list[UUID], table: Table, *, key: str, kept: set[str]
) -> None:
    """Exchange the columns that are not kept of the rows of two events that follow each other."""
    at, pair = table.c[key], ids[PLACE - 1 : PLACE + 1]
    rows = connection.execute(select(table).where(at.in_(pair))).mappings().all()
    assert len(rows) == len(pair)
    assert {name: value for name, value in rows[0].items() if name not in kept} != {
        name: value for name, value in rows[1].items() if name not in kept
    }
    connection.execute(delete(table).where(at.in_(pair)))
    for row, other in (rows, rows[::-1]):
        new = {name: (row if name in kept else other)[name] for name in row}
        connection.execute(insert(table).values(**new))


def swap_seals(connection: Connection, _ids: list[UUID]) -> None:
    """Exchange the places of two seals."""
    for old, new in ((PLACE, 9999), (PLACE + 1, PLACE), (9999, PLACE + 1)):
        connection.execute(update(tables.audit_seal).where(_seal.seq == old).values(seq=new))


def insert_between(connection: Connection, ids: list[UUID]) -> None:
    """Put an event in with a seal that follows the one before it; later ones move on."""
    for seq in range(EVENTS, PLACE - 1, -1):
        connection.execute(update(tables.audit_seal).where(_seal.seq == seq).values(seq=seq + 1))
    before = connection.execute(select(tables.audit_seal).where(_seal.seq == PLACE - 1)).mappings()
    row = before.one()
    forged = records.audit(row["brand_id"], UUID(int=99))
    connection.execute(insert(tables.audit).values(**attrs.asdict(forged)))
    after = attrs.evolve(chain([forged], after=None, sealed_at=records.AT)[0], seq=PLACE)
    again = attrs.evolve(after, prev_hash=row["hash"])
    connection.execute(insert(tables.audit_seal).values(**attrs.asdict(again)))
    assert ids


@pytest.mark.parametrize(
    ("tamper", "fault", "place"),
    [
        (edit(tables.audit, "at", LATER), Fault.ALTERED, PLACE),
        (edit(tables.audit, "actor", "SYSTEM"), Fault.ALTERED, PLACE),
        (edit(tables.audit, "actor_id", None), Fault.ALTERED, PLACE),
        (edit(tables.audit, "action", "loan.reject"), Fault.ALTERED, PLACE),
        (edit(tables.audit, "entity", "payout"), Fault.ALTERED, PLACE),
        (edit(tables.audit, "entity_id", UUID(int=3)), Fault.ALTERED, PLACE),
        (edit(tables.audit, "facts", {"amountPaise": 1}), Fault.ALTERED, PLACE),
        (edit(tables.audit_seal, "hash", "f" * 64), Fault.ALTERED, PLACE),
        (edit(tables.audit_seal, "prev_hash", "f" * 64), Fault.BROKEN, PLACE),
        (
            edit(tables.audit_seal, "sealed_at", records.AT + timedelta(seconds=1)),
            Fault.ALTERED,
            PLACE,
        ),
        (delete_event, Fault.MISSING, PLACE),
        (delete_seal, Fault.GAP, PLACE),
        (delete_both, Fault.GAP, PLACE),
        (delete_both_and_renumber, Fault.BROKEN, PLACE),
        (swap_events, Fault.ALTERED, PLACE),
        (swap_sealed_events, Fault.ALTERED, PLACE),
        (swap_seals, Fault.BROKEN, PLACE),
        (swap_everything_but_places, Fault.BROKEN, PLACE),
        (swap_so_that_links_fit, Fault.ALTERED, PLACE),
        (insert_between, Fault.ALTERED, PLACE),
    ],
    ids=lambda value: getattr(value, "__qualname__", str(value)),
)
def test_the_first_break_is_named_by_its_place(
    trail: Trail, tamper: Tamper, fault: Fault, place: int
) -> None:
    trail.rig.clock.advance(timedelta(seconds=30))
    with trail.behind() as connection:
        tamper(connection, trail.ids)
    first = trail.examined().findings[0]
    assert (first.fault, first.seq) == (fault, place)


@pytest.mark.parametrize("left", [0, 1, ANCHORED - 1])
def test_a_tail_cut_off_before_the_last_head_is_found(trail: Trail, left: int) -> None:
    with trail.behind() as connection:
        gone = select(_seal.event_id).where(_seal.seq > left)
        connection.execute(delete(tables.audit).where(_event.id.in_(gone)))
        connection.execute(delete(tables.audit_seal).where(_seal.seq > left))
    [found] = trail.examined().findings
    assert (found.fault, found.seq) == (Fault.TRUNCATED, left)


def test_a_chain_made_anew_over_a_changed_event_does_not_fit_its_head(trail: Trail) -> None:
    """Who can write everything can chain everything again; the head elsewhere tells."""
    with trail.behind() as connection:
        edit(tables.audit, "facts", {"amountPaise": 1})(connection, trail.ids)
        connection.execute(delete(tables.audit_seal))
        rows = connection.execute(select(tables.audit).order_by(_event.id)).mappings()
        events = [AuditEvent(**row) for row in rows]
        seals = chain(events, after=None, sealed_at=records.AT)
        connection.execute(insert(tables.audit_seal), [attrs.asdict(seal) for seal in seals])
    [found] = trail.examined().findings
    assert (found.fault, found.seq) == (Fault.REWRITTEN, ANCHORED)


def test_an_event_put_in_without_a_seal_is_found_after_a_minute(trail: Trail) -> None:
    forged = records.audit(trail.rig.brand_id, UUID(int=99))
    with trail.behind() as connection:
        connection.execute(insert(tables.audit).values(**attrs.asdict(forged)))
    assert trail.examined().findings == ()
    trail.rig.clock.advance(timedelta(seconds=61))
    [found] = trail.examined().findings
    assert found.fault is Fault.UNSEALED
    assert str(forged.id) in found.what


def test_an_event_put_in_with_a_date_to_come_is_found_at_once(trail: Trail) -> None:
    late = records.AT + timedelta(days=900)
    forged = attrs.evolve(records.audit(trail.rig.brand_id, UUID(int=99)), at=late)
    with trail.behind() as connection:
        connection.execute(insert(tables.audit).values(**attrs.asdict(forged)))
    assert [found.fault for found in trail.examined().findings] == [Fault.UNSEALED]


def test_events_that_nobody_sealed_are_found_after_a_minute(trail: Trail) -> None:
    trail.record(3)
    trail.rig.clock.advance(timedelta(seconds=61))
    assert [found.fault for found in trail.examined().findings] == [Fault.UNSEALED]
    trail.audit.seal(trail.rig.brand_id)
    assert trail.examined().findings == ()


def test_seals_that_no_head_covers_are_found_after_an_hour(trail: Trail) -> None:
    trail.rig.clock.advance(timedelta(minutes=61))
    assert [found.fault for found in trail.examined().findings] == [Fault.UNANCHORED]
    assert trail.audit.anchor(trail.rig.brand_id) == 1
    assert trail.audit.anchor(trail.rig.brand_id) == 0
    assert trail.examined().findings == ()


def test_a_head_of_a_chain_that_was_never_this_one_is_found(trail: Trail) -> None:
    stray = Head(brand_id=trail.rig.brand_id, seq=50, hash="0" * 64, at=records.AT)
    trail.audit.heads.append(stray)
    assert [found.fault for found in trail.examined().findings] == [Fault.REWRITTEN]


def test_one_brands_trail_says_nothing_about_anothers(trail: Trail) -> None:
    with trail.behind() as connection:
        delete_event(connection, trail.ids)
    theirs = [one for one in trail.audit.verify() if one.brand == trail.rig.theirs]
    assert [one.findings for one in theirs] == [()]
