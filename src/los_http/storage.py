"""Files that we keep ourselves, by their signed, short-lived links.

An object store serves its own links; where one is used, this route knows no file.
"""

from litestar import Response, Router
from litestar.di import NamedDependency
from litestar.params import FromPath

from los_adapters.storage.links import Files
from los_core.domain.errors import NotFound
from los_core.services import Services
from los_http.answers import file_answer
from los_http.auth import PUBLIC
from los_http.routes import get


class Linked:
    """The storage that redeems its links, or None where an object store does."""

    def __init__(self, files: Files | None) -> None:
        self.files = files


def router() -> Router:
    """Return the routes of this file."""
    return Router("/storage", tags=["Files"], route_handlers=[download])


@get("/{token:str}", PUBLIC, media_type="application/octet-stream")
def download(
    token: FromPath[str],
    linked: NamedDependency[Linked],
    services: NamedDependency[Services],
) -> Response[bytes]:
    """Download a file by its signed link."""
    if linked.files is None:
        raise NotFound("no such file")
    stored, name = linked.files.open_link(token, services.clock.now())
    return file_answer(stored.content, name=name, content_type=stored.content_type)
