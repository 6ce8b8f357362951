"""What the memory store asserts so that a mistake shows before a database is met."""

import pytest

from los_adapters.store.memory import MemoryStore
from los_core.domain.ids import CustomerId
from los_core.testing import records
from los_core.testing.store import Counting, Hands, StoreRig, brands_on_file


@pytest.fixture
def memory() -> StoreRig:
    clock, entropy = Hands(), Counting()
    store = MemoryStore(clock=clock, entropy=entropy)
    ours, theirs = brands_on_file(store.platform)
    return StoreRig(
        begin=store.begin,
        platform=store.platform,
        clock=clock,
        entropy=entropy,
        ours=ours,
        theirs=theirs,
    )


def test_a_second_transaction_inside_the_first_is_a_bug(memory: StoreRig) -> None:
    with memory.begin(memory.brand_id):
        with pytest.raises(AssertionError, match="open on this thread"):
            memory.platform.add_staff(records.staff(memory.entropy.uuid()))
        assert memory.platform.brand(memory.brand_id) == memory.ours


def test_parents_come_first(memory: StoreRig) -> None:
    loan, first = records.begun(
        records.loan(memory.brand_id, CustomerId(memory.entropy.uuid()), memory.entropy.uuid())
    )
    with (
        pytest.raises(AssertionError, match="parent first"),
        memory.begin(memory.brand_id) as uow,
    ):
        uow.loans.add(loan, first)


def test_each_store_has_a_state_of_its_own(memory: StoreRig) -> None:
    other = MemoryStore(clock=memory.clock, entropy=memory.entropy)
    assert list(other.platform.brands()) == []
