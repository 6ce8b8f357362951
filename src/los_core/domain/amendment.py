"""Changing an application with reasons: which figures may change when, and what is on record of it.

Until the customer accepted an offer its figures may be changed; then the terms are frozen, and
another loan needs the sanction cancelled, a new Key Facts Statement and a new agreement. Whether
the status may change as asked is the table of moves (`lifecycle`). Source: loan lifecycle §1.7.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeAlias

import attrs

from los_core.domain.lifecycle import STAGE_OF, Stage, Status
from los_core.domain.money import Paise

LEAST_REMARK: Final = 10

Value: TypeAlias = Paise | Decimal | date


class Figure(StrEnum):
    """What of an application may be changed; the names are those of the API."""

    AMOUNT = "amountPaise"
    TENURE = "tenure"
    RATE = "ratePct"
    FEE = "feePct"
    DUE_DATE = "firstDueOn"


@attrs.frozen(kw_only=True)
class StatusReason:
    """A brand's reason code, the statuses it explains a change to, and whether it is in use."""

    code: str
    targets: frozenset[Status]
    active: bool = True


@attrs.frozen(kw_only=True)
class Amendment:
    """What is asked: figures to change, a status to move to (None: the present one), and why."""

    changes: Mapping[Figure, Value] = attrs.field(factory=dict)
    target: Status | None = None
    reasons: tuple[str, ...]
    remark: str


def changeable(status: Status) -> frozenset[Figure]:
    """Return the figures that may change in a status: all until the sanction, then none."""
    free = STAGE_OF[status] in (Stage.ONBOARDING, Stage.ASSESSMENT) or status is Status.APPROVED
    return frozenset(Figure) if free else frozenset()


def faults(
    asked: Amendment, status: Status, *, reasons: Iterable[StatusReason]
) -> tuple[tuple[str, str], ...]:
    """Return (field, message) for all that is wrong with it; empty: it may be carried out.

    `reasons` are the brand's own, so that another brand's code is as unknown as one that was made
    up. A reason must be in use and explain the status the loan will have.
    """
    known = {each.code: each for each in reasons if each.active}
    will_be = asked.target or status
    found = []
    if len(asked.remark.strip()) < LEAST_REMARK:
        found.append(("remark", f"has at least {LEAST_REMARK} characters"))
    if not asked.reasons:
        found.append(("reasonCodes", "At least one reason code is required"))
    found += [
        ("reasonCodes", f"{code} is no reason for {will_be}")
        for code in asked.reasons
        if code not in known or will_be not in known[code].targets
    ]
    frozen = [figure for figure in asked.changes if figure not in changeable(status)]
    found += [(f"changes.{figure}", f"cannot change in {status}") for figure in frozen]
    if not asked.changes and asked.target is None:
        found.append(("changes", "nothing is to change"))
    return tuple(found)


def differences(
    before: Mapping[Figure, Value], changes: Mapping[Figure, Value]
) -> Mapping[Figure, tuple[Value | None, Value]]:
    """Return (before, after) of the figures that really change, for the answer and the audit."""
    return {
        figure: (before.get(figure), after)
        for figure, after in changes.items()
        if before.get(figure) != after
    }
