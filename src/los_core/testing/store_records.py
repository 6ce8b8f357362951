"""The laws of the records of a brand's settings, which hold for every kind."""

# ruff: noqa: D102 # a law's name is its sentence

from datetime import timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest

from los_core.domain.errors import Conflict, StaleVersion
from los_core.domain.record import Kind, Record
from los_core.domain.record_kinds import COUPONS, RECORDS
from los_core.services import coupons
from los_core.testing import records
from los_core.testing.settings import discounted, record, redemption
from los_core.testing.store import StoreRig, together, undone


@attrs.frozen(kw_only=True)
class Seat:
    """A value of a kind made up for the laws: with a key, a chief and something secret."""

    name: str
    row: str
    first: bool
    secret: str | None = None


SEATS = Kind(
    name="seats",
    holds=Seat,
    called="seat",
    key=lambda seat: seat.name,
    chief=lambda seat: seat.row if seat.first else "",
    demoted=lambda seat: attrs.evolve(seat, first=False),
    sealed=frozenset({"secret"}),
)


def _seat(rig: StoreRig, name: str = "A1", **more: Any) -> Record[Seat]:
    value = Seat(**{"name": name, "row": "A", "first": False, "secret": "vendor-key", **more})
    return record(SEATS, rig.entropy.uuid(), value)


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.name)
class KindLaws:
    """What holds for each kind there is."""

    def test_a_record_comes_back_whole(self, rig: StoreRig, kind: Kind[Any]) -> None:
        new = record(kind, rig.entropy.uuid())
        with rig.begin(rig.brand_id) as uow:
            uow.records.add(kind, new)
        with rig.begin(rig.brand_id) as uow:
            assert uow.records.get(kind, new.id) == new
            assert list(uow.records.all(kind)) == [new]
        with rig.begin(rig.theirs.id) as uow:
            assert uow.records.get(kind, new.id) is None
            assert uow.records.lock(kind, new.id) is None
            assert list(uow.records.all(kind)) == []

    def test_two_brands_may_have_the_same(self, rig: StoreRig, kind: Kind[Any]) -> None:
        for brand in (rig.brand_id, rig.theirs.id):
            with rig.begin(brand) as uow:
                uow.records.add(kind, record(kind, rig.entropy.uuid()))
                assert uow.records.page(kind, skip=0, limit=9).total == 1


class RecordLaws:
    """Records of a brand."""

    def test_a_record_is_of_its_kind_only(self, rig: StoreRig) -> None:
        new = _seat(rig)
        with rig.begin(rig.brand_id) as uow:
            uow.records.add(SEATS, new)
            assert uow.records.get(attrs.evolve(SEATS, name="chairs"), new.id) is None

    def test_a_key_is_used_once_until_its_record_is_removed(self, rig: StoreRig) -> None:
        first, other, second = _seat(rig), _seat(rig, "A2"), _seat(rig)
        with rig.begin(rig.brand_id) as uow:
            uow.records.add(SEATS, first)
            with pytest.raises(Conflict, match="already") as caught:
                uow.records.add(SEATS, second)
            assert caught.value.code == "RECORD_ON_FILE"
            uow.records.add(SEATS, other)
            with pytest.raises(Conflict):
                uow.records.save(SEATS, attrs.evolve(other, value=first.value))
            assert uow.records.by_key(SEATS, "A1") == first
            uow.records.remove(SEATS, first)
            assert uow.records.by_key(SEATS, "A1") is None
            uow.records.add(SEATS, second)
            assert list(uow.records.all(SEATS)) == [other, second]

    def test_a_group_has_one_chief(self, rig: StoreRig) -> None:
        chief, rival = _seat(rig, first=True), _seat(rig, "A2", first=True)
        with rig.begin(rig.brand_id) as uow:
            uow.records.add(SEATS, chief)
            with pytest.raises(Conflict) as caught:
                uow.records.add(SEATS, rival)
            assert caught.value.code == "CHIEF_ON_FILE"
            uow.records.add(SEATS, _seat(rig, "B1", row="B", first=True))
            assert uow.records.chief(SEATS, "A") == chief
            assert uow.records.chief(SEATS, "C") is None

    def test_a_record_is_written_by_who_read_the_latest(self, rig: StoreRig) -> None:
        new = _seat(rig)
        later = attrs.evolve(new, updated_at=records.AT + timedelta(days=1), updated_by=None)
        with rig.begin(rig.brand_id) as uow:
            uow.records.add(SEATS, new)
            saved = uow.records.save(SEATS, later)
            assert saved == attrs.evolve(later, version=2)
            assert uow.records.get(SEATS, new.id) == saved
            for write in (uow.records.save, uow.records.remove):
                with pytest.raises(StaleVersion) as caught:
                    write(SEATS, new)
                assert caught.value.details == {"version": 2}
        with rig.begin(rig.theirs.id) as uow, pytest.raises(StaleVersion):
            uow.records.save(SEATS, saved)

    def test_what_was_removed_is_nowhere(self, rig: StoreRig) -> None:
        new = _seat(rig, first=True)
        with rig.begin(rig.brand_id) as uow:
            uow.records.add(SEATS, new)
            uow.records.remove(SEATS, new)
            assert uow.records.get(SEATS, new.id) is None
            assert uow.records.lock(SEATS, new.id) is None
            assert uow.records.chief(SEATS, "A") is None
            assert list(uow.records.all(SEATS)) == []
            assert uow.records.page(SEATS, skip=0, limit=9).total == 0
            with pytest.raises(StaleVersion):
                uow.records.save(SEATS, new)

    def test_pages_follow_each_other_in_the_order_of_adding(self, rig: StoreRig) -> None:
        added = [_seat(rig, f"A{number}") for number in range(7)]
        with rig.begin(rig.brand_id) as uow:
            for each in added:
                uow.records.add(SEATS, each)
            pages = [uow.records.page(SEATS, skip=skip, limit=3) for skip in (0, 3, 6, 9)]
        assert [list(page.records) for page in pages] == [added[:3], added[3:6], added[6:], []]
        assert {page.total for page in pages} == {7}

    def test_each_change_begins_a_generation(self, rig: StoreRig) -> None:
        new = _seat(rig)
        seen = [rig.platform.generation(rig.brand_id)]

        def note() -> None:
            seen.append(rig.platform.generation(rig.brand_id))

        with rig.begin(rig.brand_id) as uow:
            uow.records.add(SEATS, new)
        note()
        with rig.begin(rig.brand_id) as uow:
            saved = uow.records.save(SEATS, new)
        note()
        with rig.begin(rig.brand_id) as uow:
            uow.records.remove(SEATS, saved)
        note()
        assert sorted(set(seen)) == seen
        with undone(rig) as uow:
            uow.records.add(SEATS, _seat(rig))
        assert rig.platform.generation(rig.brand_id) == seen[-1]

    def test_of_many_who_add_the_same_key_one_does(self, rig: StoreRig) -> None:
        ids: list[UUID] = [rig.entropy.uuid() for _ in range(20)]

        def add(number: int) -> bool:
            try:
                with rig.begin(rig.brand_id) as uow:
                    uow.records.add(SEATS, attrs.evolve(_seat(rig), id=ids[number]))
            except Conflict:
                return False
            return True

        assert sum(together(add)) == 1

    def test_uses_of_a_coupon_are_counted_until_they_are_given_back(self, rig: StoreRig) -> None:
        first, second = rig.add_loan(), rig.add_loan()
        mine = rig.add_loan(first.customer_id)
        uses = [redemption("HOLI", loan) for loan in (first, second, mine)]
        back = attrs.evolve(uses[0], released_at=records.AT)
        with rig.begin(rig.brand_id) as uow:
            for use in (*uses, redemption("DIWALI", mine), uses[0]):
                uow.coupons.put(use)
            assert uow.coupons.used("HOLI") == 3
            assert uow.coupons.by_customer("HOLI", first.customer_id) == 2
            assert uow.coupons.of_loan(first.id) == uses[0]
            uow.coupons.put(back)
            assert uow.coupons.used("HOLI") == 2
            assert uow.coupons.by_customer("HOLI", first.customer_id) == 1
            assert uow.coupons.of_loan(first.id) is None
        with rig.begin(rig.theirs.id) as uow:
            assert uow.coupons.used("HOLI") == 0

    def test_of_many_who_want_the_last_uses_as_many_get_one_as_there_are(
        self, rig: StoreRig
    ) -> None:
        coupon = record(COUPONS, rig.entropy.uuid())
        loans = [rig.add_loan() for _ in range(20)]
        for loan in loans:
            loan.coupon, loan.terms = coupon.value.code, discounted()
        with rig.begin(rig.brand_id) as uow:
            uow.records.add(COUPONS, coupon)

        def take(number: int) -> str:
            try:
                with rig.begin(rig.brand_id) as uow:
                    coupons.take(uow, loans[number], records.AT)
            except Conflict as err:
                return err.code
            return "taken"

        told = together(take)
        assert sorted(told) == ["COUPON_USED_UP"] * 17 + ["taken"] * 3
        with rig.begin(rig.brand_id) as uow:
            assert uow.coupons.used(coupon.value.code) == coupon.value.max_uses == 3
