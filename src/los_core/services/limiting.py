"""Asking a limiter and refusing by it, in one place."""

import math
from ipaddress import IPv6Network

from los_core.domain.errors import TooMany
from los_core.domain.limits import Limit
from los_core.ports.limiter import Limiter


def spend(limiter: Limiter, limit: Limit, key: str) -> None:
    """Take one of a limit. An empty key is nobody's and not counted.

    Raises: TooMany: there is none left; it says how long to wait.
    """
    wait_s = limiter.take(limit, key) if key else 0.0
    if wait_s > 0:
        raise too_many(wait_s)


def network_of(ip: str) -> str:
    """Return what of an address counts for limits: all of it, or an IPv6 customer's whole /64."""
    return str(IPv6Network((ip, 64), strict=False)) if ":" in ip else ip


def too_many(wait_s: float) -> TooMany:
    """Return the refusal of who came too often."""
    return TooMany(
        "too many attempts: wait, then try again",
        details={"retry_after_s": max(1, math.ceil(wait_s))},
    )
