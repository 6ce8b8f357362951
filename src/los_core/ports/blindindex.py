"""Finding personal data by full value without keeping it readable."""

from typing import Protocol


class BlindIndex(Protocol):
    """Keyed hashes of normalised values, with a key the store never sees."""

    def blind_index(self, scope: str, kind: str, value: str) -> str:
        """Return a keyed hash of a normalised value: equal values give equal text.

        `scope` is the brand's id, or the lender's for what is matched across brands; scope and
        kind each have a key of their own.
        """
        ...
