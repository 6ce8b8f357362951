"""What one line of a bank statement's narration says: salary, instalment, bounce, cash, game.

Banks and remitters write narrations in no common form, wrap them in the middle of words and cut
them off, so each question is asked of the words and, for long words, of the text without blanks.
A narration is a hint about a row, never proof of its amount.

Source: the narrations Indian banks print in their e-statements.
"""

import re
from functools import lru_cache

from rapidfuzz import fuzz

_SALARY = re.compile(r"\b(SAL|SALARY|SALARIES|PAYROLL|WAGES)\b|SALARY|PAYROLL")
_BOUNCE = re.compile(
    r"\b(RTN|RETURN|RETURNED|RET|BOUNCE|BOUNCED|DISHON\w*|INSUFF\w*)\b|ACHRTN|RETURNCH|RTNCHG|NACHRETURN|ECSRETURN"
)
_DEBIT_ORDER = re.compile(r"\b(ACH|NACH|ECS|EMI|SI|CHQ|CHEQUE|MANDATE)\b|ACHD|ACHRTN|EMIRTN")
_TAX_ON_CHARGE = re.compile(r"\b(GST|CGST|SGST|IGST|TAX)\b")
_INSTALMENT = re.compile(
    r"^(?:ACH\s?D|ACHDR|NACH|ECS\s?DR|ECS|EMI|SI)\b[-/ :]*|\bEMI\b|ACH\s?DR?[- ]"
)
_NO_LOAN = re.compile(
    r"MUTUAL|CLEARING CORP|\bSIP\b|INSURANCE|\bLIC\b|ASSURANCE|\bNPS\b|PENSION|\bBSE\b|\bNSE\b"
    r"|ELECTRIC|BROADBAND|POSTPAID"
)
_LOAN = re.compile(
    r"LOAN\s?DISB|DISBURS|FINANCE|FINCORP|FINSERV|FINVEST|CAPITAL|\bNBFC\b|\bCREDIT LINE\b"
    r"|MONEYVIEW|KREDITBEE|\bLENDING\b|MICROFIN"
)
_CASH = re.compile(r"CASH\s?DEP|\bBY CASH\b|\bCDM\b|CASHDEPOSIT")
_GAMBLING = re.compile(
    r"DREAM11|MY11CIRCLE|RUMMY|POKER|\bBETTING\b|\bBET(?:365|WAY)|CASINO|\bMPL\b|\bA23\b|LOTTERY"
    r"|JUNGLEE|WINZO"
)
_INNER = re.compile(r"\b(INTEREST|INT\.? ?PD|CREDIT INTEREST|REFUND|REVERSAL|REV|CASHBACK|FD|RD)\b")
_TRANSFER = re.compile(
    r"^(?:BY TRANSFER[- ]+)?(?:NEFT|RTGS|IMPS|ACH|NACH|SAL|SALARY)\b[ -]*(?:CR|C|INWARD)?\b"
)
_COMPANY = re.compile(r"\b(?:PRIVATE|PVT|LIMITED|LTD|LLP|INC|CO|COMPANY|CORPORATION)\b\.?")
_NO_NAME = re.compile(
    r"[A-Z]{4}0[A-Z0-9]{6}|[A-Z]*\d[A-Z0-9]*|NEFT|RTGS|IMPS|ACH|NACH|CR|DR|C|D|UPI|INB|BY TRANSFER"
    r"|SAL|SALARY|PAYROLL|TRANSFER|INWARD|[A-Z]{3} ?\d{2,4}"
)
_MONTH_WORDS = re.compile(
    r"\b(?:SALARY|SAL|PAYROLL|EMI|FOR|JAN|FEB|MAR|APR|MAY|JUNE?|JULY?|AUG|SEPT?|OCT|NOV|DEC|\d+)\b"
)


def says_salary(narration: str) -> bool:
    """Return whether the words call it a salary."""
    return _found(_SALARY, narration)


def may_be_salary(narration: str, *, holder: str) -> bool:
    """Return whether a credit can be a salary: from a third party, no loan, cash, return, refund.

    A payer much like the account holder is the holder's own transfer. UPI is left out unless the
    words say salary: employers do not pay through it, friends do.
    """
    text = _plain(narration)
    if is_cash_deposit(narration) or is_bounce(narration) or _found(_INNER, narration):
        return False
    if says_salary(narration):
        return True
    if is_loan(narration) or not _TRANSFER.search(text):
        return False
    name = payer(narration)
    return bool(name) and fuzz.token_sort_ratio(name, _plain(holder)) < 90


def payer(narration: str) -> str:
    """Return the name of who sent the money, without legal form; empty if none is found."""
    return _name(_TRANSFER.sub("", _plain(narration)))


def lender(narration: str) -> str:
    """Return the name of the lender an instalment went to; empty if it is no instalment.

    Mandates of mutual funds, insurers and utilities are no instalments, nor are charges for a
    returned one.
    """
    text = re.sub(r"^(?:TO TRANSFER|DEBIT)[- ]+", "", _plain(narration))
    if not _INSTALMENT.search(text) or _NO_LOAN.search(text) or is_bounce(narration):
        return ""
    return _name(_INSTALMENT.sub("", text, count=1)) or "UNNAMED"


def is_bounce(narration: str) -> bool:
    """Return whether it is a debit that came back, or the charge for that; not the tax on it."""
    return (
        _found(_BOUNCE, narration)
        and _found(_DEBIT_ORDER, narration)
        and not _TAX_ON_CHARGE.search(_plain(narration))
    )


def is_loan(narration: str) -> bool:
    """Return whether a credit looks like a lender's: a disbursal or a finance company's name."""
    return _found(_LOAN, narration) and not _found(_SALARY, narration)


def is_cash_deposit(narration: str) -> bool:
    """Return whether cash was paid in over the counter or at a machine."""
    return _found(_CASH, narration)


def is_gambling(narration: str) -> bool:
    """Return whether it names a game played for money."""
    return _found(_GAMBLING, narration)


def _found(pattern: re.Pattern[str], narration: str) -> bool:
    text = _plain(narration)
    return bool(pattern.search(text) or pattern.search(text.replace(" ", "")))


@lru_cache(maxsize=4096)
def _plain(narration: str) -> str:
    return " ".join(narration.upper().split())


def _name(text: str) -> str:
    """Return the first part between dashes or slashes that is a name rather than a code."""
    for part in re.split(r"[-/:*]+", text):
        name = _MONTH_WORDS.sub(" ", _COMPANY.sub(" ", part))
        name = " ".join(re.sub(r"[^A-Z& ]", " ", name).split())
        if len(name) >= 3 and not _NO_NAME.fullmatch(part.strip()):
            return name
    return ""
