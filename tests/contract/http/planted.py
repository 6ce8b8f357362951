"""Values that must not come out, and finding them in whatever form they come.

A value is looked for as it is, in every part of a text that is encoded (base64 of any alignment,
hexadecimal, per cent, JSON's escapes), and inside what is compressed (gzip, zip and so workbooks,
streams of a PDF).
"""

import base64
import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, quote_plus

from tests.contract.http.driven import Driven
from tests.contract.http.installation import GATEWAY, PASSWORD

SAMPLED = {
    "pan": ("ABCPK4321L",),
    "account": ("004501234567",),
    "phone": ("9876501234",),
    "email": ("new@mail.example",),
    "password": (PASSWORD, "Konkan-express-0111", "Konkan-express-0112"),
}
"""Sent by the sample of a route, beside what is on file."""
SECRET = re.compile(r"token$|secret|^key$|^url$|^uri$|signingUrl|checkoutUrl", re.IGNORECASE)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def planted(driven: Driven) -> dict[str, dict[str, str]]:
    """Return what must not come out by its kind: value → whose it is."""
    made = driven.made
    found: dict[str, dict[str, str]] = {kind: dict.fromkeys(v, "") for kind, v in SAMPLED.items()}
    for kind in ("aadhaar", "otp", "token", "api key", "provider"):
        found[kind] = {}
    for lender in (made.ours, made.theirs):
        for borrower in lender.borrowers.values():
            person, owner = borrower.person, str(borrower.caller.customer_id)
            for kind in ("pan", "aadhaar", "account", "phone", "email"):
                found[kind][getattr(person, kind)] = owner
            found["token"] |= {borrower.token: owner, borrower.refresh: owner}
        found["token"] |= {
            text: str(lender.staff[role].staff_id) for role, text in lender.tokens.items()
        }
        found["api key"][lender.key] = ""
        found["password"] |= dict.fromkeys(lender.totp.values(), "")
        for role, member in lender.staff.items():
            found["email"][f"{role.lower()}@{lender.brand.code}.example"] = str(member.staff_id)
    found["otp"] = {
        str(sent.variables["otp"]): ""
        for sent in made.fakes.messages.sent
        if "otp" in sent.variables
    }
    found["provider"] = {str(GATEWAY[name]): "" for name in ("key_secret", "webhook_secret")}
    return found


def issued(driven: Driven) -> dict[str, str]:
    """Return the secrets that answers gave out: keys, codes, links, second factors."""
    return {
        value: asked.actor
        for asked in driven.asked
        if asked.answer.headers.get("content-type") == "application/json" and asked.answer.content
        for value in _secrets_of(asked.answer.json())
    }


def _secrets_of(told: Any) -> Iterator[str]:
    if isinstance(told, dict):
        for name, value in told.items():
            if isinstance(value, str) and SECRET.search(name) and len(value) >= 6:
                yield value
            yield from _secrets_of(value)
    elif isinstance(told, list):
        for each in told:
            yield from _secrets_of(each)


def forms_of(value: str) -> Iterator[bytes]:
    """Yield a value in every form that a text may hold it in."""
    raw = value.encode()
    yield raw
    yield raw.lower()
    yield raw.hex().encode()
    yield quote(value, safe="").encode()
    yield quote_plus(value).encode()
    yield json.dumps(value)[1:-1].encode()
    for before in range(3):
        padded = b"\0" * before + raw
        first, end = -(-before * 8 // 6), len(padded) * 8 // 6  # letters shared with neighbours
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(padded)[first:end]


@cache
def _pattern(values: tuple[str, ...]) -> re.Pattern[bytes]:
    forms = {form for value in values for form in forms_of(value) if len(form) >= 6}
    return re.compile(b"|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))


def found_in(content: bytes, values: Mapping[str, str]) -> set[str]:
    """Return which values a content holds in some form."""
    parts = list(opened(content))
    pattern = _pattern(tuple(sorted(values)))
    if not any(pattern.search(part) for part in parts):
        return set()
    return {
        value
        for value in values
        for part in parts
        if any(_holds(part, form) for form in forms_of(value))
    }


def _holds(part: bytes, form: bytes) -> bool:
    if form.isdigit():  # not a piece of a longer number
        return re.search(rb"(?<!\d)" + form + rb"(?!\d)", part) is not None
    return len(form) >= 6 and form in part


def opened(content: bytes) -> Iterator[bytes]:
    """Yield a content and what is compressed in it."""
    yield content
    if content.startswith(b"\x1f\x8b"):
        yield from opened(gzip.decompress(content))
    elif content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from opened(archive.read(name))
    elif content.startswith(b"%PDF"):
        for stream in _STREAM.findall(content):
            yield zlib.decompressobj().decompress(stream) if stream[:1] == b"x" else stream
