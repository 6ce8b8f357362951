"""What a person would have to change for another decision: fewest figures, then least change.

The search looks only at figures the person can act on (`actionable`), applies a change to the
decision's own stored input and runs its own rules: what is answered does flip the decision, and no
answer with fewer figures, or with as many and a smaller change, exists among the values looked at.
Those are, for a figure that only rules read, every value; for one that ratios are made of, the
rules' thresholds and round amounts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Final, TypeAlias

import attrs

from los_core.domain.actionable import ACTIONABLE, Number, edges, round_amounts, scale
from los_core.domain.applicant import Applicant, Value
from los_core.domain.bre import Decision, Outcome, RuleSet, Verdict, run, trace
from los_core.domain.derived import derive
from los_core.domain.errors import Invalid
from los_core.domain.money import Paise

Values: TypeAlias = Mapping[str, Value]

_AMOUNT: Final = "loan.requestedAmount"
_OWED: Final = "bureau.monthlyObligations"
_PARTS: Final[Mapping[str, frozenset[str]]] = {
    "derived.preLoanFoirPct": frozenset({_OWED, "income.netMonthlySalary"}),
    "derived.postLoanFoirPct": frozenset({_OWED, "income.netMonthlySalary", _AMOUNT}),
    "derived.loanToSalaryPct": frozenset({"income.netMonthlySalary", _AMOUNT}),
    "derived.isMicrofinance": frozenset({"income.householdAnnualIncome"}),
    "derived.householdFoirPct": frozenset({_OWED, "income.householdAnnualIncome", _AMOUNT}),
    "derived.kycCapHeadroom": frozenset({_AMOUNT}),
    "bank.abbToEmi": frozenset({"bank.abb", _AMOUNT}),
}
"""The figures each ratio is made of."""


@attrs.frozen(kw_only=True)
class Basis:
    """What a decision's ratios were derived from, so that they follow when a figure moves.

    `due_of` is what a loan of an amount takes from one month, as priced for this person. The other
    fields are the arguments `derived.derive` was given.
    """

    applicant: Applicant
    requested: Paise
    due_of: Callable[[Paise], Paise]
    obligations: Paise
    age_at_maturity: int | None = None
    kyc_cap_remaining: Paise | None = None


@attrs.frozen(kw_only=True)
class Change:
    """One figure, in the units of its key, as it is and as it would have to be."""

    key: str
    before: Number
    after: Number


@attrs.frozen(kw_only=True)
class Counterfactual:
    """The changes that flip a decision, and the decision they lead to.

    `size` is the sum of the changes, each relative to the threshold of the rule on its key.
    `resolved` are the codes of the rules that no longer object.
    """

    changes: tuple[Change, ...]
    size: Fraction
    resolved: tuple[str, ...]
    decision: Decision


def counterfactual(
    decision: Decision,
    *,
    goal: Verdict | None = None,
    basis: Basis | None = None,
    most_fields: int = 3,
) -> Counterfactual | None:
    """Return the least change to the person's own actionable figures that flips the decision.

    Args:
        decision: as it was made, or as it was read back.
        goal: the verdict to reach at least; None: any better one than the decision's.
        basis: what the ratios were made of. Without it a ratio is moved as a figure of its own,
            and a change of the salary leaves the ratios as they are stored.
        most_fields: how many figures an advice may name.

    None: it passed, or no such change helps. A missing value is not a figure that can be moved.
    Fewest figures first, then the least change relative to the thresholds of the rules on them.
    Raises: Invalid: the goal is no better than the decision, or the basis does not give the ratios
    that the decision has. Source: Fair Practices Code (reasons in writing); Wachter et al., 2018.
    """
    if decision.verdict is Verdict.PASS:
        return None
    search = _search(decision, goal=goal, basis=basis)
    for count in range(1, most_fields + 1):
        if (found := search.least(count)) is not None:
            return _answer(decision, search, found)
    return None


_Point: TypeAlias = tuple[Fraction, Number]  # how large the change is, and the value it leads to
_Found: TypeAlias = tuple[Fraction, dict[str, Number]]

_OBJECTIONS: Final = {
    Verdict.PASS: {Outcome.FAIL, Outcome.REFER, Outcome.BYPASSED},
    Verdict.REFER: {Outcome.FAIL},
}


@attrs.frozen(kw_only=True)
class _Search:
    rules: RuleSet
    decision: Decision
    goal: Verdict
    basis: Basis | None
    before: Mapping[str, Number]
    points: Mapping[str, Sequence[_Point]]
    objecting: tuple[frozenset[str], ...]
    """For each rule that objects, the keys that could make it change its mind."""

    def least(self, count: int) -> _Found | None:
        """Return the smallest change of exactly `count` figures that reaches the goal."""
        best: _Found | None = None
        for keys in combinations(self.points, count):
            if all(not needed.isdisjoint(keys) for needed in self.objecting):
                best = self._walk(keys, (Fraction(), {}), best)
        return best

    def _walk(self, keys: tuple[str, ...], so_far: _Found, best: _Found | None) -> _Found | None:
        """Try all values of the keys, smallest changes first, as long as they can beat `best`."""
        for size, value in self.points[keys[0]]:
            total, changed = so_far[0] + size, {**so_far[1], keys[0]: value}
            if best is not None and total >= best[0]:
                break
            if len(keys) > 1:
                best = self._walk(keys[1:], (total, changed), best)
            elif self.flips(changed):
                return total, changed
        return best

    def flips(self, changed: Mapping[str, Number]) -> bool:
        """Return whether the rules reach the goal on the changed input."""
        values = self.changed_input(changed)
        verdict = trace(self.rules, values, frozenset(self.decision.bypassed)).verdict
        return verdict is Verdict.PASS or verdict is self.goal

    def changed_input(self, changed: Mapping[str, Number]) -> dict[str, Value]:
        """Return what the rules read after the changes."""
        values = {**self.decision.input}
        values |= {key: value for key, value in changed.items() if key in self.rules.reads}
        if self.basis is None:
            return values
        if (owed := changed.get(_OWED)) is not None:
            values |= {
                key: min(int(held), int(owed))
                for key in (_OWED, "bank.emiDebits")
                if isinstance(held := self.decision.input.get(key), int)
            }
        return {**values, **self._ratios(self.basis, changed)}

    def _ratios(self, basis: Basis, changed: Mapping[str, Number]) -> dict[str, Value]:
        keys = {part for parts in _PARTS.values() for part in parts} - {_AMOUNT, _OWED}
        parts = {key: changed.get(key, basis.applicant.get(key)) for key in sorted(keys)}
        asked = int(changed.get(_AMOUNT, basis.requested))
        ratios = derive(
            Applicant.of(parts, source="counterfactual"),
            requested=asked,
            new_due=basis.due_of(asked),
            age_at_maturity=basis.age_at_maturity,
            kyc_cap_remaining=basis.kyc_cap_remaining,
            obligations=int(changed.get(_OWED, basis.obligations)),
        )
        return {key: ratios.get(key) for key in _PARTS if key in self.decision.input}


def _search(decision: Decision, *, goal: Verdict | None, basis: Basis | None) -> _Search:
    aim = goal or (Verdict.REFER if decision.verdict is Verdict.REJECT else Verdict.PASS)
    if aim is Verdict.REJECT or aim is decision.verdict:
        raise Invalid(f"a counterfactual of {decision.verdict} cannot lead to {aim}")
    before = dict(_figures(decision, basis))
    search = _Search(
        rules=decision.rule_set,
        decision=decision,
        goal=aim,
        basis=basis,
        before=before,
        points={
            key: found
            for key, now in before.items()
            if (found := _points(key, now, decision, coupled=basis is not None))
        },
        objecting=tuple(
            _moving({rule.field, *rule.applies_when}, coupled=basis is not None)
            for rule, each in zip(decision.rules, decision.outcomes, strict=True)
            if each.outcome in _OBJECTIONS[aim]
        ),
    )
    if search.changed_input({}) != decision.input:
        raise Invalid("the basis does not give the ratios that the decision was made on")
    return search


def _figures(decision: Decision, basis: Basis | None) -> Iterator[tuple[str, Number]]:
    """Yield the actionable figures that are known, with their present values."""
    for key in ACTIONABLE:
        value = decision.input.get(key)
        if basis is not None:
            if key in _PARTS or key == "bank.emiDebits":
                continue
            if key == _AMOUNT:
                value = basis.requested
            elif key == _OWED:
                value = basis.obligations
            elif value is None:
                value = basis.applicant.get(key)
        if value is not None and not isinstance(value, (bool, str)):
            yield key, value


def _points(key: str, now: Number, decision: Decision, *, coupled: bool) -> tuple[_Point, ...]:
    """Return the values to try, the smallest change first."""
    found = set(edges(key, now, decision.rules))
    if coupled and any(key in parts for parts in _PARTS.values()):
        found |= set(round_amounts(key, int(now)))
    measure = scale(key, now, decision.rules)
    return tuple(sorted((abs(Fraction(value) - Fraction(now)) / measure, value) for value in found))


def _moving(read: set[str], *, coupled: bool) -> frozenset[str]:
    """Return the figures that move what a rule reads."""
    if not coupled:
        return frozenset(read)
    parts = {**_PARTS, "bank.emiDebits": {_OWED}}
    return frozenset(part for key in read for part in parts.get(key, {key}))


def _answer(decision: Decision, search: _Search, found: _Found) -> Counterfactual:
    size, changed = found
    values = search.changed_input(changed)
    after = run(
        search.rules, Applicant.of(values, source="counterfactual"), bypassed=decision.bypassed
    )
    objects = _OBJECTIONS[search.goal]
    pairs = zip(decision.outcomes, after.outcomes, strict=True)
    return Counterfactual(
        changes=tuple(
            Change(key=key, before=search.before[key], after=value)
            for key, value in changed.items()
        ),
        size=size,
        resolved=tuple(
            was.code for was, now in pairs if was.outcome in objects and now.outcome not in objects
        ),
        decision=after,
    )
