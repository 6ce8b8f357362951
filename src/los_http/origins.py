"""Which web pages may read our answers: those of origins that a brand allows, and for that brand.

An origin is compared as a whole and never by its end. Nobody is allowed by "*", and no answer is
for a browser's own credentials: a page shows the token it was given. A page of one brand gets no
answer about another; administration has no page on another origin at all. What is refused here is
reading an answer in a browser: who may call is the gate's business. Source: threat row 91.
"""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

import attrs
from litestar.types import HTTPScope

from los_core.domain.errors import DomainError
from los_core.domain.ids import BrandId
from los_core.services.brands import Site
from los_core.services.callers import CustomerCaller
from los_http.addresses import Hosts

KEPT_S: Final = 5.0
"""Seconds after which the brands' origins are read again."""
PREFLIGHT: Final = (
    (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
    (
        b"access-control-allow-headers",
        b"authorization, content-type, idempotency-key, if-match, x-request-id",
    ),
    (b"access-control-max-age", b"600"),
)
_READABLE: Final = b"content-disposition, etag, idempotent-replay, retry-after, x-request-id"
"""Headers of an answer that a page may read, beside those that every page may."""
_BRAND: Final = re.compile(r"/brand/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/|$)")
_ADMIN: Final = "/api/v1/admin/"


@attrs.frozen
class Grant:
    """An origin that may read an answer, if it is about one of these brands or of none."""

    origin: bytes
    brands: frozenset[BrandId]

    def headers(self, caller: object) -> list[tuple[bytes, bytes]]:
        """Return what tells the browser so; nothing where the caller is another brand's."""
        if isinstance(caller, CustomerCaller) and caller.brand_id not in self.brands:
            return []
        return [
            (b"access-control-allow-origin", self.origin),
            (b"access-control-expose-headers", _READABLE),
        ]


class Origins:
    """The origins of all brands, read again every few seconds while browsers ask."""

    def __init__(
        self,
        sites: Callable[[], Sequence[Site]],
        reading: Hosts,
        *,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """`sites` tells every active brand's; `timer` returns monotonic seconds."""
        self._sites = sites
        self._reading = reading
        self._timer = timer
        self._until = float("-inf")
        self._kept: Sequence[Site] = ()
        self._lock = asyncio.Lock()

    async def granted(self, scope: HTTPScope) -> Grant | None:
        """Return what the request's origin is granted; None: there is none, or nothing is."""
        told = [value for name, value in scope["headers"] if name.lower() == b"origin"]
        if len(told) != 1 or scope["path"].startswith(_ADMIN):
            return None
        origin = told[0].decode("latin-1")
        sites = await self._known()
        brands = frozenset(site.brand_id for site in sites if origin in site.origins)
        about = self._about(scope, sites)
        if not brands or (about is not None and about not in brands):
            return None
        return Grant(told[0], brands)

    def _about(self, scope: HTTPScope, sites: Sequence[Site]) -> BrandId | None:
        """Return the brand that path or host name; None: neither does."""
        if found := _BRAND.search(scope["path"].lower()):
            return BrandId(UUID(found[1]))
        host = next((v for n, v in scope["headers"] if n.lower() == b"host"), b"").decode("latin-1")
        label = self._reading.subdomain(host)
        return next((s.brand_id for s in sites if label and s.subdomain == label), None)

    async def _known(self) -> Sequence[Site]:
        async with self._lock:
            if self._timer() >= self._until:
                with suppress(DomainError):  # the store is away: what was known goes on
                    self._kept = await asyncio.to_thread(self._sites)
                self._until = self._timer() + KEPT_S
            return self._kept
