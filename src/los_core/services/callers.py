"""Who calls a service: a customer, or a member of staff with what they may do.

The HTTP layer proves who it is; what a caller may do is checked here too, so that a library user
who skips the HTTP layer cannot skip the rules.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import attrs

from los_core.domain.access import Role, Scope
from los_core.domain.authority import Item, may_check
from los_core.domain.errors import Forbidden, NotFound
from los_core.domain.ids import PLATFORM, BrandId, CustomerId, StaffId
from los_core.domain.lifecycle import Actor
from los_core.domain.loan import By, Loan
from los_core.domain.money import Paise
from los_core.domain.staff import Staff


@attrs.frozen(kw_only=True)
class CustomerCaller:
    """A customer who proved their phone."""

    customer_id: CustomerId
    brand_id: BrandId
    session_id: UUID | None = None
    ip: str = ""
    device: str = ""

    def by(self, at: datetime) -> By:
        """Return the customer as the mover of a loan."""
        return By(actor=Actor.CUSTOMER, actor_id=self.customer_id, at=at)

    def own(self, loan: Loan | None) -> Loan:
        """Return the loan if it is theirs. Raises: NotFound: missing and foreign look the same."""
        if loan is None or loan.customer_id != self.customer_id:
            raise NotFound("no such loan")
        return loan


@attrs.frozen(kw_only=True)
class StaffCaller:
    """A member of staff at work in one brand, or another system that acts for the brand.

    With `is_key` it is such a system: `staff_id` is then the key's id, and there are no roles.
    """

    staff_id: StaffId
    brand_id: BrandId
    roles: frozenset[Role]
    permissions: Mapping[str, Scope]
    session_id: UUID | None = None
    ip: str = ""
    is_key: bool = False

    @property
    def in_brand(self) -> BrandId | None:
        """The brand they are at work in; None: in none, or in all."""
        return None if self.brand_id == PLATFORM else self.brand_id

    @classmethod
    def of(
        cls, staff: Staff, brand_id: BrandId, *, session_id: UUID | None = None, ip: str = ""
    ) -> "StaffCaller":
        """Return `staff` at work in a brand. Raises: NotFound: they do not work for it."""
        if not staff.works_for(brand_id):
            raise NotFound("no such brand")
        return cls(
            staff_id=staff.id,
            brand_id=brand_id,
            roles=staff.roles,
            permissions=staff.permissions,
            session_id=session_id,
            ip=ip,
        )

    def by(self, at: datetime) -> By:
        """Return the member of staff as the mover of a loan."""
        return By(actor=Actor.STAFF, actor_id=self.staff_id, at=at)

    def may(self, permission: str) -> bool:
        """Whether they have a permission, be it only over their own rows."""
        return permission in self.permissions

    def need(self, permission: str) -> None:
        """Raises: Forbidden: they do not have the permission."""
        if not self.may(permission):
            raise Forbidden("your role does not allow this", details={"permission": permission})

    def need_to_check(self, permission: str, item: Item, amount: Paise = 0) -> None:
        """Raises: Forbidden: no such permission, or the amount is beyond what they may sign for."""
        self.need(permission)
        if not may_check(item, self.roles, amount):
            raise Forbidden(
                "this is beyond what your role may sign for",
                code="LIMIT_OF_AUTHORITY",
                details={"item": item.value, "amountPaise": amount},
            )

    def reach(self, permission: str, loan: Loan | None) -> Loan:
        """Return the loan if the permission reaches it.

        Raises: Forbidden: no such permission; NotFound: missing, or a colleague's where the
            permission is over own rows only.
        """
        self.need(permission)
        if loan is None:
            raise NotFound("no such loan")
        if self.permissions[permission] is Scope.OWN and loan.assigned_to != self.staff_id:
            raise NotFound("no such loan")
        return loan


def system(at: datetime) -> By:
    """Return the system as the mover of a loan."""
    return By(actor=Actor.SYSTEM, at=at)


def webhook(at: datetime) -> By:
    """Return a vendor's message as the mover of a loan."""
    return By(actor=Actor.WEBHOOK, at=at)
