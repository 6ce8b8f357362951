"""Randomness: the machine's own, and one that repeats itself for tests and examples."""

import base64
import random
import secrets
import threading
from collections.abc import Callable
from uuid import UUID

_EPOCH_MS = 1_795_600_000_000


class SystemEntropy:
    """Ids in order of age, codes and secrets from the operating system."""

    def __init__(self) -> None:
        from uuid_utils.compat import uuid7  # noqa: PLC0415 # the core alone does without

        self._uuid7: Callable[[], UUID] = uuid7

    def uuid(self) -> UUID:
        """Return a new UUIDv7; those of one process rise."""
        return self._uuid7()

    def digits(self, count: int) -> str:
        """Return random decimal digits."""
        return f"{secrets.randbelow(10**count):0{count}d}"

    def token(self, size: int = 32) -> str:
        """Return random bytes as URL-safe text."""
        return secrets.token_urlsafe(size)


class SeededEntropy:
    """The same ids, codes and tokens for the same seed. Nothing that it gives is secret."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)  # noqa: S311 # it is predictable on purpose
        self._serial = 0
        self._lock = threading.Lock()

    def uuid(self) -> UUID:
        """Return a new id of the form of UUIDv7; they rise, a made-up millisecond apart."""
        with self._lock:
            self._serial += 1
            low = self._random.getrandbits(62)
            middle = self._random.getrandbits(12)
        stamp = _EPOCH_MS + self._serial
        return UUID(int=stamp << 80 | 0x7 << 76 | middle << 64 | 0b10 << 62 | low)

    def digits(self, count: int) -> str:
        """Return the next decimal digits."""
        with self._lock:
            return f"{self._random.randrange(10**count):0{count}d}"

    def token(self, size: int = 32) -> str:
        """Return the next bytes as URL-safe text."""
        with self._lock:
            content = self._random.randbytes(size)
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
