"""Sealing what is personal in a row, bound to its table, column, row and brand.

A value moved to another row, column, table or brand does not open. Whose key seals it is said when
it is written; on reading, the value itself names its key.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias
from uuid import UUID

import attrs
from sqlalchemy import Column, RowMapping

from los_adapters.store.columns import SEALED, row_key
from los_adapters.store.keyring import Keyring

Values: TypeAlias = Mapping[str, Any] | RowMapping
"""A row's values by column name, to be written or just read."""


@attrs.frozen(eq=False)
class Sealer:
    """Seals and opens the values of one transaction of one brand."""

    keys: Keyring

    def seal(
        self,
        column: Column[Any],
        row: Values,
        document: object,
        *,
        of: UUID | None = None,
    ) -> bytes:
        """Return JSON-ready data sealed for a column of a row; see `seal_bytes`."""
        plain = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
        return self.seal_bytes(column, row, plain, of=of)

    def open(self, column: Column[Any], row: Values) -> Any:
        """Return the data sealed in a column of a row; see `open_bytes`."""
        return json.loads(self.open_bytes(column, row))

    def seal_bytes(
        self,
        column: Column[Any],
        row: Values,
        plain: bytes,
        *,
        of: UUID | None = None,
    ) -> bytes:
        """Return bytes sealed for a column of a row, by a customer's key or (None) the brand's.

        `row` has at least the columns of the key. Raises: Erased: the customer was forgotten.
        """
        key = self.keys.sealing(of or self.keys.brand_id)
        return key.seal(place(column, row), plain)

    def open_bytes(self, column: Column[Any], row: Values) -> bytes:
        """Return the bytes sealed in a column of a row.

        Raises: ValueError: altered, or moved; Erased: whose they were was forgotten.
        """
        sealed: bytes = row[column.name]
        return self.keys.opening(sealed).open(place(column, row), sealed)

    def expect(self, rows: Iterable[RowMapping]) -> None:
        """Look up the keys of all that is sealed in some rows at once."""
        self.keys.expect(
            value
            for row in rows
            for name, value in row.items()
            if str(name).startswith(SEALED) and isinstance(value, bytes)
        )


def place(column: Column[Any], row: Values) -> str:
    """Return where a value belongs, so that no two places read alike; the brand is the key's."""
    table = column.table
    key = [str(row[each.name]) for each in row_key(table)]
    return json.dumps([table.name, column.name, *key])
