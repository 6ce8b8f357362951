"""When loans are reported to the credit bureaus: reference dates, files, and last days.

What is said of each loan is `bureau_reporting`. Source: RBI credit information reporting: weekly
from 1-Jul-2026 (9th, 16th, 23rd and month-end; example CIC-01), before that fortnightly (RBI
circular of 8-Aug-2024).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import attrs

from los_core.domain.workdays import month_end, on_anchor

WEEKLY_FROM: Final = date(2026, 7, 1)
_WEEKLY_DAYS: Final = (9, 16, 23)
_WEEKLY_WITHIN: Final = timedelta(days=4)
_FULL_BY_DAY: Final = 5
_FORTNIGHT_DAY: Final = 15
_FORTNIGHT_WITHIN: Final = timedelta(days=7)


class FileKind(StrEnum):
    """Loans that were opened, closed, changed or are overdue; or the whole book."""

    INCREMENTAL = "INCREMENTAL"
    FULL = "FULL"


@attrs.frozen(kw_only=True)
class Cycle:
    """One report: the day it describes, the last day to submit it, and what is in it."""

    reference_on: date
    submit_by: date
    file: FileKind

    def is_late(self, on: date) -> bool:
        """Whether a file not yet accepted on a day is overdue."""
        return on > self.submit_by


def cycles(year: int, month: int) -> tuple[Cycle, ...]:
    """Return the reports of a month, in order. Last days are calendar days, holidays or not.

    Source: compliance §8, RBI on credit information reporting (weekly since July 2026), CIC-01.
    """
    end = month_end(date(year, month, 1))
    if end < WEEKLY_FROM:
        return (
            _cycle(date(year, month, _FORTNIGHT_DAY), _FORTNIGHT_WITHIN),
            Cycle(reference_on=end, submit_by=end + _FORTNIGHT_WITHIN, file=FileKind.FULL),
        )
    full_by = on_anchor(year, month + 1, _FULL_BY_DAY)
    return (
        *(_cycle(date(year, month, day), _WEEKLY_WITHIN) for day in _WEEKLY_DAYS),
        Cycle(reference_on=end, submit_by=full_by, file=FileKind.FULL),
    )


def next_cycle(after: date) -> Cycle:
    """Return the first report whose reference date lies after a day.

    Rows a bureau rejected are mended in it at the latest.
    """
    return next(cycle for cycle in _from(after) if cycle.reference_on > after)


def last_cycle(on: date) -> Cycle:
    """Return the report with the latest reference date up to and including a day."""
    previous = on_anchor(on.year, on.month - 1, 1)
    found = [*cycles(previous.year, previous.month), *cycles(on.year, on.month)]
    return [cycle for cycle in found if cycle.reference_on <= on][-1]


def _cycle(reference_on: date, within: timedelta) -> Cycle:
    return Cycle(
        reference_on=reference_on, submit_by=reference_on + within, file=FileKind.INCREMENTAL
    )


def _from(day: date) -> Iterator[Cycle]:
    for ahead in range(3):
        month = on_anchor(day.year, day.month + ahead, 1)
        yield from cycles(month.year, month.month)
