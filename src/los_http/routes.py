"""How a route is declared: its path, who may call it, and what the API's description says of it.

Thin wrappers of the framework's decorators, so that a route cannot be written without its access,
and synchronous handlers run in threads (design decision D5). No route is declared here.
"""

from collections.abc import Callable
from typing import Any, Final

from litestar.handlers import HTTPRouteHandler
from litestar.handlers import delete as _delete
from litestar.handlers import get as _get
from litestar.handlers import patch as _patch
from litestar.handlers import post as _post
from litestar.handlers import put as _put
from litestar.openapi.datastructures import ResponseSpec

from los_http.auth import OPT, Access
from los_http.errors import Problem

Declared = Callable[[Callable[..., Any]], HTTPRouteHandler]

_PROBLEMS: Final = {
    400: "The request is malformed or a field is wrong",
    401: "No valid token",
    403: "The role does not allow it",
    404: "Missing, or not the caller's to see",
    405: "The route has no such method",
    409: "It does not fit what is there: wrong state, stale version, in progress",
    412: "It is in another version than If-Match says; the answer names the present one",
    413: "Too large",
    415: "Another content type is needed",
    422: "A rule refuses it; the code names the rule",
    428: "Say in If-Match which version you saw",
    429: "Too often; Retry-After says how long to wait",
    500: "A fault of ours; the answer's X-Request-Id names it",
    503: "A vendor or the store does not answer; Retry-After says how long to wait",
}


_VERSIONED: Final = frozenset((412, 428))
"""What only commands answer that take the header If-Match."""

ALSO: Final = "also"
"""The option that names a second media type of an answer."""
EVENTS: Final = "text/event-stream"


def get(path: str, access: Access, *, also: str = "", **options: Any) -> Declared:
    """Declare a route that reads; `also` is a media type it has besides JSON."""

    def declare(handler: Callable[..., Any]) -> HTTPRouteHandler:
        return _get(
            path,
            opt={OPT: access, ALSO: also},
            security=access.security,
            responses=_responses(access, reads=True),
            sync_to_thread=True,
            summary=_summary(handler),
            **options,
        )(handler)

    return declare


def stream(path: str, access: Access) -> Declared:
    """Declare a route whose answer goes on: asynchronous, as it holds a connection open."""

    def declare(handler: Callable[..., Any]) -> HTTPRouteHandler:
        return _get(
            path,
            opt={OPT: access},
            security=access.security,
            responses=_responses(access, reads=True),
            media_type=EVENTS,
            summary=_summary(handler),
        )(handler)

    return declare


def post(path: str, access: Access, *, status: int = 200, **options: Any) -> Declared:
    """Declare a route that does something."""
    return _command(_post, path, access, status=status, options=options)


def put(
    path: str,
    access: Access,
    *,
    versioned: bool = False,
    accepted: type[Any] | None = None,
    status: int = 200,
    **options: Any,
) -> Declared:
    """Declare a route that replaces something; `versioned`: in the version that If-Match names.

    `accepted` is what it answers with, as 202, where a second person has to decide first.
    """
    return _command(
        _put, path, access, status=status, versioned=versioned, accepted=accepted, options=options
    )


def patch(path: str, access: Access, **options: Any) -> Declared:
    """Declare a route that changes a part of something."""
    return _command(_patch, path, access, status=200, options=options)


def delete(path: str, access: Access, *, versioned: bool = False, **options: Any) -> Declared:
    """Declare a route that ends something and answers with nothing; `versioned` as for `put`."""
    return _command(_delete, path, access, status=204, versioned=versioned, options=options)


def _command(
    method: Callable[..., Callable[..., HTTPRouteHandler]],
    path: str,
    access: Access,
    *,
    status: int,
    versioned: bool = False,
    accepted: type[Any] | None = None,
    options: dict[str, Any],
) -> Declared:
    def declare(handler: Callable[..., Any]) -> HTTPRouteHandler:
        return method(
            path,
            opt={OPT: access},
            security=access.security,
            responses=_responses(access, reads=False, versioned=versioned)
            | (
                {
                    202: ResponseSpec(
                        accepted, generate_examples=False, description="A second person decides"
                    )
                }
                if accepted
                else {}
            ),
            status_code=status,
            sync_to_thread=True,
            summary=_summary(handler),
            **options,
        )(handler)

    return declare


def _summary(handler: Callable[..., Any]) -> str:
    assert handler.__doc__, "a route says in its docstring what it does"
    return handler.__doc__.partition("\n")[0].rstrip(".")


def _responses(access: Access, *, reads: bool, versioned: bool = False) -> dict[int, ResponseSpec]:
    left_out = set() if versioned else set(_VERSIONED)
    if not access.security:  # whoever commands without a token proves themselves otherwise
        left_out |= {401, 403} if reads else {403}
    if reads:
        left_out |= {409, 413, 415}
        left_out |= set() if access.security else {429}
    return {
        status: ResponseSpec(Problem, generate_examples=False, description=text)
        for status, text in _PROBLEMS.items()
        if status not in left_out
    }
