"""Files in a folder of this machine.

A file appears whole or not at all, and is on the disk when `put` returns. Its type is in front of
its content, on a line of its own, so that one rename brings both.
"""

import contextlib
import os
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from los_adapters.storage.links import Signer, checked
from los_core.domain.errors import NotFound
from los_core.ports.clock import Clock
from los_core.ports.storage import StoredFile

_HEAD: Final = b"content-type: "


class DiskStorage:
    """Keeps files below `folder`, which is made when first written to."""

    def __init__(self, folder: Path, *, link_key: bytes, clock: Clock) -> None:
        self._folder = folder.resolve()
        self._signer = Signer(link_key)
        self._clock = clock

    def put(self, key: str, content: bytes, *, content_type: str) -> None:
        """Write a file; see the port."""
        place = self._place(key)
        if not content_type.isascii() or not content_type.isprintable():
            raise ValueError(f"not a content type: {content_type!r}")
        whole = _HEAD + content_type.encode("ascii") + b"\n" + content
        with contextlib.suppress(FileNotFoundError):
            if place.read_bytes() == whole:
                return
        _make_folders(place.parent)
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=".new-")  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(whole)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(place)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise
        _sync(place.parent)

    def get(self, key: str) -> StoredFile:
        """Return a file; see the port."""
        try:
            whole = self._place(key).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as err:
            raise NotFound("no such file") from err
        head, _, content = whole.partition(b"\n")
        return StoredFile(content, head.removeprefix(_HEAD).decode("ascii"))

    def remove(self, folder: str) -> None:
        """Delete what is below a folder, also what was not written whole; see the port."""
        place = self._place(folder)
        if not place.is_dir():
            return
        shutil.rmtree(place)
        _sync(place.parent)

    def link(self, key: str, *, filename: str, expires_in: timedelta) -> str:
        """Return a path; see the port."""
        until = self._clock.now() + expires_in
        return self._signer.link(checked(key), filename=filename, until=until)

    def open_link(self, token: str, now: datetime) -> tuple[StoredFile, str]:
        """Return what a link stands for. Raises: NotFound."""
        key, filename = self._signer.read(token, now)
        return self.get(key), filename

    def _place(self, key: str) -> Path:
        """Return where a key's file is. Raises: ValueError: outside the folder."""
        place = (self._folder / checked(key)).resolve()
        if not place.is_relative_to(self._folder):
            raise ValueError("a key does not lead out of the folder")
        return place


def _make_folders(folder: Path) -> None:
    """Make a folder and what is above it, each entry durable."""
    if folder.is_dir():
        return
    _make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
