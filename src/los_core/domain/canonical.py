"""One byte form for stored documents, and its hash.

Decisions are kept with the input they were made from and must come out byte for byte the same when
they are run again, years later. So a document has exactly one encoding: keys sorted, no blanks,
UTF-8, no floats. How a value turns into a document is said beside the value, not here.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import TypeAlias

Document: TypeAlias = Mapping[str, object]
"""JSON-ready: text, int, bool, None, lists and mappings of these; a decimal or a date is text."""


def encode(document: object) -> bytes:
    """Return the canonical bytes of a JSON-ready value.

    Raises: TypeError: something in it is no JSON value, or is a float (which has no exact form).
    """
    _refuse_floats(document)
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def digest(document: object) -> str:
    """Return the SHA-256 of the canonical bytes, as 64 hex digits."""
    return hashlib.sha256(encode(document)).hexdigest()


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("a float has no exact form: use int, or a decimal as text")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError(f"a document's keys are text, not {type(key).__name__}")
            _refuse_floats(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _refuse_floats(inner)
