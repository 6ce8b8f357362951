"""The `Letters` port with fpdf2: one method per letter, each laid out in a module of its own."""

from los_adapters.pdf.agreement import render_agreement
from los_adapters.pdf.closure import render_no_dues, render_schedule
from los_adapters.pdf.keyfacts import render_key_facts
from los_core.domain.letters import AgreementLetter, KeyFactsLetter, NoDuesLetter, ScheduleLetter


class PdfLetters:
    """Renders letters on A4 with embedded Noto fonts; holds no state and may be shared."""

    def key_facts(self, letter: KeyFactsLetter) -> bytes:
        """Render a Key Facts Statement."""
        return render_key_facts(letter)

    def agreement(self, letter: AgreementLetter) -> bytes:
        """Render a loan agreement."""
        return render_agreement(letter)

    def schedule(self, letter: ScheduleLetter) -> bytes:
        """Render a repayment schedule."""
        return render_schedule(letter)

    def no_dues(self, letter: NoDuesLetter) -> bytes:
        """Render a no-dues certificate or a settlement letter."""
        return render_no_dues(letter)
