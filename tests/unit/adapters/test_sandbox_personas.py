"""The people of the sandbox are well formed, each unlike the others, and found by any number."""

import re
from collections import Counter
from collections.abc import Callable

import pytest
from stdnum.in_ import aadhaar, pan

from los_adapters.sandbox.personas import PEOPLE, Persona, Personas

EACH = pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.key)


@EACH
def test_numbers_are_well_formed(person: Persona) -> None:
    assert pan.validate(person.pan) == person.pan
    assert person.pan[3] == "P"
    assert person.pan[4] == person.last_name[0]
    assert aadhaar.validate(person.aadhaar) == person.aadhaar
    assert re.fullmatch(r"[6-9]\d{9}", person.phone)
    assert re.fullmatch(r"[a-z.]+@example\.in", person.email)
    assert re.fullmatch(r"[A-Z]{4}0[A-Z0-9]{6}", person.bank.ifsc)
    assert re.fullmatch(r"\d{9,18}", person.bank.account_number)
    assert re.fullmatch(r"\d{12}", person.uan)
    assert re.fullmatch(r"[1-9]\d{5}", person.address.pincode)


@EACH
def test_instalments_leave_room_for_one_more(person: Persona) -> None:
    assert 42_000_00 <= person.net_salary <= 85_000_00
    emis = sum(line.emi for line in person.bureau.tradelines if line.closed_on is None)
    assert emis * 100 <= person.net_salary * 25


@EACH
def test_the_bureau_score_fits_the_file(person: Persona) -> None:
    if person.bureau.tradelines:
        assert 300 <= person.bureau.score <= 900
    else:
        assert person.bureau.score == -1


@pytest.mark.parametrize(
    "number",
    [
        lambda p: p.key,
        lambda p: p.pan,
        lambda p: p.aadhaar,
        lambda p: p.phone,
        lambda p: p.email,
        lambda p: p.uan,
        lambda p: p.bank.account_number,
    ],
)
def test_no_number_belongs_to_two(number: Callable[[Persona], str]) -> None:
    assert max(Counter(map(number, PEOPLE)).values()) == 1


@EACH
def test_each_is_found_by_every_number(person: Persona) -> None:
    people = Personas()
    bank = person.bank
    assert people[person.key] is person
    assert people.by_pan(person.pan.lower()) is person
    assert people.by_aadhaar(person.aadhaar) is person
    assert people.by_phone(f"91{person.phone}") is person
    assert people.by_email(person.email.upper()) is person
    assert people.by_uan(person.uan) is person
    assert people.by_account(bank.account_number) is person
    assert people.by_account(bank.account_number, bank.ifsc) is person
    assert people.by_account(bank.account_number, "ICIC0000001") is None


def test_unknown_numbers_find_nobody() -> None:
    people = Personas()
    assert people.by_pan("ZZZPZ9999Z") is None
    assert people.by_aadhaar("999941057058") is None
    assert people.by_phone("9000000000") is None


def test_every_peculiarity_has_its_person() -> None:
    assert {person.key: sorted(person.behaviours) for person in PEOPLE} == {
        "asha": [],
        "ravi": ["deep_dpd"],
        "meena": ["payout_times_out_after_success"],
        "arjun": ["repays_early"],
        "nisha": ["new_to_credit"],
        "farhan": ["aadhaar_name_mismatch"],
        "kiran": ["closed_account"],
        "lata": ["refuses_to_sign"],
        "dev": ["payout_returned"],
        "gopal": ["blocklisted"],
    }
