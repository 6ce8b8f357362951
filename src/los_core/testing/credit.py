"""Hypothesis strategies for what credit is decided with: products, limits, engines, lines.

Only values the domain accepts come out; amounts lie between one thousand rupees and fifty lakh.
Applicants and rules are `testing.decisions`, terms and facts `testing.money`.
"""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from los_core.domain.applicant import KEYS, Kind
from los_core.domain.charges import Discount, FeeRule
from los_core.domain.due_rules import (
    AfterOneMonth,
    DueRule,
    FixedDay,
    SalaryDate,
    TenureDays,
)
from los_core.domain.eligibility import Basis, BulletCase, Debt, EmiCase, FoirMode, KycLoan
from los_core.domain.evaluation_items import Band, Config, Item, WhenMissing
from los_core.domain.kyc import KycMode
from los_core.domain.loan_rule import LoanRule
from los_core.domain.money import Paise
from los_core.domain.offers import LoanProduct
from los_core.domain.policies import DayCount, Method, RateUnit
from los_core.domain.pricing import Product
from los_core.domain.scorecard_model import Attribute, Bin, Calibration, Model
from los_core.testing import money

NUMERIC = sorted(
    key.name for key in KEYS.values() if key.kind in (Kind.MONEY, Kind.COUNT, Kind.NUMBER)
)
UNREVIEWED = [name for name in NUMERIC if not name.startswith("address.")]


def amounts(least: Paise = 1_000_00, most: Paise = 50_00_000_00) -> st.SearchStrategy[Paise]:
    """Paise from `least` to `most`, both included."""
    return st.integers(least, most)


def codes() -> st.SearchStrategy[str]:
    """Codes as brands give them: capitals, digits and an underscore."""
    return st.from_regex(r"[A-Z][A-Z0-9_]{2,10}", fullmatch=True)


@st.composite
def fee_rules(draw: st.DrawFn) -> FeeRule:
    """Fees of a per cent within limits, or flat ones."""
    if draw(st.booleans()):
        return FeeRule(flat=draw(st.integers(0, 5_000_00)))
    least, most = sorted(draw(st.tuples(st.integers(0, 1_000_00), st.integers(0, 9_000_00))))
    limits = draw(st.sampled_from([(None, None), (least, None), (None, most), (least, most)]))
    return FeeRule(pct=draw(money.rates(5)), minimum=limits[0], maximum=limits[1])


def discounts() -> st.SearchStrategy[Discount]:
    """Discounts of a per cent, capped or not, or of a flat amount."""
    capped = st.builds(Discount, pct=money.rates(100), cap=st.none() | st.integers(0, 2_000_00))
    return capped | st.builds(Discount, flat=st.integers(0, 2_000_00))


def due_rules() -> st.SearchStrategy[DueRule]:
    """Rules for the first due date of a monthly loan."""
    days = st.lists(st.integers(1, 31), min_size=1, max_size=3, unique=True).map(tuple)
    return st.just(AfterOneMonth()) | st.builds(
        FixedDay, cycle_days=days, min_first_gap_days=st.integers(1, 30)
    )


def products() -> st.SearchStrategy[Product]:
    """Price lists of monthly loans and of loans repaid at once."""
    monthly = st.builds(
        Product,
        method=st.sampled_from([Method.REDUCING, Method.FLAT, Method.EQUAL_PRINCIPAL]),
        rate_pct=money.rates(36),
        due_rule=due_rules(),
        fee_rule=fee_rules(),
        day_count=st.just(DayCount.MONTHLY),
        rounding=money.roundings(),
        penal=money.penal_policies(),
        allocation=money.allocation_policies(),
    )
    salary_days = st.builds(
        SalaryDate, salary_day=st.integers(1, 31), offset_days=st.integers(0, 5)
    )
    bullet = st.builds(
        Product,
        method=st.just(Method.BULLET),
        rate_pct=money.rates(1, places=3),
        rate_unit=st.just(RateUnit.DAILY),
        due_rule=st.builds(TenureDays, days=st.integers(7, 90)) | salary_days,
        fee_rule=fee_rules(),
        day_count=st.just(DayCount.ACT_365),
    )
    return monthly | bullet


@st.composite
def loan_products(draw: st.DrawFn) -> LoanProduct:
    """Products of a brand: a price list with the amounts and tenures it is for."""
    price = draw(products())
    least, most = sorted(draw(st.tuples(amounts(), amounts())))
    bullet = price.method is Method.BULLET
    tenures = st.integers(7, 90) if bullet else st.integers(1, 60)
    return LoanProduct(
        code=draw(codes()),
        name="Salary loan" if bullet else "Personal loan",
        min_amount=least,
        max_amount=most,
        step=draw(st.sampled_from([100, 500_00, 1_000_00])),
        tenures=tuple(sorted(draw(st.sets(tenures, min_size=1, max_size=4)))),
        price=price,
    )


@st.composite
def loan_rules(draw: st.DrawFn) -> LoanRule:
    """Bounds for a product and a grade."""
    low, high = sorted(draw(st.tuples(amounts(), amounts())))
    short, long = sorted(draw(st.tuples(st.integers(1, 60), st.integers(1, 60))))
    cheap, dear = sorted(draw(st.tuples(money.rates(40), money.rates(40))))
    return LoanRule(
        product=draw(codes()),
        grade=draw(st.sampled_from("ABCDE")),
        min_amount=low,
        max_amount=high,
        min_tenure=short,
        max_tenure=long,
        min_rate_pct=cheap,
        max_rate_pct=dear,
        max_fee_pct=draw(money.rates(5)),
    )


def debts() -> st.SearchStrategy[Debt]:
    """What one lender is paid, by the bureau, the statement or both."""
    dues = st.none() | st.integers(0, 50_000_00)
    return st.builds(
        Debt,
        lender=st.sampled_from(["ALPHA BANK", "BETA FINANCE", "GAMMA CREDIT"]),
        bureau_emi=dues,
        bank_emi=dues,
        closing=st.booleans(),
    )


@st.composite
def emi_cases(draw: st.DrawFn) -> EmiCase:
    """What the limit of an instalment loan depends on."""
    least, most = sorted(draw(st.tuples(amounts(), amounts())))
    caps = st.none() | amounts()
    return EmiCase(
        income=draw(amounts(10_000_00, 5_00_000_00)),
        obligations=draw(st.integers(0, 2_00_000_00)),
        foir_cap_pct=draw(money.rates(100)),
        rate_pct=draw(money.rates(48)),
        months=draw(st.integers(1, 84)),
        product_min=least,
        product_max=most,
        requested=draw(amounts()),
        step=draw(st.sampled_from([100, 500_00, 1_000_00])),
        income_multiple=draw(st.none() | money.rates(12)),
        grade_cap=draw(caps),
        exposure_multiple=draw(st.none() | money.rates(24)),
        unsecured_outstanding=draw(st.integers(0, 10_00_000_00)),
        kyc_cap_remaining=draw(st.none() | st.integers(0, 60_000_00)),
    )


@st.composite
def bullet_cases(draw: st.DrawFn) -> BulletCase:
    """What the limit of a loan repaid at once depends on."""
    least, most = sorted(draw(st.tuples(amounts(), amounts())))
    return BulletCase(
        salary=draw(amounts(10_000_00, 5_00_000_00)),
        obligations=draw(st.integers(0, 2_00_000_00)),
        foir_cap_pct=draw(money.rates(100)),
        rate_per_day_pct=draw(money.rates(1, places=3)),
        days=draw(st.integers(1, 90)),
        product_min=least,
        product_max=most,
        requested=draw(amounts()),
        step=draw(st.sampled_from([100, 500_00])),
        mode=draw(st.sampled_from(FoirMode)),
        basis=draw(st.sampled_from(Basis)),
        grade_cap=draw(st.none() | amounts()),
        kyc_cap_remaining=draw(st.none() | st.integers(0, 60_000_00)),
    )


def kyc_loans(first: date = money.EPOCH) -> st.SearchStrategy[KycLoan]:
    """Earlier loans of a person, sanctioned within two years from `first`."""
    return st.builds(
        KycLoan,
        sanctioned_on=money.dates(first),
        amount=amounts(1_000_00, 60_000_00),
        kyc_mode=st.sampled_from(KycMode),
    )


@st.composite
def evaluation_configs(draw: st.DrawFn) -> Config:
    """Evaluations of one to five banded items, with lines that do not cross."""
    names = draw(st.lists(st.sampled_from(NUMERIC), min_size=1, max_size=5, unique=True))
    reject, approve = sorted(draw(st.tuples(st.integers(0, 100), st.integers(0, 100))))
    return Config(
        items=tuple(_item(draw, f"ITEM_{number}", name) for number, name in enumerate(names)),
        approve_at=Decimal(approve),
        reject_below=Decimal(reject),
        min_coverage_pct=draw(money.rates(100)),
        max_soft_flags=draw(st.integers(0, 5)),
    )


def _item(draw: st.DrawFn, code: str, field: str) -> Item:
    edges: list[Any] = [None, *_edges(draw), None]
    score = st.integers(0, 100).map(Decimal)
    return Item(
        code=code,
        weight=Decimal(draw(st.integers(1, 50))),
        field=field,
        bands=tuple(Band(low, high, draw(score)) for low, high in pairwise(edges)),
        pass_score=draw(score),
        hard_reject=draw(st.booleans()),
        soft_flag=draw(st.booleans()),
        on_missing=draw(st.sampled_from(WhenMissing)),
    )


@st.composite
def scorecards(draw: st.DrawFn) -> Model:
    """Scorecards of one to five attributes that need no fairness review."""
    names = draw(st.lists(st.sampled_from(UNREVIEWED), min_size=1, max_size=5, unique=True))
    return Model(
        version=draw(codes()),
        base_score=Decimal(draw(st.integers(300, 800))),
        base_odds=Decimal(draw(st.integers(1, 60))),
        pdo=Decimal(draw(st.integers(10, 80))),
        intercept=draw(_weights()),
        attributes=tuple(
            _attribute(draw, f"ATTR_{number}", name) for number, name in enumerate(names)
        ),
        calibration=draw(st.just(Calibration()) | st.builds(Calibration, a=_weights())),
        max_reasons=draw(st.integers(1, 4)),
    )


def _attribute(draw: st.DrawFn, code: str, field: str) -> Attribute:
    edges = [None, *map(Decimal, _edges(draw)), None]
    return Attribute(
        code=code,
        field=field,
        beta=-draw(st.integers(1, 200).map(lambda n: Decimal(n).scaleb(-2))),
        bins=tuple(Bin(low=low, high=high, woe=draw(_weights())) for low, high in pairwise(edges)),
        missing_woe=draw(_weights()),
    )


def _edges(draw: st.DrawFn) -> list[int]:
    return sorted(draw(st.sets(st.integers(0, 1000), max_size=4)))


def _weights() -> st.SearchStrategy[Decimal]:
    return st.integers(-300, 300).map(lambda n: Decimal(n).scaleb(-2))
