"""What answers are made of, and answers that are not JSON: a paper as PDF where asked for."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, get_args

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.routes import BaseRoute
from msgspec import inspect

PDF: Final = "application/pdf"
JSON: Final = "application/json"
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._ -]")


def readers(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, HTTPRouteHandler]]:
    """Yield the path and the handler of everything that is read."""
    for route in routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler) and "GET" in handler.http_methods:
                yield route.path_format, handler


def fields_of(handler: HTTPRouteHandler) -> Iterator[inspect.Field]:
    """Yield every field that a handler's answer can hold, however deep."""
    answer = handler.parsed_fn_signature.return_type.annotation
    seen: set[type] = set()
    for each in get_args(answer) or (answer,):
        if isinstance(each, type) and issubclass(each, msgspec.Struct):
            yield from _fields(inspect.type_info(each), seen)


def _fields(told: Any, seen: set[type]) -> Iterator[inspect.Field]:
    if isinstance(told, inspect.StructType):
        if told.cls in seen:
            return
        seen.add(told.cls)
        yield from told.fields
    for part in _parts(told):
        yield from _fields(part, seen)


def _parts(told: Any) -> Iterable[Any]:
    match told:
        case inspect.Metadata():
            return [told.type]
        case inspect.StructType():
            return [field.type for field in told.fields]
        case inspect.UnionType():
            return told.types
        case inspect.ListType() | inspect.VarTupleType() | inspect.SetType():
            return [told.item_type]
        case inspect.DictType():
            return [told.value_type]
    return ()


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
