"""The end of a loan: the no-dues certificate, and its way to the customer.

Source: loan lifecycle T31 and §1.7.
"""

from uuid import UUID

import attrs

from los_core.domain.agreement import DocumentType, NoDues
from los_core.domain.errors import Conflict, NotFound
from los_core.domain.ids import BrandId, DocumentId, LoanId
from los_core.domain.lifecycle import Status
from los_core.domain.loan import Loan
from los_core.domain.work import Job
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.pdf import Letters
from los_core.ports.storage import Storage
from los_core.ports.work import Begin
from los_core.services import papers
from los_core.services.agreements import keep
from los_core.services.applications import trail
from los_core.services.bookkeeping import Bookkeeping
from los_core.services.callers import CustomerCaller, StaffCaller, system
from los_core.services.messaging import Messaging
from los_core.services.offering import reached


@attrs.frozen(kw_only=True)
class Closure:
    """Certifies that nothing is owed."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    storage: Storage
    letters: Letters
    books: Bookkeeping
    messaging: Messaging

    def issue(self, job: Job) -> None:
        """Issue a completed loan's certificate and have it e-mailed, once."""
        loan_id = LoanId(UUID(job.payload["loan_id"]))
        with self.begin(job.brand_id) as uow:
            loan = uow.loans.get(loan_id)
        if loan is not None and loan.status is Status.COMPLETED:
            self._issue(job.brand_id, loan)

    def certificate(self, caller: CustomerCaller | StaffCaller, loan_id: LoanId) -> NoDues:
        """Return the certificate of a completed loan; the same one however often it is asked for.

        Raises: NotFound; Conflict: the loan is not completed (a settled one gets another letter).
        """
        with self.begin(caller.brand_id) as uow:
            loan = reached(uow, caller, loan_id)
        if loan.status is not Status.COMPLETED:
            raise Conflict(
                "only a completed loan has a no-dues certificate",
                code="NOT_COMPLETED",
                details=loan.next_steps(),
            )
        return self._issue(caller.brand_id, loan)

    def _issue(self, brand_id: BrandId, loan: Loan) -> NoDues:
        with self.begin(brand_id) as uow:
            locked = uow.loans.lock(loan.id)
            known = uow.agreements.no_dues(loan.id)
            if known is not None and known.withdrawn_at is None:
                return known
            if locked is None or locked.status is not Status.COMPLETED:
                raise NotFound("the loan is not completed any more")
            today = self.clock.business_date()
            state = self.books.state(uow, locked, on=today)
            customer = uow.customers.get(locked.customer_id)
            assert customer is not None, "a loan's customer is on file"
            version = known.version_no + 1 if known else 1
            number = f"NDC-{uow.desk.next_number('ndc'):06d}"
            letter = papers.no_dues_letter(
                locked,
                certificate_no=number,
                version=version,
                paid=state.received,
                brand=uow.lender.brand(),
                settings=uow.lender.settings(),
                customer=customer,
                issued_on=today,
            )
            # Rendering and writing a page takes milliseconds; the number must not have gaps.
            document = keep(
                self.storage,
                locked,
                DocumentType.NDC,
                name=f"No-dues certificate {number}.pdf",
                content=self.letters.no_dues(letter),
                document_id=DocumentId(self.entropy.uuid()),
                at_version=version,
                clock=self.clock,
            )
            certificate = NoDues(
                id=self.entropy.uuid(),
                brand_id=brand_id,
                loan_id=locked.id,
                certificate_no=number,
                version_no=version,
                document_id=document.id,
                issued_on=today,
            )
            uow.agreements.add_document(document)
            uow.agreements.add_no_dues(certificate)
            self.messaging.notify(uow, locked, "NO_DUES", about=number)
            by = system(self.clock.now())
            trail(uow, self.entropy, by, "ndc.issue", locked, number=number)
        return certificate
