"""Which dues a sum of money pays, and in which order: the loan's allocation policy, applied.

Pure: dues and a policy in, shares out, and no paisa lost. What is due on a day is `fold`'s
knowledge. Source: schedule maths §10.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from los_core.domain.facts import Key
from los_core.domain.money import Paise
from los_core.domain.policies import (
    AllocationMode,
    AllocationPolicy,
    ChargeKind,
    ChargesPosition,
    Component,
)


class Due(NamedTuple):
    """One thing to be paid, in paise.

    Interest and principal carry the number of their instalment (from 1), as does a penal charge; a
    levied charge carries its key, and its GST is part of `amount`.
    """

    component: Component
    amount: Paise
    no: int | None = None
    charge: Key | None = None


def allocate(
    money: Paise, dues: Iterable[Due], policy: AllocationPolicy
) -> tuple[tuple[Due, ...], Paise]:
    """Return (what is paid, what is left over).

    Each paid due has the part of it that `money` reaches; the parts and the rest sum to `money`.
    """
    paid: list[Due] = []
    for due in in_order(dues, policy):
        if money <= 0:
            break
        part = min(money, due.amount)
        if part > 0:
            paid.append(due._replace(amount=part))
            money -= part
    return tuple(paid), money


def in_order(dues: Iterable[Due], policy: AllocationPolicy) -> list[Due]:
    """Return the dues in the order the policy pays them.

    VERTICAL goes instalment by instalment, HORIZONTAL component by component; charges stand before
    or after, by kind, then by instalment, then as they were levied.
    """
    listed = list(dues)
    scheduled = [due for due in listed if due.component in policy.components]
    charges = [due for due in listed if due.component not in policy.components]
    rank = {component: place for place, component in enumerate(policy.components)}
    if policy.mode is AllocationMode.VERTICAL:
        scheduled.sort(key=lambda due: (due.no or 0, rank[due.component]))
    else:
        scheduled.sort(key=lambda due: (rank[due.component], due.no or 0))
    charges.sort(key=lambda due: (_charge_rank(due.component, policy.charge_order), due.no or 0))
    if policy.charges is ChargesPosition.FIRST:
        return charges + scheduled
    return scheduled + charges


def _charge_rank(component: Component, order: Sequence[ChargeKind]) -> int:
    kind = ChargeKind(component.value)
    return order.index(kind) if kind in order else len(order)
