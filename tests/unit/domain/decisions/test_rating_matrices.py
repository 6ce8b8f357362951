import json
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.errors import Invalid
from los_core.domain.rating import (
    COLLECTION_MATRIX,
    CUSTOMER_MATRIX,
    SALES_MATRIX,
    Banded,
    Closure,
    HigherBetter,
    LowerBetter,
    Matrix,
    Rating,
    rate_customer,
    rate_staff,
)

RAT_01: dict[str, Decimal | None] = {
    "ON_TIME_PCT": Decimal("91.67"),
    "MAX_DPD_LAST_LOAN": Decimal(2),
    "CLOSED_LOANS": Decimal(3),
    "BUREAU_SCORE": Decimal(712),
    "BOUNCE_PCT": Decimal("8.33"),
}
RAT_03: dict[str, Decimal | None] = {
    "RECOVERY_RATE_PCT": Decimal(72),
    "CONVERSION_PCT": Decimal("14.5"),
    "TAT_HOURS": Decimal(11),
    "QA_SCORE_PCT": Decimal(88),
}
FIRST = CUSTOMER_MATRIX.criteria[0]
VALUES = st.none() | st.decimals(-100, 1000, places=2)


def scores(rating: Rating) -> list[tuple[str, str]]:
    return [(each.code, str(each.score)) for each in rating.criteria]


def test_rat_01_a_customer_who_paid_well() -> None:
    rating = rate_customer(CUSTOMER_MATRIX, RAT_01, closures=[Closure.PAID])
    assert (str(rating.score), rating.rating, rating.forced_by) == ("81.50", 5, None)
    assert scores(rating) == [
        ("ON_TIME_PCT", "83.34"),
        ("MAX_DPD_LAST_LOAN", "80.00"),
        ("CLOSED_LOANS", "80.00"),
        ("BUREAU_SCORE", "80.00"),
        ("BOUNCE_PCT", "83.34"),
    ]


def test_rat_03_a_collection_executive() -> None:
    rating = rate_staff(COLLECTION_MATRIX, RAT_03, cases=20)
    assert (str(rating.score), rating.rating) == ("66.29", 4)
    assert scores(rating) == [
        ("RECOVERY_RATE_PCT", "64.00"),
        ("CONVERSION_PCT", "47.50"),
        ("TAT_HOURS", "84.09"),
        ("QA_SCORE_PCT", "80.00"),
    ]


@pytest.mark.parametrize("closure", [Closure.SETTLED, Closure.WRITTEN_OFF])
def test_a_loan_settled_or_written_off_makes_it_1(closure: Closure) -> None:
    rating = rate_customer(CUSTOMER_MATRIX, RAT_01, closures=[Closure.PAID, closure])
    assert (rating.rating, str(rating.score), rating.forced_by) == (1, "81.50", closure)
    unknown = rate_customer(CUSTOMER_MATRIX, {}, closures=[closure])
    assert (unknown.rating, unknown.score, unknown.insufficient_data) == (1, None, False)


def test_a_month_of_too_few_cases_is_not_rated() -> None:
    rating = rate_staff(COLLECTION_MATRIX, RAT_03, cases=19)
    assert (rating.rating, rating.score, rating.insufficient_data) == (None, None, True)
    assert len(scores(rating)) == 4


def test_sales_are_rated_by_what_they_disbursed_instead_of_recovered() -> None:
    codes = [[each.code for each in m.criteria] for m in (SALES_MATRIX, COLLECTION_MATRIX)]
    assert (codes[0][0], codes[1][0]) == ("DISBURSED_TARGET_PCT", "RECOVERY_RATE_PCT")
    assert codes[0][1:] == codes[1][1:]
    assert [str(each.weight) for each in SALES_MATRIX.criteria] == ["40", "25", "20", "15"]


def test_an_unknown_figure_is_left_out_and_does_not_count_as_nothing() -> None:
    known = rate_customer(CUSTOMER_MATRIX, {"CLOSED_LOANS": Decimal(3), "BUREAU_SCORE": None})
    assert (str(known.score), known.rating) == ("80.00", 5)
    assert rate_customer(CUSTOMER_MATRIX, {}).insufficient_data


def test_the_line_goes_by_the_printed_score() -> None:
    only = Matrix(criteria=(attrs.evolve(FIRST, method=_whole()),))
    said = {
        text: rate_customer(only, {"ON_TIME_PCT": Decimal(text)}).rating
        for text in ("34.99", "34.995", "50", "65", "79.99", "80")
    }
    assert said == {"34.99": 1, "34.995": 2, "50": 3, "65": 4, "79.99": 4, "80": 5}


def _whole() -> HigherBetter:
    return HigherBetter(floor=Decimal(0), target=Decimal(100))


@given(st.fixed_dictionaries(dict.fromkeys(RAT_01, VALUES)), VALUES, VALUES)
def test_a_better_figure_never_lowers_the_rating(
    values: dict[str, Decimal | None], one: Decimal | None, two: Decimal | None
) -> None:
    if one is None or two is None:
        return
    low, high = sorted((one, two))
    for code, up in [("ON_TIME_PCT", True), ("MAX_DPD_LAST_LOAN", False), ("BOUNCE_PCT", False)]:
        bad, good = (low, high) if up else (high, low)
        worse = rate_customer(CUSTOMER_MATRIX, {**values, code: bad})
        better = rate_customer(CUSTOMER_MATRIX, {**values, code: good})
        assert worse.score is not None
        assert better.score is not None
        assert worse.score <= better.score
        assert (worse.rating or 0) <= (better.rating or 0)


@given(st.fixed_dictionaries(dict.fromkeys(RAT_01, VALUES)), st.sets(st.sampled_from(Closure)))
def test_a_rating_stays_within_its_range_and_survives_its_document(
    values: dict[str, Decimal | None], closures: set[Closure]
) -> None:
    rating = rate_customer(CUSTOMER_MATRIX, values, closures=closures)
    assert rating.score is None or 0 <= rating.score <= 100
    assert Rating.from_document(json.loads(json.dumps(rating.document()))) == rating


@pytest.mark.parametrize("matrix", [CUSTOMER_MATRIX, COLLECTION_MATRIX, SALES_MATRIX])
def test_the_starting_matrices_weigh_100_and_survive_their_documents(matrix: Matrix) -> None:
    assert sum(each.weight for each in matrix.criteria) == 100
    assert Matrix.from_document(json.loads(json.dumps(matrix.document()))) == matrix


@pytest.mark.parametrize("values", [{"OTHER": Decimal(1)}, {"ON_TIME_PCT": Decimal("NaN")}])
def test_values_that_do_not_fit_the_matrix_are_refused(values: dict[str, Decimal | None]) -> None:
    with pytest.raises(Invalid):
        rate_customer(CUSTOMER_MATRIX, values)


BANDS = CUSTOMER_MATRIX.criteria[1].method
assert isinstance(BANDS, Banded)


@pytest.mark.parametrize(
    "changes",
    [
        {"criteria": ()},
        {"criteria": (FIRST, FIRST)},
        {"criteria": (attrs.evolve(FIRST, code=""),)},
        {"criteria": (attrs.evolve(FIRST, weight=Decimal(0)),)},
        {"criteria": (attrs.evolve(FIRST, method=Banded(bands=())),)},
        {"criteria": (attrs.evolve(FIRST, method=Banded(bands=BANDS.bands[1:])),)},
        {
            "criteria": (
                attrs.evolve(
                    FIRST,
                    method=Banded(
                        bands=(attrs.evolve(BANDS.bands[0], high=None, score=Decimal(101)),)
                    ),
                ),
            )
        },
        {
            "criteria": (
                attrs.evolve(FIRST, method=HigherBetter(floor=Decimal(1), target=Decimal(1))),
            )
        },
        {
            "criteria": (
                attrs.evolve(FIRST, method=LowerBetter(ceiling=Decimal(1), target=Decimal(2))),
            )
        },
        {"lines": CUSTOMER_MATRIX.lines[1:]},
        {"lines": (attrs.evolve(CUSTOMER_MATRIX.lines[0], high=None),)},
        {"least_cases": -1},
    ],
)
def test_a_matrix_that_is_not_well_formed_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        attrs.evolve(CUSTOMER_MATRIX, **changes)
