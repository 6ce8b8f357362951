"""Forgetting a customer, in memory: what a database has under the customer's key is blanked.

As there, rows stay, and whoever reads one is told that it was erased.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, TypeVar

import attrs

from los_adapters.store.memory.shelves import Shelf, Shelves
from los_core.domain.customer import Customer
from los_core.domain.errors import Erased, NotFound
from los_core.domain.ids import BrandId, CustomerId, LoanId
from los_core.domain.kyc import Phone

T = TypeVar("T")
_NOBODY: Final = "6000000000"


def of_customer(shelves: Shelves, brand_id: BrandId, customer_id: CustomerId, value: T) -> T:
    """Return what was read of a customer. Raises: Erased."""
    at = shelves.erased.get(brand_id, customer_id)
    if at is not None and value is not None:
        raise Erased("this person's data were erased", details={"erasedAt": at.isoformat()})
    return value


def of_loan(shelves: Shelves, brand_id: BrandId, loan_id: LoanId, value: T) -> T:
    """Return what was read of a loan's customer. Raises: Erased."""
    loan = shelves.loans.get(brand_id, loan_id)
    return value if loan is None else of_customer(shelves, brand_id, loan.customer_id, value)


def forget(shelves: Shelves, brand_id: BrandId, customer_id: CustomerId, at: datetime) -> None:
    """Blank what is known of a customer and take away what finds the person; see the port."""
    customer = of_customer(
        shelves, brand_id, customer_id, shelves.customers.get(brand_id, customer_id)
    )
    if customer is None:
        raise NotFound("no such customer")
    shelves.erased.put(at, brand_id, customer_id)
    nobody = Customer(
        id=customer.id,
        brand_id=brand_id,
        phone=Phone(_NOBODY),
        status=customer.status,
        created_at=customer.created_at,
        version=customer.version + 1,
    )
    shelves.customers.put(nobody, brand_id, customer_id)
    loans = {loan.id for loan in shelves.loans.peek(brand_id) if loan.customer_id == customer_id}
    _blank_papers(shelves, brand_id, customer_id, loans)
    _take_away(shelves, brand_id, customer_id)


def _blank_papers(
    shelves: Shelves, brand_id: BrandId, customer_id: CustomerId, loans: Collection[LoanId]
) -> None:
    own, lent = {customer_id}, loans
    secrets = {"signing_url": "", "callback_token": "", "callback_secret": ""}
    _blank(shelves.consents, brand_id, "customer_id", own, ip=None, device=None)
    _blank(shelves.reports, brand_id, "customer_id", own, document={}, figures={}, raw=b"")
    _blank(shelves.documents, brand_id, "customer_id", own, name="")
    _blank(shelves.decisions, brand_id, "loan_id", lent, document={})
    _blank(shelves.cams, brand_id, "loan_id", lent, document={}, remarks="")
    _blank(shelves.agreements, brand_id, "loan_id", lent, **secrets)
    _blank(shelves.messages, brand_id, "loan_id", lent, to_masked="")
    offers = {offer.id for offer in shelves.offers.peek(brand_id) if offer.loan_id in loans}
    _blank(shelves.key_facts, brand_id, "offer_id", offers, document={})
    owned = [key[1] for key, owner in shelves.event_owners.rows.items() if owner == customer_id]
    _blank(shelves.events, brand_id, "id", owned, body=b"")


def _take_away(shelves: Shelves, brand_id: BrandId, customer_id: CustomerId) -> None:
    phones = [key for key, owner in shelves.phones.rows.items() if owner == customer_id]
    indexes = {key[1] for key in phones}
    for key in phones:
        del shelves.phones.rows[key]
        shelves.phones.put(customer_id, brand_id, f"erased:{customer_id}")
    for taken in [key for key in shelves.accounts.rows if key[-1] == customer_id]:
        del shelves.accounts.rows[taken]
    for key, challenge in list(shelves.otps.rows.items()):
        if key[0] == brand_id and challenge.phone_index in indexes:
            del shelves.otps.rows[key]
    for key, session in list(shelves.sessions.rows.items()):
        if session.customer_id == customer_id:
            del shelves.sessions.rows[key]
    for key in list(shelves.keys.rows):
        if key[0] == brand_id and str(key[1]).startswith(f"web:{customer_id}:"):
            del shelves.keys.rows[key]


def _blank(
    shelf: Shelf[Any], brand_id: BrandId, of: str, ids: Collection[object], **blank: object
) -> None:
    for key, value in list(shelf.rows.items()):
        if key[0] == brand_id and getattr(value, of) in ids:
            shelf.rows[key] = attrs.evolve(value, **blank)
