"""What the laws of a store need, and the laws of its transactions.

A store of one's own is tested by subclassing the laws (here and in the modules `store_…` beside)
with a fixture `rig` that yields an empty store with two brands on file.
"""

# ruff: noqa: D102 # a law's name is its sentence

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import attrs
import pytest

from los_core.domain.brand import Brand, Settings
from los_core.domain.customer import Customer
from los_core.domain.errors import Conflict, Invalid, StaleVersion
from los_core.domain.ids import BrandId, CustomerId
from los_core.domain.lifecycle import Command, Status
from los_core.domain.loan import Loan
from los_core.ports.work import Answer, Begin, Once, Platform, Replayed, UnitOfWork
from los_core.testing import records

T = TypeVar("T")
RACERS = 20


class Hands:
    """A clock whose hands are moved by the test; business time is the same."""

    def __init__(self) -> None:
        self.at = records.AT

    def now(self) -> datetime:
        return self.at

    def business_now(self) -> datetime:
        return self.at

    def business_date(self) -> date:
        return self.at.date()

    def advance(self, by: timedelta) -> None:
        self.at += by


class Counting:
    """Ids that rise, and codes that are no secret."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def uuid(self) -> UUID:
        with self._lock:
            self._last += 1
            return UUID(int=(0x0190C0DE << 96) | (7 << 76) | (1 << 63) | self._last)

    def digits(self, count: int) -> str:
        return str(self.uuid().int)[-count:]

    def token(self, size: int = 32) -> str:
        return self.uuid().hex[-size:]


@attrs.frozen(kw_only=True)
class StoreRig:
    """An empty store with two brands on file."""

    begin: Begin
    platform: Platform
    clock: Hands
    entropy: Counting
    ours: Brand
    theirs: Brand

    @property
    def brand_id(self) -> BrandId:
        return self.ours.id

    def add_customer(self, brand_id: BrandId | None = None, index: str = "phone") -> Customer:
        """Put a customer on file, whose PAN no other has."""
        brand = brand_id or self.brand_id
        new = records.customer(brand, self.entropy.uuid())
        new.person = f"person:{new.id}"
        with self.begin(brand) as uow:
            uow.customers.add(new, phone_index=f"{index}:{new.id}")
        return new

    def add_loan(self, customer_id: CustomerId | None = None, **changes: object) -> Loan:
        """Put a loan on file, of a new customer unless one is given."""
        owner = customer_id or self.add_customer().id
        new, first = records.begun(
            records.loan(self.brand_id, owner, self.entropy.uuid(), **changes)
        )
        with self.begin(self.brand_id) as uow:
            uow.loans.add(new, first)
        return new


def brands_on_file(platform: Platform) -> tuple[Brand, Brand]:
    """Put two brands on file."""
    ours, theirs = records.brand("ours"), records.brand("theirs")
    for brand in (ours, theirs):
        platform.add_brand(brand, Settings())
    return ours, theirs


def together(action: Callable[[int], T], racers: int = RACERS) -> list[T]:
    """Run an action in many threads that start at once; return what each returned."""
    gate = threading.Barrier(racers)

    def run(number: int) -> T:
        gate.wait()
        return action(number)

    with ThreadPoolExecutor(racers) as pool:
        return list(pool.map(run, range(racers)))


@contextmanager
def undone(rig: StoreRig, once: Once | None = None) -> Iterator[UnitOfWork]:
    """Open a unit of work that is left by an error."""

    class _Left(Exception):
        pass

    with suppress(_Left), rig.begin(rig.brand_id, once=once) as uow:
        yield uow
        raise _Left


def _once(key: str = "key-1", request_hash: str = "hash") -> Once:
    def render(result: object) -> Answer:
        return Answer(201, str(result).encode())

    return Once(scope="customer:pay", key=key, request_hash=request_hash, render=render)


class TransactionLaws:
    """All or nothing, each brand for itself, nobody's write lost, a command once."""

    def test_an_error_undoes_the_whole_block(self, rig: StoreRig) -> None:
        owner = rig.add_customer()
        loan, first = records.begun(records.loan(rig.brand_id, owner.id, rig.entropy.uuid()))
        job = records.job(rig.brand_id, rig.entropy.uuid(), key="undone")
        with undone(rig, _once()) as uow:
            uow.loans.add(loan, first)
            uow.desk.add_job(job)
            assert uow.desk.next_number("receipt") == 1
            uow.answer("never")
        with rig.begin(rig.brand_id, once=_once()) as uow:
            assert uow.loans.get(loan.id) is None
            assert uow.loans.history(loan.id) == []
            assert uow.desk.add_job(job)
            assert uow.desk.next_number("receipt") == 1

    def test_what_was_read_is_a_copy(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        with rig.begin(rig.brand_id) as uow:
            found = uow.loans.get(loan.id)
            assert found is not None
            found.purpose = "changed but never saved"
            again = uow.loans.get(loan.id)
            assert again is not None
            assert again.purpose == loan.purpose

    def test_hints_run_after_the_commit_only(self, rig: StoreRig) -> None:
        heard: list[str] = []
        with rig.begin(rig.brand_id) as uow:
            uow.after_commit(lambda: heard.append("committed"))
            assert heard == []
        with undone(rig) as uow:
            uow.after_commit(lambda: heard.append("undone"))
        assert heard == ["committed"]

    def test_another_brands_ids_answer_none(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        customer_id = loan.customer_id
        ids = [rig.entropy.uuid() for _ in range(8)]
        with rig.begin(rig.brand_id) as uow:
            offer = records.offer(rig.brand_id, loan.id, ids[0])
            uow.offers.add(offer, records.key_facts(offer, ids[1]))
            uow.agreements.add(records.agreement(rig.brand_id, loan.id, ids[2]))
            uow.agreements.add_document(records.file(rig.brand_id, customer_id, loan.id, ids[3]))
            payout = records.payout(rig.brand_id, loan.id, ids[4])
            uow.payouts.add(payout)
            receipt = records.receipt(rig.brand_id, loan.id, ids[5])
            uow.receipts.add(receipt)
            approval = records.approval(rig.brand_id, ids[6])
            uow.approvals.add(approval)
            uow.desk.add_event(records.event(rig.brand_id, ids[7]))
            uow.desk.add_message(records.message(rig.brand_id, loan.id, "m-1"))
            uow.books.add_facts([(loan.id, records.received(ids[0], "pay_1"))], records.AT)
        with rig.begin(rig.theirs.id) as uow:
            assert uow.customers.get(customer_id) is None
            assert uow.customers.lock(customer_id) is None
            assert uow.customers.by_phone(f"phone:{customer_id}") is None
            assert list(uow.customers.sharing(person=f"person:{customer_id}")) == []
            assert list(uow.customers.page(after=None, limit=10)) == []
            assert uow.loans.get(loan.id) is None
            assert uow.loans.lock(loan.id) is None
            assert list(uow.loans.page(limit=10)) == []
            assert list(uow.loans.servicing(after=None, limit=10)) == []
            assert uow.offers.get(offer.id) is None
            assert uow.offers.key_facts(offer.id) is None
            assert uow.agreements.get(ids[2]) is None
            assert uow.agreements.of_loan(loan.id) is None
            assert list(uow.agreements.documents(customer_id=customer_id)) == []
            assert uow.payouts.get(payout.id) is None
            assert uow.receipts.get(receipt.id) is None
            assert uow.receipts.find(receipt.source, receipt.account, receipt.reference) is None
            assert uow.approvals.get(approval.id) is None
            assert uow.desk.event(ids[7]) is None
            assert uow.desk.message("m-1") is None
            assert list(uow.books.facts(loan.id)) == []

    def test_a_row_of_another_brand_is_refused(self, rig: StoreRig) -> None:
        foreign = records.customer(rig.theirs.id, rig.entropy.uuid())
        with pytest.raises(AssertionError), rig.begin(rig.brand_id) as uow:
            uow.customers.add(foreign, phone_index="phone")

    def test_a_stale_version_is_refused_and_the_transaction_goes_on(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        with rig.begin(rig.brand_id) as uow:
            early, late = uow.loans.get(loan.id), uow.loans.get(loan.id)
            assert early is not None
            assert late is not None
            uow.loans.save(early)
            assert early.version == loan.version + 1
            with pytest.raises(StaleVersion) as refused:
                uow.loans.save(late)
            assert refused.value.details["version"] == early.version
            assert uow.desk.next_number("after") == 1
        with rig.begin(rig.brand_id) as uow:
            found = uow.loans.get(loan.id)
            assert found is not None
            assert found.version == loan.version + 1
            assert uow.desk.next_number("after") == 2

    def test_of_many_who_read_the_same_version_one_wins(self, rig: StoreRig) -> None:
        loan = rig.add_loan()

        def race(_: int) -> bool:
            mine = attrs.evolve(loan)
            try:
                with rig.begin(rig.brand_id) as uow:
                    uow.loans.save(mine)
            except StaleVersion:
                return False
            return True

        assert sum(together(race)) == 1

    def test_a_lock_lets_one_after_the_other_decide(self, rig: StoreRig) -> None:
        loan = rig.add_loan()

        def race(_: int) -> bool:
            with rig.begin(rig.brand_id) as uow:
                mine = uow.loans.lock(loan.id)
                assert mine is not None
                if mine.status is not Status.DRAFT:
                    return False
                uow.loans.save(mine, mine.move(Command.SUBMIT, records.by()))
                return True

        assert sum(together(race)) == 1
        with rig.begin(rig.brand_id) as uow:
            assert [move.seq for move in uow.loans.history(loan.id)] == [1, 2]

    def test_a_repeat_gets_the_first_answer(self, rig: StoreRig) -> None:
        with rig.begin(rig.brand_id, once=_once()) as uow:
            uow.answer("done")
        with pytest.raises(Replayed) as replayed, rig.begin(rig.brand_id, once=_once()):
            pytest.fail("a command was carried out twice")
        assert replayed.value.answer == Answer(201, b"done")

    def test_a_key_is_of_its_brand_and_scope(self, rig: StoreRig) -> None:
        with rig.begin(rig.brand_id, once=_once()) as uow:
            uow.answer("done")
        with rig.begin(rig.theirs.id, once=_once()) as uow:
            uow.answer("theirs")
        with rig.begin(rig.brand_id, once=attrs.evolve(_once(), scope="staff:pay")) as uow:
            uow.answer("staff's")

    def test_a_key_with_another_content_is_refused(self, rig: StoreRig) -> None:
        with rig.begin(rig.brand_id, once=_once()) as uow:
            uow.answer("done")
        other = _once(request_hash="other")
        with pytest.raises(Invalid) as refused, rig.begin(rig.brand_id, once=other):
            pytest.fail("a reused key was let in")
        assert refused.value.code == "KEY_REUSED"

    def test_old_keys_are_purged_in_chunks_and_nothing_else(self, rig: StoreRig) -> None:
        for number in range(3):
            with rig.begin(rig.brand_id, once=_once(f"old-{number}")) as uow:
                uow.answer("done")
        with rig.begin(rig.theirs.id, once=_once("old-0")) as uow:
            uow.answer("theirs")
        rig.clock.advance(timedelta(days=7, seconds=1))
        with rig.begin(rig.brand_id, once=_once("new")) as uow:
            uow.answer("done")
        purged = []
        for _ in range(3):
            with rig.begin(rig.brand_id) as uow:
                before = rig.clock.now() - timedelta(days=7)
                purged.append(uow.desk.purge_keys(before=before, limit=2))
        assert purged == [2, 1, 0]
        with rig.begin(rig.brand_id, once=_once("old-0")):
            pass
        for brand_id, key in ((rig.brand_id, "new"), (rig.theirs.id, "old-0")):
            with pytest.raises(Replayed), rig.begin(brand_id, once=_once(key)):
                pytest.fail("a key was forgotten too early")

    def test_an_answer_without_a_key_has_no_effect(self, rig: StoreRig) -> None:
        with rig.begin(rig.brand_id) as uow:
            uow.answer("nobody asked")

    def test_of_many_with_one_key_one_is_carried_out(self, rig: StoreRig) -> None:
        def race(_: int) -> str:
            try:
                with rig.begin(rig.brand_id, once=_once()) as uow:
                    number = uow.desk.next_number("receipt")
                    uow.answer(number)
            except Replayed as replayed:
                return replayed.answer.body.decode()
            return str(number)

        assert together(race) == ["1"] * RACERS
        with rig.begin(rig.brand_id) as uow:
            assert uow.desk.next_number("receipt") == 2

    def test_a_command_that_calls_a_vendor_resumes_its_own_key(self, rig: StoreRig) -> None:
        once = _once()
        with rig.begin(rig.brand_id, once=once):
            pass
        rig.clock.advance(timedelta(seconds=20))
        with pytest.raises(Conflict) as refused, rig.begin(rig.brand_id, once=once):
            pytest.fail("a running command was begun again")
        assert refused.value.code == "IN_PROGRESS"
        assert refused.value.details["retry_after_s"] == 40
        with rig.begin(rig.brand_id, once=attrs.evolve(once, resume=True)) as uow:
            uow.answer("paid")
        with pytest.raises(Replayed) as replayed, rig.begin(rig.brand_id, once=once):
            pytest.fail("a finished command was begun again")
        assert replayed.value.answer.body == b"paid"

    def test_a_key_whose_process_died_is_taken_over_by_one_repeat(self, rig: StoreRig) -> None:
        with rig.begin(rig.brand_id, once=_once()):
            pass
        rig.clock.advance(timedelta(seconds=60))

        def race(_: int) -> str:
            try:
                with rig.begin(rig.brand_id, once=_once()):
                    return "begun"
            except Conflict as refused:
                return refused.code

        assert sorted(together(race)) == ["IN_PROGRESS"] * (RACERS - 1) + ["begun"]

    def test_numbers_have_no_gaps(self, rig: StoreRig) -> None:
        def race(number: int) -> int:
            opened = undone(rig) if number % 2 else rig.begin(rig.brand_id)
            with opened as uow:
                drawn = uow.desk.next_number("receipt")
            return 0 if number % 2 else drawn

        drawn = sorted(number for number in together(race) if number)
        assert drawn == list(range(1, RACERS // 2 + 1))
        with rig.begin(rig.theirs.id) as uow:
            assert uow.desk.next_number("receipt") == 1
