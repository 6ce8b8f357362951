"""The refusals of the domain: each names the rule and the values, and carries no personal data.

Bugs are not here: a broken invariant is an AssertionError and may crash. What a vendor says is in
`los_core.ports.errors`. How a refusal looks to a client is decided in `los_http.errors` alone.
"""

from collections.abc import Mapping, Sequence


class DomainError(Exception):
    """A request the rules do not allow.

    `code` is stable and machine-readable; `details` are JSON-ready facts for the caller (ids,
    limits, allowed values), never personal data.
    """

    code = "NOT_ALLOWED"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.details: dict[str, object] = dict(details or {})


class Invalid(DomainError):
    """The request's content is wrong; `fields` says where, as (field, message) pairs."""

    code = "VALIDATION_FAILED"

    def __init__(
        self, message: str, *, fields: Sequence[tuple[str, str]] = (), code: str | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.fields = tuple(fields)


class InvalidMoney(Invalid):
    """An amount that is no whole number of paise, or lies beyond ±10¹³."""

    code = "INVALID_MONEY"


class InvalidTerms(Invalid):
    """Loan terms that no schedule can be built from; the message has the rule and the values."""

    code = "INVALID_TERMS"


class NotFound(DomainError):
    """The thing does not exist, or the caller may not know that it does (both look the same)."""

    code = "NOT_FOUND"


class Forbidden(DomainError):
    """The caller is known, and may not do this (role, own work, limit of authority)."""

    code = "FORBIDDEN"


class Unauthenticated(DomainError):
    """No valid proof of who is calling."""

    code = "UNAUTHENTICATED"


class Erased(NotFound):
    """What was asked for was personal, and the person had it erased; money records stay."""

    code = "ERASED"


class Conflict(DomainError):
    """The request is sound but does not fit what is already there."""

    code = "CONFLICT"


class StaleVersion(Conflict):
    """Somebody changed the row since the caller read it; `details["version"]` is today's."""

    code = "STALE_VERSION"


class PreconditionFailed(StaleVersion):
    """The caller said which version they saw, and the row is in another one by now."""


class PreconditionRequired(DomainError):
    """The command is carried out only for callers who say which version they saw."""

    code = "PRECONDITION_REQUIRED"


class Busy(Conflict):
    """Others held what the command needs for too long; nothing was done, so it may be repeated."""

    code = "BUSY"


class LeaseLost(Conflict):
    """Another worker took over what this one had claimed: nothing may be written any more."""

    code = "LEASE_LOST"


class StoreAway(Busy):
    """The store does not answer, or stopped answering: nothing was done, or all of it.

    All of it where the answer to the commit itself was lost. What is repeated by the same key, or
    looks first what is on file, does no harm by being repeated.
    """

    code = "STORE_AWAY"


class StoreFull(Busy):
    """The store has no room left: nothing was done, and nothing will be before somebody helps."""

    code = "STORE_FULL"


class Unstorable(DomainError):
    """A value that no rule refused is beyond what the store keeps: nothing was done."""

    code = "UNSTORABLE"


class InvalidTransition(Conflict):
    """The loan's status does not allow the move; `details["allowed"]` lists what it does allow."""

    code = "INVALID_TRANSITION"


class GuardFailed(DomainError):
    """A guard of a transition is not met; `code` is the guard's name, such as `G-PENNY`."""

    code = "GUARD_FAILED"


class MustBeKept(GuardFailed):
    """The law, or a loan, needs what is to be erased; `details` say which, and until when."""

    code = "MUST_BE_KEPT"


class TooMany(DomainError):
    """A limit on attempts is reached; `details["retry_after_s"]` says how long to wait."""

    code = "TOO_MANY_REQUESTS"
