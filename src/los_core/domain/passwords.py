"""Which passwords staff may choose.

Length counts, not a mixture of letters; what everybody tries first is refused, also in disguise: in
other case, with signs for letters, with figures or signs around it, or repeated. So are one's own
name and address. Source: reliability design §8, threat row 43, ASVS 6.2.
"""

import re
from collections.abc import Iterable
from typing import Final

from los_core.domain.errors import Invalid

LEAST: Final = 12
MOST: Final = 200
"""Letters. Nothing is cut off on the way to the hash."""

_DISGUISE: Final = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s"}
    | {"!": "i", "|": "l", "+": "t", "€": "e", "£": "l"}
)
_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc")
_FIGURES: Final = "01234567890123456789"
_WORDS: Final = """
password passwort passw pass admin administrator root welcome letmein login master secret
changeme default guest user test testing monkey dragon football baseball cricket sachin
dhoni kohli iloveyou princess sunshine shadow superman batman trustno qwerty azerty starwars
whatever freedom hello jesus ganesh krishna shiva india bharat hindustan mumbai delhi
bangalore company brand lender loan bank finance credit money summer winter spring autumn
monsoon january february march april may june july august september october november
december monday tuesday wednesday thursday friday saturday sunday correcthorsebatterystaple
thequickbrownfox opensesame jaihind vandemataram
"""
_COMMON: Final = frozenset(_WORDS.split())
"""Words of which, alone or repeated, breached lists are full."""


def check_password(password: str, *, about: Iterable[str] = ()) -> None:
    """Check a password that somebody chose; `about` is their name, address and brand.

    Raises: Invalid: too short, too long, or among the first that anybody would try.
    """
    if len(password) < LEAST:
        problem = f"must have at least {LEAST} characters"
    elif len(password) > MOST:
        problem = f"must have at most {MOST} characters"
    elif _is_common(password):
        problem = "is built on a common word or row of keys"
    elif _is_personal(password, about):
        problem = "is built on your name or address"
    else:
        return
    raise Invalid("this password is too weak", fields=[("password", problem)])


def _is_common(password: str) -> bool:
    folded = password.casefold()
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    forms = {folded, core, folded.translate(_DISGUISE), core.translate(_DISGUISE)}
    for form in forms:
        letters = re.sub(r"[\W\d_]+", "", form)
        if len(set(folded)) < 5 or _unit(letters) in _COMMON or _runs(form):
            return True
    return _all_common(re.findall(r"[^\W\d_]+", folded)) or not re.search(r"[^\W\d_]", folded)


def _all_common(words: list[str]) -> bool:
    """Whether nothing but common words is in it, such as Welcome-India-2026."""
    return bool(words) and all(word in _COMMON for word in words)


def _unit(text: str) -> str:
    """Return what a text repeats, or the text."""
    found = re.fullmatch(r"(.+?)\1+", text)
    return found[1] if found else text


def _runs(text: str) -> bool:
    """Whether two thirds or more of the text is rows of keys or figures, either way."""
    covered, place = 0, 0
    rows = [*_ROWS, _FIGURES, *(row[::-1] for row in (*_ROWS, _FIGURES))]
    while place < len(text):
        longest = max(_reach(text, place, row) for row in rows)
        covered += longest if longest >= 3 else 0
        place += max(longest, 1)
    return 3 * covered >= 2 * len(text)


def _reach(text: str, place: int, row: str) -> int:
    """Return how many letters from `place` on follow each other in the row."""
    length = 0
    while place + length < len(text) and text[place : place + length + 1] in row:
        length += 1
    return length


def _is_personal(password: str, about: Iterable[str]) -> bool:
    folded = password.casefold()
    words = {part for text in about for part in re.findall(r"\w{4,}", text.casefold())}
    left = folded
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    return len(left) < LEAST // 2
