"""Weights of evidence: how past loans, good and bad, become the bins of a scorecard.

First fine bins of about equal size, then coarse ones: large enough to believe, and with weights
that only rise or only fall along the key, so that a better value never costs points. People whose
value is missing stay a bin of their own. The model that reads the bins is `scorecard_model`.

Source: scorecard practice (weight of evidence, information value); rules page §5.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Final, Self, TypeAlias

import attrs

from los_core.domain.errors import Invalid
from los_core.domain.scorecard_model import PRECISE, Attribute, Bin

LEAST_SHARE_PCT: Final = 5
"""A coarse bin holds at least this part of all loans, and a bad one."""

_NONE_SEEN: Final = Decimal("0.5")  # what a bin without a good or a bad one counts on both sides
_SIX_PLACES: Final = Decimal("0.000001")

Past: TypeAlias = tuple[int | Decimal | None, bool]
"""A loan of the past: the value of the key (None: missing), and whether it went bad."""


@attrs.frozen(kw_only=True)
class Tally:
    """Good and bad loans among the numbers from `low` (included) to `high` (excluded)."""

    low: Decimal | None = None
    high: Decimal | None = None
    goods: int
    bads: int

    def joined(self, following: "Tally") -> "Tally":
        """Return this bin and the one above it as one."""
        return Tally(
            low=self.low,
            high=following.high,
            goods=self.goods + following.goods,
            bads=self.bads + following.bads,
        )

    @property
    def bad_rate(self) -> Fraction:
        """Bad loans over all; the bin is not empty."""
        return Fraction(self.bads, self.goods + self.bads)


@attrs.frozen(kw_only=True)
class Evidence:
    """The weight of each bin and what all tell together (information value); 6 decimals."""

    woes: tuple[Decimal, ...]
    information_value: Decimal


@attrs.frozen(kw_only=True)
class Binning:
    """Coarse bins of one key with their weights.

    `missing` are the loans without a value; none of them seen, `missing_woe` is 0: nothing is known
    for or against.
    """

    bins: tuple[Tally, ...]
    woes: tuple[Decimal, ...]
    missing: Tally
    missing_woe: Decimal
    information_value: Decimal

    def attribute(self, *, code: str, field: str, beta: Decimal) -> Attribute:
        """Return the bins as an attribute of a scorecard, with a fitted coefficient below 0."""
        return Attribute(
            code=code,
            field=field,
            beta=beta,
            bins=tuple(
                Bin(low=each.low, high=each.high, woe=woe)
                for each, woe in zip(self.bins, self.woes, strict=True)
            ),
            missing_woe=self.missing_woe,
        )

    @classmethod
    def of(cls, past: Iterable[Past], *, most: int = 20) -> Self:
        """Return coarse bins of past loans, made of at most `most` fine ones.

        Raises: Invalid: no good, or no bad loan that has a value.
        """
        known, missing = _sorted(past)
        bins = coarse(fine(known, most=most), of_all=len(known) + missing.goods + missing.bads)
        seen = missing.goods + missing.bads > 0
        found = evidence((*bins, missing) if seen else bins)
        return cls(
            bins=bins,
            woes=found.woes[: len(bins)],
            missing=missing,
            missing_woe=found.woes[-1] if seen else Decimal(0),
            information_value=found.information_value,
        )


def evidence(tallies: Sequence[Tally]) -> Evidence:
    """Return ln((goods_b / goods) / (bads_b / bads)) of each bin, and the information value.

    A bin without a good or without a bad loan counts half a loan more on both sides, in its own
    shares only. Raises: Invalid: no good loans at all, no bad ones, or an empty bin.
    """
    goods, bads = sum(each.goods for each in tallies), sum(each.bads for each in tallies)
    if not goods or not bads or any(each.goods + each.bads <= 0 for each in tallies):
        raise Invalid("evidence needs good and bad loans, and no bin without a loan")
    with localcontext(PRECISE):
        shares = [
            ((each.goods + more) / goods, (each.bads + more) / bads)
            for each in tallies
            for more in [Decimal(0) if each.goods and each.bads else _NONE_SEEN]
        ]
        woes = [(good / bad).ln() for good, bad in shares]
        value = sum((good - bad) * woe for (good, bad), woe in zip(shares, woes, strict=True))
        return Evidence(
            woes=tuple(_six(woe) for woe in woes), information_value=_six(Decimal(value))
        )


def fine(known: Sequence[tuple[Decimal, bool]], *, most: int) -> tuple[Tally, ...]:
    """Return at most `most` bins of about as many loans each, from loans sorted by value.

    Loans of one value are never parted, so that an edge says which bin a value falls into.
    """
    share = Fraction(len(known), most)
    cuts: list[int] = []
    for index in range(1, len(known)):
        size = index - (cuts[-1] if cuts else 0)
        if known[index][0] != known[index - 1][0] and size >= share:
            cuts.append(index)
    starts, ends = [0, *cuts], [*cuts, len(known)]
    return tuple(
        Tally(
            low=known[start][0] if start else None,
            high=known[end][0] if end < len(known) else None,
            goods=sum(not bad for _, bad in known[start:end]),
            bads=sum(bad for _, bad in known[start:end]),
        )
        for start, end in zip(starts, ends, strict=True)
    )


def coarse(bins: Sequence[Tally], *, of_all: int) -> tuple[Tally, ...]:
    """Return neighbours joined until each bin is large enough and the weights run one way.

    A bin holds at least 5 per cent of `of_all` loans, a good and a bad one. Of weights that rise
    and weights that fall the direction that keeps more information is taken.
    Raises: Invalid: no good, or no bad loan.
    """
    large = _large(bins, Fraction(of_all * LEAST_SHARE_PCT, 100))
    rising, falling = _one_way(large, falls=False), _one_way(large, falls=True)
    return max(rising, falling, key=lambda each: evidence(each).information_value)


def _sorted(past: Iterable[Past]) -> tuple[list[tuple[Decimal, bool]], Tally]:
    known: list[tuple[Decimal, bool]] = []
    silent = [0, 0]
    for value, bad in past:
        if value is None:
            silent[bad] += 1
        else:
            known.append((Decimal(value), bad))
    if not any(bad for _, bad in known) or all(bad for _, bad in known):
        raise Invalid("bins need good and bad loans with a value")
    known.sort(key=lambda loan: loan[0])
    return known, Tally(goods=silent[0], bads=silent[1])


def _large(bins: Sequence[Tally], least: Fraction) -> tuple[Tally, ...]:
    """Join each bin that is too small with what follows, and the rest with the bin before."""
    kept: list[Tally] = []
    open_bin: Tally | None = None
    for each in bins:
        open_bin = each if open_bin is None else open_bin.joined(each)
        if open_bin.goods + open_bin.bads >= least and open_bin.goods and open_bin.bads:
            kept.append(open_bin)
            open_bin = None
    if open_bin is not None:
        kept.append(kept.pop().joined(open_bin) if kept else open_bin)
    return tuple(kept)


def _one_way(bins: Sequence[Tally], *, falls: bool) -> tuple[Tally, ...]:
    """Pool neighbours whose bad rates run against the direction, or are equal."""
    kept: list[Tally] = []
    for each in bins:
        kept.append(each)
        while len(kept) > 1 and (
            kept[-2].bad_rate <= kept[-1].bad_rate
            if falls
            else kept[-2].bad_rate >= kept[-1].bad_rate
        ):
            last = kept.pop()
            kept.append(kept.pop().joined(last))
    return tuple(kept)


def _six(value: Decimal) -> Decimal:
    return value.quantize(_SIX_PLACES, ROUND_HALF_UP) + 0
