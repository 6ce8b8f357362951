"""Counting attempts, so that a limit holds over every process at once."""

from typing import Protocol

from los_core.domain.limits import Limit


class Limiter(Protocol):
    """Buckets by limit and key. A key holds no personal data in plain words where it is kept."""

    def take(self, limit: Limit, key: str) -> float:
        """Take one from the bucket and return 0.0.

        An empty bucket gives nothing, and what is returned is the seconds until it gives one
        again. However many ask at once, no more than the limit get one.
        """
        ...

    def give_back(self, limit: Limit, key: str) -> None:
        """Put one back: the attempt turned out not to count."""
        ...
