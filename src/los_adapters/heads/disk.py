"""Heads of the audit chain in a folder: one growing file a brand, one line a head.

A line is JSON and ends with its HMAC-SHA256 under a key that is not in the database, over the line
and the HMAC before it: no line can be made, changed, taken out or moved without the key. A tail cut
off the file shows only where the file itself is kept from it: append-only, or copied away. A last
line without an end was never acknowledged (the machine stopped while writing it) and counts as
unwritten.
"""

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import attrs

from los_adapters.keys import Key
from los_core.domain.audit import Head
from los_core.domain.ids import BrandId
from los_core.ports.audit import HeadsBroken

_TAIL: Final = 4096
"""So many bytes hold the last two lines whole."""


@attrs.frozen
class _Entry:
    """A line as it was read; `head` None where it is none of ours."""

    head: Head | None
    mac: str


class DiskHeads:
    """Appends to `<folder>/<brand id>.log`; the first key of the ring signs, all of them prove."""

    def __init__(self, folder: Path, keys: Sequence[Key]) -> None:
        self._folder = folder
        self._signs = keys[0]
        self._keys = {key.id: key.secret for key in keys}

    def append(self, head: Head) -> bool:
        """Write a head down, unless as late a one is there; several processes may at once."""
        self._folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path(head.brand_id), os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - _TAIL))
            *lines, torn = file.read().split(b"\n")
            last = self._last(head.brand_id, lines)
            if last.head is not None and last.head.seq >= head.seq:
                return False
            file.seek(end - len(torn))
            file.truncate()
            file.write(self._line(head, last.mac))
            file.flush()
            os.fsync(file.fileno())
        _sync(self._folder)
        return True

    def all(self, brand_id: BrandId) -> Sequence[Head]:
        """Return every head, oldest first; see the port."""
        heads: list[Head] = []
        for number, entry in enumerate(self._entries(brand_id), 1):
            if entry.head is None:
                raise HeadsBroken(f"line {number} of the file of heads is not as written", heads)
            if heads and entry.head.seq <= heads[-1].seq:
                raise HeadsBroken(f"line {number} of the file of heads goes back", heads)
            heads.append(entry.head)
        return heads

    def _entries(self, brand_id: BrandId) -> Iterator[_Entry]:
        try:
            lines = self._path(brand_id).read_bytes().split(b"\n")[:-1]
        except FileNotFoundError:
            return
        before = ""
        for line in lines:
            entry = self._read(brand_id, line, before)
            yield entry
            before = entry.mac

    def _last(self, brand_id: BrandId, lines: list[bytes]) -> _Entry:
        """Read the last of some lines, of which the first may be cut."""
        if not lines:
            return _Entry(None, "")
        before = _mac_of(lines[-2]) if len(lines) > 1 else ""
        return self._read(brand_id, lines[-1], before)

    def _line(self, head: Head, before: str) -> bytes:
        told = f"{head.at.isoformat()}|{head.seq}|{head.hash}"
        mac = _mac(self._signs.secret, head.brand_id, told, before)
        entry = {
            "at": head.at.isoformat(),
            "seq": head.seq,
            "hash": head.hash,
            "key": self._signs.id,
            "mac": mac,
        }
        return json.dumps(entry).encode() + b"\n"

    def _read(self, brand_id: BrandId, line: bytes, before: str) -> _Entry:
        try:
            entry = json.loads(line)
            head = Head(
                brand_id=brand_id,
                seq=entry["seq"],
                hash=entry["hash"],
                at=datetime.fromisoformat(entry["at"]),
            )
            key, mac = self._keys.get(entry["key"]), str(entry["mac"])
        except (ValueError, KeyError, TypeError):
            return _Entry(None, "")
        if key is None:
            return _Entry(None, mac)
        told = f"{entry['at']}|{entry['seq']}|{entry['hash']}"
        right = hmac.compare_digest(mac, _mac(key, brand_id, told, before))
        return _Entry(head if right else None, mac)

    def _path(self, brand_id: BrandId) -> Path:
        return self._folder / f"{brand_id}.log"


def _mac(key: bytes, brand_id: BrandId, told: str, before: str) -> str:
    return hmac.new(key, f"{brand_id}|{told}|{before}".encode(), hashlib.sha256).hexdigest()


def _mac_of(line: bytes) -> str:
    """Return what a line says its HMAC is; "" where it says nothing."""
    try:
        return str(json.loads(line)["mac"])
    except (ValueError, KeyError, TypeError):
        return ""


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
