"""Which vendors there are, and what each needs to know of a brand."""

from collections.abc import Mapping
from typing import Protocol


class Vendors(Protocol):
    """The forms of vendors' settings."""

    def check(self, port: str, name: str, settings: Mapping[str, object]) -> None:
        """Raises: Invalid: no such vendor, or settings it cannot use; names fields, not values."""
        ...

    def secrets(self, port: str, name: str) -> frozenset[str]:
        """Return which settings of a vendor are secret; of one that is not known, all are."""
        ...
