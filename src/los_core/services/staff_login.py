"""Staff prove who they are: by password, and by a second factor where their roles need one.

Whoever needs a second factor and has none may log in, and then do nothing but enrol it. Answers
never tell whether an address is known. Source: operations §14, decision D12, reliability design §8;
threat rows 28, 42.
"""

from datetime import timedelta
from typing import Final

import attrs

from los_core.domain import limits
from los_core.domain.errors import Conflict, Unauthenticated
from los_core.domain.ids import StaffId
from los_core.domain.staff import Staff, totp_place
from los_core.ports.cipher import Secrets
from los_core.ports.clock import Clock
from los_core.ports.limiter import Limiter
from los_core.ports.passwords import Passwords, SecondFactor
from los_core.ports.tokens import Claims
from los_core.ports.work import Platform
from los_core.services.access_log import AccessLog, masked_address
from los_core.services.callers import StaffCaller
from los_core.services.limiting import network_of, spend
from los_core.services.sessions import Sessions, TokenPair, audience_of

PASSWORD_TRIES: Final = 5
PASSWORD_LOCK: Final = timedelta(minutes=15)
PASSWORD_TRIES_IN_ALL: Final = 100
"""Wrong ones in a row over any time; then only a new password opens the log-in again (NIST)."""
LOGGED_IN: Final = "access.login"
LOGIN_REFUSED: Final = "access.login_refused"
_DEVICE: Final = 100
"""Letters kept in the trail of what a client calls itself."""
ISSUER: Final = "LOS"
"""What an authenticator app shows the code under."""


@attrs.frozen(kw_only=True)
class Enrolment:
    """A second factor about to be confirmed: for an app to scan, or to be typed."""

    secret: str = attrs.field(repr=False)
    uri: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class StaffLogin:
    """Log-ins and second factors of staff."""

    platform: Platform
    clock: Clock
    secrets: Secrets
    passwords: Passwords
    second_factor: SecondFactor
    limiter: Limiter
    sessions: Sessions
    log: AccessLog

    def log_in(
        self, email: str, password: str, code: str, *, device: str = "", ip: str = ""
    ) -> tuple[Staff, TokenPair]:
        """Check password and second factor. Takes as long for an unknown address as for a known.

        Only failures count against the limits. Raises: Unauthenticated: any part is wrong, the
            log-in is locked or not active (code TOTP_REQUIRED when only the code is missing);
            TooMany.
        """
        address = email.strip().lower()
        spend(self.limiter, limits.LOG_INS_BY_ADDRESS, network_of(ip))
        spend(self.limiter, limits.LOG_INS, address)
        staff = self.platform.staff_by_email(address)
        good = self.passwords.verify(password, staff.password_hash if staff else None)
        if staff is None or not self._may_try(staff) or not good:
            self._failed(staff, wrong=not good, device=device, ip=ip)
            raise Unauthenticated("address, password or code is wrong", code="LOGIN_REFUSED")
        if staff.totp_confirmed:
            self._check_code(staff, code, device=device, ip=ip)
        elif staff.failures:
            staff.failures, staff.locked_until = 0, None
            self.platform.save_staff(staff)
        self.limiter.give_back(limits.LOG_INS_BY_ADDRESS, network_of(ip))
        self.limiter.give_back(limits.LOG_INS, address)
        pair = self.sessions.open(staff, device=device, ip=ip)
        self._note(staff, LOGGED_IN, device=device, ip=ip)
        return staff, pair

    def staff(self, token: str) -> tuple[Staff, Claims]:
        """Return the member of staff an access token speaks for. Raises: Unauthenticated."""
        claims = self.sessions.claims(token, "partner", "admin")
        found = self.platform.staff(StaffId(claims.subject))
        if (
            found is None
            or not found.active
            or found.security_version != claims.version
            or audience_of(found) != claims.audience
        ):
            raise Unauthenticated("log in again", code="SESSION_ENDED")
        return found, claims

    def enrol(self, caller: StaffCaller, *, password: str, code: str = "") -> Enrolment:
        """Begin a second factor, or its replacement; what is in force stays so until `confirm`.

        Raises: Unauthenticated: the password is wrong, or the present factor's code.
        """
        staff = self.proved(caller.staff_id, password)
        if staff.totp_confirmed:
            self._check_code(staff, code)
        secret = self.second_factor.new_secret()
        staff.totp_pending = self.seal(staff, secret)
        self.platform.save_staff(staff)
        uri = self.second_factor.uri(secret, account=staff.email.reveal(), issuer=ISSUER)
        return Enrolment(secret=secret, uri=uri)

    def confirm(self, caller: StaffCaller, code: str) -> None:
        """Put the begun second factor in force; the person's other log-ins end.

        Raises: Conflict: none is begun; Unauthenticated: the code is wrong.
        """
        staff = self._member(caller.staff_id)
        if not staff.totp_pending:
            raise Conflict("begin the enrolment first", code="TOTP_NOT_BEGUN")
        spend(self.limiter, limits.SECURE_CODE_CHECKS, str(staff.id))
        now = self.clock.now()
        secret = self._open(staff, staff.totp_pending)
        step = self.second_factor.matched_step(secret, code, now)
        if step is None:
            raise Unauthenticated("this code is wrong", code="TOTP_WRONG")
        staff.totp_secret, staff.totp_pending = staff.totp_pending, ""
        staff.totp_confirmed, staff.totp_step = True, step
        self.platform.save_staff(staff)
        self.platform.revoke_all(staff.id, now, but=caller.session_id)
        self._note(staff, "staff.second_factor")

    def proved(self, staff_id: StaffId, password: str) -> Staff:
        """Return the signed-in person who gave their password once more.

        Raises: Unauthenticated: it is wrong; TooMany.
        """
        staff = self._member(staff_id)
        spend(self.limiter, limits.LOG_INS, staff.email.reveal())
        if not self.passwords.verify(password, staff.password_hash):
            self._failed(staff, wrong=True)
            raise Unauthenticated("this password is wrong", code="LOGIN_REFUSED")
        self.limiter.give_back(limits.LOG_INS, staff.email.reveal())
        return staff

    def seal(self, staff: Staff, secret: str) -> str:
        """Return a second factor's secret as it is kept."""
        return self.secrets.seal(totp_place(staff.id), secret.encode()).hex()

    def _member(self, staff_id: StaffId) -> Staff:
        staff = self.platform.staff(staff_id)
        if staff is None:
            raise Unauthenticated("log in again", code="SESSION_ENDED")
        return staff

    def _may_try(self, staff: Staff) -> bool:
        locked = staff.locked_until is not None and self.clock.now() < staff.locked_until
        return staff.active and not locked and staff.failures < PASSWORD_TRIES_IN_ALL

    def _failed(self, staff: Staff | None, *, wrong: bool, device: str = "", ip: str = "") -> None:
        if staff is not None and wrong and self._may_try(staff):
            self.platform.count_failure(
                staff.id, limit=PASSWORD_TRIES, lock_until=self.clock.now() + PASSWORD_LOCK
            )
        if staff is not None:
            self._note(staff, LOGIN_REFUSED, device=device, ip=ip)

    def _check_code(self, staff: Staff, code: str, *, device: str = "", ip: str = "") -> None:
        """Check a code of the factor in force; it is good once. Raises: Unauthenticated."""
        if not code:
            raise Unauthenticated("the second factor's code is missing", code="TOTP_REQUIRED")
        secret = self._open(staff, staff.totp_secret)
        step = self.second_factor.matched_step(secret, code, self.clock.now())
        if step is None or step <= staff.totp_step:
            self._failed(staff, wrong=True, device=device, ip=ip)
            raise Unauthenticated("address, password or code is wrong", code="LOGIN_REFUSED")
        staff.totp_step, staff.failures, staff.locked_until = step, 0, None
        self.platform.save_staff(staff)

    def _open(self, staff: Staff, sealed: str) -> str:
        return self.secrets.open(totp_place(staff.id), bytes.fromhex(sealed)).decode()

    def _note(self, staff: Staff, action: str, *, device: str = "", ip: str = "") -> None:
        """Put it on file in each brand they work for; of all brands, in one."""
        facts = {"device": device[:_DEVICE], "ip": masked_address(ip)} if ip or device else {}
        home = self.log.home(staff)
        for brand_id in sorted(staff.brands) or filter(None, [home]):
            self.log.add(brand_id, action, by=staff.id, facts=facts)
