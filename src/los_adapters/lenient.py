"""Reading what vendors really send: dates in many forms, amounts as text, one object for a list.

Field types for the wire models of provider files. Text that says nothing ("", "-", "NA", "*") is
None, never 0; text that says something unreadable is refused, so a wrong amount cannot pass for a
missing one. Which fields a vendor sends, and what they mean, is in its own file.
"""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, TypeVar

from pydantic import BeforeValidator

from los_core.domain.money import Paise, round_half_up

T = TypeVar("T")

_NOTHING = frozenset({"", "-", "--", "na", "n/a", "nil", "null", "none", "*", "not available"})
_NO_DATE = frozenset({"00000000", "0000-00-00", "00-00-0000", "00/00/0000"})
_MAX_DIGITS = 20
_DATE_FORMATS = (
    "%Y-%m-%d",
    "%d-%m-%Y",
    "%d/%m/%Y",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d%m%Y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d %B %Y",
)


def text(value: object) -> str:
    """Return text without NUL characters and outer or doubled blanks; None is ""."""
    if value is None:
        return ""
    if not isinstance(value, str | int):
        raise ValueError("text is expected")  # noqa: TRY004 # pydantic reports ValueErrors
    return " ".join(str(value).replace("\x00", " ").split())


def day(value: object) -> date | None:
    """Return the date, day before month where both are numbers; a time of day is dropped.

    A date before 1900 is some system's way of having none.
    Raises: ValueError: something is there and it is no date.
    """
    said = text(value)
    if _says_nothing(said) or said in _NO_DATE:
        return None
    said = re.sub(r"(?<=\d)[T ]\d{2}:\d{2}.*$", "", said)
    for form in _DATE_FORMATS:
        try:
            found = datetime.strptime(said, form).date()  # noqa: DTZ007 # a date, no instant
        except ValueError:
            continue
        return found if found.year >= 1900 else None
    raise ValueError("a date is expected")


def decimal(value: object) -> Decimal | None:
    """Return a number written with or without ₹, blanks and commas.

    Raises: ValueError: it is none, or one of more than twenty digits ("1E+999999" included).
    """
    said = text(value) if not isinstance(value, float) else repr(value)
    if _says_nothing(said):
        return None
    try:
        number = Decimal(re.sub(r"[₹,\s]|^(?:Rs\.?|INR)", "", said))
    except InvalidOperation as err:
        raise ValueError("a number is expected") from err
    if not number.is_finite() or abs(number.adjusted()) > _MAX_DIGITS:
        raise ValueError("a number is expected")
    return number


def paise(value: object) -> Paise | None:
    """Return rupees as paise, half up; a credit balance is negative. Raises: ValueError."""
    rupees = decimal(value)
    if rupees is None:
        return None
    over, under = (rupees * 100).as_integer_ratio()
    return round_half_up(over, under)


def whole(value: object) -> int | None:
    """Return a whole number ("24", "24.0"). Raises: ValueError: it has a fraction, or is none."""
    number = decimal(value)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise ValueError("a whole number is expected")
    return int(number)


def flag(value: object) -> bool | None:
    """Return yes or no however it is said; None if it is said in no way we know."""
    if isinstance(value, bool):
        return value
    said = text(value).casefold()
    if said in {"y", "yes", "true", "1", "linked"}:
        return True
    return False if said in {"n", "no", "false", "0", "not linked"} else None


def items(value: object) -> list[object]:
    """Return a list: nothing is empty, a single object is a list of one."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _says_nothing(said: str) -> bool:
    return said.casefold() in _NOTHING


Text = Annotated[str, BeforeValidator(text)]
Day = Annotated[date | None, BeforeValidator(day)]
Number = Annotated[Decimal | None, BeforeValidator(decimal)]
Amount = Annotated[Paise | None, BeforeValidator(paise)]
Whole = Annotated[int | None, BeforeValidator(whole)]
Flag = Annotated[bool | None, BeforeValidator(flag)]
Items = Annotated[list[T], BeforeValidator(items)]
