"""Files in a dictionary: the storage of services in memory."""

import secrets
import threading
from datetime import datetime, timedelta

from los_adapters.storage.links import Signer, checked
from los_core.domain.errors import NotFound
from los_core.ports.clock import Clock
from los_core.ports.storage import StoredFile


class MemoryStorage:
    """Keeps files as long as it lives; `files` shows them by key."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._signer = Signer(secrets.token_bytes(32))
        self._lock = threading.Lock()
        self.files: dict[str, StoredFile] = {}

    def put(self, key: str, content: bytes, *, content_type: str) -> None:
        """Keep a file; see the port."""
        with self._lock:
            self.files[checked(key)] = StoredFile(content, content_type)

    def get(self, key: str) -> StoredFile:
        """Return a file; see the port."""
        with self._lock:
            found = self.files.get(key)
        if found is None:
            raise NotFound("no such file")
        return found

    def remove(self, folder: str) -> None:
        """Delete what is below a folder; see the port."""
        start = f"{checked(folder)}/"
        with self._lock:
            for key in [key for key in self.files if key.startswith(start)]:
                del self.files[key]

    def link(self, key: str, *, filename: str, expires_in: timedelta) -> str:
        """Return a path; see the port."""
        until = self._clock.now() + expires_in
        return self._signer.link(checked(key), filename=filename, until=until)

    def open_link(self, token: str, now: datetime) -> tuple[StoredFile, str]:
        """Return what a link stands for. Raises: NotFound."""
        key, filename = self._signer.read(token, now)
        return self.get(key), filename
