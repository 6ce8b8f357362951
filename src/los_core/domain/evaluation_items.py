"""The items of evaluation V1 and a brand's lines: their form, documents and starting values.

How they are scored and what the score decides is `evaluation`. Band edges on money keys are paise.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final, Literal, Self, TypeAlias

import attrs

from los_core.domain.applicant import KEYS, Kind, value_document
from los_core.domain.errors import Invalid
from los_core.domain.rule import Operator, Rule, Threshold, complaints

Edge: TypeAlias = int | Decimal | None


class WhenMissing(StrEnum):
    """A missing value: ZERO scores 0, NEUTRAL 50; EXCLUDE drops it, REFER drops it and asks."""

    ZERO = "ZERO"
    NEUTRAL = "NEUTRAL"
    EXCLUDE = "EXCLUDE"
    REFER = "REFER"


@attrs.frozen
class Band:
    """Values from `low` (included) to `high` (excluded) score `score`; None: open."""

    low: Edge
    high: Edge
    score: Decimal


@attrs.frozen(kw_only=True)
class Item:
    """One criterion: BAND by `bands`, or BINARY (100 or 0) by `operator` and `threshold`.

    A score below `pass_score` puts the item on those of the two lists it is marked for.
    """

    code: str
    weight: Decimal
    field: str
    type: Literal["BAND", "BINARY"] = "BAND"
    bands: tuple[Band, ...] = ()
    operator: Operator | None = None
    threshold: Threshold = None
    pass_score: Decimal = Decimal(1)
    hard_reject: bool = False
    soft_flag: bool = False
    on_missing: WhenMissing = WhenMissing.REFER


@attrs.frozen(kw_only=True)
class Config:
    """A brand's items and lines, in per cent.

    The score is normalised by the weights, so they need not total 100 to run; they must to be saved
    (`require_full_weight`). Raises: Invalid: no items, codes twice, bands with a gap or an overlap,
    a test that does not fit its key, or a rejection line above the approval line.
    """

    items: tuple[Item, ...]
    approve_at: Decimal = Decimal(75)
    reject_below: Decimal = Decimal(50)
    min_coverage_pct: Decimal = Decimal(70)
    max_soft_flags: int = 1
    version: int = 1

    def __attrs_post_init__(self) -> None:
        wrong = list(_config_complaints(self))
        if wrong:
            raise Invalid("the evaluation items are not well formed", fields=wrong)

    def document(self) -> dict[str, object]:
        """Return the JSON-ready form."""
        return {
            "items": [_item_document(item) for item in self.items],
            "approveAt": f"{self.approve_at:f}",
            "rejectBelow": f"{self.reject_below:f}",
            "minCoveragePct": f"{self.min_coverage_pct:f}",
            "maxSoftFlags": self.max_soft_flags,
            "version": self.version,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the config of a document. Raises: Invalid."""
        try:
            return cls(
                items=tuple(_item_from_document(each) for each in document["items"]),
                approve_at=Decimal(document["approveAt"]),
                reject_below=Decimal(document["rejectBelow"]),
                min_coverage_pct=Decimal(document["minCoveragePct"]),
                max_soft_flags=int(document["maxSoftFlags"]),
                version=int(document["version"]),
            )
        except (KeyError, ValueError, TypeError, ArithmeticError) as err:
            raise Invalid(f"not an evaluation config: {err!r}") from err


def require_full_weight(config: Config) -> None:
    """Refuse a config whose weights do not total 100. Raises: Invalid."""
    if (total := sum(item.weight for item in config.items)) != 100:
        says = f"the weights total {total}, and must total 100"
        raise Invalid(says, fields=(("weight", says),))


def _config_complaints(config: Config) -> Iterable[tuple[str, str]]:
    codes = [item.code for item in config.items]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield code, "is there twice"
    if not config.items:
        yield "items", "there must be at least one"
    if config.reject_below > config.approve_at:
        yield "rejectBelow", "must not lie above approveAt"
    for item in config.items:
        if item.weight <= 0:
            yield item.code, "needs a weight above 0"
        yield from ((item.code, says) for says in _item_complaints(item))


def _item_complaints(item: Item) -> Iterable[str]:
    key = KEYS.get(item.field)
    if key is None:
        yield f"reads {item.field}, which is no key of the applicant document"
    elif item.type == "BINARY":
        if item.operator is None:
            yield "needs an operator"
            return
        yield from complaints(
            Rule(
                code=item.code,
                priority=0,
                field=item.field,
                operator=item.operator,
                threshold=item.threshold,
                reason_code=item.code,
            )
        )
    elif key.kind not in {Kind.MONEY, Kind.COUNT, Kind.NUMBER}:
        yield f"has bands, and {item.field} is no number"
    else:
        edges = [(band.low, band.high) for band in item.bands]
        joined = all(high is not None and high == low for (_, high), (low, _) in pairwise(edges))
        rising = all(low < high for low, high in edges if low is not None and high is not None)
        if not edges or edges[0][0] is not None or edges[-1][1] is not None:
            yield "needs bands that are open below and above"
        elif not joined or not rising:
            yield "has bands with a gap or an overlap"
        if any(not 0 <= band.score <= 100 for band in item.bands):
            yield "has a score outside 0 to 100"


def _item_document(item: Item) -> dict[str, object]:
    many = isinstance(item.threshold, tuple)
    return {
        "code": item.code,
        "weight": f"{item.weight:f}",
        "field": item.field,
        "type": item.type,
        "bands": [
            {
                "min": value_document(band.low),
                "max": value_document(band.high),
                "score": f"{band.score:f}",
            }
            for band in item.bands
        ],
        "operator": item.operator.value if item.operator else None,
        "threshold": [value_document(each) for each in item.threshold]  # type: ignore[union-attr]  # a tuple here
        if many
        else value_document(item.threshold),  # type: ignore[arg-type]  # and none here
        "passScore": f"{item.pass_score:f}",
        "hardReject": item.hard_reject,
        "softFlag": item.soft_flag,
        "onMissing": item.on_missing.value,
    }


def _item_from_document(document: Mapping[str, Any]) -> Item:
    kind = document.get("type", "BAND")
    if kind not in {"BAND", "BINARY"}:
        raise ValueError(f"an item is BAND or BINARY, not {kind!r}")
    operator = document.get("operator")
    # A rule's reader knows how a threshold of each kind of key is written.
    test = Rule.from_document(
        {
            "code": document["code"],
            "priority": 0,
            "field": document["field"],
            "operator": operator or Operator.IS_TRUE,
            "threshold": document.get("threshold"),
            "reasonCode": document["code"],
        }
    )
    return Item(
        code=document["code"],
        weight=Decimal(document["weight"]),
        field=document["field"],
        type=kind,
        bands=tuple(
            Band(_edge(each["min"]), _edge(each["max"]), Decimal(each["score"]))
            for each in document.get("bands") or ()
        ),
        operator=Operator(operator) if operator else None,
        threshold=test.threshold,
        pass_score=Decimal(document.get("passScore", 1)),
        hard_reject=bool(document.get("hardReject", False)),
        soft_flag=bool(document.get("softFlag", False)),
        on_missing=WhenMissing(document.get("onMissing", WhenMissing.REFER)),
    )


def _edge(raw: object) -> Edge:
    """Return a band's edge: None open, a whole number as it is, text as a decimal."""
    if raw is None or type(raw) is int:
        return raw
    if not isinstance(raw, str):
        raise TypeError(f"a band's edge is a whole number or text, not {raw!r}")
    return Decimal(raw)


def _band_item(
    code: str,
    weight: int,
    field: str,
    bands: Iterable[tuple[Edge, int]],
    **rest: Any,
) -> Item:
    """Return a BAND item from (upper edge, score) pairs in rising order; the last edge is None."""
    low: Edge = None
    built = []
    for high, score in bands:
        built.append(Band(low, high, Decimal(score)))
        low = high
    return Item(code=code, weight=Decimal(weight), field=field, bands=tuple(built), **rest)


DEFAULT_CONFIG: Final = Config(
    items=(
        _band_item(
            "BUREAU_SCORE",
            25,
            "bureau.score",
            [(600, 0), (650, 30), (700, 60), (750, 80), (None, 100)],
            on_missing=WhenMissing.NEUTRAL,
            hard_reject=True,
        ),
        _band_item(
            "MAX_DPD_12M",
            15,
            "bureau.maxDpd12m",
            [(1, 100), (16, 60), (30, 30), (None, 0)],
            on_missing=WhenMissing.NEUTRAL,
            hard_reject=True,
        ),
        _band_item(
            "FOIR",
            15,
            "derived.postLoanFoirPct",
            [(35, 100), (50, 70), (60, 40), (None, 0)],
            on_missing=WhenMissing.ZERO,
            soft_flag=True,
            pass_score=Decimal(40),
        ),
        _band_item(
            "NET_SALARY",
            10,
            "income.netMonthlySalary",
            [(25_000_00, 20), (40_000_00, 60), (75_000_00, 80), (None, 100)],
            on_missing=WhenMissing.ZERO,
        ),
        _band_item(
            "EMPLOYMENT_MONTHS",
            10,
            "employment.monthsInCurrentJob",
            [(6, 20), (12, 50), (36, 80), (None, 100)],
            on_missing=WhenMissing.EXCLUDE,
        ),
        _band_item(
            "ABB_TO_EMI",
            10,
            "bank.abbToEmi",
            [(Decimal("0.5"), 10), (1, 40), (2, 75), (None, 100)],
            on_missing=WhenMissing.EXCLUDE,
        ),
        _band_item(
            "BOUNCES_3M",
            10,
            "bank.inwardBounces3m",
            [(1, 100), (3, 60), (None, 0)],
            on_missing=WhenMissing.REFER,
            soft_flag=True,
            pass_score=Decimal(60),
        ),
        Item(
            code="UAN_MATCH",
            weight=Decimal(5),
            field="employment.epfoEmployerMatch",
            type="BINARY",
            operator=Operator.IS_TRUE,
            on_missing=WhenMissing.EXCLUDE,
            soft_flag=True,
            pass_score=Decimal(100),
        ),
    )
)
"""Starting items and lines of a brand."""
