"""Keeping personal data unreadable at rest, and findable by full value."""

from typing import Protocol

from los_core.domain.ids import BrandId


class Cipher(Protocol):
    """Authenticated encryption and blind indexes, with keys the store never sees."""

    def seal(self, brand_id: BrandId, place: str, plain: bytes) -> bytes:
        """Encrypt for one place (such as "customer.profile:<id>"): it opens nowhere else."""
        ...

    def open(self, brand_id: BrandId, place: str, sealed: bytes) -> bytes:
        """Decrypt. Raises: ValueError: altered, moved from its place, or of another brand."""
        ...

    def blind_index(self, scope: str, kind: str, value: str) -> str:
        """Return a keyed hash of a normalised value: equal values give equal text.

        `scope` is the brand's id, or the lender's for what is matched across brands.
        """
        ...
