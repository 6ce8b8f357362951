"""What staff may type to find a customer, and what it finds: a name, a phone, the last of a PAN.

Every word typed has to be part of the name, in any order; digits part of the phone; three digits
and a letter are the end of a PAN. A whole PAN, and nothing less, is looked for by its keyed hash,
which is not here. Less than three characters find nothing: nobody pages through all borrowers by
an "a". Source: data model §2, decision D14.
"""

import re
import unicodedata
from typing import Final

import attrs

from los_core.domain.customer import Customer

LEAST: Final = 3
"""Letters or digits that one of the words must have, which is what a trigram index needs."""
MOST_WORDS: Final = 6
"""Words looked at; the rest of a long text is cut."""

_PAN_END: Final = re.compile(r"[0-9]{3}[A-Z]")
_PHONE_PREFIX: Final = re.compile(r"^(?:91|0)(?=[6-9][0-9]{9}$)")


@attrs.frozen
class Findable:
    """What of a customer can be found: plain, and nothing else of them is.

    Attributes:
        name: folded; that of the PAN record, before it is verified the declared one.
        phone: ten digits.
        pan_last4: "" until there is a PAN.
    """

    name: str = attrs.field(repr=False)
    phone: str = attrs.field(repr=False)
    pan_last4: str = ""


@attrs.frozen
class Wanted:
    """What was typed, taken apart. Empty parts do not narrow.

    Attributes:
        words: folded words of the name, the longest first.
        digits: of the phone.
    """

    words: tuple[str, ...] = attrs.field(default=(), repr=False)
    digits: str = attrs.field(default="", repr=False)
    pan_last4: str = ""


def findable(customer: Customer) -> Findable:
    """Return what of a customer can be found."""
    pan = customer.pan
    name = (pan.name or pan.declared_name) if pan else ""
    return Findable(fold(name), customer.phone.reveal(), pan.pan.last4 if pan else "")


def wanted(text: str) -> Wanted | None:
    """Take apart what was typed; None if it is too little to look for."""
    words: set[str] = set()
    digits = pan_last4 = ""
    for word in fold(text).split()[:MOST_WORDS]:
        if _PAN_END.fullmatch(word.upper()):
            pan_last4 = word.upper()
        elif word.isdecimal() and word.isascii():
            digits += word
        else:
            words.add(word)
    digits = _PHONE_PREFIX.sub("", digits)
    longest = tuple(sorted(words, key=lambda word: (-len(word), word)))
    enough = [part for part in (*longest[:1], digits, pan_last4) if len(part) >= LEAST]
    return Wanted(longest, digits, pan_last4) if enough else None


def finds(sought: Wanted, customer: Findable) -> bool:
    """Whether a customer is one of those that are sought."""
    return (
        all(word in customer.name for word in sought.words)
        and sought.digits in customer.phone
        and sought.pan_last4 in ("", customer.pan_last4)
    )


def fold(text: str) -> str:
    """Return the words of a text in one form: no case, no punctuation, one blank between.

    Letters of any script, with the marks that Indian scripts write vowels by, and digits stay.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = (char if unicodedata.category(char)[0] in "LMN" else " " for char in plain)
    return " ".join("".join(kept).split())
