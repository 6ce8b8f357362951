"""Secrets that people type: passwords, one-time codes, second factors."""

from datetime import datetime
from typing import Protocol


class Passwords(Protocol):
    """Password hashing that is slow on purpose. Source: bcrypt, 12 rounds (decision D10)."""

    def hash(self, password: str) -> str:
        """Return a salted hash; takes about a quarter of a second of processor time."""
        ...

    def verify(self, password: str, hashed: str | None) -> bool:
        """Check a password; with None it takes as long and answers False (unknown user)."""
        ...


class SecondFactor(Protocol):
    """Time-based one-time passwords (RFC 6238): six digits, thirty seconds."""

    def new_secret(self) -> str:
        """Return a new base-32 secret."""
        ...

    def uri(self, secret: str, *, account: str, issuer: str) -> str:
        """Return the otpauth:// address that an authenticator app scans."""
        ...

    def matched_step(self, secret: str, code: str, at: datetime) -> int | None:
        """Return the time step the code belongs to (one step of drift allowed), None if wrong.

        A caller keeps the last step used: a code is good once.
        """
        ...


class CodeHasher(Protocol):
    """Keyed hashing of short-lived codes and of long random tokens."""

    def code(self, code: str, *, bound_to: str) -> str:
        """Return the HMAC of a short code, bound to what it is for (phone, brand, purpose)."""
        ...

    def token(self, token: str) -> str:
        """Return the SHA-256 of a 256-bit random token."""
        ...
