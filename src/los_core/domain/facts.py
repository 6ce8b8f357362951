"""The facts of a loan's money: append-only events from outside, and their one order.

Interest and penal charges are never facts; `fold` computes them. A fact is known by (source,
reference), unique within a loan: the same one twice counts once. The order of facts is that of
their value dates, never of their arrival. What came from outside as money (disbursed, received,
charged back, refunded), as a person's decision (levied, waived, settlement agreed, written off,
terms changed, instructed) or as knowledge about other loans (classified) is a fact.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias, cast
from uuid import UUID

import attrs

from los_core.domain.documents import from_document, to_document
from los_core.domain.errors import Conflict, Invalid
from los_core.domain.money import Paise, positive
from los_core.domain.policies import (
    AllocationPolicy,
    ChargeKind,
    Component,
    ForeclosurePolicy,
    PenalPolicy,
    Tax,
    checked_rate,
    rate,
)
from los_core.domain.writeoff import Kind as WriteOffKind

LEVIABLE = (ChargeKind.BOUNCE, ChargeKind.OTHER)
MAX_REFERENCE = 255


class Intent(StrEnum):
    """What the payer asked a receipt to do; a sum too small for it pays what is due instead.

    REDUCE_EMI and REDUCE_TENURE are part-prepayments: what is left after all dues lowers the
    principal, and then the instalments or their number.
    """

    INSTALMENT = "INSTALMENT"
    REDUCE_EMI = "REDUCE_EMI"
    REDUCE_TENURE = "REDUCE_TENURE"
    FORECLOSURE = "FORECLOSURE"
    COOLING_OFF_EXIT = "COOLING_OFF_EXIT"


Key: TypeAlias = tuple[str, str]
"""(source, reference): who knows the fact, and under which name."""


def _name(_: object, attribute: "attrs.Attribute[str]", value: str) -> None:
    if not value or len(value) > MAX_REFERENCE:
        raise Invalid(f"a fact's {attribute.name} has 1 to {MAX_REFERENCE} characters")


def _money(_: object, attribute: "attrs.Attribute[Paise]", value: Paise) -> None:
    positive(value, f"a fact's {attribute.name}")


@attrs.frozen(kw_only=True)
class _Known:
    fact_id: UUID
    value_date: date
    source: str = attrs.field(validator=_name)
    reference: str = attrs.field(validator=_name)

    @property
    def key(self) -> Key:
        """(source, reference)."""
        return self.source, self.reference


@attrs.frozen(kw_only=True)
class Disbursed(_Known):
    """The principal reached the borrower; `amount` is the net credit in paise."""

    amount: Paise = attrs.field(validator=_money)


@attrs.frozen(kw_only=True)
class Received(_Known):
    """Money came in; its value date is the capture (or cash) date in India."""

    amount: Paise = attrs.field(validator=_money)
    intent: Intent = Intent.INSTALMENT


@attrs.frozen(kw_only=True)
class ChargedBack(_Known):
    """A receipt's money, or part of it, was taken back by its bank: an outflow on its own date."""

    target_source: str = attrs.field(validator=_name)
    target_reference: str = attrs.field(validator=_name)
    amount: Paise = attrs.field(validator=_money)

    @property
    def target(self) -> Key:
        """The receipt charged back."""
        return self.target_source, self.target_reference


@attrs.frozen(kw_only=True)
class Levied(_Known):
    """A charge before GST, in paise; GST follows from the terms.

    `instalment_no` (from 1) names the instalment whose presentation bounced, None for others.
    """

    charge: ChargeKind
    amount: Paise = attrs.field(validator=_money)
    instalment_no: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.charge not in LEVIABLE:
            raise Invalid(f"a charge of kind {self.charge} is computed, never levied")


@attrs.frozen(kw_only=True)
class Waived(_Known):
    """Up to `amount` paise of what is due of one component on the day is given up.

    A charge counts with its GST. What is not due yet cannot be waived.
    """

    component: Component
    amount: Paise = attrs.field(validator=_money)


@attrs.frozen(kw_only=True)
class Refunded(_Known):
    """Money of a receipt went back to its payer: an outflow on its own date.

    Of the receipt, money held and not used goes first; beyond that it no longer pays what it paid.
    """

    target_source: str = attrs.field(validator=_name)
    target_reference: str = attrs.field(validator=_name)
    amount: Paise = attrs.field(validator=_money)

    @property
    def target(self) -> Key:
        """The receipt (or the credit of the loan's own) refunded."""
        return self.target_source, self.target_reference


class Tag(StrEnum):
    """Whose knowledge makes a loan NPA: the borrower's other loans', or the co-lender's."""

    BORROWER = "BORROWER"
    PARTNER = "PARTNER"


@attrs.frozen(kw_only=True)
class Classified(_Known):
    """A borrower became NPA since a date, or, with None, was upgraded; `loss` people decided.

    One tag is replaced by the next of the same kind; the loan is NPA while any tag says so. Source:
    RBI IRACP norms (borrower-wise) and Co-Lending Directions 2025 (either lender tags, both tag).
    """

    tag: Tag = Tag.BORROWER
    npa_since: date | None
    loss: bool = False


@attrs.frozen(kw_only=True)
class TermsChanged(_Known):
    """Policies of a running loan that change from a day on; None leaves one as it is.

    A penal policy governs instalments that fall due from that day; everything else what is done
    from it. `non_repayment_dates` are days added: instalments to come and not paid move off them,
    later only, at the same amounts. Source: schedule maths §5.
    """

    penal: PenalPolicy | None = None
    tax: Tax | None = None
    allocation: AllocationPolicy | None = None
    foreclosure: ForeclosurePolicy | None = None
    non_repayment_dates: tuple[date, ...] = ()

    def __attrs_post_init__(self) -> None:
        policies = (self.penal, self.tax, self.allocation, self.foreclosure)
        if not self.non_repayment_dates and policies == (None,) * len(policies):
            raise Invalid("a change of terms changes something")


class Change(StrEnum):
    """What an instruction does to the instalments to come.

    REDUCE_EMI and REDUCE_TENURE use money held as a part-prepayment. RE_AGE spreads what is unpaid
    over new instalments at the contract's rate, its interest apart; RESTRUCTURE may also change the
    rate and let interest join the principal.
    """

    REDUCE_EMI = "REDUCE_EMI"
    REDUCE_TENURE = "REDUCE_TENURE"
    RE_AGE = "RE_AGE"
    RESTRUCTURE = "RESTRUCTURE"


@attrs.frozen(kw_only=True)
class Instructed(_Known):
    """The instalments to come are made anew.

    Attributes:
        change: what is done.
        first_due_on: contract date of the first new instalment; for RE_AGE and RESTRUCTURE only.
        instalments: how many there are then; the same.
        rate_pct: another rate, per cent in the unit of the terms; for RESTRUCTURE only.
        capitalises: unpaid interest joins the principal; for RESTRUCTURE only. Charges never do.
        consented: the borrower agreed that instalments may rise above those notified.
        notified_amount: the instalment as notified: none but the last one is more, whatever is
            learnt later; None where none was. For REDUCE_EMI and REDUCE_TENURE.
        rows_hash: of the rows as notified (`reschedule.rows_hash`), "" where none were.

    Raises: Invalid.
    """

    change: Change
    first_due_on: date | None = None
    instalments: int | None = None
    rate_pct: Decimal | None = attrs.field(default=None, converter=attrs.converters.optional(rate))
    capitalises: bool = False
    consented: bool = False
    notified_amount: Paise | None = None
    rows_hash: str = ""

    def __attrs_post_init__(self) -> None:
        anew = self.change in (Change.RE_AGE, Change.RESTRUCTURE)
        if anew != (self.first_due_on is not None) or anew != (self.instalments is not None):
            raise Invalid(f"{self.change} {'needs' if anew else 'takes no'} dates and instalments")
        if self.first_due_on is not None and self.first_due_on <= self.value_date:
            raise Invalid(f"the first new instalment must fall due after {self.value_date}")
        if self.instalments is not None and self.instalments < 1:
            raise Invalid(f"a loan has at least one instalment, not {self.instalments}")
        if self.change is not Change.RESTRUCTURE and (self.capitalises or self.rate_pct):
            raise Invalid(f"{self.change} changes no rate and capitalises nothing")
        if self.rate_pct is not None:
            checked_rate(self.rate_pct, "rate")


@attrs.frozen(kw_only=True)
class SettlementAgreed(_Known):
    """All dues are settled for `offer` paise if received from this day to `pay_by`.

    On the day the offer is reached the rest is waived and the loan closes; if it is not, the
    agreement is void and nothing was waived. A later agreement replaces an earlier one. Source:
    schedule maths §15, loan lifecycle T32 to T34.
    """

    offer: Paise = attrs.field(validator=_money)
    pay_by: date

    def __attrs_post_init__(self) -> None:
        if self.pay_by < self.value_date:
            raise Invalid(f"a settlement is paid after it is agreed, not by {self.pay_by}")


@attrs.frozen(kw_only=True)
class WrittenOff(_Known):
    """The loan leaves the books; a TECHNICAL write-off keeps the claim, a WAIVER does not."""

    how: WriteOffKind


@attrs.frozen(kw_only=True)
class Reversed(_Known):
    """Another fact is void from the start (bounced, mis-posted); inert until that one is known.

    A reversal itself is final: money voided by mistake is recorded again under a new reference.
    """

    target_source: str = attrs.field(validator=_name)
    target_reference: str = attrs.field(validator=_name)

    @property
    def target(self) -> Key:
        """The fact made void."""
        return self.target_source, self.target_reference


Fact: TypeAlias = (
    Disbursed
    | Received
    | ChargedBack
    | Levied
    | Waived
    | Refunded
    | Classified
    | TermsChanged
    | Instructed
    | SettlementAgreed
    | WrittenOff
    | Reversed
)

_KINDS: dict[str, type[Any]] = {
    "disbursed": Disbursed,
    "received": Received,
    "charged_back": ChargedBack,
    "levied": Levied,
    "waived": Waived,
    "refunded": Refunded,
    "classified": Classified,
    "terms_changed": TermsChanged,
    "instructed": Instructed,
    "settlement_agreed": SettlementAgreed,
    "written_off": WrittenOff,
    "reversed": Reversed,
}
_RANKS: dict[type[Any], int] = {
    Disbursed: 0,
    TermsChanged: 1,
    SettlementAgreed: 2,
    Received: 3,
    Levied: 4,
    Waived: 5,
    # receipts that prepay or close: 6 and 7, below
    Instructed: 8,
    Refunded: 9,
    ChargedBack: 10,
    WrittenOff: 11,
    Classified: 12,
    Reversed: 13,
}
_RECEIVED_RANK = _RANKS[Received]
_RANKS_ASKED = {
    Intent.INSTALMENT: _RECEIVED_RANK,
    Intent.REDUCE_EMI: 6,
    Intent.REDUCE_TENURE: 6,
    Intent.FORECLOSURE: 7,
    Intent.COOLING_OFF_EXIT: 7,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def kind_of(fact: Fact) -> str:
    """Return the fact's kind as stored: `received`, `charged_back`, …."""
    return _NAMES[type(fact)]


def order(fact: Fact) -> tuple[date, int, str, str]:
    """Return the fact's place: value date, rank of kind, source, reference.

    On one day receipts come before charges, and those that prepay or close the loan after both, so
    that a quote for the day holds to its end; outflows and classes come last. Arrival has no part
    in it.
    """
    rank = _RANKS[type(fact)]
    if rank == _RECEIVED_RANK:
        rank = _RANKS_ASKED[cast("Received", fact).intent]
    return fact.value_date, rank, fact.source, fact.reference


def effective(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return the facts that count, in order: each once, without the void ones and the reversals.

    Raises: Conflict: two different facts bear the same source and reference.
    """
    known: dict[Key, Fact] = {}
    void: set[Key] = set()
    for fact in facts:
        key = (fact.source, fact.reference)
        if key not in known:
            known[key] = fact
            if type(fact) is Reversed:
                void.add(fact.target)
        elif (twin := known[key]) is not fact and _content(twin) != _content(fact):
            raise Conflict(
                f"two different facts are known as {fact.reference} of {fact.source}",
                code="FACT_CONFLICT",
                details={"source": fact.source, "reference": fact.reference},
            )
    live = list(known.values())
    if void:
        live = [one for one in live if type(one) is not Reversed and one.key not in void]
    live.sort(key=order)
    return tuple(live)


def fact_document(fact: Fact) -> dict[str, Any]:
    """Return the fact as JSON-ready data, its kind under `kind`."""
    return {"kind": kind_of(fact), **to_document(fact)}


def fact_from_document(document: object) -> Fact:
    """Return the fact that `fact_document` wrote. Raises: Invalid."""
    if not isinstance(document, dict) or document.get("kind") not in _KINDS:
        raise Invalid("a fact's document names a known kind")
    fields = {name: value for name, value in document.items() if name != "kind"}
    fact: Fact = from_document(_KINDS[document["kind"]], fields)
    return fact


def _content(fact: Fact) -> tuple[object, ...]:
    mine = (getattr(fact, field.name) for field in attrs.fields(type(fact)))
    return (type(fact), *(value for value in mine if value != fact.fact_id))
