"""Who is calling: customers by phone and one-time code, staff by password and second factor.

Answers never tell whether a phone or an address is known. Codes and refresh tokens are stored only
as keyed or plain hashes; guesses are counted in the store by single conditional updates.
Source: operations §14, reliability design §8.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import attrs

from los_core.domain.access import needs_totp
from los_core.domain.customer import Customer, CustomerStatus
from los_core.domain.errors import NotFound, TooMany, Unauthenticated
from los_core.domain.ids import PLATFORM, BrandId, CustomerId, StaffId
from los_core.domain.kyc import Phone
from los_core.domain.staff import OtpChallenge, Session, Staff
from los_core.ports.cipher import Cipher
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.message import Channel
from los_core.ports.passwords import CodeHasher, Passwords, SecondFactor
from los_core.ports.tokens import Audience, Claims, Tokens
from los_core.ports.work import Begin, Platform, UnitOfWork
from los_core.services.callers import CustomerCaller, StaffCaller
from los_core.services.messaging import Messaging

ACCESS_LIFE: Final = timedelta(minutes=15)
OTP_LIFE: Final = timedelta(minutes=5)
OTP_TRIES: Final = 5
OTP_GAP: Final = timedelta(seconds=30)
OTP_PER_HOUR: Final = 5
WEB_IDLE: Final = timedelta(days=30)
WEB_LIFE: Final = timedelta(days=90)
STAFF_LIFE: Final = timedelta(hours=12)
RACE: Final = timedelta(seconds=10)
PASSWORD_TRIES: Final = 5
PASSWORD_LOCK: Final = timedelta(minutes=15)
LOGIN: Final = "LOGIN"


@attrs.frozen(kw_only=True)
class TokenPair:
    """What a log-in gives. The refresh token is good once; `expires_at` is the access token's."""

    access: str = attrs.field(repr=False)
    refresh: str = attrs.field(repr=False)
    expires_at: datetime


@attrs.frozen(kw_only=True)
class Identity:
    """Log-ins, tokens and sessions."""

    begin: Begin
    platform: Platform
    clock: Clock
    entropy: Entropy
    cipher: Cipher
    tokens: Tokens
    hasher: CodeHasher
    passwords: Passwords
    second_factor: SecondFactor
    messaging: Messaging

    def send_code(self, brand_code: str, phone: Phone, *, register: bool) -> None:
        """Send a log-in code, if there is one to send; the caller cannot tell.

        A registration sends to any mobile number, a log-in only to a customer's. Raises: NotFound:
            no such brand; TooMany: asked again too soon or too often; Unavailable.
        """
        brand_id = self._brand(brand_code)
        now = self.clock.now()
        index = self._index(brand_id, phone)
        code = self.entropy.digits(6)
        with self.begin(brand_id) as uow:
            self._limit(uow.people.otps_since(index, now - timedelta(hours=1)), now)
            known = uow.customers.by_phone(index) is not None
            uow.people.add_otp(
                OtpChallenge(
                    id=self.entropy.uuid(),
                    brand_id=brand_id,
                    purpose=LOGIN,
                    phone_index=index,
                    code_hash=self._code_hash(code, index),
                    sent_at=now,
                    expires_at=now + OTP_LIFE,
                )
            )
        if known or register:
            self.messaging.send_now(
                brand_id,
                channel=Channel.SMS,
                to=phone.reveal(),
                template="OTP",
                values={"otp": code, "minutes": str(OTP_LIFE.seconds // 60)},
            )

    def redeem_code(
        self, brand_code: str, phone: Phone, code: str, *, device: str = "", ip: str = ""
    ) -> TokenPair:
        """Exchange a code for tokens; the first time, the customer comes into being.

        Raises: NotFound: no such brand; Unauthenticated: wrong, used, expired or exhausted.
        """
        brand_id = self._brand(brand_code)
        now = self.clock.now()
        index = self._index(brand_id, phone)
        with self.begin(brand_id) as uow:
            right = uow.people.try_otp(
                phone_index=index,
                purpose=LOGIN,
                code_hash=self._code_hash(code, index),
                at=now,
                limit=OTP_TRIES,
            )
            customer = self._customer(uow, phone, index) if right else None
        if customer is None:
            raise Unauthenticated("this code is wrong or no longer good", code="OTP_REFUSED")
        if customer.status is not CustomerStatus.ACTIVE:
            raise Unauthenticated("this account is not active", code="ACCOUNT_INACTIVE")
        return self._open(
            "web",
            customer_id=customer.id,
            brand_id=brand_id,
            version=customer.security_version,
            device=device,
            ip=ip,
        )

    def log_in_staff(
        self, email: str, password: str, code: str, *, device: str = "", ip: str = ""
    ) -> TokenPair:
        """Check password and second factor. Takes as long for an unknown address as for a known.

        Raises: Unauthenticated: any part is wrong, the log-in is locked or not active, or the role
            needs a second factor that is not enrolled (code TOTP_REQUIRED when only the code is
            missing).
        """
        now = self.clock.now()
        staff = self.platform.staff_by_email(email.strip().lower())
        locked = staff is not None and staff.locked_until is not None and now < staff.locked_until
        good = self.passwords.verify(password, staff.password_hash if staff else None)
        if staff is None or locked or not staff.active or not good:
            if staff is not None and not locked and not good:
                self.platform.count_failure(
                    staff.id, limit=PASSWORD_TRIES, lock_until=now + PASSWORD_LOCK
                )
            raise Unauthenticated("address, password or code is wrong", code="LOGIN_REFUSED")
        self._second_factor(staff, code, now)
        return self._open(
            "partner", staff_id=staff.id, version=staff.security_version, device=device, ip=ip
        )

    def refresh(self, token: str, *, audience: Audience) -> TokenPair:
        """Exchange a refresh token for a new pair.

        Two requests that race with the same token get the same pair for a few seconds; a token
        shown again later means it was stolen, and its session ends.

        Raises: Unauthenticated.
        """
        now = self.clock.now()
        shown = self.hasher.token(token)
        session = self.platform.session_by_token(shown)
        if session is None or not session.alive(now) or _audience(session) != audience:
            raise Unauthenticated("log in again", code="SESSION_ENDED")
        child = self.hasher.code(token, bound_to=f"refresh|{session.id}")
        idle = WEB_IDLE if audience == "web" else STAFF_LIFE
        won = session.token_hash == shown and self.platform.rotate(
            session.id,
            old_hash=shown,
            new_hash=self.hasher.token(child),
            at=now,
            expires_at=now + idle,
        )
        if not won:
            latest = self.platform.session(session.id)
            raced = (
                latest is not None
                and latest.alive(now)
                and latest.previous_hash == shown
                and now - latest.rotated_at <= RACE
            )
            if not raced:
                self.platform.revoke(session.id, now)
                raise Unauthenticated("log in again", code="SESSION_ENDED")
        return self._pair(session, child, self._security_version(session), now)

    def log_out(self, caller: CustomerCaller | StaffCaller) -> None:
        """End the caller's session; a second time changes nothing."""
        if caller.session_id is not None:
            self.platform.revoke(caller.session_id, self.clock.now())

    def customer(self, token: str, *, ip: str = "", device: str = "") -> CustomerCaller:
        """Return the customer an access token speaks for. Raises: Unauthenticated."""
        claims = self._live_claims(token, "web")
        if claims.brand_id is None:
            raise Unauthenticated("this token is not good here")
        brand_id, customer_id = BrandId(claims.brand_id), CustomerId(claims.subject)
        with self.begin(brand_id) as uow:
            found = uow.customers.get(customer_id)
        if (
            found is None
            or found.security_version != claims.version
            or found.status is not CustomerStatus.ACTIVE
        ):
            raise Unauthenticated("log in again", code="SESSION_ENDED")
        return CustomerCaller(
            customer_id=customer_id,
            brand_id=brand_id,
            session_id=claims.session,
            ip=ip,
            device=device,
        )

    def staff(self, token: str) -> tuple[Staff, Claims]:
        """Return the member of staff an access token speaks for. Raises: Unauthenticated."""
        claims = self._live_claims(token, "partner")
        found = self.platform.staff(StaffId(claims.subject))
        if found is None or not found.active or found.security_version != claims.version:
            raise Unauthenticated("log in again", code="SESSION_ENDED")
        return found, claims

    def _brand(self, code: str) -> BrandId:
        brand = self.platform.brand_by_code(code)
        if brand is None or not brand.active:
            raise NotFound("no such brand")
        return brand.id

    def _index(self, brand_id: BrandId, phone: Phone) -> str:
        return self.cipher.blind_index(str(brand_id), "phone", phone.reveal())

    def _code_hash(self, code: str, index: str) -> str:
        return self.hasher.code(code, bound_to=f"{index}|{LOGIN}")

    def _limit(self, sent: Sequence[datetime], now: datetime) -> None:
        wait = timedelta(0)
        if sent and now - sent[-1] < OTP_GAP:
            wait = OTP_GAP - (now - sent[-1])
        elif len(sent) >= OTP_PER_HOUR:
            wait = timedelta(hours=1) - (now - sent[0])
        if wait:
            raise TooMany(
                "too many codes were asked for",
                details={"retry_after_s": int(wait.total_seconds()) + 1},
            )

    def _customer(self, uow: UnitOfWork, phone: Phone, index: str) -> Customer:
        now = self.clock.now()
        found = uow.customers.by_phone(index)
        if found is None:
            found = Customer(
                id=CustomerId(self.entropy.uuid()),
                brand_id=uow.brand_id,
                phone=phone,
                created_at=now,
                phone_verified_at=now,
            )
            uow.customers.add(found, phone_index=index)
        return found

    def _second_factor(self, staff: Staff, code: str, now: datetime) -> None:
        if not staff.totp_confirmed:
            if needs_totp(staff.roles):
                raise Unauthenticated(
                    "this role needs a second factor; ask an administrator to enrol one",
                    code="TOTP_NOT_ENROLLED",
                )
            return
        if not code:
            raise Unauthenticated("the second factor's code is missing", code="TOTP_REQUIRED")
        secret = self.cipher.open(
            PLATFORM, f"staff.totp:{staff.id}", bytes.fromhex(staff.totp_secret)
        ).decode()
        step = self.second_factor.matched_step(secret, code, now)
        if step is None or step <= staff.totp_step:
            self.platform.count_failure(
                staff.id, limit=PASSWORD_TRIES, lock_until=now + PASSWORD_LOCK
            )
            raise Unauthenticated("address, password or code is wrong", code="LOGIN_REFUSED")
        staff.totp_step, staff.failures, staff.locked_until = step, 0, None
        self.platform.save_staff(staff)

    def _open(
        self,
        audience: Audience,
        *,
        version: int,
        customer_id: CustomerId | None = None,
        staff_id: StaffId | None = None,
        brand_id: BrandId | None = None,
        device: str,
        ip: str,
    ) -> TokenPair:
        now = self.clock.now()
        refresh = self.entropy.token()
        web = audience == "web"
        session = Session(
            id=self.entropy.uuid(),
            customer_id=customer_id,
            staff_id=staff_id,
            brand_id=brand_id,
            token_hash=self.hasher.token(refresh),
            rotated_at=now,
            created_at=now,
            expires_at=now + (WEB_IDLE if web else STAFF_LIFE),
            ends_at=now + (WEB_LIFE if web else STAFF_LIFE),
            device=device[:200],
            ip=ip,
        )
        self.platform.add_session(session)
        return self._pair(session, refresh, version, now)

    def _pair(self, session: Session, refresh: str, version: int, now: datetime) -> TokenPair:
        expires_at = now + ACCESS_LIFE
        subject = session.customer_id or session.staff_id
        assert subject is not None, "a session is somebody's"
        claims = Claims(
            audience=_audience(session),
            subject=subject,
            session=session.id,
            version=version,
            brand_id=session.brand_id,
            expires_at=expires_at,
        )
        return TokenPair(access=self.tokens.issue(claims), refresh=refresh, expires_at=expires_at)

    def _security_version(self, session: Session) -> int:
        """Return the person's present version. Raises: Unauthenticated: gone or stopped."""
        if session.staff_id is not None:
            staff = self.platform.staff(session.staff_id)
            if staff is not None and staff.active:
                return staff.security_version
        elif session.customer_id is not None and session.brand_id is not None:
            with self.begin(session.brand_id) as uow:
                customer = uow.customers.get(session.customer_id)
            if customer is not None and customer.status is CustomerStatus.ACTIVE:
                return customer.security_version
        raise Unauthenticated("log in again", code="SESSION_ENDED")

    def _live_claims(self, token: str, audience: Audience) -> Claims:
        claims = self.tokens.read(token, audience=audience)
        session = self.platform.session(claims.session)
        if session is None or not session.alive(self.clock.now()):
            raise Unauthenticated("log in again", code="SESSION_ENDED")
        return claims


def _audience(session: Session) -> Audience:
    return "partner" if session.staff_id is not None else "web"
