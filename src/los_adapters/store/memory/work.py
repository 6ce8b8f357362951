"""Transactions in memory: one writer at a time, and an error undoes the whole block."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs

from los_adapters.store.memory.activity import MemorySittings
from los_adapters.store.memory.credentials import MemoryApiKeys
from los_adapters.store.memory.desk import MemoryApprovals, MemoryDesk
from los_adapters.store.memory.lender import MemoryLender
from los_adapters.store.memory.loans import (
    MemoryAgreements,
    MemoryAssessments,
    MemoryLoans,
    MemoryOffers,
)
from los_adapters.store.memory.money import MemoryBooks, MemoryPayouts, MemoryReceipts
from los_adapters.store.memory.notifications import MemoryNotices
from los_adapters.store.memory.people import MemoryCustomers, MemoryPeople
from los_adapters.store.memory.platform import MemoryPlatform
from los_adapters.store.memory.records import MemoryCouponUses, MemoryRecords
from los_adapters.store.memory.shelves import Shelves, Snapshot
from los_adapters.store.memory.trail import MemoryTrail
from los_adapters.store.once import Taken, admit
from los_core.domain.errors import Busy
from los_core.domain.ids import BrandId
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.work import Begin, Once, Platform, UnitOfWork

_WAIT_S = 10.0


class MemoryStore:
    """A store whose state lives as long as the instance."""

    def __init__(self, *, clock: Clock, entropy: Entropy) -> None:
        self._clock = clock
        self._shelves = Shelves()
        self._lock = threading.RLock()
        self._writing = False
        self.begin: Begin = self._begin
        self.platform: Platform = MemoryPlatform(
            self._shelves, self._transaction, self._held, entropy
        )

    @contextmanager
    def _begin(self, brand_id: BrandId, *, once: Once | None = None) -> Iterator[UnitOfWork]:
        with self._transaction() as before:
            work = MemoryWork(self._shelves, brand_id, self._clock, before)
            if once is not None:
                work.take(once)
            yield work
        for action in work.hints:
            action()

    @contextmanager
    def _transaction(self) -> Iterator[Snapshot]:
        with self._held():
            assert not self._writing, "a transaction is open on this thread already"
            self._writing = True
            before = self._shelves.snapshot()
            try:
                yield before
            except BaseException:
                self._shelves.restore(before)
                raise
            finally:
                self._writing = False

    @contextmanager
    def _held(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=_WAIT_S):
            raise Busy("others hold the store", details={"retry_after_s": 1})
        try:
            yield
        finally:
            self._lock.release()


@attrs.define(eq=False)
class MemoryWork:
    """One transaction of one brand."""

    shelves: Shelves
    brand_id: BrandId
    clock: Clock
    _before: Snapshot
    hints: list[Callable[[], None]] = attrs.field(factory=list)
    _once: Once | None = None

    @property
    def wrote(self) -> bool:
        """Whether any shelf differs from what it was."""
        return self.shelves.snapshot() != self._before

    def take(self, once: Once) -> None:
        """Enter the key as RUNNING. Raises: as `Begin`."""
        now, key = self.clock.now(), (self.brand_id, once.scope, once.key)
        if (taken := self.shelves.keys.get(*key)) is not None:
            admit(taken, once, now)
        self.shelves.keys.put(Taken(once.request_hash, now), *key)
        self._once = once

    def answer(self, result: object) -> None:
        """Store what the command answers under the key of the transaction, if it has one."""
        if (once := self._once) is not None:
            key = (self.brand_id, once.scope, once.key)
            taken = self.shelves.keys.get(*key)
            assert taken is not None, "the key was entered at the beginning"
            self.shelves.keys.put(attrs.evolve(taken, answer=once.render(result)), *key)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run `action` once the block was left normally."""
        self.hints.append(action)

    @property
    def customers(self) -> MemoryCustomers:
        """Customers of the brand."""
        return MemoryCustomers(self.shelves, self.brand_id)

    @property
    def loans(self) -> MemoryLoans:
        """Loans of the brand."""
        return MemoryLoans(self.shelves, self.brand_id)

    @property
    def offers(self) -> MemoryOffers:
        """Offers of the brand."""
        return MemoryOffers(self.shelves, self.brand_id)

    @property
    def assessments(self) -> MemoryAssessments:
        """Reports, decisions and memos of the brand."""
        return MemoryAssessments(self.shelves, self.brand_id)

    @property
    def agreements(self) -> MemoryAgreements:
        """Agreements and files of the brand."""
        return MemoryAgreements(self.shelves, self.brand_id)

    @property
    def payouts(self) -> MemoryPayouts:
        """Payouts of the brand."""
        return MemoryPayouts(self.shelves, self.brand_id)

    @property
    def receipts(self) -> MemoryReceipts:
        """Money that came in to the brand."""
        return MemoryReceipts(self.shelves, self.brand_id)

    @property
    def books(self) -> MemoryBooks:
        """Facts and ledger of the brand."""
        return MemoryBooks(self.shelves, self.brand_id)

    @property
    def approvals(self) -> MemoryApprovals:
        """Items of the brand that await a second person."""
        return MemoryApprovals(self.shelves, self.brand_id)

    @property
    def people(self) -> MemoryPeople:
        """Consents and codes of the brand."""
        return MemoryPeople(self.shelves, self.brand_id)

    @property
    def desk(self) -> MemoryDesk:
        """Messages, jobs and trail of the brand."""
        return MemoryDesk(self.shelves, self.brand_id, self.clock)

    @property
    def trail(self) -> MemoryTrail:
        """The audit trail of the brand, for sealing and examining it."""
        return MemoryTrail(self.shelves, self.brand_id)

    @property
    def keys(self) -> MemoryApiKeys:
        """API keys of the brand."""
        return MemoryApiKeys(self.shelves, self.brand_id)

    @property
    def records(self) -> MemoryRecords:
        """Records of the brand's settings."""
        return MemoryRecords(self.shelves, self.brand_id)

    @property
    def notices(self) -> MemoryNotices:
        """What staff of the brand are told."""
        return MemoryNotices(self.shelves, self.brand_id)

    @property
    def sittings(self) -> MemorySittings:
        """Who of the brand's staff is at work."""
        return MemorySittings(self.shelves, self.brand_id)

    @property
    def coupons(self) -> MemoryCouponUses:
        """Coupons of the brand in use."""
        return MemoryCouponUses(self.shelves, self.brand_id)

    @property
    def lender(self) -> MemoryLender:
        """The brand itself and its rules."""
        return MemoryLender(self.shelves, self.brand_id)
