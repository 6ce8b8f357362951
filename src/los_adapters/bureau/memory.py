"""Credit reports in a dictionary: the fake of `CreditBureau`."""

from collections.abc import Callable
from datetime import date

import attrs

from los_adapters.script import Script
from los_core.domain.bureau import CreditReport, Outcome
from los_core.domain.canonical import encode
from los_core.ports.bureau import Inquiry, Pulled
from los_core.ports.errors import Rejected


def _founding_day() -> date:
    return date(2026, 1, 1)


@attrs.define
class MemoryBureau:
    """Answers with the report it was told for a PAN, else "no such consumer".

    Attributes:
        today: the date put on the answer about an unknown person.
        reports: by PAN.
        pulls: every inquiry that was answered, oldest first: what a bureau would bill.
        script: failures of the next calls.
    """

    today: Callable[[], date] = _founding_day
    reports: dict[str, CreditReport] = attrs.field(factory=dict, repr=False)
    pulls: list[Inquiry] = attrs.field(factory=list, repr=False)
    script: Script = attrs.field(factory=Script)

    def pull(self, inquiry: Inquiry) -> Pulled:
        """Return the report; see the port."""
        with self.script.call("pull"):
            if not inquiry.first_name or not 0 < len(inquiry.reference) <= 40:
                raise Rejected("memory: malformed request", provider="memory", code="MALFORMED")
            self.pulls.append(inquiry)
            report = self.reports.get(inquiry.pan) or self._no_hit()
            return Pulled(report=report, raw=encode(report.document()))

    def _no_hit(self) -> CreditReport:
        return CreditReport(
            bureau="MEMORY",
            report_id=f"memory-{len(self.pulls)}",
            bureau_date=self.today(),
            outcome=Outcome.NO_HIT,
        )
