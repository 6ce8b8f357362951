"""Keys by which other systems of a lender call us: what they may do, and what stays of them.

A key works for one brand, with a list of permissions. Decisions of a second person, personal data
in bulk and the administration of people, keys and settings are for persons only.
Source: operations §14; threat rows 19, 52.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.access import PERMISSIONS
from los_core.domain.errors import Forbidden, Invalid
from los_core.domain.ids import BrandId, StaffId

PREFIX: Final = "los_"
"""How every key begins, so that one is known for what it is where it should not be."""
USE_NOTED: Final = timedelta(minutes=1)
"""The last use is kept to the minute: not every call writes a row."""
_FOR_PERSONS: Final = {
    "approvals:read",
    "audit:read",
    "jobs:read",
    "jobs:write",
    "keys:read",
    "keys:write",
    "loan.bypass",
    "pii.export",
    "pii.view",
    "providers:read",
    "providers:write",
    "settings.read",
    "settings:write",
    "staff:read",
    "staff:write",
}
SCOPES: Final = frozenset(
    name for name in PERMISSIONS - _FOR_PERSONS if not name.endswith(":approve")
)
"""What a key may be given."""


@attrs.define(kw_only=True)
class ApiKey:
    """A key of a brand. Of the key itself only its hash and last four letters are kept."""

    id: UUID
    brand_id: BrandId
    name: str
    scopes: frozenset[str]
    key_hash: str = attrs.field(repr=False)
    last4: str
    created_by: StaffId
    created_at: datetime
    rotated_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    version: int = 0

    @property
    def works(self) -> bool:
        """Whether it is still good."""
        return self.revoked_at is None

    def use_is_news(self, at: datetime) -> bool:
        """Whether a use at `at` is worth a row."""
        return self.last_used_at is None or at - self.last_used_at >= USE_NOTED


def check_scopes(scopes: Collection[str], *, held: Collection[str]) -> frozenset[str]:
    """Return the scopes of a key about to be made by somebody who holds these permissions.

    Raises: Invalid: none, or one that no key can have; Forbidden: one that the maker lacks.
    """
    unknown = sorted(set(scopes) - SCOPES)
    if unknown or not scopes:
        problem = f"no key can have: {', '.join(unknown)}" if unknown else "name at least one"
        raise Invalid("these scopes cannot be given", fields=[("scopes", problem)])
    beyond = sorted(set(scopes) - set(held))
    if beyond:
        raise Forbidden(
            "nobody gives more than they hold", details={"permission": " or ".join(beyond)}
        )
    return frozenset(scopes)
