"""Download addresses of files that we keep ourselves: short-lived, signed, good for one file.

An address names everything it stands for – key, file name, expiry – and is signed, so that nothing
is stored for it and any process of the installation can serve it. Addresses are secrets: they are
answered without a log-in and never logged.
"""

import base64
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from typing import Final, Protocol

import attrs

from los_core.domain.errors import NotFound
from los_core.ports.storage import Storage, StoredFile

PATH: Final = "/api/v1/storage/"
_METHOD: Final = "GET"
_KEY: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,127}){0,7}"
)


class Files(Storage, Protocol):
    """A storage whose files are served by ourselves."""

    def open_link(self, token: str, now: datetime) -> tuple[StoredFile, str]:
        """Return the file and the name to save it under.

        Raises: NotFound: forged, expired, or the file is gone: all look the same.
        """
        ...


@attrs.frozen
class Signer:
    """Makes and reads the tokens of addresses with one key."""

    _key: bytes = attrs.field(repr=False)

    def link(self, key: str, *, filename: str, until: datetime) -> str:
        """Return the path that serves a file until an instant (wall clock)."""
        fields = [key, filename, int(until.timestamp())]
        body = _text(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode())
        return f"{PATH}{body}.{self._signature(body)}"

    def read(self, token: str, now: datetime) -> tuple[str, str]:
        """Return (key, file name). Raises: NotFound."""
        body, _, signature = token.partition(".")
        if not hmac.compare_digest(
            self._signature(body).encode(), signature.encode("utf-8", "replace")
        ):
            raise NotFound("no such file")
        key, filename, until = json.loads(base64.urlsafe_b64decode(_padded(body)))
        if datetime.fromtimestamp(until, UTC) <= now:
            raise NotFound("no such file")
        return key, filename

    def _signature(self, body: str) -> str:
        told = f"{_METHOD} {body}".encode("utf-8", "replace")
        return _text(hmac.new(self._key, told, hashlib.sha256).digest())


def checked(key: str) -> str:
    """Return a key of plain segments. Raises: ValueError: anything else, such as `..` or `/etc`."""
    if not _KEY.fullmatch(key):
        raise ValueError("a key is made of letters, digits, `.`, `_`, `-` and `/` between")
    return key


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)
