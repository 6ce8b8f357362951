"""What Razorpay and RazorpayX share: keys, the shape of errors, collections, signatures.

Source: razorpay/markdown-docs (errors.md, webhooks/validate-test.md, api/understand.md), 2026-11.
The bodies of payments, orders and validations are in the adapters of their ports.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr

from los_adapters.client import Http
from los_core.ports.errors import BadSignature, ProviderError
from los_core.ports.webhook import Notice

_EVENT_ID: Final = re.compile(r"[A-Za-z0-9_\-]{1,64}")
_NOT_ENABLED: Final = "url was not found"

T = TypeVar("T", bound=BaseModel)


class Wire(BaseModel):
    """A body of the vendor's, of which only the fields read are named."""

    model_config = ConfigDict(extra="ignore")


class Collection(Wire, Generic[T]):
    """A list as the vendor pages it."""

    items: tuple[T, ...]


def basic(key_id: str, key_secret: SecretStr) -> tuple[str, str]:
    """Return the credentials of a call; kept nowhere, so that no `repr` shows them."""
    return key_id, key_secret.get_secret_value()


def refusal(http: Http, response: httpx.Response) -> ProviderError:
    """Return what to raise for an answer that is no success.

    `code` is the vendor's reason, or its code where the reason says nothing ("NA", null, absent).
    A product that is not enabled on the account answers as an unknown path: `Unavailable`,
    misconfigured. The description is not passed on: it may quote what was sent.
    """
    operation = str(response.request.extensions.get("los", ""))
    error = _error(response)
    code = _text(error.get("reason")) or _text(error.get("code")) or str(response.status_code)
    if _NOT_ENABLED in _text(error.get("description")).lower():
        return http.misconfigured(operation, code)
    return http.rejected(operation, code)


def error_metadata(response: httpx.Response) -> Mapping[str, Any]:
    """Return the ids an error is about, empty if it names none."""
    metadata = _error(response).get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def prove(body: bytes, signature: str, secrets: Sequence[SecretStr], *, provider: str) -> None:
    """Prove a webhook's raw body by any of the secrets: HMAC-SHA256 in lower-case hex.

    `secrets` are the present one, then earlier ones: after a change, deliveries of older events
    are still signed with the old secret.

    Raises: BadSignature: no signature, a wrong one, or no present secret.
    """
    keys = [secret.get_secret_value().encode() for secret in secrets]
    if not keys or not keys[0]:
        raise BadSignature("no webhook secret is configured", provider=provider)
    given = signature.encode("utf-8", "replace")
    matches = [
        hmac.compare_digest(hmac.new(key, body, hashlib.sha256).hexdigest().encode(), given)
        for key in keys
        if key
    ]
    if not any(matches):
        raise BadSignature("the signature does not match the body", provider=provider)


def event_key(headers: Mapping[str, str], body: bytes) -> str:
    """Return the vendor's event id, the same on every delivery; the body's hash if it is odd."""
    given = headers.get("x-razorpay-event-id", "")
    return given if _EVENT_ID.fullmatch(given) else hashlib.sha256(body).hexdigest()


def notice(headers: Mapping[str, str], body: bytes, *, entity: str) -> Notice:
    """Say what a proven body is about, by the id of its `entity`; lenient, for it is genuine."""
    key = event_key(headers, body)
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return Notice(key)
    if not isinstance(event, dict):
        return Notice(key)
    thing = entity_of(event, entity)
    order = entity_of(event, "order")
    return Notice(
        key,
        kind=_text(event.get("event")),
        reference=_text(thing.get("id")),
        our_reference=_text(order.get("receipt")) or _text(notes_of(thing).get("reference")),
    )


def entity_of(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return one entity of an event's payload, empty if there is none."""
    payload = event.get("payload")
    held = payload.get(name) if isinstance(payload, dict) else None
    entity = held.get("entity") if isinstance(held, dict) else None
    return entity if isinstance(entity, dict) else {}


def notes_of(entity: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an entity's notes: no notes come as an empty list."""
    notes = entity.get("notes")
    return notes if isinstance(notes, dict) else {}


def _error(response: httpx.Response) -> Mapping[str, Any]:
    """Return the error object of any of the shapes seen: nested, flat, a string, no JSON."""
    try:
        body = response.json()
    except ValueError:
        return {}
    if not isinstance(body, dict):
        return {"description": body}
    error = body.get("error")
    if isinstance(error, dict):
        return error
    return {"description": error or body.get("message")}


def _text(value: object) -> str:
    """Return a value as text; "NA" and nothing are both ""."""
    return "" if value is None or value == "NA" else str(value)
