"""Answers that are not JSON: a paper as PDF where the client prefers it."""

import re
from typing import Any, Final

from litestar import Request, Response

PDF: Final = "application/pdf"
JSON: Final = "application/json"
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._ -]")


def wants_pdf(request: Request[Any, Any, Any]) -> bool:
    """Whether the Accept header prefers a PDF to JSON; without one, JSON is meant."""
    return request.accept.best_match([JSON, PDF], default=JSON) == PDF


def file_answer(content: bytes, *, name: str, content_type: str) -> Response[Any]:
    """Return a file to be saved, never shown in place."""
    plain = _UNSAFE.sub("_", name) or "file"
    return Response(
        content,
        media_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{plain}"'},
    )
