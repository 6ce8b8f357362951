from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.applicant import Applicant
from los_core.domain.statement import (
    Reason,
    Row,
    Statement,
    UnreadableStatement,
    analyse,
    applicant_values,
    breaks,
    require_period,
)
from los_core.testing.statement import SAMPLE


def statement(
    *entries: tuple[date, str, int],
    opening: int = 10_000_00,
    start: date = date(2026, 1, 1),
    end: date = date(2026, 6, 30),
) -> Statement:
    """Return a sound statement of (day, narration, signed amount)."""
    balance, rows = opening, []
    for on, narration, amount in sorted(entries, key=lambda entry: entry[0]):
        balance += amount
        rows.append(
            Row(
                on=on,
                narration=narration,
                debit=max(-amount, 0),
                credit=max(amount, 0),
                balance=balance,
            )
        )
    return Statement(
        account_holder="ROHAN DESHPANDE",
        account_last4="4321",
        bank="HDFC",
        ifsc="HDFC0000123",
        period_from=start,
        period_to=end,
        opening=opening,
        closing=balance,
        rows=tuple(rows),
    )


def monthly(narration: str, amounts: Sequence[int], *, day: int = 1) -> list[tuple[date, str, int]]:
    return [
        (date(2026, month, day), narration, amount) for month, amount in enumerate(amounts, start=1)
    ]


SALARY = "NEFT CR-ICIC0SF0002-ACME TECHNOLOGIES PVT LTD-ROHAN DESHPANDE-SALARY-123456789012"


def test_median_average_and_variance_of_the_salary() -> None:
    told = analyse(statement(*monthly(SALARY, [40_000_00, 41_500_00, 42_200_00])), months=6)

    assert [credit.amount for credit in told.salary_credits] == [40_000_00, 41_500_00, 42_200_00]
    assert {credit.employer for credit in told.salary_credits} == {"ACME TECHNOLOGIES"}
    assert told.median_salary == 41_500_00
    assert told.average_salary == 41_233_33
    assert told.salary_variance_pct == Decimal("5.34")
    assert told.salary_day == 1


def test_a_payer_who_pays_alike_every_month_is_an_employer_without_the_word() -> None:
    narration = "NEFT CR-ICIC0SF0002-ACME TECHNOLOGIES PVT LTD-ROHAN DESHPANDE-N0012"
    told = analyse(statement(*monthly(narration, [40_000_00, 41_000_00, 40_500_00])), months=6)

    assert told.median_salary == 40_500_00


@pytest.mark.parametrize(
    "narration",
    [
        "UPI-SUNIL PATIL-sunil787@okhdfcbank-SBIN0000454-201215679228-UPI",
        "NEFT CR-HDFC0000240-DESHPANDE ROHAN-OWN ACCOUNT-N0012",
        "IMPS-123456789012-KREDITBEE FINANCE-HDFC-XX1234-LOAN DISB",
        "CASH DEPOSIT BY - SELF - PUNE 7405",
        "CREDIT INTEREST CAPITALISED",
        "NEFT CR-ICIC0SF0002-AMAZON SELLER SERVICES-REFUND-N0012",
    ],
)
def test_what_comes_every_month_is_not_always_a_salary(narration: str) -> None:
    told = analyse(statement(*monthly(narration, [20_000_00] * 4)), months=6)

    assert told.salary_credits == ()
    assert told.median_salary is None
    assert applicant_values(told)["income.salaryMode"] is None


def test_where_a_credit_says_salary_only_its_payer_counts_besides() -> None:
    quiet = "NEFT CR-ICIC0SF0002-ACME TECHNOLOGIES PVT LTD-ROHAN DESHPANDE-N0012"
    tenant = "NEFT CR-UTIB0000001-SURESH TENANT-RENT RECEIVED"
    entries = [
        *monthly(SALARY, [40_000_00, 40_000_00]),
        (date(2026, 3, 1), quiet, 41_000_00),
        *monthly(tenant, [15_000_00] * 5, day=2),
    ]

    told = analyse(statement(*entries), months=6)

    assert [credit.amount for credit in told.salary_credits] == [40_000_00, 40_000_00, 41_000_00]


def test_obligations_are_what_running_lenders_take_a_month() -> None:
    entries = [
        *monthly("ACH D- BAJAJ FINANCE LTD-1972057786", [-3_450_00] * 6, day=5),
        *monthly("EMI 0012345 HDB FINANCIAL SERVICES", [-2_000_00] * 2, day=9),
        *monthly("ACH D- INDIAN CLEARING CORP-5993692736", [-5_000_00] * 6, day=7),
        *monthly("DEBIT-ACHDr 56326154 TATA CAPITAL--", [-1_200_00] * 6, day=11),
        *monthly("UPI-DMART-dmart.4108@paytm-PYTM0123456-599202093598-FOOD", [-900_00] * 6, day=12),
    ]

    told = analyse(statement(*entries, opening=1_00_000_00), months=6)

    assert [(each.lender, each.monthly) for each in told.obligations] == [
        ("BAJAJ FINANCE", 3_450_00),
        ("TATA CAPITAL", 1_200_00),
    ]
    assert told.emi_monthly == 4_650_00


def test_a_bounce_counts_once_whether_charged_reversed_or_both() -> None:
    told = analyse(
        statement(
            (date(2026, 2, 5), "ACH DEBIT RETURN CHARGES 050226-1234", -500_00),
            (date(2026, 2, 5), "GST ON ACH DEBIT RETURN CHARGES 050226-1234", -90_00),
            (date(2026, 4, 7), "ACH D- BAJAJ FINANCE LTD-197", -3_450_00),
            (date(2026, 4, 7), "ACH RTN BAJAJ FINANCE LTD-197 INSUFF BAL", 3_450_00),
            (date(2026, 4, 7), "ACH RTN CHG 070426", -500_00),
            (date(2026, 6, 10), "I/W CHQ RET CHARGES-123456", -300_00),
        ),
        months=6,
    )

    bounces = (told.inward_bounces_1m, told.inward_bounces_3m, told.inward_bounces_6m)
    assert bounces == (1, 2, 3)


def test_bounces_of_months_the_statement_does_not_cover_are_unknown() -> None:
    told = analyse(SAMPLE, months=3)

    assert told.inward_bounces_3m == 0
    assert told.inward_bounces_6m is None


def test_the_average_balance_is_that_of_six_days_a_month_carried_forward() -> None:
    told = analyse(
        statement(
            (date(2026, 6, 10), "CASH", 5_000_00),
            (date(2026, 6, 11), "ATM", -12_000_00),
            start=date(2026, 6, 1),
        ),
        months=1,
    )

    # 5th: 10,000 · 10th: 15,000 · 15th, 20th, 25th, 30th: 3,000
    assert told.average_balance == 6_166_67


def test_days_below_zero_are_counted_to_the_last_one() -> None:
    told = analyse(
        statement(
            (date(2026, 6, 10), "ATM", -12_000_00),
            (date(2026, 6, 14), "CASH DEPOSIT", 5_000_00),
            (date(2026, 6, 30), "ATM", -4_000_00),
            start=date(2026, 6, 1),
        ),
        months=1,
    )

    assert told.negative_balance_days == 5


def test_shares_of_cash_and_gambling_and_fresh_loans() -> None:
    told = analyse(
        statement(
            (date(2026, 6, 1), SALARY, 30_000_00),
            (date(2026, 6, 3), "CASH DEPOSIT BY SELF", 10_000_00),
            (date(2026, 6, 4), "UPI-DREAM11 FANTASY-dream11@axisbank", -500_00),
            (date(2026, 6, 5), "POS 4160 CROMA", -9_500_00),
            (date(2026, 6, 9), "IMPS-1-MONEYVIEW FINANCE-LOAN DISB", 20_000_00),
        ),
        months=6,
    )

    assert told.cash_deposits_pct == Decimal("16.67")
    assert told.gambling_debits_pct == Decimal("5.00")
    assert told.loan_credits_30d == 1


def test_values_are_those_the_applicant_document_knows() -> None:
    values = applicant_values(analyse(SAMPLE, months=3))

    applicant = Applicant.of(values, source="statement:local")

    assert applicant.get("income.netMonthlySalary") == 42_300_00
    assert applicant.get("bank.monthsCovered") == 3
    assert applicant.get("bank.tamperFlag") is False


@given(st.integers(0, len(SAMPLE.rows) - 1), st.integers(1, 10**6))
def test_any_amount_changed_breaks_the_balance(index: int, by: int) -> None:
    rows = list(SAMPLE.rows)
    rows[index] = attrs.evolve(rows[index], balance=rows[index].balance + by)

    told = analyse(attrs.evolve(SAMPLE, rows=tuple(rows)), months=3)

    assert index in told.breaks
    assert told.is_tampered


def test_a_sound_statement_has_no_breaks() -> None:
    assert breaks(SAMPLE) == ()


def test_a_closing_balance_unlike_the_last_row_is_a_break() -> None:
    assert breaks(attrs.evolve(SAMPLE, closing=1)) == (len(SAMPLE.rows),)


def test_months_without_an_entry_do_not_count_as_covered() -> None:
    assert analyse(SAMPLE, months=12).months_covered == 3
    quiet = attrs.evolve(SAMPLE, period_from=date(2025, 11, 1))
    assert analyse(quiet, months=12).months_covered == 3


def test_too_few_months_and_old_statements_are_refused() -> None:
    require_period(SAMPLE, months=3, until=date(2026, 8, 20))
    with pytest.raises(UnreadableStatement, match="3 whole months, 6 are needed"):
        require_period(SAMPLE, months=6, until=date(2026, 8, 1))
    with pytest.raises(UnreadableStatement, match="more than 30 days ago") as refused:
        require_period(SAMPLE, months=3, until=date(2026, 9, 15))
    assert refused.value.reason is Reason.OUT_OF_RANGE
    assert refused.value.details == {"reason": "OUT_OF_RANGE"}


@pytest.mark.parametrize("start", [date(2026, 8, 1), date(2020, 1, 1)])
def test_a_period_nobody_would_print_is_refused(start: date) -> None:
    with pytest.raises(UnreadableStatement):
        attrs.evolve(SAMPLE, period_from=start)


def test_names_and_narrations_stay_out_of_a_repr() -> None:
    assert "ROHAN" not in repr(SAMPLE)
    assert "ACME" not in repr(SAMPLE.rows[0])
