import contextlib
import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.errors import Invalid
from los_core.domain.kyc import (
    Aadhaar,
    AadhaarLast4,
    AccountNumber,
    Email,
    Ifsc,
    KycMode,
    Pan,
    Phone,
    Uan,
)
from los_core.testing.decisions import aadhaar_numbers, pans, phones


@pytest.mark.parametrize(
    "typed", ["ABCPE1234F", "abcpe1234f", " ABCPE 1234-F ", "\uff21BCPE123\uff14F"]
)
def test_a_pan_is_brought_to_its_canonical_form(typed: str) -> None:
    assert Pan.parse(typed).reveal() == "ABCPE1234F"


@pytest.mark.parametrize(
    "typed",
    [
        "ABCDE1234F",
        "ABCPE0000F",
        "ABCCE1234F",
        "ABCPE123F",
        "ABCPE12345",
        "",
        "ABCPE1234F9",
        "x" * 999,
    ],
)
def test_a_pan_that_is_malformed_or_not_an_individuals_is_refused_by_field(typed: str) -> None:
    with pytest.raises(Invalid) as caught:
        Pan.parse(typed, field="panNumber")
    assert caught.value.fields[0][0] == "panNumber"
    assert not typed or typed not in str(caught.value)


def test_a_pan_shows_its_ends_only() -> None:
    pan = Pan.parse("ABCPE1234F")
    assert (pan.masked, pan.last4) == ("ABCxxxx34F", "234F")
    assert "E1234F" not in repr(pan) + str(pan) + f"{pan}"


def test_the_constructor_takes_the_canonical_form_only() -> None:
    with pytest.raises(Invalid):
        Pan("abcpe1234f")
    with pytest.raises(Invalid):
        AccountNumber("12 34")


@pytest.mark.parametrize(
    "typed",
    [
        "9876543210",
        "+91 98765 43210",
        "+91-98765-43210",
        "09876543210",
        "919876543210",
        "+9109876543210",
    ],
)
def test_a_phone_loses_country_code_and_trunk_zero(typed: str) -> None:
    assert Phone.parse(typed).reveal() == "9876543210"


@pytest.mark.parametrize(
    "typed", ["1234567890", "5876543210", "987654321", "98765432101", "+1 9876543210", "phone"]
)
def test_what_is_no_indian_mobile_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        Phone.parse(typed)


def test_a_mobile_that_begins_with_91_keeps_it() -> None:
    assert Phone.parse("9198765432").reveal() == "9198765432"


def test_a_phone_is_masked_and_written_for_carriers() -> None:
    phone = Phone.parse("9876543210")
    assert (phone.masked, phone.e164) == ("98xxxxxx10", "+919876543210")


def test_an_ifsc_needs_its_zero() -> None:
    assert Ifsc.parse("hdfc0001234").bank_code == "HDFC"
    with pytest.raises(Invalid):
        Ifsc.parse("HDFC1001234")


def test_an_account_number_keeps_its_leading_zeros_and_shows_four_digits() -> None:
    account = AccountNumber.parse("0262 9180 0001 191")
    assert account.reveal() == "026291800001191"
    assert str(account) == "xxxx1191"


@pytest.mark.parametrize("typed", ["12345678", "1" * 19, "12345678A", "000000000"])
def test_an_account_number_of_another_form_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        AccountNumber.parse(typed)


def test_a_uan_is_twelve_digits_and_masked() -> None:
    assert Uan.parse("1001 2345 6789").masked == "xxxxxxxx6789"
    with pytest.raises(Invalid):
        Uan.parse("012345678901")


@pytest.mark.parametrize("typed", ["asha@x", "asha", "a@b@c.in", "a..b@x.in", "a b@x.in", "अ@x.in"])
def test_what_is_no_mailbox_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        Email.parse(typed)


def test_an_email_is_lower_cased_and_masked() -> None:
    email = Email.parse(" Asha.Rao+loan@Example.co.IN ")
    assert email.reveal() == "asha.rao+loan@example.co.in"
    assert str(email) == "a***@example.co.in"


def test_of_an_aadhaar_number_only_the_last_four_digits_can_be_kept() -> None:
    number = Aadhaar.parse("9999 4105 7058")
    assert number.reveal() == "999941057058"
    assert number.last4 == AadhaarLast4("7058")
    assert "99994105" not in repr(number) + str(number)
    for keep in (copy.copy, copy.deepcopy, pickle.dumps, hash):
        with pytest.raises(TypeError):
            keep(number)


@pytest.mark.parametrize("typed", ["999941057059", "199941057058", "99994105705", "x"])
def test_an_aadhaar_number_with_a_wrong_check_digit_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        Aadhaar.parse(typed)


@pytest.mark.parametrize("typed", ["7058", "XXXXXXXX7058", "xxxx xxxx 7058", "********7058"])
def test_masked_aadhaar_forms_give_their_last_four_digits(typed: str) -> None:
    assert AadhaarLast4.parse(typed).masked == "XXXX XXXX 7058"


def test_a_full_aadhaar_number_does_not_pass_for_a_masked_one() -> None:
    with pytest.raises(Invalid):
        AadhaarLast4.parse("999941057058")


def test_only_face_to_face_due_diligence_lifts_the_cap() -> None:
    assert {mode for mode in KycMode if mode.lifts_cap} == {KycMode.V_CIP, KycMode.FACE_TO_FACE}


@given(pans(), phones(), aadhaar_numbers())
def test_parsing_is_idempotent(pan: str, phone: str, aadhaar: str) -> None:
    assert Pan.parse(Pan.parse(pan).reveal()) == Pan.parse(pan.lower())
    assert Phone.parse(Phone.parse(phone).e164) == Phone.parse(phone)
    assert Aadhaar.parse(aadhaar).last4.reveal() == aadhaar[-4:]


@given(st.text(max_size=30))
def test_any_text_is_parsed_or_refused_as_invalid(text: str) -> None:
    for kind in (Pan, Phone, Ifsc, AccountNumber, Uan, Email, AadhaarLast4, Aadhaar):
        with contextlib.suppress(Invalid):
            kind.parse(text)
