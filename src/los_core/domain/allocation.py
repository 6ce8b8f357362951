"""Which dues a sum of money pays, and in which order: the loan's waterfall, applied.

Pure: dues and an order in, shares out, and no paisa lost. What is due on a day is the knowledge of
`state`; the order itself is data, in `waterfall`. Source: schedule maths §10.
"""

from collections.abc import Iterable
from typing import NamedTuple

from los_core.domain.facts import Key
from los_core.domain.money import Paise
from los_core.domain.policies import AllocationPolicy, AssetClass, Component
from los_core.domain.waterfall import When

_AFTER_ALL = 1 << 16
"""A step and a row after all others."""


class Due(NamedTuple):
    """One thing to be paid, in paise.

    Interest and principal carry the number of their instalment (from 1), as does a penal charge;
    with neither number nor charge they are a prepayment's, outside the instalments. A levied charge
    carries its key, and in `of` the number of the instalment it belongs to, if any; its GST is part
    of `amount`. `when` tells where it stands on the day.
    """

    component: Component
    amount: Paise
    no: int | None = None
    charge: Key | None = None
    when: When = When.DUE
    of: int | None = None


def allocate(
    money: Paise,
    dues: Iterable[Due],
    policy: AllocationPolicy,
    asset_class: AssetClass = AssetClass.STANDARD,
) -> tuple[tuple[Due, ...], Paise]:
    """Return (what is paid, what is left over).

    Each paid due has the part of it that `money` reaches; the parts and the rest sum to `money`.
    """
    paid: list[Due] = []
    for due in in_order(dues, policy, asset_class):
        if money <= 0:
            break
        if due.amount <= money:
            paid.append(due)
            money -= due.amount
        else:
            paid.append(due._replace(amount=money))
            money = 0
    return tuple(paid), money


def in_order(
    dues: Iterable[Due],
    policy: AllocationPolicy,
    asset_class: AssetClass = AssetClass.STANDARD,
) -> list[Due]:
    """Return the dues above zero in the order the policy pays them.

    By step of the waterfall; within a step by instalment, and there in the order of its slots. In a
    step of one kind of charge, levied charges stand as they were levied, before penal ones. What
    the waterfall does not name comes last.
    """
    places = policy.waterfall_for(asset_class).places
    keyed: list[tuple[int, int, int, int, Due]] = []
    for number, due in enumerate(dues):
        if due.amount <= 0:
            continue
        place = places.get((due.when, due.component))
        if place is None:
            keyed.append((_AFTER_ALL, due.no or 0, 0, number, due))
            continue
        row = due.no or (due.of if place.whole else 0) or 0
        keyed.append((place.step, _AFTER_ALL if place.last else row, place.within, number, due))
    keyed.sort()
    return [entry[-1] for entry in keyed]
