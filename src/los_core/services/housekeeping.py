"""Deleting what nobody will ask for again: old keys, finished jobs, notifications; reindexing.

None of them is a record of lending: what was done is in history, facts, ledger and audit, which
stay. How long those are kept is in `domain.retention`. Source: reliability design §2 (keys live as
long as a payout's at the bank, seven days).
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import attrs

from los_core.domain import activity, notification
from los_core.domain.ids import BrandId
from los_core.ports.clock import Clock
from los_core.ports.work import Begin, UnitOfWork

PURGE: Final = "housekeeping.purge"
KEYS_KEPT: Final = timedelta(days=7)
JOBS_KEPT: Final = timedelta(days=30)
CHUNK: Final = 1000
"""Rows deleted in one transaction, so that nobody waits long for what it locks."""


@attrs.frozen(kw_only=True)
class Housekeeping:
    """Purges, chunk by chunk; a purge that is broken off goes on with what is left.

    Attributes:
        jobs_kept: how long after its due time a finished job is kept. For as long the same job
            cannot be asked for a second time.
    """

    begin: Begin
    clock: Clock
    jobs_kept: timedelta = JOBS_KEPT

    def purge(self, brand_id: BrandId) -> int:
        """Delete a brand's old keys, finished jobs, notifications and sittings; return how many."""
        now = self.clock.now()
        keys, jobs, told = now - KEYS_KEPT, now - self.jobs_kept, now - notification.KEPT
        worked = now - activity.KEPT
        chunks: tuple[Callable[[UnitOfWork], int], ...] = (
            lambda uow: uow.desk.purge_keys(before=keys, limit=CHUNK),
            lambda uow: uow.desk.purge_jobs(before=jobs, limit=CHUNK),
            lambda uow: uow.notices.purge(before=told, limit=CHUNK),
            lambda uow: uow.sittings.purge(before=worked, limit=CHUNK),
        )
        return sum(self._all(brand_id, chunk) for chunk in chunks)

    def reindex(self, brand_id: BrandId) -> int:
        """Write anew what each customer of a brand is found by; return how many there are."""
        total, after = 0, None
        while True:
            with self.begin(brand_id) as uow:
                page = uow.customers.page(after=after, limit=CHUNK)
                for customer in page:
                    uow.customers.index(customer)
            total += len(page)
            if len(page) < CHUNK:
                return total
            after = page[-1].id

    def _all(self, brand_id: BrandId, chunk: Callable[[UnitOfWork], int]) -> int:
        total = 0
        while True:
            with self.begin(brand_id) as uow:
                deleted = chunk(uow)
            total += deleted
            if deleted < CHUNK:
                return total
