"""Electronic signatures on agreements."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import attrs


class DocketState(StrEnum):
    """Where a docket stands; an unknown word of the vendor's is SENT."""

    SENT = "SENT"
    SIGNED = "SIGNED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


@attrs.frozen(kw_only=True)
class DocketRequest:
    """A document to be signed by one person.

    Attributes:
        reference: ours: agreement id and version.
        callback_url: where the vendor reports; `callback_secret` proves the report.
        signer_last4: last four digits of the signer's Aadhaar, "" to leave it open.
    """

    reference: str
    title: str
    pdf: bytes = attrs.field(repr=False)
    signer: str = attrs.field(repr=False)
    phone: str = attrs.field(repr=False)
    email: str = attrs.field(default="", repr=False)
    signer_last4: str = ""
    signer_birth_year: int | None = None
    callback_url: str
    callback_secret: str = attrs.field(repr=False)
    return_url: str = ""
    expires_in: timedelta


@attrs.frozen(kw_only=True)
class Docket:
    """A docket that was created, and where its signer goes."""

    docket_id: str
    signing_url: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class DocketReport:
    """What the vendor says of a docket.

    Attributes:
        signed_file: where the signed file lies at the vendor, "" until it is signed.
        signed_sha256: the vendor's hash of it, "" if not told.
    """

    docket_id: str
    state: DocketState
    signed_file: str = attrs.field(default="", repr=False)
    signed_sha256: str = ""
    signed_at: datetime | None = None
    signer_name: str = attrs.field(default="", repr=False)
    failure: str = ""


class ESigner(Protocol):
    """A vendor that has agreements signed."""

    def create(self, request: DocketRequest) -> Docket:
        """Create a docket. Raises: Unavailable, Rejected, Unknown (perhaps created)."""
        ...

    def inquire(self, docket_id: str) -> DocketReport:
        """Return the docket's state, from the vendor. Raises: Unavailable, Rejected."""
        ...

    def fetch_signed(self, report: DocketReport) -> bytes:
        """Download the signed PDF from the vendor's own host.

        Raises: Unavailable; Rejected: another host, no PDF, or a file that does not match its hash.
        """
        ...

    def verify(self, authorization: str, *, secret: str) -> None:
        """Prove a callback by the header value we gave the vendor. Raises: BadSignature."""
        ...
