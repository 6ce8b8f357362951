"""Changes of settings that take two people: decided by the second, in force from the next day.

What was agreed to waits as a record of its own (`COMING`) until its day, and is carried out in the
name of who asked for it. If the record was changed meanwhile, what was agreed to was something
else, and it lapses. Source: operations §5 (brand, rule and rate config; effective next day).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import attrs

from los_core.domain.approval import HELD, Approval
from los_core.domain.authority import Item
from los_core.domain.documents import from_document
from los_core.domain.ids import BrandId
from los_core.domain.loan import By
from los_core.domain.record import COMING, Coming, Kind, Record
from los_core.domain.record_kinds import RECORDS
from los_core.domain.work import Run
from los_core.ports.work import UnitOfWork
from los_core.services.brand_rules import RULES, BrandRules
from los_core.services.callers import StaffCaller
from los_core.services.records import Records

TAKE_EFFECT: Final = "settings.take-effect"
APPROVE: Final = "settings:approve"


@attrs.frozen(kw_only=True)
class RecordApprovals:
    """Carries out what a second person agreed to."""

    records: Records
    rules: BrandRules

    def approved(self, uow: UnitOfWork, approval: Approval, caller: StaffCaller) -> None:
        """Keep the change until its day, in the approval's transaction. Raises: Forbidden."""
        caller.need_to_check(APPROVE, Item.RATE_CHANGE)
        payload = approval.payload
        coming = Coming(
            kind=payload["kind"],
            record_id=approval.entity_id if approval.action == "change" else None,
            version=payload["version"],
            document=payload[HELD],
            from_on=self.records.clock.business_date() + timedelta(days=1),
            maker=approval.maker,
            approval_id=approval.id,
        )
        now = self.records.clock.now()
        uow.records.add(
            COMING,
            Record(
                id=self.records.entropy.uuid(),
                value=coming,
                created_at=now,
                created_by=caller.staff_id,
                updated_at=now,
                updated_by=caller.staff_id,
            ),
        )
        facts = {"from": coming.from_on.isoformat(), "approval_id": str(approval.id)}
        self._note(uow, "settings.approved", coming, by=caller.staff_id, facts=facts)

    def refused(
        self, uow: UnitOfWork, approval: Approval, caller: StaffCaller, remark: str
    ) -> None:
        """Nothing was changed, so there is nothing to undo. Raises: Forbidden."""
        caller.need_to_check(APPROVE, Item.RATE_CHANGE)
        facts = {"approval_id": str(approval.id), "remark": bool(remark)}
        self.records.log.note(
            uow,
            "settings.refused",
            by=caller,
            about=approval.entity_id,
            entity=approval.payload["kind"],
            facts=facts,
        )

    def expired(self, uow: UnitOfWork, approval: Approval, by: By) -> None:
        """Nothing was changed, so there is nothing to undo."""
        self.records.log.note(
            uow,
            "settings.expired",
            by=by.actor_id,
            about=approval.entity_id,
            entity=approval.payload["kind"],
            facts={"approval_id": str(approval.id)},
        )

    def take_effect(self, brand_id: BrandId, *, run: Run | None = None) -> int:
        """Carry out what is to hold from today; return how many changes there were.

        Raises: LeaseLost: the scheduled `run` it belongs to was taken over.
        """
        today, done = self.records.clock.business_date(), 0
        with self.records.begin(brand_id) as uow:
            due = [each.id for each in uow.records.all(COMING) if each.value.from_on <= today]
        for coming_id in due:
            with self.records.begin(brand_id) as uow:
                if run is not None:
                    uow.desk.hold(run)
                coming = uow.records.lock(COMING, coming_id)
                if coming is not None:
                    self._carry_out(uow, coming.value)
                    uow.records.remove(COMING, coming)
                    done += 1
        return done

    def _carry_out(self, uow: UnitOfWork, coming: Coming) -> None:
        if coming.kind == RULES:
            if not self.rules.carry_out(uow, coming):
                self._note(uow, "settings.lapsed", coming, by=coming.maker, facts={})
            return
        kind: Kind[Any] = next(known for known in RECORDS if known.name == coming.kind)
        value = from_document(kind.holds, coming.document, fill=True)
        if coming.record_id is None:
            key = kind.key_of(value)
            if key is not None and uow.records.by_key(kind, key) is not None:
                self._note(uow, "settings.lapsed", coming, by=coming.maker, facts={})
                return
            self.records.put_on_file(uow, coming.maker, kind, value)
            return
        kept = uow.records.lock(kind, coming.record_id)
        if kept is None or kept.version != coming.version:
            self._note(uow, "settings.lapsed", coming, by=coming.maker, facts={})
            return
        self.records.put_in_place(uow, coming.maker, kind, kept, value)

    def _note(
        self, uow: UnitOfWork, action: str, coming: Coming, *, by: UUID, facts: Mapping[str, object]
    ) -> None:
        self.records.log.note(
            uow,
            action,
            by=by,
            about=coming.record_id or coming.approval_id,
            entity=coming.kind,
            facts=facts,
        )
