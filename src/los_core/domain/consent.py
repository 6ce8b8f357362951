"""Consents: what a customer agreed to, in which words, and what is still missing.

A consent is never changed: withdrawal stamps it, a new text version is a new consent. Which call
needs which purpose is decided by the services. Sources: DPDP Act 2023 (a notice per purpose, and
withdrawal as easy as giving), RBI Digital Lending Directions 2025, CICRA (consent to bureau pulls).
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.errors import Conflict, Invalid
from los_core.domain.ids import CustomerId


class Purpose(StrEnum):
    """What the data is used for; one consent covers one purpose."""

    PRIVACY_NOTICE = "PRIVACY_NOTICE"
    BUREAU_PULL = "BUREAU_PULL"
    KYC = "KYC"
    BANK_DATA = "BANK_DATA"
    TERMS = "TERMS"
    EMPLOYMENT_DATA = "EMPLOYMENT_DATA"
    LOCATION = "LOCATION"
    MARKETING = "MARKETING"


REQUIRED: Final = (
    Purpose.PRIVACY_NOTICE,
    Purpose.BUREAU_PULL,
    Purpose.KYC,
    Purpose.BANK_DATA,
    Purpose.TERMS,
)
"""What an application needs before it may be submitted (guard G-CONSENT)."""


@attrs.frozen(kw_only=True)
class Consent:
    """One consent as given; instants are aware UTC.

    `text_version` names the exact wording shown, `language` the one it was shown in (BCP 47).
    `expires_at` None: until withdrawn. `ip` and `device` are None where the channel has none.
    """

    id: UUID
    customer_id: CustomerId
    purpose: Purpose
    text_version: str
    language: str
    granted_at: datetime
    channel: str
    ip: str | None = attrs.field(default=None, repr=False)
    device: str | None = attrs.field(default=None, repr=False)
    expires_at: datetime | None = None
    withdrawn_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        if not self.text_version or not self.language or not self.channel:
            raise Invalid("a consent names its text version, language and channel")
        if self.granted_at.tzinfo is None:
            raise Invalid("a consent's instant needs a zone")

    def in_force(self, at: datetime) -> bool:
        """Whether the consent was given by `at`, and neither withdrawn nor expired then."""
        return (
            self.granted_at <= at
            and (self.withdrawn_at is None or at < self.withdrawn_at)
            and (self.expires_at is None or at < self.expires_at)
        )

    def withdraw(self, at: datetime) -> "Consent":
        """Return the consent as withdrawn from `at` on.

        What was done under it stays lawful. Raises: Conflict: withdrawn before, or not yet given.
        """
        if self.withdrawn_at is not None:
            raise Conflict("the consent is already withdrawn", code="CONSENT_WITHDRAWN")
        if at < self.granted_at:
            raise Conflict("a consent cannot be withdrawn before it is given")
        return attrs.evolve(self, withdrawn_at=at)


def missing(
    consents: Iterable[Consent], at: datetime, *, required: Iterable[Purpose] = REQUIRED
) -> tuple[Purpose, ...]:
    """Return the required purposes with no consent in force at `at`, in the order required.

    Guard G-CONSENT; empty: nothing is missing. `at` is aware. Source: loan lifecycle §1.3.
    """
    given = {consent.purpose for consent in consents if consent.in_force(at)}
    return tuple(purpose for purpose in required if purpose not in given)
