from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given

from los_core.domain.applicant import KEYS, Applicant, Datum, Kind, age_on, masked
from los_core.domain.canonical import digest, encode
from los_core.domain.derived import derive
from los_core.domain.errors import Invalid
from los_core.testing.decisions import applicant, applicants


@given(applicants())
def test_a_document_comes_back_as_it_went(person: Applicant) -> None:
    assert Applicant.from_document(person.document()) == person
    assert encode(Applicant.from_document(person.document()).document()) == encode(
        person.document()
    )


def test_missing_is_none_and_not_zero() -> None:
    person = Applicant.of({"bureau.maxDpd12m": None, "bank.inwardBounces3m": 0}, source="x")
    assert person.values() == {"bank.inwardBounces3m": 0}
    assert person.get("bureau.maxDpd12m") is None
    assert person.get("bureau.score") is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("income.netMonthlySalary", Decimal("25000.00")),
        ("income.netMonthlySalary", True),
        ("bureau.isNtc", 1),
        ("bureau.score", "712"),
        ("bureau.ccUtilPct", Decimal("NaN")),
        ("bureau.nothing", 1),
    ],
)
def test_a_wrong_type_or_unknown_key_is_refused_by_name(key: str, value: object) -> None:
    with pytest.raises(Invalid) as caught:
        Applicant({key: Datum(value, "x")})  # type: ignore[arg-type]  # the refusal is the point
    assert caught.value.fields[0][0] == key


def test_later_data_wins_but_silence_does_not_erase() -> None:
    first = Applicant.of({"bureau.score": 700, "bureau.maxDpd3m": 0}, source="EQUIFAX")
    second = Applicant.of({"bureau.score": 710, "bureau.maxDpd3m": None}, source="CIBIL")
    merged = first.with_data(second)
    assert merged.values() == {"bureau.score": 710, "bureau.maxDpd3m": 0}
    assert merged.data["bureau.score"].source == "CIBIL"


def test_staff_without_the_permission_see_a_salary_and_a_pan_masked() -> None:
    assert masked("income.netMonthlySalary", 42_000_00) == "4xxxxxx"
    assert masked("applicant.pan", "ABCPE1234F") == "xxxx"
    assert masked("bureau.maxDpd12m", 30) == "30"
    assert masked("kyc.panVerified", True) == "yes"
    assert masked("bureau.score", None) is None
    assert masked("brand.secret", "x") == "xxxx"


def test_every_money_key_is_named_for_an_amount() -> None:
    money = {name for name, key in KEYS.items() if key.kind is Kind.MONEY}
    assert not {name for name in money if name.endswith(("Pct", "Months", "Count"))}


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2000, 2, 29), date(2021, 2, 28), 20),
        (date(2000, 2, 29), date(2021, 3, 1), 21),
        (date(1996, 11, 25), date(2026, 11, 25), 30),
        (date(1996, 11, 26), date(2026, 11, 25), 29),
    ],
)
def test_age_is_in_completed_years(born: date, on: date, age: int) -> None:
    assert age_on(born, on) == age


def test_derived_ratios_follow_the_facts() -> None:
    person = applicant(bureau__monthlyObligations=9_800_00, income__netMonthlySalary=41_500_00)
    derived = derive(person, requested=14_000_00, new_due=14_000_00, kyc_cap_remaining=13_000_00)
    assert derived.get("derived.preLoanFoirPct") == Decimal("23.61")
    assert derived.get("derived.postLoanFoirPct") == Decimal("57.35")
    assert derived.get("derived.loanToSalaryPct") == Decimal("33.73")
    assert derived.get("derived.kycCapHeadroom") == -1_000_00
    assert derived.get("derived.isMicrofinance") is False


def test_a_ratio_of_an_unknown_stays_unknown_even_if_it_was_known_before() -> None:
    person = applicant(bureau__monthlyObligations=None, bureau__isNtc=None)
    assert derive(person, requested=1, new_due=1).get("derived.postLoanFoirPct") is None
    assert derive(applicant(), requested=1, new_due=None).get("derived.postLoanFoirPct") is None


def test_a_person_new_to_credit_owes_nothing_by_the_bureau() -> None:
    person = applicant(bureau__monthlyObligations=None, bureau__isNtc=True)
    derived = derive(person, requested=1, new_due=4_200_00)
    assert derived.get("derived.postLoanFoirPct") == Decimal("10.00")


def test_the_statement_may_know_more_dues_than_the_bureau() -> None:
    person = applicant(bank__emiDebits=8_400_00)
    assert derive(person, requested=1, new_due=0).get("derived.preLoanFoirPct") == Decimal("20.00")


def test_a_household_at_three_lakh_is_microfinance_and_above_it_is_not() -> None:
    at = derive(applicant(income__householdAnnualIncome=3_00_000_00), requested=1, new_due=1)
    above = derive(applicant(income__householdAnnualIncome=3_00_000_01), requested=1, new_due=1)
    assert (at.get("derived.isMicrofinance"), above.get("derived.isMicrofinance")) == (True, False)


def test_the_canonical_form_ignores_key_order_and_refuses_floats() -> None:
    assert encode({"b": 1, "a": ["₹", None]}) == '{"a":["₹",null],"b":1}'.encode()
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    with pytest.raises(TypeError):
        encode({"a": [1.0]})
    with pytest.raises(TypeError):
        encode({1: "a"})


def test_an_instant_keeps_its_zone() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    person = Applicant.of({"bureau.score": 1}, source="x", fetched_at=at, report_id="R")
    assert Applicant.from_document(person.document()).data["bureau.score"].fetched_at == at
