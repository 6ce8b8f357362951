"""The edge of the application: what holds for every request, before any route is looked for.

Request ids, the limit on sizes, the headers of every answer, what a page of another origin may read
and the line in the access log. It wraps the whole application, so that answers to unknown routes
have the same headers as others. HEAD is GET whose body is kept back.
Source: threat table rows 54, 67, 69, 90–92, 97, 98; order of checks of design decision D11.
"""

import re
import time
import uuid
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from functools import partial
from typing import Any, Final

import attrs
import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from los_core.domain.errors import Busy
from los_core.domain.ids import PLATFORM
from los_core.domain.limits import REQUESTS_BY_ADDRESS
from los_core.ports.limiter import Limiter
from los_core.services.limiting import network_of, too_many
from los_http.addresses import Hosts
from los_http.compression import Compressed, is_taken
from los_http.errors import Refusal, Refused, refusal_of
from los_http.origins import PREFLIGHT, Grant, Origins
from los_http.telling import Telling

JSON_LIMIT: Final = 1024 * 1024
UPLOAD_LIMIT: Final = 12 * 1024 * 1024
HEAD_ONLY: Final = "head_only"
"""Set in the state of a request whose answer's body nobody will see: what would go on must not."""
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
"""All that any route takes; OPTIONS is answered to a page that asks what it may send."""

SECURITY_HEADERS: Final = (
    (
        b"content-security-policy",
        (
            b"default-src 'self';base-uri 'self';font-src 'self' data:;form-action 'self';"
            b"frame-ancestors 'none';img-src 'self' data:;object-src 'none';script-src 'self';"
            b"script-src-attr 'none';style-src 'self' 'unsafe-inline'"
        ),
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"origin-agent-cluster", b"?1"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-dns-prefetch-control", b"off"),
    (b"x-download-options", b"noopen"),
    (b"x-frame-options", b"DENY"),
    (b"x-permitted-cross-domain-policies", b"none"),
    (b"x-xss-protection", b"0"),
)
_NO_STORE: Final = (b"cache-control", b"no-store")
_UNCOUNTED: Final = ("/health", "/api/v1/webhook/")
"""Asked by machines of ours and of vendors, who come in bursts from few addresses."""
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9-]{8,64}")
_TOO_LARGE: Final = Refusal(status=413, code="TOO_LARGE", message="the request is too large")
_METHOD: Final = Refusal(
    status=405,
    code="METHOD_NOT_ALLOWED",
    message="the address does not take this method",
    headers={"Allow": ", ".join(METHODS)},
)
_UNREADABLE: Final = Refusal(status=400, code="BAD_REQUEST", message="the address cannot be read")
_NO_ROUTE: Final = Refusal(status=404, code="NOT_FOUND", message="Not Found")
_HOST: Final = Refusal(status=400, code="BAD_REQUEST", message="this host is not served here")


@attrs.define(kw_only=True)
class Edge:
    """Wraps an ASGI application.

    Attributes:
        origins: of the pages that may read answers.
        telling: tells of calls before they are answered.
        measure: takes method, route template, status and seconds of every request.
        hosts: the Host headers that are served; empty: any.
        compressed: the routes whose answers may be compressed.
        draining: whether connections are to be closed with their answer, so that the next request
            goes to another process.
    """

    app: ASGIApp
    now: Callable[[], datetime]
    limiter: Limiter
    reading: Hosts
    origins: Origins
    telling: Telling
    measure: Callable[[str, str, int, float], None] = lambda *_: None
    hosts: Collection[str] = ()
    compressed: frozenset[str] = frozenset()
    draining: Callable[[], bool] = lambda: False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        request_id = _request_id(scope)
        asked = scope
        if scope["method"] == "HEAD":
            state = {**scope.get("state", {}), HEAD_ONLY: True}
            asked, send = {**scope, "method": "GET", "state": state}, _without_body(send)
        if is_taken(_header(scope, b"accept-encoding") or b""):
            send = Compressed(send, asked, self.compressed)
        answer = _Answer(
            send=send,
            scope=asked,
            request_id=request_id,
            telling=self.telling,
            refuse=partial(self._refuse, asked),
            last=self.draining(),
        )
        with (
            structlog.contextvars.bound_contextvars(request_id=request_id),
            self.telling.log.closed(),
        ):
            refusal = self._refusal(asked)
            answer.grant = await self.origins.granted(asked)
            if refusal is None:
                await self.app(asked, _limited(asked, receive), answer)
            elif refusal is _METHOD and answer.grant and _is_preflight(asked):
                await _allow(answer)
            else:
                await self._refuse(asked, answer, refusal)
            seconds = time.perf_counter() - begun
            _log(scope["method"], asked, answer.status, seconds)
            route = asked.get("path_template", "-")
            self.measure(_known(scope["method"]), route, answer.status, seconds)

    def _refusal(self, scope: HTTPScope) -> Refusal | None:
        length = _header(scope, b"content-length") or b"0"
        if not length.isdigit() or int(length[:20]) > _limit(scope):
            return _TOO_LARGE
        if wait_s := self._wait_s(scope):
            return refusal_of(too_many(wait_s))
        return self._unserved(scope)

    def _wait_s(self, scope: HTTPScope) -> float:
        """Return how long the client's address has to wait; 0: it need not."""
        if scope["path"].startswith(_UNCOUNTED):
            return 0.0
        return self.limiter.take(REQUESTS_BY_ADDRESS, network_of(self.reading.client(scope)))

    def _unserved(self, scope: HTTPScope) -> Refusal | None:
        if scope["method"] not in METHODS:
            return _METHOD
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            return _UNREADABLE
        if "//" in scope["path"] or (scope["path"].endswith("/") and scope["path"] != "/"):
            return _NO_ROUTE  # the framework would take it for the route without
        host = (_header(scope, b"host") or b"").decode("latin-1")
        if self.hosts and not self._serves(host):
            return _HOST
        return None

    def _serves(self, host: str) -> bool:
        name, colon, _ = host.rpartition(":")
        known = (name if colon else host).lower() in self.hosts
        return known or self.reading.subdomain(host) is not None

    async def _refuse(self, scope: HTTPScope, send: Send, refusal: Refusal) -> None:
        body = refusal.body(path=scope["path"], at=self.now())
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            *((k.lower().encode(), v.encode()) for k, v in refusal.headers.items()),
        ]
        await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


@attrs.define(kw_only=True)
class _Answer:
    """Adds to an answer what every answer has. Only a static file says how it may be cached.

    Attributes:
        withheld: the answer was not given, as it could not be told of; a refusal went out.
    """

    send: Send
    scope: HTTPScope
    request_id: str
    telling: Telling
    refuse: Callable[[Send, Refusal], Awaitable[None]]
    last: bool = False
    grant: Grant | None = None
    status: int = 0
    withheld: bool = False

    async def __call__(self, message: Message) -> None:
        if self.withheld:
            return
        if message["type"] == "http.response.start":
            try:
                await self.telling.answered(self.scope, message["status"])
            except Busy as err:
                await self.refuse(self, refusal_of(err))
                self.withheld = True
                return
            self.status = message["status"]
            headers = list(message["headers"])
            names = {name.lower() for name, _ in headers}
            headers += [pair for pair in (*SECURITY_HEADERS, _NO_STORE) if pair[0] not in names]
            headers.append((b"x-request-id", self.request_id.encode()))
            headers.append((b"vary", b"origin"))
            if self.grant is not None:
                headers += self.grant.headers(_caller(self.scope))
            if self.last and b"connection" not in names:
                headers.append((b"connection", b"close"))
            message["headers"] = headers
        await self.send(message)


async def _allow(send: Send) -> None:
    """Answer a page that asks what it may send."""
    headers = [*PREFLIGHT, (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _is_preflight(scope: HTTPScope) -> bool:
    return scope["method"] == "OPTIONS" and bool(_header(scope, b"access-control-request-method"))


def _without_body(send: Send) -> Send:
    """Return `send` that keeps the body back; the headers speak of it as if it came."""

    async def headers_only(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
        elif not message["more_body"]:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return headers_only


def _limited(scope: HTTPScope, receive: Receive) -> Receive:
    """Return `receive` that stops a body of undeclared length where it exceeds the limit."""
    left = _limit(scope)

    async def receive_limited() -> Message:
        nonlocal left
        message = await receive()
        if message["type"] == "http.request":
            left -= len(message["body"])
            if left < 0:
                raise Refused(str(_TOO_LARGE.message), status_code=_TOO_LARGE.status)
        return message  # type: ignore[return-value]  # what came in goes on as it is

    return receive_limited  # type: ignore[return-value]  # the same


def _limit(scope: HTTPScope) -> int:
    content_type = _header(scope, b"content-type") or b""
    return UPLOAD_LIMIT if content_type.lower().startswith(b"multipart/") else JSON_LIMIT


def _header(scope: HTTPScope, name: bytes) -> bytes | None:
    return next((value for key, value in scope["headers"] if key.lower() == name), None)


def _request_id(scope: HTTPScope) -> str:
    """Return the client's own id of the request where it is a harmless one, else a new one."""
    given = _header(scope, b"x-request-id") or b""
    return given.decode() if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _caller(scope: HTTPScope) -> Any:
    """Return whom the gate let in; None: nobody, or nobody had to be."""
    return scope.get("state", {}).get("caller")


def _known(method: str) -> str:
    return method if method in (*METHODS, "OPTIONS") else "OTHER"


def _log(method: str, scope: HTTPScope, status: int, seconds: float) -> None:
    """Write the one line of a request: the route by its template, whoever called by their id."""
    caller = _caller(scope)
    actor = getattr(caller, "customer_id", None) or getattr(caller, "staff_id", None)
    brand = getattr(caller, "brand_id", PLATFORM)
    if brand == PLATFORM:
        brand = scope.get("path_params", {}).get("brand_id")
    structlog.get_logger("los.http").info(
        "request",
        method=_known(method),
        route=scope.get("path_template", "-"),
        status=status,
        ms=round(seconds * 1000, 1),
        brand=str(brand) if brand else None,
        actor=str(actor) if actor else None,
    )
