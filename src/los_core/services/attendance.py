"""Who is at work: signs of life, silence, and who hears of what nobody looks after.

A console gives a sign of life while its user moves; from the first one on a log-in is watched. One
that is silent for half an hour ends, unless its user works in another brand meanwhile. Managers
hear in the console of colleagues who are idle in working hours and of applications nobody took.
Times are the server's. Source: activity tracking (operations §10), allocation (§1); threat row 63.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.access import Role
from los_core.domain.activity import (
    Activity,
    EndReason,
    Sitting,
    Summary,
    in_working_hours,
    summary,
)
from los_core.domain.assignment import Case, Pool, waited_too_long
from los_core.domain.brand import Settings
from los_core.domain.contact import INDIA
from los_core.domain.errors import NotFound, Unauthenticated
from los_core.domain.ids import BrandId, LoanId, StaffId
from los_core.domain.lifecycle import Status
from los_core.domain.loan import Loan
from los_core.domain.notification import NotificationKind
from los_core.domain.record_kinds import DAYS_OFF
from los_core.domain.timeouts import Action, Start, Waiting, due, table
from los_core.domain.unavailability import closed_days
from los_core.domain.work import Run
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.work import Begin, Platform, UnitOfWork
from los_core.services.callers import StaffCaller
from los_core.services.lending_rules import holidays
from los_core.services.notifying import notify

LOOK: Final = "attendance.look"
LONGEST: Final = timedelta(days=31)
"""The longest span that a person's figures are worked out for."""
_MANY: Final = 10_000
_WAITING: Final = 200
"""Applications without an executive that are looked at in one run, the oldest first."""
_TOLD: Final = "manager.unallocated"
"""Under this name it is kept that a manager heard of an application."""


_TOLD_LATE: Final = "manager.late"
"""The same of a deadline."""
_LATE: Final = tuple(row.status for row in table() if row.action in (Action.ALERT, Action.ESCALATE))


@attrs.frozen(kw_only=True)
class Seen:
    """Sittings, newest first, of `total`; the names of who sat; a person's figures if asked for."""

    sittings: Sequence[Sitting]
    total: int
    names: Mapping[StaffId, str]
    summary: Summary | None


@attrs.frozen(kw_only=True)
class Attendance:
    """Watches over who is at work."""

    begin: Begin
    platform: Platform
    clock: Clock
    entropy: Entropy

    def ping(self, caller: StaffCaller) -> None:
        """Take a sign of life; within half a minute of the last it changes nothing.

        Raises: Unauthenticated: the log-in was silent for too long, and has ended.
        """
        assert caller.session_id is not None, "a person's token names their log-in"
        now = self.clock.now()
        with self.begin(caller.brand_id) as uow:
            known = uow.sittings.get(caller.session_id)
        if known is None:
            self._sit_down(caller, now)
        elif known.activity.ping(now) != known.activity:
            known = self._noted(caller, known.id, now)
        if known is not None and known.activity.ended_at is not None:
            self.platform.revoke(known.id, now)
            raise Unauthenticated("log in again", code="SESSION_ENDED")

    def leave(self, caller: StaffCaller) -> None:
        """End what the caller's log-in did in each brand: they logged out."""
        staff = self.platform.staff(caller.staff_id)
        for brand_id in staff.brands if staff else ():
            with self.begin(brand_id) as uow:
                sitting = self._own(uow, caller.session_id)
                if sitting is not None:
                    uow.sittings.save(self._closed(sitting, EndReason.LOGOUT))

    def seen(
        self,
        caller: StaffCaller,
        *,
        staff_id: StaffId | None = None,
        since: datetime,
        until: datetime,
        page: int,
        limit: int,
    ) -> Seen:
        """Return the sittings that began in a span, and one person's figures if one is named.

        Raises: NotFound: no such member of the brand's staff.
        """
        names = {each.id: each.name for each in self.platform.staff_of(caller.brand_id)}
        if staff_id is not None and staff_id not in names:
            raise NotFound("no such member of staff")
        with self.begin(caller.brand_id) as uow:
            find = uow.sittings.page
            found = find(
                staff_id=staff_id, since=since, until=until, skip=(page - 1) * limit, limit=limit
            )
            total = uow.sittings.count(staff_id=staff_id, since=since, until=until)
            figures = None
            if staff_id is not None:
                whole = find(staff_id=staff_id, since=since, until=until, skip=0, limit=_MANY)
                figures = summary((each.activity for each in whole), self.clock.now())
        return Seen(sittings=found, total=total, names=names, summary=figures)

    def look(self, brand_id: BrandId, *, run: Run | None = None) -> int:
        """End what is over, and tell managers of what nobody looks after; return how much it was.

        Raises: LeaseLost: the scheduled `run` it belongs to was taken over.
        """
        with self.begin(brand_id) as uow:
            if run is not None:
                uow.desk.hold(run)
            unended = uow.sittings.unended()
        now = self.clock.now()
        good = self.platform.alive({each.id for each in unended}, now)
        ended = [
            each
            for each in unended
            if each.id not in good or each.activity.close_idle(now).ended_at is not None
        ]
        for sitting in ended:
            self._end(brand_id, sitting, run)
        with self.begin(brand_id) as uow:
            if run is not None:
                uow.desk.hold(run)
            settings = uow.lender.settings()
            told = (
                self._tell_of_idle(uow, settings)
                + self._tell_of_unallocated(uow, settings)
                + self._tell_of_late(uow, settings)
            )
        return len(ended) + told

    def _sit_down(self, caller: StaffCaller, now: datetime) -> None:
        assert caller.session_id is not None, "checked by `ping`"
        session = self.platform.session(caller.session_id)
        with self.begin(caller.brand_id) as uow:
            uow.sittings.add(
                Sitting(
                    id=caller.session_id,
                    brand_id=caller.brand_id,
                    staff_id=caller.staff_id,
                    device=session.device if session else "",
                    ip=caller.ip,
                    activity=Activity.start(now),
                )
            )

    def _noted(self, caller: StaffCaller, sitting_id: UUID, now: datetime) -> Sitting:
        with self.begin(caller.brand_id) as uow:
            kept = uow.sittings.lock(sitting_id)
            assert kept is not None, "a sitting is kept for a year"
            pinged = attrs.evolve(kept, activity=kept.activity.ping(now))
            uow.sittings.save(pinged)
        return pinged

    def _end(self, brand_id: BrandId, seen: Sitting, run: Run | None) -> None:
        """End a sitting that is silent or whose log-in was ended, and a silent one's log-in."""
        now = self.clock.now()
        with self.begin(brand_id) as uow:
            if run is not None:
                uow.desk.hold(run)
            sitting = self._own(uow, seen.id)
            if sitting is None:
                return
            closed = self._closed(sitting, EndReason.REVOKED)
            uow.sittings.save(closed)
        if closed.activity.end_reason is EndReason.IDLE and not self._elsewhere(closed):
            self.platform.revoke(closed.id, now)

    def _elsewhere(self, sitting: Sitting) -> bool:
        """Whether the log-in is at work in another brand."""
        staff = self.platform.staff(sitting.staff_id)
        others = (staff.brands if staff else frozenset[BrandId]()) - {sitting.brand_id}
        for brand_id in others:
            with self.begin(brand_id) as uow:
                other = self._own(uow, sitting.id)
            if other and other.activity.close_idle(self.clock.now()).ended_at is None:
                return True
        return False

    def _own(self, uow: UnitOfWork, sitting_id: UUID | None) -> Sitting | None:
        """Return a sitting that has not ended, held."""
        found = None if sitting_id is None else uow.sittings.lock(sitting_id)
        return found if found is not None and found.activity.ended_at is None else None

    def _closed(self, sitting: Sitting, reason: EndReason) -> Sitting:
        return attrs.evolve(sitting, activity=sitting.activity.close(self.clock.now(), reason))

    def _tell_of_idle(self, uow: UnitOfWork, settings: Settings) -> int:
        now = self.clock.now()
        closed = closed_days(record.value for record in uow.records.all(DAYS_OFF))
        if not in_working_hours(now, closed | holidays(uow)):
            return 0
        after = timedelta(minutes=settings.idle_alert_minutes)
        told = 0
        for sitting in uow.sittings.unended():
            colleague = uow.lender.colleague(sitting.staff_id)
            if colleague is None or not sitting.alarming(now, alert_after=after):
                continue
            uow.sittings.save(attrs.evolve(sitting, alerted_at=now))
            notify(
                uow,
                managers(uow, settings),
                NotificationKind.USER_INACTIVE,
                at=now,
                entropy=self.entropy,
                metadata={"partnerUserId": str(sitting.staff_id)},
                but=sitting.staff_id,
                name=colleague.name,
                since=f"{sitting.activity.last_active_at.astimezone(INDIA):%H:%M}",
            )
            told += 1
        return told

    def _tell_of_unallocated(self, uow: UnitOfWork, settings: Settings) -> int:
        """Tell of each application that nobody took for half an hour, once."""
        waiting: dict[UUID, Loan] = {}
        for loan_id in uow.loans.unassigned(limit=_WAITING):
            loan = uow.loans.get(loan_id)
            if loan is not None:
                waiting[loan.id] = loan
        late = waited_too_long(
            [
                Case(
                    loan_id=loan.id,
                    pool=Pool.ORIGINATION,
                    on=self.clock.business_date(),
                    requested=loan.applied_amount,
                    waiting_since=loan.submitted_at,
                )
                for loan in waiting.values()
            ],
            self.clock.business_now(),
        )
        new = [loan_id for loan_id in late if uow.desk.once(_TOLD, str(loan_id))]
        for loan_id in new:
            notify(
                uow,
                managers(uow, settings),
                NotificationKind.SYSTEM_ALERT,
                at=self.clock.now(),
                entropy=self.entropy,
                loan=waiting[loan_id],
                title="Application without an executive",
                text=f"Nobody has taken loan {waiting[loan_id].loan_no} for half an hour.",
            )
        return len(new)

    def _tell_of_late(self, uow: UnitOfWork, settings: Settings) -> int:
        """Tell of each review and payout that takes longer than it may, once for each entry."""
        now, closed, told = self.clock.now(), holidays(uow), 0
        for loan in _in(uow, _LATE):
            if _is_young(loan, self.clock.business_now()):
                continue
            entered_at = uow.loans.history(loan.id)[-1].at
            waiting = Waiting(status=loan.status, since={Start.ENTRY: entered_at})
            late = due(waiting, now, holidays=closed)
            if late is None or not uow.desk.once(_TOLD_LATE, f"{loan.id}|{loan.seq}"):
                continue
            notify(
                uow,
                managers(uow, settings),
                NotificationKind.SYSTEM_ALERT,
                at=now,
                entropy=self.entropy,
                loan=loan,
                title="Deadline missed",
                text=f"Loan {loan.loan_no} is {loan.status.value} for longer than it may be.",
            )
            told += 1
        return told


def _in(uow: UnitOfWork, statuses: Sequence[Status]) -> Iterator[Loan]:
    """Yield the loans in some statuses."""
    after: LoanId | None = None
    while True:
        page = uow.loans.page(statuses=statuses, after=after, limit=_WAITING)
        yield from page
        if len(page) < _WAITING:
            return
        after = page[-1].id


def _is_young(loan: Loan, at: datetime) -> bool:
    """Whether a loan was handed in too lately for any review to be late: no history is read."""
    return (
        loan.status is Status.MANUAL_REVIEW
        and loan.submitted_at is not None
        and at - loan.submitted_at < timedelta(days=1)
    )


def managers(uow: UnitOfWork, settings: Settings) -> Sequence[StaffId]:
    """Return who of a brand hears of what nobody looks after: its administrators by default."""
    if settings.section_managers:
        return settings.section_managers
    return [each.id for each in uow.lender.colleagues() if Role.ADMIN in each.roles]
