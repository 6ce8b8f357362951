"""The laws of a record of chain heads, whoever keeps it."""

# ruff: noqa: D102 # a law's name is its sentence

from datetime import UTC, datetime, timedelta
from uuid import UUID

from los_core.domain.audit import Head
from los_core.domain.ids import BrandId
from los_core.ports.audit import HeadLog
from los_core.testing.store import together

BRAND = BrandId(UUID(int=1))
_AT = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)


def head(seq: int, brand_id: BrandId = BRAND) -> Head:
    """Return the head of a chain of `seq` seals."""
    at = _AT + timedelta(minutes=seq)
    return Head(brand_id=brand_id, seq=seq, hash=f"{seq:064x}", at=at)


class HeadLaws:
    """A suite for a fixture `heads` that yields an empty record."""

    def test_heads_come_back_in_order_each_brands_apart(self, heads: HeadLog) -> None:
        theirs = BrandId(UUID(int=2))
        assert list(heads.all(BRAND)) == []
        for seq in (1, 5, 9):
            assert heads.append(head(seq))
        assert heads.append(head(2, theirs))
        assert list(heads.all(BRAND)) == [head(1), head(5), head(9)]
        assert list(heads.all(theirs)) == [head(2, theirs)]

    def test_a_record_only_grows(self, heads: HeadLog) -> None:
        heads.append(head(5))
        assert not heads.append(head(5))
        assert not heads.append(head(4))
        assert list(heads.all(BRAND)) == [head(5)]

    def test_many_who_write_the_same_head_write_it_once(self, heads: HeadLog) -> None:
        assert sum(together(lambda _: heads.append(head(5)))) == 1
        assert list(heads.all(BRAND)) == [head(5)]

    def test_heads_written_at_once_are_a_growing_record(self, heads: HeadLog) -> None:
        together(lambda number: heads.append(head(number + 1)))
        written = [each.seq for each in heads.all(BRAND)]
        assert written == sorted(set(written))
        assert written[-1] == 20
