"""Puts requests to an installation's API as a server would, and keeps the books meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from ipaddress import IPv4Network

import httpx
from tests.contract.http.asks import Ask
from tests.contract.http.installation import Installation
from tests.contract.http.verdicts import Books


class Asker:
    """A client, inside the application's lifespan until it is closed."""

    def __init__(self, made: Installation) -> None:
        self.made = made
        self.books = Books(made)
        self._wire = httpx.ASGITransport(app=made.app, raise_app_exceptions=False)  # type: ignore[arg-type]  # the same protocol
        self._http = httpx.AsyncClient(transport=self._wire)
        self._addresses = IPv4Network("198.18.0.0/15").hosts()
        self._runner = asyncio.Runner()
        self._over = asyncio.Event()
        self._serving = self._runner.run(self._begin())

    def come_from_elsewhere(self) -> None:
        """Take an address that no attempt was counted against yet."""
        self._wire.client = (str(next(self._addresses)), 50_000)

    def close(self) -> None:
        self._over.set()
        self._runner.run(self._end())
        self._runner.close()
        self.books.close()

    def __call__(self, ask: Ask) -> httpx.Response:
        return self._runner.run(self._send(ask))

    def together(self, *asks: Ask) -> list[httpx.Response]:
        """Put requests at the same time."""

        async def gather() -> list[httpx.Response]:
            return await asyncio.gather(*map(self._send, asks))

        return self._runner.run(gather())

    async def _begin(self) -> "asyncio.Task[None]":
        ready = asyncio.Event()

        async def serve() -> None:
            async with self.made.app.lifespan():
                ready.set()
                await self._over.wait()

        task = asyncio.create_task(serve())
        await ready.wait()
        return task

    async def _end(self) -> None:
        await self._serving
        await self._http.aclose()

    async def _send(self, ask: Ask) -> httpx.Response:
        url = f"http://los.test{ask.path}" + (f"?{ask.query}" if ask.query else "")
        headers = [
            (name.encode(), value.encode() if isinstance(value, str) else value)
            for name, value in ask.headers.items()
        ]
        content = _pieces(ask.content) if ask.chunked else ask.content
        request = self._http.build_request(ask.method, url, headers=headers, content=content)
        return await self._http.send(request)


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 65_536):
        yield content[start : start + 65_536]
