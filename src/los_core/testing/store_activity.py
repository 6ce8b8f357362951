"""The laws of who is at work: one sitting for a log-in, found by person and time."""

# ruff: noqa: D102 # a law's name is its sentence

from datetime import timedelta

import attrs

from los_core.domain.activity import Activity, EndReason, Sitting
from los_core.domain.ids import StaffId
from los_core.testing import records
from los_core.testing.store import StoreRig, together

HOUR = timedelta(hours=1)


class SittingLaws:
    """Sittings of staff."""

    def test_one_reads_back_as_written_in_its_own_brand(self, rig: StoreRig) -> None:
        sat = self._sitting(rig, self._staff(rig))
        with rig.begin(rig.brand_id) as uow:
            assert uow.sittings.get(sat.id) == sat
            assert uow.sittings.lock(sat.id) == sat
        with rig.begin(rig.theirs.id) as uow:
            assert uow.sittings.get(sat.id) is None
            assert uow.sittings.lock(sat.id) is None
            assert list(uow.sittings.unended()) == []

    def test_a_log_in_has_one_whoever_begins_it(self, rig: StoreRig) -> None:
        sat = records.sitting(rig.brand_id, rig.entropy.uuid(), self._staff(rig))

        def race(_: int) -> bool:
            with rig.begin(rig.brand_id) as uow:
                return uow.sittings.add(sat)

        assert sum(together(race)) == 1

    def test_what_has_ended_is_looked_at_no_more(self, rig: StoreRig) -> None:
        staff = self._staff(rig)
        late, early = self._sitting(rig, staff, hours=1), self._sitting(rig, staff)
        over = self._sitting(rig, staff)
        ended = attrs.evolve(
            over,
            activity=over.activity.close(records.AT + HOUR / 3, EndReason.LOGOUT),
            alerted_at=records.AT,
        )
        with rig.begin(rig.brand_id) as uow:
            uow.sittings.save(ended)
        with rig.begin(rig.brand_id) as uow:
            assert list(uow.sittings.unended()) == [early, late]
            assert uow.sittings.get(over.id) == ended

    def test_pages_are_newest_first_within_a_span(self, rig: StoreRig) -> None:
        asha, ravi = self._staff(rig), self._staff(rig)
        sat = [self._sitting(rig, who, hours=i) for i, who in enumerate((asha, ravi, asha, asha))]
        span = {"since": records.AT, "until": records.AT + 3 * HOUR}
        with rig.begin(rig.brand_id) as uow:
            page, count = uow.sittings.page, uow.sittings.count
            assert list(page(staff_id=None, skip=0, limit=9, **span)) == sat[2::-1]
            assert list(page(staff_id=None, skip=1, limit=1, **span)) == [sat[1]]
            assert list(page(staff_id=asha, skip=0, limit=9, **span)) == [sat[2], sat[0]]
            assert count(staff_id=None, **span) == 3
            assert count(staff_id=asha, **span) == 2

    def test_old_ones_are_purged_in_chunks(self, rig: StoreRig) -> None:
        staff = self._staff(rig)
        for _ in range(3):
            self._sitting(rig, staff)
        new = self._sitting(rig, staff, hours=1)
        purged = []
        for _ in range(3):
            with rig.begin(rig.brand_id) as uow:
                purged.append(uow.sittings.purge(before=records.AT + HOUR, limit=2))
        assert purged == [2, 1, 0]
        with rig.begin(rig.brand_id) as uow:
            assert list(uow.sittings.unended()) == [new]

    def _staff(self, rig: StoreRig) -> StaffId:
        new = records.staff(rig.entropy.uuid(), rig.brand_id)
        rig.platform.add_staff(new)
        return new.id

    def _sitting(self, rig: StoreRig, staff: StaffId, *, hours: int = 0) -> Sitting:
        sat = records.sitting(
            rig.brand_id,
            rig.entropy.uuid(),
            staff,
            activity=Activity.start(records.AT + hours * HOUR),
        )
        with rig.begin(rig.brand_id) as uow:
            assert uow.sittings.add(sat)
        return sat
