"""The choices a loan's terms are made of: small enumerations and policy values.

Values only, with their own checks. What they do to money is in `schedule`, `charges`,
`allocation`, `foreclosure` and `fold`; the whole contract that holds them is `terms.Terms`.
"""

from decimal import Decimal
from enum import StrEnum
from functools import cached_property

import attrs

from los_core.domain.errors import InvalidMoney, InvalidTerms
from los_core.domain.money import Paise, checked
from los_core.domain.waterfall import Waterfall, across

MAX_RATE_PCT = Decimal(1000)
RATE_DECIMALS = 6
_MOST_DIGITS = 20


class Method(StrEnum):
    """How interest and principal are spread. Source: schedule maths §3."""

    REDUCING = "REDUCING"
    """Level instalments (or stepped ones) on a reducing balance."""
    FLAT = "FLAT"
    """Interest on the whole principal for the whole term, in equal parts."""
    BULLET = "BULLET"
    """One repayment of principal and interest."""
    EQUAL_PRINCIPAL = "EQUAL_PRINCIPAL"
    """Principal in equal parts, interest on what is left: falling instalments."""
    INTEREST_ONLY = "INTEREST_ONLY"
    """Interest each period, the whole principal with the last instalment."""


class RateUnit(StrEnum):
    """What a rate is per cent per; a daily rate is 1/365 of the annual one."""

    ANNUAL = "ANNUAL"
    DAILY = "DAILY"


class DayCount(StrEnum):
    """How days become a fraction of a year. Source: schedule maths §2."""

    ACT_365 = "ACT_365"
    ACT_360 = "ACT_360"
    ACT_364 = "ACT_364"
    THIRTY_360 = "30_360"
    """ISDA bond basis."""
    THIRTY_E_360 = "30E_360"
    """Eurobond basis: a 31st is a 30th at both ends."""
    THIRTY_365 = "30_365"
    """Days as in 30_360, a year of 365."""
    ACT_ACT = "ACT_ACT"
    MONTHLY = "30_360_MONTHLY"
    """Every regular period is the same share of a year, a month one twelfth: the standard EMI."""


class BrokenPeriod(StrEnum):
    """What happens to the days before the first full month. Source: schedule maths §4."""

    ADD_TO_FIRST = "ADD_TO_FIRST"
    DEDUCT_UPFRONT = "DEDUCT_UPFRONT"
    ACTUAL = "ACTUAL"


class ShiftRule(StrEnum):
    """Where a due date on a non-repayment date goes. Source: schedule maths §5."""

    NONE = "NONE"
    FOLLOWING = "FOLLOWING"
    MODIFIED_FOLLOWING = "MODIFIED_FOLLOWING"
    PRECEDING = "PRECEDING"
    MODIFIED_PRECEDING = "MODIFIED_PRECEDING"


class InterestOnShift(StrEnum):
    """Whether interest runs to the contract date or to the shifted one."""

    UNADJUSTED = "UNADJUSTED"
    ADJUSTED = "ADJUSTED"


class PostDueInterest(StrEnum):
    """What earns contract interest after its due date. Source: schedule maths §9."""

    NONE = "NONE"
    ON_PRINCIPAL = "ON_PRINCIPAL"
    ON_OVERDUE_EMI = "ON_OVERDUE_EMI"


class GraceMode(StrEnum):
    """Whether penal days start after the grace days or, once those are missed, at the due date."""

    AFTER_GRACE = "AFTER_GRACE"
    FROM_DUE = "FROM_DUE"


class Supply(StrEnum):
    """The place of supply against the lender's state: decides between IGST and CGST + SGST."""

    INTER_STATE = "INTER_STATE"
    INTRA_STATE = "INTRA_STATE"


class ChargeKind(StrEnum):
    """The charges a loan may carry; a kind outside this list cannot be posted."""

    BOUNCE = "BOUNCE"
    PENAL = "PENAL"
    FORECLOSURE = "FORECLOSURE"
    OTHER = "OTHER"


class Component(StrEnum):
    """What a paisa of a receipt pays."""

    INTEREST = "INTEREST"
    PRINCIPAL = "PRINCIPAL"
    PENAL = "PENAL"
    BOUNCE = "BOUNCE"
    FORECLOSURE = "FORECLOSURE"
    OTHER = "OTHER"


class AssetClass(StrEnum):
    """The asset class of a borrower by the age of the NPA; LOSS is decided by people."""

    STANDARD = "STANDARD"
    SUB_STANDARD = "SUB_STANDARD"
    DOUBTFUL = "DOUBTFUL"
    LOSS = "LOSS"


class AllocationMode(StrEnum):
    """VERTICAL clears the oldest instalment whole; HORIZONTAL one component across all."""

    VERTICAL = "VERTICAL"
    HORIZONTAL = "HORIZONTAL"


class ChargesPosition(StrEnum):
    """Whether charges are paid before the instalments due or after them."""

    FIRST = "FIRST"
    LAST = "LAST"


def rate(value: Decimal) -> Decimal:
    """Return a rate in one spelling (24.0 becomes 24), so that equal terms hash alike.

    What is no finite decimal, or far beyond any rate, comes back as it is, for `checked_rate` to
    refuse.
    """
    if not isinstance(value, Decimal) or not value.is_finite() or value.adjusted() > _MOST_DIGITS:
        return value
    spelled = value.normalize()
    return spelled.quantize(Decimal(1)) if int(spelled.as_tuple().exponent) > 0 else spelled


def checked_rate(value: object, what: str) -> None:
    """Refuse a rate that is no finite Decimal in [0, 1000) with at most six decimals.

    Raises: InvalidTerms.
    """
    if not isinstance(value, Decimal) or not value.is_finite():
        raise InvalidTerms(f"{what} must be a finite decimal, not {value!r}")
    if not 0 <= value < MAX_RATE_PCT:
        raise InvalidTerms(f"{what} must lie from 0 to below {MAX_RATE_PCT} per cent, not {value}")
    if -int(value.as_tuple().exponent) > RATE_DECIMALS:
        raise InvalidTerms(f"{what} has more than {RATE_DECIMALS} decimals: {value}")


def checked_paise(value: object, what: str) -> None:
    """Refuse an amount that is no whole number of paise from zero up. Raises: InvalidTerms."""
    try:
        paise = checked(value, what)
    except InvalidMoney as err:
        raise InvalidTerms(err.message) from err
    if paise < 0:
        raise InvalidTerms(f"{what} must not be negative, not {paise} paise")


@attrs.frozen(kw_only=True)
class PenalPolicy:
    """Penal charges on an overdue instalment. Source: RBI penal charges circular, 18-Aug-2023.

    The base is the instalment's unpaid principal and interest, never a charge. `rate_per_day_pct`
    is per cent per day. A cap of None does not limit; with both caps the lower one holds.
    """

    rate_per_day_pct: Decimal = attrs.field(default=Decimal(0), converter=rate)
    grace_days: int = 0
    grace_mode: GraceMode = GraceMode.AFTER_GRACE
    max_per_instalment: Paise | None = None
    max_pct_of_instalment: Decimal | None = attrs.field(
        default=None, converter=attrs.converters.optional(rate)
    )

    def __attrs_post_init__(self) -> None:
        checked_rate(self.rate_per_day_pct, "penal rate per day")
        if self.grace_days < 0:
            raise InvalidTerms(f"grace days must not be negative, not {self.grace_days}")
        if self.max_per_instalment is not None:
            checked_paise(self.max_per_instalment, "penal cap per instalment")
        if self.max_pct_of_instalment is not None:
            checked_rate(self.max_pct_of_instalment, "penal cap as a share of the instalment")


@attrs.frozen(kw_only=True)
class Tax:
    """GST in per cent per kind of charge, and the place of supply.

    Interest and penal charges carry none. Source: schedule maths §6, CBIC circular 245/02/2025.
    """

    supply: Supply = Supply.INTER_STATE
    processing_pct: Decimal = attrs.field(default=Decimal(18), converter=rate)
    foreclosure_pct: Decimal = attrs.field(default=Decimal(18), converter=rate)
    bounce_pct: Decimal = attrs.field(default=Decimal(0), converter=rate)
    other_pct: Decimal = attrs.field(default=Decimal(18), converter=rate)

    def __attrs_post_init__(self) -> None:
        for what in ("processing_pct", "foreclosure_pct", "bounce_pct", "other_pct"):
            checked_rate(getattr(self, what), f"GST {what}")

    def pct(self, kind: ChargeKind) -> Decimal:
        """Return the GST rate of a charge kind."""
        rates = {
            ChargeKind.BOUNCE: self.bounce_pct,
            ChargeKind.FORECLOSURE: self.foreclosure_pct,
            ChargeKind.OTHER: self.other_pct,
        }
        return rates.get(kind, Decimal(0))


@attrs.frozen(kw_only=True)
class Gst:
    """GST of one charge in paise: either IGST alone, or equal CGST and SGST."""

    cgst: Paise = 0
    sgst: Paise = 0
    igst: Paise = 0

    @property
    def total(self) -> Paise:
        """All three together."""
        return self.cgst + self.sgst + self.igst


@attrs.frozen(kw_only=True)
class ProcessingFee:
    """The upfront fee as worked out at sanction: gross less discount is net; GST is on net."""

    gross: Paise = 0
    discount: Paise = 0
    gst: Gst = attrs.field(factory=Gst)

    def __attrs_post_init__(self) -> None:
        checked_paise(self.gross, "processing fee")
        checked_paise(self.discount, "processing fee discount")
        checked_paise(self.gst.total, "GST on the processing fee")
        if self.discount > self.gross:
            raise InvalidTerms(f"a discount of {self.discount} exceeds the fee of {self.gross}")

    @property
    def net(self) -> Paise:
        """The fee charged, before GST."""
        return self.gross - self.discount

    @property
    def total(self) -> Paise:
        """The fee charged with its GST: what is withheld from the disbursal."""
        return self.net + self.gst.total


@attrs.frozen(kw_only=True)
class AllocationPolicy:
    """In which order a receipt pays what is due. Source: schedule maths §10.

    `waterfall` says it in full and replaces the other fields; `by_class` replaces it in turn while
    the borrower is of an asset class, such as principal first once the loan is NPA.
    """

    mode: AllocationMode = AllocationMode.VERTICAL
    charges: ChargesPosition = ChargesPosition.LAST
    components: tuple[Component, ...] = (Component.INTEREST, Component.PRINCIPAL)
    charge_order: tuple[ChargeKind, ...] = (ChargeKind.BOUNCE, ChargeKind.PENAL, ChargeKind.OTHER)
    waterfall: Waterfall | None = None
    by_class: tuple[tuple[AssetClass, Waterfall], ...] = ()

    def __attrs_post_init__(self) -> None:
        if sorted(self.components) != [Component.INTEREST, Component.PRINCIPAL]:
            raise InvalidTerms(
                f"allocation needs INTEREST and PRINCIPAL once, not {self.components}"
            )
        if sorted(self.charge_order) != [ChargeKind.BOUNCE, ChargeKind.OTHER, ChargeKind.PENAL]:
            raise InvalidTerms(
                f"allocation needs BOUNCE, PENAL and OTHER once each, not {self.charge_order}"
            )
        if len({named for named, _ in self.by_class}) < len(self.by_class):
            raise InvalidTerms("allocation names an asset class once")

    def waterfall_for(self, asset_class: AssetClass) -> Waterfall:
        """Return the steps that money goes down while the borrower is of `asset_class`."""
        for named, steps in self.by_class:
            if named is asset_class:
                return steps
        return self.waterfall or self._spelled_out

    def pays_ahead(self, asset_class: AssetClass) -> bool:
        """Return whether money left over pays instalments to come: only a waterfall says so."""
        steps = self.waterfall_for(asset_class)
        return steps is not self._spelled_out and steps.pays_ahead

    @cached_property
    def _spelled_out(self) -> Waterfall:
        """Mode, position and orders as steps; charges by kind, each across all instalments."""
        charges = [(kind.value,) for kind in self.charge_order]
        names = tuple(component.value for component in self.components)
        vertical = self.mode is AllocationMode.VERTICAL
        scheduled = [names] if vertical else [(name,) for name in names]
        first = self.charges is ChargesPosition.FIRST
        return across([*charges, *scheduled] if first else [*scheduled, *charges])


@attrs.frozen(kw_only=True)
class ForeclosurePolicy:
    """The fee for closing early, in per cent of outstanding principal.

    Taken only if `disclosed` in KFS and agreement and not `exempt` (the law forbids it: floating
    rate to an individual, microfinance). Source: schedule maths §12.
    """

    fee_pct: Decimal = attrs.field(default=Decimal(0), converter=rate)
    disclosed: bool = False
    exempt: bool = False

    def __attrs_post_init__(self) -> None:
        checked_rate(self.fee_pct, "foreclosure fee")

    @property
    def applicable_pct(self) -> Decimal:
        """The per cent that may be charged: zero where the law or the disclosure forbids it."""
        return self.fee_pct if self.disclosed and not self.exempt else Decimal(0)


@attrs.frozen(kw_only=True)
class CoolingOff:
    """The look-up period: `days` after the credit date, to the end of the last of them.

    `keeps_fee` holds only where the KFS disclosed it. Source: RBI Digital Lending Directions 2025.
    """

    days: int = 3
    keeps_fee: bool = True

    def __attrs_post_init__(self) -> None:
        if self.days < 1:
            raise InvalidTerms(f"the cooling-off period is at least one day, not {self.days}")
