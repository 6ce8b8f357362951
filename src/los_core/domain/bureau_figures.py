"""The `bureau.*` figures of the applicant document, computed alike for every bureau.

The vendor's own summary is never read: it differs between bureaus. A figure the report does not
support is None, never 0; where a bureau answers that there are no accounts, counts and sums are 0,
for that is what it said. Which figures are too bad is for `bre`; the report itself is `bureau`.

Whose accounts count: individual, joint, unknown and authorised-user ones. An authorised user pays
no instalments, so those are left out of obligations, outstanding and utilisation. What a person
guarantees, and accounts of the deceased, are in the report and not in these figures. Telephone
bills are no loans.

Windows: enquiries are counted back from the bureau's date, all else from `as_of`. A window of N
months is the unfinished month of `as_of` and the N whole months before it.

Source: credit report schema, derivation rules; rules page §1 (keys). Marked [ours]: what neither
says – product defaults for accounts whose lender reports no instalment.
"""

import calendar
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from los_core.domain.applicant import Value
from los_core.domain.bureau import CreditReport, Enquiry, Frequency, Mark, Outcome, Tradeline
from los_core.domain.bureau import Ownership as Own
from los_core.domain.bureau_types import Product
from los_core.domain.money import Paise, pct_of, round_half_up

SMALL_TICKET: Final[Paise] = 50_000_00
"""A personal loan below this counts as small."""

CARD_MINIMUM_PCT: Final = Decimal(5)
"""What a month takes of a credit card's balance. Source: rules page §6."""

_THIN_SCORE = 10  # scores up to 10 say why a person could not be scored


def derive(report: CreditReport, *, as_of: date, pincode: str = "") -> dict[str, Value]:
    """Return every `bureau.*` key of the applicant document; amounts in paise.

    Args:
        report: as read from a bureau.
        as_of: the business date of the decision, from which ages are counted.
        pincode: of the applicant's residence, "" if not known: then `addressMatch` is None.
    """
    own = [line for line in report.tradelines if _counts(line)]
    active = [line for line in own if line.open]
    unsecured = [line for line in active if not line.kind.secured]
    paid = liable(report)
    return {
        "bureau.score": _score(report),
        "bureau.isNtc": _is_new_to_credit(report),
        "bureau.vintageMonths": _vintage(own, as_of),
        "bureau.activeLoans": len(active),
        "bureau.activeUnsecuredLoans": len(unsecured),
        "bureau.activePersonalLoansUnder50k": sum(_is_small_personal(line) for line in active),
        "bureau.totalOverdueAmount": _total(own, [line.overdue for line in own]),
        **{f"bureau.maxDpd{n}m": _max_dpd(own, as_of, months=n) for n in (3, 6, 12, 24, 36)},
        "bureau.currentDpd": _current_dpd(own, as_of),
        "bureau.writtenOffSettled36m": sum(_recently_lost(line, as_of) for line in own),
        "bureau.suitFiledWilful": any(
            line.marks & {Mark.SUIT_FILED, Mark.WILFUL_DEFAULT} for line in own
        ),
        **{f"bureau.enquiries{n}d": _enquiries(report, days=n) for n in (7, 30, 60, 90)},
        "bureau.unsecuredOpened3m": sum(
            not line.kind.secured and _is_since(line.opened_on, _months_before(as_of, 3))
            for line in own
        ),
        "bureau.monthlyObligations": _obligations(paid, as_of),
        "bureau.unsecuredOutstanding": _total(
            [line for line in paid if not line.kind.secured],
            [line.balance for line in paid if not line.kind.secured],
        ),
        "bureau.ccUtilPct": _card_utilisation(paid),
        "bureau.addressMatch": _address_match(report, pincode),
    }


def liable(report: CreditReport) -> list[Tradeline]:
    """Return the open accounts the person pays for, of which obligations are made."""
    return [
        line
        for line in report.tradelines
        if _counts(line) and line.open and line.ownership is not Own.AUTHORISED_USER
    ]


def monthly_due(line: Tradeline, *, as_of: date) -> Paise | None:
    """Return what an open account takes from one month, half up to a paisa; None if unknown.

    A card takes five per cent of its balance. An instalment is brought to months by its frequency;
    a bullet loan's amount is spread over the months left. Without a reported instalment it is the
    level instalment on the balance over the tenure left, at the reported rate and tenure, else the
    product's default [ours]. Nothing is due on a balance of nothing, nor, as an instalment, on an
    account that was written off, settled or sold.
    """
    if not line.open or line.marks & {Mark.WRITTEN_OFF, Mark.SETTLED, Mark.SOLD}:
        return 0
    if line.balance is not None and line.balance <= 0:
        return 0
    if line.kind.product is Product.CARD:
        return line.emi if line.balance is None else pct_of(line.balance, CARD_MINIMUM_PCT)
    left = _months_left(line, as_of)
    if line.emi is not None and line.emi > 0:
        return _per_month(line.emi, line.frequency or Frequency.MONTHLY, months_left=left)
    principal = line.sanctioned if line.balance is None else line.balance
    return None if principal is None else _level_instalment(principal, _rate(line), left)


# -- whose account, which score ------------------------------------------------------------


def _counts(line: Tradeline) -> bool:
    return (
        line.ownership not in {Own.GUARANTOR, Own.DECEASED}
        and line.kind.product is not Product.TELECOM
    )


def _score(report: CreditReport) -> int | None:
    score = report.score
    return score if score is not None and score > _THIN_SCORE else None


def _is_new_to_credit(report: CreditReport) -> bool:
    if report.outcome in {Outcome.NO_HIT, Outcome.NTC}:
        return True
    score = report.score
    return score is not None and score <= _THIN_SCORE


def _is_small_personal(line: Tradeline) -> bool:
    amount = line.sanctioned if line.sanctioned is not None else line.high_credit
    return line.kind.product is Product.PERSONAL and amount is not None and amount < SMALL_TICKET


# -- time ------------------------------------------------------------------------------------


def _months_before(day: date, months: int) -> date:
    """Return the same day `months` earlier, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _completed_months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def _month_age(month: str, as_of: date) -> int:
    """Return how many months before the month of `as_of` a "YYYY-MM" lies."""
    return as_of.year * 12 + as_of.month - int(month[:4]) * 12 - int(month[5:7])


def _is_since(day: date | None, start: date) -> bool:
    return day is not None and day >= start


def _vintage(lines: Iterable[Tradeline], as_of: date) -> int | None:
    opened = [line.opened_on for line in lines if line.opened_on is not None]
    return max(0, _completed_months(min(opened), as_of)) if opened else None


# -- behaviour -------------------------------------------------------------------------------


def _max_dpd(lines: list[Tradeline], as_of: date, *, months: int) -> int | None:
    """Return the worst days past due within the window.

    None: nothing is known of it – no account, or none that ran in the window has a figure.
    0 where every account had been closed before the window began.
    """
    seen = [
        entry.dpd
        for line in lines
        for entry in line.history
        if entry.dpd is not None and _month_age(entry.month, as_of) <= months
    ]
    if seen:
        return max(seen)
    start = _months_before(as_of.replace(day=1), months)
    ended = [
        not line.open and line.closed_on is not None and line.closed_on < start for line in lines
    ]
    return 0 if ended and all(ended) else None


def _current_dpd(lines: list[Tradeline], as_of: date) -> int | None:
    """Return the worst of the accounts' newest reported months, none older than three months."""
    newest = [
        next((entry for entry in line.history if entry.dpd is not None), None) for line in lines
    ]
    recent = [
        entry.dpd
        for entry in newest
        if entry is not None and entry.dpd is not None and _month_age(entry.month, as_of) <= 3
    ]
    if recent:
        return max(recent)
    return 0 if lines and all(not line.open for line in lines) else None


def _recently_lost(line: Tradeline, as_of: date) -> bool:
    """Return whether the account was written off or settled in the last 36 months.

    Bureaus need not tell when: then the closing date counts, then the last report; without any
    date it counts as recent.
    """
    if not line.marks & {Mark.WRITTEN_OFF, Mark.SETTLED}:
        return False
    day = line.marks_since or line.closed_on or line.reported_on
    return day is None or day >= _months_before(as_of, 36)


def _enquiries(report: CreditReport, *, days: int) -> int:
    """Count enquiries of the last `days` days; one lender's on one day are one."""
    start = report.bureau_date - timedelta(days=days)
    recent = [enquiry for enquiry in report.enquiries if enquiry.made_on >= start]
    return len({_same_enquiry(index, enquiry) for index, enquiry in enumerate(recent)})


def _same_enquiry(index: int, enquiry: Enquiry) -> tuple[date, str, int]:
    """Return what makes enquiries one; hidden lenders may all be different, so each counts."""
    lender = enquiry.lender.strip().upper()
    return (enquiry.made_on, lender, -1 if lender else index)


# -- money -----------------------------------------------------------------------------------


def _total(lines: list[Tradeline], amounts: list[Paise | None]) -> Paise | None:
    """Sum what is known, a credit balance as nothing; None if there are lines and none tells."""
    known = [amount for amount in amounts if amount is not None]
    if lines and not known:
        return None
    return sum(max(0, amount) for amount in known)


def _obligations(lines: list[Tradeline], as_of: date) -> Paise | None:
    return _total(lines, [monthly_due(line, as_of=as_of) for line in lines])


def _card_utilisation(lines: list[Tradeline]) -> Decimal | None:
    """Return balances over limits of open cards, per cent, half up to 2 decimals."""
    cards = [
        (max(0, line.balance), limit)
        for line in lines
        if line.kind.product is Product.CARD
        and line.balance is not None
        and (limit := line.credit_limit or line.high_credit or 0) > 0
    ]
    limits = sum(limit for _, limit in cards)
    if not limits:
        return None
    used = sum(balance for balance, _ in cards)
    return Decimal(round_half_up(used * 10_000, limits)).scaleb(-2)


def _address_match(report: CreditReport, pincode: str) -> bool | None:
    known = {address.pincode for address in report.addresses if address.pincode}
    return pincode in known if pincode and known else None


# -- instalments -------------------------------------------------------------------------------

_PER_YEAR: Final[Mapping[Frequency, int]] = MappingProxyType(
    {
        Frequency.DAILY: 365,
        Frequency.WEEKLY: 52,
        Frequency.FORTNIGHTLY: 26,
        Frequency.MONTHLY: 12,
        Frequency.QUARTERLY: 4,
        Frequency.HALF_YEARLY: 2,
        Frequency.YEARLY: 1,
    }
)

# (months, per cent a year) where a lender reports neither [ours].
_DEFAULTS: Final[Mapping[Product, tuple[int, Decimal]]] = MappingProxyType(
    {
        Product.PERSONAL: (24, Decimal(18)),
        Product.HOUSING: (180, Decimal(9)),
        Product.PROPERTY: (120, Decimal(11)),
        Product.AUTO: (48, Decimal(10)),
        Product.TWO_WHEELER: (24, Decimal(14)),
        Product.CONSUMER: (9, Decimal(16)),
        Product.GOLD: (12, Decimal(12)),
        Product.BUSINESS: (36, Decimal(16)),
        Product.MICROFINANCE: (24, Decimal(24)),
        Product.EDUCATION: (84, Decimal(11)),
        Product.OVERDRAFT: (12, Decimal(14)),
    }
)
_DEFAULT: Final = (24, Decimal(18))
_LONGEST: Final = 1200  # months: no loan runs longer, whatever a report says


def _months_left(line: Tradeline, as_of: date) -> int:
    tenure = line.tenure_months or _DEFAULTS.get(line.kind.product, _DEFAULT)[0]
    gone = _completed_months(line.opened_on, as_of) if line.opened_on is not None else 0
    return min(_LONGEST, max(1, tenure - max(0, gone)))


def _rate(line: Tradeline) -> Decimal:
    if line.rate_pct is not None and line.rate_pct >= 0:
        return line.rate_pct
    return _DEFAULTS.get(line.kind.product, _DEFAULT)[1]


def _per_month(emi: Paise, frequency: Frequency, *, months_left: int) -> Paise:
    if frequency in _PER_YEAR:
        return round_half_up(emi * _PER_YEAR[frequency], 12)
    return round_half_up(emi, months_left)


def _level_instalment(principal: Paise, rate_pct: Decimal, months: int) -> Paise:
    """Return the level monthly instalment, half up to a paisa."""
    if rate_pct == 0:
        return round_half_up(principal, months)
    with localcontext(prec=40):
        monthly = rate_pct / 1200
        factor = (1 + monthly) ** months
        exact = Fraction(principal * monthly * factor / (factor - 1))
    return round_half_up(exact.numerator, exact.denominator)
