"""How much a person may borrow: the caps, the one that binds, and what feeds them.

Caps are exact and printed truncated to a paisa; the amount is the smallest cap floored to the
product's step. Offers per tenure are `offers`, the ratios that rules read `derived`, prices
`pricing`. Amounts are paise, incomes and obligations per month unless they say a year.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from los_core.domain.amortisation import annuity, level_instalment
from los_core.domain.errors import Invalid
from los_core.domain.kyc import KycMode
from los_core.domain.money import Paise, round_half_up, share

RUPEE: Final = 100


class Cap(StrEnum):
    """The limits, in the order in which the first of several smallest is named."""

    FOIR = "FOIR"
    CAPACITY = "CAPACITY"
    INCOME_MULTIPLE = "INCOME_MULTIPLE"
    PRODUCT_MAX = "PRODUCT_MAX"
    GRADE_CAP = "GRADE_CAP"
    EXPOSURE = "EXPOSURE"
    REQUESTED = "REQUESTED"
    KYC_CAP = "KYC_CAP"


class FoirMode(StrEnum):
    """NET_OF_OBLIGATIONS: a share of what obligations leave. STANDARD: a share less obligations."""

    NET_OF_OBLIGATIONS = "NET_OF_OBLIGATIONS"
    STANDARD = "STANDARD"


class Basis(StrEnum):
    """What has to fit a month's capacity of a bullet loan: the whole REPAYMENT or its PRINCIPAL."""

    REPAYMENT = "REPAYMENT"
    PRINCIPAL = "PRINCIPAL"


@attrs.frozen(kw_only=True)
class EmiCase:
    """What an instalment loan's limit depends on; None leaves a cap out.

    `rate_pct` is per cent a year. `income_multiple` and `exposure_multiple` count monthly incomes.
    """

    income: Paise
    obligations: Paise
    foir_cap_pct: Decimal
    rate_pct: Decimal
    months: int
    product_min: Paise
    product_max: Paise
    requested: Paise
    step: Paise
    income_multiple: Decimal | None = None
    grade_cap: Paise | None = None
    exposure_multiple: Decimal | None = None
    unsecured_outstanding: Paise = 0
    kyc_cap_remaining: Paise | None = None


@attrs.frozen(kw_only=True)
class BulletCase:
    """What a single-payment loan's limit depends on; None leaves a cap out.

    `rate_per_day_pct` is per cent a day, simple, over `days`.
    """

    salary: Paise
    obligations: Paise
    foir_cap_pct: Decimal
    rate_per_day_pct: Decimal
    days: int
    product_min: Paise
    product_max: Paise
    requested: Paise
    step: Paise
    mode: FoirMode = FoirMode.NET_OF_OBLIGATIONS
    basis: Basis = Basis.REPAYMENT
    grade_cap: Paise | None = None
    kyc_cap_remaining: Paise | None = None


@attrs.frozen(kw_only=True)
class Limit:
    """The answer: each cap truncated to a paisa, the binding one, and the amount.

    `capacity` is what a month leaves for this loan. Below the product's minimum `eligible` is
    False, `amount` 0 and `instalment` None; a bullet loan has no instalment either.
    """

    caps: Mapping[Cap, Paise]
    binding: Cap
    capacity: Paise
    amount: Paise
    eligible: bool
    instalment: Paise | None


def emi_limit(case: EmiCase) -> Limit:
    """Return the limit of an instalment loan; the instalment is rounded half up to a rupee.

    Source: eligibility rules, EMI product. Raises: Invalid: months or step below 1.
    """
    if case.months < 1:
        raise Invalid("a loan has at least one month", fields=(("months", "must be at least 1"),))
    room = max(Fraction(0), _share(case.income, case.foir_cap_pct) - case.obligations)
    rate = case.rate_pct.as_integer_ratio()
    dues, principal = annuity(1, rate, case.months)
    caps: dict[Cap, Fraction] = {Cap.FOIR: room * principal / dues}
    if case.income_multiple is not None:
        caps[Cap.INCOME_MULTIPLE] = case.income * Fraction(case.income_multiple)
    caps[Cap.PRODUCT_MAX] = Fraction(case.product_max)
    if case.grade_cap is not None:
        caps[Cap.GRADE_CAP] = Fraction(case.grade_cap)
    if case.exposure_multiple is not None:
        exposure = case.income * Fraction(case.exposure_multiple) - case.unsecured_outstanding
        caps[Cap.EXPOSURE] = max(Fraction(0), exposure)
    caps |= _asked(case.requested, case.kyc_cap_remaining)
    limit = _limit(caps, capacity=room, product_min=case.product_min, step=case.step)
    if not limit.eligible:
        return limit
    emi = level_instalment(limit.amount, rate, case.months, unit=RUPEE)
    return attrs.evolve(limit, instalment=emi)


def bullet_limit(case: BulletCase) -> Limit:
    """Return the limit of a loan paid back at once.

    Source: eligibility rules, bullet product. Raises: Invalid: days or step below 1.
    """
    if case.days < 1:
        raise Invalid("a loan has at least one day", fields=(("days", "must be at least 1"),))
    if case.mode is FoirMode.STANDARD:
        room = _share(case.salary, case.foir_cap_pct) - case.obligations
    else:
        room = _share(case.salary - case.obligations, case.foir_cap_pct)
    room = max(Fraction(0), room)
    growth = 1 + share(case.rate_per_day_pct) * case.days
    fits = room / growth if case.basis is Basis.REPAYMENT else room
    caps: dict[Cap, Fraction] = {Cap.CAPACITY: fits, Cap.PRODUCT_MAX: Fraction(case.product_max)}
    if case.grade_cap is not None:
        caps[Cap.GRADE_CAP] = Fraction(case.grade_cap)
    caps |= _asked(case.requested, case.kyc_cap_remaining)
    return _limit(caps, capacity=room, product_min=case.product_min, step=case.step)


FoirTable: TypeAlias = tuple[tuple[Paise | None, Mapping[str, Decimal]], ...]


def _foir_row(below: Paise | None, *pct: int) -> tuple[Paise | None, Mapping[str, Decimal]]:
    return below, MappingProxyType({city: Decimal(p) for city, p in zip("ABC", pct, strict=True)})


FOIR_TABLE: Final[FoirTable] = (
    _foir_row(25_000_00, 40, 35, 30),
    _foir_row(40_000_00, 45, 40, 35),
    _foir_row(60_000_00, 50, 45, 40),
    _foir_row(None, 55, 50, 45),
)
"""FOIR cap in per cent by net salary (each row below its amount) and city category A, B, C."""


def foir_cap_pct(
    salary: Paise, city_category: str | None, *, table: FoirTable = FOIR_TABLE
) -> Decimal:
    """Return the FOIR cap for a salary and city; an unknown city takes the strictest column.

    Per cent of net monthly salary (paise); `city_category` is A, B or C. Raises: Invalid: the table
    does not cover the salary. Source: rules page §6.
    """
    for below, by_city in table:
        if below is None or salary < below:
            return by_city.get(city_category or "", min(by_city.values()))
    raise Invalid("the FOIR table has no row for every salary")


@attrs.frozen(kw_only=True)
class Debt:
    """What one lender is paid each month, by each source; None: that source does not show it."""

    lender: str
    bureau_emi: Paise | None = None
    bank_emi: Paise | None = None
    closing: bool = False


CARD_SHARE_PCT: Final = Decimal(5)
"""Share of a card's outstanding that counts as its monthly due."""


def monthly_obligations(
    debts: Sequence[Debt], *, card_outstanding: Paise = 0, own_dues: Paise = 0
) -> Paise:
    """Return what a person already pays each month.

    Per lender the larger of the bureau's and the statement's sum of instalments, plus five per cent
    of card outstanding (half up to a paisa), plus dues to this lender. Debts this loan will close
    do not count. Names of lenders are compared as given: normalise before. Paise. Source: rules
    page §6.
    """
    bureau: dict[str, Paise] = {}
    bank: dict[str, Paise] = {}
    for debt in debts:
        if not debt.closing:
            bureau[debt.lender] = bureau.get(debt.lender, 0) + (debt.bureau_emi or 0)
            bank[debt.lender] = bank.get(debt.lender, 0) + (debt.bank_emi or 0)
    running = sum(max(emi, bank[lender]) for lender, emi in bureau.items())
    share = _share(card_outstanding, CARD_SHARE_PCT)
    return running + round_half_up(share.numerator, share.denominator) + own_dues


KYC_CAP: Final[Paise] = 60_000_00
"""Term loans a year for a customer known by Aadhaar OTP alone. Source: RBI KYC Direction, §17."""


@attrs.frozen(kw_only=True)
class KycLoan:
    """A term loan sanctioned earlier, with the identity check it rested on."""

    sanctioned_on: date
    amount: Paise
    kyc_mode: KycMode


@attrs.frozen(kw_only=True)
class KycCap:
    """What of the yearly cap is used and what is left; never below 0."""

    used: Paise
    remaining: Paise

    def allows(self, requested: Paise) -> bool:
        """Whether a further loan of this amount stays within the cap."""
        return requested <= self.remaining


def kyc_cap(loans: Sequence[KycLoan], as_of: date, *, cap: Paise = KYC_CAP) -> KycCap:
    """Return the state of the cap: OTP loans sanctioned later than one year before `as_of`.

    Whether the cap binds at all is the present identity check's matter (`KycMode.lifts_cap`).
    Paise. Source: RBI KYC Direction §17, example KYC-01.
    """
    since = _year_before(as_of)
    used = sum(
        loan.amount
        for loan in loans
        if loan.kyc_mode is KycMode.AADHAAR_OTP_NON_F2F and since < loan.sanctioned_on <= as_of
    )
    return KycCap(used=used, remaining=max(0, cap - used))


def _limit(
    caps: Mapping[Cap, Fraction], *, capacity: Fraction, product_min: Paise, step: Paise
) -> Limit:
    if step < 1:
        raise Invalid("a step is at least one paisa", fields=(("step", "must be at least 1"),))
    binding = min(caps, key=lambda cap: caps[cap])
    amount = int(caps[binding] // step) * step
    eligible = amount >= product_min and amount > 0
    return Limit(
        caps=MappingProxyType({cap: int(exact // 1) for cap, exact in caps.items()}),
        binding=binding,
        capacity=int(capacity // 1),
        amount=amount if eligible else 0,
        eligible=eligible,
        instalment=None,
    )


def _asked(requested: Paise, kyc_cap_remaining: Paise | None) -> dict[Cap, Fraction]:
    asked = {Cap.REQUESTED: Fraction(requested)}
    if kyc_cap_remaining is not None:
        asked[Cap.KYC_CAP] = Fraction(kyc_cap_remaining)
    return asked


def _share(amount: Paise, pct: Decimal) -> Fraction:
    return amount * share(pct)


def _year_before(day: date) -> date:
    """Return the same day a year earlier; 28 February for 29 February."""
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)
