"""The sandbox as a process: vendors over HTTP, mail over SMTP, webhooks on their way.

`build_app` is the ASGI application: the vendors' functions, with their silences and cuts played
on the wire, and the controls. `serve` runs everything until it is told to stop; `los sandbox`
calls it. It listens on this machine only.
"""

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from los_adapters.client import is_loopback
from los_adapters.sandbox.controls import PREFIX, Controls
from los_adapters.sandbox.courier import Courier, CourierThread
from los_adapters.sandbox.faults import Faults
from los_adapters.sandbox.mail import Mail, MailListener
from los_adapters.sandbox.personas import Personas
from los_adapters.sandbox.switchboard import Switchboard
from los_adapters.sandbox.vendors import retries
from los_adapters.sandbox.world import MemoryState, SqliteState, World

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def build_app(world: World, *, smtp_port: int | None = None) -> App:
    """Return the ASGI application of a world: its vendors, and the controls under `/_sandbox/`."""
    switchboard = Switchboard(world)
    controls = Controls(switchboard, smtp_port=smtp_port)

    def answer(request: httpx.Request) -> httpx.Response:
        asked = controls if request.url.path.startswith(PREFIX) else switchboard
        return asked(request)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = await _request(scope, receive)
        try:
            response = await asyncio.to_thread(answer, request)
        except httpx.TimeoutException:
            while (await receive())["type"] != "http.disconnect":
                continue
            return
        except httpx.NetworkError:
            # A body is promised and never comes: the server then drops the connection.
            await send(_start(200, [(b"content-length", b"1")]))
            return
        await send(_start(response.status_code, response.headers.raw))
        await send({"type": "http.response.body", "body": response.content})

    return app


def serve(
    host: str,
    port: int,
    smtp_port: int,
    state_path: Path | None,
    clock: Callable[[], datetime],
    *,
    ready: Callable[[str, int], None],
) -> None:
    """Run the sandbox in the main thread until SIGINT or SIGTERM.

    `state_path` None keeps nothing. A port of 0 is any free one. `ready` is called with the base
    address and the mail port once both answer.

    Raises: ValueError: `host` is not this machine; OSError: a port is taken.
    """
    if not is_loopback(host):
        raise ValueError(f"the sandbox listens on this machine only, not on {host}")
    listening = socket.create_server((host, port))
    base_url = f"http://{host}:{listening.getsockname()[1]}"
    store = SqliteState(state_path) if state_path else MemoryState()
    world = World(store, Personas(), clock, Courier(retries=retries), base_url=base_url)
    mail = MailListener(Mail(world, Faults(world)), host, smtp_port)
    courier = CourierThread(world.courier)
    mail.start()
    courier.start()
    try:
        server = _Server(
            uvicorn.Config(
                build_app(world, smtp_port=mail.port),
                lifespan="off",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=1,
            ),
            lambda: ready(base_url, mail.port),
        )
        with _ending_quietly():
            server.run(sockets=[listening])
    finally:
        courier.stop()
        mail.stop()
        listening.close()


@contextmanager
def _ending_quietly() -> Iterator[None]:
    """Take the signal that uvicorn raises once more after it has ended by it.

    Without this the process would die of it before the mail and the webhooks under way are done.
    """
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: None) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


async def _request(scope: Scope, receive: Receive) -> httpx.Request:
    body = bytearray()
    more = True
    while more:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
    headers = [(name, value) for name, value in scope["headers"]]
    host = next((value for name, value in headers if name == b"host"), b"127.0.0.1")
    target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    url = httpx.URL(f"http://{host.decode('latin-1')}").copy_with(raw_path=target)
    return httpx.Request(scope["method"], url, headers=headers, content=bytes(body))


def _start(status: int, headers: list[tuple[bytes, bytes]]) -> MutableMapping[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}
