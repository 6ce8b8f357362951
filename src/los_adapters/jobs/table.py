"""Jobs from the table alone, by asking it: the embedded default, where there is no broker."""

import threading
from collections.abc import Collection, Sequence

from los_adapters.jobs.attempts import LEASE_S
from los_core.domain.work import Job
from los_core.ports.clock import Clock
from los_core.ports.work import Platform, Which


class TableSource:
    """The `JobSource` that looks whether something is due."""

    def __init__(
        self, platform: Platform, clock: Clock, *, worker: str, kinds: Collection[str] | None = None
    ) -> None:
        """`worker` is the name that leases carry; `kinds` None takes jobs of any kind."""
        self._platform = platform
        self._clock = clock
        self._worker = worker
        self._which = Which(kinds=kinds)
        self._woken = threading.Event()

    def claim(self, limit: int, *, wait_s: float) -> Sequence[Job]:
        """Claim what is due, else wait and return nothing: the next call looks again."""
        if limit > 0:
            now = self._clock.now()
            claimed = self._platform.claim_jobs(
                limit=limit, now=now, lease_s=LEASE_S, worker=self._worker, which=self._which
            )
            if claimed:
                return claimed
        self._woken.wait(wait_s)
        self._woken.clear()
        return ()

    def wake(self) -> None:
        """Look at once."""
        self._woken.set()

    def close(self) -> None:
        """Nothing is open."""
