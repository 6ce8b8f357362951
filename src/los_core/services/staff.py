"""Administering those who work for lenders: hiring, roles, brands, leaving.

Nobody changes their own part, gives more than they stand for, or touches who stands higher or works
for a brand they do not: such a person is a super administrator's business. Whatever is changed of
roles, permissions or brands ends the person's log-ins. Source: operations §13, reliability design
§10; threat row 48.
"""

from collections.abc import Collection, Sequence

import attrs

from los_core.domain.access import Role, may_give, rank
from los_core.domain.errors import Conflict, Forbidden, NotFound, StaleVersion
from los_core.domain.ids import BrandId, StaffId
from los_core.domain.kyc import Email
from los_core.domain.staff import Staff
from los_core.domain.work import AuditEvent
from los_core.ports.clock import Clock
from los_core.ports.work import Platform
from los_core.services.access_log import AccessLog
from los_core.services.brands import Brands, NewStaff
from los_core.services.callers import StaffCaller


@attrs.frozen(kw_only=True)
class Part:
    """What somebody is to a lender: roles, permissions beyond and below them, brands."""

    roles: frozenset[Role]
    brands: frozenset[BrandId]
    granted: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()

    @classmethod
    def of(cls, staff: Staff) -> "Part":
        """Return a person's present part."""
        return cls(
            roles=staff.roles, brands=staff.brands, granted=staff.granted, denied=staff.denied
        )


@attrs.frozen(kw_only=True)
class Staffing:
    """Hires and changes staff. A caller at work in no brand administers those of all."""

    platform: Platform
    clock: Clock
    brands: Brands
    log: AccessLog

    def of(self, caller: StaffCaller) -> Sequence[Staff]:
        """Return the staff of the caller's brand, or of all, by name."""
        return self.platform.staff_of(caller.in_brand)

    def hire(
        self,
        caller: StaffCaller,
        *,
        email: Email,
        name: str,
        password: str,
        part: Part,
        second_factor: bool = False,
    ) -> NewStaff:
        """Create a member of staff.

        Raises: Conflict: the address is taken; Invalid: a weak password; NotFound: a brand that is
            none or not the caller's; Forbidden: more than the caller may give.
        """
        self._check(caller, part)
        return self.brands.hire(
            email=email,
            name=name,
            password=password,
            roles=part.roles,
            brands=part.brands,
            granted=part.granted,
            denied=part.denied,
            second_factor=second_factor,
            told=lambda staff: self._told(caller, staff, "staff.hired"),
        )

    def change(
        self,
        caller: StaffCaller,
        staff_id: StaffId,
        part: Part,
        *,
        version: int,
        name: str | None = None,
        active: bool = True,
    ) -> Staff:
        """Give a member of staff another part; it holds at once, and their log-ins end.

        Raises: NotFound: no such person here; Forbidden: oneself, somebody higher, or more than the
            caller may give; StaleVersion.
        """
        staff = self._administered(caller, staff_id)
        self._check(caller, part, kept=staff.brands)
        if staff.security_version != version:
            raise StaleVersion(
                "somebody changed this person's part since it was read; read it again",
                details={"version": staff.security_version},
            )
        before = Part.of(staff), staff.active
        staff.roles, staff.brands = part.roles, part.brands
        staff.granted, staff.denied = part.granted, part.denied
        staff.active, staff.name = active, name or staff.name
        trail = self._told(caller, staff, "staff.changed")
        self._save(staff, trail, anew=(part, active) != before)
        return staff

    def dismiss(self, caller: StaffCaller, staff_id: StaffId) -> None:
        """Take somebody from the caller's brand; from the last one, or by all, altogether.

        Raises: NotFound; Forbidden.
        """
        staff = self._administered(caller, staff_id, here_only=True)
        if not staff.active:
            raise Conflict("this person has left already", code="STAFF_INACTIVE")
        here = caller.in_brand
        if here is None or staff.brands == {here}:
            staff.active = False
        else:
            staff.brands -= {here}
        self._save(staff, self._told(caller, staff, "staff.dismissed"), anew=True)

    def _save(self, staff: Staff, trail: Sequence[AuditEvent], *, anew: bool) -> None:
        if anew:
            staff.security_version += 1
        self.platform.save_staff(staff, trail=trail)
        if anew:
            self.platform.revoke_all(staff.id, self.clock.now())

    def _administered(
        self, caller: StaffCaller, staff_id: StaffId, *, here_only: bool = False
    ) -> Staff:
        """Return somebody whom the caller may change, or take from the brand with `here_only`.

        A part is one for all brands, so that changing it is for who works in all of them.
        Raises: NotFound, Forbidden.
        """
        staff = self.platform.staff(staff_id)
        here = caller.in_brand
        if staff is None or (here is not None and here not in staff.brands):
            raise NotFound("no such member of staff")
        if staff.id == caller.staff_id:
            raise Forbidden("nobody changes their own part", code="OWN_PART")
        me = self._me(caller)
        theirs = rank(caller.roles) < rank(staff.roles)
        elsewhere = not all(map(me.works_for, staff.brands))
        if theirs or (elsewhere and not here_only):
            raise Forbidden("this person is not yours to administer", code="ABOVE_OWN")
        return staff

    def _check(self, caller: StaffCaller, part: Part, *, kept: Collection[BrandId] = ()) -> None:
        """Raises: NotFound: a brand that is none or not the caller's; Forbidden."""
        me = self._me(caller)
        for brand_id in part.brands.difference(kept):
            brand = self.platform.brand(brand_id)
            if brand is None or not me.works_for(brand_id):
                raise NotFound("no such brand")
        if not may_give(caller.roles, caller.permissions, roles=part.roles, granted=part.granted):
            raise Forbidden("nobody gives more than they stand for", code="ABOVE_OWN")

    def _me(self, caller: StaffCaller) -> Staff:
        me = self.platform.staff(caller.staff_id)
        assert me is not None, "the caller is signed in"
        return me

    def _told(self, caller: StaffCaller, staff: Staff, action: str) -> list[AuditEvent]:
        """Return what the trail says of a change: the part that somebody has from now on."""
        brand_id = caller.in_brand or self.log.home(staff)
        if brand_id is None:
            return []
        return [
            self.log.event(
                brand_id,
                action,
                by=caller,
                about=staff.id,
                entity="staff",
                facts={
                    "active": staff.active,
                    "roles": sorted(staff.roles),
                    "brands": sorted(map(str, staff.brands)),
                    "granted": sorted(staff.granted),
                    "denied": sorted(staff.denied),
                },
            )
        ]
