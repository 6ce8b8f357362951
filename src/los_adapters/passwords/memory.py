"""Passwords and second factors for services in memory: quick to make, not fit for real people."""

import hashlib
import hmac
from datetime import datetime

from los_core.ports.entropy import Entropy

_STEP_S = 30


class MemoryPasswords:
    """Salted hashes that cost nothing."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy

    def hash(self, password: str) -> str:
        """Return a salted hash."""
        salt = self._entropy.token(12)
        return f"{salt}${_digest(salt, password)}"

    def verify(self, password: str, hashed: str | None) -> bool:
        """Check a password; see the port."""
        salt, _, digest = (hashed or "$").partition("$")
        right = hmac.compare_digest(_digest(salt, password), digest)
        return right and hashed is not None


class MemoryFactor:
    """Six digits each half minute, from the secret; `code` is the person's authenticator."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy

    def new_secret(self) -> str:
        """Return a new secret in the letters of base 32."""
        return "".join(_BASE32[int(digit)] for digit in self._entropy.digits(16))

    def uri(self, secret: str, *, account: str, issuer: str) -> str:
        """Return an otpauth:// address."""
        return f"otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}"

    def code(self, secret: str, at: datetime) -> str:
        """Return the code an authenticator shows at an instant."""
        return _code(secret, _step(at))

    def matched_step(self, secret: str, code: str, at: datetime) -> int | None:
        """Return the step a code belongs to; see the port."""
        now = _step(at)
        steps = (now, now - 1, now + 1)
        return next((step for step in steps if _code(secret, step) == code), None)


_BASE32 = "ABCDEFGHIJ"


def _digest(salt: str, password: str) -> str:
    return hashlib.sha256(f"{salt}|{password}".encode("utf-8", "surrogatepass")).hexdigest()


def _step(at: datetime) -> int:
    return int(at.timestamp()) // _STEP_S


def _code(secret: str, step: int) -> str:
    digest = hmac.new(secret.encode(), str(step).encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:4]) % 1_000_000:06d}"
