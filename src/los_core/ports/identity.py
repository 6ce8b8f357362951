"""Proving who a customer is: PAN, and Aadhaar by one-time password."""

from datetime import date
from typing import Protocol

import attrs


@attrs.frozen(kw_only=True)
class Address:
    """A postal address in India; absent parts are empty."""

    line1: str = ""
    locality: str = ""
    city: str = ""
    district: str = ""
    state: str = ""
    pincode: str = ""


@attrs.frozen(kw_only=True)
class PanRecord:
    """What the PAN authority's record says.

    Attributes:
        valid: the number exists and is active. A number that does not exist is an answer, not an
            error: `valid` is False and the rest is empty.
        status: the vendor's word for it.
        holder_type: "INDIVIDUAL", "COMPANY", …; "" if not told.
        aadhaar_linked: None if not told.
        aadhaar_last4: "" if not told.
    """

    valid: bool
    status: str
    full_name: str = attrs.field(default="", repr=False)
    born_on: date | None = attrs.field(default=None, repr=False)
    gender: str = ""
    holder_type: str = ""
    aadhaar_linked: bool | None = None
    aadhaar_last4: str = ""
    provider_ref: str = ""


@attrs.frozen(kw_only=True)
class AadhaarRecord:
    """What e-KYC tells of a person. The number itself is never here, and never kept."""

    last4: str
    reference: str
    full_name: str = attrs.field(repr=False)
    born_on: date | None = attrs.field(default=None, repr=False)
    gender: str = ""
    address: Address = attrs.field(factory=Address, repr=False)


class OtpRefused(Exception):
    """The one-time password is wrong or expired; `expired` says that a new one is needed."""

    def __init__(self, message: str, *, expired: bool = False) -> None:
        super().__init__(message)
        self.expired = expired


class IdentityVerifier(Protocol):
    """A vendor with access to the PAN and Aadhaar authorities."""

    def pan(self, pan: str, *, reference: str) -> PanRecord:
        """Look a PAN up. `reference` is ours (≤ 45 characters). Raises: Unavailable, Rejected."""
        ...

    def start_aadhaar(self, aadhaar: str, *, reference: str) -> str:
        """Have the authority send an OTP to the holder's linked mobile.

        Returns an opaque session text, to be kept sealed on the server until it is used.
        Raises: Unavailable; Rejected: the authority refuses the number.
        """
        ...

    def finish_aadhaar(self, session: str, otp: str) -> AadhaarRecord:
        """Redeem the OTP. Raises: OtpRefused; Unavailable; Rejected."""
        ...
