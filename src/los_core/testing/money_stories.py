"""Hypothesis strategies for how money is shared out: waterfalls, and dues with sums to pay them.

Only values the domain accepts come out. Loans and their facts are `testing.money`.
"""

from itertools import pairwise

from hypothesis import strategies as st

from los_core.domain.allocation import Due
from los_core.domain.policies import AllocationPolicy, AssetClass, Component
from los_core.domain.waterfall import Slot, Waterfall, When

_SCHEDULED = (Component.INTEREST, Component.PRINCIPAL, Component.PENAL)
_LEVIED = (Component.BOUNCE, Component.OTHER)


@st.composite
def waterfalls(draw: st.DrawFn) -> Waterfall:
    """Waterfalls of any order and any steps, with and without slots in advance."""
    named: list[Slot] = []
    for when in When:
        fees = draw(st.sampled_from([("FEE",), ("BOUNCE", "OTHER")]))
        parts = ("PENAL", "INTEREST", "PRINCIPAL", *fees)
        if when is When.IN_ADVANCE and draw(st.booleans()):
            continue
        named += [Slot(f"{when}_{part}") for part in parts]
    shuffled = draw(st.permutations(named))
    cuts = sorted(draw(st.sets(st.integers(1, len(shuffled) - 1), max_size=len(shuffled))))
    edges = [0, *cuts, len(shuffled)]
    return Waterfall(tuple(tuple(shuffled[a:b]) for a, b in pairwise(edges)))


def policies() -> st.SearchStrategy[AllocationPolicy]:
    """Policies that give their waterfalls, one for all or some for asset classes."""
    pairs = st.tuples(st.sampled_from(AssetClass), waterfalls())
    by_class = st.lists(pairs, max_size=2, unique_by=lambda pair: pair[0]).map(tuple)
    return st.builds(AllocationPolicy, waterfall=st.none() | waterfalls(), by_class=by_class)


@st.composite
def dues(draw: st.DrawFn) -> list[Due]:
    """Dues of up to six instalments in any order, then charges as they were levied.

    Early instalments are past due, late ones still to come.
    """
    whens = [
        list(When)[min(2, draw(st.integers(no // 3, (no + 2) // 2)))]
        for no in range(1, draw(st.integers(1, 6)) + 1)
    ]
    scheduled = [
        Due(component, draw(st.integers(0, 900)), no=no, when=when)
        for no, when in enumerate(whens, 1)
        for component in _SCHEDULED
    ]
    levied = [
        Due(
            draw(st.sampled_from(_LEVIED)),
            draw(st.integers(0, 500)),
            charge=("bank", f"charge-{number}"),
            when=when,
            of=draw(st.none() | st.integers(1, 6)),
        )
        for number, when in enumerate(
            [When.PAST_DUE] * draw(st.integers(0, 3)) + [When.DUE] * draw(st.integers(0, 2))
        )
    ]
    return [*draw(st.permutations(scheduled)), *levied]
