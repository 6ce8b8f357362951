"""Sealing values again that a retired key sealed: the rows of one table, found and rewritten.

Looks at the heads of values only, which name their key; opens and seals the few that are old. A row
that another transaction holds is left to be waited for by itself, so that whoever waits here holds
no other row. The statements of `rotation`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    Uuid,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from los_adapters.store.columns import metadata, row_key, sealed_columns
from los_adapters.store.keyring import Keyring
from los_adapters.store.platform_tables import data_key
from los_adapters.store.sealing import Sealer, place
from los_core.domain.errors import Erased
from los_core.domain.ids import PLATFORM, BrandId

Heads: TypeAlias = Mapping[str, Any]
"""A row's key, and the heads of what is sealed in it, by column."""
Owners: TypeAlias = Mapping[bytes, UUID]
"""Whose data they seal, by the ids of retired keys."""
_HEAD: Final = 17
"""How much of a sealed value names its format (one byte) and its key."""
_key = data_key.c


def tables_of(brand_id: BrandId) -> list[Table]:
    """Return the tables with sealed columns of a brand, or of the installation, by name."""
    owned = brand_id != PLATFORM
    found = (
        table
        for table in metadata.tables.values()
        if sealed_columns(table) and ("brand_id" in table.columns) == owned
    )
    return sorted(found, key=lambda table: table.name)


def next_heads(
    connection: Connection, brand_id: BrandId, table: Table, *, after: str, limit: int
) -> list[Heads]:
    """Return the next rows with something sealed, behind the place that `reached` named."""
    key, sealed = row_key(table), sealed_columns(table)
    query = (
        select(*key, *(func.substr(each, 1, _HEAD).label(each.name) for each in sealed))
        .where(*mine(table, brand_id), or_(*(each.is_not(None) for each in sealed)))
        .order_by(*key)
        .limit(limit)
    )
    if after:
        values = [
            literal(UUID(text) if isinstance(column.type, Uuid) else text, column.type)
            for column, text in zip(key, json.loads(after), strict=True)
        ]
        query = query.where(tuple_(*key) > tuple_(*values))
    return [dict(row) for row in connection.execute(query).mappings()]


def reached(table: Table, row: Heads) -> str:
    """Return the place of a row in its table, for `next_heads` to go on behind."""
    return json.dumps([str(row[column.name]) for column in row_key(table)])


def retired(
    connection: Connection, brand_id: BrandId, table: Table, rows: Sequence[Heads]
) -> Owners:
    """Return the retired keys that sealed values of some rows."""
    names = [column.name for column in sealed_columns(table)]
    ids = {row[name][1:] for row in rows for name in names if row[name] is not None}
    query = select(_key.id, _key.owner).where(
        _key.brand_id == brand_id,
        _key.id.in_(ids),
        _key.retired_at.is_not(None),
        _key.destroyed_at.is_(None),
    )
    return {row["id"]: row["owner"] for row in connection.execute(query).mappings()}


def is_old(table: Table, row: Heads, owners: Owners) -> bool:
    """Whether a retired key sealed anything in a row."""
    heads = (row[column.name] for column in sealed_columns(table))
    return any(head is not None and head[1:_HEAD] in owners for head in heads)


def seal_again(keys: Keyring, table: Table, row: Heads, owners: Owners, *, wait: bool) -> bool:
    """Seal again what is old in one row, as it stands now; False if another holds the row."""
    own = (*mine(table, keys.brand_id), *(each == row[each.name] for each in row_key(table)))
    held = select(table).where(*own).with_for_update(key_share=True, skip_locked=not wait)
    whole = keys.connection.execute(held).mappings().first()
    if whole is None:
        return wait  # who waited for it finds it gone
    new, sealer = {}, Sealer(keys)
    for column in sealed_columns(table):
        value: bytes | None = whole[column.name]
        owner = owners.get(value[1:_HEAD]) if value is not None else None
        if owner is None:
            continue
        try:
            plain = sealer.open_bytes(column, whole)
            new[column.name] = keys.sealing(owner).seal(place(column, whole), plain)
        except Erased:
            continue  # forgotten meanwhile: nobody will read it
    if new:
        keys.connection.execute(update(table).where(*own).values(**new))
    return True


def mine(table: Table, brand_id: BrandId) -> list[ColumnElement[bool]]:
    """Return what holds for the rows of a brand; every row is the installation's own."""
    return [] if brand_id == PLATFORM else [table.c.brand_id == brand_id]
