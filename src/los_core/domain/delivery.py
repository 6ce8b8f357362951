"""How a message fares after it was handed over: receipts in any order, and what they may change.

Vendors report late, twice and out of order; a lower state never overwrites a higher one. Sending
and failing over is the services'. Source: reminder rules (operations §2).
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

MAX_TRIES: Final = 2
"""Tries with one vendor before the next is asked."""


class Delivery(StrEnum):
    """Where a message is."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    READ = "READ"
    FAILED = "FAILED"

    @property
    def is_final(self) -> bool:
        """Whether no receipt changes it any more."""
        return self is Delivery.READ

    @property
    def arrived(self) -> bool:
        """Whether the customer has it: this is what counts as evidence of a notice."""
        return self in {Delivery.DELIVERED, Delivery.READ}


_RANK: Final[Mapping[Delivery, int]] = MappingProxyType(
    {
        Delivery.QUEUED: 0,
        Delivery.SENT: 1,
        Delivery.FAILED: 2,
        Delivery.DELIVERED: 3,
        Delivery.READ: 4,
    }
)


def after_receipt(current: Delivery, reported: Delivery) -> Delivery:
    """Return the state after a receipt: the higher of the two.

    A message that arrived cannot fail afterwards; one reported failed may still turn out to have
    arrived, which vendors do correct.
    """
    return max(current, reported, key=lambda each: _RANK[each])


def after_receipts(reported: Iterable[Delivery]) -> Delivery:
    """Return the state after all receipts, whatever their order and however often repeated."""
    state = Delivery.QUEUED
    for each in reported:
        state = after_receipt(state, each)
    return state
