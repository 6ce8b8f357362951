"""The facts of a loan's money: append-only events from outside, and their one order.

Interest and penal charges are never facts; `fold` computes them. A fact is known by (source,
reference), unique within a loan: the same one twice counts once. The order of facts is that of
their value dates, never of their arrival. Further kinds (waived, refunded, terms changed,
classified) join the union with their rank.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

import attrs

from los_core.domain.documents import from_document, to_document
from los_core.domain.errors import Conflict, Invalid
from los_core.domain.money import Paise, positive
from los_core.domain.policies import ChargeKind

LEVIABLE = (ChargeKind.BOUNCE, ChargeKind.OTHER)
MAX_REFERENCE = 255


class Intent(StrEnum):
    """What the payer asked a receipt to do; a sum too small for it pays what is due instead."""

    INSTALMENT = "INSTALMENT"
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


Fact: TypeAlias = Disbursed | Received | ChargedBack | Levied | Reversed

_KINDS: dict[str, type[Any]] = {
    "disbursed": Disbursed,
    "received": Received,
    "charged_back": ChargedBack,
    "levied": Levied,
    "reversed": Reversed,
}
_RANKS: dict[type[Any], int] = {Disbursed: 0, Received: 1, Levied: 2, ChargedBack: 4, Reversed: 5}
_CLOSING_RANK = 3
_NAMES = {kind: name for name, kind in _KINDS.items()}


def kind_of(fact: Fact) -> str:
    """Return the fact's kind as stored: `received`, `charged_back`, …."""
    return _NAMES[type(fact)]


def order(fact: Fact) -> tuple[date, int, str, str]:
    """Return the fact's place: value date, rank of kind, source, reference.

    On one day receipts come before charges, and those that ask to close the loan after them, so
    that a quote for the day holds to its end. Arrival has no part in it.
    """
    rank = _RANKS[type(fact)]
    if isinstance(fact, Received) and fact.intent is not Intent.INSTALMENT:
        rank = _CLOSING_RANK
    return fact.value_date, rank, fact.source, fact.reference


def effective(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return the facts that count, in order: each once, without the void ones and the reversals.

    Raises: Conflict: two different facts bear the same source and reference.
    """
    known: dict[Key, Fact] = {}
    for fact in facts:
        twin = known.setdefault(fact.key, fact)
        if twin is not fact and _content(twin) != _content(fact):
            raise Conflict(
                f"two different facts are known as {fact.reference} of {fact.source}",
                code="FACT_CONFLICT",
                details={"source": fact.source, "reference": fact.reference},
            )
    void = {fact.target for fact in known.values() if isinstance(fact, Reversed)}
    live = (
        fact for key, fact in known.items() if not isinstance(fact, Reversed) and key not in void
    )
    return tuple(sorted(live, key=order))


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
