"""`los serve`: the API, by uvicorn, on one socket that is ours before anybody is told of it."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import uvicorn

from los_adapters.container import Installation
from los_cli.crew import Crew
from los_cli.opening import opened, settings
from los_cli.readiness import announce, ready_option
from los_http.addresses import Hosts
from los_http.app import create_app

if TYPE_CHECKING:
    from los_adapters.metrics import Metrics

DRAIN_S = 25
TOLD_EVERY_S = 2.0
"""How long a read may wait to be put on file: what a killed process had not, is not told."""


@click.command()
@click.option("--host", help="The address to listen on; by default LOS_HTTP__HOST.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="The port; 0 is any free one; by default LOS_HTTP__PORT.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Processes that serve the port together; by default LOS_HTTP__WORKERS.",
)
@click.option("--fd", type=int, hidden=True, help="An inherited socket to serve.")
@ready_option
def serve(
    host: str | None, port: int | None, workers: int | None, fd: int | None, ready_file: Path | None
) -> None:
    """Serve the API until told to stop."""
    if fd is not None:
        _serve(socket.socket(fileno=fd), ready_file, alone=False)
        return
    found = settings()
    count = found.http.workers if workers is None else workers
    listening = socket.create_server(
        (host or found.http.host, found.http.port if port is None else port), backlog=2048
    )
    if count == 1:
        _serve(listening, ready_file)
        return
    with listening:
        url = _url(listening)
        whole = Crew(["serve"], listening, count).run(
            lambda: announce("serve", ready_file, url=url, workers=count)
        )
    sys.exit(0 if whole else 1)


def _serve(listening: socket.socket, ready_file: Path | None, *, alone: bool = True) -> None:
    """Serve a socket in this process, and close it; only one that is alone tells figures."""
    # Before uvicorn listens to signals, and when it repeats the one that stopped it once all is
    # drained, a stop is a good end: what is open is closed on the way.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    with listening, opened() as installation:
        url = _url(listening)
        metrics = installation.metrics() if alone else None
        ready = partial(announce, "serve", ready_file, url=url)
        _Server(installation, metrics, ready).run([listening])


def _url(listening: socket.socket) -> str:
    address, taken = listening.getsockname()[:2]
    return f"http://{address}:{taken}"


class _Server(uvicorn.Server):
    """A server that says when it answers, and when it will not for much longer."""

    def __init__(
        self, installation: Installation, metrics: "Metrics | None", ready: Callable[[], None]
    ) -> None:
        http = installation.settings.http
        told = installation.settings.metrics
        self._app = create_app(
            installation.services,
            threads=http.threads,
            hosts=http.hosts,
            reading=Hosts(brand_domain=http.brand_domain, proxies=http.trusted_proxies),
            files=installation.files,
            cache=installation.cache_ping,
            queue=installation.queue_ping(),
            told_every_s=TOLD_EVERY_S,
            measure=(lambda *_: None) if metrics is None else metrics.request,
            described=not installation.settings.is_production,
        )
        super().__init__(
            uvicorn.Config(
                self._app,
                log_config=None,
                proxy_headers=False,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=DRAIN_S,
            )
        )
        self._stop_telling = None if metrics is None else metrics.serve(told.host, told.port or 0)
        self._notice_s = installation.settings.http.notice_s
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then say so."""
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say that no more is wanted, leave time to hear it, then finish what was begun."""
        self._app.state["pulse"].drain()
        await asyncio.sleep(self._notice_s)
        await super().shutdown(sockets)
        if self._stop_telling is not None:
            self._stop_telling()
