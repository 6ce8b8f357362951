"""Whom a brand does no business with: PAN, Aadhaar, phone, account and device, by blind index.

What is blocked cannot be read from the list: an entry holds a keyed hash of the value, its last
letters and why. Texts are brought to one form before they are hashed, so that spaces, case, wide
digits and "+91" make no difference. Source: settings modules, Blocklist; data model §3.
"""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from unicodedata import normalize

import attrs

from los_core.domain.errors import Invalid
from los_core.domain.kyc import Aadhaar, AccountNumber, Pan, Phone

LAST: Final = 4


class BlockType(StrEnum):
    """What kind of thing is blocked."""

    PAN = "PAN"
    AADHAAR = "AADHAAR"
    PHONE = "PHONE"
    ACCOUNT = "ACCOUNT"
    DEVICE = "DEVICE"


def _device(text: str) -> str:
    device = " ".join(normalize("NFKC", text).casefold().split())
    if not device:
        raise Invalid("no device", fields=[("value", "names no device")])
    return device


_READ: Final[Mapping[BlockType, Callable[[str], str]]] = MappingProxyType(
    {
        BlockType.PAN: lambda text: Pan.parse(text, "value").reveal(),
        BlockType.AADHAAR: lambda text: Aadhaar.parse(text, "value").reveal(),
        BlockType.PHONE: lambda text: Phone.parse(text, "value").reveal(),
        BlockType.ACCOUNT: lambda text: AccountNumber.parse(text, "value").reveal(),
        BlockType.DEVICE: _device,
    }
)


def canonical(kind: BlockType, text: str) -> str:
    """Return a value in the one form that is hashed. Raises: Invalid: it is none of its kind."""
    return _READ[kind](text)


@attrs.frozen(kw_only=True)
class NewBlock:
    """Something to be blocked, as somebody typed it; it is kept as a `Block` only.

    Raises: Invalid: the value is none of its kind, or there is no reason.
    """

    type: BlockType
    value: str = attrs.field(repr=False)
    reason: str
    expires_on: date | None = None

    def __attrs_post_init__(self) -> None:
        canonical(self.type, self.value)
        if not self.reason.strip():
            raise Invalid("a block has a reason", fields=[("reason", "say why it is blocked")])


@attrs.frozen(kw_only=True)
class Block:
    """An entry of the blocklist; `expires_on` is the first day it does not hold, None: never."""

    type: BlockType
    value_index: str
    last4: str
    reason: str
    expires_on: date | None = None

    @property
    def key(self) -> str:
        """What is blocked."""
        return block_key(self.type, self.value_index)

    def holds(self, on: date) -> bool:
        """Whether it holds on a day."""
        return self.expires_on is None or on < self.expires_on


def block_key(kind: BlockType, value_index: str) -> str:
    """Return the key of an entry."""
    return f"{kind}:{value_index}"
