"""Payouts, receipts and books, in memory."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

import attrs

from los_adapters.store.memory.shelves import Shelves, parent, save
from los_core.domain.errors import Conflict
from los_core.domain.facts import Fact, kind_of
from los_core.domain.ids import BrandId, LoanId, PaymentId, PayoutId, StaffId
from los_core.domain.ledger import Posting
from los_core.domain.money import Paise
from los_core.domain.payout import UNDECIDED, Payout, PayoutStage
from los_core.domain.servicing import CollectionOrder, Receipt, ReceiptStatus


@attrs.frozen
class MemoryPayouts:
    """Payout attempts of one brand."""

    shelves: Shelves
    brand_id: BrandId

    def add(self, payout: Payout) -> None:
        parent(self.shelves.loans, self.brand_id, payout.loan_id)
        if payout.live and any(known.live for known in self.of_loan(payout.loan_id)):
            raise Conflict("the loan has a live payout already", code="PAYOUT_LIVE")
        self._refuse_known_reference(payout)
        assert self.shelves.payouts.add(payout, self.brand_id, payout.id)

    def get(self, payout_id: PayoutId) -> Payout | None:
        return self.shelves.payouts.get(self.brand_id, payout_id)

    def save(self, payout: Payout) -> None:
        self._refuse_known_reference(payout)
        save(self.shelves.payouts, payout, self.brand_id, payout.id)

    def of_loan(self, loan_id: LoanId) -> Sequence[Payout]:
        found = self.shelves.payouts.of(self.brand_id, where=lambda each: each.loan_id == loan_id)
        return sorted(found, key=lambda payout: payout.attempt)

    def undecided(self, *, limit: int) -> Sequence[Payout]:
        found = self.shelves.payouts.of(self.brand_id, where=lambda each: each.stage in UNDECIDED)
        return sorted(found, key=lambda payout: (payout.prepared_at, payout.id))[:limit]

    def watched(self, *, since: datetime) -> Sequence[Payout]:
        return self.shelves.payouts.of(
            self.brand_id,
            where=lambda each: (
                each.stage is PayoutStage.MANUAL
                or (
                    each.stage in (PayoutStage.SUCCESS, PayoutStage.FAILED)
                    and each.sent_at is not None
                    and each.settled_at is not None
                    and each.settled_at >= since
                )
            ),
        )

    def _refuse_known_reference(self, payout: Payout) -> None:
        if payout.bank_reference and any(
            known.bank_reference == payout.bank_reference and known.id != payout.id
            for known in self.shelves.payouts.peek(self.brand_id)
        ):
            raise Conflict("the bank reference is on file", code="UTR_ON_FILE")


@attrs.frozen
class MemoryReceipts:
    """Orders and receipts of one brand."""

    shelves: Shelves
    brand_id: BrandId

    def add_order(self, order: CollectionOrder) -> None:
        parent(self.shelves.loans, self.brand_id, order.loan_id)
        assert self.shelves.orders.add(order, self.brand_id, order.reference)

    def save_order(self, order: CollectionOrder) -> None:
        self.shelves.orders.replace(order, self.brand_id, order.reference)

    def order(self, reference: str) -> CollectionOrder | None:
        return self.shelves.orders.get(self.brand_id, reference)

    def orders_at(
        self, provider: str, account: str, order_ids: Collection[str]
    ) -> Mapping[str, CollectionOrder]:
        found = self.shelves.orders.of(
            self.brand_id,
            where=lambda each: (
                (each.provider, each.provider_account) == (provider, account)
                and each.order_id in order_ids
                and each.order_id != ""
            ),
        )
        return {order.order_id: order for order in found}

    def orders_of(self, loan_id: LoanId) -> Sequence[CollectionOrder]:
        found = self.shelves.orders.of(self.brand_id, where=lambda each: each.loan_id == loan_id)
        return sorted(found, key=lambda order: (order.created_at, order.reference))

    def add(self, receipt: Receipt) -> bool:
        parent(self.shelves.loans, self.brand_id, receipt.loan_id)
        if self.find(receipt.source, receipt.account, receipt.reference) is not None:
            return False
        self._refuse_known_utr(receipt)
        assert self.shelves.receipts.add(receipt, self.brand_id, receipt.id)
        return True

    def add_all(self, receipts: Sequence[Receipt]) -> None:
        for receipt in receipts:
            assert self.add(receipt), "this receipt is on file"

    def known(self, source: str, account: str, references: Collection[str]) -> Collection[str]:
        return {
            each.reference
            for each in self.shelves.receipts.peek(self.brand_id)
            if (each.source, each.account) == (source, account) and each.reference in references
        }

    def utrs_on_file(self, utrs: Collection[str]) -> Collection[str]:
        kept = {each.utr for each in self.shelves.receipts.peek(self.brand_id)}
        return {utr for utr in utrs if utr and utr in kept}

    def get(self, payment_id: PaymentId) -> Receipt | None:
        return self.shelves.receipts.get(self.brand_id, payment_id)

    def find(self, source: str, account: str, reference: str) -> Receipt | None:
        known = (source, account, reference)
        found = self.shelves.receipts.of(
            self.brand_id, where=lambda each: (each.source, each.account, each.reference) == known
        )
        return found[0] if found else None

    def save(self, receipt: Receipt) -> None:
        self._refuse_known_utr(receipt)
        save(self.shelves.receipts, receipt, self.brand_id, receipt.id)

    def of_loan(self, loan_id: LoanId) -> Sequence[Receipt]:
        found = self.shelves.receipts.of(self.brand_id, where=lambda each: each.loan_id == loan_id)
        return sorted(found, key=lambda receipt: (receipt.value_date, receipt.id))

    def collected(
        self, *, since: date, until: date, by: Collection[StaffId] | None = None
    ) -> Paise:
        return sum(
            receipt.amount
            for receipt in self.shelves.receipts.peek(self.brand_id)
            if receipt.status is ReceiptStatus.POSTED
            and since <= receipt.value_date <= until
            and (by is None or self._executive(receipt.loan_id) in by)
        )

    def _executive(self, loan_id: LoanId) -> StaffId | None:
        loan = self.shelves.loans.get(self.brand_id, loan_id)
        return loan.assigned_to if loan else None

    def awaiting_approval(self) -> Sequence[Receipt]:
        found = self.shelves.receipts.of(
            self.brand_id, where=lambda each: each.status is ReceiptStatus.PENDING_APPROVAL
        )
        return sorted(found, key=lambda receipt: (receipt.recorded_at, receipt.id))

    def _refuse_known_utr(self, receipt: Receipt) -> None:
        if receipt.utr and any(
            known.utr == receipt.utr and known.id != receipt.id
            for known in self.shelves.receipts.peek(self.brand_id)
        ):
            raise Conflict("the UTR is on file under another payment", code="UTR_ON_FILE")


@attrs.frozen
class MemoryBooks:
    """Facts and postings of one brand."""

    shelves: Shelves
    brand_id: BrandId

    def add_facts(
        self, facts: Sequence[tuple[LoanId, Fact]], recorded_at: datetime
    ) -> Sequence[bool]:
        assert recorded_at.tzinfo is not None, "an instant has a zone"
        return [self._add_fact(loan_id, fact) for loan_id, fact in facts]

    def facts(self, loan_id: LoanId) -> Sequence[Fact]:
        return self.shelves.facts.of(self.brand_id, loan_id)

    def facts_of(self, loan_ids: Collection[LoanId]) -> Mapping[LoanId, Sequence[Fact]]:
        return {loan_id: self.facts(loan_id) for loan_id in loan_ids}

    def post(self, postings: Sequence[tuple[LoanId, Posting]], *, posted_on: date) -> None:
        for loan_id, posting in postings:
            parent(self.shelves.loans, self.brand_id, loan_id)
            assert sum(entry.amount for entry in posting.entries) == 0, "debits equal credits"
            added = self.shelves.postings.add(
                (posting, posted_on), self.brand_id, loan_id, posting.reference
            )
            if not added:
                raise Conflict("this posting is on file", code="POSTING_ON_FILE")

    def postings(self, loan_id: LoanId) -> Sequence[Posting]:
        return [posting for posting, _ in self.shelves.postings.of(self.brand_id, loan_id)]

    def _add_fact(self, loan_id: LoanId, fact: Fact) -> bool:
        parent(self.shelves.loans, self.brand_id, loan_id)
        return self.shelves.facts.add(
            fact, self.brand_id, loan_id, kind_of(fact), fact.source, fact.reference
        )
