"""Passwords of staff, and the secure codes by which a forgotten one is set anew.

A code comes by e-mail to who asks, or is handed over by another person who may administer the one
who lost password or authenticator. It has six letters, lives ten minutes, takes five tries and
works once. It is the keyed hash of its id: a job recomputes it to send it, and no table, queue or
log ever holds it. Source: data model §3, operations §14; threat rows 42–44.
"""

import base64
from datetime import timedelta
from typing import Final
from uuid import UUID

import attrs

from los_core.domain import limits
from los_core.domain.access import rank
from los_core.domain.errors import Forbidden, NotFound, Unauthenticated
from los_core.domain.ids import BrandId, StaffId
from los_core.domain.passwords import check_password
from los_core.domain.staff import Guess, SecureCode, SecurePurpose, Staff
from los_core.domain.work import Job
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.limiter import Limiter
from los_core.ports.message import Channel
from los_core.ports.passwords import CodeHasher, Passwords
from los_core.ports.work import Begin, Platform
from los_core.services.access_log import AccessLog
from los_core.services.callers import StaffCaller
from los_core.services.jobs import SEND_SECURE_CODE, later
from los_core.services.limiting import network_of, spend
from los_core.services.messaging import Messaging
from los_core.services.staff_login import StaffLogin

CODE_LIFE: Final = timedelta(minutes=10)
CODE_LETTERS: Final = 6
CODE_TRIES: Final = 5


@attrs.frozen(kw_only=True)
class StaffSecrets:
    """Sets passwords and hands out secure codes."""

    begin: Begin
    platform: Platform
    clock: Clock
    entropy: Entropy
    hasher: CodeHasher
    passwords: Passwords
    limiter: Limiter
    messaging: Messaging
    login: StaffLogin
    log: AccessLog

    def change(self, caller: StaffCaller, *, present: str, new: str) -> None:
        """Set another password; the person's other log-ins end.

        Raises: Unauthenticated: the present one is wrong; Invalid: the new one is too weak.
        """
        staff = self.login.proved(caller.staff_id, present)
        self._check(staff, new)
        staff.password_hash = self.passwords.hash(new)
        self.platform.save_staff(staff)
        self.platform.revoke_all(staff.id, self.clock.now(), but=caller.session_id)
        self._note(staff, "staff.password_changed")

    def forget(self, email: str, *, ip: str = "") -> None:
        """Have a code mailed, if there is anybody to mail it to; the caller cannot tell.

        Raises: TooMany.
        """
        address = email.strip().lower()
        spend(self.limiter, limits.RESETS_BY_ADDRESS, network_of(ip))
        spend(self.limiter, limits.RESETS, address)
        staff = self.platform.staff_by_email(address)
        brand_id = self.log.home(staff) if staff is not None and staff.active else None
        if staff is None or brand_id is None:
            return
        code = self._new(staff, SecurePurpose.PASSWORD, issued_by=None)
        with self.begin(brand_id) as uow:
            payload = {"secure_code_id": code.id}
            later(
                uow,
                SEND_SECURE_CODE,
                str(code.id),
                clock=self.clock,
                entropy=self.entropy,
                payload=payload,
            )
            self.log.note(uow, "staff.code_asked", by=None, about=staff.id)

    def deliver(self, job: Job) -> None:
        """Mail a code; one that is out of time, used or replaced is not sent.

        Raises: Unavailable: the runner tries again.
        """
        code = self.platform.secure_code(UUID(job.payload["secure_code_id"]))
        staff = self.platform.staff(code.staff_id) if code else None
        if code is None or staff is None or code.used or self.clock.now() >= code.expires_at:
            return
        self._mail(job.brand_id, staff, self._letters(code))

    def hand_over(
        self, caller: StaffCaller, staff_id: StaffId, purpose: SecurePurpose
    ) -> tuple[SecureCode, str]:
        """Return a code for a member of the brand, to be told to them in person.

        Raises: NotFound: none such in this brand; Forbidden: oneself, somebody higher, or somebody
            who also works for a brand that the caller does not.
        """
        staff = self.platform.staff(staff_id)
        if staff is None or not staff.active or caller.brand_id not in staff.brands:
            raise NotFound("no such member of staff")
        giver = self.platform.staff(caller.staff_id)
        if giver is None or staff.id == giver.id:
            raise Forbidden("another person must give the code", code="G-4EYES")
        if rank(giver.roles) < rank(staff.roles) or not all(map(giver.works_for, staff.brands)):
            raise Forbidden("this person is not yours to administer", code="ABOVE_OWN")
        code = self._new(staff, purpose, issued_by=giver.id)
        self.log.add(
            caller.brand_id,
            "staff.code_given",
            by=caller,
            about=staff.id,
            facts={"purpose": purpose},
        )
        return code, self._letters(code)

    def reset(self, email: str, shown: str, new: str, *, ip: str = "") -> None:
        """Set a password by a code; every log-in of the person ends.

        Raises: Unauthenticated: the code is wrong, used or out of time, whosever it is; TooMany;
            Invalid: the new password is too weak (the code stays good).
        """
        address = email.strip().lower()
        spend(self.limiter, limits.RESETS_BY_ADDRESS, network_of(ip))
        spend(self.limiter, limits.SECURE_CODE_CHECKS, address)
        check_password(new)
        staff = self.platform.staff_by_email(address)
        code = self.platform.latest_secure_code(staff.id) if staff and staff.active else None
        if staff is None or code is None:
            raise _refused()
        right = _plain(shown) == self._letters(code)
        if right:
            self._check(staff, new)
        guess = self.platform.try_secure_code(
            code.id, right=right, at=self.clock.now(), limit=CODE_TRIES
        )
        if guess is not Guess.RIGHT:  # of a spent code too: whether there was one is not told
            raise _refused()
        self._set(staff.id, new, purpose=code.purpose)

    def _set(self, staff_id: StaffId, new: str, *, purpose: SecurePurpose) -> None:
        staff = self.platform.staff(staff_id)
        assert staff is not None, "staff are never deleted"
        staff.password_hash = self.passwords.hash(new)
        staff.security_version += 1
        staff.failures, staff.locked_until = 0, None
        if purpose is SecurePurpose.ACCESS:
            staff.totp_confirmed, staff.totp_secret, staff.totp_pending = False, "", ""
        self.platform.save_staff(staff)
        self.platform.revoke_all(staff.id, self.clock.now())
        self._note(staff, "staff.password_reset")

    def _new(
        self, staff: Staff, purpose: SecurePurpose, *, issued_by: StaffId | None
    ) -> SecureCode:
        now = self.clock.now()
        code = SecureCode(
            id=self.entropy.uuid(),
            staff_id=staff.id,
            purpose=purpose,
            issued_by=issued_by,
            sent_at=now,
            expires_at=now + CODE_LIFE,
        )
        self.platform.add_secure_code(code)
        return code

    def _letters(self, code: SecureCode) -> str:
        """Return the code itself: the first letters, in base 32, of its keyed hash."""
        told = self.hasher.code(str(code.id), bound_to=f"SECURE|{code.purpose}|{code.staff_id}")
        return base64.b32encode(bytes.fromhex(told)).decode()[:CODE_LETTERS]

    def _mail(self, brand_id: BrandId, staff: Staff, letters: str) -> None:
        minutes = str(CODE_LIFE.seconds // 60)
        values = {"name": staff.name, "code": letters, "minutes": minutes}
        self.messaging.send_now(
            brand_id,
            channel=Channel.EMAIL,
            to=staff.email.reveal(),
            template="STAFF_CODE",
            values=values,
        )

    def _check(self, staff: Staff, password: str) -> None:
        brands = [self.platform.brand(brand_id) for brand_id in staff.brands]
        names = [brand.name for brand in brands if brand is not None]
        check_password(password, about=[staff.name, staff.email.reveal(), *names])

    def _note(self, staff: Staff, action: str) -> None:
        brand_id = self.log.home(staff)
        if brand_id is not None:
            self.log.add(brand_id, action, by=staff.id)


def _plain(shown: str) -> str:
    return shown.replace("-", "").replace(" ", "").upper()


def _refused() -> Unauthenticated:
    return Unauthenticated("this code is wrong or no longer good", code="CODE_REFUSED")
