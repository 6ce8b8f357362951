"""Who would be decided differently by another rule set, before it is switched to.

Both sets run on the inputs that past decisions stored, so the difference is that of the rules
alone. A stored input holds only what the decision's own rules read: a key that was never asked for
is missing here too and is reported, since a rule on it shows what it makes of silence and not of
people. Values are masked as everywhere; amounts are paise.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Self

import attrs

from los_core.domain.applicant import masked
from los_core.domain.bre import Decision, Outcome, RuleSet, Trace, Verdict, trace
from los_core.domain.documents import from_document, to_document
from los_core.domain.rule import Rule


@attrs.frozen(kw_only=True)
class RuleMove:
    """A rule that says something else of a person; None: the set does not have it.

    `threshold_a`, `threshold_b` are JSON-ready; `actual` is masked text, None where missing.
    """

    code: str
    field: str
    outcome_a: Outcome | None
    outcome_b: Outcome | None
    threshold_a: object
    threshold_b: object
    actual: str | None


@attrs.frozen(kw_only=True)
class Moved:
    """A person decided differently; `place` is that of the decision in the order given.

    `rules` are all the rules whose word changed, those of the first set first.
    """

    place: int
    input_hash: str
    verdict_a: Verdict
    verdict_b: Verdict
    reason_codes_a: tuple[str, ...]
    reason_codes_b: tuple[str, ...]
    rules: tuple[RuleMove, ...]
    unknown_keys: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Shift:
    """How many people went from one verdict to another, or stayed."""

    verdict_a: Verdict
    verdict_b: Verdict
    count: int


@attrs.frozen(kw_only=True)
class Tally:
    """How many people, of those decided differently, a rule changed its word on."""

    code: str
    count: int


@attrs.frozen(kw_only=True)
class UnknownKey:
    """A key a set reads that some stored inputs were never asked for, and in how many."""

    key: str
    count: int


@attrs.frozen(kw_only=True)
class Comparison:
    """Two rule sets on the same stored inputs.

    `shifts` are sorted by verdict, `by_rule` by count, largest first. `moved` has a line for each
    person whose verdict differs; other reasons for the same verdict are counted in `reasons_only`.
    """

    version_a: int
    version_b: int
    hash_a: str
    hash_b: str
    total: int
    shifts: tuple[Shift, ...]
    reasons_only: int
    by_rule: tuple[Tally, ...]
    unknown: tuple[UnknownKey, ...]
    moved: tuple[Moved, ...]

    def count(self, verdict_a: Verdict, verdict_b: Verdict) -> int:
        """Return how many went from one verdict to the other."""
        return sum(
            each.count
            for each in self.shifts
            if (each.verdict_a, each.verdict_b) == (verdict_a, verdict_b)
        )

    def document(self) -> dict[str, Any]:
        """Return the JSON-ready form."""
        written: dict[str, Any] = to_document(self)
        return written

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the comparison of a document. Raises: Invalid."""
        return from_document(cls, document)


def compare(rules_a: RuleSet, rules_b: RuleSet, decisions: Iterable[Decision]) -> Comparison:
    """Return who would be decided differently by `rules_b` than by `rules_a`, and by which rules.

    Reports that were bypassed for a decision stay bypassed. The decisions may have been made by
    either set or by others; they are read one at a time.
    """
    shifts: Counter[tuple[Verdict, Verdict]] = Counter()
    by_rule: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    moved: list[Moved] = []
    reasons_only = 0
    wanted = frozenset(rules_a.reads) | frozenset(rules_b.reads)
    for place, decision in enumerate(decisions):
        bypassed = frozenset(decision.bypassed)
        of_a = trace(rules_a, decision.input, bypassed)
        of_b = trace(rules_b, decision.input, bypassed)
        never_asked = sorted(wanted - _asked(decision.rules))
        unknown.update(never_asked)
        shifts[of_a.verdict, of_b.verdict] += 1
        if of_a.verdict is of_b.verdict:
            reasons_only += of_a.reason_codes != of_b.reason_codes
            continue
        changed = _changed(rules_a, rules_b, of_a, of_b)
        by_rule.update(changed.keys())
        moved.append(
            Moved(
                place=place,
                input_hash=decision.input_hash,
                verdict_a=of_a.verdict,
                verdict_b=of_b.verdict,
                reason_codes_a=of_a.reason_codes,
                reason_codes_b=of_b.reason_codes,
                rules=tuple(_line(decision, *pair) for pair in changed.values()),
                unknown_keys=tuple(never_asked),
            )
        )
    return Comparison(
        version_a=rules_a.version,
        version_b=rules_b.version,
        hash_a=rules_a.hash,
        hash_b=rules_b.hash,
        total=shifts.total(),
        shifts=tuple(
            Shift(verdict_a=a, verdict_b=b, count=count) for (a, b), count in sorted(shifts.items())
        ),
        reasons_only=reasons_only,
        by_rule=tuple(
            Tally(code=code, count=count)
            for code, count in sorted(by_rule.items(), key=lambda each: (-each[1], each[0]))
        ),
        unknown=tuple(UnknownKey(key=key, count=unknown[key]) for key in sorted(unknown)),
        moved=tuple(moved),
    )


_Said = tuple[Rule | None, Outcome | None]
_OBJECTS = frozenset({Outcome.FAIL, Outcome.REFER, Outcome.BYPASSED})


def _asked(rules: Iterable[Rule]) -> frozenset[str]:
    """Return the keys a decision's own rules asked for: one of these not stored was missing."""
    return frozenset(key for rule in rules for key in (rule.field, *rule.applies_when))


def _changed(
    rules_a: RuleSet, rules_b: RuleSet, of_a: Trace, of_b: Trace
) -> dict[str, tuple[_Said, _Said]]:
    """Return the rules that object in one set only, or otherwise than in the other, by code."""
    said_a, said_b = _by_code(rules_a, of_a), _by_code(rules_b, of_b)
    silent: _Said = (None, None)
    pairs = {
        code: (said_a.get(code, silent), said_b.get(code, silent)) for code in {**said_a, **said_b}
    }
    return {
        code: (a, b)
        for code, (a, b) in pairs.items()
        if a[1] is not b[1] and {a[1], b[1]} & _OBJECTS
    }


def _by_code(rules: RuleSet, said: Trace) -> dict[str, _Said]:
    return {
        rule.code: (rule, outcome) for rule, outcome in zip(rules.rules, said.outcomes, strict=True)
    }


def _line(decision: Decision, said_a: _Said, said_b: _Said) -> RuleMove:
    (rule_a, outcome_a), (rule_b, outcome_b) = said_a, said_b
    rule = rule_b or rule_a
    assert rule is not None
    return RuleMove(
        code=rule.code,
        field=rule.field,
        outcome_a=outcome_a,
        outcome_b=outcome_b,
        threshold_a=rule_a.document()["threshold"] if rule_a else None,
        threshold_b=rule_b.document()["threshold"] if rule_b else None,
        actual=masked(rule.field, decision.input.get(rule.field)),
    )
