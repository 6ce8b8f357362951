"""Column types and shapes that every table is made of.

Money is BIGINT paise, an instant is UTC on both databases, an enumeration is text with a CHECK, an
exact decimal is NUMERIC on PostgreSQL and text on SQLite (whose NUMERIC is a float), a value is its
JSON document, and what is personal is sealed bytes. Source: data model §1, reliability design §12.
"""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from los_core.domain.documents import from_document, to_document
from los_core.domain.money import LIMIT

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


SEALED: Final = "sealed"
"""How the names of sealed columns begin."""


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored and returned in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive instant: nobody knows what it means."""
        if value is None:
            return None
        assert value.tzinfo is not None, "an instant has a zone"
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite keeps no zone: what is in it is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal with every digit it was given."""

    impl = String(40)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """NUMERIC without a scale keeps digits on PostgreSQL; SQLite would make it a float."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Numeric())
        return dialect.type_descriptor(String(40))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Write the plain form, without an exponent."""
        if value is None or dialect.name == "postgresql":
            return value
        return format(value, "f")

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Read either form."""
        return None if value is None else Decimal(value)


class Document(TypeDecorator[Any]):
    """A value of a domain class as its JSON document; fields added since take their defaults."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, hint: Any) -> None:
        super().__init__()
        self.hint = hint

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """JSONB on PostgreSQL, JSON text on SQLite."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(JSONB(none_as_null=True))
        return dialect.type_descriptor(JSON(none_as_null=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """Write the document."""
        return None if value is None else to_document(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """Read the value."""
        return None if value is None else from_document(self.hint, value, fill=True)


def text(name: str, *, null: bool = False) -> Column[Any]:
    """Text of any length."""
    return Column(name, Text, nullable=null)


def number(name: str) -> Column[Any]:
    """A count, never below zero."""
    return Column(name, BigInteger, CheckConstraint(f"{name} >= 0", name=name), nullable=False)


def paise(name: str, *, null: bool = False, least: int = 0) -> Column[Any]:
    """Money in whole paise, `least` to the domain's limit."""
    within = CheckConstraint(f"{name} BETWEEN {least} AND {LIMIT}", name=name)
    return Column(name, BigInteger, within, nullable=null)


def choice(name: str, members: type[StrEnum], *, null: bool = False) -> Column[Any]:
    """One of an enumeration, as its text."""
    kind = Enum(
        members,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=name,
        values_callable=lambda enum: [member.value for member in enum],
        validate_strings=True,
    )
    return Column(name, kind, nullable=null)


def uuid(name: str, *, null: bool = False) -> Column[Any]:
    """An id."""
    return Column(name, Uuid, nullable=null)


def day(name: str, *, null: bool = False) -> Column[Any]:
    """A business date."""
    return Column(name, Date, nullable=null)


def instant(name: str, *, null: bool = False) -> Column[Any]:
    """An instant."""
    return Column(name, Instant, nullable=null)


def exact(name: str, *, null: bool = False) -> Column[Any]:
    """A decimal."""
    return Column(name, Exact, nullable=null)


def document(name: str, hint: Any, *, null: bool = False) -> Column[Any]:
    """A value of a domain class, with nothing personal in it."""
    return Column(name, Document(hint), nullable=null)


def sealed(name: str, *, null: bool = False) -> Column[Any]:
    """What only the keys can read; the name says so, and `sealed_columns` finds it."""
    assert name.startswith(SEALED), "a sealed column is named for it"
    return Column(name, LargeBinary, nullable=null, info={SEALED: True})


def sealed_columns(table: Table) -> list[Column[Any]]:
    """Return the columns of a table that only the keys can read."""
    return [column for column in table.columns if SEALED in column.info]


def row_key(table: Table) -> list[Column[Any]]:
    """Return the columns that name a row among those of its brand."""
    return [column for column in table.primary_key if column.name != "brand_id"]


def brand_table(name: str, *items: SchemaItem, key: tuple[str, ...] = ("id",)) -> Table:
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
