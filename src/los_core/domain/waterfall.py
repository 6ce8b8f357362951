"""The order of payment as data: slots, and the steps a sum of money goes down.

A slot is one kind of due at one time: past due, due today or in advance, of penal charges, fees,
interest or principal. A waterfall lists slots in steps. Which dues fill a slot, and the sharing of
money among them, is `allocation`; a loan's own choice is `policies.AllocationPolicy`. Source:
schedule maths §10.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

import attrs

from los_core.domain.errors import InvalidTerms


class When(StrEnum):
    """Where a due stands on the day money is shared out."""

    PAST_DUE = "PAST_DUE"
    DUE = "DUE"
    IN_ADVANCE = "IN_ADVANCE"


class Slot(StrEnum):
    """One kind of due at one time.

    A FEE slot holds every levied charge. A waterfall may set its BOUNCE and OTHER charges apart in
    its place.
    """

    PAST_DUE_PENAL = "PAST_DUE_PENAL"
    PAST_DUE_FEE = "PAST_DUE_FEE"
    PAST_DUE_INTEREST = "PAST_DUE_INTEREST"
    PAST_DUE_PRINCIPAL = "PAST_DUE_PRINCIPAL"
    DUE_PENAL = "DUE_PENAL"
    DUE_FEE = "DUE_FEE"
    DUE_INTEREST = "DUE_INTEREST"
    DUE_PRINCIPAL = "DUE_PRINCIPAL"
    IN_ADVANCE_PENAL = "IN_ADVANCE_PENAL"
    IN_ADVANCE_FEE = "IN_ADVANCE_FEE"
    IN_ADVANCE_INTEREST = "IN_ADVANCE_INTEREST"
    IN_ADVANCE_PRINCIPAL = "IN_ADVANCE_PRINCIPAL"
    PAST_DUE_BOUNCE = "PAST_DUE_BOUNCE"
    PAST_DUE_OTHER = "PAST_DUE_OTHER"
    DUE_BOUNCE = "DUE_BOUNCE"
    DUE_OTHER = "DUE_OTHER"
    IN_ADVANCE_BOUNCE = "IN_ADVANCE_BOUNCE"
    IN_ADVANCE_OTHER = "IN_ADVANCE_OTHER"

    @property
    def when(self) -> When:
        """The time part."""
        return next(when for when in When if self.value.startswith(when.value))

    @property
    def part(self) -> str:
        """What is due: PENAL, FEE, BOUNCE, OTHER, INTEREST or PRINCIPAL."""
        return self.value.removeprefix(f"{self.when.value}_")


FEE_KINDS = ("BOUNCE", "OTHER", "FORECLOSURE")
"""The levied charges that a FEE slot holds, in the order they are paid within it."""

_CHARGES = {"PENAL", "BOUNCE", "OTHER"}
_PARTS = {"PENAL", "INTEREST", "PRINCIPAL"}


@attrs.frozen
class Place:
    """Where a due stands in a waterfall: its step, and its order within an instalment there.

    `whole` says that the step goes instalment by instalment, levied charges with their own; `last`
    that the due comes after everything else of the step.
    """

    step: int
    within: int = 0
    whole: bool = False
    last: bool = False


@attrs.frozen
class Waterfall:
    """Steps of slots, paid one step after another.

    A step of several slots goes down instalment by instalment, oldest first, within each in the
    order of its slots; that is vertical payment. A step of one slot goes across all instalments;
    a step for each component is horizontal payment. What is due must have its place: every slot
    that is past due or due is named once. Slots in advance may be left out: money is then held.
    Raises: InvalidTerms: a slot is missing or named twice, or bounce charges stand apart from FEE.
    """

    steps: tuple[tuple[Slot, ...], ...]

    def __attrs_post_init__(self) -> None:
        named = [slot for step in self.steps for slot in step]
        if len(set(named)) < len(named) or not all(self.steps):
            raise InvalidTerms("a waterfall names each slot once, and no step is empty")
        for when in When:
            parts = {slot.part for slot in named if slot.when is when}
            if when is When.IN_ADVANCE and parts <= _PARTS | {"FEE"}:
                continue
            if parts not in (_PARTS | {"FEE"}, _PARTS | {"BOUNCE", "OTHER"}):
                raise InvalidTerms(
                    f"a waterfall names penal charges, fees, interest and principal {when},"
                    f" not {sorted(parts)}"
                )

    @property
    def pays_ahead(self) -> bool:
        """Whether money left over pays instalments that are still to come."""
        return any(slot.when is When.IN_ADVANCE for step in self.steps for slot in step)

    @cached_property
    def places(self) -> Mapping[tuple[str, str], Place]:
        """The place of every (when, component); what no slot names has none.

        Where bounce charges stand apart, a foreclosure fee follows the last of the charges.
        """
        found: dict[tuple[str, str], Place] = {}
        for number, step in enumerate(self.steps):
            whole = len({_family(slot) for slot in step}) > 1
            for within, slot in enumerate(step):
                for offset, kind in enumerate(_kinds(slot)):
                    order = within * len(FEE_KINDS) + offset
                    found[slot.when.value, kind] = Place(number, order, whole=whole)
        for when in When:
            charges = [found[key].step for key in found if key[0] == when and key[1] in _CHARGES]
            if charges:
                found.setdefault((when.value, "FORECLOSURE"), Place(max(charges), last=True))
        return MappingProxyType(found)


def across(order: Iterable[tuple[str, ...]]) -> Waterfall:
    """Return the waterfall of steps of parts ("INTEREST", "BOUNCE", …), whatever their time.

    Each step takes its parts past due, due and, where the loan ends, in advance.
    """
    return Waterfall(
        tuple(tuple(Slot(f"{when}_{part}") for part in parts for when in When) for parts in order)
    )


def _family(slot: Slot) -> str:
    return "FEE" if slot.part in FEE_KINDS else slot.part


def _kinds(slot: Slot) -> tuple[str, ...]:
    return FEE_KINDS if slot.part == "FEE" else (slot.part,)
