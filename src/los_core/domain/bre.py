"""Run the hard rules on an applicant, keep the decision with its reasons, and run it again.

A set is compiled once per version to plain tuples; a run goes through all rules, never stopping at
the first failure, because the customer and the auditor are owed every reason. A decision carries
the rules and the input it read, so `replay` can prove it years later. A rule itself is `rule`, the
default rules are in `bre_rules`, wording in `words`, scores in `evaluation`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple, Self

import attrs

from los_core.domain.applicant import (
    KEYS,
    Applicant,
    Kind,
    Report,
    Value,
    masked,
    value_document,
    value_from_document,
)
from los_core.domain.canonical import digest
from los_core.domain.errors import Invalid
from los_core.domain.rule import (
    OnMissing,
    Operator,
    Rule,
    Severity,
    complaints,
)
from los_core.domain.rule_columns import Columns, Exceptions, columns, sweep


class Outcome(StrEnum):
    """What one rule said of one applicant."""

    PASS = "PASS"  # noqa: S105 - an outcome, not a password
    FAIL = "FAIL"
    REFER = "REFER"
    SKIPPED = "SKIPPED"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    BYPASSED = "BYPASSED"


class Verdict(StrEnum):
    """What all rules together say."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    REFER = "REFER"
    REJECT = "REJECT"


@attrs.frozen(kw_only=True)
class RuleSet:
    """The rules of one version in force on one day, in priority order, ready to run."""

    version: int
    rules: tuple[Rule, ...]
    hash: str
    _program: "_Program" = attrs.field(repr=False, eq=False)

    @property
    def reads(self) -> tuple[str, ...]:
        """The keys the rules read, tests and conditions, sorted."""
        return self._program.reads

    @classmethod
    def compile(cls, rules: Iterable[Rule], *, version: int, on: date) -> Self:
        """Return the rules in force on `on`, checked and sorted by priority, then code.

        Raises: Invalid: a code twice, an unknown key, an operator or threshold that does not fit
        the key, or a SOFT rule that fails for a missing value; `fields` names rule and reason.
        """
        kept = sorted((r for r in rules if r.in_force(on)), key=lambda r: (r.priority, r.code))
        codes = [rule.code for rule in kept]
        wrong = [
            (code, "is there twice") for code in sorted({c for c in codes if codes.count(c) > 1})
        ]
        wrong += [(rule.code, says) for rule in kept for says in complaints(rule)]
        if wrong:
            raise Invalid("the rules are not well formed", fields=wrong)
        return cls(
            version=version,
            rules=tuple(kept),
            hash=digest([rule.document() for rule in kept]),
            program=_program(kept),
        )

    def pre_check(self) -> "RuleSet":
        """Return the rules that read nothing bought, to run before a report is paid for."""
        early = tuple(
            rule
            for rule in self.rules
            if all(KEYS[key].is_early for key in (rule.field, *rule.applies_when))
        )
        return RuleSet(
            version=self.version,
            rules=early,
            hash=digest([rule.document() for rule in early]),
            program=_program(early),
        )


@attrs.frozen
class RuleOutcome:
    """What one rule, by its code, said."""

    code: str
    outcome: Outcome


@attrs.frozen(kw_only=True)
class Explained:
    """One line of the explanation for staff; `threshold` and `actual` are JSON-ready.

    `actual` is None when the value was missing, and masked text where the reader may not see it.
    """

    code: str
    field: str
    kind: Kind
    operator: Operator
    threshold: object
    actual: int | bool | str | None
    outcome: Outcome
    severity: Severity
    reason_code: str


@attrs.frozen(kw_only=True)
class Decision:
    """The result of a run, with all that is needed to run it again.

    `reason_codes` are those of the failed rules in priority order, each once; with no failure,
    those of the rules that refer. `input` holds only the keys the rules read: no PAN, no phone.
    """

    verdict: Verdict
    reason_codes: tuple[str, ...]
    outcomes: tuple[RuleOutcome, ...]
    input: Mapping[str, Value]
    input_hash: str
    bypassed: tuple[Report, ...]
    rules: tuple[Rule, ...]
    rule_set_version: int
    rule_set_hash: str

    @property
    def primary_reason(self) -> str | None:
        """The first reason; None when everything passed."""
        return self.reason_codes[0] if self.reason_codes else None

    @property
    def rule_set(self) -> RuleSet:
        """The rules it was decided by, ready to run again."""
        return RuleSet(
            version=self.rule_set_version,
            rules=self.rules,
            hash=digest([rule.document() for rule in self.rules]),
            program=_program(self.rules),
        )

    def outcome_of(self, code: str) -> Outcome:
        """Return what the rule said. Raises: KeyError: no such rule in this run."""
        return {each.code: each.outcome for each in self.outcomes}[code]

    def explain(self, *, may_view_pii: bool = False) -> tuple[Explained, ...]:
        """Return one line per rule, in the order they ran."""
        lines = []
        for rule, result in zip(self.rules, self.outcomes, strict=True):
            value = self.input.get(rule.field)
            lines.append(
                Explained(
                    code=rule.code,
                    field=rule.field,
                    kind=KEYS[rule.field].kind,
                    operator=rule.operator,
                    threshold=rule.document()["threshold"],
                    actual=value_document(value) if may_view_pii else masked(rule.field, value),
                    outcome=result.outcome,
                    severity=rule.severity,
                    reason_code=rule.reason_code,
                )
            )
        return tuple(lines)

    def document(self) -> dict[str, object]:
        """Return the JSON-ready form that is stored."""
        return {
            "verdict": self.verdict.value,
            "reasonCodes": list(self.reason_codes),
            "primaryReason": self.primary_reason,
            "outcomes": [{"code": o.code, "outcome": o.outcome.value} for o in self.outcomes],
            "input": _input_document(self.input),
            "inputHash": self.input_hash,
            "bypassed": [report.value for report in self.bypassed],
            "rules": [rule.document() for rule in self.rules],
            "ruleSetVersion": self.rule_set_version,
            "ruleSetHash": self.rule_set_hash,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the decision as it was stored; whether it is sound is for `replay` to say."""
        return cls(
            verdict=Verdict(document["verdict"]),
            reason_codes=tuple(document["reasonCodes"]),
            outcomes=tuple(
                RuleOutcome(each["code"], Outcome(each["outcome"])) for each in document["outcomes"]
            ),
            input={k: value_from_document(k, v) for k, v in document["input"].items()},
            input_hash=document["inputHash"],
            bypassed=tuple(Report(each) for each in document["bypassed"]),
            rules=tuple(Rule.from_document(each) for each in document["rules"]),
            rule_set_version=document["ruleSetVersion"],
            rule_set_hash=document["ruleSetHash"],
        )


def run(rule_set: RuleSet, applicant: Applicant, *, bypassed: Iterable[Report] = ()) -> Decision:
    """Return the decision of all rules on one applicant.

    A missing value gives the rule's own `on_missing`; where its report is in `bypassed` it gives
    BYPASSED, which refers and never passes. Where a condition cannot be told because its key is
    missing, the rule refers instead of failing or dropping out, unless missing passes or skips.
    Any FAIL rejects; else any REFER or BYPASSED refers; else it passes. Source: rules page §2,
    examples BRE-01 and BRE-02.
    """
    excused = frozenset(bypassed)
    values = applicant.values()
    found = trace(rule_set, values, excused)
    snapshot = {key: values[key] for key in rule_set.reads if key in values}
    return Decision(
        verdict=found.verdict,
        reason_codes=found.reason_codes,
        outcomes=tuple(
            RuleOutcome(rule.code, outcome)
            for rule, outcome in zip(rule_set.rules, found.outcomes, strict=True)
        ),
        input=snapshot,
        input_hash=digest(_input_document(snapshot)),
        bypassed=tuple(sorted(excused)),
        rules=rule_set.rules,
        rule_set_version=rule_set.version,
        rule_set_hash=rule_set.hash,
    )


class Trace(NamedTuple):
    """What every rule said of one applicant, without the evidence that a stored decision carries.

    `outcomes` are in the order of the set's rules, which with the values read say the rest.
    """

    verdict: Verdict
    reason_codes: tuple[str, ...]
    outcomes: tuple[Outcome, ...]


def trace(
    rule_set: RuleSet, values: Mapping[str, Value], bypassed: frozenset[Report] = frozenset()
) -> Trace:
    """Return what `run` finds, for simulations of many applicants; nothing is kept to replay.

    `values` are the known ones of an applicant document (none is None), of the right types.
    """
    program = rule_set._program  # noqa: SLF001 - the set's own runner
    return program.judge(sweep(program.table, values), bypassed)


def replay(decision: Decision) -> Decision:
    """Return the decision that the stored rules and input give now.

    Its document equals the stored one byte for byte unless one of them was altered.
    """
    rules = decision.rule_set
    return run(rules, Applicant.of(decision.input, source="decision"), bypassed=decision.bypassed)


@attrs.frozen
class _Program:
    """A set's rules as columns, what to make of the exceptions among them, and the keys they read.

    `judge` remembers: what the rules say follows from which of them are exceptions, and applicants
    show the same few patterns over and over.
    """

    table: Columns
    judge: Callable[[Exceptions, frozenset[Report]], Trace]
    reads: tuple[str, ...]


def _program(rules: Sequence[Rule]) -> _Program:
    reads = {key for rule in rules for key in (rule.field, *rule.applies_when)}
    judge = lru_cache(maxsize=_PATTERNS)(partial(_judge, tuple(rules)))
    return _Program(columns(rules), judge, tuple(sorted(reads)))


_PATTERNS: Final = 4096

_WHEN_MISSING: Final[Mapping[OnMissing, Outcome]] = {
    OnMissing.FAIL: Outcome.FAIL,
    OnMissing.REFER: Outcome.REFER,
    OnMissing.PASS: Outcome.PASS,
    OnMissing.SKIP: Outcome.SKIPPED,
}


def _judge(rules: tuple[Rule, ...], exceptions: Exceptions, bypassed: frozenset[Report]) -> Trace:
    failing, missing, untold, idle = exceptions
    outcomes = [Outcome.PASS] * len(rules)
    for place in failing:
        hard = rules[place].severity is Severity.HARD
        outcomes[place] = Outcome.FAIL if hard else Outcome.REFER
    for place in missing:
        outcomes[place] = _unknown(rules[place], bypassed)
    for place in untold:
        outcome = _unknown(rules[place], bypassed)
        outcomes[place] = Outcome.REFER if outcome is Outcome.FAIL else outcome
    for place in idle:
        outcomes[place] = Outcome.NOT_APPLICABLE
    failed = _reasons(rules, outcomes, {Outcome.FAIL})
    referred = _reasons(rules, outcomes, {Outcome.REFER, Outcome.BYPASSED})
    verdict = Verdict.REJECT if failed else Verdict.REFER if referred else Verdict.PASS
    return Trace(verdict, failed or referred, tuple(outcomes))


def _unknown(rule: Rule, bypassed: frozenset[Report]) -> Outcome:
    reads = {KEYS[key].report for key in (rule.field, *rule.applies_when)}
    return Outcome.BYPASSED if reads & bypassed else _WHEN_MISSING[rule.on_missing]


def _reasons(
    rules: tuple[Rule, ...], outcomes: list[Outcome], wanted: set[Outcome]
) -> tuple[str, ...]:
    pairs = zip(rules, outcomes, strict=True)
    return tuple(dict.fromkeys(rule.reason_code for rule, outcome in pairs if outcome in wanted))


def _input_document(values: Mapping[str, Value]) -> dict[str, object]:
    return {key: value_document(value) for key, value in sorted(values.items())}
