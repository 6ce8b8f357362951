from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.letters import (
    PLACEHOLDERS,
    BadTemplate,
    check_template,
    fill_template,
    percent,
    summary_box,
)
from los_core.testing.letters import FACTS


@pytest.mark.parametrize(
    "text", ["", "{loan_no} of {customer_name}", "{{7*7}}", "a { b }", "<b>{page}</b>/{pages}"]
)
def test_text_with_known_placeholders_is_accepted(text: str) -> None:
    check_template(text)


@pytest.mark.parametrize("text", ["{loan}", "{customer_name.__class__}", "{Page}", "x{pan}x"])
def test_an_unknown_placeholder_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadTemplate, match="unknown placeholder") as refusal:
        check_template(text)
    assert refusal.value.code == "BAD_TEMPLATE"


@pytest.mark.parametrize("text", ["x" * 301, "a\nb\nc\nd", "tab\there", "null\x00"])
def test_what_does_not_fit_a_margin_is_refused(text: str) -> None:
    with pytest.raises(BadTemplate):
        check_template(text)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_value_is_never_searched_for_placeholders(name: str, number: str) -> None:
    filled = fill_template("{customer_name}|{loan_no}", {"customer_name": name, "loan_no": number})
    assert filled == f"{name}|{number}"


def test_every_placeholder_is_filled() -> None:
    text = " ".join(f"{{{name}}}" for name in sorted(PLACEHOLDERS))
    assert "{" not in fill_template(text, dict.fromkeys(PLACEHOLDERS, "x"))


@pytest.mark.parametrize(
    ("rate", "printed"),
    [("24", "24.00 %"), ("17.07", "17.07 %"), ("0.125", "0.125 %"), ("24.000000", "24.00 %")],
)
def test_a_rate_is_printed_with_two_decimals_or_all_it_has(rate: str, printed: str) -> None:
    assert percent(Decimal(rate)) == printed


def test_the_summary_box_labels_every_line_in_two_languages() -> None:
    lines = summary_box(FACTS)

    assert all(line.label and line.local and line.value for line in lines)
    assert [line.value for line in lines if line.label == "Fees with GST"] == ["₹400.00"]
