"""What both stores agree on: how a repeated command is met, and how jobs and runs are held.

Pure; how a key is kept is each store's own. Source: design decision D13, reliability design §2.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import attrs

from los_core.domain.errors import Conflict, Invalid, LeaseLost
from los_core.domain.work import Run
from los_core.ports.work import Answer, Once, Replayed

RESUME_AFTER: Final = timedelta(seconds=60)
"""Age at which a key left RUNNING (its process died) may be taken over by a repeat."""


GENERATION: Final = "generation"
"""The series of numbers, of each brand, that counts changes of its own rules."""


RECORD_ON_FILE: Final = ("RECORD_ON_FILE", "there is one like this already")
CHIEF_ON_FILE: Final = ("CHIEF_ON_FILE", "another one was made the first of its group meanwhile")
"""How the unique keys of a brand's records refuse: code and words."""


class JobState(StrEnum):
    """Where a job stands. RUNNING is a lease, which may run out."""

    READY = "READY"
    RUNNING = "RUNNING"
    DONE = "DONE"
    DEAD = "DEAD"


@attrs.frozen
class Taken:
    """A key on file: RUNNING while `answer` is None."""

    request_hash: str
    taken_at: datetime
    answer: Answer | None = None


def admit(taken: Taken, once: Once, now: datetime) -> None:
    """Return if the command may go on under a key that is on file.

    Raises: Invalid: KEY_REUSED; Replayed; Conflict: IN_PROGRESS, with `retry_after_s`.
    """
    if taken.request_hash != once.request_hash:
        raise Invalid("this idempotency key was used for another request", code="KEY_REUSED")
    if taken.answer is not None:
        raise Replayed(taken.answer)
    age = now - taken.taken_at
    if not once.resume and age < RESUME_AFTER:
        raise Conflict(
            "a request with this idempotency key is being worked on",
            code="IN_PROGRESS",
            details={"retry_after_s": max(1, (RESUME_AFTER - age).seconds)},
        )


def lost(run: Run) -> LeaseLost:
    """Return the refusal of a write by a run that was taken over, or is finished."""
    return LeaseLost(
        f"the run {run.task} of {run.slot.isoformat()} is not ours any more",
        details={"fence": run.fence},
    )
