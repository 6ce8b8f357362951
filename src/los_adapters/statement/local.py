"""Bank statements read here, without a vendor: text PDF files in the layouts we know.

API: none; the file's text comes from `pdf_reader`'s child process, columns from `layouts`.
Units: printed rupees with two decimals become paise, digit by digit.
Limits: files of at most 10 MB and 200 pages with a text layer. Every row must follow from the one
before by its amount; where most do not, the layout was misread and the file is refused, where a
few do not, the statement is returned as printed and the domain calls it tampered with.
Inferred: blanks lost where a bank breaks a narration in the middle; they are not put back.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import dropwhile, islice, pairwise

import attrs

from los_adapters.pdf_reader import Fault, Pages, UnreadablePdf, read_pages
from los_adapters.statement.layouts import AMOUNT, LAYOUTS, Layout
from los_core.domain.money import Paise
from los_core.domain.statement import Reason, Row, Statement, UnreadableStatement, breaks

_AMOUNT = re.compile(rf"(?<!\S)({AMOUNT})(?:\s?(Cr|Dr|CR|DR)\b\.?)?(?!\S)")
_PART = re.compile(r"\S+(?: \S+)*")
_GAP = re.compile(r"\s{3,}")
_EDITORS = re.compile(
    r"ilovepdf|sejda|smallpdf|pdfescape|foxit|nitro|xchange|inkscape|photoshop|illustrator|canva"
    r"|microsoft|libreoffice|openoffice|google docs|skia|pdffiller|dochub|pdf24|acrobat",
    re.IGNORECASE,
)
_REASONS = {
    Fault.TOO_LARGE: Reason.TOO_LARGE,
    Fault.TOO_COMPLEX: Reason.TOO_COMPLEX,
    Fault.DAMAGED: Reason.DAMAGED,
    Fault.PASSWORD_REQUIRED: Reason.PASSWORD_REQUIRED,
    Fault.PASSWORD_WRONG: Reason.PASSWORD_WRONG,
}


class LocalStatementReader:
    """Reads the PDF files of the banks in `LAYOUTS`; holds nothing and may be shared."""

    def read(self, pdf: bytes, *, password: str | None) -> Statement:
        """Return the statement. Raises: UnreadableStatement, Unavailable (see the port)."""
        try:
            pages = read_pages(pdf, password=password)
        except UnreadablePdf as err:
            raise UnreadableStatement(_REASONS[err.fault], str(err)) from err
        return _to_statement(pages)


@attrs.frozen
class _Columns:
    """Where a page's columns stand, in characters: left and right edge of each head."""

    edges: tuple[tuple[int, int], ...]


def _to_statement(pages: Pages) -> Statement:
    lines = [text.splitlines() for text in pages.texts]
    if not any(line.strip() for page in lines for line in page):
        raise UnreadableStatement(Reason.SCANNED_IMAGE, "the file has no text: it is a picture")
    layout = _layout(lines)
    rows = tuple(row for page in lines for row in _rows(layout, page))
    if not rows:
        raise UnreadableStatement(Reason.NO_TXN, "the statement has no entries")
    printed = _totals(layout, lines)
    start, end = _period(layout, lines)
    opening = printed.opening if printed else _opening(layout, lines, rows)
    statement = Statement(
        account_holder=_holder(layout, lines),
        account_last4=_fact(layout.account, lines, "account number")[-4:],
        bank=layout.bank,
        ifsc=_fact(layout.ifsc, lines, "IFSC"),
        period_from=start,
        period_to=end,
        opening=opening,
        closing=printed.closing if printed else rows[-1].balance,
        rows=rows,
        marks=(*_file_marks(pages), *_row_marks(printed, rows, start, end)),
    )
    unproven = [index for index in breaks(statement) if index < len(rows)]
    if 2 * len(unproven) > len(rows):
        message = f"{len(unproven)} of {len(rows)} entries do not follow from the balance"
        raise UnreadableStatement(Reason.BALANCE_UNPROVEN, message)
    return statement


def _layout(pages: Sequence[Sequence[str]]) -> Layout:
    for layout in LAYOUTS:
        if any(_columns(layout, line) for page in pages for line in page):
            return layout
    known = ", ".join(layout.bank for layout in LAYOUTS)
    message = f"no table of a bank we can read was found; known are {known}"
    raise UnreadableStatement(Reason.UNSUPPORTED_FORMAT, message)


def _columns(layout: Layout, line: str) -> _Columns | None:
    """Return the columns if the line has every head of the layout, in order; else None."""
    edges: list[tuple[int, int]] = []
    at = 0
    for head in layout.heads:
        at = line.find(head, at)
        if at < 0:
            return None
        edges.append((at, at + len(head)))
        at += len(head)
    return _Columns(tuple(edges))


def _rows(layout: Layout, page: Sequence[str]) -> Iterator[Row]:
    """Yield the page's rows; lines in the narration's column belong to the row above them."""
    columns: _Columns | None = None
    row: Row | None = None
    for line in page:
        if found := _columns(layout, line):
            columns = found
        elif columns is None or not line.strip():
            continue
        elif begun := _row(layout, columns, line):
            if row is not None:
                yield row
            row = begun
        elif row is not None:
            if more := _wrapped(layout, columns, line):
                row = attrs.evolve(row, narration=row.narration + more)
            else:
                break
    if row is not None:
        yield attrs.evolve(row, narration=row.narration.strip())


def _row(layout: Layout, columns: _Columns, line: str) -> Row | None:
    begin = layout.row.match(line)
    if begin is None:
        return None
    try:
        on = layout.day(begin[1])
    except ValueError:
        return None
    amounts = {layout.debit: 0, layout.credit: 0}
    balance: Paise | None = None
    first = len(line)
    # Amounts stand flush right under their heads; a narration may hold figures of its own.
    for found in _AMOUNT.finditer(line, columns.edges[layout.reference][1]):
        column = _nearest(layout, columns, found.span(1))
        first = min(first, found.start())
        if column == layout.balance:
            balance = _paise(found[1], found[2])
        else:
            amounts[column] += _paise(found[1], None)
    if balance is None:
        return None
    return Row(
        on=on,
        narration=_narration(layout, columns, line[:first], begin.end()),
        debit=amounts[layout.debit],
        credit=amounts[layout.credit],
        balance=balance,
    )


def _nearest(layout: Layout, columns: _Columns, span: tuple[int, int]) -> int:
    return min(
        (layout.debit, layout.credit, layout.balance),
        key=lambda column: abs(columns.edges[column][1] - span[1]),
    )


def _narration(layout: Layout, columns: _Columns, line: str, start: int) -> str:
    """Return what stands under the narration's head, without the reference behind it."""
    inside = [
        part[0]
        for part in _PART.finditer(line[start:])
        if start + part.start() < columns.edges[layout.reference][0] - 2
    ]
    return inside[0] if inside else ""


def _wrapped(layout: Layout, columns: _Columns, line: str) -> str:
    """Return the line if it goes on with a narration: nothing before its column or after it."""
    left = columns.edges[layout.narration][0]
    right = columns.edges[layout.reference][1]
    text = line.rstrip()
    indent = len(text) - len(text.lstrip())
    if indent < left - 2 or len(text) > right:
        return ""
    return text[left:] if indent > left else text.lstrip()


def _paise(text: str, side: str | None) -> Paise:
    """Return 1,23,456.78 as paise; a balance marked Dr is owed to the bank, so below zero."""
    amount = int(text.replace(",", "").replace(".", ""))
    return -amount if side is not None and side.upper() == "DR" else amount


@attrs.frozen(kw_only=True)
class _Totals:
    opening: Paise
    debit_count: int
    credit_count: int
    debits: Paise
    credits: Paise
    closing: Paise


def _totals(layout: Layout, pages: Sequence[Sequence[str]]) -> _Totals | None:
    for page in pages if layout.totals else ():
        for heads, values in pairwise(line for line in page if line.strip()):
            if all(head in heads for head in layout.totals):
                found = re.fullmatch(
                    rf"\s*({AMOUNT})\s+(\d{{1,6}})\s+(\d{{1,6}})\s+({AMOUNT})\s+({AMOUNT})"
                    rf"\s+({AMOUNT})\s*",
                    values,
                )
                if found:
                    return _Totals(
                        opening=_paise(found[1], None),
                        debit_count=int(found[2]),
                        credit_count=int(found[3]),
                        debits=_paise(found[4], None),
                        credits=_paise(found[5], None),
                        closing=_paise(found[6], None),
                    )
    return None


def _opening(layout: Layout, pages: Sequence[Sequence[str]], rows: Sequence[Row]) -> Paise:
    if layout.opening is not None and (found := _search(layout.opening, pages)):
        return _paise(found[1], None)
    return rows[0].balance + rows[0].debit - rows[0].credit


def _holder(layout: Layout, pages: Sequence[Sequence[str]]) -> str:
    if not layout.block:
        return _fact(layout.holder, pages, "account holder").upper()
    below = dropwhile(lambda line: layout.block not in line, pages[0])
    for line in islice(below, 1, None):
        if line[:1].strip() and (found := layout.holder.match(_GAP.split(line)[0])):
            return found[1].strip().upper()
    raise UnreadableStatement(Reason.UNSUPPORTED_FORMAT, "the account holder was not found")


def _period(layout: Layout, pages: Sequence[Sequence[str]]) -> tuple[date, date]:
    found = _search(layout.period, pages)
    try:
        if found:
            return layout.day(found[1]), layout.day(found[2])
    except ValueError as err:
        message = "the period names a day that does not exist"
        raise UnreadableStatement(Reason.UNSUPPORTED_FORMAT, message) from err
    raise UnreadableStatement(Reason.UNSUPPORTED_FORMAT, "the period was not found")


def _fact(pattern: re.Pattern[str], pages: Sequence[Sequence[str]], what: str) -> str:
    found = _search(pattern, pages)
    if found is None:
        raise UnreadableStatement(Reason.UNSUPPORTED_FORMAT, f"the {what} was not found")
    return found[1]


def _search(pattern: re.Pattern[str], pages: Sequence[Sequence[str]]) -> re.Match[str] | None:
    for page in pages:
        for line in page:
            if found := pattern.search(line):
                return found
    return None


def _file_marks(pages: Pages) -> Iterator[str]:
    """Yield the sign that the file was written or changed by an editor, not by a bank."""
    info = pages.info
    written_by = f"{info.get('Producer', '')} {info.get('Creator', '')}"
    changed = info.get("ModDate", "")
    if _EDITORS.search(written_by) or (changed and changed != info.get("CreationDate", changed)):
        yield "METADATA_EDITED"


def _row_marks(
    printed: _Totals | None, rows: Sequence[Row], start: date, end: date
) -> Iterator[str]:
    """Yield signs that rows are missing or moved: other totals, or days out of order or period."""
    if printed is not None and (
        printed.debits != sum(row.debit for row in rows)
        or printed.credits != sum(row.credit for row in rows)
        or printed.debit_count != sum(1 for row in rows if row.debit)
        or printed.credit_count != sum(1 for row in rows if row.credit)
    ):
        yield "TOTALS_MISMATCH"
    days = [start, *(row.on for row in rows), end]
    if any(later < earlier for earlier, later in pairwise(days)):
        yield "DATES_MISMATCH"
