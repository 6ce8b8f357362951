"""A place for answers that are costly to make again. Whatever is in it may be gone at any time."""

from typing import Protocol


class Cache(Protocol):
    """Bytes by key, for a while. Safe to share among threads; never a reason to fail.

    A key names everything the value depends on, the generation of its sources included: a value is
    never changed in place, it is no longer asked for.
    """

    def get(self, key: str) -> bytes | None:
        """Return the value as it was put, or None: never put, gone, damaged, or nobody answers."""
        ...

    def put(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """Keep a value for `ttl_s` seconds at most, if that can be done at once."""
        ...

    def ping(self) -> None:
        """Raises: Unavailable: the cache does not answer."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
