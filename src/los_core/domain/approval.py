"""Maker and checker: one mechanism for everything that needs a second person.

An approval holds what was asked and who decided; the effect belongs to the service that asked. The
rule that two people are needed is enforced here, below any route (guard G-4EYES). Who may be a
checker for what is a permission, in `access`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

import attrs

from los_core.domain.errors import Conflict, Forbidden, Invalid
from los_core.domain.ids import ApprovalId, BrandId, StaffId
from los_core.domain.redaction import covered

LIFETIME: Final = timedelta(days=7)
HELD: Final = "held"
"""The part of a payload that is carried out and shown to nobody: what is personal of it."""
EXPIRED: Final = "APPROVAL_EXPIRED"
"""Why something was not decided, or was undone: its time ran out."""


class ApprovalStatus(StrEnum):
    """PENDING until a second person decides or the time runs out; the others are final."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


@attrs.define(kw_only=True)
class Approval:
    """One request for a second person's decision.

    `payload` is what will be carried out, JSON-ready and complete, so that what is approved is what
    was seen. `barred` are people who created or recommended the same item besides the maker.
    """

    id: ApprovalId = attrs.field(on_setattr=attrs.setters.frozen)
    brand_id: BrandId = attrs.field(on_setattr=attrs.setters.frozen)
    entity: str = attrs.field(on_setattr=attrs.setters.frozen)
    entity_id: UUID = attrs.field(on_setattr=attrs.setters.frozen)
    action: str = attrs.field(on_setattr=attrs.setters.frozen)
    payload: Mapping[str, Any] = attrs.field(on_setattr=attrs.setters.frozen, repr=False)
    maker: StaffId = attrs.field(on_setattr=attrs.setters.frozen)
    made_at: datetime = attrs.field(on_setattr=attrs.setters.frozen)
    expires_at: datetime = attrs.field(on_setattr=attrs.setters.frozen)
    barred: frozenset[StaffId] = attrs.field(default=frozenset(), on_setattr=attrs.setters.frozen)
    status: ApprovalStatus = ApprovalStatus.PENDING
    checker: StaffId | None = None
    decided_at: datetime | None = None
    remark: str | None = None

    @classmethod
    def ask(
        cls,
        *,
        id: ApprovalId,  # noqa: A002 - the field's own name
        brand_id: BrandId,
        entity: str,
        entity_id: UUID,
        action: str,
        payload: Mapping[str, Any],
        maker: StaffId,
        at: datetime,
        barred: Iterable[StaffId] = (),
    ) -> Self:
        """Return a pending approval that expires seven days after `at`."""
        return cls(
            id=id,
            brand_id=brand_id,
            entity=entity,
            entity_id=entity_id,
            action=action,
            payload=dict(payload),
            maker=maker,
            made_at=at,
            expires_at=at + LIFETIME,
            barred=frozenset(barred),
        )

    def is_open(self, at: datetime) -> bool:
        """Whether somebody may still decide at `at`."""
        return self.status is ApprovalStatus.PENDING and at < self.expires_at

    def may_decide(self, staff_id: StaffId) -> bool:
        """Whether this person is a second person for the item."""
        return staff_id != self.maker and staff_id not in self.barred

    def approve(self, checker: StaffId, at: datetime, remark: str = "") -> None:
        """Record the second person's yes.

        Raises:
            Forbidden: G-4EYES, the checker made, created or recommended the item.
            Conflict: decided already, or expired.
        """
        self._decide(ApprovalStatus.APPROVED, checker, at=at, remark=remark)

    def reject(self, checker: StaffId, at: datetime, remark: str) -> None:
        """Record the second person's no, which is final; `remark` says why.

        Raises: Forbidden, Conflict: as for `approve`; Invalid: no remark.
        """
        if not remark.strip():
            raise Invalid(
                "a rejection needs a remark", fields=(("remark", "say why it is rejected"),)
            )
        self._decide(ApprovalStatus.REJECTED, checker, at=at, remark=remark)

    def expire(self, at: datetime) -> bool:
        """Close the item if its time has run out; return whether it was closed now."""
        if self.status is not ApprovalStatus.PENDING or at < self.expires_at:
            return False
        self.status = ApprovalStatus.EXPIRED
        self.decided_at = at
        return True

    def _decide(
        self, status: ApprovalStatus, checker: StaffId, *, at: datetime, remark: str
    ) -> None:
        if self.status in {ApprovalStatus.APPROVED, ApprovalStatus.REJECTED}:
            raise Conflict(
                f"the item is already {self.status.lower()}",
                code="APPROVAL_DECIDED",
                details={"approvalId": str(self.id), "status": self.status.value},
            )
        if not self.is_open(at):
            raise Conflict(
                "the item expired before anybody decided: ask again",
                code=EXPIRED,
                details={"approvalId": str(self.id), "expiredAt": self.expires_at.isoformat()},
            )
        if not self.may_decide(checker):
            raise Forbidden(
                "a second person must decide: the checker made or recommended this item",
                code="G-4EYES",
                details={"approvalId": str(self.id)},
            )
        self.status = status
        self.checker = checker
        self.decided_at = at
        self.remark = covered(remark.strip()) or None
