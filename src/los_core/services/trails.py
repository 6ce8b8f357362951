"""Reading what is on file of who did what: the audit trail, and log-ins out of it.

Numbers of persons in what is told are covered, whoever asks. Source: threat table (audit rows),
operations §12 (login-logs) and §13.2 (who reads audit logs).
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.ids import StaffId
from los_core.domain.redaction import covered
from los_core.domain.work import AuditEvent, Sought
from los_core.ports.work import Begin, Platform
from los_core.services.callers import StaffCaller
from los_core.services.staff_login import LOGGED_IN, LOGIN_REFUSED

READ: Final = "audit:read"
REUSED: Final = "session.reused"
LOG_INS: Final = {"SUCCESS": LOGGED_IN, "REFUSED": LOGIN_REFUSED, "STOLEN": REUSED}
"""How a log-in ended, and the action it is on file as; STOLEN: a token was shown a second time."""


@attrs.frozen(kw_only=True)
class Told:
    """Some of a trail, newest first, with the names of staff who did it, by id."""

    events: Sequence[AuditEvent]
    more: bool
    names: Mapping[UUID, str]


@attrs.frozen(kw_only=True)
class Trails:
    """Reads the trail of a brand."""

    begin: Begin
    platform: Platform

    def find(self, caller: StaffCaller, sought: Sought, *, page: int, limit: int) -> Told:
        """Return a page, the first is 1; `more` says whether another follows."""
        caller.need(READ)
        with self.begin(caller.brand_id) as uow:
            found = uow.trail.find(sought, skip=(page - 1) * limit, limit=limit + 1)
        staff = self.platform.staff_of(caller.brand_id)
        return Told(
            events=[attrs.evolve(each, facts=_told(each.facts)) for each in found[:limit]],
            more=len(found) > limit,
            names={StaffId(each.id): each.name for each in staff},
        )


def _told(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: _covered(value) for name, value in facts.items()}


def _covered(value: object) -> object:
    if isinstance(value, str):
        return covered(value)
    if isinstance(value, Mapping):
        return {str(name): _covered(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_covered(each) for each in value]
    return value
