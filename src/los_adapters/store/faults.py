"""What a database says when it will not: the only map from its codes to refusals of ours.

A refusal tells nothing of tables, columns or values; which constraint it was stands in the log. The
unique keys that a port refuses by name are `transaction`'s, before this is asked. What is not here
is a bug, and crashes. Source: reliability design §22; PostgreSQL appendix A, SQLite's result codes.
"""

import logging
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy.exc import DataError, DBAPIError, OperationalError

from los_core.domain.errors import Busy, Conflict, DomainError, StoreAway, StoreFull, Unstorable

_log = logging.getLogger(__name__)
Refuse = Callable[[], DomainError]


def _busy() -> DomainError:
    return Busy("others hold what this needs", details={"retry_after_s": 1})


def _away() -> DomainError:
    return StoreAway("the store does not answer", details={"retry_after_s": 2})


def _full() -> DomainError:
    return StoreFull("the store has no room left", details={"retry_after_s": 60})


def _taken() -> DomainError:
    return Conflict("something on file has this value already", code="ON_FILE")


def _referred() -> DomainError:
    return Conflict("it belongs to something that is not on file, or is needed", code="REFERRED")


def _unfit() -> DomainError:
    return Unstorable("a value is beyond what can be kept")


_POSTGRES: Final[tuple[tuple[str, Refuse], ...]] = (
    ("55P03", _busy),  # a lock was not had in time
    ("57014", _busy),  # a statement took too long
    ("40001", _busy),  # serialisation
    ("40P01", _busy),  # deadlock
    ("53300", _away),  # all its places are taken
    ("53", _full),  # disk, memory, a configured limit
    ("25006", _away),  # read-only: it has become somebody's standby
    ("08", _away),  # connection lost
    ("57P", _away),  # shutting down or starting
    ("23505", _taken),
    ("23P01", _taken),  # exclusion
    ("23503", _referred),
    ("23001", _referred),
    ("23514", _unfit),
    ("23502", _unfit),  # null
    ("22", _unfit),  # out of range, too long, no such character
)
"""By how a code begins; the first that fits."""

_SQLITE: Final[dict[int, Refuse]] = {
    2067: _taken,  # unique
    1555: _taken,  # primary key
    2579: _taken,  # row id
    787: _referred,
    275: _unfit,  # check
    1299: _unfit,  # null
    3091: _unfit,  # type
    5: _busy,
    6: _busy,  # locked
    9: _busy,  # interrupted
    8: _away,  # read-only
    10: _away,  # input or output
    14: _away,  # cannot be opened
    13: _full,
    18: _unfit,  # too big
    20: _unfit,  # another type
}
"""By extended code, then by its low byte."""


def refusal_of(err: DBAPIError) -> DomainError | None:
    """Return what a database's error is to a client; None: a bug."""
    refuse = _found(err)
    if refuse is None:
        return None
    refusal = refuse()
    if not isinstance(refusal, Busy):
        _log.error("the store refused %s: %s", refusal.code, _constraint(err.orig))
    return refusal


def sqlstate(fault: object) -> str | None:
    """Return PostgreSQL's code; None: it had none to tell, or it was SQLite."""
    return getattr(fault, "sqlstate", None)


def _found(err: DBAPIError) -> Refuse | None:
    number = getattr(err.orig, "sqlite_errorcode", None)
    if number is not None:
        return _SQLITE.get(number) or _SQLITE.get(number & 0xFF)
    if err.connection_invalidated:
        return _away
    code = sqlstate(err.orig)
    if code is not None:
        return next((refuse for begin, refuse in _POSTGRES if code.startswith(begin)), None)
    if isinstance(err, DataError):  # the driver itself would not send it
        return _unfit
    # A connection that could not be made: psycopg has no code to tell.
    return _away if isinstance(err, OperationalError) and hasattr(err.orig, "sqlstate") else None


def _constraint(fault: Any) -> str:
    """Return the name of a constraint, or what SQLite calls it: names of ours, never values."""
    diagnosis = getattr(fault, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name or diagnosis.column_name or sqlstate(fault))
    return (
        str(fault) if getattr(fault, "sqlite_errorcode", 0) & 0xFF == 19 else type(fault).__name__
    )
