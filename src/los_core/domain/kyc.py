"""Identifiers of a person and an account, parsed once and masked wherever they are printed.

`parse` takes what a person or a vendor typed and gives the one canonical form or `Invalid`; after
that a `Pan` is a `Pan`. `repr` and `str` never show the value: `reveal()` hands it to the edge that
must send or seal it, `masked` is for display. What a verification found is not here.
Sources: Income Tax Department PAN structure; UIDAI circular K-11020/205/2017 (only the last four
digits of an Aadhaar number are kept); NPCI IFSC format; TRAI numbering plan (mobiles begin 6 to 9).
"""

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from typing import NoReturn, Self, SupportsIndex

import attrs
from stdnum.exceptions import ValidationError
from stdnum.in_ import aadhaar as aadhaar_number
from stdnum.in_ import pan as pan_number

from los_core.domain.errors import Invalid


class KycMode(StrEnum):
    """How the customer's identity was established."""

    AADHAAR_OTP_NON_F2F = "AADHAAR_OTP_NON_F2F"
    OFFLINE_XML = "OFFLINE_XML"
    DIGILOCKER = "DIGILOCKER"
    V_CIP = "V_CIP"
    FACE_TO_FACE = "FACE_TO_FACE"

    @property
    def lifts_cap(self) -> bool:
        """Whether this is full due diligence, so that the yearly OTP e-KYC cap does not bind."""
        return self in {KycMode.V_CIP, KycMode.FACE_TO_FACE}


def _must(pattern: str, what: str) -> Callable[[object, object, str], None]:
    """Return an attrs validator: the canonical form only, and a message without the value."""
    matches = re.compile(pattern, re.ASCII).fullmatch

    def check(_instance: object, _attribute: object, value: str) -> None:
        if not isinstance(value, str) or not matches(value):
            raise Invalid(f"not {what} in canonical form")

    return check


@attrs.frozen(repr=False, str=False)
class Pan:
    """A Permanent Account Number of an individual (fourth letter P), ten characters."""

    _value: str = attrs.field(validator=_must(r"[A-Z]{3}P[A-Z][0-9]{4}[A-Z]", "a PAN"))

    @classmethod
    def parse(cls, text: str, field: str = "pan") -> Self:
        """Return the PAN in `text`. Raises: Invalid: malformed, or not an individual's."""
        try:
            value = pan_number.validate(_folded(text))
        except ValidationError as err:
            raise _invalid(field, "is not a valid PAN (like ABCPE1234F)") from err
        if value[3] != "P":
            raise _invalid(field, "belongs to a firm or trust, not to an individual")
        return cls(value)

    def reveal(self) -> str:
        """Return the full number, for sealing or for a vendor."""
        return self._value

    @property
    def last4(self) -> str:
        """The last four characters, by which staff may search."""
        return self._value[-4:]

    @property
    def masked(self) -> str:
        """The number with the middle hidden: ABCxxxx34F."""
        return f"{self._value[:3]}xxxx{self._value[-3:]}"

    def __repr__(self) -> str:
        return f"Pan({self.masked})"

    def __str__(self) -> str:
        return self.masked


@attrs.frozen(repr=False, str=False)
class Phone:
    """An Indian mobile number: ten digits, the first 6 to 9."""

    _value: str = attrs.field(validator=_must(r"[6-9][0-9]{9}", "a mobile number"))

    @classmethod
    def parse(cls, text: str, field: str = "phone") -> Self:
        """Return the number in `text` without blanks, +91 or a leading 0. Raises: Invalid."""
        digits = re.sub(r"[\s().\-]", "", _folded(text))
        digits = re.sub(r"^(?:\+91|0091|91(?=\d{10}$)|0(?=\d{10}$))0?(?=\d{10}$)", "", digits)
        if not re.fullmatch(r"[6-9][0-9]{9}", digits, re.ASCII):
            raise _invalid(field, "is not an Indian mobile number (ten digits, starting 6 to 9)")
        return cls(digits)

    def reveal(self) -> str:
        """Return the ten digits."""
        return self._value

    @property
    def e164(self) -> str:
        """The number as carriers write it, +91 and ten digits: as secret as `reveal()`."""
        return f"+91{self._value}"

    @property
    def last4(self) -> str:
        """The last four digits."""
        return self._value[-4:]

    @property
    def masked(self) -> str:
        """The number with the middle hidden: 98xxxxxx10."""
        return f"{self._value[:2]}xxxxxx{self._value[-2:]}"

    def __repr__(self) -> str:
        return f"Phone({self.masked})"

    def __str__(self) -> str:
        return self.masked


@attrs.frozen(repr=False, str=False)
class Ifsc:
    """A bank branch's code: four letters, a zero, six more. Public knowledge, so not masked."""

    _value: str = attrs.field(validator=_must(r"[A-Z]{4}0[A-Z0-9]{6}", "an IFSC"))

    @classmethod
    def parse(cls, text: str, field: str = "ifsc") -> Self:
        """Return the code in `text`. Raises: Invalid."""
        value = re.sub(r"[\s\-]", "", _folded(text))
        if not re.fullmatch(r"[A-Z]{4}0[A-Z0-9]{6}", value, re.ASCII):
            raise _invalid(field, "is not an IFSC (four letters, a zero, six letters or digits)")
        return cls(value)

    def reveal(self) -> str:
        """Return the eleven characters."""
        return self._value

    @property
    def bank_code(self) -> str:
        """The first four letters, which name the bank."""
        return self._value[:4]

    @property
    def masked(self) -> str:
        """The whole code: a branch is no secret."""
        return self._value

    def __repr__(self) -> str:
        return f"Ifsc({self._value})"

    def __str__(self) -> str:
        return self._value


@attrs.frozen(repr=False, str=False)
class AccountNumber:
    """A bank account number: 9 to 18 digits. It is text: leading zeros belong to it."""

    _value: str = attrs.field(validator=_must(r"[0-9]{9,18}", "an account number"))

    @classmethod
    def parse(cls, text: str, field: str = "accountNumber") -> Self:
        """Return the number in `text` without blanks and hyphens. Raises: Invalid."""
        value = re.sub(r"[\s\-]", "", _folded(text))
        if not re.fullmatch(r"[0-9]{9,18}", value, re.ASCII):
            raise _invalid(field, "is not an account number (9 to 18 digits)")
        if not value.strip("0"):
            raise _invalid(field, "is all zeros")
        return cls(value)

    def reveal(self) -> str:
        """Return all digits."""
        return self._value

    @property
    def last4(self) -> str:
        """The last four digits."""
        return self._value[-4:]

    @property
    def masked(self) -> str:
        """The last four digits behind a mask of fixed width, so that the length stays unknown."""
        return f"xxxx{self.last4}"

    def __repr__(self) -> str:
        return f"AccountNumber({self.masked})"

    def __str__(self) -> str:
        return self.masked


@attrs.frozen(repr=False, str=False)
class Uan:
    """A provident-fund Universal Account Number: twelve digits, no public checksum."""

    _value: str = attrs.field(validator=_must(r"[1-9][0-9]{11}", "a UAN"))

    @classmethod
    def parse(cls, text: str, field: str = "uan") -> Self:
        """Return the number in `text` without blanks and hyphens. Raises: Invalid."""
        value = re.sub(r"[\s\-]", "", _folded(text))
        if not re.fullmatch(r"[1-9][0-9]{11}", value, re.ASCII):
            raise _invalid(field, "is not a UAN (twelve digits)")
        return cls(value)

    def reveal(self) -> str:
        """Return all digits."""
        return self._value

    @property
    def masked(self) -> str:
        """The last four digits behind a mask."""
        return f"xxxxxxxx{self._value[-4:]}"

    def __repr__(self) -> str:
        return f"Uan({self.masked})"

    def __str__(self) -> str:
        return self.masked


@attrs.frozen(repr=False, str=False)
class Email:
    """An e-mail address in lower case; the domain has at least two labels."""

    _value: str = attrs.field(validator=_must(r"[!-?A-~]{1,64}@[a-z0-9.\-]{3,185}", "an e-mail"))

    @classmethod
    def parse(cls, text: str, field: str = "email") -> Self:
        """Return the address in `text`, lower-cased (no mailbox in use tells case apart).

        Raises: Invalid: no `local@domain.tld` of ASCII letters, digits and the usual signs.
        """
        value = _folded(text).lower()
        local = r"[a-z0-9_%+'\-]+(?:\.[a-z0-9_%+'\-]+)*"
        label = r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?"
        if len(value.partition("@")[0]) > 64 or len(value) > 250:
            raise _invalid(field, "is too long for an e-mail address")
        if not re.fullmatch(rf"{local}@(?:{label}\.)+[a-z][a-z0-9\-]*[a-z0-9]", value, re.ASCII):
            raise _invalid(field, "is not an e-mail address")
        return cls(value)

    def reveal(self) -> str:
        """Return the address."""
        return self._value

    @property
    def masked(self) -> str:
        """The first letter and the domain: j***@example.in."""
        return f"{self._value[0]}***@{self._value.partition('@')[2]}"

    def __repr__(self) -> str:
        return f"Email({self.masked})"

    def __str__(self) -> str:
        return self.masked


@attrs.frozen(repr=False, str=False)
class AadhaarLast4:
    """The only digits of an Aadhaar number that are ever stored."""

    _value: str = attrs.field(validator=_must(r"[0-9]{4}", "four digits"))

    @classmethod
    def parse(cls, text: str, field: str = "aadhaar") -> Self:
        """Return the last four digits of a masked or four-digit form. Raises: Invalid.

        `XXXXXXXX1234`, `xxxx xxxx 1234` and `1234` all give 1234; a full number is refused, so that
        nothing that holds twelve digits passes for something harmless.
        """
        value = re.sub(r"[\s\-]", "", _folded(text))
        if not (found := re.fullmatch(r"[X*]{0,8}([0-9]{4})", value, re.ASCII)):
            raise _invalid(field, "must show only the last four digits of an Aadhaar number")
        return cls(found[1])

    def reveal(self) -> str:
        """Return the four digits."""
        return self._value

    @property
    def masked(self) -> str:
        """The usual masked form: XXXX XXXX 1234."""
        return f"XXXX XXXX {self._value}"

    def __repr__(self) -> str:
        return f"AadhaarLast4({self._value})"

    def __str__(self) -> str:
        return self.masked


class Aadhaar:
    """A full Aadhaar number on its way to the authentication vendor: it lives for one call.

    It cannot be copied, pickled, compared or hashed, so it cannot slip into a row, a cache or a
    log; what is kept of it is `last4`.
    """

    __slots__ = ("_value",)
    __hash__ = None  # type: ignore[assignment]  # a number that must not be kept is no key either

    def __init__(self, value: str) -> None:
        self._value = value

    @classmethod
    def parse(cls, text: str, field: str = "aadhaar") -> Self:
        """Return the number in `text` if its check digit is right. Raises: Invalid."""
        try:
            return cls(aadhaar_number.validate(re.sub(r"[\s\-]", "", _folded(text))))
        except ValidationError as err:
            raise _invalid(field, "is not a valid Aadhaar number") from err

    def reveal(self) -> str:
        """Return the twelve digits, for the vendor's request alone."""
        return self._value

    @property
    def last4(self) -> AadhaarLast4:
        """What may be kept."""
        return AadhaarLast4(self._value[-4:])

    def __reduce_ex__(self, _protocol: SupportsIndex) -> NoReturn:
        raise TypeError("an Aadhaar number is not copied or stored")

    def __eq__(self, other: object) -> bool:
        return self is other

    def __repr__(self) -> str:
        return f"Aadhaar({self.last4.masked})"

    __str__ = __repr__


def _folded(text: object) -> str:
    """Return the compatibility form (full-width digits become plain), trimmed and upper-cased."""
    if not isinstance(text, str) or len(text) > 300:
        return ""
    return unicodedata.normalize("NFKC", text).strip().upper()


def _invalid(field: str, says: str) -> Invalid:
    return Invalid(f"{field} {says}", fields=((field, says),))
