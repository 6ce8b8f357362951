"""What a brand's settings must agree with beyond themselves, and where they are asked at work.

Each check is an effect of a kind of record: what it raises undoes the change.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from los_core.domain import status_reason
from los_core.domain.appearance import Appearance
from los_core.domain.blog import Blog
from los_core.domain.errors import Invalid
from los_core.domain.ids import StaffId
from los_core.domain.lifecycle import Status
from los_core.domain.notices import NOTICES, Channel
from los_core.domain.rating import Criterion, Matrix
from los_core.domain.record import Kind
from los_core.domain.record_kinds import (
    APPEARANCE,
    BLOGS,
    CUSTOMER_CRITERIA,
    DAYS_OFF,
    RELOAN_RULES,
    REMINDER_RULES,
    STAFF_CRITERIA,
    STATUS_REASONS,
    TARGETS,
    TEMPLATES,
)
from los_core.domain.reloan import ReloanRule
from los_core.domain.reminder_rules import Rule, lacks_penal_terms
from los_core.domain.target import Goal, Scope
from los_core.domain.unavailability import Unavailability
from los_core.ports.work import UnitOfWork
from los_core.services.lending_rules import product_of
from los_core.services.records import Effect


def check_reasons(uow: UnitOfWork, target: Status, codes: Sequence[str]) -> None:
    """Check the reasons of a move by staff. Raises: Invalid: one is not the brand's for it."""
    own = [record.value for record in uow.records.all(STATUS_REASONS)]
    status_reason.check(own, target, codes)


def _day_off(uow: UnitOfWork, _before: Any, after: Unavailability | None) -> None:
    if after is not None and after.staff_id is not None:
        _colleague(uow, after.staff_id, "userId")


def _target(uow: UnitOfWork, _before: Any, after: Goal | None) -> None:
    if after is None:
        return
    if after.owner_id is not None and after.scope is Scope.USER:
        _colleague(uow, StaffId(after.owner_id), "ownerId")
    if after.parent_id is not None and uow.records.get(TARGETS, after.parent_id) is None:
        raise Invalid("no such whole", fields=[("parentId", "is not a target of the brand")])


def _reloan(uow: UnitOfWork, _before: Any, after: ReloanRule | None) -> None:
    if after is not None and after.product and product_of(uow, after.product) is None:
        raise Invalid("no such product", fields=[("product", "is not offered")])


def _matrix(
    kind: Kind[Criterion],
    uow: UnitOfWork,
    _before: Any,
    _after: Criterion | None,
) -> None:
    """Raises: Invalid: the criteria make no matrix together."""
    criteria = tuple(record.value for record in uow.records.all(kind))
    if criteria:
        Matrix(criteria=criteria)


def _reminder(uow: UnitOfWork, _before: Any, after: Rule | None) -> None:
    """Raises: Invalid: no words for a channel, or none that name the penal charge."""
    if after is None:
        return
    if after.template not in NOTICES:
        raise Invalid("no such template", fields=[("template", "is not the code of a notice")])
    own = [r.value for r in uow.records.all(TEMPLATES) if r.value.code == after.template]
    for channel in after.channels:
        words = [each.body for each in own if each.active and each.channel is channel]
        words += [text for text in (_built_in(after.template, channel),) if text]
        if not words:
            raise Invalid("no words", fields=[("channels", f"{after.template} has no {channel}")])
        if any(lacks_penal_terms(after.kind, text) for text in words):
            raise Invalid(
                "the penal charge is not named",
                fields=[("template", "a reminder of dues names the penal charge")],
            )


def _built_in(code: str, channel: Channel) -> str:
    notice = NOTICES[code]
    return {Channel.SMS: notice.sms, Channel.EMAIL: notice.email}.get(channel, "")


def _blog(uow: UnitOfWork, _before: Any, after: Blog | None) -> None:
    if after is not None:
        _own_upload(uow, after.image_key, "imageKey")


def _appearance(uow: UnitOfWork, _before: Any, after: Appearance | None) -> None:
    if after is not None:
        _own_upload(uow, after.logo_key, "logoKey")


def _own_upload(uow: UnitOfWork, key: str, field: str) -> None:
    """Raises: Invalid: a key that shows a file of others, or one that is no upload."""
    if key and not key.startswith(f"uploads/{uow.brand_id}/"):
        raise Invalid("no such picture", fields=[(field, "is not an upload of the brand")])


def _colleague(uow: UnitOfWork, staff_id: StaffId, field: str) -> None:
    if uow.lender.colleague(staff_id) is None:
        raise Invalid("no such person", fields=[(field, "is no member of the brand's staff")])


EFFECTS: Final[Mapping[str, Effect]] = MappingProxyType(
    {
        APPEARANCE.name: _appearance,
        BLOGS.name: _blog,
        CUSTOMER_CRITERIA.name: partial(_matrix, CUSTOMER_CRITERIA),
        DAYS_OFF.name: _day_off,
        RELOAN_RULES.name: _reloan,
        REMINDER_RULES.name: _reminder,
        STAFF_CRITERIA.name: partial(_matrix, STAFF_CRITERIA),
        TARGETS.name: _target,
    }
)
"""By the name of the kind."""
