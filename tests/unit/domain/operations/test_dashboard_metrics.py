"""The dashboard's formulas."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.arrears import bucket
from los_core.domain.metrics import (
    BUCKETS,
    Metrics,
    Movement,
    Period,
    average,
    metrics,
    movement,
    percent,
    turnaround,
)

RUPEES = 100


def test_met_01_dashboard_metrics() -> None:
    found = metrics(
        Period(
            due=12_500_000 * RUPEES,
            collected_against_due=11_312_500 * RUPEES,
            opening_overdue=2_300_000 * RUPEES,
            collected=12_045_750 * RUPEES,
            outstanding=48_200_000 * RUPEES,
            outstanding_dpd_over_30=3_855_000 * RUPEES,
            outstanding_npa=1_420_000 * RUPEES,
            accounts_opening=640,
            rolled_forward=152,
            cured=371,
            approved=812,
            rejected=2350 - 812,
            disbursed=655,
        )
    )
    assert found.current_collection_efficiency_pct == Decimal("90.50")
    assert found.overall_collection_efficiency_pct == Decimal("81.39")
    assert found.par_30_pct == Decimal("8.00")
    assert found.gnpa_pct == Decimal("2.95")
    assert found.roll_forward_pct == Decimal("23.75")
    assert found.cure_rate_pct == Decimal("57.97")
    assert found.approval_rate_pct == Decimal("34.55")
    assert found.disbursal_conversion_pct == Decimal("80.67")
    assert percent(18_750_000 * RUPEES, 30_000_000 * RUPEES) == Decimal("62.50")
    assert percent(16, 25) == Decimal("64.00")


def test_a_per_cent_has_two_decimals() -> None:
    assert str(percent(8, 100)) == "8.00"
    assert str(percent(1, 3)) == "33.33"
    assert str(percent(1, 800)) == "0.13"


def test_nothing_to_divide_by_gives_none() -> None:
    empty = metrics(Period())
    assert empty == Metrics(
        current_collection_efficiency_pct=None,
        overall_collection_efficiency_pct=None,
        par_30_pct=None,
        gnpa_pct=None,
        roll_forward_pct=None,
        cure_rate_pct=None,
        approval_rate_pct=None,
        disbursal_conversion_pct=None,
        first_payment_default_pct=None,
        bounce_pct=None,
        promises_kept_pct=None,
        repeat_pct=None,
        average_ticket=None,
    )
    assert percent(5, 0) is None
    assert average(5, 0) is None


def test_the_remaining_figures() -> None:
    found = metrics(
        Period(
            disbursed=3,
            disbursed_amount=10_000_000,
            repeat=1,
            presented=12,
            bounced=1,
            promises=8,
            promises_kept=7,
            first_dues=40,
            first_dues_unpaid_30=3,
        )
    )
    assert found.average_ticket == 3_333_333
    assert found.repeat_pct == Decimal("33.33")
    assert found.bounce_pct == Decimal("8.33")
    assert found.promises_kept_pct == Decimal("87.50")
    assert found.first_payment_default_pct == Decimal("7.50")


@given(st.integers(0, 10**13), st.integers(1, 10**13))
def test_a_share_lies_between_nothing_and_everything(part: int, whole: int) -> None:
    found = percent(min(part, whole), whole)
    assert found is not None
    assert 0 <= found <= 100
    assert (found == 100) or part < whole


def test_the_median_and_the_ninetieth_percentile() -> None:
    found = turnaround(range(1, 11))
    assert (found.count, found.median_s, found.p90_s) == (10, 6, 9)
    one = turnaround([7])
    assert (one.median_s, one.p90_s) == (7, 7)
    assert turnaround([]).median_s is None
    assert turnaround([3, 1, 2]).median_s == 2


@given(st.lists(st.integers(0, 10**7), min_size=1))
def test_nine_in_ten_stay_within_the_percentile(durations: list[int]) -> None:
    found = turnaround(durations)
    assert found.p90_s is not None
    assert found.median_s is not None
    assert sum(each <= found.p90_s for each in durations) * 10 >= len(durations) * 9
    assert min(durations) <= found.median_s <= max(durations)


def test_accounts_move_between_buckets() -> None:
    pairs = [
        ("0", "1-30"),
        ("1-30", "0"),
        ("61-90", "31-60"),
        ("31-60", "90+"),
        ("0", "0"),
        ("90+", None),
    ]
    assert movement(pairs) == Movement(
        opening=6, rolled_forward=2, rolled_back=1, cured=1, stayed=1, left=1
    )


def test_an_unknown_bucket_is_a_bug() -> None:
    with pytest.raises(ValueError, match="index"):
        movement([("B1", "0")])


@given(st.integers(0, 400))
def test_every_bucket_of_arrears_is_known(days: int) -> None:
    assert bucket(days) in BUCKETS
