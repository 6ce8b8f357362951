"""Where workers get jobs from, and how a broker is told of them.

The table of jobs is the one truth: who may run a job is decided by a claim in it. A source finds
out what there is to claim, sooner or later; a message that is lost, late or doubled changes when a
job begins and never whether, or how often.
"""

from collections.abc import Sequence
from typing import Protocol

from los_core.domain.ids import JobId
from los_core.domain.work import Due, Job


class JobSource(Protocol):
    """The jobs of one worker. Used by one thread, but for `wake`."""

    def claim(self, limit: int, *, wait_s: float) -> Sequence[Job]:
        """Return jobs leased to this worker, `limit` at most, oldest first.

        Waits up to `wait_s`, or until `wake`, for the first of them. With `limit` 0 it only waits.
        """
        ...

    def wake(self) -> None:
        """End the present or next wait at once; any thread may."""
        ...

    def close(self) -> None:
        """Let go of connections. What was claimed stays claimed."""
        ...


class JobPublisher(Protocol):
    """Tells a broker of due jobs. Used by one thread."""

    def open(self) -> None:
        """Connect, unless connected. Raises: Unavailable: no broker."""
        ...

    def publish(self, jobs: Sequence[Due]) -> Sequence[JobId]:
        """Tell of jobs; return those that the broker did not take.

        When this returns the broker has the others on disk. Raises: Unavailable: it may have any.
        """
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...
