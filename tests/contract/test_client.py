"""What vendors can rely on our client for, and what their failures become, also on a real wire."""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, SecretStr

from los_adapters.breaker import BreakerPolicy
from los_adapters.client import Http, HttpLimits, is_loopback
from los_adapters.deadline import DeadlineTransport
from los_core.ports.errors import ProviderError, Rejected, Unavailable, Unknown

URL = "https://vendor.example.in/v1/orders"


class Order(BaseModel):
    id: str
    amount: int


def client(answer: Callable[[httpx.Request], httpx.Response], **more: Any) -> Http:
    return Http("vendor", [URL], transport=httpx.MockTransport(answer), **more)


def test_a_sound_answer_is_returned_and_read() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id": "order_1", "amount": 5000, "extra": 1})

    http = client(answer)
    response = http.call(
        "POST",
        URL,
        operation="create",
        effect=True,
        json={"amount": 5000},
        params={"mode": "live"},
        headers={"x-id": "7"},
        auth=("key", "sécret:1"),
    )
    assert http.parsed(response, Order, effect=True) == Order(id="order_1", amount=5000)
    [request] = seen
    assert str(request.url) == f"{URL}?mode=live"
    assert request.headers["x-id"] == "7"
    assert request.headers["authorization"] == "Basic a2V5OnPDqWNyZXQ6MQ=="
    assert request.content == b'{"amount":5000}'


@pytest.mark.parametrize("status", [400, 404, 409, 412, 422])
def test_a_vendors_no_is_left_to_the_adapter(status: int) -> None:
    http = client(lambda _: httpx.Response(status, json={"code": "E1"}))
    assert http.call("POST", URL, operation="x", effect=True).status_code == status


@pytest.mark.parametrize("effect", [True, False])
@pytest.mark.parametrize("status", [301, 307, 500, 502, 503, 504])
def test_a_doubtful_status_is_unknown_only_with_effect(status: int, *, effect: bool) -> None:
    http = client(lambda _: httpx.Response(status, headers={"location": "https://evil.example"}))
    with pytest.raises(ProviderError) as caught:
        http.call("POST", URL, operation="x", effect=effect)
    assert type(caught.value) is (Unknown if effect else Unavailable)
    assert caught.value.code == str(status)


@pytest.mark.parametrize("effect", [True, False])
@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (httpx.ConnectError, False),
        (httpx.ConnectTimeout, False),
        (httpx.PoolTimeout, False),
        (httpx.ReadTimeout, True),
        (httpx.WriteTimeout, True),
        (httpx.ReadError, True),
        (httpx.WriteError, True),
        (httpx.RemoteProtocolError, True),
        (httpx.LocalProtocolError, True),
    ],
)
def test_a_call_that_may_have_left_is_unknown_only_with_effect(
    error: type[httpx.TransportError], *, sent: bool, effect: bool
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("detail with a secret", request=request)

    with pytest.raises(ProviderError) as caught:
        client(answer).call("POST", URL, operation="x", effect=effect)
    assert type(caught.value) is (Unknown if effect and sent else Unavailable)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("12", 12.0), ("", None), ("soon", None), ("Mon, 01 Jan 2001 00:00:00 GMT", 0.0)],
)
def test_429_says_when_to_come_back(header: str, seconds: float | None) -> None:
    http = client(lambda _: httpx.Response(429, headers={"retry-after": header}))
    with pytest.raises(Unavailable) as caught:
        http.call("POST", URL, operation="x", effect=True)
    assert caught.value.retry_after_s == seconds
    assert not caught.value.misconfigured


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_a_matter_for_people(status: int) -> None:
    http = client(lambda _: httpx.Response(status))
    with pytest.raises(Unavailable) as caught:
        http.call("POST", URL, operation="x", effect=True)
    assert caught.value.misconfigured


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"id": "order_1"', b'{"id": "pan ABCPE1234F"}'])
def test_an_answer_of_another_shape_is_unknown_with_effect_and_not_repeated(body: bytes) -> None:
    http = client(lambda _: httpx.Response(200, content=body))
    response = http.call("POST", URL, operation="create", effect=True)
    with pytest.raises(Unknown) as caught:
        http.parsed(response, Order, effect=True)
    assert "ABCPE1234F" not in str(caught.value)
    assert "create" in str(caught.value)
    with pytest.raises(Unavailable):
        http.parsed(response, Order, effect=False)


def test_a_body_beyond_the_limit_is_not_read_to_its_end() -> None:
    sent = 0

    def parts() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 1000
            yield b"x" * 1000

    http = client(lambda _: httpx.Response(200, content=parts()), limits=HttpLimits(max_body=5000))
    with pytest.raises(Unknown, match="too large"):
        http.call("POST", URL, operation="x", effect=True)
    assert sent <= 6000


def test_a_compressed_answer_is_not_inflated() -> None:
    headers = {"content-encoding": "gzip"}
    http = client(lambda _: httpx.Response(200, headers=headers, stream=httpx.ByteStream(b"\x1f")))
    with pytest.raises(Unavailable, match="compressed"):
        http.call("GET", URL, operation="x", effect=False)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.in/v1/orders",
        "http://vendor.example.in/v1/orders",
        "https://vendor.example.in:8443/v1/orders",
        "https://vendor.example.in@evil.example.in/",
        "http://169.254.169.254/latest/meta-data",
    ],
)
def test_nothing_goes_outside_the_configured_origins(url: str) -> None:
    http = client(lambda _: httpx.Response(200, content=b"secret"))
    with pytest.raises(ValueError, match="outside"):
        http.call("GET", url, operation="x", effect=False)
    with pytest.raises(Rejected) as caught:
        http.fetch(url, operation="download")
    assert caught.value.code == "FOREIGN_HOST"


def test_a_file_is_fetched_from_a_file_host() -> None:
    http = Http(
        "vendor",
        [URL, "https://files.example.in"],
        transport=httpx.MockTransport(lambda r: httpx.Response(200, content=str(r.url).encode())),
    )
    link = "https://files.example.in/a.pdf?sig=1"
    assert http.fetch(link, operation="download") == link.encode()


def test_a_file_that_is_gone_is_rejected() -> None:
    http = client(lambda _: httpx.Response(404))
    with pytest.raises(Rejected) as caught:
        http.fetch(URL, operation="download")
    assert caught.value.code == "404"


@pytest.mark.parametrize("origin", ["http://vendor.example.in", "ftp://127.0.0.1", "vendor.in"])
def test_an_origin_in_the_clear_beyond_this_machine_is_refused(origin: str) -> None:
    with pytest.raises(Unavailable) as caught:
        Http("vendor", [origin])
    assert caught.value.misconfigured


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("127.0.0.1.evil.example", False),
        ("localhost.example", False),
        ("0.0.0.0", False),  # noqa: S104 # a name to judge, nothing is bound
        ("10.0.0.1", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, *, loopback: bool) -> None:
    assert is_loopback(host) is loopback


class Timer:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_breaker_opens_probes_once_and_closes_again() -> None:
    timer = Timer()
    up = False
    asked = 0

    def answer(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(200 if up else 503)

    http = client(answer, timer=timer)

    def ask(operation: str = "x") -> str:
        try:
            http.call("GET", URL, operation=operation, effect=False)
        except Unavailable as err:
            return err.code
        return "ok"

    assert [ask() for _ in range(10)] == ["503"] * 10
    assert ask() == "BREAKER_OPEN"
    assert asked == 10
    assert ask("another operation") == "503"
    timer.now = 15.0
    assert ask() == "503"
    assert ask() == "BREAKER_OPEN"
    up = True
    timer.now = 30.0
    assert [ask() for _ in range(3)] == ["ok"] * 3


def test_the_breaker_forgets_what_is_long_ago_and_takes_a_no_for_an_answer() -> None:
    timer = Timer()
    status = 503

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status)

    http = client(answer, timer=timer, limits=HttpLimits(breaker=BreakerPolicy(window_s=30)))
    for _ in range(9):
        with pytest.raises(Unavailable):
            http.call("GET", URL, operation="x", effect=False)
    timer.now = 31.0
    status = 422
    for _ in range(12):
        assert http.call("GET", URL, operation="x", effect=False).status_code == 422


def test_one_call_too_many_is_refused_at_once_and_places_come_free_again() -> None:
    arrived, go_on = threading.Barrier(3), threading.Event()

    def answer(_: httpx.Request) -> httpx.Response:
        arrived.wait(5)
        go_on.wait(5)
        return httpx.Response(200)

    http = client(answer, limits=HttpLimits(concurrency=2))
    threads = [
        threading.Thread(
            target=http.call, args=("GET", URL), kwargs={"operation": "x", "effect": False}
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    arrived.wait(5)
    with pytest.raises(Unavailable) as caught:
        http.call("POST", URL, operation="x", effect=True)
    assert caught.value.code == "BULKHEAD_FULL"
    go_on.set()
    for thread in threads:
        thread.join()
    with http.admitted("x") as first, http.admitted("x") as second:
        first.record(healthy=True)
        second.record(healthy=True)


class Closing(httpx.MockTransport):
    closed = 0

    def close(self) -> None:
        self.closed += 1


def test_a_replaced_client_closes_after_its_last_call_and_still_serves() -> None:
    transport = Closing(lambda _: httpx.Response(200))
    http = Http("vendor", [URL], transport=transport)
    with http.admitted("x") as breaker:
        http.close()
        assert transport.closed == 0
        breaker.record(healthy=True)
    assert transport.closed == 1
    assert http.call("GET", URL, operation="x", effect=False).status_code == 200
    assert transport.closed == 2


def test_no_secret_of_a_call_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), served(once(_OK)) as port:
        url = f"http://127.0.0.1:{port}/pan/ABCPE1234F"
        http = Http("vendor", [url])
        http.call(
            "POST",
            url,
            operation="x",
            effect=True,
            params={"otp": "482913"},
            headers={"authkey": SecretStr("hush-1").get_secret_value()},
            json={"account": "50100411010101"},
        )
        http.close()
    shown = [s for s in ("ABCPE1234F", "482913", "hush-1", "50100411010101") if s in caplog.text]
    assert shown == []


_OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"

Serve = Callable[[socket.socket], None]


@contextmanager
def served(serve: Serve) -> Iterator[int]:
    """Run a server of one connection after another on loopback; yield its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def run() -> None:
        while not stopping.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    serve(connection)
                except OSError:
                    continue  # the client hung up, as it should

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        stopping.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def once(answer: bytes) -> Serve:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    return serve


def dripping(start: bytes, drop: bytes) -> Serve:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(start)
        connection.settimeout(0.05)
        while True:  # until the client hangs up
            connection.sendall(drop)
            try:
                if connection.recv(1) == b"":
                    return
            except TimeoutError:
                continue

    return serve


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"x-drip: 1\r\n"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", b"x"),
        (b"", b""),
    ],
    ids=["headers", "body", "silence"],
)
def test_a_drip_cannot_outlive_the_deadline(start: bytes, drop: bytes) -> None:
    with served(dripping(start, drop)) as port:
        http = Http("vendor", [f"http://127.0.0.1:{port}"])
        begun = time.monotonic()
        with pytest.raises(Unknown):
            http.call(
                "POST", f"http://127.0.0.1:{port}/", operation="x", effect=True, deadline_s=0.4
            )
        assert time.monotonic() - begun < 1.5
        http.close()


def test_a_vendor_that_does_not_read_cannot_outlive_the_deadline() -> None:
    hung_up = threading.Event()
    with served(lambda _connection: _wait(hung_up)) as port:
        http = Http("vendor", [f"http://127.0.0.1:{port}"])
        with pytest.raises(Unknown, match="WriteTimeout"):
            http.call(
                "POST",
                f"http://127.0.0.1:{port}/",
                operation="x",
                effect=True,
                content=b"x" * 30_000_000,
                deadline_s=0.4,
            )
        hung_up.set()
        http.close()


def _wait(event: threading.Event) -> None:
    event.wait(5)


def test_a_promised_body_that_never_comes_is_unknown_with_effect() -> None:
    with served(once(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{")) as port:
        http = Http("vendor", [f"http://127.0.0.1:{port}"])
        with pytest.raises(Unknown):
            http.call("POST", f"http://127.0.0.1:{port}/", operation="x", effect=True)
        http.close()


def test_a_refused_connection_is_unavailable_with_effect_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    http = Http("vendor", [f"http://127.0.0.1:{port}"])
    with pytest.raises(Unavailable) as caught:
        http.call("POST", f"http://127.0.0.1:{port}/", operation="x", effect=True)
    assert caught.value.code == "ConnectError"


def test_a_vendor_that_proves_its_name_is_answered_over_tls(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            for _ in range(2):  # both calls on one connection
                secured.recv(65536)
                secured.sendall(_OK)

    trusting = ssl.create_default_context(cafile=str(certificate))
    with served(serve) as port:
        url = f"https://localhost:{port}/"
        transport = DeadlineTransport(connections=1, verify=trusting)
        http = Http("vendor", [url], transport=transport)
        for _ in range(2):
            assert http.call("GET", url, operation="x", effect=False).content == b"{}"
        http.close()


def test_a_certificate_nobody_vouches_for_is_refused_before_anything_is_sent(
    certificate: Path,
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    received: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            received.append(secured.recv(1))

    with served(serve) as port:
        http = Http("vendor", [f"https://localhost:{port}"])
        with pytest.raises(Unavailable):
            http.call(
                "POST", f"https://localhost:{port}/", operation="x", effect=True, data={"a": 1}
            )
        http.close()
    assert received == []
