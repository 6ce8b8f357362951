"""Going on without a report: what may be done without, for how long, and who must agree.

A bypass turns a rule's missing value into BYPASSED, which sends the case to a person and never
passes it (`bre.run`). Only reports can be named, so PAN, identity, age, block list, other loans,
income as declared, penny drop, agreement, Key Facts and the KYC cap cannot be gone around. Each
bypass shows on the exception report. Source: loan lifecycle §1.7.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from los_core.domain.applicant import Report
from los_core.domain.errors import Invalid
from los_core.domain.ids import LoanId, StaffId
from los_core.domain.money import Paise, checked

MAX_HOURS: Final = 72
LEAST_REMARK: Final = 10


class Bypassable(StrEnum):
    """A report or paper that staff may, with a reason, go on without."""

    BUREAU = "BUREAU"
    BSA = "BSA"
    AA = "AA"
    EPFO = "EPFO"
    SCOREME = "SCOREME"
    SELFIE_MATCH = "SELFIE_MATCH"
    CAM = "CAM"


_READ_AS: Final = MappingProxyType(
    {
        Bypassable.BUREAU: Report.BUREAU,
        Bypassable.BSA: Report.BSA,
        Bypassable.AA: Report.BSA,
        Bypassable.EPFO: Report.EPFO,
        Bypassable.SELFIE_MATCH: Report.SELFIE_MATCH,
    }
)
"""What the rules call them: a statement is one whether a bank or an aggregator sent it."""


@attrs.frozen(kw_only=True)
class Bypass:
    """One decision to go on without reports, from `at` (aware) for `valid_hours`.

    Raises: Invalid: no report, no reason, a remark under ten characters, or hours outside 1 to 72.
    """

    loan_id: LoanId
    reports: frozenset[Bypassable]
    reason_code: str
    remark: str
    requested_by: StaffId
    at: datetime
    valid_hours: int

    def __attrs_post_init__(self) -> None:
        checks = (
            ("reports", not self.reports, "names at least one report"),
            ("reasonCode", not self.reason_code, "is required"),
            (
                "remark",
                len(self.remark.strip()) < LEAST_REMARK,
                f"has at least {LEAST_REMARK} characters",
            ),
            ("validHours", not 1 <= self.valid_hours <= MAX_HOURS, f"is 1 to {MAX_HOURS}"),
        )
        wrong = [(field, says) for field, fails, says in checks if fails]
        if wrong:
            raise Invalid("a bypass cannot be made so", fields=wrong)

    @property
    def ends_at(self) -> datetime:
        """The instant from which it no longer holds."""
        return self.at + timedelta(hours=self.valid_hours)


def needs_second_person(amount: Paise, dual_control_above: Paise) -> bool:
    """Return whether somebody else must approve a bypass for a loan of this amount, paise."""
    return checked(amount, "amount") > checked(dual_control_above, "limit")


def bypassed_reports(bypasses: Iterable[Bypass], at: datetime) -> frozenset[Report]:
    """Return the reports that rules take as bypassed at an instant, as `bre.run` wants them."""
    return frozenset(
        _READ_AS[name]
        for bypass in bypasses
        if bypass.at <= at < bypass.ends_at
        for name in bypass.reports
        if name in _READ_AS
    )
