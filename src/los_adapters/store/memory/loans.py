"""Loans, their offers, assessments and papers, in memory."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import attrs

from los_adapters.store.memory.forgetting import of_customer, of_loan
from los_adapters.store.memory.shelves import Shelves, parent, save
from los_core.domain.agreement import (
    Agreement,
    DocumentOnFile,
    DocumentType,
    KeyFactsOnFile,
    NoDues,
)
from los_core.domain.assessment import (
    CamOnFile,
    DecisionKind,
    DecisionOnFile,
    ReportKind,
    ReportOnFile,
)
from los_core.domain.ids import BrandId, CustomerId, DocumentId, LoanId, OfferId, StaffId
from los_core.domain.lifecycle import CREDITED, STAGES, Stage, Status
from los_core.domain.loan import Loan, Move
from los_core.domain.money import Paise
from los_core.domain.offers import Offer

_ASSESSED = STAGES[Stage.ASSESSMENT]


@attrs.frozen
class MemoryLoans:
    """Loans of one brand, with their history."""

    shelves: Shelves
    brand_id: BrandId

    def get(self, loan_id: LoanId) -> Loan | None:
        return self.shelves.loans.get(self.brand_id, loan_id)

    def lock(self, loan_id: LoanId) -> Loan | None:
        return self.get(loan_id)

    def lock_all(self, loan_ids: Collection[LoanId]) -> Sequence[Loan]:
        found = (self.get(loan_id) for loan_id in sorted(loan_ids))
        return [loan for loan in found if loan is not None]

    def add(self, loan: Loan, first: Move) -> None:
        parent(self.shelves.customers, self.brand_id, loan.customer_id)
        taken = (known.loan_no for known in self.shelves.loans.peek(self.brand_id))
        assert loan.loan_no not in taken, "a loan number is given once"
        assert self.shelves.loans.add(loan, self.brand_id, loan.id)
        self._append(first)

    def save_all(self, changed: Sequence[tuple[Loan, Sequence[Move]]]) -> None:
        for loan, moves in changed:
            self.save(loan, *moves)

    def save(self, loan: Loan, *moves: Move) -> None:
        save(self.shelves.loans, loan, self.brand_id, loan.id)
        for move in moves:
            self._append(move)

    def of_customer(self, customer_id: CustomerId) -> Sequence[Loan]:
        found = self.shelves.loans.of(
            self.brand_id, where=lambda loan: loan.customer_id == customer_id
        )
        return sorted(found, key=lambda loan: loan.id, reverse=True)

    def history(self, loan_id: LoanId) -> Sequence[Move]:
        return sorted(self.shelves.history.of(self.brand_id, loan_id), key=lambda move: move.seq)

    def page(
        self,
        *,
        statuses: Sequence[Status] = (),
        assigned_to: StaffId | None = None,
        after: LoanId | None = None,
        limit: int,
    ) -> Sequence[Loan]:
        found = self.shelves.loans.of(
            self.brand_id,
            where=lambda loan: (
                (not statuses or loan.status in statuses)
                and (assigned_to is None or loan.assigned_to == assigned_to)
                and (after is None or loan.id < after)
            ),
        )
        return sorted(found, key=lambda loan: loan.id, reverse=True)[:limit]

    def waking(self, *, on: date, after: LoanId | None, limit: int) -> Sequence[LoanId]:
        found = (
            loan.id
            for loan in self.shelves.loans.peek(self.brand_id)
            if loan.position is not None
            and loan.position.wake_on is not None
            and loan.position.wake_on <= on
        )
        return _after(found, after, limit)

    def servicing(self, *, after: LoanId | None, limit: int) -> Sequence[LoanId]:
        known = {key[1] for key in self.shelves.facts.rows if key[0] == self.brand_id}
        loans = self.shelves.loans.peek(self.brand_id)
        return _after(known | {x.id for x in loans if x.status in CREDITED}, after, limit)

    def unassigned(self, *, limit: int) -> Sequence[LoanId]:
        found = (
            loan.id
            for loan in self.shelves.loans.peek(self.brand_id)
            if loan.status in _ASSESSED and loan.assigned_to is None
        )
        return _after(found, None, limit)

    def disbursed(
        self, *, since: date, until: date, by: Collection[StaffId] | None = None
    ) -> tuple[int, Paise]:
        found = [
            loan.net_disbursal or 0
            for loan in self.shelves.loans.peek(self.brand_id)
            if loan.disbursed_on is not None
            and since <= loan.disbursed_on <= until
            and (by is None or loan.assigned_to in by)
        ]
        return len(found), sum(found)

    def open_count(self, staff_id: StaffId) -> int:
        return sum(
            loan.status in _ASSESSED and loan.assigned_to == staff_id
            for loan in self.shelves.loans.peek(self.brand_id)
        )

    def _append(self, move: Move) -> None:
        parent(self.shelves.loans, self.brand_id, move.loan_id)
        added = self.shelves.history.add(move, self.brand_id, move.loan_id, move.seq)
        assert added, "a line of history is written once"


@attrs.frozen
class MemoryOffers:
    """Offers of one brand and their Key Facts Statements."""

    shelves: Shelves
    brand_id: BrandId

    def add(self, offer: Offer, key_facts: KeyFactsOnFile) -> None:
        parent(self.shelves.loans, self.brand_id, offer.loan_id)
        of_loan(self.shelves, self.brand_id, offer.loan_id, key_facts)
        assert self.shelves.offers.add(offer, self.brand_id, offer.id)
        parent(self.shelves.offers, self.brand_id, key_facts.offer_id)
        assert self.key_facts(key_facts.offer_id) is None, "an offer has one statement"
        assert self.shelves.key_facts.add(key_facts, self.brand_id, key_facts.id)

    def get(self, offer_id: OfferId) -> Offer | None:
        return self.shelves.offers.get(self.brand_id, offer_id)

    def save(self, offer: Offer) -> None:
        self.shelves.offers.replace(offer, self.brand_id, offer.id)

    def of_loan(self, loan_id: LoanId) -> Sequence[Offer]:
        found = self.shelves.offers.of(self.brand_id, where=lambda offer: offer.loan_id == loan_id)
        return sorted(found, key=lambda offer: (offer.made_at, offer.id))

    def key_facts(self, offer_id: OfferId) -> KeyFactsOnFile | None:
        found = self.shelves.key_facts.of(
            self.brand_id, where=lambda key_facts: key_facts.offer_id == offer_id
        )
        if not found:
            return None
        offer = self.get(offer_id)
        assert offer is not None, "a statement is of an offer"
        return of_loan(self.shelves, self.brand_id, offer.loan_id, found[0])

    def acknowledge(self, key_facts_id: UUID, at: datetime) -> None:
        found = self.shelves.key_facts.get(self.brand_id, key_facts_id)
        if found is not None and found.acknowledged_at is None:
            found.acknowledged_at = at
            self.shelves.key_facts.put(found, self.brand_id, key_facts_id)


@attrs.frozen
class MemoryAssessments:
    """Reports, decisions and memos of one brand."""

    shelves: Shelves
    brand_id: BrandId

    def add_report(self, report: ReportOnFile) -> None:
        parent(self.shelves.customers, self.brand_id, report.customer_id)
        of_customer(self.shelves, self.brand_id, report.customer_id, report)
        assert self.shelves.reports.add(report, self.brand_id, report.id)

    def report(self, customer_id: CustomerId, kind: ReportKind) -> ReportOnFile | None:
        found = self.shelves.reports.of(
            self.brand_id, where=lambda each: (each.customer_id, each.kind) == (customer_id, kind)
        )
        latest = max(found, key=lambda report: (report.fetched_at, report.id), default=None)
        return of_customer(self.shelves, self.brand_id, customer_id, latest)

    def add_decision(self, decision: DecisionOnFile) -> None:
        parent(self.shelves.loans, self.brand_id, decision.loan_id)
        of_loan(self.shelves, self.brand_id, decision.loan_id, decision)
        assert self.shelves.decisions.add(decision, self.brand_id, decision.id)

    def decision(self, loan_id: LoanId, kind: DecisionKind) -> DecisionOnFile | None:
        found = self.shelves.decisions.of(
            self.brand_id, where=lambda each: (each.loan_id, each.kind) == (loan_id, kind)
        )
        latest = max(found, key=lambda decision: (decision.at, decision.id), default=None)
        return of_loan(self.shelves, self.brand_id, loan_id, latest)

    def add_cam(self, cam: CamOnFile) -> None:
        parent(self.shelves.loans, self.brand_id, cam.loan_id)
        latest = self.cam(cam.loan_id)
        assert latest is None or cam.version_no > latest.version_no, "versions rise"
        assert self.shelves.cams.add(cam, self.brand_id, cam.id)

    def cam(self, loan_id: LoanId) -> CamOnFile | None:
        found = self.shelves.cams.of(self.brand_id, where=lambda cam: cam.loan_id == loan_id)
        latest = max(found, key=lambda cam: cam.version_no, default=None)
        return of_loan(self.shelves, self.brand_id, loan_id, latest)


@attrs.frozen
class MemoryAgreements:
    """Agreements, files and certificates of one brand."""

    shelves: Shelves
    brand_id: BrandId

    def add(self, agreement: Agreement) -> None:
        parent(self.shelves.loans, self.brand_id, agreement.loan_id)
        latest = self.of_loan(agreement.loan_id)
        assert latest is None or agreement.version_no > latest.version_no, "versions rise"
        assert self.shelves.agreements.add(agreement, self.brand_id, agreement.id)

    def get(self, agreement_id: UUID) -> Agreement | None:
        found = self.shelves.agreements.get(self.brand_id, agreement_id)
        return found and of_loan(self.shelves, self.brand_id, found.loan_id, found)

    def save(self, agreement: Agreement) -> None:
        save(self.shelves.agreements, agreement, self.brand_id, agreement.id)

    def of_loan(self, loan_id: LoanId) -> Agreement | None:
        found = self.shelves.agreements.of(
            self.brand_id, where=lambda agreement: agreement.loan_id == loan_id
        )
        latest = max(found, key=lambda agreement: agreement.version_no, default=None)
        return of_loan(self.shelves, self.brand_id, loan_id, latest)

    def add_document(self, document: DocumentOnFile) -> None:
        parent(self.shelves.customers, self.brand_id, document.customer_id)
        of_customer(self.shelves, self.brand_id, document.customer_id, document)
        if document.loan_id is not None:
            parent(self.shelves.loans, self.brand_id, document.loan_id)
        assert self.shelves.documents.add(document, self.brand_id, document.id)

    def document(self, document_id: DocumentId) -> DocumentOnFile | None:
        found = self.shelves.documents.get(self.brand_id, document_id)
        return found and of_customer(self.shelves, self.brand_id, found.customer_id, found)

    def documents(
        self, *, customer_id: CustomerId, loan_id: LoanId | None = None
    ) -> Sequence[DocumentOnFile]:
        found = self.shelves.documents.of(
            self.brand_id,
            where=lambda document: (
                document.customer_id == customer_id
                and (loan_id is None or document.loan_id == loan_id)
            ),
        )
        ordered = sorted(found, key=lambda document: (document.created_at, document.id))
        return of_customer(self.shelves, self.brand_id, customer_id, ordered or None) or []

    def document_of(self, loan_id: LoanId, kind: DocumentType) -> DocumentOnFile | None:
        found = self.shelves.documents.of(
            self.brand_id, where=lambda each: (each.loan_id, each.type) == (loan_id, kind)
        )
        latest = max(found, key=lambda document: (document.created_at, document.id), default=None)
        return of_loan(self.shelves, self.brand_id, loan_id, latest)

    def add_no_dues(self, certificate: NoDues) -> None:
        parent(self.shelves.loans, self.brand_id, certificate.loan_id)
        assert self.shelves.no_dues.add(certificate, self.brand_id, certificate.id)

    def save_no_dues(self, certificate: NoDues) -> None:
        self.shelves.no_dues.replace(certificate, self.brand_id, certificate.id)

    def no_dues(self, loan_id: LoanId) -> NoDues | None:
        found = self.shelves.no_dues.of(self.brand_id, where=lambda each: each.loan_id == loan_id)
        return max(found, key=lambda certificate: certificate.version_no, default=None)


def _after(ids: Iterable[LoanId], after: LoanId | None, limit: int) -> Sequence[LoanId]:
    return sorted(each for each in ids if after is None or each > after)[:limit]
