"""25 hard rules with the outcome of every rule, against bare `if`s and against rule engines.

The rules are the first 25 of the default library, as data, with their conditions. All contenders
decide the same applicants, whose facts are all known, by turns, and must name the same failed
rules. Printed: the median of the rounds' ratios to ours, and their range; beside them, for
information, `run`, which also keeps the hashed evidence that a decision is replayed from.
Limits: 0.18 of the speed of bare `if`s that keep no outcomes, and 60 times zen-engine's decision
table. zen-engine and rule-engine are measured where they are installed, in an environment of one's
own.

    python benchmarks/bre.py [--rounds 15]
"""

import argparse
import importlib
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

from los_core.domain.applicant import Applicant, Value
from los_core.domain.bre import Outcome, RuleSet, run, trace
from los_core.domain.bre_rules import Policy, default_rules
from los_core.domain.rule import Operator, Rule

OF_IFS = 0.18
OF_ZEN = 60
APPLICANTS = 200
RULES = RuleSet.compile(
    default_rules(Policy(negative_employer_categories=("D", "UNLISTED")))[:25],
    version=1,
    on=date(2026, 1, 6),
)
CODES = tuple(rule.code for rule in RULES.rules)

Facts: TypeAlias = Mapping[str, Value]
Engine: TypeAlias = tuple[Callable[[Any], object], Sequence[Any], Callable[[Any], list[str]]]
"""What decides, the applicants in its own form, how the failed rules are read off its answer."""


def main() -> int:
    """Measure, print, and return 1 if a limit is missed."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=15)
    rounds = arguments.parse_args().rounds
    people = _people()
    engines: dict[str, Engine] = {
        "ours, all outcomes": (lambda facts: trace(RULES, facts), people, _read_trace),
        "bare ifs": (_ifs, people, list),
        "ours, with evidence": (
            lambda person: run(RULES, person),
            [Applicant.of(facts, source="benchmark") for facts in people],
            lambda decision: [o.code for o in decision.outcomes if o.outcome is Outcome.FAIL],
        ),
    }
    for name, module, build in (("zen-engine", "zen", _zen), ("rule-engine", "rule_engine", _re)):
        try:
            engines[name] = build(importlib.import_module(module), people)
        except ModuleNotFoundError:
            print(f"{name}: not installed, not measured")
    _check(engines)
    ratios = _measure(engines, rounds)
    of_ifs = _say("bare ifs", ratios, inverse=True)
    for name in ("ours, with evidence", "zen-engine", "rule-engine"):
        if name in ratios:
            _say(name, ratios)
    passed = of_ifs >= OF_IFS
    print(f"of bare ifs: {of_ifs:.3f}, limit {OF_IFS}")
    if "zen-engine" in ratios:
        of_zen = statistics.median(ratios["zen-engine"])
        passed = passed and of_zen >= OF_ZEN
        print(f"of zen-engine's table: {of_zen:.0f}, limit {OF_ZEN}")
    return 0 if passed else 1


def _measure(engines: Mapping[str, Engine], rounds: int) -> dict[str, list[float]]:
    """Return, per engine and round, how long it took for what took us one."""
    ratios: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds):
        took = {name: _turn(*engine[:2]) for name, engine in engines.items()}
        ours = took["ours, all outcomes"]
        for name, seconds in took.items():
            ratios[name].append(seconds / ours)
    return ratios


def _turn(decide: Callable[[Any], object], people: Sequence[Any]) -> float:
    """Return the seconds per applicant, the best of three sweeps."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for person in people:
            decide(person)
        best = min(best, time.perf_counter() - start)
    return best / len(people)


def _say(name: str, ratios: Mapping[str, list[float]], *, inverse: bool = False) -> float:
    """Print and return the median: theirs to ours in time, so that 60 is 60 times as fast."""
    found = sorted(ratios[name])
    median = statistics.median(found)
    meaning = "of its speed" if inverse else "times as fast"
    print(f"{name}: {median:.3f} {meaning} ({found[0]:.3f}..{found[-1]:.3f})")
    return median


def _check(engines: Mapping[str, Engine]) -> None:
    answers = {
        name: [read(decide(person)) for person in people]
        for name, (decide, people, read) in engines.items()
    }
    expected = answers["bare ifs"]
    assert any(expected), "nobody fails a rule"
    assert not all(expected), "everybody fails a rule"
    for name, found in answers.items():
        assert [sorted(each) for each in found] == [sorted(each) for each in expected], name


def _read_trace(found: Any) -> list[str]:
    return [c for c, said in zip(CODES, found.outcomes, strict=True) if said is Outcome.FAIL]


def _people() -> list[dict[str, Value]]:
    """Return applicants of whom about half fail one rule or several."""
    draw = random.Random(25)  # noqa: S311 - a repeatable sample, no secret
    good: dict[str, Value] = {
        "kyc.panVerified": True,
        "kyc.panNameMatchPct": 96,
        "kyc.aadhaarVerified": True,
        "kyc.faceMatchPct": 91,
        "internal.blocklistHit": False,
        "internal.activeLoansSameBrand": 0,
        "internal.lastRejectDays": 400,
        "internal.priorWriteOff": False,
        "internal.priorSettledMonths": 30,
        "internal.sharedPhoneUsers": 0,
        "internal.sharedAccountUsers": 0,
        "applicant.age": 34,
        "derived.ageAtMaturity": 36,
        "income.netMonthlySalary": 42_000_00,
        "income.salaryMode": "BANK_TRANSFER",
        "address.pincodeServiceable": True,
        "address.pincodeNegative": False,
        "income.employerCategory": "A",
        "income.companyType": "PVT_LTD",
        "employment.monthsInCurrentJob": 20,
        "bureau.score": 748,
        "bureau.isNtc": False,
        "brand.allowNtc": False,
        "bureau.maxDpd3m": 0,
        "bureau.maxDpd6m": 0,
        "bureau.maxDpd12m": 10,
    }
    worse: Sequence[tuple[str, Value]] = (
        ("bureau.score", 610),
        ("bureau.maxDpd12m", 45),
        ("income.netMonthlySalary", 18_000_00),
        ("applicant.age", 61),
        ("income.salaryMode", "CASH"),
        ("internal.blocklistHit", True),
        ("bureau.isNtc", True),
    )
    return [
        {**good, **dict(draw.sample(worse, draw.choice((0, 0, 1, 2))))} for _ in range(APPLICANTS)
    ]


def _ifs(facts: Any) -> list[str]:  # noqa: C901, PLR0912, PLR0915 - what somebody would write by hand
    failed = []
    if not facts["kyc.panVerified"]:
        failed.append("PAN_VERIFIED")
    if not facts["kyc.aadhaarVerified"]:
        failed.append("AADHAAR_VERIFIED")
    if facts["kyc.panNameMatchPct"] < 75:
        failed.append("NAME_MATCH")
    if facts["kyc.faceMatchPct"] < 70:
        failed.append("FACE_MATCH")
    if facts["internal.blocklistHit"]:
        failed.append("BLOCKLIST")
    if facts["internal.activeLoansSameBrand"] > 0:
        failed.append("ACTIVE_LOAN_DEDUP")
    if facts["internal.lastRejectDays"] < 30:
        failed.append("REAPPLY_WAIT")
    if facts["internal.priorWriteOff"]:
        failed.append("PRIOR_WRITE_OFF")
    if facts["internal.priorSettledMonths"] < 12:
        failed.append("SETTLED_COOL_OFF")
    if facts["internal.sharedPhoneUsers"] > 0:
        failed.append("SHARED_PHONE")
    if facts["internal.sharedAccountUsers"] > 0:
        failed.append("SHARED_ACCOUNT")
    if not 21 <= facts["applicant.age"] <= 58:
        failed.append("AGE_BAND")
    if facts["derived.ageAtMaturity"] > 60:
        failed.append("AGE_AT_MATURITY")
    if facts["income.netMonthlySalary"] < 25_000_00:
        failed.append("MIN_SALARY")
    if facts["income.salaryMode"] not in {"BANK_TRANSFER", "CHEQUE"}:
        failed.append("SALARY_MODE")
    if not facts["address.pincodeServiceable"]:
        failed.append("PINCODE")
    if facts["address.pincodeNegative"]:
        failed.append("PINCODE_NEGATIVE")
    if facts["income.employerCategory"] in {"D", "UNLISTED"}:
        failed.append("EMPLOYER_CATEGORY")
    if facts["income.companyType"] not in {"PVT_LTD", "PUB_LTD", "GOVT", "PSU", "MNC", "LLP"}:
        failed.append("COMPANY_TYPE")
    if facts["employment.monthsInCurrentJob"] < 3:
        failed.append("JOB_VINTAGE")
    if facts["bureau.isNtc"]:
        if not facts["brand.allowNtc"]:
            failed.append("NTC_POLICY")
        return failed
    if facts["bureau.score"] < 650:
        failed.append("BUREAU_SCORE")
    if facts["bureau.maxDpd3m"] > 0:
        failed.append("MAX_DPD_3M")
    if facts["bureau.maxDpd6m"] > 15:
        failed.append("MAX_DPD_6M")
    if facts["bureau.maxDpd12m"] > 29:
        failed.append("MAX_DPD_12M")
    return failed


# -- the peers: a rule is written as what objects to it -----------------------------------------


def _objection(rule: Rule, name: str) -> str:
    """Return the rule's objection as an expression that both peers read."""
    limit: Any = rule.threshold
    if rule.operator is Operator.BETWEEN:
        return f"{name} < {limit[0]} or {name} > {limit[1]}"
    if rule.operator is Operator.IN:
        return f"not ({name} in {json.dumps(limit)})"
    return {
        Operator.GTE: f"{name} < {limit}",
        Operator.LTE: f"{name} > {limit}",
        Operator.IS_TRUE: f"{name} == false",
        Operator.IS_FALSE: f"{name} == true",
        Operator.NOT_IN: f"{name} in {json.dumps(limit)}",
    }[rule.operator]


def _zen(zen: Any, people: Sequence[Facts]) -> Engine:
    keys = sorted({key for rule in RULES.rules for key in (rule.field, *rule.applies_when)})
    columns = {key: f"i{n}" for n, key in enumerate(keys)}
    rows = []
    for rule in RULES.rules:
        row: dict[str, str] = {"_id": rule.code, "o": json.dumps(rule.code)}
        row |= dict.fromkeys(columns.values(), "")
        row |= {columns[key]: json.dumps(value) for key, value in rule.applies_when.items()}
        row[columns[rule.field]] = _objection(rule, "$")
        rows.append(row)
    table = {
        "hitPolicy": "collect",
        "inputs": [{"id": column, "name": key, "field": key} for key, column in columns.items()],
        "outputs": [{"id": "o", "name": "failed", "field": "failed"}],
        "rules": rows,
    }
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": table},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": "e1", "sourceId": "in", "targetId": "table", "type": "edge"},
        {"id": "e2", "sourceId": "table", "targetId": "out", "type": "edge"},
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    return (
        decision.evaluate,
        [_nested(facts) for facts in people],
        lambda answer: [row["failed"] for row in answer["result"]],
    )


def _re(rule_engine: Any, people: Sequence[Facts]) -> Engine:
    compiled = []
    for rule in RULES.rules:
        parts = [f"({_objection(rule, _flat(rule.field))})"]
        parts += [f"{_flat(k)} == {json.dumps(v)}" for k, v in rule.applies_when.items()]
        compiled.append((rule.code, rule_engine.Rule(" and ".join(parts))))

    def decide(facts: Any) -> list[str]:
        return [code for code, rule in compiled if rule.matches(facts)]

    return decide, [{_flat(key): value for key, value in each.items()} for each in people], list


def _flat(key: str) -> str:
    return key.replace(".", "_")


def _nested(facts: Facts) -> dict[str, dict[str, Value]]:
    made: dict[str, dict[str, Value]] = {}
    for key, value in facts.items():
        group, name = key.split(".")
        made.setdefault(group, {})[name] = value
    return made


if __name__ == "__main__":
    sys.exit(main())
