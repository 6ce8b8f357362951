"""Files of the disk store by their signed, short-lived links.

An object store serves its own links; where it is used, this route answers 404 to everything.
"""

from typing import Any, Protocol

from litestar import Response, Router
from litestar.di import NamedDependency

from los_core.domain.errors import NotFound
from los_core.ports.storage import StoredFile
from los_http.answers import file_answer
from los_http.auth import PUBLIC
from los_http.routes import get


class LinkedFiles(Protocol):
    """What the disk store can do besides its port: redeem the links it made."""

    def open(self, token: str) -> tuple[StoredFile, str]:
        """Return the file of a link, and the name to save it under.

        Raises: NotFound: the token is not ours, or its time is over.
        """
        ...


class NoLinkedFiles:
    """Stands where files are not on disk."""

    def open(self, token: str) -> tuple[StoredFile, str]:  # noqa: ARG002 - no token is ours
        """Raises: NotFound."""
        raise NotFound("no such file")


def router() -> Router:
    """Return the routes of this file."""
    return Router("/storage", tags=["Files"], route_handlers=[download])


@get("/{token:str}", PUBLIC, media_type="application/octet-stream")
def download(token: str, linked_files: NamedDependency[Any]) -> Response[bytes]:
    """Download a file by its signed link."""
    stored, name = linked_files.open(token)
    return file_answer(stored.content, name=name, content_type=stored.content_type)
