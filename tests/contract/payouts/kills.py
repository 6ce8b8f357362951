"""Where a process may die, and the deaths that were planned.

A boundary is the moment before or after something that lasts: a commit, a call to the bank, the end
of a job. Every boundary met is counted under its name; a planned one ends the process.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import attrs
import httpx

from los_core.domain.ids import BrandId
from los_core.domain.work import Job
from los_core.ports.work import Begin, Once, Platform, UnitOfWork


class Killed(BaseException):
    """The process is gone: nothing in it may catch this."""


@attrs.define
class Death:
    """A planned death: at the `nth` time that the boundary is met."""

    boundary: str
    nth: int
    died: bool = False


@attrs.define
class Life:
    """One payout's way through the boundaries, over all processes it lived in."""

    death: Death | None = None
    met: Counter[str] = attrs.field(factory=Counter)


class Kills:
    """Counts boundaries for the payout that is worked on, and kills as planned."""

    def __init__(self) -> None:
        self._life: Life | None = None
        self._act = ""
        self._steps = Counter[str]()

    @contextmanager
    def watching(self, life: Life, act: str) -> Iterator[None]:
        """Count what happens inside for a payout; `act` begins the boundaries' names."""
        self._life, self._act, self._steps = life, act, Counter()
        try:
            yield
        finally:
            self._life = None

    def at(self, moment: str) -> None:
        """Meet a boundary. Raises: Killed."""
        life = self._life
        if life is None:
            return
        self._steps[moment] += 1
        boundary = f"{self._act}: {moment} {self._steps[moment]}"
        life.met[boundary] += 1
        death = life.death
        if death is None or death.died or boundary != death.boundary:
            return
        if life.met[boundary] == death.nth:
            death.died = True
            raise Killed(boundary)

    def begin(self, begin: Begin) -> Begin:
        """Return `begin` with a boundary on either side of every commit."""

        @contextmanager
        def watched(brand_id: BrandId, *, once: Once | None = None) -> Iterator[UnitOfWork]:
            with begin(brand_id, once=once) as uow:
                yield uow
                self.at("before the commit")
            self.at("after the commit")

        def opened(
            brand_id: BrandId, *, once: Once | None = None
        ) -> AbstractContextManager[UnitOfWork]:
            return watched(brand_id, once=once)

        return opened

    def line(
        self, answer: Callable[[httpx.Request], httpx.Response]
    ) -> Callable[[httpx.Request], httpx.Response]:
        """Return the way to a vendor with a boundary on either side of every call."""

        def called(request: httpx.Request) -> httpx.Response:
            self.at(f"before {request.url.path}")
            try:
                return answer(request)
            finally:
                self.at(f"after {request.url.path}")

        return called

    def platform(self, platform: Platform) -> Any:
        """Return a platform with a boundary before a job is reported done."""
        return _Reporting(platform, self)


@attrs.frozen
class _Reporting:
    """A platform whose jobs end at a boundary."""

    platform: Platform
    kills: Kills

    def __getattr__(self, name: str) -> Any:
        return getattr(self.platform, name)

    def finish_job(self, job: Job) -> bool:
        self.kills.at("before the job's end")
        return self.platform.finish_job(job)
