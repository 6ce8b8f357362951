"""Invoices and notes: what the facts call for, and that documents issued always catch up."""

import random
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.charges import FeeRule
from los_core.domain.due_rules import TenureDays
from los_core.domain.errors import Invalid
from los_core.domain.facts import Disbursed, Fact, Intent, Levied, Received, Reversed, Waived
from los_core.domain.fold import fold
from los_core.domain.foreclosure import cooling_off_quote
from los_core.domain.invoice import (
    PROCESSING_FEE,
    Document,
    Invoice,
    Line,
    Note,
    NoteKind,
    Reason,
    charged,
    place_of_supply,
    supply_of,
    to_issue,
)
from los_core.domain.ledger import Account, balances, projection
from los_core.domain.policies import (
    ChargeKind,
    Component,
    CoolingOff,
    DayCount,
    Gst,
    Method,
    RateUnit,
    Supply,
    Tax,
)
from los_core.domain.pricing import Product, price
from los_core.testing import money_sagas
from los_core.testing.money_sagas import Tale

CREDITED_ON = date(2026, 1, 6)
PRODUCT = Product(
    method=Method.BULLET,
    rate_pct=Decimal("0.5"),
    rate_unit=RateUnit.DAILY,
    due_rule=TenureDays(days=29),
    fee_rule=FeeRule(pct=Decimal("2.5"), minimum=75_000),
    day_count=DayCount.ACT_365,
    tax=Tax(bounce_pct=Decimal(18)),
    cooling_off=CoolingOff(keeps_fee=False),
)
TERMS = price(PRODUCT, amount=2_000_000, credited_on=CREDITED_ON).terms
CREDIT = Disbursed(
    fact_id=UUID(int=1), value_date=CREDITED_ON, source="idfc", reference="UTR1", amount=1_911_500
)
BOUNCE = Levied(
    fact_id=UUID(int=2),
    value_date=date(2026, 2, 4),
    source="nach",
    reference="ret_1",
    charge=ChargeKind.BOUNCE,
    amount=50_000,
)


def test_the_processing_fee_is_invoiced_on_the_credit() -> None:
    assert charged(TERMS, [], until=CREDITED_ON) == ()
    (invoice,) = to_issue([], charged(TERMS, [CREDIT], until=CREDITED_ON), on=CREDITED_ON)
    assert isinstance(invoice, Invoice)
    assert (invoice.key, invoice.line, invoice.sac) == (
        PROCESSING_FEE,
        Line.PROCESSING_FEE,
        "997113",
    )
    assert (invoice.taxable, invoice.pct, invoice.gst) == (
        75_000,
        Decimal(18),
        Gst(igst=13_500),
    )
    assert invoice.total == 88_500


def test_a_reversed_charge_is_credited_in_full() -> None:
    facts: list[Fact] = [CREDIT, BOUNCE]
    day = date(2026, 2, 10)
    issued = to_issue([], charged(TERMS, facts, until=day), on=day)
    undo = Reversed(
        fact_id=UUID(int=3),
        value_date=day,
        source="staff",
        reference="undo",
        target_source="nach",
        target_reference="ret_1",
    )
    (note,) = to_issue(issued, charged(TERMS, [*facts, undo], until=day), on=day)
    assert note == Note(
        kind=NoteKind.CREDIT,
        invoice=BOUNCE.key,
        reason=Reason.REVERSED,
        given_on=day,
        taxable=50_000,
        gst=Gst(igst=9_000),
    )


def test_a_waiver_credits_its_part_and_its_reversal_debits_it_again() -> None:
    day = date(2026, 2, 10)
    kind = Waived(
        fact_id=UUID(int=3),
        value_date=day,
        source="staff",
        reference="kind",
        component=Component.BOUNCE,
        amount=29_500,
    )
    undo = Reversed(
        fact_id=UUID(int=4),
        value_date=day,
        source="staff",
        reference="undo",
        target_source="staff",
        target_reference="kind",
    )
    issued = to_issue([], charged(TERMS, [CREDIT, BOUNCE, kind], until=day), on=day)
    *_, note = issued
    assert isinstance(note, Note)
    assert (note.reason, note.taxable, note.gst.igst) == (Reason.WAIVED, 25_000, 4_500)
    later = day + timedelta(days=1)
    (back,) = to_issue(issued, charged(TERMS, [CREDIT, BOUNCE, kind, undo], until=later), on=later)
    assert isinstance(back, Note)
    assert (back.kind, back.reason, back.total) == (NoteKind.DEBIT, Reason.RESTORED, 29_500)


def test_a_fee_returned_on_leaving_is_credited() -> None:
    day = date(2026, 1, 8)
    issued = to_issue([], charged(TERMS, [CREDIT], until=day), on=day)
    leaving = Received(
        fact_id=UUID(int=3),
        value_date=day,
        source="razorpay",
        reference="exit",
        amount=cooling_off_quote(fold(TERMS, [CREDIT], on=day)).amount,
        intent=Intent.COOLING_OFF_EXIT,
    )
    (note,) = to_issue(issued, charged(TERMS, [CREDIT, leaving], until=day), on=day)
    assert isinstance(note, Note)
    assert (note.reason, note.total) == (Reason.RETURNED, 88_500)


def test_within_a_state_gst_is_in_halves() -> None:
    here = price(PRODUCT, amount=2_000_000, credited_on=CREDITED_ON, supply=Supply.INTRA_STATE)
    (invoice,) = to_issue([], charged(here.terms, [CREDIT], until=CREDITED_ON), on=CREDITED_ON)
    assert invoice.gst == Gst(cgst=6_750, sgst=6_750)


@pytest.mark.parametrize(
    ("borrower", "lender", "supply"),
    [("29", "27", Supply.INTER_STATE), ("27", "27", Supply.INTRA_STATE),
     (None, "27", Supply.INTRA_STATE)],
)  # fmt: skip
def test_the_place_of_supply_is_the_borrowers_state(
    borrower: str | None, lender: str, supply: Supply
) -> None:
    place = place_of_supply(borrower, lender)
    assert supply_of(place, lender) is supply


def test_a_code_of_no_state_is_refused() -> None:
    with pytest.raises(Invalid):
        place_of_supply("00", "27")


@given(money_sagas.sagas(), st.randoms(use_true_random=False))
def test_documents_catch_up_with_the_facts_whatever_arrives_first(
    tale: Tale, shuffler: random.Random
) -> None:
    loan, facts = tale
    until = max(fact.value_date for fact in facts)
    arriving = list(facts)
    shuffler.shuffle(arriving)
    issued: list[Document] = []
    for count in range(1, len(arriving) + 1):
        due = charged(loan, arriving[:count], until=until)
        issued += to_issue(issued, due, on=until)
        assert to_issue(issued, due, on=until) == ()
    gst = sum(
        document.gst.total
        if isinstance(document, Invoice) or document.kind is NoteKind.DEBIT
        else -document.gst.total
        for document in issued
    )
    books = balances(projection(loan, facts, until=until), on=until)
    assert books[Account.GST_PAYABLE] == -gst
