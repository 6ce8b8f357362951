"""What can be wrong with a JSON body, from its schema: one fault at a time in a sound sample.

A fault is told as field faults naming exactly the field at fault, or as a body that is not sound
JSON. So a case also proves that nothing else was wrong with the sample.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs
from tests.contract.http.operations import Schema, choices, format_of, kinds

BAD_JSON: Final = "BAD_JSON"
INVALID: Final = "VALIDATION_FAILED"
LONG: Final = "x" * 100_000
WIDE: Final = "".join(chr(0xFF10 + digit) for digit in range(1, 7))
"""Digits, but not those of ASCII."""

WRONG_TYPES: Final[Mapping[str, tuple[Any, ...]]] = {
    "string": (1, 1.5, True, [], {}, None),
    "integer": ("1", "", 1.5, True, False, [], {}, None),
    "boolean": ("true", "", 1, 0, [], {}, None),
    "array": ("A", 1, True, {}, None, [None], [1], [[]], [{}]),
    "object": ("A", 1, True, [], None),
}
BAD_DATES: Final = (
    "2026-02-30",
    "2026-13-01",
    "2025-02-29",
    "0001-01-01",
    "1066-10-14",
    "9999-12-31",
    "10000-01-01",
    "2026-2-3",
    "03/02/2026",
    "2026-02-03T00:00:00Z",
    "20260203",
    "-2026-02-03",
    "today",
    "",
)
BAD_IDS: Final = ("", "1", "not-a-uuid", "../etc/passwd", "' OR 1=1 --", "0" * 31, "g" * 32)
BAD_MONEY: Final = (0, -1, -(10**15), 10**15, 10**19, 10**40, 1.0, 0.1, 100.5, "100", "1e5", True)
"""A money field takes none of these; 0 only where nothing may be nothing (`householdIncome`)."""
ODD_NUMBERS: Final = ("1e400", "1E3", "1e-2", "NaN", "Infinity", "-Infinity", "0x10", "01", "+1")
"""Written into the body as they are: no Python value stands for them."""


@attrs.frozen(kw_only=True)
class WrongBody:
    """A body and what is told of it; `fields` are the fields named, () for a whole body's fault."""

    name: str
    content: bytes
    code: str = INVALID
    fields: tuple[str, ...] = ()


def wrong_bodies(schema: Schema, sample: Mapping[str, Any]) -> Iterator[WrongBody]:
    """Yield every fault of a JSON body."""
    yield from _unsound(sample)
    for value in ([], [dict(sample)], "text", 1, 1.5, True, None):
        yield WrongBody(name=f"body is {value!r:.20}", content=_json(value), fields=("body",))
    yield from _faults(schema, sample, "", sample)


def _unsound(sample: Mapping[str, Any]) -> Iterator[WrongBody]:
    sound = _json(sample)
    texts: dict[str, bytes] = {
        "no body": b"",
        "blanks": b"  \n",
        "cut off": sound[:-1],
        "something after": sound + b"{}",
        "single quotes": b"{'a': 1}",
        "comma at the end": b'{"a": 1,}',
        "a comment": b"{} // nothing",
        "a byte order mark": b"\xef\xbb\xbf" + sound,
        "UTF-16": json.dumps(sample).encode("utf-16"),
        "Latin-1": b'{"a": "caf\xe9"}',
        "half a letter": b'{"a": "\xe2\x82"}',
        "overlong UTF-8": b'{"a": "\xc0\xaf"}',
        "a surrogate in UTF-8": b'{"a": "\xed\xa0\x80"}',
        "a control character": b'{"a": "\x01"}',
        "deep lists": b"[" * 100_000,
        "deep lists, closed": b"[" * 100_000 + b"]" * 100_000,
        "deep objects": b'{"a":' * 50_000,
        "sixty deep": b'{"a":' * 60 + b"1" + b"}" * 60,
        "a long number": b'{"a": ' + b"9" * 5_000 + b"}",
    }
    for name, content in texts.items():
        yield WrongBody(name=name, content=content, code=BAD_JSON)
    for number in ODD_NUMBERS[3:]:
        yield WrongBody(name=number, content=b'{"a": ' + number.encode() + b"}", code=BAD_JSON)
    for name, value in sample.items():
        twice = sound[:-1] + (b", " if sample else b"") + _pair(name, value) + b"}"
        yield WrongBody(name=f"{name} given twice", content=twice, code=BAD_JSON)


def _faults(
    schema: Schema, sample: Mapping[str, Any], prefix: str, whole: Mapping[str, Any]
) -> Iterator[WrongBody]:
    """Yield the faults of an object's fields; `prefix` leads to it from the whole body."""
    for name in ("isAdmin", "__proto__", "__class__", "brandId ", "🪔", LONG[:5_000]):
        yield WrongBody(
            name=f"unknown field {prefix}{name:.20}",
            content=_json(_with(whole, prefix + name, 1)),
            fields=(prefix + name,) if len(name) < 100 else (),
        )
    for name in schema.get("required", ()):
        yield WrongBody(
            name=f"{prefix}{name} missing",
            content=_json(_without(whole, prefix + name)),
            fields=(prefix + name,),
        )
    for name, inner in schema.get("properties", {}).items():
        at = prefix + name
        for value in _wrong_values(name, inner, sample.get(name)):
            yield WrongBody(
                name=f"{at} = {value!r:.30}", content=_json(_with(whole, at, value)), fields=(at,)
            )
        for number in ODD_NUMBERS[:3] if "integer" in kinds(inner) else ():
            content = _json(_with(whole, at, "@")).replace(b'"@"', number.encode())
            yield WrongBody(name=f"{at} = {number}", content=content, fields=(at,))
        if "string" in kinds(inner):
            for text in (b"A\\u0000B", b"\\ud800", b"\\udc00\\ud800"):
                content = _json(_with(whole, at, "@")).replace(b'"@"', b'"' + text + b'"')
                yield WrongBody(name=f"{at} = {text!r}", content=content, code=BAD_JSON)
        if "object" in kinds(inner):
            held = sample.get(name)
            yield from _faults(inner, held if held is not None else {}, f"{at}.", whole)


def _wrong_values(name: str, schema: Schema, sample: Any) -> Iterator[Any]:
    told = kinds(schema)
    of_numbers = "integer" in kinds(schema.get("items", {}))
    for kind in told - {"null"}:
        for value in WRONG_TYPES[kind]:
            if not (value is None and "null" in told) and not (of_numbers and value == [1]):
                yield value
    if name.endswith("Paise"):
        yield from (v for v in BAD_MONEY if v != 0 or name != "householdIncomePaise")
    if "integer" in told:
        yield from _beyond(schema)
    if "string" in told and format_of(schema) != "binary":
        yield LONG
        yield from _wrong_texts(schema, sample)
    if "array" in told:
        yield from _wrong_lists(schema)


def _beyond(schema: Schema) -> Iterator[int]:
    for bound, step in (("minimum", -1), ("maximum", 1), ("exclusiveMinimum", 0)):
        if bound in schema:
            yield int(schema[bound]) + step
    yield from (-(2**63) - 1, 2**63, 2**64, 10**30)


def _wrong_texts(schema: Schema, sample: Any) -> Iterator[str]:
    if choices(schema):
        yield from ("", "NO_SUCH", choices(schema)[0].lower(), f"{choices(schema)[0]} ")
    elif format_of(schema) == "date":
        yield from BAD_DATES
    elif format_of(schema) == "uuid":
        yield from BAD_IDS
    else:
        if "maxLength" in schema:
            yield "x" * (int(schema["maxLength"]) + 1)
        if schema.get("minLength"):
            yield ""
        if schema.get("pattern", "").startswith("^["):
            if isinstance(sample, str):
                yield sample + "\n"
            yield from ("\n", "' OR 1=1 --", "<script>", "${7*7}", "\u202e", WIDE)


def _wrong_lists(schema: Schema) -> Iterator[list[Any]]:
    item = choices(schema["items"])[0] if choices(schema["items"]) else "A"
    if format_of(schema["items"]) == "uuid":
        yield from ([bad] for bad in BAD_IDS)
        item = "00000000-0000-4000-8000-000000000000"
    elif choices(schema["items"]):
        yield ["NO_SUCH"]
    else:
        yield from ([""], ["' OR 1=1 --"], [LONG])
    if schema.get("minItems"):
        yield []
    yield [item] * (int(schema.get("maxItems", 1_000)) + 1)


def _with(whole: Mapping[str, Any], at: str, value: Any) -> dict[str, Any]:
    done = copy.deepcopy(dict(whole))
    *way, last = at.split(".") if "." in at else [at]
    place = done
    for name in way:
        place = place.setdefault(name, {})
    place[last] = value
    return done


def _without(whole: Mapping[str, Any], at: str) -> dict[str, Any]:
    done = _with(whole, at, None)
    *way, last = at.split(".")
    place = done
    for name in way:
        place = place[name]
    del place[last]
    return done


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _pair(name: str, value: Any) -> bytes:
    return _json(name) + b": " + _json(value)
