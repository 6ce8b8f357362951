"""Finding customers by what staff type, through an index of trigrams, in SQL.

PostgreSQL does it in a function of a role of its own: the application may not read the plain names,
and under row security no LIKE would use the index. SQLite does it by an FTS5 table that triggers
keep. Both were made by revision 0006. Source: decision D14.
"""

from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    bindparam,
    column,
    func,
    select,
    table,
)

from los_adapters.store import tables
from los_adapters.store.engine import inserting
from los_adapters.store.transaction import Transaction
from los_core.domain.customer import Customer
from los_core.domain.ids import CustomerId
from los_core.domain.search import LEAST, Wanted, findable

_search: Final = tables.customer_search.c
_fts: Final = table("customer_fts", column("rowid"), column("name", Text), column("phone", Text))
_fts_key: Final = table("customer_fts_key", column("doc"), column("customer_id", Uuid))


def index(tx: Transaction, customer: Customer) -> None:
    """Write what the customer is found by, in place of what was there."""
    found = findable(customer)
    new = {"name": found.name, "phone": found.phone, "pan_last4": found.pan_last4}
    row = {"brand_id": tx.brand_id, "customer_id": customer.id, **new}
    query = inserting(tx.connection, tables.customer_search).values(**row)
    keyed = ["brand_id", "customer_id"]
    tx.connection.execute(query.on_conflict_do_update(index_elements=keyed, set_=new))


def found(
    tx: Transaction, sought: Wanted, *, after: CustomerId | None, limit: int
) -> "Select[Any]":
    """Return the query for the ids of those that are sought, the newest first."""
    if tx.connection.dialect.name == "postgresql":
        told = func.search_customers(
            tx.brand_id,
            bindparam("words", list(sought.words), ARRAY(Text)),
            sought.digits,
            sought.pan_last4,
            bindparam("before", after, Uuid),
            limit,
        )
        return select(told.column_valued("customer_id"))
    query = select(_search.customer_id).where(_search.brand_id == tx.brand_id, *_parts(sought))
    if after is not None:
        query = query.where(_search.customer_id < after)
    return query.order_by(_search.customer_id.desc()).limit(limit)


def _parts(sought: Wanted) -> "list[ColumnElement[bool]]":
    """Return what has to hold in SQLite: the trigrams narrow, the plain columns decide."""
    where = [_search.name.contains(word) for word in sought.words]
    where.append(_search.phone.contains(sought.digits))
    if sought.pan_last4:
        where.append(_search.pan_last4 == sought.pan_last4)
    narrowing = [(_fts.c.name, word) for word in sought.words] + [(_fts.c.phone, sought.digits)]
    for text, part in narrowing:
        if len(part) >= LEAST:
            hits = select(_fts_key.c.customer_id).join(_fts, _fts.c.rowid == _fts_key.c.doc)
            where.append(_search.customer_id.in_(hits.where(text.like(f"%{part}%"))))
    return where
