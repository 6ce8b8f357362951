"""Access tokens: short-lived proof of who is calling."""

from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

import attrs

Audience = Literal["web", "partner", "admin"]
"""`web` for customers, `partner` for staff of brands, `admin` for super administrators."""


@attrs.frozen(kw_only=True)
class Claims:
    """What an access token says. No personal data.

    Attributes:
        subject: the customer's or staff member's id.
        session: the session it belongs to; ending the session ends the token.
        version: the person's security version; a change of roles or password raises it.
        brand_id: the customer's brand; None for staff, whose brands are read from the store.
    """

    audience: Audience
    subject: UUID
    session: UUID
    version: int
    brand_id: UUID | None = None
    expires_at: datetime


class Tokens(Protocol):
    """Signing and reading access tokens."""

    def issue(self, claims: Claims) -> str:
        """Return a signed token."""
        ...

    def read(self, token: str, *audiences: Audience) -> Claims:
        """Return the claims of a valid, unexpired token of one of the audiences.

        Raises: Unauthenticated: anything else about it is wrong.
        """
        ...
