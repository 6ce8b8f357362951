"""Everything that stands in some bytes, however it is wrapped: for tests that look for secrets.

Streams that are deflated, gzip, base64 and hexadecimal text are opened, one inside the other, and a
PDF's pages are read.
"""

import base64
import binascii
import io
import re
import sqlite3
import subprocess
import zlib
from collections.abc import Iterator

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from sqlalchemy import make_url

_DEPTH = 4
_ANY_HEADER = 47
"""To zlib: the largest window, and the header tells whether it is gzip's or its own."""
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){10,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{14,}={0,2}")
_APART = re.compile(rb"[^A-Za-z0-9]+")


def layers(data: bytes, depth: int = _DEPTH) -> Iterator[bytes]:
    """Yield the bytes, and whatever can be unwrapped from them."""
    yield data
    if depth == 0:
        return
    if data.startswith(b"%PDF"):
        yield _pages(data)
    for inner in _unwrapped(data):
        yield from layers(inner, depth - 1)


def normalised(data: bytes) -> bytes:
    """Return letters and digits alone, in capitals: so +91 98220-00001 is found in groups too."""
    return _APART.sub(b"", data).upper()


def statements(url: str) -> list[str]:
    """Return a dump of a database, a statement a line."""
    if url.startswith("sqlite"):
        raw = sqlite3.connect(url.removeprefix("sqlite:///"))
        try:
            return list(raw.iterdump())
        finally:
            raw.close()
    database = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    tool = ["pg_dump", "--inserts", database]
    dumped = subprocess.run(tool, capture_output=True, check=True)  # noqa: S603 - the server's own
    return dumped.stdout.decode().replace("INSERT INTO public.", "INSERT INTO ").splitlines()


def _unwrapped(data: bytes) -> Iterator[bytes]:
    for stream in _STREAM.findall(data):
        yield from _inflated(stream)
    yield from _inflated(data)
    for text in _HEX.findall(data):
        yield binascii.unhexlify(text)
    for text in _BASE64.findall(data):
        folded = text.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        whole = folded[:-1] if len(folded) % 4 == 1 else folded
        yield base64.b64decode(whole + b"=" * (-len(whole) % 4))


def _inflated(data: bytes) -> Iterator[bytes]:
    if data[:1] == b"\x78" or data[:2] == b"\x1f\x8b":
        try:
            yield zlib.decompressobj(_ANY_HEADER).decompress(data)
        except zlib.error:
            return


def _pages(data: bytes) -> bytes:
    try:
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).encode()
    except PyPdfError:
        return b""
