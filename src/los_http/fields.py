"""Types of request fields: the shapes that are checked before any rule is asked.

Lengths and ranges here only keep out what no rule could mean. Identifiers are texts that `body`
tries by the domain's own rule, so that a bad one is told together with all other faults.
"""

from datetime import date
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from los_core.domain.coupon import canonical_code
from los_core.domain.errors import Invalid
from los_core.domain.kyc import Aadhaar, AccountNumber, Email, Ifsc, Pan, Phone, Uan
from los_core.domain.money import LIMIT

PARSE: Final = "parse"
"""Names the domain's rule in a type's `Meta`."""
SHOWN: Final = "shown"
"""Marks a type whose value is a secret."""
END: Final = r"$(?!\n)"
"""The end of a pattern: `$` alone would let a line feed pass after it."""
YEARS: Final = range(1900, 2101)
"""Of births, jobs and payments."""


class Body(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The parent of every request body: camelCase, and no field that is not known."""


class View(msgspec.Struct, kw_only=True, rename="camel"):
    """The parent of every answer: an allow-list, in camelCase; what is absent is null."""


def _day(text: str) -> date:
    """Raises: Invalid: a year that no date of ours is in, such as 0001 or 9999."""
    day = date.fromisoformat(text)
    if day.year not in YEARS:
        raise Invalid("no such day", fields=[("day", f"must lie in {YEARS[0]} to {YEARS[-1]}")])
    return day


Amount = Annotated[
    int, Meta(gt=0, le=LIMIT, description="Whole paise, more than zero", examples=[50_000_00])
]
Whole = Annotated[int, Meta(ge=0, le=LIMIT)]
Count = Annotated[int, Meta(ge=1, le=3660)]
Version = Annotated[int, Meta(ge=0, le=2**31, description="The version the caller has seen")]
Code = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*" + END)
]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Text = Annotated[str, Meta(max_length=200)]
Percent = Annotated[
    str,
    Meta(
        max_length=12,
        pattern=r"^(0|[1-9][0-9]{0,3})(\.[0-9]{1,6})?" + END,
        description="Per cent as exact text",
        examples=["18.25"],
    ),
]
Remark = Annotated[str, Meta(max_length=1000)]
Digits = Annotated[str, Meta(pattern=r"^[0-9]{6}" + END, description="Six digits")]
Secret = Annotated[str, Meta(min_length=1, max_length=200)]
Shown = Annotated[str, Meta(extra={SHOWN: True})]
"""A secret in an answer: a token, a key, a code, an address that opens something by itself."""
State = Annotated[str, Meta(pattern=r"^[A-Z]{2}" + END, description="Two letters", examples=["MH"])]
Pincode = Annotated[str, Meta(pattern=r"^[1-9][0-9]{5}" + END, description="Six digits")]
Day = Annotated[date, Meta(description="A date, such as 2026-03-05", extra={PARSE: _day})]
Reasons = Annotated[list[Code], Meta(max_length=10, description="Reason codes, by weight")]

AadhaarText = Annotated[
    str, Meta(max_length=40, description="Twelve digits", extra={PARSE: Aadhaar.parse})
]
AccountText = Annotated[
    str, Meta(max_length=40, description="9 to 18 digits", extra={PARSE: AccountNumber.parse})
]
CouponText = Annotated[
    str, Meta(max_length=32, description="A coupon's code", extra={PARSE: canonical_code})
]
EmailText = Annotated[
    str, Meta(max_length=250, description="An e-mail address", extra={PARSE: Email.parse})
]
IfscText = Annotated[str, Meta(max_length=40, examples=["HDFC0000123"], extra={PARSE: Ifsc.parse})]
PanText = Annotated[str, Meta(max_length=40, examples=["ABCPE1234F"], extra={PARSE: Pan.parse})]
PhoneText = Annotated[
    str, Meta(max_length=40, description="An Indian mobile number", extra={PARSE: Phone.parse})
]
UanText = Annotated[str, Meta(max_length=40, description="Twelve digits", extra={PARSE: Uan.parse})]
