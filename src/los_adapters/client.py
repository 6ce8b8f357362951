"""The one HTTP client all vendors are reached by, and what its failures mean.

One `Http` per brand and provider. It verifies TLS, follows no redirect, keeps no cookie, logs no
address, goes only to the origins of the provider's settings (design decision D16), and turns
whatever goes wrong into the outcomes of `los_core.ports.errors`. What a 4xx means is the
adapter's to say; retries are the caller's. The deadline itself is kept in `deadline`.

Source: reliability design §7 and §17, design decisions D7 and D16.
"""

import base64
import ipaddress
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import attrs
import httpx
from pydantic import BaseModel, ValidationError

from los_adapters.breaker import Breaker, BreakerPolicy
from los_adapters.deadline import DeadlineTransport, until
from los_core.ports.errors import ProviderError, Rejected, Unavailable, Unknown

M = TypeVar("M", bound=BaseModel)

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@attrs.frozen(kw_only=True)
class HttpLimits:
    """How much of us one vendor may use.

    Attributes:
        deadline_s: for a whole call, unless the call names its own.
        max_body: bytes of an answer that are read.
        concurrency: calls under way; one more is refused at once.
    """

    deadline_s: float = 20.0
    max_body: int = 5 * 1024 * 1024
    concurrency: int = 8
    breaker: BreakerPolicy = attrs.field(factory=BreakerPolicy)


class Http:
    """A vendor's client. Safe to share among threads."""

    def __init__(
        self,
        name: str,
        origins: Iterable[str],
        *,
        transport: httpx.BaseTransport | None = None,
        limits: HttpLimits | None = None,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """`name` is the provider's, for errors; `origins` are addresses it may be asked at.

        `transport` stands in for the network; `timer` returns monotonic seconds.

        Raises: Unavailable, misconfigured: an origin is neither https nor loopback.
        """
        self.name = name
        self.limits = limits or HttpLimits()
        self._transport = transport or DeadlineTransport(connections=self.limits.concurrency)
        self._timer = timer
        self._breakers: dict[str, Breaker] = {}
        self._lock = threading.Lock()
        self._under_way = 0
        self._retired = False
        self._origins = frozenset(_origin(httpx.URL(url)) for url in origins)
        for scheme, host, _ in self._origins:
            if scheme != "https" and not (scheme == "http" and is_loopback(host)):
                raise self.misconfigured("settings", f"{scheme} address")

    def call(
        self,
        method: str,
        url: str,
        *,
        operation: str,
        effect: bool,
        json: object = None,
        data: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        files: Any = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        auth: tuple[str, str] | None = None,
        deadline_s: float | None = None,
    ) -> httpx.Response:
        """Ask the vendor and return its answer, read whole: any 2xx, and any 4xx not named below.

        `operation` is our word for the call: breakers are kept by it and errors name it. `effect`
        says that the call moves money, signs or sends something: once it has left us, no answer
        means `Unknown`; otherwise nothing is lost by asking again: `Unavailable`. `auth` is user
        and password of HTTP Basic; the other arguments are httpx's.

        Raises:
            Unavailable: no connection, breaker open, too many calls under way, 429 (with
                `retry_after_s` if told), 401 and 403 (misconfigured); without effect also the
                failures below.
            Unknown: with effect: 5xx, a redirect, silence, a cut, an answer too large or damaged.
            ValueError: the address is outside the provider's origins (a bug).
        """
        if _origin(httpx.URL(url)) not in self._origins:
            raise ValueError(f"{self.name}: {operation} leads outside the configured addresses")
        request = httpx.Request(
            method,
            url,
            params=params,
            headers={"accept": "*/*", **(headers or {}), "accept-encoding": "identity"},
            json=json,
            data=data,
            content=content,
            files=files,
            extensions={"los": operation},
        )
        if auth is not None:
            request.headers["authorization"] = _basic(*auth)
        with self.admitted(operation) as breaker:
            answer = None
            try:
                with until(deadline_s or self.limits.deadline_s):
                    answer = self._exchange(request, operation, effect=effect)
            finally:
                breaker.record(healthy=answer is not None and answer.status_code < 500)
        self._refuse(answer, operation, effect=effect)
        return answer

    def fetch(self, url: str, *, operation: str, deadline_s: float | None = None) -> bytes:
        """Download a file the vendor named by address, if it lies at one of the origins.

        Raises: Rejected: another origin (code FOREIGN_HOST), or the vendor has no such file (its
            status as code); Unavailable.
        """
        if _origin(httpx.URL(url)) not in self._origins:
            raise self.rejected(operation, "FOREIGN_HOST")
        answer = self.call("GET", url, operation=operation, effect=False, deadline_s=deadline_s)
        if not answer.is_success:
            raise self.rejected(operation, str(answer.status_code))
        return answer.content

    def parsed(self, response: httpx.Response, model: type[M], *, effect: bool) -> M:
        """Read an answer of `call` as JSON of the given shape.

        Raises: Unknown (with effect) or Unavailable: it is not JSON, or not of that shape. The
            error says which rules broke, not the values.
        """
        try:
            return model.model_validate_json(response.content)
        except ValidationError as err:
            rules = sorted({fault["type"] for fault in err.errors(include_input=False)})
        operation = str(response.request.extensions.get("los", ""))
        raise self.unreadable(operation, ", ".join(rules), effect=effect)

    def unreadable(self, operation: str, why: str, *, effect: bool) -> ProviderError:
        """Return the error for an answer that cannot be understood (not decryptable, nonsense)."""
        return self._lost(operation, f"unreadable answer ({why})", effect=effect)

    def rejected(self, operation: str, code: str) -> Rejected:
        """Return the error for a vendor's no; `code` is the vendor's own, its text stays out."""
        return Rejected(f"{self.name}: {operation} refused: {code}", provider=self.name, code=code)

    def misconfigured(self, operation: str, code: str) -> Unavailable:
        """Return the error for our credentials, products or settings being at fault."""
        return Unavailable(
            f"{self.name}: {operation} is not open to us: {code}",
            provider=self.name,
            code=code,
            misconfigured=True,
        )

    @contextmanager
    def admitted(self, operation: str) -> Iterator[Breaker]:
        """Hold one of the vendor's places, with the breaker's leave; then `record` how it went.

        For what `call` does not do: vendors on another protocol than HTTP.

        Raises: Unavailable: too many calls under way (BULKHEAD_FULL) or BREAKER_OPEN.
        """
        with self._lock:
            if self._under_way >= self.limits.concurrency:
                raise self._unavailable(operation, "BULKHEAD_FULL")
            breaker = self._breakers.get(operation)
            if breaker is None:
                breaker = Breaker(self.limits.breaker, self._timer)
                self._breakers[operation] = breaker
            if not breaker.admit():
                raise self._unavailable(operation, "BREAKER_OPEN", breaker.retry_after_s)
            self._under_way += 1
        try:
            yield breaker
        finally:
            with self._lock:
                self._under_way -= 1
                last = self._retired and self._under_way == 0
            if last:
                self._transport.close()

    def close(self) -> None:
        """Close the connections as soon as no call is under way. Later calls still work."""
        with self._lock:
            self._retired = True
            idle = self._under_way == 0
        if idle:
            self._transport.close()

    def _exchange(self, request: httpx.Request, operation: str, *, effect: bool) -> httpx.Response:
        try:
            answer = self._transport.handle_request(request)
            answer.request = request
            try:
                if answer.headers.get("content-encoding", "identity") != "identity":
                    raise self.unreadable(operation, "compressed unasked", effect=effect)
                body = self._body(answer, operation, effect=effect)
            finally:
                answer.close()
        except _NOT_SENT as err:
            raise self._unavailable(operation, type(err).__name__) from err
        except httpx.TransportError as err:
            raise self._lost(operation, type(err).__name__, effect=effect) from err
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=body, request=request
        )

    def _body(self, answer: httpx.Response, operation: str, *, effect: bool) -> bytes:
        body = bytearray()
        for part in answer.iter_bytes():
            body += part
            if len(body) > self.limits.max_body:
                raise self.unreadable(operation, "too large", effect=effect)
        return bytes(body)

    def _refuse(self, answer: httpx.Response, operation: str, *, effect: bool) -> None:
        status = answer.status_code
        if status in (401, 403):
            raise self.misconfigured(operation, str(status))
        if status == 429:
            raise self._unavailable(operation, "429", _retry_after_s(answer.headers))
        if not (200 <= status < 300 or 400 <= status < 500):
            raise self._lost(operation, f"status {status}", effect=effect, code=str(status))

    def _lost(self, operation: str, why: str, *, effect: bool, code: str = "") -> ProviderError:
        kind = Unknown if effect else Unavailable
        return kind(f"{self.name}: {operation}: {why}", provider=self.name, code=code)

    def _unavailable(
        self, operation: str, why: str, retry_after_s: float | None = None
    ) -> Unavailable:
        return Unavailable(
            f"{self.name}: {operation}: {why}",
            provider=self.name,
            code=why,
            retry_after_s=retry_after_s,
        )


def is_loopback(host: str) -> bool:
    """Say whether a host, as written, is this machine; other names are not resolved."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    ports = {"https": 443, "http": 80}
    return url.scheme, url.host, url.port or ports.get(url.scheme)


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def _retry_after_s(headers: httpx.Headers) -> float | None:
    """Read Retry-After, in seconds or as a date; None if absent or meaningless."""
    value = headers.get("retry-after", "")
    if value.isdecimal():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds()) if at.tzinfo else None
