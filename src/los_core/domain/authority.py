"""Who makes and who must sign: the maker–checker table, levels of authority, limits on waivers.

Data and look-ups. That maker and checker are two people is enforced by `approval`, what a role may
open at all by `access`, and sanction limits by `access.may_sanction`; a settlement's own rules are
in `settlement`. Source: approval rules (operations §5); RBI on compromise settlements, 8-Jun-2023.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from los_core.domain.access import Role
from los_core.domain.ids import StaffId
from los_core.domain.money import Paise, checked


class Level(IntEnum):
    """How high a decision is taken; a committee stands above every single person."""

    NONE = 0
    EXECUTIVE = 1
    MANAGER = 2
    ADMIN = 3
    SUPER_ADMIN = 4
    COMMITTEE = 5


_LEVELS: Final[Mapping[Role, Level]] = MappingProxyType(
    {
        Role.SUPER_ADMIN: Level.SUPER_ADMIN,
        Role.ADMIN: Level.ADMIN,
        Role.CREDIT_MANAGER: Level.MANAGER,
        Role.COLLECTION_MANAGER: Level.MANAGER,
        Role.ACCOUNTS: Level.MANAGER,
        Role.CREDIT_EXECUTIVE: Level.EXECUTIVE,
        Role.LOAN_EXECUTIVE: Level.EXECUTIVE,
        Role.DISBURSEMENT: Level.EXECUTIVE,
        Role.COLLECTION_EXECUTIVE: Level.EXECUTIVE,
    }
)
"""Roles that decide on money; others have no level."""


def level_of(roles: Collection[Role]) -> Level:
    """Return the highest level any of the roles gives; NONE for roles that decide on no money."""
    return max((_LEVELS.get(role, Level.NONE) for role in roles), default=Level.NONE)


def level_above(sanctioner: Collection[Role] | None) -> Level:
    """Return the level that may settle what these roles sanctioned: at least one higher.

    None: the machine sanctioned, which counts as an executive. Above a SUPER_ADMIN is a committee.
    """
    level = Level.EXECUTIVE if sanctioner is None else level_of(sanctioner)
    return Level(min(max(level, Level.EXECUTIVE) + 1, Level.COMMITTEE))


class Item(StrEnum):
    """What needs a second person."""

    MANUAL_PAYMENT = "MANUAL_PAYMENT"
    PAYMENT_REVERSAL = "PAYMENT_REVERSAL"
    REFUND = "REFUND"
    SETTLEMENT = "SETTLEMENT"
    CHARGE_WAIVER = "CHARGE_WAIVER"
    WRITE_OFF = "WRITE_OFF"
    DISBURSAL = "DISBURSAL"
    BYPASS = "BYPASS"
    NAME_MISMATCH = "NAME_MISMATCH"
    RATE_CHANGE = "RATE_CHANGE"


@attrs.frozen(kw_only=True)
class Chain:
    """Who may ask and who must say yes.

    `checkers` holds one set of roles per signature; every one is needed, each of another person.
    """

    makers: frozenset[Role]
    checkers: tuple[frozenset[Role], ...]


WAIVER_BY_MANAGER: Final[Paise] = 2_000_00
"""Up to this much of charges a collection manager waives; above it an administrator."""

_R = Role
_TOP: Final = frozenset({_R.ADMIN, _R.SUPER_ADMIN})
_COLLECTORS: Final = frozenset({_R.COLLECTION_EXECUTIVE, _R.COLLECTION_MANAGER})

CHAINS: Final[Mapping[Item, Chain]] = MappingProxyType(
    {
        Item.MANUAL_PAYMENT: Chain(makers=_COLLECTORS, checkers=(_TOP | {_R.ACCOUNTS},)),
        Item.PAYMENT_REVERSAL: Chain(makers=frozenset({_R.ACCOUNTS}), checkers=(_TOP,)),
        Item.REFUND: Chain(makers=frozenset({_R.ACCOUNTS}), checkers=(_TOP,)),
        Item.SETTLEMENT: Chain(makers=frozenset({_R.COLLECTION_MANAGER}), checkers=(_TOP,)),
        Item.CHARGE_WAIVER: Chain(makers=_COLLECTORS, checkers=(_TOP,)),
        Item.WRITE_OFF: Chain(
            makers=frozenset({_R.COLLECTION_MANAGER}),
            checkers=(_TOP, frozenset({_R.ACCOUNTS})),
        ),
        Item.DISBURSAL: Chain(
            makers=frozenset({_R.DISBURSEMENT}), checkers=(_TOP | {_R.ACCOUNTS},)
        ),
        Item.BYPASS: Chain(makers=_TOP | {_R.CREDIT_MANAGER}, checkers=(_TOP,)),
        Item.NAME_MISMATCH: Chain(
            makers=frozenset({_R.CREDIT_EXECUTIVE, _R.CREDIT_MANAGER}) | _TOP,
            checkers=(_TOP | {_R.CREDIT_MANAGER},),
        ),
        Item.RATE_CHANGE: Chain(makers=_TOP, checkers=(_TOP,)),
    }
)
"""The table. Rates, fees, rule sets and payout accounts are RATE_CHANGE and hold from next day."""


def chain_for(item: Item, amount: Paise = 0) -> Chain:
    """Return who makes and checks an item of this amount in paise.

    Up to WAIVER_BY_MANAGER a collection manager may also check a charge waiver.
    Raises: InvalidMoney.
    """
    chain = CHAINS[item]
    if item is Item.CHARGE_WAIVER and checked(amount, "waiver") <= WAIVER_BY_MANAGER:
        return attrs.evolve(chain, checkers=(chain.checkers[0] | {Role.COLLECTION_MANAGER},))
    return chain


def may_check(item: Item, roles: Collection[Role], amount: Paise = 0) -> bool:
    """Return whether somebody of these roles may be a second person for an item of this amount.

    A permission opens the door; how much one may sign for is said here: of a charge waiver a
    collection manager up to WAIVER_BY_MANAGER. Raises: InvalidMoney.
    """
    return any(not allowed.isdisjoint(roles) for allowed in chain_for(item, amount).checkers)


@attrs.frozen(kw_only=True)
class Signature:
    """A person who said yes, with the roles they held then."""

    staff_id: StaffId
    roles: frozenset[Role]


def missing_signatures(
    chain: Chain, *, maker: StaffId, signed: Iterable[Signature]
) -> tuple[frozenset[Role], ...]:
    """Return the sets of roles that still have to sign; empty: the item is decided.

    A signature counts once, and the maker's own never. The assignment that fills most is taken.
    """
    people = {each.staff_id: each.roles for each in signed if each.staff_id != maker}
    filled: dict[int, StaffId] = {}
    for staff_id in people:
        _place(staff_id, people, chain.checkers, filled, tried=set())
    return tuple(roles for place, roles in enumerate(chain.checkers) if place not in filled)


def _place(
    staff_id: StaffId,
    people: Mapping[StaffId, frozenset[Role]],
    checkers: tuple[frozenset[Role], ...],
    filled: dict[int, StaffId],
    *,
    tried: set[int],
) -> bool:
    """Seat a signer at a place, moving those seated before to another place where that helps."""
    for place, roles in enumerate(checkers):
        if place in tried or not roles & people[staff_id]:
            continue
        tried.add(place)
        seated = filled.get(place)
        if seated is None or _place(seated, people, checkers, filled, tried=tried):
            filled[place] = staff_id
            return True
    return False
