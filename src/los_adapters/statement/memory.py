"""Bank statements for services in memory: a file that carries its statement as plain text.

`file_of` writes what `MemoryStatementReader` reads; both need no PDF library and keep no state, so
an upload, its storage and the reading job can be apart. Any other file is refused.
"""

import json
from datetime import date
from typing import Any

import attrs

from los_core.domain.statement import Reason, Row, Statement, UnreadableStatement

_HEAD = b"%PDF-1.7\n"
_TAIL = b"\n%%EOF\n"


class MemoryStatementReader:
    """Reads the files of `file_of`."""

    def read(self, pdf: bytes, *, password: str | None) -> Statement:
        """Return the statement. Raises: UnreadableStatement."""
        if not pdf.startswith(_HEAD) or not pdf.endswith(_TAIL):
            raise UnreadableStatement(Reason.DAMAGED, "the file is not a PDF")
        try:
            held = json.loads(pdf.removeprefix(_HEAD).removesuffix(_TAIL))
            locked, told = held["password"], held["statement"]
        except (ValueError, KeyError, TypeError) as err:
            message = "no table of a bank we can read was found"
            raise UnreadableStatement(Reason.UNSUPPORTED_FORMAT, message) from err
        if locked is not None and password is None:
            raise UnreadableStatement(Reason.PASSWORD_REQUIRED, "the file is locked by a password")
        if locked not in {None, password}:
            message = "the password does not open the file"
            raise UnreadableStatement(Reason.PASSWORD_WRONG, message)
        return _statement(told)


def file_of(statement: Statement, *, password: str | None = None) -> bytes:
    """Return a file that reads as the statement, with the password if one is set."""
    held = {"password": password, "statement": attrs.asdict(statement)}
    return _HEAD + json.dumps(held, default=date.isoformat).encode() + _TAIL


def _statement(told: dict[str, Any]) -> Statement:
    rows = tuple(Row(**{**row, "on": date.fromisoformat(row["on"])}) for row in told["rows"])
    return Statement(
        **{
            **told,
            "period_from": date.fromisoformat(told["period_from"]),
            "period_to": date.fromisoformat(told["period_to"]),
            "rows": rows,
            "marks": tuple(told["marks"]),
        }
    )
