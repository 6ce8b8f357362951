"""Frozen values to JSON-ready documents and back, exactly; and the hash of a document.

Structural: an attrs class is an object by field name, a tuple is a list, a `Decimal`, `date`,
`UUID` or enumeration is its text. A document names every field, so an unknown or missing name is
refused rather than guessed. Field names are those of the class; wire spellings are the edges' work.
"""

import hashlib
import json
import types
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import attrs

from los_core.domain.errors import Invalid

T = TypeVar("T")


def to_document(value: Any) -> Any:
    """Return `value` (attrs value, tuple, Decimal, date, UUID, enum, plain) as JSON-ready data."""
    if attrs.has(type(value)):
        fields = attrs.fields(type(value))
        return {field.name: to_document(getattr(value, field.name)) for field in fields}
    match value:
        case tuple():
            return [to_document(item) for item in value]
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case StrEnum() | UUID():
            return str(value)
    return value


def from_document(cls: type[T], document: object) -> T:
    """Return the value of attrs class `cls` that `to_document` wrote as `document`.

    Raises: Invalid: a field is missing, unknown, or of another type.
    """
    value: T = _read(cls, document, cls.__name__)
    return value


def document_hash(document: object) -> str:
    """Return the SHA-256, in hex, of a document's canonical JSON (sorted keys, no blanks)."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


@lru_cache(maxsize=256)
def _hints(cls: type) -> Mapping[str, Any]:
    hints = get_type_hints(cls)
    return {field.name: hints[field.name] for field in attrs.fields(cls)}


def _read(expected: Any, document: object, where: str) -> Any:
    origin = get_origin(expected)
    if origin in (Union, types.UnionType):
        inner = next(arg for arg in get_args(expected) if arg is not type(None))
        return None if document is None else _read(inner, document, where)
    if origin is tuple:
        if not isinstance(document, list):
            raise Invalid(f"{where} must be a list")
        inner = get_args(expected)[0]
        return tuple(_read(inner, item, f"{where}[{i}]") for i, item in enumerate(document))
    if attrs.has(expected):
        return _read_attrs(expected, document, where)
    return _read_scalar(expected, document, where)


def _read_attrs(cls: type, document: object, where: str) -> Any:
    hints = _hints(cls)
    if not isinstance(document, Mapping) or set(document) != set(hints):
        names = sorted(set(document) ^ set(hints)) if isinstance(document, Mapping) else "no object"
        raise Invalid(f"{where} does not have exactly the fields it should: {names}")
    return cls(
        **{name: _read(hint, document[name], f"{where}.{name}") for name, hint in hints.items()}
    )


def _read_scalar(expected: Any, document: object, where: str) -> Any:
    if expected in (int, bool):
        if type(document) is not expected:
            raise Invalid(f"{where} must be {expected.__name__}")
        return document
    if not isinstance(document, str):
        raise Invalid(f"{where} must be text")
    try:
        if expected is date:
            return date.fromisoformat(document)
        return expected(document)
    except (ValueError, InvalidOperation) as err:
        raise Invalid(f"{where} is no {expected.__name__}: {document!r}") from err
