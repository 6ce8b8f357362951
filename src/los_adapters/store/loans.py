"""Loans with their history, and the offers made for them, in SQL."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import partial
from uuid import UUID

import attrs
from sqlalchemy import Select, func, or_, select, update

from los_adapters.store import money_tables, rows, tables
from los_adapters.store.transaction import Transaction
from los_core.domain.agreement import KeyFactsOnFile
from los_core.domain.ids import CustomerId, LoanId, OfferId, StaffId
from los_core.domain.lifecycle import CREDITED, STAGES, Stage, Status
from los_core.domain.loan import Loan, Move
from los_core.domain.money import Paise
from los_core.domain.offers import Offer

_loan = tables.loan.c
_ASSESSED = STAGES[Stage.ASSESSMENT]


@attrs.frozen
class SqlLoans:
    """Loans of one brand, with their history."""

    tx: Transaction

    def get(self, loan_id: LoanId) -> Loan | None:
        return self.tx.get(tables.loan, loan_id, rows.loan_from_row)

    def lock(self, loan_id: LoanId) -> Loan | None:
        return self.tx.get(tables.loan, loan_id, rows.loan_from_row, lock=True)

    def lock_all(self, loan_ids: Collection[LoanId]) -> Sequence[Loan]:
        query = self.tx.of(tables.loan).where(_loan.id.in_(loan_ids)).order_by(_loan.id)
        return self.tx.many(query.with_for_update(key_share=True), rows.loan_from_row)

    def add(self, loan: Loan, first: Move) -> None:
        self.tx.add(tables.loan, rows.loan_to_row(loan))
        self.tx.add(tables.loan_history, rows.columns_of(first))

    def save(self, loan: Loan, *moves: Move) -> None:
        self.tx.save(tables.loan, loan, rows.loan_to_row(loan))
        self.tx.add_all(tables.loan_history, [rows.columns_of(move) for move in moves])

    def save_all(self, changed: Sequence[tuple[Loan, Sequence[Move]]]) -> None:
        self.tx.save_all(tables.loan, [(loan, rows.loan_to_row(loan)) for loan, _ in changed])
        moves = [rows.columns_of(move) for _, each in changed for move in each]
        self.tx.add_all(tables.loan_history, moves)

    def of_customer(self, customer_id: CustomerId) -> Sequence[Loan]:
        query = self.tx.of(tables.loan).where(_loan.customer_id == customer_id)
        return self.tx.many(query.order_by(_loan.id.desc()), rows.loan_from_row)

    def history(self, loan_id: LoanId) -> Sequence[Move]:
        line = tables.loan_history.c
        query = self.tx.of(tables.loan_history).where(line.loan_id == loan_id)
        return self.tx.many(query.order_by(line.seq), rows.plain(Move))

    def page(
        self,
        *,
        statuses: Sequence[Status] = (),
        assigned_to: StaffId | None = None,
        after: LoanId | None = None,
        limit: int,
    ) -> Sequence[Loan]:
        query = self.tx.of(tables.loan).order_by(_loan.id.desc()).limit(limit)
        if statuses:
            query = query.where(_loan.status.in_(statuses))
        if assigned_to is not None:
            query = query.where(_loan.assigned_to == assigned_to)
        if after is not None:
            query = query.where(_loan.id < after)
        return self.tx.many(query, rows.loan_from_row)

    def waking(self, *, on: date, after: LoanId | None, limit: int) -> Sequence[LoanId]:
        return self._ids(self._own().where(_loan.wake_on <= on), after, limit)

    def servicing(self, *, after: LoanId | None, limit: int) -> Sequence[LoanId]:
        fact = money_tables.fact.c
        known = select(fact.loan_id).where(
            fact.brand_id == self.tx.brand_id, fact.loan_id == _loan.id
        )
        credited = _loan.status.in_(CREDITED)
        return self._ids(self._own().where(or_(known.exists(), credited)), after, limit)

    def unassigned(self, *, limit: int) -> Sequence[LoanId]:
        query = self._own().where(_loan.status.in_(_ASSESSED), _loan.assigned_to.is_(None))
        return self._ids(query, None, limit)

    def disbursed(
        self, *, since: date, until: date, by: Collection[StaffId] | None = None
    ) -> tuple[int, Paise]:
        query = select(func.count(), func.coalesce(func.sum(_loan.net_disbursal), 0)).where(
            _loan.brand_id == self.tx.brand_id, _loan.disbursed_on.between(since, until)
        )
        if by is not None:
            query = query.where(_loan.assigned_to.in_(by))
        count, amount = self.tx.connection.execute(query).one()
        return count, int(amount)

    def open_count(self, staff_id: StaffId) -> int:
        query = select(func.count()).where(
            _loan.brand_id == self.tx.brand_id,
            _loan.status.in_(_ASSESSED),
            _loan.assigned_to == staff_id,
        )
        return self.tx.connection.execute(query).scalar_one()

    def _own(self) -> Select[UUID]:
        return select(_loan.id).where(_loan.brand_id == self.tx.brand_id)

    def _ids(self, query: Select[UUID], after: LoanId | None, limit: int) -> Sequence[LoanId]:
        if after is not None:
            query = query.where(_loan.id > after)
        found = self.tx.connection.execute(query.order_by(_loan.id).limit(limit)).scalars()
        return [LoanId(each) for each in found]


@attrs.frozen
class SqlOffers:
    """Offers of one brand and their Key Facts Statements."""

    tx: Transaction

    def add(self, offer: Offer, key_facts: KeyFactsOnFile) -> None:
        self.tx.add(tables.offer, rows.columns_of(offer))
        self.tx.add(
            tables.key_facts,
            rows.key_facts_to_row(key_facts, self.tx.sealer, self.tx.customer_of(offer.loan_id)),
        )

    def get(self, offer_id: OfferId) -> Offer | None:
        return self.tx.get(tables.offer, offer_id, rows.plain(Offer))

    def save(self, offer: Offer) -> None:
        self.tx.replace(tables.offer, rows.columns_of(offer), id=offer.id)

    def of_loan(self, loan_id: LoanId) -> Sequence[Offer]:
        found = tables.offer.c
        query = self.tx.of(tables.offer).where(found.loan_id == loan_id)
        return self.tx.many(query.order_by(found.made_at, found.id), rows.plain(Offer))

    def key_facts(self, offer_id: OfferId) -> KeyFactsOnFile | None:
        query = self.tx.of(tables.key_facts).where(tables.key_facts.c.offer_id == offer_id)
        return self.tx.one(query, partial(rows.key_facts_from_row, sealer=self.tx.sealer))

    def acknowledge(self, key_facts_id: UUID, at: datetime) -> None:
        found = tables.key_facts.c
        self.tx.connection.execute(
            update(tables.key_facts)
            .where(
                found.brand_id == self.tx.brand_id,
                found.id == key_facts_id,
                found.acknowledged_at.is_(None),
            )
            .values(acknowledged_at=at)
        )
