"""Provident fund records in a dictionary: the fake of `EmploymentVerifier`."""

import re
from collections.abc import Sequence

import attrs

from los_adapters.script import Script
from los_core.ports.employment import EmploymentRecord
from los_core.ports.errors import Rejected


@attrs.define
class MemoryEmployment:
    """Answers from what it was told; numbers nobody told of have no record.

    Attributes:
        ambiguous: mobile numbers with too many accounts to tell.
        script: failures of the next calls.
    """

    ambiguous: set[str] = attrs.field(factory=set, repr=False)
    script: Script = attrs.field(factory=Script)
    _uans: dict[str, list[str]] = attrs.field(factory=dict, repr=False)
    _records: dict[str, EmploymentRecord] = attrs.field(factory=dict, repr=False)

    def knows(self, phone: str, record: EmploymentRecord) -> None:
        """Have a mobile number lead to the record's UANs, and each of those to the record."""
        for uan in record.uans:
            self._records[uan] = record
            self._uans.setdefault(phone, []).append(uan)

    def find_uans(self, phone: str, *, reference: str) -> Sequence[str]:
        """Return the UANs linked to a mobile number; see the port."""
        with self.script.call("find_uans"):
            _check(phone, r"[6-9][0-9]{9}", reference)
            if phone in self.ambiguous:
                raise Rejected("memory: too many accounts", provider="memory", code="AMBIGUOUS")
            return tuple(self._uans.get(phone, ()))

    def history(self, uan: str, *, reference: str) -> EmploymentRecord:
        """Return the employment history of one UAN; see the port."""
        with self.script.call("history"):
            _check(uan, r"[0-9]{12}", reference)
            return self._records.get(uan, EmploymentRecord(uans=(), employed=None))


def _check(number: str, form: str, reference: str) -> None:
    if not re.fullmatch(form, number) or not 0 < len(reference) <= 45:
        raise Rejected("memory: malformed request", provider="memory", code="MALFORMED")
