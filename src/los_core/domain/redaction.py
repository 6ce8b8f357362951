"""Covering numbers of people in free text: remarks and logs are no place for them.

Staff write down what they hear on the telephone. What looks like a PAN, Aadhaar, phone or account
number is covered before the text is kept, so that it can be neither read nor searched for.
"""

import re
from typing import Final

HIDDEN: Final = "[hidden]"
_PATTERNS: Final = (
    re.compile(r"(?i)\b[A-Z]{5}[0-9]{4}[A-Z]\b"),
    # Aadhaar, UAN, phone and account numbers: nine digits and more, in groups or not.
    re.compile(r"(?<![0-9A-Fa-f-])\+?\d(?:[ -]?\d){8,18}(?![0-9A-Fa-f-])"),
)


def covered(text: str) -> str:
    """Return a text with every number of a person covered; amounts and dates stay."""
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return text
