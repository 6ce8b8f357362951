"""What goes wrong, as clients see it: the only map from errors to status codes.

Every refusal has the one body of `Problem`, whoever raised it: a rule of the domain, a vendor's
outcome, the framework or a bug. A bug is told as "Internal server error" and nothing else; what it
was stands in the log under the request's id. Source: error design of the reliability rules, §22.
"""

import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import attrs
import msgspec
import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException

from los_core.domain.errors import (
    Busy,
    Conflict,
    DomainError,
    Forbidden,
    GuardFailed,
    Invalid,
    InvalidTerms,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    TooMany,
    Unauthenticated,
)
from los_core.domain.statement import UnreadableStatement
from los_core.ports.errors import BadSignature, ProviderError, Rejected, Unavailable, Unknown

KEY_REUSED: Final = "KEY_REUSED"
VENDOR_WAIT_S: Final = 5
"""What a client is told to wait for a vendor that named no time itself."""

_BY_FAMILY: Final[tuple[tuple[type[DomainError], int], ...]] = (
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (TooMany, 429),
    (Busy, 503),
    (PreconditionFailed, 412),
    (PreconditionRequired, 428),
    (Conflict, 409),
    (InvalidTerms, 422),
    (UnreadableStatement, 422),
    (GuardFailed, 422),
    (Invalid, 400),
)
"""The first family that fits decides; a refusal of no family here is 422."""

_FRAMEWORK: Final = {
    400: ("BAD_REQUEST", "the request cannot be read"),
    404: ("NOT_FOUND", "no such address"),
    405: ("METHOD_NOT_ALLOWED", "the address does not take this method"),
    413: ("TOO_LARGE", "the request is too large"),
    415: ("UNSUPPORTED_MEDIA_TYPE", "another content type is needed"),
}
"""What the framework refuses by itself, in our words."""

_PHRASES: Final = {413: "Content Too Large", 422: "Unprocessable Content"}
"""Names of RFC 9110 that Python's own table changed between versions."""

_MISSING_PARAMETER: Final = re.compile(r"Missing required \w+ parameter '([^']+)'")


class Refused(HTTPException):
    """A refusal of ours that no rule of the domain makes; `detail` is told to the client."""


class FieldFault(msgspec.Struct, frozen=True):
    """What is wrong with one field of the request."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The body of every refusal.

    `message` is a list where the request's fields are at fault. `code` is stable, for programs;
    `details` has what helps to go on, such as `allowed` or `retryAfter` in seconds.
    """

    status_code: int
    message: str | list[FieldFault]
    error: str
    timestamp: datetime
    path: str
    code: str
    details: dict[str, Any] | None = None


@attrs.frozen(kw_only=True)
class Refusal:
    """An error, mapped: everything of the answer but where and when."""

    status: int
    code: str
    message: str | Sequence[tuple[str, str]]
    details: Mapping[str, object] = attrs.field(factory=dict)
    headers: Mapping[str, str] = attrs.field(factory=dict)

    def body(self, *, path: str, at: datetime) -> bytes:
        """Return the answer's JSON; `path` comes without its query."""
        message = self.message
        return msgspec.json.encode(
            Problem(
                status_code=self.status,
                message=message
                if isinstance(message, str)
                else [FieldFault(field, text) for field, text in message],
                error=_PHRASES.get(self.status) or HTTPStatus(self.status).phrase,
                timestamp=at,
                path=path,
                code=self.code,
                details=dict(self.details) or None,
            )
        )


def refusal_of(err: Exception) -> Refusal:
    """Return how an error is told to a client. What is not known here is a bug: 500."""
    match err:
        case DomainError():
            return _of_domain(err)
        case ProviderError():
            return _of_vendor(err)
        case HTTPException() if err.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            return _of_framework(err)
        case UnicodeError() | RecursionError() | OverflowError():
            return Refusal(status=400, code="BAD_REQUEST", message="the request cannot be read")
    return Refusal(
        status=500,
        code="INTERNAL_ERROR",
        message="Internal server error",
        details={"requestId": structlog.contextvars.get_contextvars().get("request_id")},
    )


def told(
    now: Callable[[], datetime],
) -> Callable[[Request[Any, Any, Any], Exception], Response[bytes]]:
    """Return the one exception handler of the application."""

    def tell(request: Request[Any, Any, Any], err: Exception) -> Response[bytes]:
        refusal = refusal_of(err)
        _log(err, refusal)
        return Response(
            refusal.body(path=request.scope["path"], at=now()),
            status_code=refusal.status,
            media_type=MediaType.JSON,
            headers=dict(refusal.headers),
        )

    return tell


def _of_domain(err: DomainError) -> Refusal:
    status = next((code for family, code in _BY_FAMILY if isinstance(err, family)), 422)
    if err.code == KEY_REUSED:
        status = 422
    message: str | Sequence[tuple[str, str]] = err.message
    if isinstance(err, Invalid) and err.fields:
        message = err.fields
    details, headers = _waiting(err.details)
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Refusal(status=status, code=err.code, message=message, details=details, headers=headers)


def _of_vendor(err: ProviderError) -> Refusal:
    """Map a vendor's outcome. The vendor's own words stay in the log."""
    match err:
        case BadSignature():
            return Refusal(
                status=401, code="BAD_SIGNATURE", message="the message does not prove its sender"
            )
        case Rejected():
            return Refusal(
                status=422,
                code="VENDOR_REJECTED",
                message="the service that was asked refused",
                details={"provider": err.provider, "reason": err.code},
            )
        case Unknown():
            code, message = "OUTCOME_UNKNOWN", "sent, and not answered yet: look at its state later"
            wait: float | None = None
        case Unavailable():
            code, message = "VENDOR_UNAVAILABLE", "a service needed for this does not answer"
            wait = err.retry_after_s
        case _:
            code, message, wait = "VENDOR_UNAVAILABLE", "a service needed for this failed", None
    details, headers = _waiting({"retry_after_s": int(wait or VENDOR_WAIT_S)})
    return Refusal(status=503, code=code, message=message, details=details, headers=headers)


def _of_framework(err: HTTPException) -> Refusal:
    message: str | Sequence[tuple[str, str]]
    code, message = _FRAMEWORK.get(err.status_code, ("REFUSED", "the request is refused"))
    if isinstance(err, ValidationException):
        code, message = Invalid.code, _parameter_faults(err) or message
    elif isinstance(err, Refused):
        message = err.detail
    headers = {name.title(): value for name, value in (err.headers or {}).items()}
    if "Allow" in headers:  # OPTIONS is the framework's own; HEAD is what the edge makes of GET
        taken = set(headers["Allow"].split(", ")) - {"OPTIONS"}
        taken |= {"HEAD"} if "GET" in taken else set()
        headers["Allow"] = ", ".join(sorted(taken))
    return Refusal(status=err.status_code, code=code, message=message, headers=headers)


def _parameter_faults(err: ValidationException) -> Sequence[tuple[str, str]]:
    """Return what is wrong with query and header parameters, as (field, message) pairs."""
    extra = err.extra if isinstance(err.extra, list) else []
    faults = [(_camel(str(e.get("key", ""))), str(e.get("message", ""))) for e in extra]
    if not faults and (found := _MISSING_PARAMETER.match(err.detail)):
        faults = [(found[1], "is required")]
    return faults


def _waiting(details: Mapping[str, object]) -> tuple[dict[str, object], dict[str, str]]:
    """Return details in wire spelling, and the header that says how long to wait, if any."""
    told = dict(details)
    seconds = told.pop("retry_after_s", None)
    if seconds is None:
        return told, {}
    return told | {"retryAfter": seconds}, {"Retry-After": str(seconds)}


def _log(err: Exception, refusal: Refusal) -> None:
    log = structlog.get_logger("los.http")
    if refusal.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        # As text: a renderer that is given the error itself may print local variables too.
        log.error("bug", exception="".join(traceback.format_exception(err)))
    elif isinstance(err, ProviderError):
        log.warning(
            "vendor",
            outcome=type(err).__name__,
            provider=err.provider,
            reason=err.code,
            said=err.message,
        )
    elif refusal.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        log.info("refused", status=refusal.status, reason=refusal.code)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
