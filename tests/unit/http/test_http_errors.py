import json
from datetime import UTC, datetime

import pytest
from litestar.exceptions import HTTPException, MethodNotAllowedException, ValidationException

from los_core.domain.errors import (
    Busy,
    Conflict,
    DomainError,
    Forbidden,
    GuardFailed,
    Invalid,
    InvalidMoney,
    InvalidTerms,
    InvalidTransition,
    NotFound,
    StaleVersion,
    StoreAway,
    TooMany,
    Unauthenticated,
)
from los_core.domain.statement import Reason, UnreadableStatement
from los_core.ports.errors import BadSignature, ProviderError, Rejected, Unavailable, Unknown
from los_http.errors import Refusal, Refused, refusal_of

AT = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)


def body_of(refusal: Refusal) -> dict[str, object]:
    body: dict[str, object] = json.loads(refusal.body(path="/x", at=AT))
    return body


@pytest.mark.parametrize(
    ("err", "status", "code"),
    [
        (Invalid("no"), 400, "VALIDATION_FAILED"),
        (InvalidMoney("no"), 400, "INVALID_MONEY"),
        (InvalidTerms("no"), 422, "INVALID_TERMS"),
        (Unauthenticated("no"), 401, "UNAUTHENTICATED"),
        (Forbidden("no"), 403, "FORBIDDEN"),
        (NotFound("no"), 404, "NOT_FOUND"),
        (Conflict("no"), 409, "CONFLICT"),
        (StaleVersion("no"), 409, "STALE_VERSION"),
        (InvalidTransition("no"), 409, "INVALID_TRANSITION"),
        (Busy("no"), 503, "BUSY"),
        (StoreAway("no"), 503, "STORE_AWAY"),
        (GuardFailed("no", code="G-KFS"), 422, "G-KFS"),
        (TooMany("no"), 429, "TOO_MANY_REQUESTS"),
        (UnreadableStatement(Reason.DAMAGED, "no"), 422, "STATEMENT_UNREADABLE"),
        (Invalid("no", code="KEY_REUSED"), 422, "KEY_REUSED"),
        (DomainError("no"), 422, "NOT_ALLOWED"),
        (BadSignature("no"), 401, "BAD_SIGNATURE"),
        (Rejected("no", provider="idfc", code="M4"), 422, "VENDOR_REJECTED"),
        (Unavailable("no"), 503, "VENDOR_UNAVAILABLE"),
        (Unknown("no"), 503, "OUTCOME_UNKNOWN"),
        (ProviderError("no"), 503, "VENDOR_UNAVAILABLE"),
        (Refused("send JSON", status_code=415), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (MethodNotAllowedException(), 405, "METHOD_NOT_ALLOWED"),
        (RecursionError(), 400, "BAD_REQUEST"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), 400, "BAD_REQUEST"),
        (KeyError("secret"), 500, "INTERNAL_ERROR"),
        (HTTPException("a bug", status_code=500), 500, "INTERNAL_ERROR"),
    ],
)
def test_every_family_has_its_status_and_code(err: Exception, status: int, code: str) -> None:
    refusal = refusal_of(err)

    assert (refusal.status, refusal.code) == (status, code)


def test_field_faults_are_told_as_a_list() -> None:
    err = Invalid("wrong", fields=[("pan", "is not a valid PAN"), ("name", "is required")])

    assert body_of(refusal_of(err))["message"] == [
        {"field": "pan", "message": "is not a valid PAN"},
        {"field": "name", "message": "is required"},
    ]


def test_a_refused_move_tells_what_is_allowed() -> None:
    err = InvalidTransition("no", details={"status": "DRAFT", "allowed": ["SUBMITTED"]})

    assert body_of(refusal_of(err))["details"] == {"status": "DRAFT", "allowed": ["SUBMITTED"]}


@pytest.mark.parametrize(
    "err",
    [
        TooMany("no", details={"retry_after_s": 17}),
        Busy("no", details={"retry_after_s": 17}),
        Conflict("no", code="IN_PROGRESS", details={"retry_after_s": 17}),
        Unavailable("no", retry_after_s=17.2),
    ],
)
def test_a_wait_is_told_in_the_header_and_in_the_details(err: Exception) -> None:
    refusal = refusal_of(err)

    assert refusal.headers["Retry-After"] == "17"
    assert refusal.details["retryAfter"] == 17


def test_a_bug_and_a_vendor_keep_their_words_to_themselves() -> None:
    for err in (KeyError("hunter2"), Unavailable("hunter2 refused"), Unknown("hunter2")):
        assert "hunter2" not in json.dumps(body_of(refusal_of(err)))


def test_wrong_parameters_are_fields_in_wire_spelling() -> None:
    extra = [{"key": "offer_id", "message": "Invalid UUID"}]
    missing = ValidationException("Missing required query parameter 'offerId' for path /x")

    assert refusal_of(ValidationException("no", extra=extra)).message == [
        ("offerId", "Invalid UUID")
    ]
    assert refusal_of(missing).message == [("offerId", "is required")]


def test_what_the_framework_says_itself_is_not_repeated() -> None:
    err = HTTPException("msgspec.ValidationError: at $.x", status_code=400)

    assert refusal_of(err).message == "the request cannot be read"
