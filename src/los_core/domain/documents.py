"""Values to JSON-ready documents and back, exactly; and the hash of a document.

Structural: an attrs class is an object by field name, a tuple is a list, a frozenset a sorted one,
a mapping an object; a `Decimal`, `date`, `datetime` (UTC), `UUID` or enumeration is its text. A
class with one private field (`Pan`, `Phone`) is that field's value. Where a field may hold one of
several attrs classes, the object names its class under `kind`. A document names every field, so an
unknown or missing name is refused rather than guessed; a store that reads what an older release
wrote may ask for the defaults instead. Field names are those of the class; wire spellings are the
edges' work. Bytes and floats have no document.
"""

import types
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import attrs

from los_core.domain.canonical import digest
from los_core.domain.errors import Invalid

T = TypeVar("T")
KIND = "kind"


def to_document(value: Any) -> Any:
    """Return `value` (attrs value, tuple, Decimal, date, UUID, enum, plain) as JSON-ready data.

    Raises: TypeError: something in it has no exact form (bytes, a float, a naive instant, …).
    """
    if attrs.has(type(value)):
        return _write_attrs(value)
    if isinstance(value, (tuple, list)):
        return [to_document(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(to_document(item) for item in value)
    if isinstance(value, Mapping):
        return {str(key): to_document(item) for key, item in value.items()}
    return _write_scalar(value)


def from_document(cls: type[T], document: object, *, fill: bool = False) -> T:
    """Return the value of attrs class `cls` that `to_document` wrote as `document`.

    With `fill` a missing field takes its default: for what an older release stored.
    Raises: Invalid: a field is missing, unknown, or of another type.
    """
    value: T = _Reader(fill).read(cls, document, cls.__name__)
    return value


def document_hash(document: object) -> str:
    """Return the SHA-256, in hex, of a document's canonical bytes (`canonical`).

    Raises: TypeError: something in it has no document.
    """
    return digest(document)


@attrs.frozen
class _Field:
    name: str
    """Of the attribute; the document and the constructor say `alias`."""
    alias: str
    hint: Any
    tagged: bool
    required: bool


@lru_cache(maxsize=256)
def _fields(cls: type) -> tuple[_Field, ...]:
    hints = get_type_hints(cls)
    return tuple(
        _Field(
            field.name,
            field.alias or field.name,
            hints[field.name],
            len(_members(hints[field.name])) > 1,
            field.default is attrs.NOTHING,
        )
        for field in attrs.fields(cls)
        if field.init
    )


def _wraps_one(fields: tuple[_Field, ...]) -> bool:
    """Whether the class is only a parsed form of one private value."""
    return len(fields) == 1 and fields[0].name != fields[0].alias


def _members(hint: Any) -> tuple[type, ...]:
    """Return the attrs classes that a union lets a field hold."""
    if get_origin(hint) not in (Union, types.UnionType):
        return ()
    return tuple(member for member in get_args(hint) if attrs.has(member))


def _write_attrs(value: Any) -> Any:
    cls: type = type(value)
    fields = _fields(cls)
    if _wraps_one(fields):
        return to_document(getattr(value, fields[0].name))
    written = {field.alias: to_document(getattr(value, field.name)) for field in fields}
    for field in fields:
        held = getattr(value, field.name)
        if field.tagged and held is not None:
            written[field.alias] = {KIND: type(held).__name__, **written[field.alias]}
    return written


@attrs.frozen
class _Reader:
    """Reads by type; `where` is the path for the message of a refusal."""

    fill: bool

    def read(self, expected: Any, document: object, where: str) -> Any:
        while hasattr(expected, "__supertype__"):  # a NewType is its base at run time
            expected = expected.__supertype__
        if expected is object or expected is Any:
            return document
        origin = get_origin(expected)
        if origin in (Union, types.UnionType):
            return self._read_union(expected, document, where)
        if origin in (tuple, frozenset):
            return self._read_many(expected, document, where)
        if origin is not None and issubclass(origin, Mapping):
            return self._read_mapping(expected, document, where)
        if attrs.has(expected):
            return self._read_attrs(expected, document, where)
        return _read_scalar(expected, document, where)

    def _read_union(self, expected: Any, document: object, where: str) -> Any:
        if document is None and type(None) in get_args(expected):
            return None
        if len(members := _members(expected)) > 1:
            kinds = {member.__name__: member for member in members}
            if not isinstance(document, Mapping) or document.get(KIND) not in kinds:
                raise Invalid(f"{where} must name its kind, one of {sorted(kinds)}")
            fields = {name: value for name, value in document.items() if name != KIND}
            return self._read_attrs(kinds[document[KIND]], fields, where)
        inner = [arg for arg in get_args(expected) if arg is not type(None)]
        if len(inner) != 1:
            raise TypeError(f"{where}: no document tells {expected} apart")
        return self.read(inner[0], document, where)

    def _read_many(self, expected: Any, document: object, where: str) -> Any:
        if not isinstance(document, list):
            raise Invalid(f"{where} must be a list")
        inner = get_args(expected)
        if get_origin(expected) is tuple and inner[-1] is not Ellipsis:
            if len(document) != len(inner):
                raise Invalid(f"{where} must have {len(inner)} items, not {len(document)}")
            hints = list(inner)
        else:
            hints = [inner[0]] * len(document)
        items = (
            self.read(hint, item, f"{where}[{i}]")
            for i, (hint, item) in enumerate(zip(hints, document, strict=True))
        )
        return frozenset(items) if get_origin(expected) is frozenset else tuple(items)

    def _read_mapping(self, expected: Any, document: object, where: str) -> Any:
        if not isinstance(document, Mapping):
            raise Invalid(f"{where} must be an object")
        key, inner = get_args(expected)
        return {
            self.read(key, _named(key, name), where): self.read(inner, item, f"{where}.{name}")
            for name, item in document.items()
        }

    def _read_attrs(self, cls: type, document: object, where: str) -> Any:
        fields = _fields(cls)
        if _wraps_one(fields):
            return cls(self.read(fields[0].hint, document, where))
        if not isinstance(document, Mapping):
            raise Invalid(f"{where} must be an object")
        known = {field.alias for field in fields}
        needed = {field.alias for field in fields if field.required} if self.fill else known
        if not needed <= set(document) <= known:
            names = sorted((set(document) - known) | (needed - set(document)))
            raise Invalid(f"{where} does not have exactly the fields it should: {names}")
        return cls(
            **{
                field.alias: self.read(field.hint, document[field.alias], f"{where}.{field.alias}")
                for field in fields
                if field.alias in document
            }
        )


def _write_scalar(value: object) -> object:
    match value:
        case Decimal():
            return format(value, "f")
        case datetime():
            if value.tzinfo is None:
                raise TypeError("an instant without a zone has no document")
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case StrEnum() | UUID():
            return str(value)
        case None | bool() | int() | str():
            return value
    raise TypeError(f"a {type(value).__name__} has no document")


def _named(key: Any, name: object) -> object:
    """Return a name as its type has it: JSON writes a whole number as text."""
    is_number = key is int and isinstance(name, str) and name.isascii() and name.isdecimal()
    return int(str(name)) if is_number else name


def _read_scalar(expected: Any, document: object, where: str) -> Any:
    if expected in (int, bool):
        if type(document) is not expected:
            raise Invalid(f"{where} must be {expected.__name__}")
        return document
    if not isinstance(document, str):
        raise Invalid(f"{where} must be text")
    try:
        if expected is datetime:
            return _instant(document)
        if expected is date:
            return date.fromisoformat(document)
        return expected(document)
    except (ValueError, InvalidOperation) as err:
        raise Invalid(f"{where} is no {expected.__name__}: {document!r}") from err


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("no zone")
    return at.astimezone(UTC)
