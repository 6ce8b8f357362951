"""A bank statement as read, whether its own arithmetic proves it, and what it says of a borrower.

How a PDF or an account-aggregator answer becomes a `Statement` is an adapter's work; what single
narrations mean is in `narration`. Everything is computed from the rows: printed totals are only
compared with them. Amounts are paise, percentages have two decimals, rounded half up; a figure
the period is too short for is None, never 0.

Source: CAM formulas (median and average salary, variance, average balance on days
5/10/15/20/25/last).
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

import attrs

from los_core.domain import narration as words
from los_core.domain.applicant import Value
from los_core.domain.errors import DomainError
from los_core.domain.money import Paise, round_half_up
from los_core.domain.workdays import add_months, month_end

BALANCE_DAYS = (5, 10, 15, 20, 25)
"""Days of the month, with its last, whose closing balances make the average bank balance."""

FRESH_DAYS = 30
"""A statement that ends more than this many days ago says too little about today."""

LONGEST_DAYS = 1100
"""Nobody needs a statement of more than three years."""

RUNNING_DAYS = 45
"""A lender whose last instalment is older than this before the end is taken as repaid."""


class Reason(StrEnum):
    """Why a statement was refused; the customer is told in words kept by the brand."""

    PASSWORD_REQUIRED = "PASSWORD_REQUIRED"  # noqa: S105 - the name of a refusal
    PASSWORD_WRONG = "PASSWORD_WRONG"  # noqa: S105 - the name of a refusal
    SCANNED_IMAGE = "SCANNED_IMAGE"
    UNSUPPORTED_FORMAT = "UNSUPPORTED_FORMAT"
    DAMAGED = "DAMAGED"
    TOO_LARGE = "TOO_LARGE"
    TOO_COMPLEX = "TOO_COMPLEX"
    NO_TXN = "NO_TXN"
    BALANCE_UNPROVEN = "BALANCE_UNPROVEN"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    NAME_MISMATCH = "NAME_MISMATCH"


class UnreadableStatement(DomainError):
    """The file is not a statement we can rely on; `reason` says why, `details` repeats it."""

    code = "STATEMENT_UNREADABLE"

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message, details={"reason": reason.value})
        self.reason = reason


@attrs.frozen(kw_only=True)
class Row:
    """One entry: `debit` or `credit` is 0; `balance` is what the bank printed after it."""

    on: date
    narration: str = attrs.field(repr=False)
    debit: Paise
    credit: Paise
    balance: Paise


@attrs.frozen(kw_only=True)
class Statement:
    """Rows in the bank's order over a period, both days included.

    `opening` and `closing` are as printed, or follow from the first and last row where the bank
    prints none. `marks` are signs of tampering the reader saw in the file itself, such as
    METADATA_EDITED or TOTALS_MISMATCH. Raises: UnreadableStatement: OUT_OF_RANGE, for a period
    that ends before it begins or is longer than `LONGEST_DAYS`.
    """

    account_holder: str = attrs.field(repr=False)
    account_last4: str
    bank: str
    ifsc: str
    period_from: date
    period_to: date
    opening: Paise
    closing: Paise
    rows: tuple[Row, ...]
    marks: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not 0 <= (self.period_to - self.period_from).days <= LONGEST_DAYS:
            message = (
                f"the period must be at most {LONGEST_DAYS} days, and not end before it begins"
            )
            raise UnreadableStatement(Reason.OUT_OF_RANGE, message)


@attrs.frozen(kw_only=True)
class SalaryCredit:
    """A salary as it arrived; `employer` is empty where the narration does not name one."""

    on: date
    amount: Paise
    employer: str
    narration: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Obligation:
    """What one lender takes in a month: the median of the months in which it took anything."""

    lender: str
    monthly: Paise
    payments: int
    last_on: date


@attrs.frozen(kw_only=True)
class StatementSummary:
    """What the last months of a statement say.

    `salary_credits_count` counts credits, `median_salary` and `average_salary` are over them;
    `salary_day` is the commonest day, the later one on a tie; all four are None or empty without a
    salary. `obligations` are running loans only and `emi_monthly` is their sum. Bounces count
    returned debits once each, over the last 1, 3 and 6 months. `breaks` are the rows of the whole
    statement that arithmetic does not prove.
    """

    months_covered: int
    salary_credits: tuple[SalaryCredit, ...]
    median_salary: Paise | None
    average_salary: Paise | None
    salary_day: int | None
    salary_variance_pct: Decimal | None
    obligations: tuple[Obligation, ...]
    emi_monthly: Paise
    inward_bounces_1m: int | None
    inward_bounces_3m: int | None
    inward_bounces_6m: int | None
    average_balance: Paise | None
    negative_balance_days: int
    loan_credits_30d: int
    gambling_debits_pct: Decimal | None
    cash_deposits_pct: Decimal | None
    breaks: tuple[int, ...]
    marks: tuple[str, ...]

    @property
    def is_tampered(self) -> bool:
        """Return whether the arithmetic breaks or the file itself shows signs of editing."""
        return bool(self.breaks or self.marks)


def breaks(statement: Statement) -> tuple[int, ...]:
    """Return the indexes of rows whose balance is not the one before, less debit, plus credit.

    The first row is held against the opening balance; a closing balance unlike the last row's is
    reported as index `len(rows)`. Empty: every amount is proved.
    """
    found = []
    before = statement.opening
    for index, row in enumerate(statement.rows):
        if row.balance != before - row.debit + row.credit:
            found.append(index)
        before = row.balance
    if before != statement.closing:
        found.append(len(statement.rows))
    return tuple(found)


def require_period(statement: Statement, *, months: int, until: date) -> None:
    """Refuse a statement of fewer whole months than asked, or one that ended too long ago.

    Raises: UnreadableStatement: OUT_OF_RANGE.
    """
    covered = len(_windows(statement))
    if covered < months:
        message = f"the statement covers {covered} whole months, {months} are needed"
        raise UnreadableStatement(Reason.OUT_OF_RANGE, message)
    if statement.period_to < until - timedelta(days=FRESH_DAYS):
        message = f"the statement ends more than {FRESH_DAYS} days ago"
        raise UnreadableStatement(Reason.OUT_OF_RANGE, message)


def analyse(statement: Statement, *, months: int) -> StatementSummary:
    """Return what the last `months` months of a statement say; fewer are used if it has fewer."""
    start = max(statement.period_from, _months_back(statement.period_to, months))
    rows = [row for row in statement.rows if row.on >= start]
    salaries = _salaries(rows, statement.account_holder)
    amounts = [salary.amount for salary in salaries]
    obligations = _obligations(rows, statement.period_to)
    debits = sum(row.debit for row in rows)
    credits_ = sum(row.credit for row in rows)
    gambling = sum(row.debit for row in rows if words.is_gambling(row.narration))
    cash = sum(row.credit for row in rows if words.is_cash_deposit(row.narration))
    recent = statement.period_to - timedelta(days=30)
    return StatementSummary(
        months_covered=min(len(_windows(statement)), months),
        salary_credits=salaries,
        median_salary=_median(amounts),
        average_salary=_mean(amounts),
        salary_day=_usual_day(salaries),
        salary_variance_pct=_variance(amounts),
        obligations=obligations,
        emi_monthly=sum(obligation.monthly for obligation in obligations),
        inward_bounces_1m=_bounces(statement, 1),
        inward_bounces_3m=_bounces(statement, 3),
        inward_bounces_6m=_bounces(statement, 6),
        average_balance=_mean(list(_balances(statement, start))),
        negative_balance_days=_negative_days(statement, start),
        loan_credits_30d=sum(
            1 for row in rows if row.on > recent and row.credit and words.is_loan(row.narration)
        ),
        gambling_debits_pct=_share(gambling, debits),
        cash_deposits_pct=_share(cash, credits_),
        breaks=breaks(statement),
        marks=statement.marks,
    )


def applicant_values(summary: StatementSummary) -> dict[str, Value]:
    """Return the keys of the applicant document that a statement answers; None: it cannot say.

    `income.*` is answered only where a salary was found. `bank.abbToEmi` needs the new loan's
    instalment and is derived later.
    """
    return {
        "income.netMonthlySalary": summary.median_salary,
        "income.salaryMode": "BANK_TRANSFER" if summary.salary_credits else None,
        "income.salaryDay": summary.salary_day,
        "income.salaryVariancePct": summary.salary_variance_pct,
        "bank.monthsCovered": summary.months_covered,
        "bank.salaryCreditsCount": len(summary.salary_credits),
        "bank.abb": summary.average_balance,
        "bank.inwardBounces1m": summary.inward_bounces_1m,
        "bank.inwardBounces3m": summary.inward_bounces_3m,
        "bank.inwardBounces6m": summary.inward_bounces_6m,
        "bank.emiDebits": summary.emi_monthly,
        "bank.loanCredits30d": summary.loan_credits_30d,
        "bank.gamblingDebitsPct": summary.gambling_debits_pct,
        "bank.cashDepositPct": summary.cash_deposits_pct,
        "bank.tamperFlag": summary.is_tampered,
        "bank.negativeBalanceDays": summary.negative_balance_days,
    }


def _months_back(until: date, months: int) -> date:
    """Return the first day of the `months` months that end with `until`."""
    after = until + timedelta(days=1)
    return add_months(after, -months, anchor_day=after.day)


def _windows(statement: Statement) -> list[tuple[date, date]]:
    """Return the whole months of the period that have a row, latest first, as (from, before)."""
    days = [row.on for row in statement.rows]
    found = []
    end, back = statement.period_to + timedelta(days=1), 1
    while (start := _months_back(statement.period_to, back)) >= statement.period_from:
        if any(start <= day < end for day in days):
            found.append((start, end))
        end, back = start, back + 1
    return found


def _salaries(rows: Sequence[Row], holder: str) -> tuple[SalaryCredit, ...]:
    """Return salaries: credits that say so, and those of a payer who pays alike every month.

    Where any credit says so, only its payer's other credits count besides. A payer without the
    word must pay in two months or more, between day 25 and day 7, within 15 % of its median.
    """
    incomes = [
        row for row in rows if row.credit and words.may_be_salary(row.narration, holder=holder)
    ]
    named = [row for row in incomes if words.says_salary(row.narration)]
    by_payer: defaultdict[str, list[Row]] = defaultdict(list)
    for row in incomes:
        if not words.says_salary(row.narration) and (payer := words.payer(row.narration)):
            by_payer[payer.replace(" ", "")].append(row)
    payers = {words.payer(row.narration).replace(" ", "") for row in named} - {""}
    regular = [
        row
        for payer, paid in by_payer.items()
        if (payer in payers if named else _is_regular(paid))
        for row in _alike(paid, named or paid)
    ]
    return tuple(
        SalaryCredit(
            on=row.on,
            amount=row.credit,
            employer=words.payer(row.narration),
            narration=row.narration,
        )
        for row in sorted((*named, *regular), key=lambda row: row.on)
    )


def _is_regular(paid: Sequence[Row]) -> bool:
    alike = _alike(paid, paid)
    months = {(row.on.year, row.on.month) for row in alike}
    return len(months) >= 2 and len(alike) == len(paid)


def _alike(paid: Sequence[Row], like: Sequence[Row]) -> list[Row]:
    usual = _median([row.credit for row in like]) or 0
    return [
        row
        for row in paid
        if (row.on.day >= 25 or row.on.day <= 7) and abs(row.credit - usual) * 100 <= usual * 15
    ]


def _usual_day(salaries: Sequence[SalaryCredit]) -> int | None:
    days = Counter(salary.on.day for salary in salaries)
    return max(days, key=lambda day: (days[day], day), default=None)


def _variance(amounts: Sequence[Paise]) -> Decimal | None:
    return _share((max(amounts) - min(amounts)) * len(amounts), sum(amounts)) if amounts else None


def _obligations(rows: Sequence[Row], until: date) -> tuple[Obligation, ...]:
    # Names are told apart without blanks, which banks lose where they wrap a narration.
    by_lender: defaultdict[str, list[Row]] = defaultdict(list)
    spelt: dict[str, str] = {}
    for row in rows:
        if row.debit and (lender := words.lender(row.narration)):
            key = lender.replace(" ", "")
            by_lender[key].append(row)
            spelt[key] = max(spelt.get(key, ""), lender, key=len)
    found = []
    for key, paid in sorted(by_lender.items()):
        last = max(row.on for row in paid)
        if (until - last).days > RUNNING_DAYS:
            continue
        months: Counter[tuple[int, int]] = Counter()
        for row in paid:
            months[row.on.year, row.on.month] += row.debit
        monthly = _median(list(months.values())) or 0
        found.append(
            Obligation(lender=spelt[key], monthly=monthly, payments=len(paid), last_on=last)
        )
    return tuple(found)


def _bounces(statement: Statement, months: int) -> int | None:
    """Return returned debits: a charge and a reversal of the same day are the same bounce."""
    start = _months_back(statement.period_to, months)
    if start < statement.period_from:
        return None
    charged: Counter[date] = Counter()
    reversed_: Counter[date] = Counter()
    for row in statement.rows:
        if row.on >= start and words.is_bounce(row.narration):
            (charged if row.debit else reversed_)[row.on] += 1
    return sum((charged | reversed_).values())


def _closing(statement: Statement) -> tuple[list[date], list[Paise]]:
    """Return the days with entries and the balance each of them ended with."""
    ends = {row.on: row.balance for row in statement.rows}
    days = sorted(ends)
    return days, [ends[day] for day in days]


def _balances(statement: Statement, start: date) -> Iterator[Paise]:
    days, ends = _closing(statement)
    day = start
    while day <= statement.period_to:
        if day.day in BALANCE_DAYS or day == month_end(day):
            index = bisect_right(days, day)
            yield ends[index - 1] if index else statement.opening
        day += timedelta(days=1)


def _negative_days(statement: Statement, start: date) -> int:
    days, ends = _closing(statement)
    count = 0
    for offset in range((statement.period_to - start).days + 1):
        index = bisect_right(days, start + timedelta(days=offset))
        count += (ends[index - 1] if index else statement.opening) < 0
    return count


def _median(amounts: Sequence[Paise]) -> Paise | None:
    if not amounts:
        return None
    ordered, middle = sorted(amounts), len(amounts) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return round_half_up(ordered[middle - 1] + ordered[middle], 2)


def _mean(amounts: Sequence[Paise]) -> Paise | None:
    return round_half_up(sum(amounts), len(amounts)) if amounts else None


def _share(part: int, whole: int) -> Decimal | None:
    """Return part of whole in per cent with two decimals; None if the whole is nothing."""
    return Decimal(round_half_up(part * 10_000, whole)).scaleb(-2) if whole > 0 else None
