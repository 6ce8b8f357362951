"""A brand's vendors: which serve it, which comes first, and what they need to know of it.

Secrets go in and never come out: they are sealed at rest, a change without one keeps the one on
file, and the trail tells that it changed and nothing more. A vendor that is retired takes no new
work; what it began is still asked of it, so its row stays.
Source: settings modules, Brand Provider.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID, uuid5

import attrs

from los_core.domain.errors import Conflict, Invalid, NotFound, PreconditionFailed
from los_core.domain.ids import BrandId
from los_core.domain.redaction import HIDDEN
from los_core.ports.vendors import Vendors
from los_core.ports.work import Platform, ProviderRow
from los_core.services.access_log import AccessLog
from los_core.services.callers import StaffCaller

READ: Final = "providers:read"
WRITE: Final = "providers:write"


def provider_id(row: ProviderRow) -> UUID:
    """Return the id of a vendor of a brand, which follows from what it is."""
    return uuid5(row.brand_id, f"provider|{row.port}|{row.name}")


@attrs.frozen(kw_only=True)
class Providers:
    """Configures vendors."""

    platform: Platform
    vendors: Vendors
    log: AccessLog

    def all(self, caller: StaffCaller) -> Sequence[ProviderRow]:
        """Return the brand's vendors, the primary of each port first. Raises: Forbidden."""
        caller.need(READ)
        return self.platform.providers(caller.brand_id)

    def secrets(self, row: ProviderRow) -> frozenset[str]:
        """Return which of a vendor's settings are secret."""
        return self.vendors.secrets(row.port, row.name)

    def add(self, caller: StaffCaller, row: ProviderRow) -> ProviderRow:
        """Connect a vendor.

        Raises: Forbidden; Invalid: it cannot use these settings; Conflict: it is there already.
        """
        caller.need(WRITE)
        self.vendors.check(row.port, row.name, row.settings)
        if any(known.port == row.port and known.name == row.name for known in self.all(caller)):
            raise Conflict("this provider is connected already", code="RECORD_ON_FILE")
        return self._save(caller, None, row)

    def change(
        self, caller: StaffCaller, about: UUID, row: ProviderRow, *, version: int
    ) -> ProviderRow:
        """Change a vendor; secrets that are not given stay.

        Raises: NotFound; PreconditionFailed; Invalid: it is another vendor, or cannot use these.
        """
        caller.need(WRITE)
        kept = self._seen(caller, about, version)
        if (kept.port, kept.name) != (row.port, row.name):
            raise Invalid("this is another provider", fields=[("name", "cannot be changed")])
        secret = self.secrets(kept)
        old = {name: value for name, value in kept.settings.items() if name in secret}
        new = attrs.evolve(row, settings={**old, **row.settings})
        self.vendors.check(new.port, new.name, new.settings)
        return self._save(caller, kept, new)

    def retire(self, caller: StaffCaller, about: UUID, *, version: int) -> None:
        """Give a vendor no new work. Raises: NotFound; PreconditionFailed."""
        caller.need(WRITE)
        kept = self._seen(caller, about, version)
        self._save(caller, kept, attrs.evolve(kept, is_active=False, is_primary=False))

    def _seen(self, caller: StaffCaller, about: UUID, version: int) -> ProviderRow:
        kept = self._found(caller.brand_id, about)
        if kept.version != version:
            raise PreconditionFailed(
                "somebody changed this since it was read; read it again",
                details={"version": kept.version},
            )
        return kept

    def _found(self, brand_id: BrandId, about: UUID) -> ProviderRow:
        found = [row for row in self.platform.providers(brand_id) if provider_id(row) == about]
        if not found:
            raise NotFound("no such provider")
        return found[0]

    def _save(self, caller: StaffCaller, kept: ProviderRow | None, row: ProviderRow) -> ProviderRow:
        if row.is_primary and not row.is_active:
            raise Invalid("no such provider", fields=[("isPrimary", "needs one that is active")])
        event = self.log.event(
            caller.brand_id,
            "settings.added" if kept is None else "settings.changed",
            by=caller,
            about=provider_id(row),
            entity="brand-providers",
            facts=self._changes(kept, row),
        )
        self.platform.save_provider(row, seen=kept.version if kept else 0, trail=[event])
        return self._found(caller.brand_id, provider_id(row))

    def _changes(self, kept: ProviderRow | None, row: ProviderRow) -> Mapping[str, object]:
        secret = self.secrets(row)
        before: dict[str, object] = {} if kept is None else dict(kept.settings)
        told: dict[str, object] = {"port": row.port, "name": row.name}
        for name in sorted({**before, **row.settings}):
            pair = [before.get(name), row.settings.get(name)]
            if pair[0] != pair[1]:
                told[name] = [None if v is None else HIDDEN if name in secret else v for v in pair]
        for name in ("is_primary", "is_active"):
            pair = [getattr(kept, name, None), getattr(row, name)]
            if pair[0] != pair[1]:
                told[name] = pair
        return told
