"""Who may do what: roles, permissions, the rows they cover, and the authority to sanction.

Permissions are text (`loans:approve`), so that a route can name one; anything not granted is
denied. `Scope.OWN` means only rows allocated to the person. A second person's identity is checked
by `approval`, how much they may sign for by `authority`, a session by the services; nothing here
knows a request. Source: operations §13.1–13.3.
"""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from los_core.domain.money import Paise


class Role(StrEnum):
    """A staff member's part; one person may hold several."""

    SUPER_ADMIN = "SUPER_ADMIN"
    ADMIN = "ADMIN"
    CREDIT_MANAGER = "CREDIT_MANAGER"
    CREDIT_EXECUTIVE = "CREDIT_EXECUTIVE"
    LOAN_EXECUTIVE = "LOAN_EXECUTIVE"
    DISBURSEMENT = "DISBURSEMENT"
    ACCOUNTS = "ACCOUNTS"
    COLLECTION_MANAGER = "COLLECTION_MANAGER"
    COLLECTION_EXECUTIVE = "COLLECTION_EXECUTIVE"
    FIELD_AGENT = "FIELD_AGENT"
    SUPPORT = "SUPPORT"
    COMPLIANCE = "COMPLIANCE"
    AUDITOR = "AUDITOR"


class Scope(StrEnum):
    """Which rows a permission covers: ALL of the brand, or those allocated to the person."""

    ALL = "ALL"
    OWN = "OWN"


TOTP_ROLES: Final = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.ACCOUNTS, Role.DISBURSEMENT})
"""Roles that cannot be used without a second factor."""

AUTO_APPROVE_LIMIT: Final[Paise] = 50_000_00
"""Up to this amount an automatic approval needs no person (guard G-LIMIT-AUTO)."""

# Columns: super admin, admin, credit manager, credit executive, loan executive, disbursement,
# accounts, collection manager, collection executive, field agent, support, compliance, auditor.
# A: all rows of the brand, o: own rows, -: not granted. Grants beyond a role are per person.
_MATRIX: Final = """
customers:read        A A A o o A A A o o A A A
customers:write       A A A o o - - - - - - - -
loans:read            A A A o o A A A o o A A A
loans:submit          A A A o o - - - - - - - -
loans:recommend       A A A o - - - - - - - - -
loans:approve         A A A - - - - - - - - - -
loans:reopen          A A A - - - - - - - - - -
loan.bypass           A A A - - - - - - - - - -
bypass:approve        A A - - - - - - - - - - -
cam:read              A A A o - - - - - - - - A
cam:write             - - - o - - - - - - - - -
cam:approve           - - A - - - - - - - - - -
disbursals:read       A A - - - A A - - - - - A
disbursals:prepare    - - - - - A - - - - - - -
disbursals:approve    A A - - - - A - - - - - -
payments:read         A A - - - - A A o - - - A
payments:record       - - - - - - - A o - - - -
payments:approve      A A - - - - A - - - - - -
payments:reverse      - - - - - - A - - - - - -
reversals:approve     A A - - - - - - - - - - -
settlements:read      A A - - - - A A - - - - A
settlements:write     - - - - - - - A - - - - -
settlements:approve   A A - - - - - - - - - - -
writeoffs:read        A A - - - - A A - - - - A
writeoffs:write       - - - - - - - A - - - - -
writeoffs:approve     A A - - - - A - - - - - -
waivers:read          A A - - - - A A o - - - A
waivers:write         - - - - - - - A o - - - -
waivers:approve       A A - - - - - A - - - - -
collections:read      A A A - - - A A o o A - A
collections:write     A A - - - - - A o o - - -
allocations:read      A A A - - - - A - - - - A
allocations:credit    A A A - - - - - - - - - -
allocations:collection A A - - - - - A - - - - -
approvals:read        A A A - - A A A - - - A A
settings.read         A A A - - - - - - - - - A
settings:write        A A - - - - - - - - - - -
settings:approve      A A - - - - - - - - - - -
erasures:write        - - - - - - - - - - A A -
erasures:approve      A A - - - - - - - - - - -
staff:read            A A - - - - - - - - - - A
staff:write           A A - - - - - - - - - - -
reports:read          A A A - - A A A - - - A A
audit:read            A A - - - - - - - - - A A
keys:read             A A - - - - - - - - - - A
keys:write            A A - - - - - - - - - - -
providers:read        A A - - - - - - - - - - A
providers:write       A A - - - - - - - - - - -
calls:read            A A A o o - - A o - A - A
calls:make            - - - o o - - - o - - - -
jobs:read             A A - - - - - - - - - - A
jobs:write            A A - - - - - - - - - - -
grievances:read       A A - - - - - - - - A A A
grievances:write      A A - - - - - - - - A A -
visits:read           A A A o - - - A o o - - A
visits:write          A A A o - - - A o o - - -
pii.view              A A A o o A A A o o - A -
pii.export            A - - - - - - - - - - - -
"""


def _grants() -> Iterator[tuple[Role, Mapping[str, Scope]]]:
    rows = [line.split() for line in _MATRIX.strip().splitlines()]
    scopes = {"A": Scope.ALL, "o": Scope.OWN}
    for column, role in enumerate(Role, start=1):
        yield (
            role,
            MappingProxyType(
                {row[0]: scopes[row[column]] for row in rows if row[column] in scopes}
            ),
        )


GRANTS: Final[Mapping[Role, Mapping[str, Scope]]] = MappingProxyType(dict(_grants()))
"""What each role may do, before a person's own grants and denials."""

PERMISSIONS: Final = frozenset(line.split()[0] for line in _MATRIX.strip().splitlines())
"""Every permission there is; a route names one of these."""


def permissions_of(
    roles: Collection[Role], *, granted: Collection[str] = (), denied: Collection[str] = ()
) -> dict[str, Scope]:
    """Return all that a person may do, with the widest scope any role gives.

    A grant of the person's own covers all rows; a denial wins over every grant. A name that is no
    permission is ignored, so that one withdrawn by a release cannot break a log-in.
    """
    held: dict[str, Scope] = {}
    for role in roles:
        for permission, scope in GRANTS[role].items():
            if held.get(permission) is not Scope.ALL:
                held[permission] = scope
    held |= dict.fromkeys(PERMISSIONS.intersection(granted), Scope.ALL)
    return {name: scope for name, scope in held.items() if name not in denied}


def scope_of(
    roles: Collection[Role],
    permission: str,
    *,
    granted: Collection[str] = (),
    denied: Collection[str] = (),
) -> Scope | None:
    """Return which rows the permission covers for this person; None: not permitted."""
    return permissions_of(roles, granted=granted, denied=denied).get(permission)


def may_give(
    giver: Collection[Role],
    held: Collection[str],
    *,
    roles: Collection[Role] = (),
    granted: Collection[str] = (),
) -> bool:
    """Return whether somebody may give others these roles and permissions.

    `held` are the giver's own permissions. A role may be given by who stands at least as high: any
    but SUPER_ADMIN by an administrator, SUPER_ADMIN by another one. A permission beyond a role is
    given by who holds it, or by a SUPER_ADMIN.
    """
    able = Role.SUPER_ADMIN in giver or set(granted) <= set(held)
    return able and rank(giver) >= rank(roles)


def rank(roles: Collection[Role]) -> int:
    """Return how high the roles stand over others: 2 for SUPER_ADMIN, 1 for ADMIN, else 0."""
    return max((_RANK.get(role, 0) for role in roles), default=0)


_RANK: Final[Mapping[Role, int]] = MappingProxyType({Role.SUPER_ADMIN: 2, Role.ADMIN: 1})


def needs_totp(roles: Collection[Role]) -> bool:
    """Whether log-in with these roles takes a second factor."""
    return not TOTP_ROLES.isdisjoint(roles)


_AUTHORITY: Final[Mapping[Role, tuple[Paise | None, Decimal | None]]] = MappingProxyType(
    {
        Role.CREDIT_MANAGER: (1_00_000_00, Decimal(5)),
        Role.ADMIN: (3_00_000_00, Decimal(15)),
        Role.SUPER_ADMIN: (None, None),
    }
)
"""Role: largest amount and largest FOIR deviation in points; None: no limit."""


def may_sanction(roles: Collection[Role], amount: Paise, foir_deviation_pts: Decimal) -> bool:
    """Return whether one of the roles alone may sanction this amount at this deviation (G-LIMIT).

    `foir_deviation_pts` is final FOIR minus eligible FOIR in percentage points; below 0 counts as
    none. A credit executive recommends and never sanctions. Source: operations §13.3.
    """
    for role in _AUTHORITY.keys() & set(roles):
        most, points = _AUTHORITY[role]
        if (most is None or amount <= most) and (points is None or foir_deviation_pts <= points):
            return True
    return False


def sanction_limit(roles: Collection[Role]) -> Paise | None:
    """Return the largest amount the roles may sanction; 0: none at all, None: without limit.

    Paise. Source: sanction authority (operations §13.3).
    """
    limits = [_AUTHORITY[role][0] for role in _AUTHORITY.keys() & set(roles)]
    return None if None in limits else max((most for most in limits if most is not None), default=0)
