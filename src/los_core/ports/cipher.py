"""Keeping personal data unreadable at rest: data keys that seal, and what wraps them.

A data key is random, belongs to one customer or to the brand, and is stored wrapped: a customer's
under the brand's, a brand's under a key-encryption key that no database sees. Destroying the stored
key makes everything it sealed unreadable for ever. Source: reliability design §11.
"""

from collections.abc import Mapping
from typing import Protocol, Self
from uuid import UUID

import attrs

from los_core.domain.ids import BrandId


@attrs.frozen(kw_only=True)
class WrappedKey:
    """A data key as it is stored.

    Attributes:
        id: sixteen bytes, which every value it sealed carries.
        owner: whose data it seals: a customer, or the brand itself for what is no one person's.
        wrapped_by: the key-encryption key, or the brand's data key in hex.
    """

    id: bytes
    brand_id: BrandId
    owner: UUID
    wrapped_by: str
    wrapped: bytes = attrs.field(repr=False)

    @property
    def is_of_brand(self) -> bool:
        """Whether it is the brand's own, under a key-encryption key."""
        return self.owner == self.brand_id

    @property
    def context(self) -> Mapping[str, str]:
        """What its wrapping is bound to: put in another key's row it does not unwrap."""
        return {"key": self.id.hex(), "brand": str(self.brand_id), "owner": str(self.owner)}

    def rewrapped(self, wrapped_by: str, wrapped: bytes) -> Self:
        """Return the same key under another one."""
        return attrs.evolve(self, wrapped_by=wrapped_by, wrapped=wrapped)


class DataKey(Protocol):
    """A data key in the open: in memory only, for as long as it is needed."""

    @property
    def id(self) -> bytes:
        """The id that the values it sealed carry."""
        ...

    def seal(self, place: str, plain: bytes) -> bytes:
        """Encrypt for one place (table, column and row): it opens nowhere else."""
        ...

    def open(self, place: str, sealed: bytes) -> bytes:
        """Decrypt. Raises: ValueError: altered, moved from its place, or of another key."""
        ...


class Cipher(Protocol):
    """Makes and opens data keys. Raises: Unavailable: the key service does not answer."""

    @property
    def wraps_by(self) -> str:
        """The key-encryption key that brands' keys made from now on are wrapped by."""
        ...

    def key_of(self, sealed: bytes) -> bytes:
        """Return the id of the key that sealed a value. Raises: ValueError: nothing sealed it."""
        ...

    def new_key(self, brand_id: BrandId, owner: UUID, *, under: DataKey | None) -> WrappedKey:
        """Return a fresh random key, under a brand's key or (None) the key-encryption key."""
        ...

    def opened(self, key: WrappedKey, *, under: DataKey | None) -> DataKey:
        """Return a stored key in the open; `under` is what it is wrapped by.

        Raises: ValueError: altered, in another's row, or the key that wrapped it is not at hand.
        """
        ...

    def rewrapped(self, key: WrappedKey) -> WrappedKey:
        """Return a brand's key under `wraps_by`. Raises: ValueError: as `opened`."""
        ...


class KeyWrap(Protocol):
    """A key-encryption key: on this machine, or in a service that never lets go of it."""

    @property
    def key_id(self) -> str:
        """The name of the key that wraps; stored beside what it wrapped."""
        ...

    def knows(self, key_id: str) -> bool:
        """Whether what this key wrapped can be unwrapped here."""
        ...

    def wrap(self, secret: bytes, context: Mapping[str, str]) -> bytes:
        """Encrypt a data key, bound to a context. Raises: Unavailable."""
        ...

    def unwrap(self, key_id: str, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """Decrypt a data key.

        Raises: ValueError: altered, another context, or no such key; Unavailable.
        """
        ...


class Secrets(Protocol):
    """Seals secrets of the installation itself, which no brand owns."""

    def seal(self, place: str, plain: bytes) -> bytes:
        """Encrypt for one place: it opens nowhere else."""
        ...

    def open(self, place: str, sealed: bytes) -> bytes:
        """Decrypt. Raises: ValueError: altered, moved, or sealed by another installation."""
        ...
