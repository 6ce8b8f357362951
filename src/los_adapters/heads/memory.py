"""Heads of the audit chain, kept as long as the object lives."""

from collections.abc import Sequence

from los_core.domain.audit import Head
from los_core.domain.ids import BrandId


class MemoryHeads:
    """A record that nobody tampers with."""

    def __init__(self) -> None:
        self._heads: dict[BrandId, list[Head]] = {}

    def append(self, head: Head) -> bool:
        """Keep a head, unless as late a one is there."""
        known = self._heads.setdefault(head.brand_id, [])
        if known and known[-1].seq >= head.seq:
            return False
        known.append(head)
        return True

    def all(self, brand_id: BrandId) -> Sequence[Head]:
        """Return every head, oldest first."""
        return tuple(self._heads.get(brand_id, []))
