"""The credit appraisal memo: what the executive saw, and the figures that follow from it.

A memo is computed from its inputs and nothing else, so a stored one can be recomputed; the priced
figures are given to it (`pricing` made them). Versions, and that none changes after sanction, are
the service's matter. Percentages are half up to two decimals, of the median salary.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, Self

import attrs

from los_core.domain.eligibility import Debt, monthly_obligations
from los_core.domain.errors import Invalid
from los_core.domain.money import Paise, round_half_up

ON_TIME_DAYS: Final = 5
"""A salary is on time if it comes within this many days of the usual one."""

LARGEST: Final = 200
"""Most entries any list of a memo may have."""


class Band3(StrEnum):
    """A judgement in three steps."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


@attrs.frozen
class SalaryCredit:
    """One salary as the statement shows it."""

    on: date
    amount: Paise


@attrs.frozen(kw_only=True)
class Priced:
    """What the recommended loan costs, as priced; money in paise, APR in per cent a year.

    `instalment` is the EMI; None: the loan is paid back at once, and its whole principal counts
    against the month's income.
    """

    tenure_days: int
    interest: Paise
    repayment: Paise
    processing_fee: Paise
    gst: Paise
    net_disbursal: Paise
    apr_pct: Decimal
    instalment: Paise | None = None


@attrs.frozen(kw_only=True)
class CamInputs:
    """What goes into a memo.

    `balances` are those of days 5, 10, 15, 20, 25 and the last; an empty tuple: no statement.
    `debts` count as in `eligibility.monthly_obligations`. `grade` is the risk profile. `deviations`
    are remarks on rules departed from, each with its approver's name in the text.
    """

    employer: str
    age: int
    city_category: str | None
    salary_credits: tuple[SalaryCredit, ...]
    debts: tuple[Debt, ...]
    balances: tuple[Paise, ...]
    months_in_job: int | None
    loan_applied: Paise
    loan_recommended: Paise
    eligible_foir_pct: Decimal
    priced: Priced
    card_outstanding: Paise = 0
    own_dues: Paise = 0
    next_pay_on: date | None = None
    is_ntc: bool = False
    has_payday_loans: bool = False
    has_delay_over_30_days: bool = False
    end_use: str = ""
    grade: str | None = None
    deviations: tuple[str, ...] = ()
    field_visit: str | None = None
    remarks: str = ""

    def __attrs_post_init__(self) -> None:
        wrong = list(_complaints(self))
        if wrong:
            raise Invalid("the memo's figures are not complete", fields=wrong)

    def document(self) -> dict[str, object]:
        """Return the JSON-ready form."""
        return {name: _plain(value) for name, value in attrs.asdict(self, recurse=True).items()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the inputs of a document. Raises: Invalid."""
        given = dict(document)
        try:
            pay_on = given.get("next_pay_on")
            given |= {
                "salary_credits": tuple(
                    SalaryCredit(date.fromisoformat(each["on"]), each["amount"])
                    for each in given["salary_credits"]
                ),
                "debts": tuple(Debt(**each) for each in given["debts"]),
                "balances": tuple(given["balances"]),
                "deviations": tuple(given.get("deviations", ())),
                "eligible_foir_pct": Decimal(given["eligible_foir_pct"]),
                "next_pay_on": date.fromisoformat(pay_on) if pay_on else None,
                "priced": Priced(
                    **{**given["priced"], "apr_pct": Decimal(given["priced"]["apr_pct"])}
                ),
            }
            return cls(**given)
        except (KeyError, TypeError, ValueError, ArithmeticError) as err:
            raise Invalid(f"not a memo's inputs: {err!r}") from err


@attrs.frozen(kw_only=True)
class Cam:
    """A memo: its inputs and what follows. Percentages have two decimals.

    `foir_deviation_pct` above 0 needs an approval one level up. `average_balance` and `abb_to_emi`
    are None without balances; `job_stability` is None when the months are not known.
    """

    inputs: CamInputs
    median_salary: Paise
    average_salary: Paise
    salary_variance_pct: Decimal
    salary_variance_band: Band3
    salary_on_time: bool
    obligations: Paise
    existing_foir_pct: Decimal
    final_foir_pct: Decimal
    foir_deviation_pct: Decimal
    average_balance: Paise | None
    abb_to_emi: Decimal | None
    job_stability: Band3 | None

    @property
    def needs_deviation_approval(self) -> bool:
        """Whether the final FOIR lies above what the person is eligible for."""
        return self.foir_deviation_pct > 0

    def document(self) -> dict[str, object]:
        """Return the JSON-ready form, inputs included."""
        figures = {
            field.name: _plain(getattr(self, field.name))
            for field in attrs.fields(Cam)
            if field.name != "inputs"
        }
        return {"inputs": self.inputs.document(), **figures}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Cam":
        """Return the stored memo, recomputed from its inputs.

        Raises: Invalid: it does not come out as stored, so the document was altered.
        """
        cam = compute(CamInputs.from_document(document["inputs"]))
        if cam.document() != document:
            raise Invalid("the memo does not follow from its inputs")
        return cam


def compute(inputs: CamInputs) -> Cam:
    """Return the memo of these inputs; money in paise, per cents half up to two decimals.

    Of an even number of salaries the median is the mean of the middle two, half up to a paisa.
    Source: appraisal rules of the credit policy, rules page §7, example CAM-01.
    """
    amounts = sorted(credit.amount for credit in inputs.salary_credits)
    total, count = sum(amounts), len(amounts)
    median = round_half_up(amounts[(count - 1) // 2] + amounts[count // 2], 2)
    variance = _pct(Fraction((amounts[-1] - amounts[0]) * count, total))
    owed = monthly_obligations(
        inputs.debts, card_outstanding=inputs.card_outstanding, own_dues=inputs.own_dues
    )
    priced = inputs.priced
    new_due = inputs.loan_recommended if priced.instalment is None else priced.instalment
    final = _pct(Fraction(new_due + owed, median))
    balance = None
    if inputs.balances:
        balance = round_half_up(sum(inputs.balances), len(inputs.balances))
    return Cam(
        inputs=inputs,
        median_salary=median,
        average_salary=round_half_up(total, count),
        salary_variance_pct=variance,
        salary_variance_band=_band(variance, low=10, medium=25),
        salary_on_time=_on_time(inputs.salary_credits),
        obligations=owed,
        existing_foir_pct=_pct(Fraction(owed, median)),
        final_foir_pct=final,
        foir_deviation_pct=final - inputs.eligible_foir_pct,
        average_balance=balance,
        abb_to_emi=None if balance is None else _two_places(Fraction(balance, new_due)),
        job_stability=None
        if inputs.months_in_job is None
        else _band(Decimal(inputs.months_in_job), low=6, medium=12),
    )


def _on_time(credits: Sequence[SalaryCredit]) -> bool:  # noqa: A002 - salary credits, not the built-in
    """Return whether every salary came within five days of the usual day of the month.

    The usual day is the most frequent, of several the middle one. In a short month the 31st is its
    last day, and the 1st lies one day after the last of the month before.
    """
    tally = Counter(credit.on.day for credit in credits)
    most = max(tally.values())
    tied = sorted(day for day, times in tally.items() if times == most)
    usual = tied[(len(tied) - 1) // 2]
    return all(
        min(abs((_day(credit.on, shift, usual) - credit.on).days) for shift in (-1, 0, 1))
        <= ON_TIME_DAYS
        for credit in credits
    )


def _day(on: date, shift: int, day: int) -> date:
    """Return a day of the month `shift` months from `on`, or that month's last if it is shorter."""
    year, month = divmod(on.year * 12 + on.month - 1 + shift, 12)
    following = date(year + month // 11, (month + 1) % 12 + 1, 1)
    last = (following - date(year, month + 1, 1)).days
    return date(year, month + 1, min(day, last))


def _band(value: Decimal, *, low: int, medium: int) -> Band3:
    return Band3.LOW if value <= low else Band3.MEDIUM if value <= medium else Band3.HIGH


def _pct(part: Fraction) -> Decimal:
    return _two_places(part * 100)


def _two_places(exact: Fraction) -> Decimal:
    return Decimal(round_half_up(exact.numerator * 100, exact.denominator)).scaleb(-2)


def _complaints(inputs: CamInputs) -> Sequence[tuple[str, str]]:
    wrong = []
    if not inputs.salary_credits:
        wrong.append(("salary_credits", "needs at least one salary"))
    if any(credit.amount <= 0 for credit in inputs.salary_credits):
        wrong.append(("salary_credits", "a salary is more than zero"))
    if inputs.loan_recommended <= 0:
        wrong.append(("loan_recommended", "must be more than zero"))
    if inputs.priced.instalment is not None and inputs.priced.instalment <= 0:
        wrong.append(("priced", "an instalment is more than zero"))
    if not inputs.eligible_foir_pct.is_finite():
        wrong.append(("eligible_foir_pct", "must be a number"))
    lists = (inputs.salary_credits, inputs.debts, inputs.balances, inputs.deviations)
    if any(len(each) > LARGEST for each in lists):
        wrong.append(("inputs", f"a list has at most {LARGEST} entries"))
    return wrong


def _plain(value: object) -> object:
    """Return the JSON-ready form of a field of a memo."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(inner) for inner in value]
    return value
