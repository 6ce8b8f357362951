"""What vendors really send, read without guessing."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_adapters import lenient


@pytest.mark.parametrize(
    ("said", "paise"),
    [
        ("1,50,000", 15_000_000),
        ("98310.0", 9_831_000),
        ("₹ 1,25,000.50", 12_500_050),
        ("Rs. 999", 99_900),
        ("-12.345", -1_235),
        ("0", 0),
        (98310, 9_831_000),
        (98310.5, 9_831_050),
        ("", None),
        ("  ", None),
        ("-", None),
        ("NA", None),
        ("N/A", None),
        ("*", None),
        (None, None),
    ],
)
def test_an_amount_is_read_and_a_blank_is_missing(said: object, paise: int | None) -> None:
    assert lenient.paise(said) == paise


@pytest.mark.parametrize(
    "said", ["12k", "1,995/Monthly", "NaN", "Infinity", "twelve", "1E+999999", 1e300, [1], {}]
)
def test_an_amount_that_is_none_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        lenient.paise(said)


@given(st.integers(-(10**15), 10**15))
def test_every_amount_survives_being_written_in_rupees(paise: int) -> None:
    rupees = Decimal(paise).scaleb(-2)
    assert lenient.paise(f"{rupees:,f}") == paise


@pytest.mark.parametrize(
    "said",
    [
        "1993-07-14",
        "14-07-1993",
        "14/07/1993",
        "1993/07/14",
        "14.07.1993",
        "14071993",
        "14-Jul-1993",
        "14 July 1993",
        "1993-07-14T00:00:00",
        "14-07-1993 10:11:12",
        "1993-07-14 10:11:12.000Z",
    ],
)
def test_a_date_is_read_in_every_form(said: str) -> None:
    assert lenient.day(said) == date(1993, 7, 14)


@pytest.mark.parametrize("said", ["", None, "NA", "0000-00-00", "00000000", "0001-01-01"])
def test_a_blank_date_is_missing(said: object) -> None:
    assert lenient.day(said) is None


@pytest.mark.parametrize("said", ["31-02-2026", "soon", "2026-13-01", "20260"])
def test_a_date_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="a date is expected"):
        lenient.day(said)


@given(st.dates(min_value=date(1900, 1, 1)))
def test_every_date_survives_both_common_forms(day: date) -> None:
    assert lenient.day(day.isoformat()) == day
    assert lenient.day(f"{day.day:02d}/{day.month:02d}/{day.year}") == day


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (True, True),
        ("Y", True),
        ("yes", True),
        ("LINKED", True),
        (1, True),
        ("N", False),
        (False, False),
        ("Not Linked", False),
        ("", None),
        (None, None),
        ("maybe", None),
    ],
)
def test_yes_and_no_are_read_and_all_else_is_unknown(said: object, *, expected: bool) -> None:
    assert lenient.flag(said) is expected


def test_one_thing_is_a_list_of_one_and_nothing_is_an_empty_list() -> None:
    assert lenient.items({"a": 1}) == [{"a": 1}]
    assert lenient.items([1, 2]) == [1, 2]
    assert lenient.items("") == lenient.items(None) == []


def test_a_whole_number_has_no_fraction() -> None:
    assert lenient.whole("24.0") == 24
    with pytest.raises(ValueError, match="whole number"):
        lenient.whole("24.5")


def test_text_loses_nul_characters_and_doubled_blanks() -> None:
    assert lenient.text(" SAMPLE\u0000  BANK ") == "SAMPLE BANK"
    assert lenient.text(411038) == "411038"
