"""Two lenders on one loan: shares, the blended rate, the split of what comes in, and deadlines.

The borrower sees one loan at one rate; here is who funds and who receives what. The first-loss
guarantee of a pool is `dlg`; each loan's own money is still the fold's. A peer-to-peer platform is
no co-lender: its arrangement is marked so, and the co-lending rules do not apply to it.
Sources: co-lending rules (operations §6); RBI Co-Lending Arrangements Directions 2025, in force
from 1-Jan-2026 (each keeps at least a tenth, fifteen days to transfer, blended rate, one class).
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from los_core.domain.errors import Invalid, InvalidMoney
from los_core.domain.money import Paise, checked, pct_of, positive, round_half_up
from los_core.domain.policies import Component, checked_rate
from los_core.domain.workdays import add_working_days

LEAST_SHARE_PCT: Final = Decimal(10)
TRANSFER_DAYS: Final = 15
_FOUR_PLACES: Final = Decimal("0.0001")
_CHARGES: Final = frozenset(Component) - {Component.PRINCIPAL, Component.INTEREST}


class ArrangementType(StrEnum):
    """What the parties are to each other: co-lenders, platform and lenders, seller and buyer."""

    CLA = "CLA"
    P2P = "P2P"
    DA = "DA"

    @property
    def is_co_lending(self) -> bool:
        """Whether the co-lending directions and the first-loss guarantee apply."""
        return self is ArrangementType.CLA


@attrs.frozen(kw_only=True)
class Arrangement:
    """The agreement between originator ("own") and partner, made before any loan under it.

    Shares are per cent of the partner. Rates are per cent per year, both given or both None: with
    different rates interest follows what each earns, else the shares.
    Raises: Invalid: a co-lender would keep less than a tenth, a share is not within 0 and 100, or
        one rate alone is given; InvalidTerms: a rate out of range.
    """

    kind: ArrangementType = ArrangementType.CLA
    partner_share_pct: Decimal = Decimal(80)
    partner_charge_share_pct: Decimal = Decimal(0)
    own_rate_pct: Decimal | None = None
    partner_rate_pct: Decimal | None = None
    agreed_on: date

    def __attrs_post_init__(self) -> None:
        share, charges = self.partner_share_pct, self.partner_charge_share_pct
        least = LEAST_SHARE_PCT if self.kind.is_co_lending else Decimal(0)
        if not (share.is_finite() and least <= share <= 100 - least and share > 0):
            raise Invalid(f"the partner's share is {least} to {100 - least} per cent, not {share}")
        if not (charges.is_finite() and 0 <= charges <= 100):
            raise Invalid(f"the partner's share of charges is 0 to 100 per cent, not {charges}")
        if (self.own_rate_pct is None) != (self.partner_rate_pct is None):
            raise Invalid("either both lenders' rates are given or neither")
        for rate in (self.own_rate_pct, self.partner_rate_pct):
            if rate is not None:
                checked_rate(rate, "a lender's rate")

    @property
    def rates_differ(self) -> bool:
        """Whether interest is split by what each lender earns."""
        return self.own_rate_pct != self.partner_rate_pct

    def covers(self, sanctioned_on: date) -> bool:
        """Return whether the agreement stood before the loan was sanctioned."""
        return self.agreed_on <= sanctioned_on


@attrs.frozen(kw_only=True)
class Shares:
    """One amount between the two, paise; they sum to it exactly."""

    partner: Paise
    own: Paise

    @property
    def total(self) -> Paise:
        """The amount that was split."""
        return self.partner + self.own


@attrs.frozen(kw_only=True)
class Balances:
    """Principal outstanding before a collection: the whole loan's and the partner's part of it."""

    total: Paise
    partner: Paise

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.partner <= self.total:
            raise InvalidMoney(f"the partner's {self.partner} is no part of {self.total} paise")


def disbursal_shares(principal: Paise, arrangement: Arrangement) -> Shares:
    """Return who funds what: the partner's part rounds half up to a paisa, the rest is own.

    Paise. Source: co-lending rules (operations §6), example COL-03.
    """
    return _by_share(positive(principal, "principal"), arrangement.partner_share_pct)


def blended_rate_pct(arrangement: Arrangement) -> Decimal:
    """Return the rate the borrower pays, per cent per year with four decimals, half up.

    The shares weigh the rates. Example COL-03: 26 and 14 at 20:80 give 16.4000.
    Raises: Invalid: the arrangement has no rates.
    """
    own, partner = arrangement.own_rate_pct, arrangement.partner_rate_pct
    if own is None or partner is None:
        raise Invalid("the arrangement names no rates to blend")
    share = arrangement.partner_share_pct
    exact = ((100 - share) * own + share * partner).scaleb(-2)
    return exact.quantize(_FOUR_PLACES, ROUND_HALF_UP)


def interest_for(principal: Paise, rate_pct: Decimal, year_fraction: tuple[int, int]) -> Paise:
    """Return interest on `principal` for an exact fraction of a year, half up to a paisa.

    A regular month of the 30/360 count is (1, 12); `daycount.year_fraction` gives others.
    """
    over, under = rate_pct.as_integer_ratio()
    days, year = year_fraction
    return round_half_up(checked(principal) * over * days, under * year * 100)


def split(
    collected: Mapping[Component, Paise],
    arrangement: Arrangement,
    *,
    partner_interest_due: Paise | None = None,
    principal: Balances | None = None,
) -> Mapping[Component, Shares]:
    """Return each component of a collection between the two; nothing is lost.

    Principal goes by share, charges by the partner's share of charges, interest by share or, where
    the rates differ, first to what the partner has earned and was not paid (`partner_interest_due`,
    which is then required). With `principal` roundings cannot drift: neither gets more than is
    outstanding to it, and the last paisa clears both.
    Raises: InvalidMoney: an amount below zero, or more principal than is outstanding; Invalid: the
        partner's earned interest is missing.
    """
    for amount in collected.values():
        if checked(amount, "collected") < 0:
            raise InvalidMoney("a collection is split as received; what is reversed is reversed")
    found: dict[Component, Shares] = {}
    for component, amount in collected.items():
        if component is Component.PRINCIPAL:
            found[component] = _principal(amount, arrangement, principal)
        elif component is Component.INTEREST and arrangement.rates_differ:
            found[component] = _earned_first(amount, partner_interest_due)
        elif component in _CHARGES:
            found[component] = _by_share(amount, arrangement.partner_charge_share_pct)
        else:
            found[component] = _by_share(amount, arrangement.partner_share_pct)
    return MappingProxyType(found)


def totals(parts: Mapping[Component, Shares]) -> Shares:
    """Return what each of the two gets of a whole collection."""
    return Shares(
        partner=sum(part.partner for part in parts.values()),
        own=sum(part.own for part in parts.values()),
    )


class Standing(StrEnum):
    """Whose loan it is after disbursal."""

    AWAITING_TRANSFER = "AWAITING_TRANSFER"
    CO_LENT = "CO_LENT"
    ORIGINATORS = "ORIGINATORS"


def transfer_by(disbursed_on: date) -> date:
    """Return the last day to transfer the partner's part: fifteen calendar days from disbursal.

    Source: RBI Co-Lending Arrangements Directions, 2025.
    """
    return disbursed_on + timedelta(days=TRANSFER_DAYS)


def standing(disbursed_on: date, transferred_on: date | None, on: date) -> Standing:
    """Return whose loan it is on a day: not transferred in time it stays the originator's."""
    deadline = transfer_by(disbursed_on)
    if transferred_on is not None and transferred_on <= min(on, deadline):
        return Standing.CO_LENT
    return Standing.AWAITING_TRANSFER if on <= deadline else Standing.ORIGINATORS


def shared_npa_since(own: date | None, partner: date | None) -> date | None:
    """Return since when both report the borrower as NPA: once either tags, both do, that day."""
    return min((day for day in (own, partner) if day is not None), default=None)


def settle_on(collected_on: date, holidays: AbstractSet[date]) -> date:
    """Return the day the partner is paid: the working day after the collection.

    `holidays` are the brand's; Sundays are none either. Source: operations §6 (T+1).
    """
    return add_working_days(collected_on, 1, holidays)


class Match(StrEnum):
    """How the partner's figure compares with ours."""

    MATCHED = "MATCHED"
    SHORT = "SHORT"
    EXCESS = "EXCESS"


@attrs.frozen(kw_only=True)
class ReconLine:
    """One reference of a settlement file: what was due, what came, paise."""

    reference: str
    expected: Paise
    received: Paise
    match: Match


def reconcile(
    expected: Mapping[str, Paise], received: Mapping[str, Paise]
) -> tuple[ReconLine, ...]:
    """Return a line for every reference of either side, sorted; an absent one counts as 0."""
    lines = []
    for reference in sorted({*expected, *received}):
        due, came = expected.get(reference, 0), received.get(reference, 0)
        match = Match.MATCHED
        if came != due:
            match = Match.SHORT if came < due else Match.EXCESS
        lines.append(ReconLine(reference=reference, expected=due, received=came, match=match))
    return tuple(lines)


def _by_share(amount: Paise, share_pct: Decimal) -> Shares:
    partner = pct_of(amount, share_pct)
    return Shares(partner=partner, own=amount - partner)


def _earned_first(amount: Paise, partner_due: Paise | None) -> Shares:
    if partner_due is None:
        raise Invalid("with different rates the partner's earned interest must be given")
    partner = min(amount, max(0, checked(partner_due, "interest earned")))
    return Shares(partner=partner, own=amount - partner)


def _principal(amount: Paise, arrangement: Arrangement, balances: Balances | None) -> Shares:
    shares = _by_share(amount, arrangement.partner_share_pct)
    if balances is None:
        return shares
    if amount > balances.total:
        raise InvalidMoney(f"principal of {amount} exceeds the {balances.total} paise outstanding")
    own_balance = balances.total - balances.partner
    partner = max(amount - own_balance, min(balances.partner, shares.partner))
    return Shares(partner=partner, own=amount - partner)
