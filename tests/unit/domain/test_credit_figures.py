"""Figures of credit reports: one golden story each, then what must hold of any report."""

from datetime import date, timedelta
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.applicant import KEYS, Applicant
from los_core.domain.bureau import (
    CreditReport,
    Enquiry,
    Frequency,
    KnownAddress,
    Mark,
    MonthStatus,
    Outcome,
    Ownership,
    Score,
    Tradeline,
)
from los_core.domain.bureau_figures import derive, monthly_due
from los_core.domain.bureau_types import account_type, code_of
from los_core.domain.canonical import encode
from los_core.domain.errors import Invalid

TODAY = date(2026, 11, 25)


def report(*lines: Tradeline, **changes: object) -> CreditReport:
    told: dict[str, object] = {
        "bureau": "EQUIFAX",
        "report_id": "260000001",
        "bureau_date": TODAY,
        "outcome": Outcome.HIT,
        "scores": (Score(name="RTL.ERS4.0", value=731),),
        "tradelines": lines,
    }
    return CreditReport(**{**told, **changes})  # type: ignore[arg-type] # the fields are mixed on purpose


def line(**changes: object) -> Tradeline:
    """A personal loan of ₹1,50,000 over 24 months, ten of them gone, always paid on time."""
    told: dict[str, object] = {
        "ref": "1",
        "lender": "SAMPLE FINANCE",
        "type_code": "05",
        "ownership": Ownership.INDIVIDUAL,
        "open": True,
        "opened_on": date(2026, 1, 5),
        "reported_on": date(2026, 10, 31),
        "sanctioned": 15_000_000,
        "balance": 9_831_000,
        "overdue": 0,
        "emi": 724_000,
        "frequency": Frequency.MONTHLY,
        "tenure_months": 24,
        "history": months("2026-10", 0, 0, 0),
    }
    return Tradeline(**{**told, **changes})  # type: ignore[arg-type] # the fields are mixed on purpose


def months(newest: str, *dpds: int | None) -> tuple[MonthStatus, ...]:
    first = int(newest[:4]) * 12 + int(newest[5:]) - 1
    return tuple(
        MonthStatus(f"{(first - back) // 12}-{(first - back) % 12 + 1:02d}", dpd)
        for back, dpd in enumerate(dpds)
    )


def figure(subject: CreditReport, key: str) -> object:
    return derive(subject, as_of=TODAY)[f"bureau.{key}"]


def test_a_healthy_report_gives_every_figure() -> None:
    subject = report(
        line(),
        line(
            ref="2",
            type_code="10",
            opened_on=date(2023, 3, 1),
            balance=4_000_000,
            credit_limit=10_000_000,
            emi=None,
        ),
        enquiries=(Enquiry(made_on=date(2026, 9, 2), lender="SAMPLE BANK"),),
        addresses=(KnownAddress(text="12 Sample Residency, Pune", pincode="411038"),),
    )
    assert derive(subject, as_of=TODAY, pincode="411038") == {
        "bureau.score": 731,
        "bureau.isNtc": False,
        "bureau.vintageMonths": 44,
        "bureau.activeLoans": 2,
        "bureau.activeUnsecuredLoans": 2,
        "bureau.activePersonalLoansUnder50k": 0,
        "bureau.totalOverdueAmount": 0,
        "bureau.maxDpd3m": 0,
        "bureau.maxDpd6m": 0,
        "bureau.maxDpd12m": 0,
        "bureau.maxDpd24m": 0,
        "bureau.maxDpd36m": 0,
        "bureau.currentDpd": 0,
        "bureau.writtenOffSettled36m": 0,
        "bureau.suitFiledWilful": False,
        "bureau.enquiries7d": 0,
        "bureau.enquiries30d": 0,
        "bureau.enquiries60d": 0,
        "bureau.enquiries90d": 1,
        "bureau.unsecuredOpened3m": 0,
        "bureau.monthlyObligations": 724_000 + 200_000,
        "bureau.unsecuredOutstanding": 13_831_000,
        "bureau.ccUtilPct": Decimal("40.00"),
        "bureau.addressMatch": True,
    }


def test_every_bureau_key_of_the_applicant_document_is_given_and_fits_it() -> None:
    figures = derive(report(line()), as_of=TODAY)
    assert set(figures) == {key for key in KEYS if key.startswith("bureau.")}
    assert Applicant.of(figures, source="EQUIFAX").get("bureau.score") == 731


def test_no_hit_is_new_to_credit_with_counts_of_nothing_and_behaviour_unknown() -> None:
    figures = derive(report(outcome=Outcome.NO_HIT, scores=()), as_of=TODAY)
    assert figures["bureau.isNtc"] is True
    assert figures["bureau.score"] is None
    assert figures["bureau.activeLoans"] == 0
    assert figures["bureau.monthlyObligations"] == 0
    assert figures["bureau.maxDpd12m"] is None
    assert figures["bureau.currentDpd"] is None
    assert figures["bureau.vintageMonths"] is None
    assert figures["bureau.ccUtilPct"] is None
    assert figures["bureau.addressMatch"] is None


@pytest.mark.parametrize("code", [-1, 0, 1, 5, 10])
def test_a_score_that_is_a_reason_code_means_new_to_credit_and_no_score(code: int) -> None:
    subject = report(scores=(Score(name="ERS", value=code),))
    assert figure(subject, "isNtc") is True
    assert figure(subject, "score") is None


def test_a_report_without_a_score_is_not_taken_for_new_to_credit() -> None:
    subject = report(line(), outcome=Outcome.PARTIAL, scores=())
    assert figure(subject, "isNtc") is False
    assert figure(subject, "score") is None


def test_ninety_days_four_months_ago_is_outside_three_months_and_inside_six() -> None:
    subject = report(line(history=months("2026-10", 0, 0, 0, 95, 61, 30)))
    assert figure(subject, "maxDpd3m") == 0
    assert figure(subject, "maxDpd6m") == 95
    assert figure(subject, "currentDpd") == 0


def test_months_that_were_not_reported_are_skipped_and_never_count_as_paid() -> None:
    gaps = report(line(history=months("2026-10", None, None, 35, None)))
    silent = report(line(history=months("2026-10", None, None)))
    assert figure(gaps, "maxDpd3m") == 35
    assert figure(gaps, "currentDpd") == 35
    assert figure(silent, "maxDpd12m") is None
    assert figure(silent, "currentDpd") is None


def test_only_accounts_closed_before_the_window_leave_nothing_overdue_in_it() -> None:
    closed = line(open=False, closed_on=date(2025, 6, 1), history=months("2025-06", 0, 45))
    assert figure(report(closed), "maxDpd12m") == 0
    assert figure(report(closed), "maxDpd24m") == 45
    assert figure(report(closed), "currentDpd") == 0


def test_written_off_thirty_months_ago_counts_and_forty_months_ago_does_not() -> None:
    marks = frozenset({Mark.WRITTEN_OFF})
    recent = line(marks=marks, marks_since=date(2024, 5, 1), open=False)
    old = line(marks=marks, marks_since=date(2023, 7, 1), open=False)
    undated = line(marks=marks, reported_on=None, open=False)
    assert figure(report(recent, old), "writtenOffSettled36m") == 1
    assert figure(report(undated), "writtenOffSettled36m") == 1


def test_a_settled_account_counts_as_lost_and_a_restructured_one_does_not() -> None:
    settled = line(marks=frozenset({Mark.SETTLED}))
    assert figure(report(settled), "writtenOffSettled36m") == 1
    assert figure(report(line(marks=frozenset({Mark.RESTRUCTURED}))), "writtenOffSettled36m") == 0


def test_a_filed_suit_shows_beside_a_graver_mark() -> None:
    subject = report(line(marks=frozenset({Mark.WRITTEN_OFF, Mark.SUIT_FILED})))
    assert figure(subject, "suitFiledWilful") is True
    assert subject.tradelines[0].status == "WRITTEN_OFF"


def test_what_is_only_guaranteed_is_in_no_figure() -> None:
    subject = report(line(ownership=Ownership.GUARANTOR, overdue=900_000))
    assert figure(subject, "activeLoans") == 0
    assert figure(subject, "totalOverdueAmount") == 0
    assert figure(subject, "monthlyObligations") == 0
    assert figure(subject, "vintageMonths") is None


def test_an_authorised_user_pays_nothing_and_still_holds_a_card() -> None:
    card = line(type_code="10", ownership=Ownership.AUTHORISED_USER, credit_limit=5_000_000)
    assert figure(report(card), "activeLoans") == 1
    assert figure(report(card), "monthlyObligations") == 0
    assert figure(report(card), "ccUtilPct") is None


def test_card_utilisation_is_of_all_open_cards_with_a_limit() -> None:
    card = line(type_code="10", balance=9_200_000, credit_limit=10_000_000)
    overpaid = line(type_code="10", balance=-50_000, credit_limit=0, high_credit=0)
    assert figure(report(card, overpaid), "ccUtilPct") == Decimal("92.00")


def test_twelve_small_loans_are_counted_and_one_of_fifty_thousand_is_not() -> None:
    small = [line(ref=str(n), type_code="69", sanctioned=1_000_000) for n in range(12)]
    subject = report(*small, line(sanctioned=5_000_000))
    assert figure(subject, "activePersonalLoansUnder50k") == 12
    assert figure(subject, "activeUnsecuredLoans") == 13


def test_enquiries_are_counted_back_from_the_bureaus_date_and_one_lender_once_a_day() -> None:
    day = date(2026, 11, 1)
    subject = report(
        bureau_date=day,
        enquiries=(
            Enquiry(made_on=day - timedelta(days=7), lender="Alpha Bank"),
            Enquiry(made_on=day - timedelta(days=7), lender="ALPHA BANK "),
            Enquiry(made_on=day - timedelta(days=7)),
            Enquiry(made_on=day - timedelta(days=7)),
            Enquiry(made_on=day - timedelta(days=8), lender="Beta"),
            Enquiry(made_on=day - timedelta(days=91), lender="Gamma"),
        ),
    )
    assert figure(subject, "enquiries7d") == 3
    assert figure(subject, "enquiries30d") == 4
    assert figure(subject, "enquiries90d") == 4


def test_unsecured_credit_opened_in_three_months_counts_also_when_closed_again() -> None:
    subject = report(
        line(opened_on=date(2026, 8, 25)),
        line(opened_on=date(2026, 9, 1), open=False),
        line(opened_on=date(2026, 8, 24)),
        line(opened_on=date(2026, 9, 1), type_code="07"),
    )
    assert figure(subject, "unsecuredOpened3m") == 2


def test_an_address_matches_by_pincode_and_is_unknown_without_one() -> None:
    subject = report(addresses=(KnownAddress(text="somewhere", pincode="411038"),))
    assert derive(subject, as_of=TODAY, pincode="560001")["bureau.addressMatch"] is False
    assert derive(subject, as_of=TODAY)["bureau.addressMatch"] is None


def test_sums_that_no_account_tells_are_unknown() -> None:
    blank = line(overdue=None, balance=None, emi=None, sanctioned=None)
    assert figure(report(blank), "totalOverdueAmount") is None
    assert figure(report(blank), "monthlyObligations") is None
    assert figure(report(blank), "unsecuredOutstanding") is None


@pytest.mark.parametrize(
    ("frequency", "emi", "due"),
    [
        (Frequency.MONTHLY, 724_000, 724_000),
        (Frequency.WEEKLY, 120_000, 520_000),
        (Frequency.FORTNIGHTLY, 120_000, 260_000),
        (Frequency.QUARTERLY, 300_000, 100_000),
        (Frequency.HALF_YEARLY, 600_000, 100_000),
        (Frequency.YEARLY, 1_200_000, 100_000),
        (Frequency.DAILY, 12_000, 365_000),
        (Frequency.BULLET, 1_400_000, 100_000),
    ],
)
def test_an_instalment_is_brought_to_months(frequency: Frequency, emi: int, due: int) -> None:
    assert monthly_due(line(frequency=frequency, emi=emi), as_of=TODAY) == due


def test_a_missing_instalment_is_the_level_one_on_what_is_left() -> None:
    # 1,00,000 at 12 % a year over 12 months: 8,884.88, as every EMI table prints it.
    subject = line(
        emi=None,
        balance=10_000_000,
        rate_pct=Decimal(12),
        tenure_months=12,
        opened_on=date(2026, 11, 1),
    )
    assert monthly_due(subject, as_of=TODAY) == 888_488
    assert monthly_due(attrs.evolve(subject, rate_pct=Decimal(0)), as_of=TODAY) == 833_333


def test_a_loan_past_its_tenure_is_due_whole_next_month() -> None:
    subject = line(
        emi=None, balance=100_000, rate_pct=Decimal(12), tenure_months=1, opened_on=date(2026, 1, 1)
    )
    assert monthly_due(subject, as_of=TODAY) == 101_000


@pytest.mark.parametrize("changes", [{"balance": 0}, {"open": False}, {"balance": -100}])
def test_nothing_is_due_on_an_account_without_debt(changes: dict[str, object]) -> None:
    assert monthly_due(line(**changes), as_of=TODAY) == 0


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Personal Loan", "05"),
        ("PERSONAL LOAN ", "05"),
        ("Credit Card", "10"),
        ("Secured Credit Card", "31"),
        ("Housing Loan", "02"),
        ("Two-wheeler Loan", "13"),
        ("Gold Loan - Priority", "07"),
        ("Microfinance - Personal Loan", "41"),
        ("Business Loan - Unsecured", "61"),
        ("Short Term Personal Loan", "69"),
        ("Used Car Loan", "32"),
        ("Carpet Finance", "00"),
        ("", "00"),
    ],
)
def test_a_bureaus_label_finds_its_account_type(label: str, code: str) -> None:
    assert code_of(label) == code


def test_an_unknown_account_type_counts_as_unsecured_credit() -> None:
    assert account_type("77").secured is None
    assert figure(report(line(type_code="77")), "activeUnsecuredLoans") == 1


def test_a_telephone_bill_is_no_loan() -> None:
    assert figure(report(line(type_code="18")), "activeLoans") == 0


def test_a_document_that_is_no_report_is_refused() -> None:
    with pytest.raises(Invalid):
        CreditReport.from_document({"bureau": "EQUIFAX"})


def test_personal_data_is_not_in_the_repr() -> None:
    subject = report(
        line(account_masked="XXXX4411"),
        names=("ASHA KULKARNI",),
        phones=("9800000210",),
        addresses=(KnownAddress(text="12 Sample Residency"),),
    )
    assert not any(
        secret in repr(subject) for secret in ("ASHA", "9800000210", "Residency", "4411")
    )


# -- what holds of any report -------------------------------------------------------------------

dates = st.dates(min_value=date(2018, 1, 1), max_value=TODAY)
amounts = st.none() | st.integers(-(10**9), 10**11)
histories = st.lists(st.none() | st.integers(0, 999), max_size=48).map(
    lambda dpds: months("2026-11", *dpds)
)
lines = st.builds(
    Tradeline,
    ref=st.sampled_from(["1", "2", "3"]),
    lender=st.sampled_from(["", "ALPHA", "BETA"]),
    type_code=st.sampled_from(["00", "02", "05", "06", "07", "10", "13", "18", "41", "69", "xx"]),
    ownership=st.sampled_from(Ownership),
    open=st.booleans(),
    marks=st.frozensets(st.sampled_from(Mark), max_size=2),
    marks_since=st.none() | dates,
    opened_on=st.none() | dates,
    closed_on=st.none() | dates,
    reported_on=st.none() | dates,
    sanctioned=amounts,
    credit_limit=amounts,
    balance=amounts,
    overdue=amounts,
    emi=amounts,
    frequency=st.none() | st.sampled_from(Frequency),
    tenure_months=st.none() | st.integers(0, 600),
    rate_pct=st.none() | st.decimals(0, 60, places=2),
    history=histories,
)
reports = st.builds(
    CreditReport,
    bureau=st.just("EQUIFAX"),
    report_id=st.just("1"),
    bureau_date=dates,
    outcome=st.sampled_from(Outcome),
    scores=st.lists(
        st.builds(Score, name=st.just("ERS"), value=st.none() | st.integers(-1, 900)), max_size=2
    ).map(tuple),
    tradelines=st.lists(lines, max_size=4).map(tuple),
    enquiries=st.lists(
        st.builds(Enquiry, made_on=dates, lender=st.sampled_from(["", "ALPHA", "BETA"])), max_size=6
    ).map(tuple),
    addresses=st.lists(
        st.builds(KnownAddress, text=st.text(max_size=5), pincode=st.sampled_from(["", "411038"])),
        max_size=2,
    ).map(tuple),
)


@given(reports)
def test_a_report_survives_its_document(subject: CreditReport) -> None:
    assert CreditReport.from_document(subject.document()) == subject
    assert encode(subject.document()) == encode(
        CreditReport.from_document(subject.document()).document()
    )


@given(reports)
def test_figures_fit_the_applicant_document(subject: CreditReport) -> None:
    Applicant.of(derive(subject, as_of=TODAY, pincode="411038"), source="EQUIFAX")


@given(reports)
def test_a_longer_window_never_shows_less(subject: CreditReport) -> None:
    figures = derive(subject, as_of=TODAY)
    enquiries = [figures[f"bureau.enquiries{n}d"] for n in (7, 30, 60, 90)]
    worst = [figures[f"bureau.maxDpd{n}m"] for n in (3, 6, 12, 24, 36)]
    known = [value for value in worst if isinstance(value, int)]
    assert enquiries == sorted(enquiries, key=int)  # type: ignore[arg-type] # counts are ints
    assert known == sorted(known)


@given(reports)
def test_the_order_of_accounts_and_enquiries_does_not_matter(subject: CreditReport) -> None:
    turned = attrs.evolve(
        subject, tradelines=subject.tradelines[::-1], enquiries=subject.enquiries[::-1]
    )
    assert derive(turned, as_of=TODAY) == derive(subject, as_of=TODAY)


@given(reports, lines)
def test_another_account_never_lowers_a_count_or_a_sum(
    subject: CreditReport, extra: Tradeline
) -> None:
    longer = attrs.evolve(subject, tradelines=(*subject.tradelines, extra))
    before, after = derive(subject, as_of=TODAY), derive(longer, as_of=TODAY)
    for key in ("activeLoans", "writtenOffSettled36m", "unsecuredOpened3m", "maxDpd12m"):
        old, new = before[f"bureau.{key}"], after[f"bureau.{key}"]
        assert not isinstance(old, int) or (new is None and old == 0) or new >= old  # type: ignore[operator] # both are counts
