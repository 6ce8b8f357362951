"""The `Letters` port without a PDF library: the letter's values as text behind a PDF's magic.

For services in memory and tests that ask what a letter says. Not a document to show anybody.
"""

import json
from datetime import date
from decimal import Decimal

import attrs

from los_core.domain.letters import AgreementLetter, KeyFactsLetter, NoDuesLetter, ScheduleLetter


class MemoryLetters:
    """Renders each letter as JSON between the first and the last line of a PDF file."""

    def key_facts(self, letter: KeyFactsLetter) -> bytes:
        """Render a Key Facts Statement."""
        return _rendered("key-facts", letter)

    def agreement(self, letter: AgreementLetter) -> bytes:
        """Render a loan agreement."""
        return _rendered("agreement", letter)

    def schedule(self, letter: ScheduleLetter) -> bytes:
        """Render a repayment schedule."""
        return _rendered("schedule", letter)

    def no_dues(self, letter: NoDuesLetter) -> bytes:
        """Render a no-dues certificate or a settlement letter."""
        return _rendered("no-dues", letter)


def _rendered(
    kind: str, letter: AgreementLetter | KeyFactsLetter | NoDuesLetter | ScheduleLetter
) -> bytes:
    values = {"letter": kind, **attrs.asdict(letter)}
    text = json.dumps(values, ensure_ascii=False, default=_plain, indent=1)
    return f"%PDF-1.7\n{text}\n%%EOF\n".encode()


def _plain(value: object) -> str:
    assert isinstance(value, date | Decimal)
    return str(value)
