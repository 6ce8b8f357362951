"""What the imitated Razorpay and RazorpayX share: keys, errors, lists. No state."""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

import httpx


def entitled(request: httpx.Request, key_id: str, key_secret: str) -> bool:
    """Say whether a request carries the key and its secret by HTTP Basic."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(given, validate=True)
    except binascii.Error:
        return False
    return scheme == "Basic" and hmac.compare_digest(pair, f"{key_id}:{key_secret}".encode())


def segments(request: httpx.Request) -> list[str]:
    """Return the path's parts, each decoded after the path was split."""
    path = request.url.raw_path.decode("ascii").partition("?")[0]
    return [unquote(part) for part in path.strip("/").split("/")]


def error(
    status: int,
    description: str,
    *,
    field: str = "",
    reason: str = "NA",
    metadata: Mapping[str, object] | None = None,
) -> httpx.Response:
    """Return an error in the vendor's shape; parts that are not set are "NA"."""
    about: dict[str, object] = {
        "code": "BAD_REQUEST_ERROR",
        "description": description,
        "source": "business" if field else "NA",
        "step": "payment_initiation" if field else "NA",
        "reason": reason,
        "metadata": dict(metadata or {}),
    }
    if field:
        about["field"] = field
    return httpx.Response(status, json={"error": about})


def unknown_id() -> httpx.Response:
    """Return the vendor's answer to an id it does not know."""
    return error(400, "The id provided does not exist", reason="input_validation_failed")


def collection(items: Sequence[Mapping[str, object]], request: httpx.Request) -> httpx.Response:
    """Return a page of a list, the newest first: `count` (10 unless told, at most 100), `skip`."""
    params = request.url.params
    skip, count = params.get("skip", "0"), params.get("count", "10")
    if not (skip.isdecimal() and count.isdecimal() and 1 <= int(count) <= 100):
        return error(400, "The count must be between 1 and 100.", field="count")
    page = list(reversed(items))[int(skip) : int(skip) + int(count)]
    return httpx.Response(200, json={"entity": "collection", "count": len(page), "items": page})
