"""Reading request bodies strictly: one content type, sound JSON, and every field's fault at once.

The framework alone reads text/plain as JSON, crashes on deep nesting, coerces "1" to 1 and tells
one fault at a time. Here a body is read after the caller is known to be allowed (`auth`) and
before anything else; identifiers are tried by the domain's own rule (`fields.Parsed`).
Source: threat table rows 36, 46, 53, 54, 86, 97.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Any, Final, NoReturn, get_args

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.enums import RequestEncodingType
from litestar.handlers import BaseRouteHandler
from litestar.params import BodyKwarg

from los_core.domain.errors import Invalid
from los_http.errors import Refused
from los_http.fields import PARSE

DEPTH: Final = 20
"""Deepest nesting of a body."""
FAULTS: Final = 50
"""Most faults told of one body, so that an answer never grows with what was sent."""
TOLD: Final = 100
"""Letters told of a name or value that was sent."""


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON is read by this module's rules, once."""

    __slots__ = ("_value",)

    async def json(self) -> Any:
        """Return the body as the handler's own type.

        Raises: Refused: 415; Invalid: unreadable, or with all the fields at fault.
        """
        if not hasattr(self, "_value"):
            media_type, options = self.content_type
            if media_type != RequestEncodingType.JSON:
                raise Refused("send application/json", status_code=415)
            if options.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
                raise Refused("send JSON in UTF-8", status_code=415)
            self._value = converted(decoded(await self.body()), _body_type(self))
        return self._value


async def read_body(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Read the body of a route that takes one; a guard, so that it runs after `auth`'s."""
    assert isinstance(connection, StrictRequest), "the application's own request class"
    field = connection.route_handler.parsed_data_field
    if field is None:
        return
    marker = field.kwarg_definition
    assert isinstance(marker, BodyKwarg), "bodies are marked with their media type"
    if marker.media_type == RequestEncodingType.JSON:
        await connection.json()
    elif connection.content_type[0] != marker.media_type:
        raise Refused(f"send {RequestEncodingType(marker.media_type).value}", status_code=415)
    else:
        try:
            await connection.form()
        except (LookupError, UnicodeError) as err:
            raise Invalid("a part of the form is not text as it says", code="BAD_FORM") from err


def decoded(body: bytes) -> Any:
    """Return the JSON value of a body. Numbers with a point are Decimals, never floats.

    Raises: Invalid: no JSON of the standard, not UTF-8, too deep, a name given twice, a NUL
        or half a surrogate pair in a text.
    """
    try:
        value = json.loads(
            body.decode("utf-8"),
            parse_float=Decimal,
            parse_constant=_refuse,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as err:
        raise Invalid("the body is not sound JSON", code="BAD_JSON") from err
    if any(_is_unsound(text) for text in _texts(value)):
        raise Invalid("the body holds characters that are not text", code="BAD_JSON")
    return value


def converted(value: Any, wanted: Any) -> Any:
    """Return `value` as `wanted`, a Struct. Raises: Invalid: with every field that is wrong."""
    try:
        found = msgspec.convert(value, wanted)
    except msgspec.ValidationError as err:
        faults = _told(_faults(value, wanted, "")) or _told([_located(err, "")])
        raise Invalid("the request is not valid", fields=faults) from err
    if _has_parsers(wanted) and (faults := _told(_faults(value, wanted, ""))):
        raise Invalid("the request is not valid", fields=faults)
    return found


def _told(faults: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the first faults, at a length that tells what is meant."""
    return [(field[:TOLD], message[:TOLD]) for field, message in islice(faults, FAULTS)]


def _faults(value: Any, wanted: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Try every field by itself; a field of its own Struct is looked into."""
    if not isinstance(value, dict) or not _is_struct(wanted):
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(wanted)}
    for name in value:
        if name not in fields:
            yield prefix + name, "is not a known field"
    for name, field in fields.items():
        if name in value:
            yield from _field_faults(value[name], field.type, prefix + name)
        elif field.required:
            yield prefix + name, "is required"


def _field_faults(value: Any, wanted: Any, at: str) -> Iterator[tuple[str, str]]:
    inner = list(_faults(value, wanted, f"{at}."))
    if inner:
        yield from inner
        return
    try:
        msgspec.convert(value, wanted)
        parse = _parser(wanted)
        if parse is not None and value is not None:
            parse(value)
    except msgspec.ValidationError as err:
        yield _located(err, at)
    except Invalid as err:
        yield at, err.fields[0][1] if err.fields else err.message


def _located(err: msgspec.ValidationError, at: str) -> tuple[str, str]:
    message, _, path = str(err).partition(" - at `$")
    where = (at + path.rstrip("`")).lstrip(".")
    return where or "body", message


def _is_struct(wanted: Any) -> bool:
    return isinstance(wanted, type) and issubclass(wanted, msgspec.Struct)


@cache
def _has_parsers(wanted: Any) -> bool:
    return _is_struct(wanted) and any(
        _parser(field.type) is not None or _has_parsers(field.type)
        for field in msgspec.structs.fields(wanted)
    )


def _parser(wanted: Any) -> Callable[[str], object] | None:
    """Return the domain's rule for a field's type, from its `Meta`; None where there is none."""
    for part in (wanted, *get_args(wanted)):
        for mark in getattr(part, "__metadata__", ()):
            if isinstance(mark, msgspec.Meta) and mark.extra and PARSE in mark.extra:
                found: Callable[[str], object] = mark.extra[PARSE]
                return found
    return None


def _body_type(request: StrictRequest) -> Any:
    field = request.route_handler.parsed_data_field
    assert field is not None, "only a route with a body reads one"
    return field.annotation


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is given twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _texts(value: Any) -> Iterator[str]:
    """Walk all texts, names included. Raises: Invalid: nested too deep."""
    level: list[Any] = [value]
    for _ in range(DEPTH):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, str):
                yield item
            elif isinstance(item, dict):
                yield from item
                inner += item.values()
            elif isinstance(item, list):
                inner += item
        level = inner
    if level:
        raise Invalid("the body is nested too deep", code="BAD_JSON")


def _is_unsound(text: str) -> bool:
    return "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)
