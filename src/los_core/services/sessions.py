"""Log-ins and their tokens: opened, renewed and ended alike for customers and staff.

A refresh token is good once. Two requests that race with it get the same new pair for a few
seconds; shown again later it was stolen, and its whole session ends. Refresh tokens are stored as
hashes only. Source: reliability design §8, operations §14.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.access import Role
from los_core.domain.customer import Customer, CustomerStatus
from los_core.domain.errors import Erased, NotFound, Unauthenticated
from los_core.domain.ids import BrandId, CustomerId, StaffId
from los_core.domain.limits import REFRESHES
from los_core.domain.staff import Session, Staff
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.limiter import Limiter
from los_core.ports.passwords import CodeHasher
from los_core.ports.tokens import Audience, Claims, Tokens
from los_core.ports.work import Begin, Platform
from los_core.services.access_log import AccessLog
from los_core.services.callers import CustomerCaller, StaffCaller
from los_core.services.limiting import network_of, spend

ACCESS_LIFE: Final = timedelta(minutes=15)
WEB_IDLE: Final = timedelta(days=30)
WEB_LIFE: Final = timedelta(days=90)
STAFF_LIFE: Final = timedelta(hours=12)
RACE: Final = timedelta(seconds=10)
DEVICE: Final = 200
"""Letters kept of what a client calls itself."""


@attrs.frozen(kw_only=True)
class TokenPair:
    """What a log-in gives. The refresh token is good once; `expires_at` is the access token's."""

    access: str = attrs.field(repr=False)
    refresh: str = attrs.field(repr=False)
    expires_at: datetime


@attrs.frozen(kw_only=True)
class Sessions:
    """Opens, renews and ends log-ins."""

    begin: Begin
    platform: Platform
    clock: Clock
    entropy: Entropy
    tokens: Tokens
    hasher: CodeHasher
    limiter: Limiter
    log: AccessLog

    def open(self, person: Customer | Staff, *, device: str, ip: str) -> TokenPair:
        """Begin a session for somebody who has proved who they are."""
        now = self.clock.now()
        refresh = self.entropy.token()
        customer = isinstance(person, Customer)
        session = Session(
            id=self.entropy.uuid(),
            customer_id=CustomerId(person.id) if customer else None,
            staff_id=None if customer else StaffId(person.id),
            brand_id=person.brand_id if isinstance(person, Customer) else None,
            token_hash=self.hasher.token(refresh),
            rotated_at=now,
            created_at=now,
            expires_at=now + (WEB_IDLE if customer else STAFF_LIFE),
            ends_at=now + (WEB_LIFE if customer else STAFF_LIFE),
            device=device[:DEVICE],
            ip=ip,
        )
        self.platform.add_session(session)
        return self._pair(session, refresh, person, now)

    def refresh(
        self, token: str, *, audience: Audience, device: str = "", ip: str = ""
    ) -> TokenPair:
        """Exchange a refresh token for a new pair; `partner` serves every member of staff.

        Raises: Unauthenticated; TooMany.
        """
        spend(self.limiter, REFRESHES, network_of(ip))
        now = self.clock.now()
        shown = self.hasher.token(token)
        session = self.platform.session_by_token(shown)
        if session is None or not session.alive(now) or _audience(session) != audience:
            raise _ended()
        child = self.hasher.code(token, bound_to=f"refresh|{session.id}")
        idle = WEB_IDLE if audience == "web" else STAFF_LIFE
        won = session.token_hash == shown and self.platform.rotate(
            session.id,
            old_hash=shown,
            new_hash=self.hasher.token(child),
            at=now,
            expires_at=now + idle,
        )
        if not won and not self._raced(session.id, shown, device=device, now=now):
            self.platform.revoke(session.id, now)
            self._tell_of_theft(session)
            raise _ended()
        return self._pair(session, child, self._person(session), now)

    def log_out(self, caller: CustomerCaller | StaffCaller) -> None:
        """End the caller's session; a second time changes nothing."""
        if caller.session_id is not None:
            self.platform.revoke(caller.session_id, self.clock.now())

    def of_staff(self, caller: StaffCaller) -> Sequence[Session]:
        """Return the caller's log-ins that are good, newest first."""
        return self.platform.sessions_of(caller.staff_id, self.clock.now())

    def end(self, caller: StaffCaller, session_id: UUID) -> None:
        """End one of the caller's log-ins. Raises: NotFound: there is none such, or not theirs."""
        now = self.clock.now()
        session = self.platform.session(session_id)
        if session is None or session.staff_id != caller.staff_id or not session.alive(now):
            raise NotFound("no such session")
        self.platform.revoke(session_id, now)

    def claims(self, token: str, *audiences: Audience) -> Claims:
        """Return what an access token says, if its session is good. Raises: Unauthenticated."""
        claims = self.tokens.read(token, *audiences)
        session = self.platform.session(claims.session)
        if session is None or not session.alive(self.clock.now()):
            raise _ended()
        return claims

    def _raced(self, session_id: UUID, shown: str, *, device: str, now: datetime) -> bool:
        """Whether another request of the same device has just won with the same token."""
        latest = self.platform.session(session_id)
        return (
            latest is not None
            and latest.alive(now)
            and latest.previous_hash == shown
            and latest.device == device[:DEVICE]
            and now - latest.rotated_at <= RACE
        )

    def _tell_of_theft(self, session: Session) -> None:
        brand_id = session.brand_id
        if session.staff_id is not None:
            staff = self.platform.staff(session.staff_id)
            brand_id = self.log.home(staff) if staff is not None else None
        if brand_id is not None:
            self.log.add(
                brand_id,
                "session.reused",
                by=session.staff_id,
                about=session.customer_id or session.id,
                facts={"session": str(session.id)},
            )

    def _pair(
        self, session: Session, refresh: str, person: Customer | Staff, now: datetime
    ) -> TokenPair:
        expires_at = now + ACCESS_LIFE
        claims = Claims(
            audience=audience_of(person),
            subject=person.id,
            session=session.id,
            version=person.security_version,
            brand_id=session.brand_id,
            expires_at=expires_at,
        )
        return TokenPair(access=self.tokens.issue(claims), refresh=refresh, expires_at=expires_at)

    def _person(self, session: Session) -> Customer | Staff:
        """Return whose session it is. Raises: Unauthenticated: gone or stopped."""
        if session.staff_id is not None:
            staff = self.platform.staff(session.staff_id)
            if staff is not None and staff.active:
                return staff
        elif session.customer_id is not None and session.brand_id is not None:
            return self.customer(session.brand_id, session.customer_id)
        raise _ended()

    def customer(self, brand_id: BrandId, customer_id: CustomerId) -> Customer:
        """Return a customer who may act. Raises: Unauthenticated; NotFound: a brand's at rest."""
        with self.begin(brand_id) as uow:
            if not uow.lender.brand().active:
                raise NotFound("no such brand")
            try:
                found = uow.customers.get(customer_id)
            except Erased as err:
                raise _ended() from err
        if found is None or found.status is not CustomerStatus.ACTIVE:
            raise _ended()
        return found


def audience_of(person: Customer | Staff) -> Audience:
    """Return the audience of somebody's tokens: one each, so that no token opens two doors."""
    if isinstance(person, Customer):
        return "web"
    return "admin" if Role.SUPER_ADMIN in person.roles else "partner"


def _audience(session: Session) -> Audience:
    return "web" if session.staff_id is None else "partner"


def _ended() -> Unauthenticated:
    return Unauthenticated("log in again", code="SESSION_ENDED")
