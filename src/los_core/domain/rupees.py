"""Rupees as people write them: parsing, printing, and words for an agreement.

Nothing is computed here. An amount enters as text, becomes whole paise once, and leaves as text
once; everything between is `Paise`.
"""

import re

from los_core.domain.errors import InvalidMoney
from los_core.domain.money import LIMIT, Paise, checked

_PLAIN = r"[0-9]{1,12}"
_INDIAN = r"[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}"
_AMOUNT = re.compile(rf"(-?)(?:₹ ?)?({_INDIAN}|{_PLAIN})(?:\.([0-9]{{1,2}}))?", re.ASCII)

# fmt: off
_ONES = (
    "Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten",
    "Eleven", "Twelve", "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen",
    "Nineteen",
)
_TENS = ("Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety")
# fmt: on
_CRORE, _LAKH, _THOUSAND, _HUNDRED = 10**7, 10**5, 10**3, 100


def parse_rupees(text: str) -> Paise:
    """Return the paise of an amount such as `1,23,456.00`, `₹500` or `-12.5`.

    Accepts ASCII digits, at most two decimals, an optional sign before an optional ₹, and commas
    only where Indian grouping puts them. No blanks around, no exponent, no other script's digits.
    Raises: InvalidMoney: anything else, or an amount beyond the limit.
    """
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise InvalidMoney("an amount is written like 1,23,456.00, with at most two decimals")
    sign, whole, part = found.groups()
    paise = int(whole.replace(",", "")) * 100 + int((part or "").ljust(2, "0"))
    return checked(-paise if sign else paise)


def format_rupees(amount: Paise) -> str:
    """Return `amount` paise as `₹1,23,456.00`, a negative one as `-₹1,23,456.00`."""
    whole, part = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}₹{_grouped(whole)}.{part:02d}"


def rupees_in_words(amount: Paise) -> str:
    """Return `amount` paise in English words with lakh and crore, as agreements print it.

    `Rupees One Lakh Twenty-Three Thousand Four Hundred Fifty-Six and Fifty Paise Only`. Raises:
    InvalidMoney: a negative amount or one beyond the limit; neither belongs in an agreement.
    """
    if not 0 <= checked(amount) <= LIMIT:
        raise InvalidMoney("only an amount from zero up is written in words")
    whole, part = divmod(amount, 100)
    words = f"Rupees {_words(whole)}"
    if part:
        words += f" and {_words(part)} Paise"
    return f"{words} Only"


def _grouped(whole: int) -> str:
    digits = str(whole)
    head, tail = digits[:-3], digits[-3:]
    groups = []
    while head:
        groups.append(head[-2:])
        head = head[:-2]
    return ",".join([*reversed(groups), tail])


def _words(number: int) -> str:
    if number == 0:
        return _ONES[0]
    words: list[str] = []
    for unit, name in ((_CRORE, "Crore"), (_LAKH, "Lakh"), (_THOUSAND, "Thousand")):
        count, number = divmod(number, unit)
        if count:
            words += [_words(count) if count >= _HUNDRED else _below_hundred(count), name]
    hundreds, number = divmod(number, _HUNDRED)
    if hundreds:
        words += [_ONES[hundreds], "Hundred"]
    if number:
        words.append(_below_hundred(number))
    return " ".join(words)


def _below_hundred(number: int) -> str:
    if number < len(_ONES):
        return _ONES[number]
    tens, ones = divmod(number, 10)
    name = _TENS[tens - 2]
    return f"{name}-{_ONES[ones]}" if ones else name
