"""Employment as the provident fund (EPFO) knows it: phone → UAN → employers."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import attrs


@attrs.frozen(kw_only=True)
class Job:
    """One spell of employment; `left_on` None means still employed."""

    employer: str
    joined_on: date | None
    left_on: date | None = None


@attrs.frozen(kw_only=True)
class EmploymentRecord:
    """A member's history, the most recent first.

    Attributes:
        uans: the Universal Account Numbers found, twelve digits each.
        employed: None if the fund does not tell.
        member_name: "" if not told.
    """

    uans: tuple[str, ...] = attrs.field(repr=False)
    employed: bool | None
    member_name: str = attrs.field(default="", repr=False)
    jobs: tuple[Job, ...] = ()
    provider_ref: str = ""

    @property
    def current(self) -> Job | None:
        """The latest job without an exit date, if any."""
        return next((job for job in self.jobs if job.left_on is None), None)


class EmploymentVerifier(Protocol):
    """A vendor with access to provident fund records."""

    def find_uans(self, phone: str, *, reference: str) -> Sequence[str]:
        """Return the UANs linked to a mobile number, none if there are none.

        Raises: Unavailable; Rejected: the lookup is refused (too many accounts, code AMBIGUOUS).
        """
        ...

    def history(self, uan: str, *, reference: str) -> EmploymentRecord:
        """Return the employment history of one UAN. Raises: Unavailable, Rejected."""
        ...
