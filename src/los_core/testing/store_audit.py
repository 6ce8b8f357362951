"""The laws of a store about the audit trail: everything recorded is sealed once, in one chain."""

# ruff: noqa: D102 # a law's name is its sentence

from datetime import timedelta
from typing import Any

import attrs
import pytest

from los_core.domain.audit import GENESIS, Inspection, Seal, chain, link_of
from los_core.domain.errors import Conflict
from los_core.domain.work import AuditEvent, Sought
from los_core.ports.work import UnitOfWork
from los_core.testing import records
from los_core.testing.store import StoreRig, together, undone


class TrailLaws:
    """What is recorded waits for its seal, gets one, and stays."""

    def test_what_is_recorded_waits_for_its_seal_oldest_first(self, rig: StoreRig) -> None:
        late, early = _recorded(rig, minutes=1), _recorded(rig)
        with rig.begin(rig.brand_id) as uow:
            assert list(uow.trail.unsealed(limit=9)) == [early, late]
            assert list(uow.trail.unsealed(limit=1)) == [early]
            assert uow.trail.last_seal() is None
        with rig.begin(rig.theirs.id) as uow:
            assert list(uow.trail.unsealed(limit=9)) == []

    def test_events_are_found_newest_first_by_what_is_asked_of_them(self, rig: StoreRig) -> None:
        plain = [_recorded(rig, minutes=i) for i in range(3)]
        who, what = rig.entropy.uuid(), rig.entropy.uuid()
        other = attrs.evolve(
            records.audit(rig.brand_id, rig.entropy.uuid()),
            at=records.AT + timedelta(minutes=3),
            actor="SYSTEM",
            actor_id=who,
            action="access.login",
            entity="access",
            entity_id=what,
        )
        with rig.begin(rig.brand_id) as uow:
            uow.desk.audit([other])
        span = Sought(since=records.AT, until=records.AT + timedelta(minutes=4))
        with rig.begin(rig.brand_id) as uow:

            def found(skip: int = 0, limit: int = 9, **asked: Any) -> list[AuditEvent]:
                return list(uow.trail.find(attrs.evolve(span, **asked), skip=skip, limit=limit))

            assert found() == [other, *plain[::-1]]
            assert found(skip=1, limit=2) == plain[:0:-1]
            assert found(until=other.at) == plain[::-1]
            assert found(since=other.at) == [other]
            for asked in (
                {"actor": "SYSTEM"},
                {"actor_id": who},
                {"entity": "access"},
                {"entity_id": what},
                {"actions": frozenset({"access.login", "access.logout"})},
            ):
                assert found(**asked) == [other]
            assert found(actions=frozenset()) == []
        with rig.begin(rig.theirs.id) as uow:
            assert list(uow.trail.find(span, skip=0, limit=9)) == []

    def test_what_was_undone_waits_for_nothing(self, rig: StoreRig) -> None:
        with undone(rig) as uow:
            uow.desk.audit([records.audit(rig.brand_id, rig.entropy.uuid())])
        with rig.begin(rig.brand_id) as uow:
            assert list(uow.trail.unsealed(limit=9)) == []

    def test_sealed_events_come_back_in_the_order_of_the_chain(self, rig: StoreRig) -> None:
        events = [_recorded(rig, minutes=n) for n in range(3)]
        with rig.begin(rig.brand_id) as uow:
            seals = _seal(uow)
            assert uow.trail.last_seal() == seals[-1]
            assert [seal.seq for seal in seals] == [1, 2, 3]
            assert seals[0].prev_hash == GENESIS
            links = [link_of(*pair) for pair in zip(seals, events, strict=True)]
            assert list(uow.trail.sealed(after=0, limit=9)) == links
            assert list(uow.trail.sealed(after=1, limit=1)) == links[1:2]
            assert list(uow.trail.unsealed(limit=9)) == []
        with rig.begin(rig.theirs.id) as uow:
            assert uow.trail.last_seal() is None
            assert list(uow.trail.sealed(after=0, limit=9)) == []

    def test_a_store_hashes_what_it_gave_out(self, rig: StoreRig) -> None:
        """Facts of every kind of value come back the same, or the chain would break by itself."""
        odd: dict[str, object] = {
            "name": "Ümläut \u0915",
            "none": None,
            "deep": {"z": [1, {"a": True}], "a": 2**53},
        }
        event = attrs.evolve(
            records.audit(rig.brand_id, rig.entropy.uuid()),
            facts=odd,
            at=records.AT + timedelta(microseconds=120_300),
            actor_id=None,
            action='loan."quoted"\\ \u2028\x1f',
        )
        with rig.begin(rig.brand_id) as uow:
            uow.desk.audit([event])
            [seal] = _seal(uow)
        with rig.begin(rig.brand_id) as uow:
            [link] = uow.trail.sealed(after=0, limit=9)
        assert link == link_of(seal, event)
        assert list(Inspection(brand_id=rig.brand_id, heads=()).walk([link])) == []

    def test_neither_a_number_nor_an_event_is_sealed_twice(self, rig: StoreRig) -> None:
        first, second = _recorded(rig), _recorded(rig, minutes=1)
        with rig.begin(rig.brand_id) as uow:
            uow.trail.seal(chain([first], after=None, sealed_at=records.AT))
        for events, after in (([second], None), ([first], _seal_of(rig))):
            with pytest.raises(Conflict) as refused, rig.begin(rig.brand_id) as uow:
                uow.trail.seal(chain(events, after=after, sealed_at=records.AT))
            assert refused.value.code == "SEALED"
        with rig.begin(rig.brand_id) as uow:
            assert list(uow.trail.unsealed(limit=9)) == [second]

    def test_many_sealers_make_one_chain(self, rig: StoreRig) -> None:
        for n in range(30):
            _recorded(rig, minutes=n)

        def race(_: int) -> None:
            for _ in range(10):
                try:
                    with rig.begin(rig.brand_id) as uow:
                        _seal(uow, limit=4)
                except Conflict as refused:
                    assert refused.code == "SEALED"  # noqa: PT017 - others may have won

        together(race, racers=6)
        with rig.begin(rig.brand_id) as uow:
            links = uow.trail.sealed(after=0, limit=99)
            assert list(uow.trail.unsealed(limit=9)) == []
        assert [link.seq for link in links] == list(range(1, 31))
        assert [link.prev_hash for link in links[1:]] == [link.hash for link in links[:-1]]
        assert len({link.event_id for link in links}) == 30

    def test_events_without_a_seal_are_overdue_by_their_age(self, rig: StoreRig) -> None:
        old, young = _recorded(rig), _recorded(rig, minutes=5)
        minute = timedelta(minutes=1)
        with rig.begin(rig.brand_id) as uow:

            def overdue(at: int) -> list[AuditEvent]:
                now = records.AT + at * minute
                return list(uow.trail.overdue(before=now - minute, after=now + minute, limit=9))

            assert overdue(5) == [old]
            assert overdue(7) == [old, young]
            assert overdue(0) == [young]
            _seal(uow, limit=1)
            assert overdue(7) == [young]


def _recorded(rig: StoreRig, minutes: int = 0) -> AuditEvent:
    at = records.AT + timedelta(minutes=minutes)
    event = attrs.evolve(records.audit(rig.brand_id, rig.entropy.uuid()), at=at)
    with rig.begin(rig.brand_id) as uow:
        uow.desk.audit([event])
    return event


def _seal(uow: UnitOfWork, limit: int = 99) -> tuple[Seal, ...]:
    events = uow.trail.unsealed(limit=limit)
    seals = chain(events, after=uow.trail.last_seal(), sealed_at=records.AT)
    if seals:
        uow.trail.seal(seals)
    return seals


def _seal_of(rig: StoreRig) -> Seal | None:
    with rig.begin(rig.brand_id) as uow:
        return uow.trail.last_seal()
