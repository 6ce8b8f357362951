"""Reason codes in words: for staff as they are, for customers in plain and careful language.

A customer hears at most three principal reasons, never a value from a bureau report, and never that
a block list or a fraud check spoke: those are "internal policy". Which reasons apply is decided in
`bre` and `evaluation`; a brand's own wording is laid over these.
Source: RBI Fair Practices Code (reasons of a rejection are conveyed in writing).
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

INTERNAL_POLICY: Final = "Your application does not meet our internal policy."

_IDENTITY: Final = "We could not confirm your identity from the details given."
_REPAYMENT: Final = "Your credit history shows late, overdue or unpaid dues."
_ENQUIRIES: Final = "You have applied for credit many times recently."
_BORROWING: Final = "You have several loans running or taken recently."
_SHORT_HISTORY: Final = "Your credit history is too short for us to assess."
_EMPLOYMENT: Final = "Your present employment does not meet our criteria."
_BANKING: Final = "Your bank statement does not meet our criteria."
_AFFORD: Final = "Your income does not leave enough room for this loan's dues."

_WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "R001_KYC_PAN": ("PAN not verified", _IDENTITY),
        "R002_KYC_AADHAAR": ("Aadhaar not verified", _IDENTITY),
        "R003_NAME_MISMATCH": ("Name on PAN and Aadhaar differ", _IDENTITY),
        "R004_FACE_MISMATCH": ("Selfie does not match the Aadhaar photo", _IDENTITY),
        "R010_BLOCKLISTED": ("On the block list", INTERNAL_POLICY),
        "R011_ACTIVE_LOAN": (
            "Loan or application already open with this brand",
            "You already have a loan or an application with us.",
        ),
        "R012_GROUP_LOAN": ("Loan open with another brand of the lender", INTERNAL_POLICY),
        "R013_REAPPLY_WAIT": (
            "Rejected too recently to apply again",
            "Too little time has passed since your last application.",
        ),
        "R014_PRIOR_WRITE_OFF": (
            "Earlier loan with us written off",
            "An earlier loan with us was not repaid in full.",
        ),
        "R015_SETTLED_COOL_OFF": (
            "Earlier loan settled within the cool-off",
            "An earlier loan with us was not repaid in full.",
        ),
        "R016_SHARED_IDENTITY": ("Phone or account used by other customers", INTERNAL_POLICY),
        "R020_AGE": (
            "Age outside the band, now or at maturity",
            "Your age is outside the range for this loan.",
        ),
        "R021_LOW_SALARY": (
            "Net salary below the threshold",
            "Your monthly income is below our minimum.",
        ),
        "R022_SALARY_MODE": (
            "Salary not paid by bank transfer or cheque",
            "We lend to people whose salary is paid into a bank account.",
        ),
        "R023_PINCODE": (
            "Pincode not serviceable or negative",
            "We do not serve your area at present.",
        ),
        "R024_EMPLOYER": ("Employer category on the negative list", _EMPLOYMENT),
        "R025_COMPANY_TYPE": ("Company type not accepted", _EMPLOYMENT),
        "R026_JOB_VINTAGE": (
            "Too few months in the present job",
            "You have been in your present job for too short a time.",
        ),
        "R030_BUREAU_SCORE": (
            "Bureau score below the minimum",
            "Your credit score does not meet our criteria.",
        ),
        "R031_NTC": ("New to credit, which the brand does not accept", _SHORT_HISTORY),
        "R032_DPD_12M": ("Days past due in 12 months above the limit", _REPAYMENT),
        "R032B_DPD_24M": ("Days past due in 24 months above the limit", _REPAYMENT),
        "R033_DPD_RECENT": ("Days past due in 3 or 6 months above the limit", _REPAYMENT),
        "R034_WRITEOFF_SETTLED": ("Written-off or settled account in 36 months", _REPAYMENT),
        "R035_SUIT_FILED": ("Suit filed or wilful default reported", _REPAYMENT),
        "R036_OVERDUE": ("Amount overdue at other lenders above the limit", _REPAYMENT),
        "R037_ENQ_7D": ("Too many bureau enquiries in 7 days", _ENQUIRIES),
        "R037_ENQ_30D": ("Too many bureau enquiries in 30 days", _ENQUIRIES),
        "R037_ENQ_60D": ("Too many bureau enquiries in 60 days", _ENQUIRIES),
        "R037_ENQ_90D": ("Too many bureau enquiries in 90 days", _ENQUIRIES),
        "R038_ACTIVE_UNSECURED": ("Too many unsecured loans running", _BORROWING),
        "R039_SMALL_TICKET": ("Too many small personal loans running", _BORROWING),
        "R040_NEW_UNSECURED": ("Too many unsecured loans opened in 3 months", _BORROWING),
        "R041_BOUNCES": ("Too many inward bounces in 3 months", _BANKING),
        "R042_FOIR": ("Obligations with this loan above the FOIR cap", _AFFORD),
        "R043_VINTAGE": ("Credit history shorter than the minimum", _SHORT_HISTORY),
        "R044_TAMPER": ("Bank statement shows signs of tampering", INTERNAL_POLICY),
        "R045_STATEMENT_MONTHS": (
            "Bank statement covers too few months",
            "Your bank statement covers fewer months than we need.",
        ),
        "R046_LOAN_CREDITS": ("Loans credited in the last 30 days", _BORROWING),
        "R047_GAMBLING": ("Share of gambling debits above the limit", _BANKING),
        "R050_KYC_CAP": (
            "Above the yearly cap for Aadhaar OTP e-KYC",
            "The amount is above the yearly limit for customers verified by Aadhaar OTP alone.",
        ),
        "R051_MICROFINANCE": (
            "Microfinance household, which the brand does not accept",
            "We do not offer this loan at your household's income.",
        ),
        "R052_HOUSEHOLD_FOIR": ("Household obligations above half of its income", _AFFORD),
        "R060_LOW_SCORE": (
            "Evaluation score below the rejection line",
            "Your overall profile does not meet our credit criteria.",
        ),
        "R061_EPFO_MISMATCH": ("Employer differs from provident-fund records", _EMPLOYMENT),
        "R062_LOW_BALANCE": ("Average balance low against the instalment", _BANKING),
        "R063_MORE_FLAGS": ("More soft flags than allowed", INTERNAL_POLICY),
        "R070_REPORT_MISSING": (
            "A report could not be had",
            "We could not obtain the information needed to assess your application.",
        ),
    }
)

_ITEM_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "BUREAU_SCORE": "R030_BUREAU_SCORE",
        "MAX_DPD_12M": "R032_DPD_12M",
        "FOIR": "R042_FOIR",
        "NET_SALARY": "R021_LOW_SALARY",
        "EMPLOYMENT_MONTHS": "R026_JOB_VINTAGE",
        "ABB_TO_EMI": "R062_LOW_BALANCE",
        "BOUNCES_3M": "R041_BOUNCES",
        "UAN_MATCH": "R061_EPFO_MISMATCH",
        "ENQ_90D": "R037_ENQ_90D",
        "JOB_MONTHS": "R026_JOB_VINTAGE",
    }
)

REASON_CODES: Final = frozenset(_WORDS)


def staff_text(code: str) -> str:
    """Return the reason as staff read it; an unknown code (a brand's own) is its own text."""
    return _WORDS[code][0] if code in _WORDS else code


def customer_text(code: str, own_words: Mapping[str, str] | None = None) -> str:
    """Return the reason as the customer reads it.

    `own_words` is the brand's wording by code; a reason of a block list or a fraud check stays
    "internal policy" whatever the brand wrote. An unknown code without own words is that too.
    """
    built_in = _WORDS[code][1] if code in _WORDS else INTERNAL_POLICY
    if built_in == INTERNAL_POLICY and code in _WORDS:
        return INTERNAL_POLICY
    return (own_words or {}).get(code, built_in)


def principal_reasons(
    codes: Iterable[str], *, limit: int = 3, own_words: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Return at most `limit` different customer reasons, in the order of the codes.

    `own_words` are a brand's, by code; block lists and fraud are internal policy in any words.
    Source: loan lifecycle §1.8, Fair Practices Code (reasons in writing).
    """
    texts = dict.fromkeys(customer_text(code, own_words) for code in codes)
    return tuple(texts)[:limit]


def reason_of_item(item_code: str) -> str:
    """Return the reason code that a weak evaluation item stands for; unknown: the low score."""
    return _ITEM_REASONS.get(item_code, "R060_LOW_SCORE")
