"""Tax invoices and notes for a loan's fees and charges, as values.

What should have been invoiced follows from a loan's facts. What was issued is never changed: the
next document carries the difference, a credit note where a charge was reversed, waived or returned,
a debit note where that was undone. Numbers without gaps and storage are the invoicing job's.
Interest and penal charges bear no GST and have no invoice. Sources: CGST Act 2017, sections 31 and
34, rules 46 and 53; IGST Act 2017, section 12; schedule maths §6.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeAlias

import attrs

from los_core.domain.errors import Invalid
from los_core.domain.facts import Disbursed, Fact, Key, TermsChanged, effective
from los_core.domain.fold import fold
from los_core.domain.holdings import Charge
from los_core.domain.money import Paise
from los_core.domain.policies import Gst, Supply, Tax
from los_core.domain.terms import Terms

SAC: Final = "997113"
"""Services accounting code of credit granting services, which fees on loans are."""
PROCESSING_FEE: Final[Key] = ("los", "processing-fee")
_STATES: Final = frozenset(
    {f"{code:02d}" for code in (*range(1, 28), *range(29, 39))} - {"25"} | {"97"}
)
"""GST codes of states and union territories; 97 is other territory."""


class Line(StrEnum):
    """What is charged."""

    PROCESSING_FEE = "PROCESSING_FEE"
    BOUNCE = "BOUNCE"
    FORECLOSURE = "FORECLOSURE"
    OTHER = "OTHER"


class NoteKind(StrEnum):
    """Whether a note takes back from an invoice or adds to it."""

    CREDIT = "CREDIT"
    DEBIT = "DEBIT"


class Reason(StrEnum):
    """Why a note was issued; RESTORED undoes one of the others."""

    REVERSED = "REVERSED"
    WAIVED = "WAIVED"
    RETURNED = "RETURNED"
    RESTORED = "RESTORED"


@attrs.frozen(kw_only=True)
class Charged:
    """What is to be on a charge's documents by the facts known now; paise.

    `waived` and `waived_gst` are the part taken back for `reason`. `pct` is the GST rate in per
    cent, 0 where the charge bears none.
    """

    key: Key
    line: Line
    supplied_on: date
    taxable: Paise
    pct: Decimal
    gst: Gst
    waived: Paise = 0
    waived_gst: Gst = attrs.field(factory=Gst)
    reason: Reason = Reason.WAIVED


@attrs.frozen(kw_only=True)
class Invoice:
    """What is charged, before a number. `key` is the charge's own: one invoice for each."""

    key: Key
    line: Line
    supplied_on: date
    taxable: Paise
    pct: Decimal
    gst: Gst
    sac: str = SAC

    @property
    def total(self) -> Paise:
        """What is asked for."""
        return self.taxable + self.gst.total


@attrs.frozen(kw_only=True)
class Note:
    """What is taken back from the invoice of a charge, or added to it; amounts are not negative."""

    kind: NoteKind
    invoice: Key
    reason: Reason
    given_on: date
    taxable: Paise
    gst: Gst

    @property
    def total(self) -> Paise:
        """The change in what is asked for."""
        return self.taxable + self.gst.total


Document: TypeAlias = Invoice | Note


def place_of_supply(borrower_state: str | None, lender_state: str) -> str:
    """Return the GST state code of the place of supply.

    The borrower's state where it is on record, else the lender's. Source: IGST Act 2017, section
    12(12). Raises: Invalid: no such code.
    """
    for code in (borrower_state, lender_state):
        if code is not None and code not in _STATES:
            raise Invalid(f"{code!r} is no GST state code")
    return borrower_state or lender_state


def supply_of(place: str, lender_state: str) -> Supply:
    """Return whether a supply crosses a state border: IGST then, else CGST and SGST.

    Both are two-digit GST state codes, as `place_of_supply` gives them. Source: IGST Act, §7 and 8.
    """
    return Supply.INTRA_STATE if place == lender_state else Supply.INTER_STATE


def charged(terms: Terms, facts: Iterable[Fact], *, until: date) -> tuple[Charged, ...]:
    """Return what the facts charge up to the end of a day, in order of supply.

    The processing fee is supplied on the credit. Raises: as `fold`.
    """
    live = [fact for fact in effective(facts) if fact.value_date <= until]
    state = fold(terms, live, on=until)
    found = [_of_charge(charge, _tax_on(terms, live, charge.levied_on)) for charge in state.charges]
    fee = terms.fee
    if fee.net and any(isinstance(fact, Disbursed) for fact in live):
        assert state.disbursed_on is not None
        found.append(
            Charged(
                key=PROCESSING_FEE,
                line=Line.PROCESSING_FEE,
                supplied_on=state.disbursed_on,
                taxable=fee.net,
                pct=terms.tax.processing_pct if fee.gst.total else Decimal(0),
                gst=fee.gst,
                waived=fee.net if state.fee_returned else 0,
                waived_gst=fee.gst if state.fee_returned else Gst(),
                reason=Reason.RETURNED,
            )
        )
    return tuple(sorted(found, key=lambda one: (one.supplied_on, one.key)))


def to_issue(
    issued: Sequence[Document], due: Sequence[Charged], *, on: date
) -> tuple[Document, ...]:
    """Return the documents that take what was issued to what is due.

    A charge without an invoice gets one, at its full amount; a note follows for what was taken back
    of it. An invoice whose charge is void since is credited in full. After these are issued there
    is nothing to issue, whatever came in between.
    """
    found: list[Document] = []
    wanted = {one.key: one for one in due}
    invoiced = {one.key: one for one in issued if isinstance(one, Invoice)}
    for one in due:
        if one.key not in invoiced:
            invoiced[one.key] = Invoice(
                key=one.key,
                line=one.line,
                supplied_on=one.supplied_on,
                taxable=one.taxable,
                pct=one.pct,
                gst=one.gst,
            )
            found.append(invoiced[one.key])
    for key, invoice in invoiced.items():
        standing = _net(invoice, [note for note in issued if isinstance(note, Note)])
        change = _minus(_due(wanted.get(key)), standing)
        if any(change):
            reason = wanted[key].reason if key in wanted else Reason.REVERSED
            found.append(_note(key, change, reason, on))
    return tuple(found)


_Amounts: TypeAlias = tuple[Paise, Paise, Paise, Paise]
"""Taxable, CGST, SGST, IGST."""


def _amounts(taxable: Paise, gst: Gst) -> _Amounts:
    return taxable, gst.cgst, gst.sgst, gst.igst


def _minus(one: _Amounts, other: _Amounts) -> _Amounts:
    taxable, cgst, sgst, igst = (a - b for a, b in zip(one, other, strict=True))
    return taxable, cgst, sgst, igst


def _due(one: Charged | None) -> _Amounts:
    if one is None:
        return 0, 0, 0, 0
    return _minus(_amounts(one.taxable, one.gst), _amounts(one.waived, one.waived_gst))


def _net(invoice: Invoice, notes: Iterable[Note]) -> _Amounts:
    """Return what an invoice and its notes ask for together."""
    standing = _amounts(invoice.taxable, invoice.gst)
    for note in notes:
        if note.invoice == invoice.key:
            taken = _amounts(note.taxable, note.gst)
            if note.kind is NoteKind.DEBIT:
                taken = _minus((0, 0, 0, 0), taken)
            standing = _minus(standing, taken)
    return standing


def _note(key: Key, change: _Amounts, reason: Reason, on: date) -> Note:
    taxable, cgst, sgst, igst = change
    up = sum(change) > 0
    sign = 1 if up else -1
    return Note(
        kind=NoteKind.DEBIT if up else NoteKind.CREDIT,
        invoice=key,
        reason=Reason.RESTORED if up else reason,
        given_on=on,
        taxable=sign * taxable,
        gst=Gst(cgst=sign * cgst, sgst=sign * sgst, igst=sign * igst),
    )


def _of_charge(charge: Charge, tax: Tax) -> Charged:
    gst_waived = charge.gst_in(charge.waived)
    return Charged(
        key=charge.key,
        line=Line(charge.kind.value),
        supplied_on=charge.levied_on,
        taxable=charge.amount,
        pct=tax.pct(charge.kind) if charge.gst else Decimal(0),
        gst=_split(charge.gst, tax.supply),
        waived=charge.waived - gst_waived,
        waived_gst=_split(gst_waived, tax.supply),
    )


def _split(gst: Paise, supply: Supply) -> Gst:
    """Return GST as IGST, or in halves; of a waived part SGST takes the odd paisa."""
    if supply is Supply.INTER_STATE:
        return Gst(igst=gst)
    return Gst(cgst=gst // 2, sgst=gst - gst // 2)


def _tax_on(terms: Terms, facts: Iterable[Fact], day: date) -> Tax:
    tax = terms.tax
    for fact in facts:
        if isinstance(fact, TermsChanged) and fact.tax is not None and fact.value_date <= day:
            tax = fact.tax
    return tax
