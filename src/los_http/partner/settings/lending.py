"""What a brand lends, when nothing falls due, and whom it does no business with."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final

import attrs
import msgspec
from msgspec import Meta

from los_core.domain.blocklist import Block, BlockType, NewBlock
from los_core.domain.brand import NonRepaymentDate
from los_core.domain.charges import FeeRule
from los_core.domain.due_rules import AfterOneMonth, DueRule, FixedDay
from los_core.domain.offers import LoanProduct
from los_core.domain.policies import DayCount, Method, PenalPolicy, RateUnit
from los_core.domain.pricing import Product
from los_core.domain.record_kinds import BLOCKLIST, HOLIDAYS, PRODUCTS
from los_http.fields import Amount, Body, Code, Count, Day, Name, Percent
from los_http.records import Module, RecordView

Days = Annotated[int, Meta(ge=0, le=366)]
DayOfMonth = Annotated[int, Meta(ge=1, le=31)]


class FeeBody(Body):
    """A processing fee: per cent of the amount or a flat sum, within limits; null: no limit."""

    pct: Percent | None = None
    flat_paise: Amount | None = None
    min_paise: Amount | None = None
    max_paise: Amount | None = None


class PenalBody(Body):
    """What is charged on an overdue instalment, per day, after days of grace; null: no cap."""

    rate_per_day_pct: Percent = "0"
    grace_days: Days = 0
    max_per_instalment_paise: Amount | None = None


class LoanRuleBody(Body, kw_only=True):
    """A product: how much, how long, at what price.

    Tenures are instalments, or days for a bullet product. Without cycle days the instalments fall
    on the day of the credit. What a rule says of rates, fees and charges takes a second person.
    """

    code: Code
    name: Name
    min_amount_paise: Amount
    max_amount_paise: Amount
    step_paise: Amount
    tenures: Annotated[list[Count], Meta(min_length=1, max_length=60)]
    method: Method
    rate_pct: Percent
    rate_unit: RateUnit = RateUnit.ANNUAL
    fee: FeeBody
    penal: PenalBody = msgspec.field(default_factory=PenalBody)
    day_count: DayCount = DayCount.MONTHLY
    cycle_days: Annotated[list[DayOfMonth], Meta(max_length=31)] = msgspec.field(
        default_factory=list
    )
    min_first_gap_days: Annotated[int, Meta(ge=1, le=60)] = 15
    active: bool = True


class LoanRuleView(RecordView):
    """A product. No `cycleDays`: instalments fall by another rule."""

    code: str
    name: str
    min_amount_paise: int
    max_amount_paise: int
    step_paise: int
    tenures: list[int]
    method: Method
    rate_pct: str
    rate_unit: RateUnit
    fee: FeeBody
    penal: PenalBody
    day_count: DayCount
    cycle_days: list[int]
    min_first_gap_days: int | None
    active: bool


class HolidayBody(Body):
    """A day on which nothing falls due."""

    on: Day
    name: Name


class HolidayView(RecordView):
    """A day on which nothing falls due."""

    on: date
    name: str


class BlockBody(Body):
    """What is blocked; spaces, case, wide digits and +91 make no difference."""

    type: BlockType
    value: Annotated[str, Meta(min_length=1, max_length=200)]
    reason: Annotated[str, Meta(min_length=1, max_length=200)]
    expires_on: Day | None = None


class BlockView(RecordView):
    """An entry of the blocklist: the end of what is blocked, never the whole."""

    type: BlockType
    last4: str
    reason: str
    expires_on: date | None


def _loan_rule(body: LoanRuleBody, kept: LoanProduct | None) -> LoanProduct:
    """Return the product; what a body does not speak of stays as it is."""
    asked: dict[str, Any] = {
        "method": body.method,
        "rate_pct": Decimal(body.rate_pct),
        "rate_unit": body.rate_unit,
        "due_rule": _due_rule(body, kept),
        "fee_rule": FeeRule(
            pct=_decimal(body.fee.pct),
            flat=body.fee.flat_paise,
            minimum=body.fee.min_paise,
            maximum=body.fee.max_paise,
        ),
        "day_count": body.day_count,
    }
    known = PenalPolicy() if kept is None else kept.price.penal
    asked["penal"] = attrs.evolve(
        known,
        rate_per_day_pct=Decimal(body.penal.rate_per_day_pct),
        grace_days=body.penal.grace_days,
        max_per_instalment=body.penal.max_per_instalment_paise,
    )
    return LoanProduct(
        code=body.code,
        name=body.name,
        min_amount=body.min_amount_paise,
        max_amount=body.max_amount_paise,
        step=body.step_paise,
        tenures=tuple(sorted(set(body.tenures))),
        price=Product(**asked) if kept is None else attrs.evolve(kept.price, **asked),
        active=body.active,
    )


def _due_rule(body: LoanRuleBody, kept: LoanProduct | None) -> DueRule:
    if body.cycle_days:
        days = tuple(sorted(set(body.cycle_days)))
        return FixedDay(cycle_days=days, min_first_gap_days=body.min_first_gap_days)
    if kept is None or isinstance(kept.price.due_rule, FixedDay):
        return AfterOneMonth()
    return kept.price.due_rule


def loan_rule_fields(value: LoanProduct) -> dict[str, Any]:
    """Return a product's fields."""
    price, rule = value.price, value.price.due_rule
    fee, penal = price.fee_rule, price.penal
    fixed = rule if isinstance(rule, FixedDay) else None
    return {
        "code": value.code,
        "name": value.name,
        "min_amount_paise": value.min_amount,
        "max_amount_paise": value.max_amount,
        "step_paise": value.step,
        "tenures": list(value.tenures),
        "method": price.method,
        "rate_pct": _text(price.rate_pct),
        "rate_unit": price.rate_unit,
        "fee": FeeBody(
            pct=None if fee.pct is None else _text(fee.pct),
            flat_paise=fee.flat,
            min_paise=fee.minimum,
            max_paise=fee.maximum,
        ),
        "penal": PenalBody(
            rate_per_day_pct=_text(penal.rate_per_day_pct),
            grace_days=penal.grace_days,
            max_per_instalment_paise=penal.max_per_instalment,
        ),
        "day_count": price.day_count,
        "cycle_days": list(fixed.cycle_days) if fixed else [],
        "min_first_gap_days": fixed.min_first_gap_days if fixed else None,
        "active": value.active,
    }


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _text(value: Decimal) -> str:
    return format(value, "f")


def _holiday(body: HolidayBody, _: NonRepaymentDate | None) -> NonRepaymentDate:
    return NonRepaymentDate(on=body.on, name=body.name)


def holiday_fields(value: NonRepaymentDate) -> dict[str, Any]:
    """Return a holiday's fields."""
    return {"on": value.on, "name": value.name}


def _block(body: BlockBody, _: Block | None) -> Any:
    """Return what is asked; the entry that is kept of it is made where the hashing key is."""
    return NewBlock(
        type=body.type, value=body.value, reason=body.reason, expires_on=body.expires_on
    )


def block_fields(value: Block) -> dict[str, Any]:
    """Return an entry's fields."""
    return {
        "type": value.type,
        "last4": value.last4,
        "reason": value.reason,
        "expires_on": value.expires_on,
    }


MODULES: Final = (
    Module(
        kind=PRODUCTS,
        body=LoanRuleBody,
        view=LoanRuleView,
        read=_loan_rule,
        show=loan_rule_fields,
    ),
    Module(
        kind=HOLIDAYS,
        body=HolidayBody,
        view=HolidayView,
        read=_holiday,
        show=holiday_fields,
        verbs=("POST", "DELETE"),
    ),
    Module(
        kind=BLOCKLIST,
        body=BlockBody,
        view=BlockView,
        read=_block,
        show=block_fields,
        verbs=("POST", "DELETE"),
    ),
)
