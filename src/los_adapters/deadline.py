"""A total deadline over everything one call does on the network.

Time-outs of sockets, and of HTTP libraries, are per operation: a peer that sends a byte now and
then holds a caller for as long as it likes. Here every connect, read and write gets no more than
the time that is left. Resolving a name is the one step bounded by the system's resolver instead.

`until` sets the deadline for the current thread; `DeadlineTransport` keeps it for HTTP,
`connect` and `tls_context` for protocols that speak on a socket of their own (SMTP).
"""

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

import httpcore
import httpx

CONNECT_S = 2.0
_CHUNK = 16 * 1024

_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


@contextmanager
def until(seconds: float) -> Iterator[None]:
    """Let whatever happens inside take `seconds` at most; a deadline already set is not moved."""
    ends_at = time.monotonic() + seconds
    outer = _ends_at.get()
    token = _ends_at.set(ends_at if outer is None else min(outer, ends_at))
    try:
        yield
    finally:
        _ends_at.reset(token)


def time_left(at_most: float | None = None) -> float:
    """Return the seconds left, never more than `at_most`. Raises: TimeoutError: there are none.

    Outside of any `until` only `at_most` counts; one of the two must be there.
    """
    ends_at = _ends_at.get()
    if ends_at is None:
        assert at_most is not None, "no deadline is set"
        return at_most
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    return left if at_most is None else min(left, at_most)


class DeadlineTransport(httpx.BaseTransport):
    """HTTP/1.1 over a pool of connections that keeps the deadline. Verifies TLS, never retries."""

    def __init__(self, *, connections: int, verify: ssl.SSLContext | None = None) -> None:
        """`verify` None means the system's trusted authorities."""
        self._pool = httpcore.ConnectionPool(
            ssl_context=verify or ssl.create_default_context(),
            max_connections=connections,
            max_keepalive_connections=connections,
            # A connection the vendor drops just as it is used again loses a call: keep none long.
            keepalive_expiry=5.0,
            network_backend=_Backend(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; raises httpx's transport errors."""
        url = request.url
        with _as_httpx(request):
            answer = self._pool.handle_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(
                        scheme=url.raw_scheme,
                        host=url.raw_host,
                        port=url.port,
                        target=url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions={"timeout": {"pool": CONNECT_S}},
                )
            )
        assert isinstance(answer.stream, Iterable)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream, request)
        )

    def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, parts: Iterable[bytes], request: httpx.Request) -> None:
        self._parts = parts
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx(self._request):
            yield from self._parts

    def close(self) -> None:
        if hasattr(self._parts, "close"):
            self._parts.close()


@contextmanager
def _as_httpx(request: httpx.Request) -> Iterator[None]:
    """Turn httpcore's transport errors into httpx's, which have the same names."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
    ) as err:
        known = getattr(httpx, type(err).__name__)
        raise known(str(err), request=request) from err


class _Backend(httpcore.NetworkBackend):
    """Opens connections address by address, all within the time left."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        with _expiring(httpcore.ConnectTimeout):
            try:
                addresses = _addresses(host, port)
            except OSError as err:
                raise httpcore.ConnectError(str(err)) from err
            for address in addresses[:-1]:
                try:
                    return self._connect(address, port, timeout, local_address, socket_options)
                except (httpcore.ConnectError, httpcore.ConnectTimeout):
                    continue
            return self._connect(addresses[-1], port, timeout, local_address, socket_options)

    def _connect(
        self,
        address: str,
        port: int,
        timeout: float | None,
        local_address: str | None,
        socket_options: Iterable[Any] | None,
    ) -> httpcore.NetworkStream:
        limit = time_left(min(timeout or CONNECT_S, CONNECT_S))
        return _Stream(self._inner.connect_tcp(address, port, limit, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _expiring(httpcore.ReadTimeout):
            return self._inner.read(max_bytes, time_left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with _expiring(httpcore.WriteTimeout):
            for start in range(0, len(buffer), _CHUNK):
                self._inner.write(buffer[start : start + _CHUNK], time_left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        with _expiring(httpcore.ConnectTimeout):
            return _Stream(self._inner.start_tls(ssl_context, server_hostname, time_left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


@contextmanager
def _expiring(error: type[Exception]) -> Iterator[None]:
    try:
        yield
    except TimeoutError as err:
        raise error(str(err)) from err


class DeadlineSocket(socket.socket):
    """A TCP socket whose every read and write gets no more than the time left."""

    def recv_into(self, *args: Any) -> int:
        """Read; raises TimeoutError."""
        self.settimeout(time_left())
        return super().recv_into(*args)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Write all; `socket.sendall` itself takes its time-out for the whole."""
        self.settimeout(time_left())
        super().sendall(data, flags)


class _DeadlineTls(ssl.SSLSocket):
    def recv_into(self, *args: Any) -> int:
        self.settimeout(time_left())
        return super().recv_into(*args)

    def send(self, data: Any, flags: int = 0) -> int:
        self.settimeout(time_left())
        return super().send(data, flags)

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 # the parent's signature
        self.settimeout(time_left())
        super().do_handshake(block)


def connect(host: str, port: int) -> DeadlineSocket:
    """Open a TCP connection within two seconds per address and the time left.

    Raises: OSError: refused, unreachable or unknown; TimeoutError, which is one.
    """
    failure: OSError = OSError("no address")
    for address in _addresses(host, port):
        try:
            plain = socket.create_connection((address, port), time_left(CONNECT_S))
        except OSError as err:
            failure = err
        else:
            return DeadlineSocket(fileno=plain.detach())
    raise failure


def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """Return a verifying TLS context whose sockets keep the deadline.

    `ca_file` holds the authorities to trust, "" means the system's.
    """
    context = ssl.create_default_context(cafile=ca_file or None)
    context.sslsocket_class = _DeadlineTls
    return context


def _addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(cast("str", entry[4][0]) for entry in found))
