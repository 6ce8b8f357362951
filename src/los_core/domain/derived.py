"""The derived keys of the applicant document: ratios that need both a report and the request.

Each key is derived from the facts that are known and stays missing when one of them is; nothing is
assumed to be 0. Limits and offers are in `eligibility`. Ratios are per cent, half up to 2 decimals.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from los_core.domain.applicant import Applicant, Value
from los_core.domain.money import Paise, round_half_up

MICROFINANCE_LIMIT: Final[Paise] = 3_00_000_00
"""Household income a year up to which a loan without collateral is a microfinance loan.

Source: RBI (Regulatory Framework for Microfinance Loans) Directions, 2022.
"""


def derive(
    applicant: Applicant,
    *,
    requested: Paise,
    new_due: Paise | None,
    age_at_maturity: int | None = None,
    kyc_cap_remaining: Paise | None = None,
    obligations: Paise | None = None,
) -> Applicant:
    """Return the document with `loan.requestedAmount`, the `derived.*` keys and `bank.abbToEmi`.

    Args:
        applicant: what is known.
        requested: the amount asked for.
        new_due: what the new loan takes from one month (EMI, or the whole due of a bullet loan);
            None: not priced yet, so no post-loan ratio.
        age_at_maturity: completed years on the last due date; None: not known.
        kyc_cap_remaining: what the yearly cap of OTP e-KYC leaves; None: not known.
        obligations: what the person already pays a month, as `eligibility.monthly_obligations`
            finds it; None: the larger of the bureau's sum and the statement's EMI debits, where a
            person without a credit history owes nothing by the bureau.
    """
    salary = _paise(applicant.get("income.netMonthlySalary"))
    household = _paise(applicant.get("income.householdAnnualIncome"))
    owed = _running(applicant) if obligations is None else obligations
    total = None if owed is None or new_due is None else owed + new_due
    values: Mapping[str, Value] = {
        "loan.requestedAmount": requested,
        "derived.preLoanFoirPct": _pct(owed, salary),
        "derived.postLoanFoirPct": _pct(total, salary),
        "derived.loanToSalaryPct": _pct(requested, salary),
        "derived.ageAtMaturity": age_at_maturity,
        "derived.isMicrofinance": None if household is None else household <= MICROFINANCE_LIMIT,
        "derived.householdFoirPct": _pct(None if total is None else total * 12, household),
        "derived.kycCapHeadroom": (
            None if kyc_cap_remaining is None else kyc_cap_remaining - requested
        ),
        "bank.abbToEmi": _times(_paise(applicant.get("bank.abb")), new_due),
    }
    # Old ratios must not outlive the facts or the request they came from.
    fresh = applicant.without(*values)
    known = {key: value for key, value in values.items() if value is not None}
    return fresh.with_data(Applicant.of(known, source="derived"))


def _running(applicant: Applicant) -> Paise | None:
    """Return the monthly obligations the reports show; None when neither report says."""
    by_bureau = _paise(applicant.get("bureau.monthlyObligations"))
    if by_bureau is None and applicant.get("bureau.isNtc") is True:
        by_bureau = 0
    by_bank = _paise(applicant.get("bank.emiDebits"))
    return max((paise for paise in (by_bureau, by_bank) if paise is not None), default=None)


def _paise(value: Value) -> Paise | None:
    return value if type(value) is int else None


def _pct(part: Paise | None, whole: Paise | None) -> Decimal | None:
    """Return part / whole in per cent; None when either is unknown or the whole is nothing."""
    if part is None or whole is None or whole <= 0:
        return None
    return Decimal(round_half_up(part * 10_000, whole)).scaleb(-2)


def _times(part: Paise | None, whole: Paise | None) -> Decimal | None:
    if part is None or whole is None or whole <= 0:
        return None
    return (Decimal(part) / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)
