"""The audit trail as its sealer and its examiner see it, and the heads that are kept elsewhere."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from los_core.domain.audit import Head, Link, Seal
from los_core.domain.ids import BrandId
from los_core.domain.work import AuditEvent, Sought


class Trail(Protocol):
    """A brand's audit trail; what happens is added by `Desk.audit`."""

    def find(self, sought: Sought, *, skip: int, limit: int) -> Sequence[AuditEvent]:
        """Return events, sealed or not, newest first."""
        ...

    def unsealed(self, *, limit: int) -> Sequence[AuditEvent]:
        """Return events that wait for their seal, oldest first."""
        ...

    def last_seal(self) -> Seal | None:
        """Return the end of the chain; None before the first seal."""
        ...

    def seal(self, seals: Sequence[Seal]) -> None:
        """Append seals; their events wait no more.

        Raises: Conflict: another sealer was faster (code SEALED).
        """
        ...

    def sealed(self, *, after: int, limit: int) -> Sequence[Link]:
        """Return seals after a `seq`, in order, each with its event as it is stored."""
        ...

    def overdue(self, *, before: datetime, after: datetime, limit: int) -> Sequence[AuditEvent]:
        """Return events without a seal, whether they wait for one or not, oldest first.

        Only those recorded before `before`, or, which nobody honest does, later than `after`.
        """
        ...


class HeadsBroken(Exception):
    """What was written down outside was tampered with; `sound` is what stands before that."""

    def __init__(self, what: str, sound: Sequence[Head]) -> None:
        super().__init__(what)
        self.sound = tuple(sound)


class HeadLog(Protocol):
    """A growing record of chain heads outside the database, each proved by a key not in it."""

    def append(self, head: Head) -> bool:
        """Write a head down, durable when this returns; False if as late a one is there."""
        ...

    def all(self, brand_id: BrandId) -> Sequence[Head]:
        """Return every head of a brand, oldest first. Raises: HeadsBroken."""
        ...
