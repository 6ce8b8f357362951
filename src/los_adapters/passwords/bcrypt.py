"""Passwords by bcrypt, 12 rounds, over a SHA-256 pre-hash: bcrypt itself reads 72 bytes only.

Two hashes at a time per process: each keeps a core busy for a quarter of a second, and log-ins
must not take the API's cores. Source: decision D10, reliability design §8.
"""

import base64
import hashlib
import threading
from typing import Final

import bcrypt

ROUNDS: Final = 12
AT_ONCE: Final = 2


class BcryptPasswords:
    """Slow, salted hashes. `rounds` below twelve are for tests."""

    def __init__(self, *, rounds: int = ROUNDS) -> None:
        self._rounds = rounds
        self._turn = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._nobody: bytes | None = None

    def hash(self, password: str) -> str:
        """Return a salted hash."""
        with self._turn:
            return bcrypt.hashpw(_prepared(password), bcrypt.gensalt(self._rounds)).decode()

    def verify(self, password: str, hashed: str | None) -> bool:
        """Check a password; see the port."""
        stored = self._of_nobody() if hashed is None else hashed.encode()
        with self._turn:
            right = bcrypt.checkpw(_prepared(password), stored)
        return right and hashed is not None

    def _of_nobody(self) -> bytes:
        """Return a hash of the same cost that no password was ever made for."""
        with self._lock:
            if self._nobody is None:
                self._nobody = bcrypt.hashpw(bcrypt.gensalt(4), bcrypt.gensalt(self._rounds))
            return self._nobody


def _prepared(password: str) -> bytes:
    """Return 44 bytes without NUL for a password of any length."""
    return base64.b64encode(hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest())
