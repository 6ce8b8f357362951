"""Reports, decisions and memos; agreements, files and certificates: in SQL."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import attrs
from sqlalchemy import RowMapping

from los_adapters.store import rows, tables
from los_adapters.store.transaction import Row, Transaction
from los_core.domain.agreement import Agreement, DocumentOnFile, DocumentType, NoDues
from los_core.domain.assessment import (
    CamOnFile,
    DecisionKind,
    DecisionOnFile,
    ReportKind,
    ReportOnFile,
)
from los_core.domain.ids import CustomerId, DocumentId, LoanId

_file = tables.file.c


@attrs.frozen
class SqlAssessments:
    """Reports, decisions and memos of one brand."""

    tx: Transaction

    def add_report(self, report: ReportOnFile) -> None:
        self.tx.add(tables.report, rows.report_to_row(report, self.tx.sealer))

    def report(self, customer_id: CustomerId, kind: ReportKind) -> ReportOnFile | None:
        found = tables.report.c
        query = (
            self.tx.of(tables.report)
            .where(found.customer_id == customer_id, found.kind == kind)
            .order_by(found.fetched_at.desc(), found.id.desc())
        )
        return self.tx.one(query, partial(rows.report_from_row, sealer=self.tx.sealer))

    def add_decision(self, decision: DecisionOnFile) -> None:
        of = self.tx.customer_of(decision.loan_id)
        self.tx.add(tables.decision, rows.decision_to_row(decision, self.tx.sealer, of))

    def decision(self, loan_id: LoanId, kind: DecisionKind) -> DecisionOnFile | None:
        found = tables.decision.c
        query = (
            self.tx.of(tables.decision)
            .where(found.loan_id == loan_id, found.kind == kind)
            .order_by(found.at.desc(), found.id.desc())
        )
        return self.tx.one(query, partial(rows.decision_from_row, sealer=self.tx.sealer))

    def add_cam(self, cam: CamOnFile) -> None:
        of = self.tx.customer_of(cam.loan_id)
        self.tx.add(tables.cam, rows.cam_to_row(cam, self.tx.sealer, of))

    def cam(self, loan_id: LoanId) -> CamOnFile | None:
        found = tables.cam.c
        query = self.tx.of(tables.cam).where(found.loan_id == loan_id)
        latest = query.order_by(found.version_no.desc())
        return self.tx.one(latest, partial(rows.cam_from_row, sealer=self.tx.sealer))


@attrs.frozen
class SqlAgreements:
    """Agreements, files and certificates of one brand."""

    tx: Transaction

    def add(self, agreement: Agreement) -> None:
        self.tx.add(tables.agreement, self._row(agreement))

    def get(self, agreement_id: UUID) -> Agreement | None:
        return self.tx.get(tables.agreement, agreement_id, self._read)

    def save(self, agreement: Agreement) -> None:
        self.tx.save(tables.agreement, agreement, self._row(agreement))

    def of_loan(self, loan_id: LoanId) -> Agreement | None:
        found = tables.agreement.c
        query = self.tx.of(tables.agreement).where(found.loan_id == loan_id)
        return self.tx.one(query.order_by(found.version_no.desc()), self._read)

    def add_document(self, document: DocumentOnFile) -> None:
        self.tx.add(tables.file, rows.file_to_row(document, self.tx.sealer))

    def document(self, document_id: DocumentId) -> DocumentOnFile | None:
        return self.tx.get(tables.file, document_id, self._read_file)

    def documents(
        self, *, customer_id: CustomerId, loan_id: LoanId | None = None
    ) -> Sequence[DocumentOnFile]:
        query = self.tx.of(tables.file).where(_file.customer_id == customer_id)
        if loan_id is not None:
            query = query.where(_file.loan_id == loan_id)
        return self.tx.many(query.order_by(_file.created_at, _file.id), self._read_file)

    def document_of(self, loan_id: LoanId, kind: DocumentType) -> DocumentOnFile | None:
        query = self.tx.of(tables.file).where(_file.loan_id == loan_id, _file.type == kind)
        latest = query.order_by(_file.created_at.desc(), _file.id.desc())
        return self.tx.one(latest, self._read_file)

    def add_no_dues(self, certificate: NoDues) -> None:
        self.tx.add(tables.no_dues, rows.columns_of(certificate))

    def save_no_dues(self, certificate: NoDues) -> None:
        self.tx.replace(tables.no_dues, rows.columns_of(certificate), id=certificate.id)

    def no_dues(self, loan_id: LoanId) -> NoDues | None:
        found = tables.no_dues.c
        query = self.tx.of(tables.no_dues).where(found.loan_id == loan_id)
        return self.tx.one(query.order_by(found.version_no.desc()), rows.plain(NoDues))

    def _row(self, agreement: Agreement) -> Row:
        of = self.tx.customer_of(agreement.loan_id)
        return rows.agreement_to_row(agreement, self.tx.sealer, of)

    def _read(self, row: RowMapping) -> Agreement:
        return rows.agreement_from_row(row, self.tx.sealer)

    def _read_file(self, row: RowMapping) -> DocumentOnFile:
        return rows.file_from_row(row, self.tx.sealer)
