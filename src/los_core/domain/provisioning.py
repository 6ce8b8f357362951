"""Provisions: how much of the principal outstanding a lender sets aside.

By asset class and regulatory layer, for unsecured loans. Which class a borrower is in is `arrears`;
LOSS is a decision of people. Expected credit loss under Ind-AS is not here.
Source: schedule maths §14, example PRV-01; RBI IRACP norms for NBFCs.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from los_core.domain.arrears import asset_class
from los_core.domain.errors import Invalid
from los_core.domain.money import Paise, checked, pct_of
from los_core.domain.policies import AssetClass


class Layer(StrEnum):
    """The regulatory layer of the lender; the base layer provides less for standard loans."""

    BASE = "NBFC_BL"
    MIDDLE = "NBFC_ML"
    UPPER = "NBFC_UL"


_A = AssetClass
_BAD: Final = {_A.SUB_STANDARD: Decimal(10), _A.DOUBTFUL: Decimal(100), _A.LOSS: Decimal(100)}
RATES_PCT: Final[Mapping[Layer, Mapping[AssetClass, Decimal]]] = MappingProxyType(
    {
        Layer.BASE: MappingProxyType({_A.STANDARD: Decimal("0.25"), **_BAD}),
        Layer.MIDDLE: MappingProxyType({_A.STANDARD: Decimal("0.40"), **_BAD}),
        Layer.UPPER: MappingProxyType({_A.STANDARD: Decimal("0.40"), **_BAD}),
    }
)
"""Per cent of the principal outstanding of an unsecured loan."""


def provision(
    principal: Paise,
    asset: AssetClass,
    layer: Layer = Layer.BASE,
    *,
    rates_pct: Mapping[AssetClass, Decimal] | None = None,
) -> Paise:
    """Return the provision on `principal`, paise, half up.

    `rates_pct` are a lender's own, which may exceed the norm and not fall below it.
    Raises: Invalid: a rate below the norm or above 100 per cent; InvalidMoney.
    """
    norm = RATES_PCT[layer][asset]
    rate = norm if rates_pct is None else rates_pct.get(asset, norm)
    if not norm <= rate <= 100:
        raise Invalid(f"the provision on {asset} is {norm} to 100 per cent, not {rate}")
    return pct_of(max(0, checked(principal, "principal")), rate)


@attrs.frozen(kw_only=True)
class Exposure:
    """A loan as provisions see it. `npa_since` is the borrower's; `loss`: people decided so."""

    principal: Paise
    npa_since: date | None
    loss: bool = False

    def asset_class(self, on: date) -> AssetClass:
        """Return the class at the end of a day."""
        return AssetClass.LOSS if self.loss else asset_class(self.npa_since, on)


@attrs.frozen(kw_only=True)
class Line:
    """A class of the provision report, paise."""

    asset: AssetClass
    count: int
    principal: Paise
    provision: Paise


def report(exposures: Iterable[Exposure], on: date, layer: Layer = Layer.BASE) -> tuple[Line, ...]:
    """Return a line for every class, best first; a book's provision is the sum loan by loan.

    Paise; each loan's provision rounds half up to a paisa by itself.
    """
    lines = {asset: [0, 0, 0] for asset in AssetClass}
    for each in exposures:
        line = lines[each.asset_class(on)]
        line[0] += 1
        line[1] += each.principal
        line[2] += provision(each.principal, each.asset_class(on), layer)
    return tuple(
        Line(asset=asset, count=count, principal=principal, provision=amount)
        for asset, (count, principal, amount) in lines.items()
    )
