"""What each vendor's settings look like, from the model that its adapter reads them with."""

from collections.abc import Mapping
from typing import Final

import attrs
from pydantic import ValidationError

from los_adapters import registry
from los_core.domain.errors import Invalid

_TOLD: Final = 100


@attrs.frozen
class RegistryForms:
    """The vendors of the registry."""

    def check(self, port: str, name: str, settings: Mapping[str, object]) -> None:
        """Read the settings; see the port."""
        if name not in registry.names(port):
            known = ", ".join(registry.names(port))
            where = ("name", f"is none of {known}") if known else ("type", "is no capability")
            raise Invalid("no such provider", fields=[where])
        try:
            registry.provider(port, name).settings.model_validate(dict(settings))
        except ValidationError as err:
            faults = {
                f"settings.{fault['loc'][0]}"[:_TOLD]: fault["type"].replace("_", " ")
                for fault in err.errors(include_input=False, include_context=False)
                if fault["loc"]
            }
            told = list(faults.items()) or [("settings", "do not serve")]
            raise Invalid("these settings do not serve", fields=told) from None

    def secrets(self, port: str, name: str) -> frozenset[str]:
        """Return the fields that the model keeps from being printed; see the port."""
        if name not in registry.names(port):
            return frozenset()
        fields = registry.provider(port, name).settings.model_fields
        return frozenset(each for each in fields if "Secret" in str(fields[each].annotation))
