"""`los serve`: the API, by uvicorn, on one socket that is ours before anybody is told of it."""

import socket
from collections.abc import Callable
from pathlib import Path

import click
import uvicorn

from los_adapters.container import Installation
from los_cli.opening import opened
from los_cli.readiness import announce, ready_option
from los_http.app import create_app

DRAIN_S = 25


@click.command()
@click.option("--host", help="The address to listen on; by default LOS_HTTP__HOST.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="The port; 0 is any free one; by default LOS_HTTP__PORT.",
)
@ready_option
def serve(host: str | None, port: int | None, ready_file: Path | None) -> None:
    """Serve the API until told to stop."""
    with opened() as installation:
        http = installation.settings.http
        listening = socket.create_server(
            (host or http.host, http.port if port is None else port), backlog=2048
        )
        try:
            address, taken = listening.getsockname()[:2]
            url = f"http://{address}:{taken}"
            _Server(installation, lambda: announce("serve", ready_file, url=url)).run([listening])
        finally:
            listening.close()


class _Server(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, installation: Installation, ready: Callable[[], None]) -> None:
        self._app = create_app(
            installation.services,
            threads=installation.settings.http.threads,
            files=installation.files,
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
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then say so."""
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say that no more is wanted, then finish what was begun."""
        self._app.state["pulse"].drain()
        await super().shutdown(sockets)
