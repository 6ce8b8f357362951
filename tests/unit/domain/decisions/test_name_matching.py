import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.names import NameBand, band, match_firm_pct, match_pct

NAMES = st.lists(
    st.sampled_from(
        ["JOHN", "DOE", "J", "SUNITA", "DEVI", "S", "KUMAR", "KR", "MD", "LAKSHMI", "LAXMI", "RAM"]
    )
    | st.text("ABCDEFGHIKLMNOPRSTUVY", min_size=1, max_size=9),
    min_size=1,
    max_size=5,
).map(" ".join)


# The four answers of Cashfree's sandbox account of JOHN DOE: direct, good, moderate, poor.
@pytest.mark.parametrize(
    ("typed", "pct", "expected"),
    [
        ("john doe", 100, NameBand.PASS),
        ("john d", 85, NameBand.PASS),
        ("j doe", 70, NameBand.REVIEW),
        ("jane d", 35, NameBand.FAIL),
    ],
)
def test_the_bands_of_john_doe(typed: str, pct: int, expected: NameBand) -> None:
    assert match_pct("JOHN DOE", typed) == pct
    assert band(pct) is expected


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("RAJESH KUMAR", "Kumar  Rajesh"),
        ("Mr. Rajesh Kumar", "RAJESH KUMAR"),
        ("SMT SUNITA DEVI W/O RAM DEVI", "Sunita Devi"),
        ("D'SOUZA, JOE", "Joe DSouza"),
        ("José Rao", "JOSE RAO"),
        ("RAM KUMAR SHARMA", "RAMKUMAR SHARMA"),
        ("MOHD ASLAM", "MUHAMMAD ASLAM"),
        ("सुनीता देवी", "सुनीता  देवी"),
        ("S.K. SHARMA", "SK SHARMA"),
    ],
)
def test_the_same_name_written_otherwise_is_100(a: str, b: str) -> None:
    assert match_pct(a, b) == 100


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("POOJA SINGH", "PUJA SINGH"),
        ("PRASAD RAO", "PRASHAD RAO"),
        ("CHAUDHARY RAM", "CHOUDHARI RAM"),
        ("LAKSHMI IYER", "LAXMI IYER"),
        ("AMEET SHAH", "AMIT SHAH"),
        ("V RAMESH", "RAMESH VENKATARAMAN"),
        ("SURESH K SHARMA", "SURESH KUMAR SHARMA"),
    ],
)
def test_spelling_variants_and_later_initials_pass(a: str, b: str) -> None:
    assert band(match_pct(a, b)) is NameBand.PASS


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("SUNITA", "SUNITA DEVI"),
        ("RAJESH SHARMA", "RAJESH KUMAR SHARMA"),
        ("LAKSHMI NARAYANAN", "LAXMI NARAYAN"),
        ("S K SHARMA", "SURESH KUMAR SHARMA"),
        ("DOE JOHN", "john d"),
        ("ANJALI", "ANJLI"),
        ("RAMESHWAR SINGH", "RAMESHWARI SINGH"),
    ],
)
def test_what_may_or_may_not_be_one_person_goes_to_review(a: str, b: str) -> None:
    assert band(match_pct(a, b)) is NameBand.REVIEW


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("AMIT VERMA", "ANIL VERMA"),
        ("SUNIL VERMA", "SUSHIL VERMA"),
        ("KAVITA RAO", "SAVITA RAO"),
        ("KARAN MEHTA", "KIRAN MEHTA"),
        ("RAMESH YADAV", "SURESH YADAV"),
        ("KAMAL DAS", "KAMLA DAS"),
        ("RAMESH KUMAR", "SUNITA DEVI"),
        ("R K", "RAMESH KUMAR"),
        ("", "RAMESH"),
        ("...", "..."),
    ],
)
def test_different_people_fail(a: str, b: str) -> None:
    pct = match_pct(a, b)
    assert pct < 75
    assert band(pct) is NameBand.FAIL


@given(NAMES, NAMES)
def test_matching_is_symmetric_and_stays_within_0_and_100(a: str, b: str) -> None:
    assert match_pct(a, b) == match_pct(b, a)
    assert 0 <= match_pct(a, b) <= 100


@given(NAMES)
def test_a_name_matches_itself_in_any_case(name: str) -> None:
    assert match_pct(name, name.lower()) == 100


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_texts_can_be_compared(a: str, b: str) -> None:
    assert match_pct(a, b) == match_pct(b, a)


def test_a_very_long_name_is_compared_in_bounded_time() -> None:
    assert match_pct("AB " * 5000, "BA " * 5000) < 100


@pytest.mark.parametrize(
    ("pct", "expected"), [(84, NameBand.REVIEW), (60, NameBand.REVIEW), (59, NameBand.FAIL)]
)
def test_band_edges(pct: int, expected: NameBand) -> None:
    assert band(pct) is expected
    assert band(75, pass_at=75) is NameBand.PASS


@pytest.mark.parametrize(
    ("a", "b", "pct"),
    [
        ("Vistara Components Pvt Ltd", "VISTARA COMPONENTS PRIVATE LIMITED", 100),
        ("M/s. Vistara Components (P) Ltd.", "Vistara Components", 100),
        ("HDFC BANK LTD", "HDFC Bank", 100),
        ("STATE BANK OF INDIA", "State Bank India", 100),
        ("Big Basket", "BIGBASKET LIMITED", 100),
        ("TCS Ltd", "Tata Consultancy Services Limited", 80),
        ("SBI", "State Bank of India", 80),
        ("BAJAJ FINANCE LTD", "Bajaj Finance Services", 80),
        ("The Company", "THE COMPANY", 100),
    ],
)
def test_one_firm_written_twice(a: str, b: str, pct: int) -> None:
    assert match_firm_pct(a, b) == pct


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("INDIAN BANK", "INDIAN OVERSEAS BANK"),
        ("BANK OF INDIA", "STATE BANK OF INDIA"),
        ("CENTRAL BANK OF INDIA", "UNION BANK OF INDIA"),
        ("HDFC BANK", "ICICI BANK"),
        ("TATA CAPITAL LTD", "TATA MOTORS LTD"),
        ("Infosys Limited", "Wipro Limited"),
        ("", "Wipro"),
    ],
)
def test_firms_that_differ_in_a_telling_word_stay_apart(a: str, b: str) -> None:
    assert match_firm_pct(a, b) < 75


@given(st.text(max_size=40), st.text(max_size=40))
def test_matching_firms_is_symmetric(a: str, b: str) -> None:
    assert match_firm_pct(a, b) == match_firm_pct(b, a)
    assert 0 <= match_firm_pct(a, b) <= 100
