"""How far along a brand's targets are, counted from its loans, payments and customers.

A person's figures are those of the loans they are the executive of; a team is the people whose
targets are part of the team's. What nothing counts is told as not measured, never as nothing.
Source: target rules (operations §13), dashboard metrics (§11).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeAlias
from uuid import UUID

import attrs

from los_core.domain.contact import INDIA
from los_core.domain.ids import StaffId
from los_core.domain.record import Record
from los_core.domain.record_kinds import DAYS_OFF, TARGETS
from los_core.domain.target import Goal, Metric, Progress, Scope, Target, progress
from los_core.domain.unavailability import closed_days
from los_core.ports.clock import Clock
from los_core.ports.work import Begin, UnitOfWork
from los_core.services.callers import StaffCaller
from los_core.services.lending_rules import holidays

Goals: TypeAlias = Sequence[Record[Goal]]


@attrs.frozen(kw_only=True)
class Standing:
    """A target and how it stands; `progress` None: nothing counts it yet."""

    target: Target
    progress: Progress | None


@attrs.frozen(kw_only=True)
class Targets:
    """Counts what was achieved."""

    begin: Begin
    clock: Clock

    def progress(self, caller: StaffCaller, on: date | None = None) -> Sequence[Standing]:
        """Return the targets whose period a day lies in, as they stand at its end."""
        day = on or self.clock.business_date()
        with self.begin(caller.brand_id) as uow:
            goals = uow.records.all(TARGETS)
            closed = holidays(uow) | closed_days(r.value for r in uow.records.all(DAYS_OFF))
            teams = _teams(goals)
            found = []
            for record in goals:
                target = record.value.target(record.id)
                if target.starts_on <= day <= target.ends_on:
                    achieved = _achieved(uow, target, day, by=_people(target, teams))
                    told = (
                        None if achieved is None else progress(target, achieved, day, closed=closed)
                    )
                    found.append(Standing(target=target, progress=told))
        return found


def _teams(goals: Goals) -> Mapping[UUID, frozenset[StaffId]]:
    """Return, by the target of a team, whose targets are part of it."""
    teams: dict[UUID, frozenset[StaffId]] = {}
    for record in goals:
        goal = record.value
        if goal.scope is Scope.USER and goal.parent_id is not None and goal.owner_id is not None:
            mine = teams.get(goal.parent_id, frozenset())
            teams[goal.parent_id] = mine | {StaffId(goal.owner_id)}
    return teams


def _people(target: Target, teams: Mapping[UUID, frozenset[StaffId]]) -> frozenset[StaffId] | None:
    """Return whose work counts; None: everybody's."""
    if target.scope is Scope.BRAND:
        return None
    if target.scope is Scope.USER and target.owner_id is not None:
        return frozenset({StaffId(target.owner_id)})
    return teams.get(target.id, frozenset())


def _achieved(
    uow: UnitOfWork, target: Target, on: date, *, by: Collection[StaffId] | None
) -> int | None:
    since, until = target.starts_on, min(on, target.ends_on)
    match target.metric:
        case Metric.DISBURSAL_AMOUNT:
            return uow.loans.disbursed(since=since, until=until, by=by)[1]
        case Metric.DISBURSAL_COUNT:
            return uow.loans.disbursed(since=since, until=until, by=by)[0]
        case Metric.COLLECTION_AMOUNT:
            return uow.receipts.collected(since=since, until=until, by=by)
        case Metric.NEW_CUSTOMERS if by is None:
            return uow.customers.registered(
                since=_start(since), until=_start(until + timedelta(days=1))
            )
        case _:
            return None


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), INDIA)
