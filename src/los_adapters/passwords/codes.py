"""Keyed hashes of one-time codes, plain hashes of long random tokens. The same in memory."""

import hashlib
import hmac

import attrs


@attrs.frozen
class KeyedHasher:
    """A `CodeHasher` with one key."""

    _key: bytes = attrs.field(repr=False)

    def code(self, code: str, *, bound_to: str) -> str:
        """Return the HMAC-SHA256 of a code and what it is bound to."""
        told = f"{len(bound_to)}:{bound_to}|{code}"
        return hmac.new(
            self._key, told.encode("utf-8", "surrogatepass"), hashlib.sha256
        ).hexdigest()

    def token(self, token: str) -> str:
        """Return the SHA-256: 256 random bits need no key."""
        return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
