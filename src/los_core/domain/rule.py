"""One hard rule as data: its fields, its document, and what makes it well formed.

How a set of rules runs is `bre`; the default rules are in `bre_rules`. A threshold has the type of
the key it is compared with: paise for money, whole numbers or decimals for counts and percentages.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final, Self, TypeAlias

import attrs

from los_core.domain.applicant import (
    KEYS,
    Applicant,
    Kind,
    Value,
    value_document,
    value_from_document,
)
from los_core.domain.errors import Invalid


class Operator(StrEnum):
    """How a value is compared with the threshold; BETWEEN includes both ends."""

    GTE = "GTE"
    GT = "GT"
    LTE = "LTE"
    LT = "LT"
    EQ = "EQ"
    NEQ = "NEQ"
    IN = "IN"
    NOT_IN = "NOT_IN"
    BETWEEN = "BETWEEN"
    IS_TRUE = "IS_TRUE"
    IS_FALSE = "IS_FALSE"


class Severity(StrEnum):
    """What a failed test means: HARD rejects, SOFT sends the case to a person."""

    HARD = "HARD"
    SOFT = "SOFT"


class OnMissing(StrEnum):
    """What a missing value means."""

    FAIL = "FAIL"
    REFER = "REFER"
    PASS = "PASS"  # noqa: S105 - an outcome, not a password
    SKIP = "SKIP"


Scalar: TypeAlias = int | Decimal | bool | str
Threshold: TypeAlias = Scalar | tuple[Scalar, ...] | None


@attrs.frozen(kw_only=True)
class Rule:
    """One test of one key.

    `applies_when` names keys that must equal the given values, or the rule is NOT_APPLICABLE. The
    effective dates are business dates, both included; None is open. Lower `priority` comes first.
    """

    code: str
    priority: int
    field: str
    operator: Operator
    threshold: Threshold = None
    severity: Severity = Severity.HARD
    on_missing: OnMissing = OnMissing.REFER
    reason_code: str
    applies_when: Mapping[str, Value] = attrs.field(factory=dict)
    is_active: bool = True
    effective_from: date | None = None
    effective_to: date | None = None

    def in_force(self, on: date) -> bool:
        """Whether the rule is active and `on` lies within its effective dates."""
        return (
            self.is_active
            and (self.effective_from is None or self.effective_from <= on)
            and (self.effective_to is None or on <= self.effective_to)
        )

    def document(self) -> dict[str, object]:
        """Return the JSON-ready form."""
        many = isinstance(self.threshold, tuple)
        return {
            "code": self.code,
            "priority": self.priority,
            "field": self.field,
            "operator": self.operator.value,
            "threshold": [value_document(each) for each in self.threshold]  # type: ignore[union-attr]  # a tuple here
            if many
            else value_document(self.threshold),  # type: ignore[arg-type]  # and none here
            "severity": self.severity.value,
            "onMissing": self.on_missing.value,
            "reasonCode": self.reason_code,
            "appliesWhen": {k: value_document(v) for k, v in sorted(self.applies_when.items())},
            "isActive": self.is_active,
            "effectiveFrom": self.effective_from.isoformat() if self.effective_from else None,
            "effectiveTo": self.effective_to.isoformat() if self.effective_to else None,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the rule of a document; what is absent takes the default.

        Raises: Invalid: a name that is none, or a number that is none; `fields` says which.
        """
        code = str(document.get("code", ""))
        try:
            field = str(document["field"])
            raw = document.get("threshold")
            start, end = document.get("effectiveFrom"), document.get("effectiveTo")
            return cls(
                code=code,
                priority=int(document["priority"]),
                field=field,
                operator=Operator(document["operator"]),
                threshold=tuple(_scalar(field, each) for each in raw)
                if isinstance(raw, (list, tuple))
                else _scalar(field, raw)
                if raw is not None
                else None,
                severity=Severity(document.get("severity", Severity.HARD)),
                on_missing=OnMissing(document.get("onMissing", OnMissing.REFER)),
                reason_code=str(document["reasonCode"]),
                applies_when={
                    key: value_from_document(key, value)
                    for key, value in (document.get("appliesWhen") or {}).items()
                },
                is_active=bool(document.get("isActive", True)),
                effective_from=date.fromisoformat(start) if start else None,
                effective_to=date.fromisoformat(end) if end else None,
            )
        except KeyError as err:
            raise _wrong(code, f"{err.args[0]} is required") from err
        except (ValueError, TypeError, InvalidOperation) as err:
            raise _wrong(code, f"is not a rule: {err}") from err


def passes(operator: Operator, actual: Scalar, threshold: Threshold) -> bool:
    """Return whether a known value passes; the rule it belongs to must have no complaints."""
    return TESTS[operator](actual, threshold)


Test: TypeAlias = Callable[[Any, Any], bool]

TESTS: Final[Mapping[Operator, Test]] = {
    Operator.GTE: lambda actual, limit: bool(actual >= limit),
    Operator.GT: lambda actual, limit: bool(actual > limit),
    Operator.LTE: lambda actual, limit: bool(actual <= limit),
    Operator.LT: lambda actual, limit: bool(actual < limit),
    Operator.EQ: lambda actual, limit: bool(actual == limit),
    Operator.NEQ: lambda actual, limit: bool(actual != limit),
    Operator.IN: lambda actual, limit: actual in limit,
    Operator.NOT_IN: lambda actual, limit: actual not in limit,
    Operator.BETWEEN: lambda actual, limit: bool(limit[0] <= actual <= limit[1]),
    Operator.IS_TRUE: lambda actual, _: actual is True,
    Operator.IS_FALSE: lambda actual, _: actual is False,
}
"""How each operator compares a value with the threshold."""


def complaints(rule: Rule) -> Iterable[str]:
    """Yield what is wrong with a rule, so that running a compiled one cannot go wrong."""
    if not rule.code or not rule.reason_code:
        yield "needs a code and a reason code"
    if rule.severity is Severity.SOFT and rule.on_missing is OnMissing.FAIL:
        yield "is SOFT and so cannot fail for a missing value: use REFER"
    for key, value in rule.applies_when.items():
        try:
            Applicant.of({key: value}, source="rule")
        except Invalid as err:
            yield f"applies when {'; '.join(f'{name} {says}' for name, says in err.fields)}"
    key_of = KEYS.get(rule.field)
    if key_of is None:
        yield f"reads {rule.field}, which is no key of the applicant document"
    elif (says := _misfit(rule, key_of.kind)) is not None:
        yield says


def _misfit(rule: Rule, kind: Kind) -> str | None:
    operator, threshold = rule.operator, rule.threshold
    if operator in _FLAGS:
        if kind is not Kind.FLAG:
            return f"{operator} fits only a FLAG, and {rule.field} is {kind}"
        return None if threshold is None else f"{operator} takes no threshold"
    if operator in _ORDERED and kind not in {Kind.MONEY, Kind.COUNT, Kind.NUMBER}:
        return f"{operator} needs a number, and {rule.field} is {kind}"
    if (operator in _MANY) is not isinstance(threshold, tuple):
        return f"{operator} takes {'a list' if operator in _MANY else 'one value'}"
    return _misfit_threshold(rule, threshold if isinstance(threshold, tuple) else (threshold,))


def _misfit_threshold(rule: Rule, parts: tuple[object, ...]) -> str | None:
    kind = KEYS[rule.field].kind
    # An empty NOT_IN list is a rule that only wants to know the value: nothing is unwelcome yet.
    if (not parts and rule.operator is not Operator.NOT_IN) or any(
        type(part) not in _ALLOWED[kind] for part in parts
    ):
        return f"the threshold of {rule.field} must be {kind}"
    if any(isinstance(part, Decimal) and not part.is_finite() for part in parts):
        return "the threshold must be a finite number"
    if rule.operator is Operator.BETWEEN:
        low, high = parts[0], parts[-1]
        if len(parts) != 2 or low > high:  # type: ignore[operator]  # numbers, checked above
            return "BETWEEN takes the lower and the upper end"
    return None


def _scalar(field: str, raw: object) -> Scalar:
    """Return one part of a threshold; text stands for a decimal where the key holds a number."""
    if type(raw) not in {int, bool, str}:
        raise TypeError(f"a threshold is a whole number, text or true/false, not {raw!r}")
    key = KEYS.get(field)
    if isinstance(raw, str) and key is not None and key.kind in {Kind.COUNT, Kind.NUMBER}:
        return Decimal(raw)
    return raw  # type: ignore[return-value]  # one of the three types, by the first line


def _wrong(code: str, says: str) -> Invalid:
    return Invalid(f"rule {code or '?'} {says}", fields=((code or "code", says),))


_ORDERED: Final = {Operator.GTE, Operator.GT, Operator.LTE, Operator.LT, Operator.BETWEEN}
_MANY: Final = {Operator.IN, Operator.NOT_IN, Operator.BETWEEN}
_FLAGS: Final = {Operator.IS_TRUE, Operator.IS_FALSE}


_ALLOWED: Final[Mapping[Kind, tuple[type, ...]]] = {
    Kind.MONEY: (int,),
    Kind.COUNT: (int, Decimal),
    Kind.NUMBER: (int, Decimal),
    Kind.FLAG: (bool,),
    Kind.TEXT: (str,),
}
