"""Allocation of a receipt against the published examples, and its order."""

import pytest

from los_core.domain.allocation import Due, allocate, in_order
from los_core.domain.errors import InvalidTerms
from los_core.domain.policies import (
    AllocationMode,
    AllocationPolicy,
    ChargeKind,
    ChargesPosition,
    Component,
)
from los_core.domain.rupees import parse_rupees

DUES = [
    Due(Component.PENAL, 13_238, no=2),
    Due(Component.BOUNCE, 50_000, charge=("bank", "B1")),
    Due(Component.PRINCIPAL, 760_421, no=3),
    Due(Component.INTEREST, 185_179, no=3),
    Due(Component.PRINCIPAL, 745_511, no=2),
    Due(Component.INTEREST, 200_089, no=2),
]


def test_alc_01_vertical_oldest_first_charges_last() -> None:
    paid, excess = allocate(1_200_000, DUES, AllocationPolicy())
    assert [(due.no, due.component, due.amount) for due in paid] == [
        (2, Component.INTEREST, parse_rupees("2000.89")),
        (2, Component.PRINCIPAL, parse_rupees("7455.11")),
        (3, Component.INTEREST, parse_rupees("1851.79")),
        (3, Component.PRINCIPAL, parse_rupees("692.21")),
    ]
    assert excess == 0


def test_alc_02_charges_first() -> None:
    paid, excess = allocate(970_000, DUES, AllocationPolicy(charges=ChargesPosition.FIRST))
    assert [(due.no, due.component, due.amount) for due in paid] == [
        (None, Component.BOUNCE, parse_rupees("500.00")),
        (2, Component.PENAL, parse_rupees("132.38")),
        (2, Component.INTEREST, parse_rupees("2000.89")),
        (2, Component.PRINCIPAL, parse_rupees("7066.73")),
    ]
    assert excess == 0


def test_horizontal_pays_one_component_across_all_instalments() -> None:
    policy = AllocationPolicy(mode=AllocationMode.HORIZONTAL)
    order = [(due.component, due.no) for due in in_order(DUES, policy)]
    assert order == [
        (Component.INTEREST, 2),
        (Component.INTEREST, 3),
        (Component.PRINCIPAL, 2),
        (Component.PRINCIPAL, 3),
        (Component.BOUNCE, None),
        (Component.PENAL, 2),
    ]


def test_what_is_more_than_everything_due_is_left_over() -> None:
    everything = sum(due.amount for due in DUES)
    paid, excess = allocate(everything + 77, DUES, AllocationPolicy())
    assert sum(due.amount for due in paid) == everything
    assert excess == 77


def test_a_policy_names_each_component_once() -> None:
    with pytest.raises(InvalidTerms):
        AllocationPolicy(components=(Component.INTEREST, Component.INTEREST))
    with pytest.raises(InvalidTerms):
        AllocationPolicy(charge_order=(ChargeKind.BOUNCE,))
