"""Randomness: ids, codes and secrets."""

from typing import Protocol
from uuid import UUID


class Entropy(Protocol):
    """The only source of randomness in the core."""

    def uuid(self) -> UUID:
        """Return a new UUIDv7."""
        ...

    def digits(self, count: int) -> str:
        """Return `count` random decimal digits, from a cryptographic source."""
        ...

    def token(self, size: int = 32) -> str:
        """Return `size` random bytes as URL-safe text, from a cryptographic source."""
        ...
