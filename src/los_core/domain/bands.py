"""Ranges of numbers that lie end to end: their check, and finding the one a value falls into.

The lower end belongs to a range and the upper one does not, so a value on an edge falls into the
range above it. What a range means (points, a grade, a rating) is said where it is used.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Protocol


class Range(Protocol):
    """Numbers from `low` (included) to `high` (excluded); None is open."""

    @property
    def low(self) -> Decimal | None:
        """The least number in the range."""

    @property
    def high(self) -> Decimal | None:
        """The least number above the range."""


def gap(ranges: Sequence[Range]) -> str | None:
    """Return what keeps the ranges from covering every number exactly once; None: they do."""
    edges = [edge for each in ranges for edge in (each.low, each.high) if edge is not None]
    if not all(edge.is_finite() for edge in edges):
        return "has an edge that is no number"
    if not ranges or ranges[0].low is not None or ranges[-1].high is not None:
        return "must be open below and above"
    if any(left.high is None or left.high != right.low for left, right in pairwise(ranges)):
        return "has a gap or an overlap"
    if any(left >= right for left, right in pairwise(edges[::2])):
        return "has an empty range"
    return None


def place(ranges: Sequence[Range], value: int | Decimal) -> int:
    """Return the index of the range that `value` falls into; `ranges` have no gap."""
    for index, each in enumerate(ranges):
        if each.high is None or value < each.high:
            return index
    raise AssertionError("the ranges do not cover every number")
