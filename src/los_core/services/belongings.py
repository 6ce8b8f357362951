"""Whose vendors' messages are: each is put under its customer's key once it is done with.

A message arrives before anybody knows whose it is, so it is sealed by the brand's key first. Sorted
behind the requests, it goes with its customer; one that is nobody's and of no use is emptied.
"""

from typing import Final
from uuid import UUID

import attrs

from los_core.domain.errors import Erased
from los_core.domain.ids import BrandId, CustomerId, LoanId
from los_core.domain.work import Run, WebhookEvent
from los_core.ports.directory import ESIGN, PAYMENT, Directory
from los_core.ports.work import Begin, UnitOfWork

SORT: Final = "webhooks.sort"
_CHUNK: Final = 200


@attrs.frozen(kw_only=True)
class Belongings:
    """Finds out whose a message is."""

    begin: Begin
    directory: Directory

    def sort(self, brand_id: BrandId, *, run: Run | None = None) -> int:
        """Give a brand's settled messages to their customers; return how many were sorted.

        Of a vendor that is not set up any more nobody can read them: they wait. Raises: LeaseLost:
        the scheduled `run` it belongs to was taken over.
        """
        done, after = 0, None
        while True:
            with self.begin(brand_id) as uow:
                if run is not None:
                    uow.desk.hold(run)
                page = uow.desk.unsorted(after=after, limit=_CHUNK)
                for event in page:
                    if self._is_readable(event):
                        uow.desk.sort_event(event.id, self.owner(uow, event))
                        done += 1
            if len(page) < _CHUNK:
                return done
            after = page[-1].id

    def owner(self, uow: UnitOfWork, event: WebhookEvent) -> CustomerId | None:
        """Return whose message it is; None: no customer's who is on file."""
        loan_id = self.loan_of(uow, event)
        loan = uow.loans.get(loan_id) if loan_id else None
        return loan.customer_id if loan else None

    def loan_of(self, uow: UnitOfWork, event: WebhookEvent) -> LoanId | None:
        """Return which loan a message is about; None: no loan on file, or it cannot be read."""
        return self._signed(uow, event) if event.port == ESIGN.name else self._paid(uow, event)

    def _is_readable(self, event: WebhookEvent) -> bool:
        if event.port == PAYMENT.name:
            return self.directory.named(event.brand_id, PAYMENT, event.provider) is not None
        return event.port == ESIGN.name

    def _signed(self, uow: UnitOfWork, event: WebhookEvent) -> LoanId | None:
        try:
            agreement = uow.agreements.get(UUID(event.reference))
        except Erased:
            return None
        return agreement.loan_id if agreement else None

    def _paid(self, uow: UnitOfWork, event: WebhookEvent) -> LoanId | None:
        vendor = self.directory.named(event.brand_id, PAYMENT, event.provider)
        try:
            seen = vendor.adapter.payment_of(event.body) if vendor else None
        except (ValueError, RecursionError):
            return None
        if seen is None:
            return None
        orders = uow.receipts.orders_at(event.provider, event.account, [seen.order_id])
        order = orders.get(seen.order_id)
        return order.loan_id if order else None
