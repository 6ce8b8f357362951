"""Files of leads, duplicates, and the way of one lead."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.contact import INDIA
from los_core.domain.errors import Conflict, Invalid
from los_core.domain.ids import BrandId, CustomerId
from los_core.domain.kyc import Phone
from los_core.domain.lead import MOVES, Details, Known, Lead, Outcome, Status, outcomes
from los_core.domain.lead_file import MAX_BYTES, MAX_ROWS, neutral, read_leads

TODAY = date(2026, 11, 25)


def details(phone: str = "9876543210") -> Details:
    return Details(name="Asha Rao", phone=Phone.parse(phone))


def lead(status: Status = Status.NEW) -> Lead:
    return Lead(
        id=UUID(int=1),
        brand_id=BrandId(UUID(int=2)),
        details=details(),
        created_at=datetime(2026, 11, 25, tzinfo=UTC),
        status=status,
    )


def test_a_full_row_is_read() -> None:
    text = (
        "name,phone,email,pan,dob,employer,netSalary,city,pincode,loanAmount,source,campaign,"
        "externalLeadId,consentTs\n"
        'Asha Rao,+91 98765 43210,Asha@Example.in,ABCPE1234F,05/03/1990,Tata Steel,"45,000.50",'
        "Pune,411001,50000,FB,DIWALI,X-1,2026-11-20T10:00:00\n"
    )
    found = read_leads(text.encode())
    assert found.faults == ()
    [(no, row)] = found.rows
    assert no == 2
    assert row.phone == Phone.parse("9876543210")
    assert row.born_on == date(1990, 3, 5)
    assert (row.net_salary, row.loan_amount) == (4_500_050, 5_000_000)
    assert row.consent_at == datetime(2026, 11, 20, 10, tzinfo=INDIA)
    assert (row.employer, row.pincode, row.external_id) == ("Tata Steel", "411001", "X-1")


def test_columns_come_in_any_order_and_case_and_empty_rows_do_not_count() -> None:
    found = read_leads("\ufeffPHONE,Name\n9876543210,Asha\n,\n\n".encode())
    assert [(no, row.name) for no, row in found.rows] == [(2, "Asha")]


def test_each_fault_names_its_row_and_column_and_no_value() -> None:
    text = (
        "name,phone,dob,pincode,loanAmount\n"
        "Asha,12345,,,\n"
        ",9876543210,31/02/1990,0123,-5\n"
        "Ravi,9876543211\n"
        "Meena,9876543212,1990-03-05,411001,100\n"
    )
    found = read_leads(text.encode())
    assert [(fault.row, fault.column) for fault in found.faults] == [
        (2, "phone"),
        (3, "name"),
        (3, "dob"),
        (3, "pincode"),
        (3, "loanAmount"),
        (4, ""),
    ]
    assert found.invalid_rows == 3
    assert [no for no, _ in found.rows] == [5]
    assert "12345" not in repr(found.faults)


def test_a_formula_is_made_harmless() -> None:
    found = read_leads(
        b'name,phone,employer,city\n"=Asha()",9876543210,@SUM(A1),"-2+3"\n'  # spreadsheet formulas
    )
    row = found.rows[0][1]
    assert (row.name, row.employer, row.city) == ("'=Asha()", "'@SUM(A1)", "'-2+3")


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@A", "\t=1", "\r=1", " =1", "\uff1d1", "\u200b=1"]
)
def test_what_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    assert neutral(text) == f"'{text}"
    assert neutral(neutral(text)) == neutral(text)


@given(st.text(max_size=40))
def test_making_text_harmless_twice_is_making_it_harmless_once(text: str) -> None:
    assert neutral(neutral(text)) == neutral(text)
    assert neutral(text).endswith(text)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "LEAD_FILE_FORMAT"),
        (b"name\nAsha\n", "LEAD_FILE_COLUMNS"),
        (b"name,phone,shoeSize\n", "LEAD_FILE_COLUMNS"),
        (b"name,phone,Phone\n", "LEAD_FILE_COLUMNS"),
        (b"name,phone\nA,\xff\n", "LEAD_FILE_ENCODING"),
        (b'name,phone\n"Asha,9876543210\n', "LEAD_FILE_FORMAT"),
        (b"x" * (MAX_BYTES + 1), "LEAD_FILE_TOO_LARGE"),
        (b"name,phone\n" + b"A,9876543210\n" * (MAX_ROWS + 1), "LEAD_FILE_TOO_LONG"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_leads(data)
    assert refused.value.code == code


def test_a_phone_is_new_duplicate_or_a_customers() -> None:
    rows = [details("9876543210"), details("9876543211"), details("9876543212"), details()]
    known = Known(
        customers=frozenset({"9876543211"}),
        leads={"9876543212": TODAY - timedelta(days=30)},
    )
    assert outcomes(rows, known, TODAY, index=Phone.reveal) == (
        Outcome.NEW,
        Outcome.EXISTING_CUSTOMER,
        Outcome.DUPLICATE,
        Outcome.DUPLICATE,
    )


def test_after_thirty_days_a_phone_is_new_again() -> None:
    known = Known(leads={"9876543210": TODAY - timedelta(days=31)})
    assert outcomes([details()], known, TODAY, index=Phone.reveal) == (Outcome.NEW,)


@given(st.lists(st.sampled_from(["9876543210", "9876543211", "9876543212"]), max_size=10))
def test_importing_a_file_again_finds_nothing_new(phones: list[str]) -> None:
    rows = [details(phone) for phone in phones]
    first = outcomes(rows, Known(), TODAY, index=Phone.reveal)
    assert first.count(Outcome.NEW) == len(set(phones))
    kept = {
        row.phone.reveal(): TODAY
        for row, outcome in zip(rows, first, strict=True)
        if outcome is Outcome.NEW
    }
    again = outcomes(rows, Known(leads=kept), TODAY, index=Phone.reveal)
    assert Outcome.NEW not in again


def test_a_lead_goes_from_new_to_converted() -> None:
    one = lead()
    for status in (Status.CONTACTED, Status.INTERESTED, Status.CONVERTED):
        one.move(status)
    assert one.status is Status.CONVERTED
    one.move(Status.CONVERTED)
    with pytest.raises(Conflict) as refused:
        one.move(Status.NEW)
    assert refused.value.code == "INVALID_LEAD_MOVE"
    assert refused.value.details["allowed"] == []


def test_no_lead_goes_back_to_new_and_every_status_is_reached() -> None:
    targets = set().union(*MOVES.values())
    assert targets == set(Status) - {Status.NEW}
    assert set(MOVES) == set(Status)


def test_a_lead_who_registers_is_linked_once() -> None:
    one, customer = lead(Status.NOT_INTERESTED), CustomerId(UUID(int=9))
    assert one.link(customer)
    assert one.status is Status.CONVERTED
    assert not one.link(customer)
    with pytest.raises(Conflict):
        one.link(CustomerId(UUID(int=10)))


def test_a_link_does_not_revive_an_invalid_lead() -> None:
    one = lead(Status.INVALID)
    assert one.link(CustomerId(UUID(int=9)))
    assert one.status is Status.INVALID


def test_promotions_need_consent_and_no_objection() -> None:
    one = lead()
    assert not one.may_be_promoted_to
    one.details = Details(
        name="Asha", phone=Phone.parse("9876543210"), consent_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert one.may_be_promoted_to
    one.move(Status.DND)
    assert not one.may_be_promoted_to
