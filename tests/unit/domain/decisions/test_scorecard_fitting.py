import math
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.calibration import Performed, fit
from los_core.domain.errors import Invalid
from los_core.domain.evaluation import Grading
from los_core.domain.monitoring import (
    PSI_ALERT,
    Override,
    bad_rates,
    gini_pct,
    ks_pct,
    override_rate_pct,
    psi,
)
from los_core.domain.woe import Binning, Tally, coarse, evidence, fine

PAST = st.lists(
    st.tuples(st.none() | st.integers(0, 12), st.booleans()), min_size=4, max_size=120
).filter(lambda loans: {bad for value, bad in loans if value is not None} == {True, False})
OUTCOMES = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=60).filter(
    lambda loans: {bad for _, bad in loans} == {True, False}
)


def test_woe_01_weights_and_information_value() -> None:
    counts = [(400, 100), (900, 120), (1800, 110), (2600, 90), (3300, 40)]
    found = evidence([Tally(goods=goods, bads=bads) for goods, bads in counts])
    assert [str(woe) for woe in found.woes] == [
        "-1.587459",
        "-0.958850",
        "-0.178692",
        "0.389704",
        "1.439045",
    ]
    assert str(found.information_value) == "0.874638"


def test_a_bin_without_a_bad_loan_counts_half_a_loan_more() -> None:
    found = evidence([Tally(goods=10, bads=0), Tally(goods=10, bads=20)])
    assert float(found.woes[0]) == pytest.approx(math.log((10.5 / 20) / (0.5 / 20)), abs=1e-6)
    assert float(found.woes[1]) == pytest.approx(math.log((10 / 20) / (20 / 20)), abs=1e-6)


@given(PAST)
def test_coarse_bins_are_large_enough_run_one_way_and_lose_nobody(
    past: list[tuple[int | None, bool]],
) -> None:
    found = Binning.of(past, most=8)
    loans = len(past)
    tallies = [*found.bins, found.missing]
    assert sum(each.goods + each.bads for each in tallies) == loans
    assert sum(each.bads for each in tallies) == sum(bad for _, bad in past)
    assert all(each.goods and each.bads for each in found.bins)
    assert all(20 * (each.goods + each.bads) >= loans for each in found.bins) or (
        len(found.bins) == 1
    )
    steps = [left < right for left, right in pairwise(found.woes)]
    assert len(set(steps)) <= 1
    assert found.information_value >= 0


@given(PAST)
def test_each_value_is_counted_in_the_bin_its_edges_name(
    past: list[tuple[int | None, bool]],
) -> None:
    found = Binning.of(past, most=8)
    known = [(value, bad) for value, bad in past if value is not None]
    for each in found.bins:
        inside = [
            bad
            for value, bad in known
            if (each.low is None or each.low <= value) and (each.high is None or value < each.high)
        ]
        assert (each.bads, each.goods) == (sum(inside), len(inside) - sum(inside))


def test_people_without_a_value_stay_a_bin_of_their_own() -> None:
    past = [(v, v < 3) for v in range(10)] + [(1, False), (7, True)] + [(None, True)] * 4
    found = Binning.of(past)
    assert (found.missing.bads, found.missing.goods) == (4, 0)
    assert found.missing_woe < 0
    nobody = Binning.of([loan for loan in past if loan[0] is not None])
    assert nobody.missing_woe == 0


def test_bins_become_an_attribute_of_a_scorecard() -> None:
    found = Binning.of([(v, v < 3) for v in range(10)] + [(1, False), (7, True)])
    made = found.attribute(code="SCORE", field="bureau.score", beta=Decimal("-0.9"))
    assert [each.woe for each in made.bins] == list(found.woes)
    assert made.woe_of(None) == found.missing_woe
    assert made.woe_of(9) > made.woe_of(0)


def test_fine_bins_never_part_loans_of_one_value() -> None:
    known = [(Decimal(v), False) for v in (1, 1, 1, 1, 2, 3, 4, 5)]
    assert [(b.low, b.high, b.goods) for b in fine(known, most=4)] == [
        (None, Decimal(2), 4),
        (Decimal(2), Decimal(4), 2),
        (Decimal(4), None, 2),
    ]


def test_a_curve_that_turns_is_pooled_the_way_that_keeps_more_information() -> None:
    hill = [(10, 90), (50, 50), (90, 10), (80, 20)]
    bins = [
        Tally(
            low=None if n == 0 else Decimal(n),
            high=None if n == 3 else Decimal(n + 1),
            goods=goods,
            bads=bads,
        )
        for n, (goods, bads) in enumerate(hill)
    ]
    kept = coarse(bins, of_all=400)
    assert [(each.goods, each.bads) for each in kept] == [(10, 90), (50, 50), (170, 30)]


@pytest.mark.parametrize("past", [[], [(1, True)], [(1, False)], [(None, True), (None, False)]])
def test_bins_need_good_and_bad_loans(past: list[tuple[int | None, bool]]) -> None:
    with pytest.raises(Invalid):
        Binning.of(past)
    with pytest.raises(Invalid):
        evidence([Tally(goods=1, bads=0)])


def performed(counts: dict[str, tuple[int, int]], days: int = 90) -> list[Performed]:
    return [
        Performed(logit=Decimal(logit), days_on_book=days, bad=bad)
        for logit, (goods, bads) in counts.items()
        for bad in [False] * goods + [True] * bads
    ]


def test_a_calibration_lies_where_the_likelihood_is_level() -> None:
    counts = {"-3": (95, 5), "-1": (80, 20), "1": (40, 60)}
    line = fit(performed(counts))
    aim_bad, aim_good = 86 / 87, 1 / 217
    slopes = [0.0, 0.0]
    for logit, (goods, bads) in counts.items():
        likely = 1 / (1 + math.exp(-float(line.a) - float(line.b) * float(logit)))
        over = goods * (likely - aim_good) + bads * (likely - aim_bad)
        slopes = [slopes[0] + over, slopes[1] + over * float(logit)]
    assert slopes == pytest.approx([0, 0], abs=1e-3)


def test_a_fit_leaves_out_loans_that_have_not_matured() -> None:
    matured = performed({"-2": (90, 10), "1": (30, 70)})
    young = performed({"-2": (0, 500), "3": (500, 0)}, days=89)
    assert fit([*matured, *young]) == fit(matured)


def test_a_perfect_ranking_still_has_a_calibration() -> None:
    line = fit(performed({"-3": (50, 0), "2": (0, 50)}))
    assert line.b > 0


@pytest.mark.parametrize(
    "counts",
    [
        {"-2": (10, 0), "1": (10, 0)},
        {"-2": (10, 10)},
        {"-2": (10, 90), "1": (70, 30)},
    ],
)
def test_loans_that_cannot_calibrate_are_refused(counts: dict[str, tuple[int, int]]) -> None:
    with pytest.raises(Invalid):
        fit(performed(counts))


def test_psi_of_a_shift_between_two_bins() -> None:
    exact = (0.4 - 0.5) * math.log(0.4 / 0.5) + (0.6 - 0.5) * math.log(0.6 / 0.5)
    assert float(psi([50, 50], [400, 600])) == pytest.approx(exact, abs=1e-6)
    assert psi([50, 50], [500, 500]) == 0
    assert psi([90, 10], [10, 90]) > PSI_ALERT


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=9))
def test_psi_is_not_negative_and_the_same_both_ways_where_no_bin_is_empty(
    counts: list[tuple[int, int]],
) -> None:
    before, after = [b + 1 for b, _ in counts], [a + 1 for _, a in counts]
    assert psi(before, after) == psi(after, before) >= 0


def test_psi_survives_a_bin_that_emptied() -> None:
    assert psi([10, 0, 90], [0, 0, 100]) > 0
    for before, after in [([1], [1, 1]), ([], []), ([-1, 2], [1, 1]), ([0, 0], [1, 1])]:
        with pytest.raises(Invalid):
            psi(before, after)


@given(OUTCOMES)
def test_gini_and_ks_equal_their_definitions_over_all_pairs(
    loans: list[tuple[int, bool]],
) -> None:
    goods = [score for score, bad in loans if not bad]
    bads = [score for score, bad in loans if bad]
    pairs = [(b < g) - (b > g) for b in bads for g in goods]
    assert abs(Fraction(gini_pct(loans)) - Fraction(sum(pairs) * 100, len(pairs))) <= Fraction(
        1, 200
    )
    gaps = [
        abs(
            Fraction(sum(b <= cut for b in bads), len(bads))
            - Fraction(sum(g <= cut for g in goods), len(goods))
        )
        for cut in range(10)
    ]
    assert abs(Fraction(ks_pct(loans)) - max(gaps) * 100) <= Fraction(1, 200)


def test_a_perfect_ranking_has_gini_and_ks_of_100() -> None:
    loans = [(500, True), (510, True), (700, False), (720, False)]
    assert (str(gini_pct(loans)), str(ks_pct(loans))) == ("100.00", "100.00")
    assert str(gini_pct([(-score, bad) for score, bad in loans])) == "-100.00"
    with pytest.raises(Invalid):
        gini_pct([(500, True)])


def test_bad_rates_by_grade() -> None:
    found = bad_rates([("A", False)] * 97 + [("A", True)] * 3 + [("B", True), ("B", False)])
    assert [(r.grade, r.loans, r.bads, str(r.bad_rate_pct)) for r in found] == [
        ("A", 100, 3, "3.00"),
        ("B", 2, 1, "50.00"),
    ]


def overrule(loan_id: str = "LN-1", reason: str = "salary slip seen") -> Override:
    return Override(
        loan_id=loan_id,
        scored=Grading.AUTO_REJECT,
        decided=Grading.AUTO_APPROVE,
        reason=reason,
        by="manager",
    )


def test_an_override_has_a_reason_and_is_counted_once() -> None:
    assert str(override_rate_pct([overrule()], decisions=8)) == "12.50"
    assert str(override_rate_pct([], decisions=0)) == "0.00"
    with pytest.raises(Invalid):
        overrule(reason=" ")
    with pytest.raises(Invalid):
        override_rate_pct([overrule(), overrule()], decisions=8)
    with pytest.raises(Invalid):
        Override(
            loan_id="L", scored=Grading.AUTO_REJECT, decided=Grading.AUTO_REJECT, reason="x", by="y"
        )
