"""The laws of who may come in: log-ins of staff, secure codes, API keys, brands' hosts."""

# ruff: noqa: D102 # a law's name is its sentence

from datetime import timedelta
from uuid import UUID

import attrs
import pytest

from los_core.domain.brand import Settings
from los_core.domain.errors import Conflict, StaleVersion
from los_core.domain.ids import StaffId
from los_core.domain.staff import Guess, Session, Staff
from los_core.testing import records
from los_core.testing.store import StoreRig, together


class AccessLaws:
    """Log-ins, codes and keys."""

    def test_a_brand_is_found_by_its_hosts_label_which_no_other_takes(self, rig: StoreRig) -> None:
        hosted = attrs.evolve(records.brand("hosted"), subdomain="bharat")
        rig.platform.add_brand(hosted, Settings())
        assert rig.platform.brand_at("bharat") == hosted
        assert rig.platform.brand_at("nobody") is None
        second = attrs.evolve(records.brand("second"), subdomain="bharat")
        with pytest.raises(Conflict) as caught:
            rig.platform.add_brand(second, Settings())
        assert caught.value.code == "SUBDOMAIN_TAKEN"

    def test_staff_are_listed_by_name_of_a_brand_or_of_all(self, rig: StoreRig) -> None:
        ours, theirs = self._staff(rig, name="Zubin"), self._staff(rig, name="Asha", mine=False)
        left = self._staff(rig, name="Meera", active=False)
        listed = rig.platform.staff_of
        assert [each.id for each in listed(rig.brand_id)] == [left.id, ours.id]
        assert [each.id for each in listed(None)] == [theirs.id, left.id, ours.id]

    def test_what_is_told_of_staff_is_written_with_them_or_not_at_all(self, rig: StoreRig) -> None:
        staff = self._staff(rig)
        event = records.audit(rig.brand_id, rig.entropy.uuid())
        stale = attrs.evolve(staff)
        rig.platform.save_staff(staff, trail=[event])
        with pytest.raises(StaleVersion):
            rig.platform.save_staff(stale, trail=[event])
        fresh = rig.platform.staff(staff.id)
        assert fresh is not None
        other = records.audit(rig.brand_id, rig.entropy.uuid())
        rig.platform.save_staff(fresh, trail=[other])

    def test_good_log_ins_are_listed_newest_first(self, rig: StoreRig) -> None:
        staff, other = self._staff(rig), self._staff(rig)
        first = self._session(rig, staff.id)
        second = self._session(rig, staff.id, created_at=records.AT + timedelta(hours=1))
        for over in ("expires_at", "ends_at", "revoked_at"):
            self._session(rig, staff.id, **{over: records.AT})
        self._session(rig, other.id)
        listed = rig.platform.sessions_of(staff.id, records.AT + timedelta(hours=2))
        assert [each.id for each in listed] == [second.id, first.id]

    def test_every_log_in_but_one_is_ended(self, rig: StoreRig) -> None:
        staff, other = self._staff(rig), self._staff(rig)
        kept, _, others = (self._session(rig, each.id) for each in (staff, staff, other))
        rig.platform.revoke_all(staff.id, records.AT, but=kept.id)
        listed = rig.platform.sessions_of
        assert [each.id for each in listed(staff.id, records.AT)] == [kept.id]
        assert [each.id for each in listed(other.id, records.AT)] == [others.id]
        rig.platform.revoke_all(staff.id, records.AT)
        assert list(listed(staff.id, records.AT)) == []

    def test_the_latest_code_of_a_person_voids_those_before(self, rig: StoreRig) -> None:
        staff = self._staff(rig)
        first = records.secure_code(rig.entropy.uuid(), staff.id)
        later = attrs.evolve(
            first, id=rig.entropy.uuid(), sent_at=records.AT + timedelta(minutes=1)
        )
        for code in (first, later):
            rig.platform.add_secure_code(code)
        assert rig.platform.latest_secure_code(staff.id) == later
        assert rig.platform.secure_code(first.id) == attrs.evolve(first, used=True)
        assert self._try(rig, first.id, right=True) is Guess.WRONG
        assert self._try(rig, later.id, right=True) is Guess.RIGHT

    def test_a_secure_code_works_once_and_has_a_number_of_tries(self, rig: StoreRig) -> None:
        staff = self._staff(rig)
        code = records.secure_code(rig.entropy.uuid(), staff.id)
        rig.platform.add_secure_code(code)
        guesses = [self._try(rig, code.id, right=False) for _ in range(4)]
        assert guesses == [Guess.WRONG] * 3 + [Guess.SPENT]
        assert self._try(rig, code.id, right=True) is Guess.SPENT

    def test_a_secure_code_ends(self, rig: StoreRig) -> None:
        staff = self._staff(rig)
        code = records.secure_code(rig.entropy.uuid(), staff.id)
        rig.platform.add_secure_code(code)
        rig.clock.advance(timedelta(minutes=10))
        assert self._try(rig, code.id, right=True) is Guess.WRONG

    def test_of_many_who_show_a_secure_code_one_is_right(self, rig: StoreRig) -> None:
        staff = self._staff(rig)
        code = records.secure_code(rig.entropy.uuid(), staff.id)
        rig.platform.add_secure_code(code)
        guesses = together(lambda _: self._try(rig, code.id, right=True))
        assert guesses.count(Guess.RIGHT) == 1

    def test_a_key_is_found_by_its_hash_in_its_own_brand(self, rig: StoreRig) -> None:
        key = records.api_key(rig.brand_id, rig.entropy.uuid())
        with rig.begin(rig.brand_id) as uow:
            uow.keys.add(key)
            assert uow.keys.by_hash(key.key_hash) == key
            assert uow.keys.by_hash("of another") is None
        with rig.begin(rig.theirs.id) as uow:
            assert uow.keys.by_hash(key.key_hash) is None
            assert uow.keys.get(key.id) is None
            assert list(uow.keys.all()) == []

    def test_a_key_is_saved_by_who_read_the_latest_and_its_use_is_no_change(
        self, rig: StoreRig
    ) -> None:
        first, second = (
            records.api_key(rig.brand_id, rig.entropy.uuid(), created_at=at)
            for at in (records.AT, records.AT - timedelta(days=1))
        )
        with rig.begin(rig.brand_id) as uow:
            uow.keys.add(first)
            uow.keys.add(second)
            assert [key.id for key in uow.keys.all()] == [second.id, first.id]
            stale = attrs.evolve(first)
            uow.keys.used(first.id, records.AT)
            first.last_used_at, first.revoked_at = records.AT, records.AT
            uow.keys.save(first)
            assert uow.keys.get(first.id) == first
            with pytest.raises(StaleVersion):
                uow.keys.save(stale)

    def _staff(
        self, rig: StoreRig, *, mine: bool = True, name: str = "Farah", active: bool = True
    ) -> Staff:
        brand_id = rig.brand_id if mine else rig.theirs.id
        staff = attrs.evolve(records.staff(rig.entropy.uuid(), brand_id), name=name, active=active)
        rig.platform.add_staff(staff)
        return staff

    def _session(self, rig: StoreRig, staff_id: StaffId, **changes: object) -> Session:
        session_id = rig.entropy.uuid()
        session = records.session(session_id, staff_id, f"token of {session_id}")
        session = attrs.evolve(session, **changes)  # type: ignore[arg-type]  # fields by name
        rig.platform.add_session(session)
        return session

    def _try(self, rig: StoreRig, code_id: UUID, *, right: bool) -> Guess:
        return rig.platform.try_secure_code(code_id, right=right, at=rig.clock.now(), limit=3)
