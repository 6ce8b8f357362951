"""Turning letters into PDF files. What they say is in `domain.letters`; storing is another port."""

from typing import Protocol

from los_core.domain.letters import AgreementLetter, KeyFactsLetter, NoDuesLetter, ScheduleLetter


class Letters(Protocol):
    """Renders each letter to the bytes of one PDF file.

    Equal letters give equal bytes, in every process, so that a hash identifies what was shown and
    signed. Text is printed literally; a character no font has is printed as U+FFFD, never dropped.
    Nothing is fetched. Rendering takes tens of milliseconds of CPU: call it from a worker.
    """

    def key_facts(self, letter: KeyFactsLetter) -> bytes:
        """Render a Key Facts Statement with APR computation and schedule."""
        ...

    def agreement(self, letter: AgreementLetter) -> bytes:
        """Render a loan agreement, unsigned."""
        ...

    def schedule(self, letter: ScheduleLetter) -> bytes:
        """Render a repayment schedule."""
        ...

    def no_dues(self, letter: NoDuesLetter) -> bytes:
        """Render a no-dues certificate, or a settlement letter if an amount was waived."""
        ...
