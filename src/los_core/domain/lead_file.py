"""A file of leads (CSV) read into details, row by row, with what is wrong in each row.

Text that a spreadsheet would run as a formula is made harmless on the way in, and `neutral` does
the same on the way out. Whether a row is new to the brand is `lead`'s question.
Source: lead upload (operations §13); OWASP on CSV injection.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

import attrs

from los_core.domain.contact import INDIA
from los_core.domain.errors import Invalid
from los_core.domain.kyc import Email, Pan, Phone
from los_core.domain.lead import Details
from los_core.domain.money import Paise
from los_core.domain.rupees import parse_rupees

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_ROWS: Final = 10_000
_MAX_TEXT: Final = 200

REQUIRED: Final = ("name", "phone")
COLUMNS: Final = (
    "name",
    "phone",
    "email",
    "pan",
    "dob",
    "employer",
    "netSalary",
    "city",
    "pincode",
    "loanAmount",
    "source",
    "campaign",
    "externalLeadId",
    "consentTs",
)
"""The columns of an upload; their order is free and those not required may be left out."""


@attrs.frozen(kw_only=True)
class RowFault:
    """What is wrong in a row: its line counted from 2 (the header is 1), column and message.

    No value is repeated: it may be personal.
    """

    row: int
    column: str
    message: str


@attrs.frozen(kw_only=True)
class LeadFile:
    """The sound rows, each with its number, and the faults of the others."""

    rows: tuple[tuple[int, Details], ...]
    faults: tuple[RowFault, ...]

    @property
    def invalid_rows(self) -> int:
        """How many rows have at least one fault."""
        return len({fault.row for fault in self.faults})


def read_leads(data: bytes) -> LeadFile:
    """Return the leads of a file.

    UTF-8, with or without a byte-order mark; amounts in rupees, dates as 2026-03-05 or 05/03/2026,
    consent as an ISO instant (of India where it names no zone). Empty rows are passed over.
    Raises: Invalid: too large, not UTF-8, no CSV, columns missing, unknown or twice, too many rows.
    """
    if len(data) > MAX_BYTES:
        raise Invalid("the file is larger than 5 MB", code="LEAD_FILE_TOO_LARGE")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise Invalid("the file is not UTF-8", code="LEAD_FILE_ENCODING") from err
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as err:
        raise Invalid("the file is no CSV", code="LEAD_FILE_FORMAT") from err
    header = _header(lines)
    body = [(no, line) for no, line in enumerate(lines[1:], 2) if any(map(str.strip, line))]
    if len(body) > MAX_ROWS:
        raise Invalid(f"the file has more than {MAX_ROWS} rows", code="LEAD_FILE_TOO_LONG")
    rows: list[tuple[int, Details]] = []
    faults: list[RowFault] = []
    for no, line in body:
        details, wrong = _row(no, header, line)
        faults += wrong
        if details is not None:
            rows.append((no, details))
    return LeadFile(rows=tuple(rows), faults=tuple(faults))


def neutral(text: str) -> str:
    """Return text that no spreadsheet runs: a quote goes before what would start a formula.

    Idempotent. Looks through blanks and compatibility forms (a full-width equals sign also counts).
    """
    first = unicodedata.normalize("NFKC", text).lstrip(" \u200b\ufeff")[:1]
    return f"'{text}" if first in _FORMULA and first else text


_FORMULA: Final = frozenset("=+-@\t\r\n")


def _header(lines: list[list[str]]) -> tuple[str, ...]:
    if not lines:
        raise Invalid("the file is empty", code="LEAD_FILE_FORMAT")
    by_folded = {name.casefold(): name for name in COLUMNS}
    given = [name.strip().casefold() for name in lines[0]]
    unknown = sorted({name for name in given if name not in by_folded})
    if unknown:
        raise Invalid(
            f"{len(unknown)} columns are not known; allowed are {', '.join(COLUMNS)}",
            code="LEAD_FILE_COLUMNS",
        )
    header = tuple(by_folded[name] for name in given)
    missing = [name for name in REQUIRED if name not in header]
    if missing or len(set(header)) != len(header):
        raise Invalid(
            f"columns are missing or given twice; required are {', '.join(REQUIRED)}",
            code="LEAD_FILE_COLUMNS",
        )
    return header


def _row(
    no: int, header: tuple[str, ...], line: list[str]
) -> tuple[Details | None, list[RowFault]]:
    if len(line) != len(header):
        message = f"has {len(line)} cells, the header {len(header)}"
        return None, [RowFault(row=no, column="", message=message)]
    cells = {name: cell.strip() for name, cell in zip(header, line, strict=True)}
    values: dict[str, Any] = {}
    faults = []
    for name, (field, parse) in _PARSERS.items():
        cell = cells.get(name, "")
        if not cell and name not in REQUIRED:
            continue
        try:
            values[field] = parse(cell)
        except Invalid as err:
            message = err.fields[0][1] if err.fields else err.message
            faults.append(RowFault(row=no, column=name, message=message))
    return (None if faults else Details(**values)), faults


def _text(cell: str) -> str:
    if len(cell) > _MAX_TEXT:
        raise Invalid(f"is longer than {_MAX_TEXT} characters")
    if any(unicodedata.category(char) == "Cc" for char in cell):
        raise Invalid("contains control characters")
    return neutral(cell)


def _name(cell: str) -> str:
    if not any(char.isalpha() for char in cell):
        raise Invalid("is required, in letters")
    return _text(cell)


def _day(cell: str) -> date:
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", cell, re.ASCII)
    parts = found.groups() if found else ()
    if indian := re.fullmatch(r"(\d\d)[/-](\d\d)[/-](\d{4})", cell, re.ASCII):
        parts = indian.groups()[::-1]
    try:
        return date(*map(int, parts))
    except (TypeError, ValueError) as err:
        raise Invalid("is not a date like 2026-03-05 or 05/03/2026") from err


def _rupees(cell: str) -> Paise:
    amount = parse_rupees(cell)
    if amount < 0:
        raise Invalid("is below zero")
    return amount


def _pincode(cell: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]{5}", cell, re.ASCII):
        raise Invalid("is not a pincode (six digits)")
    return cell


def _instant(cell: str) -> datetime:
    try:
        at = datetime.fromisoformat(cell)
    except ValueError as err:
        raise Invalid("is not an instant like 2026-03-05T10:00:00+05:30") from err
    return at if at.tzinfo else at.replace(tzinfo=INDIA)


_PARSERS: Final[Mapping[str, tuple[str, Callable[[str], object]]]] = {
    "name": ("name", _name),
    "phone": ("phone", Phone.parse),
    "email": ("email", Email.parse),
    "pan": ("pan", Pan.parse),
    "dob": ("born_on", _day),
    "employer": ("employer", _text),
    "netSalary": ("net_salary", _rupees),
    "city": ("city", _text),
    "pincode": ("pincode", _pincode),
    "loanAmount": ("loan_amount", _rupees),
    "source": ("source", _text),
    "campaign": ("campaign", _text),
    "externalLeadId": ("external_id", _text),
    "consentTs": ("consent_at", _instant),
}
