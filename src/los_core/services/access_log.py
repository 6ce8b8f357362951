"""What is put on file of who came and who was turned away.

Rows of the audit trail, each in a transaction of its own: what they tell of changes nothing else.
They hold ids, codes and routes, never what was shown as proof. A flood of refusals does not become
a flood of rows: beyond a number per address they are in the log only.
Source: threat table (an audit row for every refusal at or after authentication), ASVS 16.3.2.
"""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.ids import BrandId, StaffId
from los_core.domain.lifecycle import Actor
from los_core.domain.limits import REFUSALS_ON_FILE
from los_core.domain.staff import Staff
from los_core.domain.work import AuditEvent
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.limiter import Limiter
from los_core.ports.work import Begin, Platform, UnitOfWork
from los_core.services.callers import CustomerCaller, StaffCaller
from los_core.services.limiting import network_of

NOBODY: Final = UUID(int=0)
"""Stands for who is not known."""


@attrs.frozen(kw_only=True)
class AccessLog:
    """Writes to the trail of a brand."""

    begin: Begin
    platform: Platform
    clock: Clock
    entropy: Entropy
    limiter: Limiter

    def note(
        self,
        uow: UnitOfWork,
        action: str,
        *,
        by: CustomerCaller | StaffCaller | UUID | None,
        about: UUID | None = None,
        entity: str = "access",
        facts: Mapping[str, object] | None = None,
    ) -> None:
        """Add a row to the transaction. `by` None: the person is not known, or it is the system."""
        event = self.event(uow.brand_id, action, by=by, about=about, entity=entity, facts=facts)
        uow.desk.audit([event])

    def event(
        self,
        brand_id: BrandId,
        action: str,
        *,
        by: CustomerCaller | StaffCaller | UUID | None,
        about: UUID | None = None,
        entity: str = "access",
        facts: Mapping[str, object] | None = None,
    ) -> AuditEvent:
        """Return the row itself, for whoever writes it with what it tells of."""
        actor, actor_id = _actor(by)
        return AuditEvent(
            id=self.entropy.uuid(),
            brand_id=brand_id,
            at=self.clock.now(),
            actor=actor.value,
            actor_id=actor_id,
            action=action,
            entity=entity,
            entity_id=about or actor_id or NOBODY,
            facts=dict(facts or {}),
        )

    def add(
        self,
        brand_id: BrandId,
        action: str,
        *,
        by: CustomerCaller | StaffCaller | UUID | None,
        about: UUID | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        """Add a row in a transaction of its own."""
        with self.begin(brand_id) as uow:
            self.note(uow, action, by=by, about=about, facts=facts)

    def refused(
        self,
        brand_id: BrandId | None,
        *,
        status: int,
        reason: str,
        route: str,
        by: CustomerCaller | StaffCaller | None,
        ip: str,
    ) -> None:
        """Put a refusal on file, where it can be said of which brand and there are not too many."""
        if (
            brand_id is None
            or self.limiter.take(REFUSALS_ON_FILE, f"{brand_id}|{network_of(ip)}") > 0
        ):
            return
        if self.platform.brand(brand_id) is not None:
            self.add(
                brand_id,
                "access.refused",
                by=by,
                facts={"status": status, "reason": reason, "route": route},
            )

    def home(self, staff: Staff) -> BrandId | None:
        """Return the brand in whose trail a person's own doings are; None: there is none."""
        mine = min(staff.brands, default=None)
        return mine or next((brand.id for brand in self.platform.brands()), None)


def masked_address(ip: str) -> str:
    """Return a client's address with what tells one machine from its neighbours covered."""
    if not ip:
        return ""
    network = ip_network((ip, 48 if ":" in ip else 24), strict=False)
    return str(network)


def _actor(by: CustomerCaller | StaffCaller | UUID | None) -> tuple[Actor, UUID | None]:
    match by:
        case CustomerCaller():
            return Actor.CUSTOMER, by.customer_id
        case StaffCaller():
            return Actor.STAFF, by.staff_id
        case UUID():
            return Actor.STAFF, StaffId(by)
        case None:
            return Actor.SYSTEM, None
