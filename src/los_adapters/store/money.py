"""Payouts, receipts and books, in SQL."""
# ruff: noqa: D102 - what each method does is said by its port

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

import attrs
from sqlalchemy import RowMapping, func, select

from los_adapters.store import money_tables, rows, tables
from los_adapters.store.transaction import Transaction
from los_core.domain.facts import Fact
from los_core.domain.ids import LoanId, PaymentId, PayoutId, StaffId
from los_core.domain.ledger import Entry, Posting
from los_core.domain.money import Paise
from los_core.domain.payout import UNDECIDED, Payout, PayoutStage
from los_core.domain.servicing import CollectionOrder, Receipt, ReceiptStatus

_payout = money_tables.payout.c
_receipt = money_tables.receipt.c
_order = money_tables.collection_order.c
_posting = money_tables.posting.c
_entry = money_tables.ledger_entry.c
_fact = money_tables.fact.c


@attrs.frozen
class SqlPayouts:
    """Payout attempts of one brand."""

    tx: Transaction

    def add(self, payout: Payout) -> None:
        self.tx.add_or_refuse(money_tables.payout, rows.columns_of(payout))

    def get(self, payout_id: PayoutId) -> Payout | None:
        return self.tx.get(money_tables.payout, payout_id, rows.plain(Payout))

    def save(self, payout: Payout) -> None:
        self.tx.save(money_tables.payout, payout, rows.columns_of(payout))

    def of_loan(self, loan_id: LoanId) -> Sequence[Payout]:
        query = self.tx.of(money_tables.payout).where(_payout.loan_id == loan_id)
        return self.tx.many(query.order_by(_payout.attempt), rows.plain(Payout))

    def undecided(self, *, limit: int) -> Sequence[Payout]:
        query = self.tx.of(money_tables.payout).where(_payout.stage.in_(UNDECIDED))
        ordered = query.order_by(_payout.prepared_at, _payout.id).limit(limit)
        return self.tx.many(ordered, rows.plain(Payout))

    def watched(self, *, since: datetime) -> Sequence[Payout]:
        ended = _payout.stage.in_([PayoutStage.SUCCESS, PayoutStage.FAILED])
        lately = ended & _payout.sent_at.is_not(None) & (_payout.settled_at >= since)
        query = self.tx.of(money_tables.payout)
        query = query.where((_payout.stage == PayoutStage.MANUAL) | lately)
        return self.tx.many(query, rows.plain(Payout))


@attrs.frozen
class SqlReceipts:
    """Orders and receipts of one brand."""

    tx: Transaction

    def add_order(self, order: CollectionOrder) -> None:
        self.tx.add(money_tables.collection_order, rows.order_to_row(order, self.tx.sealer))

    def save_order(self, order: CollectionOrder) -> None:
        row = rows.order_to_row(order, self.tx.sealer)
        self.tx.replace(money_tables.collection_order, row, reference=order.reference)

    def order(self, reference: str) -> CollectionOrder | None:
        query = self.tx.of(money_tables.collection_order).where(_order.reference == reference)
        return self.tx.one(query, self._read_order)

    def orders_at(
        self, provider: str, account: str, order_ids: Collection[str]
    ) -> Mapping[str, CollectionOrder]:
        query = self.tx.of(money_tables.collection_order).where(
            _order.provider == provider,
            _order.provider_account == account,
            _order.order_id.in_(order_ids),
            _order.order_id != "",
        )
        return {order.order_id: order for order in self.tx.many(query, self._read_order)}

    def orders_of(self, loan_id: LoanId) -> Sequence[CollectionOrder]:
        query = self.tx.of(money_tables.collection_order).where(_order.loan_id == loan_id)
        ordered = query.order_by(_order.created_at, _order.reference)
        return self.tx.many(ordered, self._read_order)

    def add(self, receipt: Receipt) -> bool:
        if self.find(receipt.source, receipt.account, receipt.reference) is not None:
            return False
        return self.tx.add_once_or_refuse(
            money_tables.receipt, rows.columns_of(receipt), "source", "account", "reference"
        )

    def add_all(self, receipts: Sequence[Receipt]) -> None:
        self.tx.add_all_or_refuse(
            money_tables.receipt, [rows.columns_of(each) for each in receipts]
        )

    def known(self, source: str, account: str, references: Collection[str]) -> Collection[str]:
        query = select(_receipt.reference).where(
            _receipt.brand_id == self.tx.brand_id,
            _receipt.source == source,
            _receipt.account == account,
            _receipt.reference.in_(references),
        )
        return set(self.tx.connection.execute(query).scalars())

    def utrs_on_file(self, utrs: Collection[str]) -> Collection[str]:
        query = select(_receipt.utr).where(
            _receipt.brand_id == self.tx.brand_id, _receipt.utr.in_(utrs), _receipt.utr != ""
        )
        return set(self.tx.connection.execute(query).scalars())

    def get(self, payment_id: PaymentId) -> Receipt | None:
        return self.tx.get(money_tables.receipt, payment_id, rows.plain(Receipt))

    def find(self, source: str, account: str, reference: str) -> Receipt | None:
        query = self.tx.of(money_tables.receipt).where(
            _receipt.source == source,
            _receipt.account == account,
            _receipt.reference == reference,
        )
        return self.tx.one(query, rows.plain(Receipt))

    def save(self, receipt: Receipt) -> None:
        self.tx.save(money_tables.receipt, receipt, rows.columns_of(receipt))

    def of_loan(self, loan_id: LoanId) -> Sequence[Receipt]:
        query = self.tx.of(money_tables.receipt).where(_receipt.loan_id == loan_id)
        return self.tx.many(query.order_by(_receipt.value_date, _receipt.id), rows.plain(Receipt))

    def collected(
        self, *, since: date, until: date, by: Collection[StaffId] | None = None
    ) -> Paise:
        query = select(func.coalesce(func.sum(_receipt.amount), 0)).where(
            _receipt.brand_id == self.tx.brand_id,
            _receipt.status == ReceiptStatus.POSTED,
            _receipt.value_date.between(since, until),
        )
        if by is not None:
            loan = tables.loan.c
            mine = select(loan.id).where(
                loan.brand_id == self.tx.brand_id, loan.assigned_to.in_(by)
            )
            query = query.where(_receipt.loan_id.in_(mine))
        return int(self.tx.connection.execute(query).scalar_one())

    def awaiting_approval(self) -> Sequence[Receipt]:
        query = self.tx.of(money_tables.receipt).where(
            _receipt.status == ReceiptStatus.PENDING_APPROVAL
        )
        return self.tx.many(query.order_by(_receipt.recorded_at, _receipt.id), rows.plain(Receipt))

    def _read_order(self, row: RowMapping) -> CollectionOrder:
        return rows.order_from_row(row, self.tx.sealer)


@attrs.frozen
class SqlBooks:
    """Facts and ledger of one brand. `posted` gathers the transaction's postings for its check."""

    tx: Transaction
    posted: list[UUID]

    def add_facts(
        self, facts: Sequence[tuple[LoanId, Fact]], recorded_at: datetime
    ) -> Sequence[bool]:
        written = [rows.fact_to_row(loan_id, fact, recorded_at) for loan_id, fact in facts]
        key = ("loan_id", "kind", "source", "reference")
        return self.tx.add_all_once(money_tables.fact, written, *key)

    def facts(self, loan_id: LoanId) -> Sequence[Fact]:
        return self.facts_of([loan_id])[loan_id]

    def facts_of(self, loan_ids: Collection[LoanId]) -> Mapping[LoanId, Sequence[Fact]]:
        query = self.tx.of(money_tables.fact).where(_fact.loan_id.in_(loan_ids))
        found: dict[LoanId, list[Fact]] = {loan_id: [] for loan_id in loan_ids}
        for loan_id, fact in self.tx.many(
            query, lambda row: (LoanId(row["loan_id"]), rows.fact_from_row(row))
        ):
            found[loan_id].append(fact)
        return found

    def post(self, postings: Sequence[tuple[LoanId, Posting]], *, posted_on: date) -> None:
        if not postings:
            return
        last = self._last_seq({loan_id for loan_id, _ in postings})
        headers, entries = [], []
        for loan_id, posting in postings:
            last[loan_id] += 1
            headers.append(
                {
                    "id": posting.id,
                    "loan_id": loan_id,
                    "seq": last[loan_id],
                    "reference": posting.reference,
                    "posted_on": posted_on,
                }
            )
            entries += [
                {"posting_id": posting.id, "no": no, "loan_id": loan_id, **rows.columns_of(entry)}
                for no, entry in enumerate(posting.entries, 1)
            ]
        self.tx.add_all_or_refuse(money_tables.posting, headers)
        self.posted.extend(posting.id for _, posting in postings)
        self.tx.add_all(money_tables.ledger_entry, entries)

    def postings(self, loan_id: LoanId) -> Sequence[Posting]:
        query = (
            select(
                _posting.id, _posting.reference, _entry.account, _entry.value_date, _entry.amount
            )
            .select_from(money_tables.posting.outerjoin(money_tables.ledger_entry))
            .where(_posting.brand_id == self.tx.brand_id, _posting.loan_id == loan_id)
            .order_by(_posting.seq, _entry.no)
        )
        found = self.tx.connection.execute(query)
        return [
            Posting(
                id=posting_id,
                reference=reference,
                entries=tuple(
                    Entry(account=line.account, value_date=line.value_date, amount=line.amount)
                    for line in lines
                    if line.account is not None
                ),
            )
            for (posting_id, reference), lines in groupby(found, lambda line: tuple(line[:2]))
        ]

    def _last_seq(self, loan_ids: Collection[LoanId]) -> dict[LoanId, int]:
        query = (
            select(_posting.loan_id, func.max(_posting.seq))
            .where(_posting.brand_id == self.tx.brand_id, _posting.loan_id.in_(loan_ids))
            .group_by(_posting.loan_id)
        )
        found: dict[LoanId, int] = defaultdict(int)
        found.update((LoanId(row[0]), row[1]) for row in self.tx.connection.execute(query))
        return found

    def check_balance(self) -> None:
        """Assert that debits equal credits in every posting of this transaction, as stored."""
        if not self.posted:
            return
        uneven = (
            select(_entry.posting_id)
            .where(_entry.brand_id == self.tx.brand_id, _entry.posting_id.in_(self.posted))
            .group_by(_entry.posting_id)
            .having(func.sum(_entry.amount) != 0)
        )
        found = self.tx.connection.execute(uneven).scalars().all()
        assert not found, f"debits do not equal credits in postings {found}"
