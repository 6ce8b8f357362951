"""Answers made smaller on the wire, where that saves anything and gives nothing away.

Only what is read is compressed, and only where no secret is in it: whoever can have something of
their own put beside a secret learns the secret by the length of what comes out (BREACH). Commands
are never compressed: they are what shows a secret once. Short answers and files of a compressed
form stay as they are.
"""

import asyncio
import zlib
from collections.abc import Iterable
from typing import Any, Final

import attrs
from litestar.routes import BaseRoute
from litestar.types import HTTPScope, Message, Send
from msgspec import inspect

from los_http.answers import fields_of, readers
from los_http.fields import SHOWN

LEAST_BYTES: Final = 1_400
"""What is no longer than a packet is sent no faster for being shorter."""
_IN_A_THREAD: Final = 64 * 1024
_LEVEL: Final = 5
_GZIP: Final = 31
"""zlib's window for the gzip form."""
_TYPES: Final = (
    b"application/json",
    b"application/vnd.oai.openapi+json",
    b"application/javascript",
    b"image/svg+xml",
    b"text/",
)
_EVENTS: Final = b"text/event-stream"
"""What goes on is never compressed: an event would wait for enough others."""


def compressible(routes: Iterable[BaseRoute]) -> frozenset[str]:
    """Return the paths whose answers to GET hold no secret, as `path_template` names them."""
    return frozenset(
        path
        for path, handler in readers(routes)
        if not any(_is_shown(field.type) for field in fields_of(handler))
    )


def _is_shown(told: Any) -> bool:
    return isinstance(told, inspect.Metadata) and SHOWN in (told.extra or {})


def is_taken(accepted: bytes) -> bool:
    """Whether an Accept-Encoding header takes gzip."""
    for each in accepted.decode("latin-1").lower().split(","):
        name, _, rest = each.partition(";")
        if name.strip() in ("gzip", "*"):
            return rest.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


@attrs.define
class Compressed:
    """Sends an answer compressed where its route, its type and its length allow that."""

    send: Send
    scope: HTTPScope
    routes: frozenset[str]
    _start: Any = None
    _packing: Any = None

    async def __call__(self, message: Message) -> None:
        """Send a part of the answer; the head waits for the first of the body."""
        if message["type"] == "http.response.start":
            if self._suits(message["status"], message["headers"]):
                self._start = message
            else:
                await self.send(message)
        elif message["type"] == "http.response.body":
            await self._body(message)
        else:
            await self.send(message)

    def _suits(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        told = {name.lower(): value for name, value in headers}
        return (
            status == 200
            and self.scope["method"] == "GET"
            and self.scope.get("path_template") in self.routes
            and told.get(b"content-type", b"").startswith(_TYPES)
            and not told.get(b"content-type", b"").startswith(_EVENTS)
            and b"content-encoding" not in told
        )

    async def _body(self, message: Any) -> None:
        start, self._start = self._start, None
        body, more = message.get("body", b""), message.get("more_body", False)
        if start is not None and (more or len(body) >= LEAST_BYTES):
            self._packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        if self._packing is not None:
            large = len(body) > _IN_A_THREAD
            body = (
                await asyncio.to_thread(self._packed, body, more)
                if large
                else self._packed(body, more)
            )
        if start is not None:
            if self._packing is not None:
                start["headers"] = _packed_headers(start["headers"], None if more else len(body))
            await self.send(start)
        await self.send({"type": "http.response.body", "body": body, "more_body": more})

    def _packed(self, body: bytes, more: bool) -> bytes:  # noqa: FBT001 # as the message has it
        packed: bytes = self._packing.compress(body)
        return packed if more else packed + self._packing.flush()


def _packed_headers(
    headers: Iterable[tuple[bytes, bytes]], length: int | None
) -> list[tuple[bytes, bytes]]:
    kept = [
        (name, b"W/" + value if name.lower() == b"etag" and not value.startswith(b"W/") else value)
        for name, value in headers
        if name.lower() != b"content-length"
    ]
    if length is not None:
        kept.append((b"content-length", str(length).encode()))
    return [*kept, (b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
