import pytest

from los_core.domain import narration


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "NEFT CR-ICIC0SF0002-ACME TECHNOLOGIES PVT LTD-ROHAN-SALARY MAY 2026-5060",
            "ACME TECHNOLOGIES",
        ),
        ("BY TRANSFER-NEFT*ICIC0SF0002*116619808700*INFOSYS LIMITED*SALARY JUL 2026--", "INFOSYS"),
        ("IMPS-123456789012-SHREE GANESH ENTERPRISES-HDFC-XX1234", "SHREE GANESH ENTERPRISES"),
        ("NEFT CR-000123-99", ""),
    ],
)
def test_the_payer_is_the_first_part_that_is_a_name(text: str, name: str) -> None:
    assert narration.payer(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ACH D- BAJAJ FINANCE LTD-1972057786", "BAJAJ FINANCE"),
        ("DEBIT-ACHDr 56326154 BAJAJ FINANCE LTD--", "BAJAJ FINANCE"),
        ("NACH-TATA CAPITAL-12345", "TATA CAPITAL"),
        ("EMI 0012345 HDB FINANCIAL SERVICES", "HDB FINANCIAL SERVICES"),
        ("ECS DR-HOME CREDIT INDIA-1", "HOME CREDIT INDIA"),
        ("ACH D- LIC OF INDIA-123", ""),
        ("ACH D- HDFC MUTUAL FUND-123", ""),
        ("ACH DEBIT RETURN CHARGES 050226-1234", ""),
        ("ME DC SI 416021XXXXXX4321 MSEDCL ELECTRICITY", ""),
        ("UPI-PREMIUM STORES-x@y-HDFC0000001-123-PAY", ""),
        ("POS 416021XXXXXX4321 CROMA", ""),
    ],
)
def test_the_lender_of_an_instalment(text: str, name: str) -> None:
    assert narration.lender(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "ACH RTN CHG 070426",
        "NACH RETURN CHARGES",
        "EMI RTN-0012345",
        "I/W CHQ RET-123456",
        "ECS RETURN CHGS",
        "DEBIT-ACH RTN CHG 050226 12345678--",
        "ACH DEBIT RETURN CHARGES",
        "ACH DEBIT RETURNCHARGES 050226",
    ],
)
def test_a_returned_debit_is_recognised(text: str) -> None:
    assert narration.is_bounce(text)


@pytest.mark.parametrize(
    "text",
    [
        "GST ON ACH DEBIT RETURN CHARGES",
        "UPI-RETURN GIFTS-x@y-1-PAY",
        "TAX RETURN FILING FEE",
        "ACH D- BAJAJ FINANCE LTD-1",
    ],
)
def test_other_returns_and_taxes_are_no_bounces(text: str) -> None:
    assert not narration.is_bounce(text)


@pytest.mark.parametrize(
    "text", ["SALARY MAY 2026", "SAL/MAY/ACME", "NEFT-ACME-S ALARY JUN", "ACME PAYROLL"]
)
def test_the_word_salary_is_found_whole_or_broken(text: str) -> None:
    assert narration.says_salary(text)


@pytest.mark.parametrize("text", ["UNIVERSAL STORES", "SALEM TEXTILES"])
def test_words_that_begin_alike_are_no_salary(text: str) -> None:
    assert not narration.says_salary(text)


def test_a_lender_paying_salaries_is_an_employer() -> None:
    text = "NEFT CR-HDFC0000001-BAJAJ FINANCE LTD-ROHAN-SALARY JUN"
    assert narration.may_be_salary(text, holder="ROHAN DESHPANDE")
    assert not narration.is_loan(text)


@pytest.mark.parametrize("text", ["", "-", "/////", "NEFT", "ACH D-", "\x00\n"])
def test_no_narration_is_too_short_to_ask(text: str) -> None:
    assert narration.payer(text) == ""
    assert narration.lender(text) in {"", "UNNAMED"}
    assert not narration.may_be_salary(text, holder="")
