"""How banks lay their e-statements out, as data: heads, formats, and where account facts stand.

Banks change their layouts; a new one is an entry here. What is done with them is in `local`.
All patterns are applied to single lines of text and are linear in their length.

Source: e-statements of HDFC Bank and State Bank of India.
"""

import re
from collections.abc import Callable
from datetime import date

import attrs

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
AMOUNT = r"-?[\d,]{1,18}\.\d{2}"


@attrs.frozen(kw_only=True)
class Layout:
    """One bank's layout.

    Attributes:
        bank: its short name, as statements carry it.
        heads: the titles of the columns, left to right; a page's table begins under them.
        narration, reference, debit, credit, balance: which of the heads is which column.
        row: what a row's line begins with: its date, then whatever stands before the narration.
        day: reads the row pattern's first group. Raises: ValueError: no such day.
        holder: the account holder's name. With a `block` it begins a line below that text on the
            first page, before a gap; without, it may stand anywhere.
        account, ifsc, period: the account number, the branch code, first and last day.
        opening: the printed opening balance, or the heads of a summary line that has it.
        totals: heads of the summary at the end; its values stand on the next line, in this order:
            opening, number of debits, number of credits, debits, credits, closing. Empty: none.
    """

    bank: str
    heads: tuple[str, ...]
    narration: int
    reference: int
    debit: int
    credit: int
    balance: int
    row: re.Pattern[str]
    day: Callable[[str], date]
    holder: re.Pattern[str]
    block: str
    account: re.Pattern[str]
    ifsc: re.Pattern[str]
    period: re.Pattern[str]
    opening: re.Pattern[str] | None
    totals: tuple[str, ...] = ()


def _slashed(text: str) -> date:
    """Return the day of dd/mm/yy or dd/mm/yyyy."""
    day, month, year = (int(part) for part in text.split("/"))
    return date(year + 2000 if year < 100 else year, month, day)


def _worded(text: str) -> date:
    """Return the day of `d Mon yyyy`, or of dd/mm/yyyy, which the same bank also prints."""
    if "/" in text:
        return _slashed(text)
    day, month, year = text.split()
    return date(int(year), _MONTHS.index(month.upper()) + 1, int(day))


_SBI_DAY = r"(?:\d{1,2} [A-Za-z]{3} \d{4}|\d{2}/\d{2}/\d{4})"

HDFC = Layout(
    bank="HDFC",
    heads=(
        "Date",
        "Narration",
        "Chq./Ref.No.",
        "Value Dt",
        "Withdrawal Amt.",
        "Deposit Amt.",
        "Closing Balance",
    ),
    narration=1,
    reference=2,
    debit=4,
    credit=5,
    balance=6,
    row=re.compile(r"\s{0,8}(\d{2}/\d{2}/\d{2}(?:\d{2})?)\s"),
    day=_slashed,
    # The name heads the address, on the left of the branch's facts.
    block="Statement of account",
    holder=re.compile(r"(?:(?:MR|MRS|MS|M/S|DR|SHRI|SMT)\.?\s+)?([A-Z][A-Za-z.' ]{1,80})"),
    account=re.compile(r"Account No\s{0,4}:\s{0,4}(\d{9,18})"),
    ifsc=re.compile(r"IFSC\s{0,4}:\s{0,4}([A-Z]{4}0[A-Z0-9]{6})"),
    period=re.compile(
        r"From\s{0,4}:\s{0,4}(\d{2}/\d{2}/\d{4})\s{1,9}To\s{0,4}:\s{0,4}(\d{2}/\d{2}/\d{4})"
    ),
    opening=None,
    totals=("Opening Balance", "Dr Count", "Cr Count", "Debits", "Credits", "Closing Bal"),
)

SBI = Layout(
    bank="SBI",
    heads=(
        "Txn Date",
        "Value Date",
        "Description",
        "Ref No./Cheque No.",
        "Debit",
        "Credit",
        "Balance",
    ),
    narration=2,
    reference=3,
    debit=4,
    credit=5,
    balance=6,
    row=re.compile(rf"\s{{0,8}}({_SBI_DAY})\s{{1,20}}{_SBI_DAY}\s"),
    day=_worded,
    holder=re.compile(
        r"Account Name\s{0,60}:\s{0,4}(?:(?:MR|MRS|MS|DR|SHRI|SMT)\.?\s)?(\S+(?: \S+){0,9})",
        re.IGNORECASE,
    ),
    block="",
    account=re.compile(r"Account Number\s{0,60}:\s{0,4}(\d{9,18})"),
    ifsc=re.compile(r"IFS Code\s{0,60}:\s{0,4}([A-Z]{4}0[A-Z0-9]{6})"),
    period=re.compile(rf"Account Statement from ({_SBI_DAY}) to ({_SBI_DAY})"),
    opening=re.compile(rf"Balance as on {_SBI_DAY}\s{{0,60}}:\s{{0,4}}({AMOUNT})"),
)

LAYOUTS = (HDFC, SBI)
