"""What staff type to find a customer, taken apart and matched."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.search import Findable, Wanted, findable, finds, fold, wanted
from los_core.testing import records

SUNITA = Findable("sunita devi rao", "9876543210", "234F")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Rao  SUNITA", Wanted(("sunita", "rao"))),
        ("+91 98765-43210", Wanted(digits="9876543210")),
        ("09876543210", Wanted(digits="9876543210")),
        ("rao 98765", Wanted(("rao",), "98765")),
        ("234f", Wanted(pan_last4="234F")),
        ("ＳＵＮＩＴＡ", Wanted(("sunita",))),  # noqa: RUF001 - full-width letters are the case
        ("क्षत्रिय", Wanted(("क्षत्रिय",))),
        ("ra", None),
        ("98", None),
        ("o'r", None),
        ("…", None),
    ],
)
def test_what_is_typed_is_taken_apart(text: str, parts: Wanted | None) -> None:
    assert wanted(text) == parts


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("rao sun", True),
        ("sunita 6543 234f", True),
        ("sunita 6544", False),
        ("sunita 235f", False),
        ("sunitha", False),
    ],
)
def test_every_part_has_to_fit(text: str, is_found: bool) -> None:  # noqa: FBT001 - a case of the table
    sought = wanted(text)
    assert sought is not None
    assert finds(sought, SUNITA) == is_found


def test_a_customer_is_findable_by_the_verified_name_and_no_whole_pan() -> None:
    customer = records.customer(records.brand("x").id, records.brand("y").id)
    assert customer.pan is not None
    shown = findable(customer)
    assert (shown.phone, shown.pan_last4) == (records.PHONE, records.PAN[-4:])
    assert records.PAN.casefold() not in f"{shown.name} {shown.phone} {shown.pan_last4}".casefold()
    customer.pan = attrs.evolve(customer.pan, name="", declared_name="S. Rao")
    assert findable(customer).name == "s rao"
    customer.pan = None
    assert findable(customer) == Findable("", records.PHONE)


@given(st.text())
def test_folding_twice_is_folding_once_and_leaves_no_character_of_a_pattern(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert not set(folded) & set("%_\\'\"*()")


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=3))
def test_whoever_types_a_whole_name_finds_its_bearer(name: str) -> None:
    sought = wanted(name)
    if sought is not None and sought.words and not sought.digits and not sought.pan_last4:
        assert finds(sought, Findable(fold(name), "", ""))
