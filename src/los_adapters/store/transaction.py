"""One open transaction, as the repositories use it: a connection, a brand, and the keys.

Statements that several repositories need are here once: a row of the brand, an insert that may find
its key taken, an update that refuses a stale version, a refusal named after the unique key it met.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final, Protocol, TypeAlias, TypeVar

import attrs
from sqlalchemy import (
    ColumnElement,
    Connection,
    Index,
    Insert,
    PrimaryKeyConstraint,
    RowMapping,
    Select,
    Table,
    UniqueConstraint,
    bindparam,
    delete,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from los_adapters.store.columns import metadata
from los_adapters.store.engine import inserting
from los_adapters.store.once import CHIEF_ON_FILE, RECORD_ON_FILE
from los_adapters.store.sealing import Sealer
from los_core.domain.errors import Conflict, StaleVersion
from los_core.domain.ids import BrandId, CustomerId, LoanId

T = TypeVar("T")
Row: TypeAlias = Mapping[str, Any]

_REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    "uq_customer_brand_id_phone_index": ("PHONE_ON_FILE", "this phone is registered already"),
    "uq_customer_person": ("PAN_ON_FILE", "another customer has this PAN"),
    "uq_payout_live": ("PAYOUT_LIVE", "the loan has a live payout already"),
    "uq_payout_bank_reference": ("UTR_ON_FILE", "the bank reference is on file"),
    "uq_receipt_utr": ("UTR_ON_FILE", "the UTR is on file under another payment"),
    "uq_posting_brand_id_loan_id_reference": ("POSTING_ON_FILE", "this posting is on file"),
    "uq_brand_code": ("BRAND_CODE_TAKEN", "a brand with this code exists"),
    "pk_audit_seal": ("SEALED", "another sealer was faster"),
    "uq_audit_seal_brand_id_event_id": ("SEALED", "another sealer was faster"),
    "uq_brand_subdomain": ("SUBDOMAIN_TAKEN", "a brand with this subdomain exists"),
    "uq_record_key": RECORD_ON_FILE,
    "uq_record_chief": CHIEF_ON_FILE,
    "uq_staff_email": ("EMAIL_TAKEN", "this e-mail address is taken"),
}
"""Unique keys that a port promises to refuse by name; breaking any other is a bug."""

_COUNTED: Final = {"preserve_rowcount": True}
"""SQLAlchemy forgets how many rows an INSERT wrote unless told to keep it."""


class Versioned(Protocol):
    """An aggregate that refuses a stale write."""

    version: int


@attrs.frozen(eq=False)
class Transaction:
    """A transaction of one brand."""

    connection: Connection
    brand_id: BrandId
    sealer: Sealer

    def of(self, table: Table) -> "Select[Any]":
        """Return a query over the brand's rows of a table."""
        return select(table).where(table.c.brand_id == self.brand_id)

    def one(self, query: "Select[Any]", read: Callable[[RowMapping], T]) -> T | None:
        """Return what the first row of a query says, or None."""
        return next(iter(self.many(query.limit(1), read)), None)

    def many(self, query: "Select[Any]", read: Callable[[RowMapping], T]) -> list[T]:
        """Return what every row of a query says, in its order."""
        rows = self.connection.execute(query).mappings().all()
        self.sealer.expect(rows)
        return [read(row) for row in rows]

    def get(
        self, table: Table, key: object, read: Callable[[RowMapping], T], *, lock: bool = False
    ) -> T | None:
        """Return what the brand's row with this id says, held against other writers if asked."""
        query = self.of(table).where(table.c.id == key)
        return self.one(query.with_for_update(key_share=True) if lock else query, read)

    def customer_of(self, loan_id: LoanId) -> CustomerId:
        """Return whose loan it is, which must be on file."""
        loan = metadata.tables["loan"].c
        query = select(loan.customer_id).where(loan.brand_id == self.brand_id, loan.id == loan_id)
        return CustomerId(self.connection.execute(query).scalar_one())

    def add(self, table: Table, row: Row) -> None:
        """Insert a row."""
        self.connection.execute(insert(table).values(**self._own(row)))

    def add_all(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows."""
        if rows:
            self.connection.execute(insert(table), [dict(self._own(row)) for row in rows])

    def add_once(self, table: Table, row: Row, *key: str) -> bool:
        """Insert a row unless one with the same values in the columns `key` is there.

        Another transaction that is inserting the same key is waited for.
        """
        return insert_once(self.connection, table, self._own(row), "brand_id", *key)

    def add_all_once(self, table: Table, rows: Sequence[Row], *key: str) -> list[bool]:
        """Insert rows whose values in the columns `key` are not there; say of each if it was new.

        Of two rows that agree in them the first is inserted.
        """
        if not rows:
            return []
        columns = [table.c[name] for name in key]
        query = inserting(self.connection, table).on_conflict_do_nothing(
            index_elements=["brand_id", *key]
        )
        written = self.connection.execute(query.returning(*columns), [*map(self._own, rows)])
        new = {tuple(row) for row in written}
        found = []
        for row in rows:
            named = tuple(row[name] for name in key)
            found.append(named in new)
            new.discard(named)
        return found

    def add_all_or_refuse(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows. Raises: Conflict: as `add_or_refuse`."""
        if rows:
            refusing(self.connection, insert(table), [*map(self._own, rows)])

    def add_once_or_refuse(self, table: Table, row: Row, *key: str) -> bool:
        """Insert a row unless its key is taken. Raises: Conflict: as `add_or_refuse`."""
        query = inserting(self.connection, table).values(**self._own(row))
        query = query.on_conflict_do_nothing(index_elements=["brand_id", *key])
        return refusing(self.connection, query) == 1

    def add_or_refuse(self, table: Table, row: Row) -> None:
        """Insert a row. Raises: Conflict: a unique key of `_REFUSALS` has it already."""
        refusing(self.connection, insert(table).values(**self._own(row)))

    def replace(self, table: Table, row: Row, **key: object) -> None:
        """Write all columns of the row with this key, which must be there."""
        query = update(table).where(table.c.brand_id == self.brand_id).values(**self._own(row))
        for name, value in key.items():
            query = query.where(table.c[name] == value)
        written = self.connection.execute(query).rowcount
        assert written == 1, f"nothing to save in {table.name}"

    def save(self, table: Table, aggregate: Versioned, row: Row) -> None:
        """Write all columns of an aggregate's row and raise its version.

        Raises: StaleVersion; Conflict: a unique key of `_REFUSALS` has its value already.
        """
        own = (table.c.brand_id == self.brand_id, table.c.id == row["id"])
        save_versioned(self.connection, table, aggregate, self._own(row), own)

    def save_all(self, table: Table, changed: Sequence[tuple[Versioned, Row]]) -> None:
        """Write the rows of aggregates that are held, each named once. Raises: StaleVersion."""
        if not changed:
            return
        names = [name for name in changed[0][1] if name not in ("brand_id", "id", "version")]
        query = (
            update(table)
            .where(
                table.c.brand_id == self.brand_id,
                table.c.id == bindparam("the_id"),
                table.c.version == bindparam("read_version"),
            )
            .values(
                version=table.c.version + 1, **{name: bindparam(f"new_{name}") for name in names}
            )
        )
        new = [
            {"the_id": row["id"], "read_version": aggregate.version}
            | {f"new_{name}": row[name] for name in names}
            for aggregate, row in changed
        ]
        if self.connection.execute(query, new).rowcount != len(new):
            raise stale(None)
        for aggregate, _ in changed:
            aggregate.version += 1

    def count(self, table: Table, series: str, *, by: int = 1) -> int:
        """Raise a series of the brand, which others wait for; return its last number now."""
        first = inserting(self.connection, table).values(
            **self._own({"series": series, "value": by})
        )
        query = first.on_conflict_do_update(
            index_elements=["brand_id", "series"], set_={"value": table.c.value + by}
        ).returning(table.c.value)
        number: int = self.connection.execute(query).scalar_one()
        return number

    def purge(self, table: Table, *where: ColumnElement[bool], limit: int) -> int:
        """Delete `limit` at most of the brand's rows that are so; return how many there were."""
        key = tuple_(*table.primary_key.columns)
        some = select(*table.primary_key.columns).where(table.c.brand_id == self.brand_id, *where)
        return self.connection.execute(delete(table).where(key.in_(some.limit(limit)))).rowcount

    def _own(self, row: Row) -> Row:
        """Return the row with its brand, which is no other than the transaction's."""
        assert row.get("brand_id", self.brand_id) == self.brand_id, "a row of another brand"
        return {**row, "brand_id": self.brand_id}


def save_versioned(
    connection: Connection,
    table: Table,
    aggregate: Versioned,
    row: Row,
    own: Sequence[Any],
) -> None:
    """Write `row` where `own` holds and the version is the one that was read."""
    new = {**row, "version": aggregate.version + 1}
    query = update(table).where(*own, table.c.version == aggregate.version).values(**new)
    if refusing(connection, query) == 0:
        raise stale(connection.execute(select(table.c.version).where(*own)).scalar())
    aggregate.version += 1


def stale(version: int | None) -> StaleVersion:
    """Return the refusal of a write that read another version than today's."""
    return StaleVersion(
        "somebody changed this since it was read; read it again", details={"version": version}
    )


def insert_once(connection: Connection, table: Table, row: Row, *key: str) -> bool:
    """Insert a row unless its key is taken; say whether it was inserted."""
    query = inserting(connection, table).values(**row)
    query = query.on_conflict_do_nothing(index_elements=list(key))
    return connection.execute(query, execution_options=_COUNTED).rowcount == 1


def refusing(
    connection: Connection, query: "Insert | Any", rows: Sequence[Row] | None = None
) -> int:
    """Execute in a savepoint, so that a refusal leaves the transaction usable; return the rows.

    With `rows` the query is an insert of each of them.

    Raises: Conflict: a unique key of `_REFUSALS` was met.
    """
    try:
        with connection.begin_nested():
            return connection.execute(query, rows, execution_options=_COUNTED).rowcount
    except IntegrityError as err:
        if (name := _violated(err)) not in _REFUSALS:
            raise
        code, message = _REFUSALS[name]
        raise Conflict(message, code=code) from err


def _violated(err: IntegrityError) -> str:
    """Return the name of the unique key that was met; "" if it was none."""
    diagnosis = getattr(err.orig, "diag", None)
    if diagnosis is not None:
        return diagnosis.constraint_name or ""
    head, _, columns = str(err.orig).partition("UNIQUE constraint failed: ")
    if head or not columns:
        return ""
    return _unique_keys().get(frozenset(columns.split(", ")), "")


@cache
def _unique_keys() -> Mapping[frozenset[str], str]:
    """Return the names of unique keys by their columns, which is all that SQLite tells."""
    found: dict[frozenset[str], str] = {}
    for table in metadata.tables.values():
        keys: list[UniqueConstraint | PrimaryKeyConstraint | Index] = [
            key
            for key in table.constraints
            if isinstance(key, UniqueConstraint | PrimaryKeyConstraint)
        ]
        keys += [index for index in table.indexes if index.unique]
        for key in keys:
            found[frozenset(f"{table.name}.{column.name}" for column in key.columns)] = str(
                key.name
            )
    return found
