"""The laws of what staff are told: own rows only, of the brands they work for."""

# ruff: noqa: D102 # a law's name is its sentence

from datetime import timedelta

from los_core.domain.ids import BrandId, StaffId
from los_core.domain.notification import Notification
from los_core.testing import records
from los_core.testing.store import StoreRig, undone

MINUTE = timedelta(minutes=1)


class NoticeLaws:
    """Notifications."""

    def test_one_reads_back_as_written_and_with_its_cause_or_not_at_all(
        self, rig: StoreRig
    ) -> None:
        staff = self._staff(rig)
        told = self._tell(rig, staff)
        with undone(rig) as uow:
            uow.notices.add([records.notification(rig.brand_id, rig.entropy.uuid(), staff)])
            uow.notices.add([])
        box = rig.platform.mailbox
        assert list(box.page(staff, [rig.brand_id], skip=0, limit=9)) == [told]
        assert box.get(staff, [rig.brand_id], told.id) == told
        assert box.counts(staff, [rig.brand_id]) == (1, 1)

    def test_pages_are_newest_first_over_all_brands_that_are_named(self, rig: StoreRig) -> None:
        staff = self._staff(rig)
        both = [rig.brand_id, rig.theirs.id]
        told = [self._tell(rig, staff, both[i % 2], minutes=i) for i in range(5)]
        box = rig.platform.mailbox
        assert list(box.page(staff, both, skip=1, limit=3)) == told[3:0:-1]
        assert box.counts(staff, both) == (5, 5)
        assert list(box.page(staff, both[:1], skip=0, limit=9)) == told[4::-2]
        assert list(box.page(staff, [], skip=0, limit=9)) == []
        assert box.counts(staff, []) == (0, 0)

    def test_nobody_elses_is_seen_read_or_dismissed(self, rig: StoreRig) -> None:
        mine, other = self._staff(rig), self._staff(rig)
        told = self._tell(rig, other)
        box, brands = rig.platform.mailbox, [rig.brand_id]
        assert box.get(mine, brands, told.id) is None
        assert box.read(mine, brands, records.AT, only=told.id) == 0
        assert box.read(mine, brands, records.AT) == 0
        assert not box.dismiss(mine, brands, told.id, records.AT)
        assert not box.dismiss(other, [rig.theirs.id], told.id, records.AT)
        assert box.get(other, brands, told.id) == told

    def test_one_is_read_once_and_all_are_read_together(self, rig: StoreRig) -> None:
        staff, brands = self._staff(rig), [rig.brand_id]
        first, *_ = [self._tell(rig, staff, minutes=i) for i in range(3)]
        box = rig.platform.mailbox
        assert box.read(staff, brands, records.AT, only=first.id) == 1
        assert box.read(staff, brands, records.AT + MINUTE, only=first.id) == 1
        assert box.counts(staff, brands) == (3, 2)
        assert box.read(staff, brands, records.AT + MINUTE) == 2
        assert box.counts(staff, brands) == (3, 0)
        found = box.get(staff, brands, first.id)
        assert found is not None
        assert found.read_at == records.AT

    def test_what_is_dismissed_is_in_no_list(self, rig: StoreRig) -> None:
        staff, brands = self._staff(rig), [rig.brand_id]
        told = self._tell(rig, staff)
        box = rig.platform.mailbox
        assert box.dismiss(staff, brands, told.id, records.AT)
        assert not box.dismiss(staff, brands, told.id, records.AT)
        assert box.read(staff, brands, records.AT, only=told.id) == 0
        assert list(box.page(staff, brands, skip=0, limit=9)) == []
        assert box.counts(staff, brands) == (0, 0)
        assert list(box.since([staff], brands, since=records.AT, limit=9)) == []

    def test_what_is_new_is_found_for_several_people_oldest_first(self, rig: StoreRig) -> None:
        asha, ravi, other = (self._staff(rig) for _ in range(3))
        told = [self._tell(rig, who, minutes=i) for i, who in enumerate((asha, ravi, asha, ravi))]
        self._tell(rig, other, minutes=2)
        box, brands = rig.platform.mailbox, [rig.brand_id]
        people, since = [asha, ravi], records.AT + MINUTE
        assert list(box.since(people, brands, since=since, limit=9)) == told[1:]
        assert list(box.since(people, brands, since=since, limit=2)) == told[1:3]
        behind = told[2].created_at, told[2].id
        assert list(box.since(people, brands, since=since, limit=9, after=behind)) == told[3:]
        box.read(asha, brands, records.AT)
        assert list(box.since(people, brands, since=since, limit=9)) == [told[1], told[3]]

    def test_old_ones_are_purged_in_chunks_of_the_own_brand(self, rig: StoreRig) -> None:
        staff = self._staff(rig)
        old = [self._tell(rig, staff) for _ in range(3)]
        new = self._tell(rig, staff, minutes=1)
        theirs = self._tell(rig, staff, rig.theirs.id)
        purged = []
        for _ in range(3):
            with rig.begin(rig.brand_id) as uow:
                purged.append(uow.notices.purge(before=records.AT + MINUTE, limit=2))
        assert purged == [2, 1, 0]
        both = [rig.brand_id, rig.theirs.id]
        assert list(rig.platform.mailbox.page(staff, both, skip=0, limit=9)) == [new, theirs]
        assert len(old) == 3

    def test_sessions_are_told_apart_by_whether_they_are_good(self, rig: StoreRig) -> None:
        staff = self._staff(rig)
        good, revoked, over = (
            records.session(rig.entropy.uuid(), staff, f"token {i}") for i in range(3)
        )
        revoked.revoked_at, over.expires_at = records.AT, records.AT
        for session in (good, revoked, over):
            rig.platform.add_session(session)
        asked = {good.id, revoked.id, over.id, rig.entropy.uuid()}
        assert rig.platform.alive(asked, records.AT) == {good.id}
        assert rig.platform.alive(set(), records.AT) == set()

    def test_colleagues_are_those_at_work_in_the_brand(self, rig: StoreRig) -> None:
        here, _ = self._staff(rig, rig.brand_id), self._staff(rig, rig.theirs.id)
        left = records.staff(rig.entropy.uuid(), rig.brand_id)
        left.active = False
        rig.platform.add_staff(left)
        with rig.begin(rig.brand_id) as uow:
            assert [each.id for each in uow.lender.colleagues()] == [here]

    def test_who_has_left_is_told_nothing(self, rig: StoreRig) -> None:
        elsewhere = self._staff(rig, rig.theirs.id)
        left = records.staff(rig.entropy.uuid(), rig.brand_id)
        left.active = False
        rig.platform.add_staff(left)
        here = self._staff(rig)
        with rig.begin(rig.brand_id) as uow:
            uow.notices.add(
                [
                    records.notification(rig.brand_id, rig.entropy.uuid(), staff)
                    for staff in (elsewhere, left.id, here)
                ]
            )
        counts = rig.platform.mailbox.counts
        both = [rig.brand_id, rig.theirs.id]
        assert [counts(each, both)[0] for each in (elsewhere, left.id, here)] == [0, 0, 1]

    def _staff(self, rig: StoreRig, *brands: BrandId) -> StaffId:
        new = records.staff(rig.entropy.uuid(), *(brands or (rig.brand_id, rig.theirs.id)))
        rig.platform.add_staff(new)
        return new.id

    def _tell(
        self, rig: StoreRig, staff: StaffId, brand_id: BrandId | None = None, *, minutes: int = 0
    ) -> Notification:
        brand = brand_id or rig.brand_id
        told = records.notification(
            brand, rig.entropy.uuid(), staff, created_at=records.AT + minutes * MINUTE
        )
        with rig.begin(brand) as uow:
            uow.notices.add([told])
        return told
