"""A rule set as columns, to find fast which rules do not simply pass.

Most rules of most applicants pass, and a lender who simulates a new limit runs millions. So rules
that compare alike lie together and are compared in one sweep; only those that object, miss their
value or hang on a condition are looked at one by one, by `bre`, which alone knows outcomes.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import attrs

from los_core.domain.applicant import Value
from los_core.domain.rule import TESTS, Operator, Rule, Scalar, Test, Threshold

Limit: TypeAlias = tuple[int, str, Threshold]
"""The rule's place, its key, and what the key is compared with."""

Places: TypeAlias = tuple[int, ...]
Exceptions: TypeAlias = tuple[Places, Places, Places, Places]
"""The rules whose test fails; whose value is missing; of which a condition's value is missing; that
do not apply because a condition does not hold."""


@attrs.frozen(kw_only=True)
class Columns:
    """The rules of a set by what they compare; numbers are places in the set's order.

    `conditions`: (key, wanted value, the rules that apply only then).
    """

    at_least: tuple[Limit, ...]
    at_most: tuple[Limit, ...]
    flags: tuple[tuple[int, str, bool], ...]
    among: tuple[tuple[int, str, tuple[Scalar, ...]], ...]
    others: tuple[tuple[int, str, Test, Threshold], ...]
    conditions: tuple[tuple[str, Value, tuple[int, ...]], ...]


def columns(rules: Sequence[Rule]) -> Columns:
    """Return well-formed rules as columns."""
    at_least, at_most, flags, among, others = [], [], [], [], []
    conditions: dict[tuple[str, Value], list[int]] = defaultdict(list)
    for place, rule in enumerate(rules):
        key, limit = rule.field, rule.threshold
        match rule.operator:
            case Operator.GTE:
                at_least.append((place, key, limit))
            case Operator.LTE:
                at_most.append((place, key, limit))
            case Operator.IS_TRUE | Operator.IS_FALSE:
                flags.append((place, key, rule.operator is Operator.IS_TRUE))
            case Operator.IN if isinstance(limit, tuple):
                among.append((place, key, limit))
            case _:
                others.append((place, key, TESTS[rule.operator], limit))
        for condition in rule.applies_when.items():
            conditions[condition].append(place)
    return Columns(
        at_least=tuple(at_least),
        at_most=tuple(at_most),
        flags=tuple(flags),
        among=tuple(among),
        others=tuple(others),
        conditions=tuple((*condition, tuple(places)) for condition, places in conditions.items()),
    )


def sweep(table: Columns, values: Mapping[str, Value]) -> Exceptions:  # noqa: C901, PLR0912 - a call for each column would cost more than the column
    """Return the rules that do not simply pass; `values` are the known ones, of the right types.

    A rule may be in several lists: that a condition does not hold counts before that one is not
    known, and that before the test itself.
    """
    get = values.get
    failing: list[int] = []
    missing: list[int] = []
    untold: list[int] = []
    idle: list[int] = []
    for place, key, limit in table.at_least:
        value = get(key)
        if value is None:
            missing.append(place)
        elif value < limit:  # type: ignore[operator]  # both are numbers, by the rule's key
            failing.append(place)
    for place, key, limit in table.at_most:
        value = get(key)
        if value is None:
            missing.append(place)
        elif value > limit:  # type: ignore[operator]  # the same
            failing.append(place)
    for place, key, wanted in table.flags:
        value = get(key)
        if value is not wanted:
            (missing if value is None else failing).append(place)
    for place, key, allowed in table.among:
        value = get(key)
        if value not in allowed:  # None is in no threshold
            (missing if value is None else failing).append(place)
    for place, key, passes, limit in table.others:
        value = get(key)
        if value is None:
            missing.append(place)
        elif not passes(value, limit):
            failing.append(place)
    for key, needed, places in table.conditions:
        value = get(key)
        if value is None:
            untold.extend(places)
        elif value != needed:
            idle.extend(places)
    return tuple(failing), tuple(missing), tuple(untold), tuple(idle)
