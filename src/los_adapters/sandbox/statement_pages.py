"""The pages of a bank's e-statement: account block, ruled table, summary, as the bank prints them.

Text in the PDF's own fonts, amounts flush right under their heads, narrations wrapped where the
column ends, even in the middle of a word; the account block and the head return on every page.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from enum import Enum

import attrs
from fpdf import FPDF

from los_core.domain.money import Paise
from los_core.domain.rupees import format_rupees
from los_core.domain.statement import Row, Statement

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LINE = 3.6
"""Distance between baselines in mm."""


class Bank(Enum):
    """Whose paper is imitated."""

    HDFC = "HDFC"
    SBI = "SBI"


@attrs.frozen
class Entry:
    """A row and the bank's reference for it."""

    row: Row
    reference: str


@attrs.frozen
class _Column:
    title: str
    left: float
    right: float
    is_amount: bool = False


_HDFC_COLUMNS = (
    _Column("Date", 8, 23),
    _Column("Narration", 23, 88),
    _Column("Chq./Ref.No.", 88, 119),
    _Column("Value Dt", 119, 134),
    _Column("Withdrawal Amt.", 134, 157, is_amount=True),
    _Column("Deposit Amt.", 157, 180, is_amount=True),
    _Column("Closing Balance", 180, 204, is_amount=True),
)
_SBI_COLUMNS = (
    _Column("Txn Date", 8, 27),
    _Column("Value Date", 27, 46),
    _Column("Description", 46, 104),
    _Column("Ref No./Cheque No.", 104, 134),
    _Column("Debit", 134, 157, is_amount=True),
    _Column("Credit", 157, 180, is_amount=True),
    _Column("Balance", 180, 204, is_amount=True),
)


def draw(
    bank: Bank,
    statement: Statement,
    *,
    entries: Sequence[Entry],
    account_no: str,
    branch: str,
    address: Sequence[str],
    created: datetime,
) -> FPDF:
    """Return the drawn document, not yet written out, so that the caller may lock it."""
    pages = _Pages(
        bank,
        statement,
        account_no=account_no,
        branch=branch,
        address=address,
        created=created,
    )
    for entry in entries:
        pages.row(entry)
    pages.end()
    return pages.pdf


class _Pages:
    def __init__(
        self,
        bank: Bank,
        statement: Statement,
        *,
        account_no: str,
        branch: str,
        address: Sequence[str],
        created: datetime,
    ) -> None:
        self.pdf = FPDF(unit="mm", format="A4")
        self.pdf.set_auto_page_break(auto=False)
        self.pdf.set_creation_date(created)
        self.pdf.set_title("Account Statement")
        self.pdf.alias_nb_pages("")
        self._bank = bank
        self._statement = statement
        self._account_no = account_no
        self._branch = branch
        self._address = address
        self._created = created
        self._columns = _HDFC_COLUMNS if bank is Bank.HDFC else _SBI_COLUMNS
        self._size = 7.0
        self._y = 0.0
        self._table_top = 0.0
        self._page()

    def row(self, entry: Entry) -> None:
        """Print one entry; its narration may take several lines."""
        row = entry.row
        on = self._day(row.on)
        amounts = [_plain(row.debit), _plain(row.credit), _plain(row.balance, zero=True)]
        if self._bank is Bank.HDFC:
            texts = [on, row.narration, entry.reference, on, *amounts]
            wide = 1
        else:
            texts = [on, on, row.narration, entry.reference, *amounts]
            wide = 2
        lines = self._wrap(texts[wide], self._columns[wide])
        if self._y + len(lines) * _LINE > 268:
            self._foot()
            self._page()
        for column, text in zip(
            self._columns, [*texts[:wide], lines[0], *texts[wide + 1 :]], strict=True
        ):
            self._cell(column, text, self._y)
        for offset, line in enumerate(lines[1:], start=1):
            self._cell(self._columns[wide], line, self._y + offset * _LINE)
        self._y += len(lines) * _LINE + 1.4

    def end(self) -> None:
        """Print what the bank prints after the last row."""
        if self._y > 240:
            self._foot()
            self._page()
        rows = self._statement.rows
        self._y += 4
        if self._bank is Bank.HDFC:
            debits, credits_ = (
                [r.debit for r in rows if r.debit],
                [r.credit for r in rows if r.credit],
            )
            self._text("STATEMENT SUMMARY :-", 8, self._y, bold=True)
            heads = ("Opening Balance", "Dr Count", "Cr Count", "Debits", "Credits", "Closing Bal")
            values = (
                _plain(self._statement.opening, zero=True),
                str(len(debits)),
                str(len(credits_)),
                _plain(sum(debits), zero=True),
                _plain(sum(credits_), zero=True),
                _plain(self._statement.closing, zero=True),
            )
            for index, (head, value) in enumerate(zip(heads, values, strict=True)):
                self._text(head, 12 + index * 31, self._y + 5, bold=True)
                self._text(value, 12 + index * 31, self._y + 9)
            self._text(f"Generated On: {self._created:%d-%b-%Y %H:%M}", 8, self._y + 15)
            self._text("Generated By: NETBANKING", 80, self._y + 15)
        else:
            self._text(
                "** This is a computer generated statement and does not require a signature",
                8,
                self._y + 5,
            )
        self._foot()

    def _page(self) -> None:
        self.pdf.add_page()
        head: Callable[[], float] = self._hdfc_head if self._bank is Bank.HDFC else self._sbi_head
        self._y = head()
        self._table_top = self._y
        self.pdf.set_draw_color(120, 120, 120)
        self.pdf.set_line_width(0.15)
        self.pdf.line(8, self._y, 204, self._y)
        for column in self._columns:
            self._cell(column, column.title, self._y + 4.2, bold=True)
        self._y += 6
        self.pdf.line(8, self._y, 204, self._y)
        self._y += 4.2

    def _hdfc_head(self) -> float:
        told = self._statement
        self.pdf.set_fill_color(0, 76, 143)
        self.pdf.rect(8, 8, 46, 9, style="F")
        self.pdf.set_text_color(255, 255, 255)
        self._text("HDFC BANK", 11, 14, size=13, bold=True)
        self.pdf.set_text_color(0, 0, 0)
        self._text(f"Page No .: {self.pdf.page_no()}", 92, 12)
        self._text("Statement of account", 88, 16.5, size=9, bold=True)
        left = [told.account_holder, *self._address, "", "JOINT HOLDERS :"]
        for index, line in enumerate(left):
            self._text(line, 8, 25 + index * 4)
        right = (
            f"Account Branch : {self._branch}",
            "Currency : INR",
            "OD Limit : 0.00",
            f"Account No : {self._account_no}",
            "Account Status : Regular",
            f"RTGS/NEFT IFSC : {told.ifsc}",
        )
        for index, line in enumerate(right):
            self._text(line, 122, 22 + index * 4)
        y = 26 + max(len(left), len(right)) * 4
        self._text("Nomination : Registered", 8, y)
        span = f"From : {told.period_from:%d/%m/%Y} To : {told.period_to:%d/%m/%Y}"
        self._text(span, 8, y + 4.5)
        return y + 8

    def _sbi_head(self) -> float:
        told = self._statement
        self.pdf.set_text_color(40, 40, 140)
        self._text("STATE BANK OF INDIA", 8, 14, size=13, bold=True)
        self.pdf.set_text_color(0, 0, 0)
        pairs = (
            ("Account Name", told.account_holder),
            ("Address", ", ".join(self._address)),
            ("Date", self._day(self._created.date())),
            ("Account Number", self._account_no.zfill(17)),
            ("Account Description", "REGULAR SB CHQ-INDIVIDUALS"),
            ("Branch", self._branch),
            ("Drawing Power", "0.00"),
            ("Interest Rate(% p.a.)", "2.5"),
            ("IFS Code", told.ifsc),
            ("Nomination Registered", "Yes"),
            (f"Balance as on {self._day(told.period_from)}", _plain(told.opening, zero=True)),
        )
        for index, (label, value) in enumerate(pairs):
            y = 22 + index * 4
            self._text(label, 8, y)
            self._text(f": {value}", 52, y)
        y = 22 + len(pairs) * 4 + 3
        span = f"{self._day(told.period_from)} to {self._day(told.period_to)}"
        self._text(f"Account Statement from {span}", 8, y, bold=True)
        return y + 4

    def _foot(self) -> None:
        self.pdf.line(8, 272, 204, 272)
        if self._bank is Bank.HDFC:
            self._text("HDFC BANK LIMITED", 8, 277, bold=True)
            self._text(
                "*Closing balance includes funds earmarked for hold and uncleared funds", 8, 281
            )
            self._text(
                "Contents of this statement will be considered correct if no error is reported "
                "within 30 days of receipt of statement.",
                8,
                285,
            )
        else:
            self._text(
                "Please do not share your ATM, debit card or PIN with anyone. "
                "The bank never asks for them.",
                8,
                277,
            )

    def _day(self, on: date) -> str:
        if self._bank is Bank.HDFC:
            return f"{on:%d/%m/%y}"
        return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"

    def _wrap(self, text: str, column: _Column) -> list[str]:
        """Break where the column ends; a blank at the break is kept with the line before it."""
        lines = [""]
        self.pdf.set_font("helvetica", "", self._size)
        for char in text:
            if self.pdf.get_string_width(lines[-1] + char) > column.right - column.left - 2.5:
                lines.append("")
            lines[-1] += char
        return lines

    def _cell(self, column: _Column, text: str, y: float, *, bold: bool = False) -> None:
        x = column.left
        if column.is_amount:
            self.pdf.set_font("helvetica", "B" if bold else "", self._size)
            x = column.right - 1 - self.pdf.get_string_width(text)
        self._text(text, x, y, bold=bold)

    def _text(
        self, text: str, x: float, y: float, *, size: float | None = None, bold: bool = False
    ) -> None:
        if text:
            self.pdf.set_font("helvetica", "B" if bold else "", size or self._size)
            self.pdf.text(x, y, text)


def _plain(amount: Paise, *, zero: bool = False) -> str:
    """Return 1,23,456.78 without the sign of the rupee; nothing for 0 unless `zero`."""
    return format_rupees(amount).replace("\u20b9", "") if amount or zero else ""
