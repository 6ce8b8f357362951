"""The table of a brand's settings: every kind of record there is.

A module of the settings is a line here, a class with its rules in a module of its own, an example
in `los_core.testing.settings` and a line in the table of routes; whatever else happens when a
record changes is an effect, which the container ties to the kind.
"""

from typing import Any, Final

from los_core.domain.appearance import Appearance
from los_core.domain.card import Card
from los_core.domain.record import Kind

APPEARANCE: Final = Kind(name="appearance", holds=Appearance, called="appearance", first=Appearance)
CARDS: Final = Kind(
    name="brand-cards", holds=Card, called="card", key=lambda card: card.name.casefold()
)

RECORDS: Final[tuple[Kind[Any], ...]] = (
    APPEARANCE,
    CARDS,
)
