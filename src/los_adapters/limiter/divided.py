"""Limits that last are kept with the rows, all others where it is quickest."""

import attrs

from los_core.domain.limits import Limit
from los_core.ports.limiter import Limiter


@attrs.frozen
class DividedLimiter:
    """Asks one of two limiters, by the limit."""

    lasting: Limiter
    passing: Limiter

    def take(self, limit: Limit, key: str) -> float:
        """Take one, or return the seconds to wait; see the port."""
        return self._of(limit).take(limit, key)

    def give_back(self, limit: Limit, key: str) -> None:
        """Put one back; see the port."""
        self._of(limit).give_back(limit, key)

    def _of(self, limit: Limit) -> Limiter:
        return self.lasting if limit.lasting else self.passing
