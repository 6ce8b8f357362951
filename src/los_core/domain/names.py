"""Whether two written names mean one person, or one firm, as a percentage with a review band.

A person's names are compared word by word in any order. A plain set or sort ratio is not enough: it
calls SUNITA and SUNITA DEVI the same and AMIT and ANIL VERMA close. What a percentage leads to is a
brand's setting; `band` has the usual edges. No name is stored or logged here.
Source: bands of bank account validation in India (85 good, 60 to 84 moderate); measured examples.
"""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from rapidfuzz.distance import Indel

from los_core.domain.money import round_half_up

SAME: Final = 100
VARIANT: Final = 95
"""Two spellings of one word: LAKSHMI and LAXMI."""
OTHER_INITIAL: Final = 70
"""An initial for a later word: JOHN D for JOHN DOE."""
CLOSE: Final = 65
"""Long words that differ by a letter or two: alone they never pass, they are looked at."""
GIVEN_INITIAL: Final = 40
"""An initial for the first word of the fuller name: J DOE for JOHN DOE."""
EXTRA: Final = 40
"""A word only one of the names has, when all others are found: SUNITA DEVI for SUNITA."""

ACRONYM: Final = 80
"""The first letters of a firm's words for all of them: TCS for TATA CONSULTANCY SERVICES."""

LONGEST: Final = 8
"""Words compared of each name; a name of more words is cut there."""


class NameBand(StrEnum):
    """What a percentage means: PASS by itself, REVIEW by a person, FAIL."""

    PASS = "PASS"  # noqa: S105 - a band, not a password
    REVIEW = "REVIEW"
    FAIL = "FAIL"


def match_pct(a: str, b: str) -> int:
    """Return how far two names agree, 0 to 100; symmetric, and 100 for equal names.

    Titles, punctuation, case and accents do not count; a name without a letter matches nothing.
    """
    left, right = _words(a), _words(b)
    if not left or not right:
        return 0
    if sorted(left) == sorted(right):
        return SAME
    left, right = _joined(left, right), _joined(right, left)
    fewer, more = sorted((left[:LONGEST], right[:LONGEST]), key=len)
    points, matched = _best(fewer, more)
    if matched == len(fewer):
        points += EXTRA * (len(more) - len(fewer))
    return min(99, round_half_up(points, len(more))) if sorted(left) != sorted(right) else SAME


def match_firm_pct(a: str, b: str) -> int:
    """Return how far two names of employers or lenders agree, 0 to 100; symmetric.

    Legal forms (PVT LTD, LIMITED, LLP), THE, OF and AND do not count. Unlike a person's, a firm's
    words keep their order, because INDIAN BANK is not INDIAN OVERSEAS BANK; words that only one
    name has count a little at its end and nothing before it. An acronym of all words gives 80.
    """
    left, right = _firm_words(a), _firm_words(b)
    if not left or not right:
        return 0
    if left == right or "".join(left) == "".join(right):
        return SAME
    fewer, more = sorted((left[:LONGEST], right[:LONGEST]), key=len)
    if len(fewer) == 1 and len(more) > 1 and fewer[0] == "".join(word[0] for word in more):
        return ACRONYM
    likenesses = [
        SAME if word == other else _sound_likeness(_folded(word), _folded(other))
        for word, other in zip(fewer, more, strict=False)
    ]
    points = sum(likenesses)
    if all(likenesses):
        points += EXTRA * (len(more) - len(fewer))
    return min(99, round_half_up(points, len(more)))


def band(pct: int, *, pass_at: int = 85, review_at: int = 60) -> NameBand:
    """Return what a percentage means between these edges, both included upwards.

    From `pass_at` on it is one person, from `review_at` on somebody looks, below it is another.
    """
    if pct >= pass_at:
        return NameBand.PASS
    return NameBand.REVIEW if pct >= review_at else NameBand.FAIL


_TITLES: Final = frozenset(
    [
        "MR",
        "MRS",
        "MS",
        "MISS",
        "MASTER",
        "DR",
        "SHRI",
        "SHREE",
        "SRI",
        "SMT",
        "KUM",
        "LATE",
        "CAPT",
        "COL",
        "PROF",
        "ADV",
        "ER",
        "CA",
    ]
)
_LEGAL_FORMS: Final = frozenset(
    [
        "PVT",
        "PRIVATE",
        "PVTLTD",
        "LTD",
        "LIMITED",
        "LLP",
        "PLC",
        "INC",
        "CO",
        "COMPANY",
        "CORP",
        "CORPORATION",
        "P",
        "MS",
        "THE",
        "OF",
        "AND",
    ]
)
_SHORT_FORMS: Final = (
    (re.compile(r"MD|MOHD|MHD|M[OU]H?AM+[AE]D"), "MOHAMMED"),
    (re.compile(r"KR|KMR"), "KUMAR"),
)
_KIN: Final = re.compile(r"\b(?:[SDWC]\s*/\s*O|SON OF|DAUGHTER OF|WIFE OF|CARE OF)\b.*")
_FOLDS: Final = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"KSH|KS|CKS", "X"),
        (r"XH?M", "XM"),
        (r"CHH|CH", "C"),
        (r"SH", "S"),
        (r"PH", "F"),
        (r"([TDBGJK])H", r"\1"),
        (r"W", "V"),
        (r"Q|CK", "K"),
        (r"EE|II|Y", "I"),
        (r"OO", "U"),
        (r"AU|OU|OV(?=[^AEIOU])", "O"),
        (r"(.)\1+", r"\1"),
        (r"H$", ""),
    )
)


def _words(name: str) -> list[str]:
    """Return the words of a name: upper case, no accents, titles, kin or punctuation."""
    text = _plain(name)
    words = [_in_full(word) for word in _split(_KIN.sub("", text) or text)]
    while len(words) > 1 and words[0] in _TITLES:
        words = words[1:]
    return [part for word in words for part in _initials(word)]


def _firm_words(name: str) -> list[str]:
    """Return the words that tell a firm from another; all of them if nothing else is left."""
    words = _split(re.sub(r"\bM\s*/\s*S\b", " ", _plain(name)))
    return [word for word in words if word not in _LEGAL_FORMS] or words


def _plain(name: str) -> str:
    """Return the first 200 characters in upper case and without accents."""
    text = unicodedata.normalize("NFKD", name[:200].upper())
    text = "".join(c for c in text if not 0x300 <= ord(c) <= 0x36F)
    return unicodedata.normalize("NFKC", text).upper()


def _split(text: str) -> list[str]:
    """Return the runs of letters, marks and digits; an apostrophe joins (D'SOUZA is DSOUZA)."""
    closed = re.sub(r"['`\u2019]", "", text)
    return "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in closed).split()


def _in_full(word: str) -> str:
    """Return the word a usual short form or spelling stands for."""
    return next((full for short, full in _SHORT_FORMS if short.fullmatch(word)), word)


def _initials(word: str) -> Sequence[str]:
    """Return the letters of a short word without a vowel, which is initials run together (SK)."""
    together = len(word) in {2, 3} and word.isascii() and word.isalpha()
    return word if together and not re.search(r"[AEIOUY]", word) else (word,)


def _joined(words: list[str], other: Sequence[str]) -> list[str]:
    """Return the words with neighbours run together where the other name writes them as one."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] + word in other and word not in other:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _best(fewer: Sequence[str], more: Sequence[str]) -> tuple[int, int]:
    """Return points and count of the best one-to-one pairing of words.

    All pairings are tried, row by row over the set of words taken: at most 8 × 2⁸ steps.
    """
    states: dict[int, tuple[int, int]] = {0: (0, 0)}
    for i, word in enumerate(fewer):
        reached: dict[int, tuple[int, int]] = dict(states)
        for taken, (points, count) in states.items():
            for j, other in enumerate(more):
                if taken & (1 << j):
                    continue
                likeness = _likeness(word, i, other, j)
                if likeness:
                    now = (points + likeness, count + 1)
                    after = taken | (1 << j)
                    reached[after] = max(reached.get(after, (0, 0)), now)
        states = reached
    return max(states.values())


def _likeness(a: str, at_a: int, b: str, at_b: int) -> int:
    """Return the points of one pair of words, given their places in their names."""
    if a == b:
        return SAME
    if len(a) == 1 or len(b) == 1:
        if a[0] != b[0]:
            return 0
        place = at_b if len(a) == 1 else at_a
        return GIVEN_INITIAL if place == 0 else OTHER_INITIAL
    return _sound_likeness(_folded(a), _folded(b))


def _sound_likeness(a: str, b: str) -> int:
    """Return the points of two folded words of more than one letter."""
    if a == b:
        return VARIANT
    if a[:1] != b[:1]:
        return 0
    shorter = min(len(a), len(b))
    alike_pct = round(Indel.normalized_similarity(a, b) * 100)
    # Words of six letters may be a slip apart; shorter ones only by a short A nobody sounds.
    if (shorter >= 6 and alike_pct >= 85) or (shorter >= 5 and _curt(a) == _curt(b)):
        return CLOSE
    return 0


def _folded(word: str) -> str:
    """Return a word as it sounds, over the usual ways to write Indian names in Latin letters."""
    for pattern, to in _FOLDS:
        word = pattern.sub(to, word)
    return word


def _curt(folded: str) -> str:
    """Return a folded word without the A's inside it: ANJALI and ANJLI, but not KAMAL and KAMLA."""
    return folded[:1] + folded[1:-1].replace("A", "") + folded[-1:]
