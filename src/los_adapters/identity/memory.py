"""People kept in a dictionary: the fake of `IdentityVerifier`.

It knows whom it has been told of. An Aadhaar number is kept as a hash only, so that a
dump of a test shows none.
"""

import hashlib
import re

import attrs

from los_adapters.script import Script
from los_core.ports.errors import Rejected
from los_core.ports.identity import AadhaarRecord, OtpRefused, PanRecord

TRIES = 3


@attrs.define
class _Begun:
    """An OTP that was sent; `tries` are left until it is of no use."""

    record: AadhaarRecord
    otp: str
    tries: int = TRIES


@attrs.define
class MemoryIdentity:
    """Answers from what it was told; numbers nobody told of have no record.

    Attributes:
        script: failures of the next calls.
    """

    script: Script = attrs.field(factory=Script)
    _pans: dict[str, PanRecord] = attrs.field(factory=dict, repr=False)
    _people: dict[str, AadhaarRecord] = attrs.field(factory=dict, repr=False)
    _sessions: dict[str, _Begun] = attrs.field(factory=dict, repr=False)

    def knows_pan(self, pan: str, record: PanRecord) -> None:
        """Have `pan` answer with a record."""
        self._pans[pan] = record

    def knows_aadhaar(self, aadhaar: str, record: AadhaarRecord) -> None:
        """Have `aadhaar` answer with a record once its OTP is redeemed."""
        self._people[_hash(aadhaar)] = record

    def otp(self, session: str) -> str:
        """Return the OTP the holder of a session's number has received."""
        return self._sessions[session].otp

    def expire(self, session: str) -> None:
        """Let a session's OTP grow too old."""
        self._sessions[session].tries = 0

    def pan(self, pan: str, *, reference: str) -> PanRecord:
        """Look a PAN up; see the port."""
        with self.script.call("pan"):
            if not re.fullmatch(r"[A-Z]{5}[0-9]{4}[A-Z]", pan) or not 0 < len(reference) <= 45:
                raise Rejected("memory: malformed request", provider="memory", code="MALFORMED")
            return self._pans.get(pan, PanRecord(valid=False, status="NO_RECORD"))

    def start_aadhaar(self, aadhaar: str, *, reference: str) -> str:
        """Send an OTP; see the port."""
        with self.script.call("start_aadhaar"):
            record = self._people.get(_hash(aadhaar))
            if record is None or not 0 < len(reference) <= 45:
                raise Rejected("memory: number refused", provider="memory", code="NO_SUCH_NUMBER")
            number = len(self._sessions) + 1
            session = f"memory-aadhaar-{number}"
            self._sessions[session] = _Begun(record, f"{100_000 + number}")
            return session

    def finish_aadhaar(self, session: str, otp: str) -> AadhaarRecord:
        """Redeem the OTP; see the port. Raises also ValueError: not a session of ours."""
        with self.script.call("finish_aadhaar"):
            begun = self._sessions.get(session)
            if begun is None:
                raise ValueError("not a session of this verifier")
            if begun.tries == 0:
                raise OtpRefused("the one-time password is no longer good", expired=True)
            if otp != begun.otp:
                begun.tries -= 1
                raise OtpRefused("the one-time password is wrong")
            begun.tries = 0
            return begun.record


def _hash(aadhaar: str) -> str:
    return hashlib.sha256(aadhaar.encode()).hexdigest()
