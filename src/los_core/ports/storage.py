"""Files: documents of customers and loans."""

from datetime import timedelta
from typing import Protocol

import attrs


@attrs.frozen
class StoredFile:
    """A file's content and type."""

    content: bytes = attrs.field(repr=False)
    content_type: str


class Storage(Protocol):
    """A private place for files; keys are made by us and hold no personal data."""

    def put(self, key: str, content: bytes, *, content_type: str) -> None:
        """Write a file, durable when this returns; the same key and content again is no change."""
        ...

    def get(self, key: str) -> StoredFile:
        """Return a file. Raises: NotFound."""
        ...

    def remove(self, folder: str) -> None:
        """Delete, for good, every file whose key is below `folder`; none is there: no change.

        Raises: ValueError: as for a key.
        """
        ...

    def link(self, key: str, *, filename: str, expires_in: timedelta) -> str:
        """Return an address (or the path of one) that downloads the file for a short time."""
        ...
