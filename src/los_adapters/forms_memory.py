"""The settings of made-up vendors, for fakes: needs none of the vendors' libraries."""

from collections.abc import Mapping
from typing import Final

import attrs

from los_core.domain.errors import Invalid

_TOLD: Final = 100


@attrs.frozen
class MemoryForms:
    """One made-up vendor for every capability, which needs an account and a secret."""

    def check(self, port: str, name: str, settings: Mapping[str, object]) -> None:  # noqa: ARG002 - for every port
        """See the port."""
        faults = [
            (f"settings.{each}"[:_TOLD], "is not known")
            for each in settings.keys() - {"account", "key_secret"}
        ]
        faults += [
            (f"settings.{each}", "is required")
            for each in ("account", "key_secret")
            if not isinstance(settings.get(each), str)
        ]
        if name not in ("memory", "other"):
            faults = [("name", "is none of memory, other")]
        if faults:
            raise Invalid("these settings do not serve", fields=sorted(faults))

    def secrets(self, port: str, name: str) -> frozenset[str]:  # noqa: ARG002 - the same for all
        """See the port."""
        return frozenset({"key_secret"})
