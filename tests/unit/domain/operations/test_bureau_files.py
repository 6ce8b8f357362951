"""When loans are reported to the bureaus, and as what."""

from datetime import date, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.arrears import SmaClass
from los_core.domain.bureau_calendar import Cycle, FileKind, cycles, last_cycle, next_cycle
from los_core.domain.bureau_reporting import (
    Account,
    Reported,
    Why,
    reported,
    tells_borrower,
    why_in_increment,
)
from los_core.domain.lifecycle import Status

INCREMENTAL, FULL = FileKind.INCREMENTAL, FileKind.FULL


def lines(found: tuple[Cycle, ...]) -> list[tuple[date, date, FileKind]]:
    return [(each.reference_on, each.submit_by, each.file) for each in found]


def test_cic_01_weekly_bureau_reporting_calendar() -> None:
    assert lines(cycles(2026, 7)) == [
        (date(2026, 7, 9), date(2026, 7, 13), INCREMENTAL),
        (date(2026, 7, 16), date(2026, 7, 20), INCREMENTAL),
        (date(2026, 7, 23), date(2026, 7, 27), INCREMENTAL),
        (date(2026, 7, 31), date(2026, 8, 5), FULL),
    ]


def test_before_july_2026_reports_were_fortnightly() -> None:
    assert lines(cycles(2026, 6)) == [
        (date(2026, 6, 15), date(2026, 6, 22), INCREMENTAL),
        (date(2026, 6, 30), date(2026, 7, 7), FULL),
    ]


def test_december_is_submitted_in_january() -> None:
    assert cycles(2026, 12)[-1].submit_by == date(2027, 1, 5)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (date(2026, 7, 1), date(2026, 7, 9)),
        (date(2026, 7, 9), date(2026, 7, 16)),
        (date(2026, 7, 30), date(2026, 7, 31)),
        (date(2026, 12, 31), date(2027, 1, 9)),
    ],
)
def test_rejected_rows_are_mended_in_the_next_report(after: date, expected: date) -> None:
    assert next_cycle(after).reference_on == expected


def test_a_file_is_late_after_its_last_day() -> None:
    cycle = cycles(2026, 7)[0]
    assert not cycle.is_late(date(2026, 7, 13))
    assert cycle.is_late(date(2026, 7, 14))


@given(st.dates(min_value=date(2025, 3, 1), max_value=date(2030, 1, 1)))
def test_every_day_lies_between_two_reports(day: date) -> None:
    last, coming = last_cycle(day), next_cycle(day)
    assert last.reference_on <= day < coming.reference_on
    assert next_cycle(last.reference_on) == coming
    assert coming.reference_on - last.reference_on <= timedelta(days=16)
    assert last.submit_by > last.reference_on


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.SANCTIONED, None),
        (Status.DISBURSEMENT_FAILED, None),
        (Status.CANCELLED, None),
        (Status.DISBURSED, Reported.OPEN),
        (Status.SETTLEMENT_IN_PROGRESS, Reported.OPEN),
        (Status.COMPLETED, Reported.CLOSED),
        (Status.SETTLED, Reported.SETTLED),
    ],
)
def test_a_loan_is_reported_by_its_status(status: Status, expected: Reported | None) -> None:
    assert reported(status) is expected


def test_a_write_off_stays_on_record() -> None:
    owed = reported(Status.WRITTEN_OFF, claim_left=1)
    paid = reported(Status.WRITTEN_OFF, claim_left=0)
    settled = reported(Status.SETTLED, was_written_off=True)
    assert (owed, paid, settled) == (
        Reported.WRITTEN_OFF,
        Reported.POST_WRITE_OFF_CLOSED,
        Reported.POST_WRITE_OFF_SETTLED,
    )
    assert [each.facility_code for each in Reported] == ["", "00", "", "03", "02", "04", "13"]
    assert not Reported.WRITTEN_OFF.is_closed
    assert reported(Status.DISBURSED, restructured=True) is Reported.RESTRUCTURED


ACCOUNT = Account(
    status=Reported.OPEN,
    disbursed_on=date(2026, 6, 1),
    outstanding=2_000_000,
    overdue=0,
    dpd=0,
    asset=SmaClass.STANDARD,
)


def test_what_belongs_in_an_incremental_file() -> None:
    overdue = attrs.evolve(ACCOUNT, overdue=945_600, dpd=5, asset=SmaClass.SMA_0)
    closed = attrs.evolve(ACCOUNT, status=Reported.CLOSED, outstanding=0)
    paid = attrs.evolve(ACCOUNT, outstanding=1_000_000)
    assert why_in_increment(None, ACCOUNT) is Why.OPENED
    assert why_in_increment(ACCOUNT, closed) is Why.CLOSED
    assert why_in_increment(overdue, overdue) is Why.OVERDUE
    assert why_in_increment(ACCOUNT, paid) is Why.CHANGED
    assert why_in_increment(closed, ACCOUNT) is Why.CHANGED
    assert why_in_increment(ACCOUNT, ACCOUNT) is None
    assert why_in_increment(closed, closed) is None


def test_the_borrower_hears_of_reported_arrears() -> None:
    assert tells_borrower(attrs.evolve(ACCOUNT, dpd=1))
    assert not tells_borrower(ACCOUNT)
