"""The default hard rules of a lender, built from a brand's flags and limits.

A brand starts from these and then owns them as data: thresholds are starting values, not law,
except where a source is named. How they run is `bre`; their reasons in words are in `words`.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

import attrs

from los_core.domain.applicant import Applicant, Value
from los_core.domain.kyc import KycMode
from los_core.domain.money import Paise
from los_core.domain.rule import OnMissing, Operator, Rule, Severity, Threshold

SALARY_MODES: Final = ("BANK_TRANSFER", "CHEQUE")
COMPANY_TYPES: Final = ("PVT_LTD", "PUB_LTD", "GOVT", "PSU", "MNC", "LLP")


@attrs.frozen(kw_only=True)
class Policy:
    """The flags and limits of a brand that shape its rules; money in paise, ratios per cent."""

    aadhaar_required: bool = True
    selfie_required: bool = True
    bank_statement_required: bool = True
    employment_required: bool = True
    central_dedup: bool = False
    allow_ntc: bool = False
    allow_microfinance: bool = False
    salary_threshold: Paise = 25_000_00
    bank_statement_months: int = 6
    age_min: int = 21
    age_max: int = 58
    age_at_maturity_max: int = 60
    max_active_loans: int = 1
    reapply_wait_days: int = 30
    settled_cool_off_months: int = 12
    name_match_min_pct: int = 75
    face_match_min_pct: int = 70
    foir_max_pct: Decimal = Decimal(60)
    bureau_score_min: int = 650
    overdue_max: Paise = 5_000_00
    job_months_min: int = 3
    negative_employer_categories: tuple[str, ...] = ()

    def facts(self) -> Applicant:
        """Return the brand's own keys of the applicant document, which two rules read."""
        return Applicant.of(
            {
                "brand.allowNtc": self.allow_ntc,
                "brand.allowMicrofinance": self.allow_microfinance,
            },
            source="brand",
        )


def default_rules(policy: Policy | None = None) -> tuple[Rule, ...]:
    """Return the default rules for a brand, in priority order (10, 20, …).

    Rules about a step the brand does not ask for (Aadhaar, selfie, statement, employment) and about
    other brands' loans (without central dedup) are left out, not switched to pass.
    """
    asked = Policy() if policy is None else policy
    drafts = (*_identity(asked), *_history(asked), *_income(asked))
    drafts += (*_bureau(asked), *_statement(asked), *_limits(asked))
    return tuple(attrs.evolve(rule, priority=10 * n) for n, rule in enumerate(drafts, start=1))


_HIT: Final[Mapping[str, Value]] = {"bureau.isNtc": False}
"""The condition of rules that need a credit history."""


def _identity(policy: Policy) -> Iterator[Rule]:
    yield _true("PAN_VERIFIED", "kyc.panVerified", OnMissing.FAIL, "R001_KYC_PAN")
    if policy.aadhaar_required:
        yield _true("AADHAAR_VERIFIED", "kyc.aadhaarVerified", OnMissing.FAIL, "R002_KYC_AADHAAR")
    yield _least(
        "NAME_MATCH", "kyc.panNameMatchPct", policy.name_match_min_pct, "R003_NAME_MISMATCH"
    )
    if policy.selfie_required:
        yield _least(
            "FACE_MATCH", "kyc.faceMatchPct", policy.face_match_min_pct, "R004_FACE_MISMATCH"
        )


def _history(policy: Policy) -> Iterator[Rule]:
    fail, passes = OnMissing.FAIL, OnMissing.PASS
    most_loans = policy.max_active_loans - 1
    yield _false("BLOCKLIST", "internal.blocklistHit", fail, "R010_BLOCKLISTED")
    yield _most(
        "ACTIVE_LOAN_DEDUP", "internal.activeLoansSameBrand", most_loans, "R011_ACTIVE_LOAN", fail
    )
    if policy.central_dedup:
        yield _most(
            "CENTRAL_DEDUP", "internal.activeLoansAllBrands", most_loans, "R012_GROUP_LOAN", fail
        )
    yield _least(
        "REAPPLY_WAIT",
        "internal.lastRejectDays",
        policy.reapply_wait_days,
        "R013_REAPPLY_WAIT",
        passes,
    )
    yield _false("PRIOR_WRITE_OFF", "internal.priorWriteOff", fail, "R014_PRIOR_WRITE_OFF")
    yield _least(
        "SETTLED_COOL_OFF",
        "internal.priorSettledMonths",
        policy.settled_cool_off_months,
        "R015_SETTLED_COOL_OFF",
        passes,
    )
    yield _most("SHARED_PHONE", "internal.sharedPhoneUsers", 0, "R016_SHARED_IDENTITY")
    yield _most("SHARED_ACCOUNT", "internal.sharedAccountUsers", 0, "R016_SHARED_IDENTITY")


def _income(policy: Policy) -> Iterator[Rule]:
    fail = OnMissing.FAIL
    ages = (policy.age_min, policy.age_max)
    yield _rule(
        "AGE_BAND", "applicant.age", "R020_AGE", test=(Operator.BETWEEN, ages), missing=fail
    )
    yield _most(
        "AGE_AT_MATURITY", "derived.ageAtMaturity", policy.age_at_maturity_max, "R020_AGE", fail
    )
    yield _least(
        "MIN_SALARY",
        "income.netMonthlySalary",
        policy.salary_threshold,
        "R021_LOW_SALARY",
        fail,
    )
    yield _in("SALARY_MODE", "income.salaryMode", SALARY_MODES, "R022_SALARY_MODE")
    yield _true("PINCODE", "address.pincodeServiceable", OnMissing.REFER, "R023_PINCODE")
    yield _false("PINCODE_NEGATIVE", "address.pincodeNegative", OnMissing.REFER, "R023_PINCODE")
    if policy.employment_required:
        yield _rule(
            "EMPLOYER_CATEGORY",
            "income.employerCategory",
            "R024_EMPLOYER",
            test=(Operator.NOT_IN, policy.negative_employer_categories),
        )
        yield _in("COMPANY_TYPE", "income.companyType", COMPANY_TYPES, "R025_COMPANY_TYPE")
        yield _least(
            "JOB_VINTAGE",
            "employment.monthsInCurrentJob",
            policy.job_months_min,
            "R026_JOB_VINTAGE",
        )


def _bureau(policy: Policy) -> Iterator[Rule]:
    yield _hit(_least("BUREAU_SCORE", "bureau.score", policy.bureau_score_min, "R030_BUREAU_SCORE"))
    yield attrs.evolve(
        _true("NTC_POLICY", "brand.allowNtc", OnMissing.FAIL, "R031_NTC"),
        applies_when={"bureau.isNtc": True},
    )
    yield _hit(_most("MAX_DPD_3M", "bureau.maxDpd3m", 0, "R033_DPD_RECENT"))
    yield _hit(_most("MAX_DPD_6M", "bureau.maxDpd6m", 15, "R033_DPD_RECENT"))
    yield _hit(_most("MAX_DPD_12M", "bureau.maxDpd12m", 29, "R032_DPD_12M"))
    yield _hit(_most("MAX_DPD_24M", "bureau.maxDpd24m", 59, "R032B_DPD_24M"))
    yield _hit(_most("WRITTEN_OFF_36M", "bureau.writtenOffSettled36m", 0, "R034_WRITEOFF_SETTLED"))
    yield _hit(_false("SUIT_FILED", "bureau.suitFiledWilful", OnMissing.REFER, "R035_SUIT_FILED"))
    yield _hit(
        _most("OVERDUE_AMOUNT", "bureau.totalOverdueAmount", policy.overdue_max, "R036_OVERDUE")
    )
    yield _soft(_most("ENQUIRIES_7D", "bureau.enquiries7d", 2, "R037_ENQ_7D"))
    yield _soft(_most("ENQUIRIES_30D", "bureau.enquiries30d", 4, "R037_ENQ_30D"))
    yield _soft(_most("ENQUIRIES_60D", "bureau.enquiries60d", 6, "R037_ENQ_60D"))
    yield _soft(_most("ENQUIRIES_90D", "bureau.enquiries90d", 10, "R037_ENQ_90D"))
    yield _hit(_most("ACTIVE_UNSECURED", "bureau.activeUnsecuredLoans", 6, "R038_ACTIVE_UNSECURED"))
    yield _soft(
        _most("SMALL_TICKET_STACK", "bureau.activePersonalLoansUnder50k", 4, "R039_SMALL_TICKET")
    )
    yield _soft(_most("UNSECURED_OPENED_3M", "bureau.unsecuredOpened3m", 2, "R040_NEW_UNSECURED"))
    yield _hit(_soft(_least("CREDIT_VINTAGE", "bureau.vintageMonths", 6, "R043_VINTAGE")))


def _statement(policy: Policy) -> Iterator[Rule]:
    if not policy.bank_statement_required:
        return
    yield _soft(_most("BOUNCES_3M", "bank.inwardBounces3m", 2, "R041_BOUNCES"), OnMissing.REFER)
    yield _false("STATEMENT_TAMPER", "bank.tamperFlag", OnMissing.REFER, "R044_TAMPER")
    yield _least(
        "STATEMENT_MONTHS",
        "bank.monthsCovered",
        policy.bank_statement_months,
        "R045_STATEMENT_MONTHS",
    )
    yield _soft(_most("LOAN_CREDITS_30D", "bank.loanCredits30d", 1, "R046_LOAN_CREDITS"))
    yield _soft(_most("GAMBLING", "bank.gamblingDebitsPct", 5, "R047_GAMBLING"))


def _limits(policy: Policy) -> Iterator[Rule]:
    fail = OnMissing.FAIL
    yield _most("FOIR_CAP", "derived.postLoanFoirPct", policy.foir_max_pct, "R042_FOIR", fail)
    # The yearly cap is law (RBI KYC Direction, OTP e-KYC without face to face), not policy.
    yield attrs.evolve(
        _least("KYC_CAP", "derived.kycCapHeadroom", 0, "R050_KYC_CAP", fail),
        applies_when={"kyc.kycMode": KycMode.AADHAAR_OTP_NON_F2F.value},
    )
    # RBI microfinance Directions 2022: up to ₹3,00,000 a year the household's loan is microfinance.
    yield attrs.evolve(
        _false("MFI_POLICY", "derived.isMicrofinance", OnMissing.REFER, "R051_MICROFINANCE"),
        applies_when={"brand.allowMicrofinance": False},
    )
    yield attrs.evolve(
        _most("MFI_FOIR", "derived.householdFoirPct", 50, "R052_HOUSEHOLD_FOIR", fail),
        applies_when={"derived.isMicrofinance": True},
    )


def _rule(
    code: str,
    field: str,
    reason: str,
    *,
    test: tuple[Operator, Threshold],
    missing: OnMissing = OnMissing.REFER,
) -> Rule:
    return Rule(
        code=code,
        priority=0,
        field=field,
        operator=test[0],
        threshold=test[1],
        on_missing=missing,
        reason_code=reason,
    )


def _true(code: str, field: str, missing: OnMissing, reason: str) -> Rule:
    return _rule(code, field, reason, test=(Operator.IS_TRUE, None), missing=missing)


def _false(code: str, field: str, missing: OnMissing, reason: str) -> Rule:
    return _rule(code, field, reason, test=(Operator.IS_FALSE, None), missing=missing)


def _least(
    code: str, field: str, limit: int | Decimal, reason: str, missing: OnMissing = OnMissing.REFER
) -> Rule:
    return _rule(code, field, reason, test=(Operator.GTE, limit), missing=missing)


def _most(
    code: str, field: str, limit: int | Decimal, reason: str, missing: OnMissing = OnMissing.REFER
) -> Rule:
    return _rule(code, field, reason, test=(Operator.LTE, limit), missing=missing)


def _in(code: str, field: str, allowed: tuple[str, ...], reason: str) -> Rule:
    return _rule(code, field, reason, test=(Operator.IN, allowed))


def _hit(rule: Rule) -> Rule:
    """Return the rule for people with a credit history only."""
    return attrs.evolve(rule, applies_when=_HIT)


def _soft(rule: Rule, missing: OnMissing = OnMissing.SKIP) -> Rule:
    return attrs.evolve(rule, severity=Severity.SOFT, on_missing=missing)
