"""Second factors by RFC 6238, as authenticator apps know them: SHA-1, six digits, half a minute."""

import hmac
from datetime import datetime
from typing import Final

import pyotp

STEP_S: Final = 30


class TotpFactor:
    """A `SecondFactor` for any authenticator app."""

    def new_secret(self) -> str:
        """Return 160 random bits in base 32."""
        return pyotp.random_base32()

    def uri(self, secret: str, *, account: str, issuer: str) -> str:
        """Return the otpauth:// address; see the port."""
        return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)

    def matched_step(self, secret: str, code: str, at: datetime) -> int | None:
        """Return the step a code belongs to; see the port."""
        factor = pyotp.TOTP(secret)
        now = int(at.timestamp()) // STEP_S
        given = code.encode("utf-8", "replace")
        for step in (now, now - 1, now + 1):
            if hmac.compare_digest(factor.generate_otp(step).encode(), given):
                return step
        return None
