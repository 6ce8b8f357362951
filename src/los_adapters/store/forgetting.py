"""Forgetting a customer in one transaction, in SQL: the key, and what stands outside its reach.

Whatever is sealed by the customer's key needs no statement here: it is unreadable with the key
gone, in backups too. What is plain and leads to the person is taken away.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, select, update

from los_adapters.store import platform_tables, tables
from los_adapters.store.transaction import Transaction
from los_core.domain.errors import Erased, NotFound
from los_core.domain.ids import CustomerId

_customer = tables.customer.c
_loan = tables.loan.c
_message = platform_tables.message.c
_answer = platform_tables.idempotency.c


def forget(tx: Transaction, customer_id: CustomerId, at: datetime) -> None:
    """Destroy a customer's keys and take away what finds the person; see the port."""
    query = tx.of(tables.customer).where(_customer.id == customer_id).with_for_update()
    row = tx.connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("no such customer")
    if row["erased_at"] is not None:
        raise Erased("this person's data were erased", details={"erasedAt": str(row["erased_at"])})
    gone = {
        "erased_at": at,
        "phone_index": f"erased:{customer_id}",
        "person": "",
        "version": row["version"] + 1,
    }
    tx.replace(tables.customer, gone, id=customer_id)
    tx.sealer.keys.destroy(customer_id, at)
    _delete(tx, tables.customer_search, tables.customer_search.c.customer_id == customer_id)
    _delete(tx, tables.customer_account, tables.customer_account.c.customer_id == customer_id)
    _delete(tx, tables.otp, tables.otp.c.phone_index == row["phone_index"])
    session = platform_tables.session
    _delete(tx, session, session.c.customer_id == customer_id)
    _delete(tx, platform_tables.idempotency, _answer.scope.startswith(f"web:{customer_id}:"))
    loans = select(_loan.id).where(_loan.brand_id == tx.brand_id, _loan.customer_id == customer_id)
    tx.connection.execute(
        update(platform_tables.message)
        .where(_message.brand_id == tx.brand_id, _message.loan_id.in_(loans))
        .values(to_masked="")
    )


def _delete(tx: Transaction, table: Table, *where: ColumnElement[bool]) -> None:
    tx.connection.execute(delete(table).where(table.c.brand_id == tx.brand_id, *where))
