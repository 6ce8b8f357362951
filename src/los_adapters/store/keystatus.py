"""Which keys there are, what wraps them, and how many values each seals: the figures of a table.

Counting reads the head of every sealed value there is: for people who look now and then.
"""

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final, TypeAlias

import attrs
from sqlalchemy import Column, Connection, Engine, Select, case, func, null, select

from los_adapters.store.columns import sealed_columns
from los_adapters.store.engine import busy_told, reading
from los_adapters.store.platform_tables import brand, data_key
from los_adapters.store.resealing import mine, tables_of
from los_adapters.store.scope import across_brands, of_brand
from los_core.domain.ids import PLATFORM, BrandId

_key = data_key.c
_ID: Final = (2, 16)
"""Where a sealed value names its key: from the second byte, sixteen of them."""


class KeyState(StrEnum):
    """Whether a key seals, only opens, or is gone."""

    CURRENT = "current"
    RETIRED = "retired"
    DESTROYED = "destroyed"


@attrs.frozen(kw_only=True)
class KeyLine:
    """One key of a brand, or all its customers' keys of one state.

    Attributes:
        brand: the brand's code; "" for the installation itself.
        key: the brand's key in hex; "" for customers' keys together.
        wrapped_by: the key-encryption key of a brand's key; "" for customers' keys.
        keys: how many they are; `values` are sealed by them.
    """

    brand: str
    key: str
    wrapped_by: str
    state: KeyState
    keys: int
    values: int


_OF_BRAND: Final = _key.owner == _key.brand_id
_GROUP: Final = (
    case((_OF_BRAND, _key.id), else_=null()),
    case((_OF_BRAND, _key.wrapped_by), else_=null()),
    _key.retired_at.is_not(None),
    _key.destroyed_at.is_not(None),
)
"""What keys are told together by; a brand's own are told one by one."""
_Group: TypeAlias = tuple[bytes | None, str | None, bool, bool]


def key_lines(engine: Engine) -> Iterator[KeyLine]:
    """Yield the lines of every brand, the installation's own first."""
    with busy_told(), reading(engine).connect() as connection:
        across_brands(connection)
        query = select(brand.c.id, brand.c.code).order_by(brand.c.code)
        for brand_id, code in [(PLATFORM, ""), *connection.execute(query)]:
            of_brand(connection, brand_id)
            yield from _lines_of(connection, brand_id, code)


def _lines_of(connection: Connection, brand_id: BrandId, code: str) -> Iterator[KeyLine]:
    mine = select(*_GROUP, func.count()).where(_key.brand_id == brand_id).group_by(*_GROUP)
    keys = _counted(connection, mine)
    values: Counter[_Group] = Counter()
    for table in tables_of(brand_id):
        for column in sealed_columns(table):
            values.update(_counted(connection, _sealed_in(column, brand_id)))
    for group, count in sorted(keys.items(), key=str):
        key_id, wrapped_by, is_retired, is_destroyed = group
        state = KeyState.RETIRED if is_retired else KeyState.CURRENT
        yield KeyLine(
            brand=code,
            key=key_id.hex() if key_id is not None else "",
            wrapped_by=wrapped_by or "",
            state=KeyState.DESTROYED if is_destroyed else state,
            keys=count,
            values=values[group],
        )


def _sealed_in(column: Column[Any], brand_id: BrandId) -> "Select[Any]":
    """Return the query that counts a column's values by the groups of their keys."""
    sealed_by = (_key.brand_id == brand_id) & (_key.id == func.substr(column, *_ID))
    return (
        select(*_GROUP, func.count())
        .select_from(column.table.join(data_key, sealed_by))
        .where(*mine(column.table, brand_id))
        .group_by(*_GROUP)
    )


def _counted(connection: Connection, query: "Select[Any]") -> Counter[_Group]:
    return Counter(
        {
            (key_id, wrapped_by, bool(is_retired), bool(is_destroyed)): count
            for key_id, wrapped_by, is_retired, is_destroyed, count in connection.execute(query)
        }
    )
