"""Builders and hypothesis strategies for the decision domain: people, facts, rules.

Everything made here is legal: identifiers carry right check digits, documents hold the right types.
The default applicant is one whom all default rules and the default evaluation accept.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from hypothesis import strategies as st
from stdnum import verhoeff
from stdnum.in_ import aadhaar

from los_core.domain.applicant import KEYS, Applicant, Datum, Key, Kind, Value
from los_core.domain.rule import OnMissing, Operator, Rule, Severity
from los_core.domain.scorecard_model import Attribute, Bin, Calibration, Model

FETCHED_AT: Final = datetime(2026, 1, 5, 6, 30, tzinfo=UTC)

GOOD: Final[Mapping[str, Value]] = {
    "kyc.panVerified": True,
    "kyc.panNameMatchPct": 100,
    "kyc.aadhaarVerified": True,
    "kyc.faceMatchPct": 92,
    "kyc.kycMode": "AADHAAR_OTP_NON_F2F",
    "applicant.age": 29,
    "income.netMonthlySalary": 42_000_00,
    "income.householdAnnualIncome": 5_40_000_00,
    "income.salaryMode": "BANK_TRANSFER",
    "income.employerCategory": "A",
    "income.companyType": "PVT_LTD",
    "employment.monthsInCurrentJob": 20,
    "employment.epfoEmployerMatch": True,
    "address.pincodeServiceable": True,
    "address.pincodeNegative": False,
    "address.cityCategory": "A",
    "bureau.score": 748,
    "bureau.isNtc": False,
    "bureau.vintageMonths": 54,
    "bureau.activeUnsecuredLoans": 1,
    "bureau.activePersonalLoansUnder50k": 0,
    "bureau.totalOverdueAmount": 0,
    "bureau.maxDpd3m": 0,
    "bureau.maxDpd6m": 0,
    "bureau.maxDpd12m": 0,
    "bureau.maxDpd24m": 0,
    "bureau.writtenOffSettled36m": 0,
    "bureau.suitFiledWilful": False,
    "bureau.enquiries7d": 0,
    "bureau.enquiries30d": 1,
    "bureau.enquiries60d": 1,
    "bureau.enquiries90d": 2,
    "bureau.unsecuredOpened3m": 0,
    "bureau.monthlyObligations": 5_200_00,
    "bureau.unsecuredOutstanding": 60_000_00,
    "bank.monthsCovered": 6,
    "bank.abb": 13_000_00,
    "bank.abbToEmi": Decimal("1.4"),
    "bank.inwardBounces3m": 0,
    "bank.loanCredits30d": 0,
    "bank.gamblingDebitsPct": Decimal(0),
    "bank.tamperFlag": False,
    "internal.blocklistHit": False,
    "internal.activeLoansSameBrand": 0,
    "internal.activeLoansAllBrands": 0,
    "internal.priorWriteOff": False,
    "internal.sharedPhoneUsers": 0,
    "internal.sharedAccountUsers": 0,
    "brand.allowNtc": False,
    "brand.allowMicrofinance": False,
    "derived.postLoanFoirPct": Decimal("34.99"),
    "derived.ageAtMaturity": 30,
    "derived.isMicrofinance": False,
    "derived.householdFoirPct": Decimal("20.00"),
    "derived.kycCapHeadroom": 10_000_00,
}


def applicant(**changes: Value) -> Applicant:
    """Return the accepted applicant with changes; `bureau__score=600` changes `bureau.score`.

    A change to None makes the value missing.
    """
    values = {**GOOD, **{name.replace("__", "."): value for name, value in changes.items()}}
    return Applicant.of(values, source="builder", fetched_at=FETCHED_AT)


def rule(**changes: Any) -> Rule:
    """Return a HARD rule that the bureau score is at least 650, with changes."""
    fields: dict[str, Any] = {
        "code": "BUREAU_SCORE",
        "priority": 10,
        "field": "bureau.score",
        "operator": Operator.GTE,
        "threshold": 650,
        "severity": Severity.HARD,
        "on_missing": OnMissing.REFER,
        "reason_code": "R030_BUREAU_SCORE",
    }
    return Rule(**{**fields, **changes})


def scorecard(**changes: Any) -> Model:
    """Return a scorecard of six attributes, with changes; the good applicant is graded A by it."""
    fields: dict[str, Any] = {
        "version": "demo-1",
        "base_score": Decimal(650),
        "base_odds": Decimal(20),
        "pdo": Decimal(40),
        "intercept": Decimal("-2.6"),
        "calibration": Calibration(a=Decimal("-0.15"), b=Decimal("0.95")),
        "attributes": tuple(_attribute(*row) for row in _ATTRIBUTES),
    }
    return Model(**{**fields, **changes})


_ATTRIBUTES: Final = (
    ("BUREAU_SCORE", "bureau.score", "-0.9", "-1.35 600 -0.62 650 -0.08 700 0.46 750 1.12", "-0.4"),
    ("MAX_DPD_12M", "bureau.maxDpd12m", "-0.7", "0.35 1 -0.30 16 -0.85 30 -1.60", "-0.1"),
    ("ENQ_90D", "bureau.enquiries90d", "-0.6", "0.40 2 0.05 5 -0.45 9 -0.95", "0"),
    ("FOIR", "derived.postLoanFoirPct", "-0.8", "0.50 30 0.15 45 -0.35 60 -0.90", "-0.35"),
    ("BOUNCES_3M", "bank.inwardBounces3m", "-0.75", "0.42 1 -0.28 3 -1.10", "-0.15"),
    ("JOB_MONTHS", "employment.monthsInCurrentJob", "-0.5", "-0.55 6 -0.2 12 0.12 36 0.48", "-0.2"),
)
"""Code, key, coefficient, weights with the edges between them, weight of a missing value."""


def _attribute(code: str, field: str, beta: str, bins: str, missing: str) -> Attribute:
    parts = [Decimal(part) for part in bins.split()]
    edges = [None, *parts[1::2], None]
    return Attribute(
        code=code,
        field=field,
        beta=Decimal(beta),
        bins=tuple(
            Bin(low=low, high=high, woe=woe)
            for (low, high), woe in zip(pairwise(edges), parts[::2], strict=True)
        ),
        missing_woe=Decimal(missing),
    )


def pans() -> st.SearchStrategy[str]:
    """Individuals' PANs; the digits are never 0000."""
    return st.builds(
        "{}P{}{:04d}{}".format,
        st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3),
        st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        st.integers(1, 9999),
        st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    )


def aadhaar_numbers() -> st.SearchStrategy[str]:
    """Aadhaar numbers of the 9999 test range, with the right check digit."""
    heads = st.integers(0, 9_999_999).map("9999{:07d}".format)
    return heads.map(lambda head: head + verhoeff.calc_check_digit(head)).filter(aadhaar.is_valid)


def phones() -> st.SearchStrategy[str]:
    """Ten-digit mobile numbers."""
    return st.integers(6_000_000_000, 9_999_999_999).map(str)


def values_of(key: Key) -> st.SearchStrategy[Value]:
    """Values of the key's kind."""
    by_kind: dict[Kind, st.SearchStrategy[Value]] = {
        Kind.MONEY: st.integers(0, 10**11),
        Kind.COUNT: st.integers(0, 1000),
        Kind.NUMBER: st.decimals(0, 1000, places=2),
        Kind.FLAG: st.booleans(),
        Kind.TEXT: st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=1, max_size=12),
    }
    return by_kind[key.kind]


@st.composite
def applicants(draw: st.DrawFn) -> Applicant:
    """Applicants with any of the known facts known."""
    names = draw(st.sets(st.sampled_from(sorted(KEYS)), max_size=40))
    return Applicant(
        {
            name: Datum(
                draw(st.none() | values_of(KEYS[name])),
                draw(st.sampled_from(["bureau", "declared", "internal"])),
                draw(st.none() | st.just(FETCHED_AT)),
                draw(st.none() | st.just("R-1")),
            )
            for name in sorted(names)
        }
    )


@st.composite
def rules(draw: st.DrawFn) -> tuple[Rule, ...]:
    """Well-formed rules on numeric keys and flags, with codes that differ."""
    names = draw(st.lists(st.sampled_from(sorted(KEYS)), min_size=1, max_size=12))
    return tuple(_rule_on(draw, KEYS[name], f"RULE_{n}") for n, name in enumerate(names))


def _rule_on(draw: st.DrawFn, key: Key, code: str) -> Rule:
    severity = draw(st.sampled_from(Severity))
    missing = [m for m in OnMissing if severity is Severity.HARD or m is not OnMissing.FAIL]
    operators = {
        Kind.FLAG: [Operator.IS_TRUE, Operator.IS_FALSE, Operator.EQ, Operator.NEQ],
        Kind.TEXT: [Operator.EQ, Operator.NEQ, Operator.IN, Operator.NOT_IN],
    }.get(key.kind, [o for o in Operator if o not in {Operator.IS_TRUE, Operator.IS_FALSE}])
    operator = draw(st.sampled_from(operators))
    threshold: Any = None
    if operator is Operator.BETWEEN:
        threshold = tuple(sorted(draw(st.tuples(values_of(key), values_of(key)))))
    elif operator in {Operator.IN, Operator.NOT_IN}:
        threshold = tuple(draw(st.lists(values_of(key), min_size=1, max_size=3)))
    elif operator not in {Operator.IS_TRUE, Operator.IS_FALSE}:
        threshold = draw(values_of(key))
    return Rule(
        code=code,
        priority=draw(st.integers(0, 50)),
        field=key.name,
        operator=operator,
        threshold=threshold,
        severity=severity,
        on_missing=draw(st.sampled_from(missing)),
        reason_code=f"R_{code}",
        applies_when=draw(st.sampled_from([{}, {"bureau.isNtc": False}])),
    )
