"""A signing service in memory: for tests, for `in_memory()`, for developers without a vendor.

The signer is played by `sign`, `decline` and `expire`. A signed file is the document with a line
after its end, which a PDF reader ignores.
"""

import hashlib
import hmac
import threading
from datetime import datetime

import attrs

from los_adapters.script import Script
from los_core.ports.errors import BadSignature, Rejected
from los_core.ports.esign import Docket, DocketReport, DocketRequest, DocketState


@attrs.define
class MemorySigner:
    """An `ESigner` without a signer; `requests` has what it was given, by docket."""

    script: Script = attrs.field(factory=Script)
    requests: dict[str, DocketRequest] = attrs.field(factory=dict)
    _reports: dict[str, DocketReport] = attrs.field(factory=dict)
    _files: dict[str, bytes] = attrs.field(factory=dict, repr=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def create(self, request: DocketRequest) -> Docket:
        """Create a docket; see the port."""
        with self._lock, self.script.call("create"):
            if not request.pdf.startswith(b"%PDF-"):
                raise Rejected("the document is no PDF", provider="memory", code="NOT_A_PDF")
            docket_id = f"docket-{len(self.requests) + 1}"
            self.requests[docket_id] = request
            self._reports[docket_id] = DocketReport(docket_id=docket_id, state=DocketState.SENT)
            return Docket(docket_id=docket_id, signing_url=f"memory://sign/{docket_id}")

    def sign(self, docket_id: str, *, at: datetime) -> None:
        """Play a signer who signs."""
        request = self.requests[docket_id]
        file = request.pdf + b"\n% signed by " + request.signer.encode() + b"\n"
        place = f"memory://signed/{docket_id}"
        with self._lock:
            self._files[place] = file
            self._reports[docket_id] = DocketReport(
                docket_id=docket_id,
                state=DocketState.SIGNED,
                signed_file=place,
                signed_sha256=hashlib.sha256(file).hexdigest(),
                signed_at=at,
                signer_name=request.signer.upper(),
            )

    def decline(self, docket_id: str, *, why: str = "DECLINED") -> None:
        """Play a signer who declines."""
        self._end(docket_id, DocketState.DECLINED, why)

    def expire(self, docket_id: str) -> None:
        """Let a docket expire."""
        self._end(docket_id, DocketState.EXPIRED, "EXPIRED")

    def inquire(self, docket_id: str) -> DocketReport:
        """Return the docket's state; see the port."""
        with self._lock, self.script.call("inquire"):
            if docket_id not in self._reports:
                raise Rejected("no such docket", provider="memory", code="NO_SUCH_DOCKET")
            return self._reports[docket_id]

    def fetch_signed(self, report: DocketReport) -> bytes:
        """Return the signed file; see the port."""
        with self._lock, self.script.call("fetch_signed"):
            file = self._files.get(report.signed_file)
            if file is None:
                raise Rejected("no such file", provider="memory", code="NOT_SIGNED")
            told = report.signed_sha256
            if told and told != hashlib.sha256(file).hexdigest():
                raise Rejected("another file", provider="memory", code="HASH_MISMATCH")
            return file

    def verify(self, authorization: str, *, secret: str) -> None:
        """Prove a callback; see the port."""
        given = authorization.encode("utf-8", "replace")
        if not secret or not hmac.compare_digest(given, secret.encode()):
            raise BadSignature("the callback does not prove itself", provider="memory")

    def _end(self, docket_id: str, state: DocketState, why: str) -> None:
        with self._lock:
            ended = DocketReport(docket_id=docket_id, state=state, failure=why)
            self._reports[docket_id] = ended
