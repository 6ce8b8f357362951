"""People who work for brands, and the sessions of staff and customers alike."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import attrs

from los_core.domain.access import Role, Scope, needs_totp, permissions_of
from los_core.domain.ids import BrandId, CustomerId, StaffId
from los_core.domain.kyc import Email


@attrs.define(kw_only=True)
class Staff:
    """A member of staff, of one or several brands.

    Attributes:
        brands: the brands they work for; a SUPER_ADMIN is of every brand.
        granted, denied: permissions beyond the roles', and taken from them; a denial wins.
        security_version: raised by every change of roles, brands or password.
        totp_secret: sealed base-32 secret; "" until a second factor is enrolled.
        totp_pending: the sealed secret of an enrolment that is not confirmed.
        totp_confirmed: the second factor is in force.
        totp_step: the last time step used, so that a code is good once.
        failures, locked_until: wrong passwords in a row, and what they led to.
    """

    id: StaffId
    email: Email
    name: str
    password_hash: str = attrs.field(repr=False)
    roles: frozenset[Role]
    brands: frozenset[BrandId]
    granted: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    active: bool = True
    security_version: int = 1
    totp_secret: str = attrs.field(default="", repr=False)
    totp_pending: str = attrs.field(default="", repr=False)
    totp_confirmed: bool = False
    totp_step: int = 0
    failures: int = 0
    locked_until: datetime | None = None
    capacity: int = 50
    rating: int = 3
    last_allocated_at: datetime | None = None
    created_at: datetime
    version: int = 0

    def works_for(self, brand_id: BrandId) -> bool:
        """Whether they may act in a brand at all."""
        return self.active and (Role.SUPER_ADMIN in self.roles or brand_id in self.brands)

    @property
    def must_enrol(self) -> bool:
        """Whether a role of theirs needs a second factor that they do not have."""
        return needs_totp(self.roles) and not self.totp_confirmed

    @property
    def permissions(self) -> dict[str, Scope]:
        """All that they may do in the brands they work for."""
        return permissions_of(self.roles, granted=self.granted, denied=self.denied)


@attrs.define(kw_only=True)
class Session:
    """A log-in and its chain of refresh tokens.

    Attributes:
        token_hash: hash of the refresh token now good.
        previous_hash: of the one before; shown again it means theft, and the session dies, except
            within a few seconds of the change (two tabs racing).
        device: what the client calls itself, cut to 200 characters.
    """

    id: UUID
    customer_id: CustomerId | None = None
    staff_id: StaffId | None = None
    brand_id: BrandId | None = None
    token_hash: str = attrs.field(repr=False)
    previous_hash: str = attrs.field(default="", repr=False)
    rotated_at: datetime
    created_at: datetime
    expires_at: datetime
    ends_at: datetime
    revoked_at: datetime | None = None
    device: str = ""
    ip: str = ""

    def alive(self, at: datetime) -> bool:
        """Whether the session is still good at an instant."""
        return self.revoked_at is None and at < min(self.expires_at, self.ends_at)


@attrs.define(kw_only=True)
class OtpChallenge:
    """A one-time code sent to a phone, bound to what it is for.

    Attributes:
        phone_index: blind index of the phone: the number itself is not needed.
        tries: wrong and right guesses so far; counted by one conditional update.
    """

    id: UUID
    brand_id: BrandId
    purpose: str
    phone_index: str
    code_hash: str = attrs.field(repr=False)
    sent_at: datetime
    expires_at: datetime
    tries: int = 0
    used: bool = False


class Guess(StrEnum):
    """What a try at a code came to. SPENT: not looked at, the code had all its tries."""

    RIGHT = "RIGHT"
    WRONG = "WRONG"
    SPENT = "SPENT"


class SecurePurpose(StrEnum):
    """What a secure code is good for.

    PASSWORD: setting a password. ACCESS: the same, and the second factor is taken off, to be
    enrolled anew; only another person can give it, to somebody who lost theirs.
    """

    PASSWORD = "PASSWORD"  # noqa: S105 - the name of a purpose
    ACCESS = "ACCESS"


@attrs.frozen(kw_only=True)
class SecureCode:
    """A short code that lets a member of staff set their secrets anew, once.

    The code itself is the keyed hash of its id (`services.staff_secrets`), so that nothing that is
    kept gives it away. Six letters suffice because tries are counted. Source: data model §3,
    threat row 44.

    Attributes:
        staff_id: for whom it is.
        issued_by: who handed it over; None: it was asked for by e-mail.
    """

    id: UUID
    staff_id: StaffId
    purpose: SecurePurpose
    issued_by: StaffId | None
    sent_at: datetime
    expires_at: datetime
    tries: int = 0
    used: bool = False


def totp_place(staff_id: StaffId) -> str:
    """Return where the sealed secrets of a second factor belong: they open nowhere else."""
    return f"staff.totp:{staff_id}"
