"""Columns as revisions write them: the same shapes as `store.columns`, kept as they were.

A revision written today must make the same table in ten years, so nothing here follows the domain:
an enumeration's members and a limit are literals. Add to this page; change nothing on it.
"""

from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    Uuid,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.schema import SchemaItem

NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""How constraints and indexes without a name of their own are called."""
PAISE_LIMIT: Final = 10**13


def text(name: str, *, null: bool = False) -> Column[Any]:
    """Text of any length."""
    return Column(name, Text, nullable=null)


def flag(name: str) -> Column[Any]:
    """Yes or no."""
    return Column(name, Boolean, nullable=False)


def number(name: str) -> Column[Any]:
    """A count, never below zero."""
    return Column(name, BigInteger, CheckConstraint(f"{name} >= 0", name=name), nullable=False)


def paise(name: str, *, null: bool = False, least: int = 0) -> Column[Any]:
    """Money in whole paise."""
    within = CheckConstraint(f"{name} BETWEEN {least} AND {PAISE_LIMIT}", name=name)
    return Column(name, BigInteger, within, nullable=null)


def choice(name: str, *members: str, null: bool = False) -> Column[Any]:
    """One of these texts."""
    among = ", ".join(f"'{member}'" for member in members)
    return Column(
        name, String(40), CheckConstraint(f"{name} IN ({among})", name=name), nullable=null
    )


def uuid(name: str, *, null: bool = False) -> Column[Any]:
    """An id."""
    return Column(name, Uuid, nullable=null)


def day(name: str, *, null: bool = False) -> Column[Any]:
    """A business date."""
    return Column(name, Date, nullable=null)


def instant(name: str, *, null: bool = False) -> Column[Any]:
    """An instant, in UTC."""
    return Column(name, DateTime(timezone=True), nullable=null)


def exact(name: str, *, null: bool = False) -> Column[Any]:
    """A decimal with every digit: NUMERIC on PostgreSQL, text on SQLite."""
    return Column(name, String(40).with_variant(Numeric(), "postgresql"), nullable=null)


def document(name: str, *, null: bool = False) -> Column[Any]:
    """A JSON document."""
    return Column(name, JSON().with_variant(JSONB(), "postgresql"), nullable=null)


def sealed(name: str, *, null: bool = False) -> Column[Any]:
    """What only the keys can read."""
    return Column(name, LargeBinary, nullable=null)


def brand_table(
    metadata: MetaData, name: str, *items: SchemaItem, key: tuple[str, ...] = ("id",)
) -> Table:
    """Return a table of the brands' rows: the brand leads its key."""
    return Table(
        name,
        metadata,
        Column("brand_id", Uuid, ForeignKey("brand.id"), nullable=False),
        *items,
        PrimaryKeyConstraint("brand_id", *key),
    )


def belongs(column: str, table: str) -> ForeignKeyConstraint:
    """Return the constraint that a row and its parent are of one brand."""
    return ForeignKeyConstraint(["brand_id", column], [f"{table}.brand_id", f"{table}.id"])


def index(name: str | None, *columns: str, unique: bool = False, where: str = "") -> Index:
    """Return an index, over the rows of `where` if it says anything."""
    only = {f"{dialect}_where": sql(where) for dialect in ("sqlite", "postgresql") if where}
    return Index(name, *columns, unique=unique, **only)  # type: ignore[arg-type]  # options by dialect
