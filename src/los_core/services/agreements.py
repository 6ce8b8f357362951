"""The agreement: rendered, sent to be signed, and taken back signed.

A callback is only a hint: the docket's state and the signed file are read from the vendor before
anything changes. A docket is created after our intent is on file; if the process died before its
answer was, another docket is made and the repeat is recorded, because the vendor cannot be asked by
our reference. Source: loan lifecycle T16–T18, reliability design §5.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final, TypeAlias
from uuid import UUID

import attrs

from los_core.domain import guards
from los_core.domain.agreement import (
    Agreement,
    AgreementStatus,
    DocumentOnFile,
    DocumentType,
    KeyFactsOnFile,
)
from los_core.domain.customer import Customer
from los_core.domain.errors import Conflict, Erased, NotFound
from los_core.domain.ids import BrandId, DocumentId, LoanId
from los_core.domain.lifecycle import Command, Status
from los_core.domain.loan import Loan
from los_core.domain.notification import NotificationKind
from los_core.domain.work import Job, WebhookEvent, WebhookStatus
from los_core.ports.clock import Clock
from los_core.ports.directory import ESIGN, Chosen, Directory
from los_core.ports.entropy import Entropy
from los_core.ports.errors import Rejected, Unavailable, Unknown
from los_core.ports.esign import Docket, DocketReport, DocketRequest, DocketState, ESigner
from los_core.ports.pdf import Letters
from los_core.ports.storage import Storage
from los_core.ports.work import Begin, UnitOfWork
from los_core.services import papers
from los_core.services.applications import trail
from los_core.services.callers import CustomerCaller, StaffCaller, system, webhook
from los_core.services.jobs import APPLY_REPORT, INQUIRE_AGREEMENT, later
from los_core.services.messaging import Messaging
from los_core.services.notifying import notify
from los_core.services.offering import reached

LINK_LIFE: Final = timedelta(minutes=5)
ASK_AGAIN: Final = timedelta(minutes=15)
PDF: Final = "application/pdf"

NOTHING_NEW: Final = "nothing new"

Told: TypeAlias = Callable[[UnitOfWork, str], None]
"""Is told in a transaction why it brings nothing; "" if it does."""


@attrs.frozen(kw_only=True)
class Agreements:
    """Makes agreements and has them signed. `public_url` is where vendors reach us."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    directory: Directory
    storage: Storage
    letters: Letters
    messaging: Messaging
    public_url: str

    def render(self, job: Job) -> None:
        """Render the agreement and the Key Facts Statement of an accepted offer, once."""
        loan_id = LoanId(UUID(job.payload["loan_id"]))
        with self.begin(job.brand_id) as uow:
            loan = uow.loans.lock(loan_id)
            if loan is None or loan.status is not Status.SANCTIONED or loan.offer_id is None:
                return
            latest = uow.agreements.of_loan(loan.id)
            if latest is not None and latest.terms_hash == loan.terms_hash:
                return
            statement = uow.offers.key_facts(loan.offer_id)
            customer = uow.customers.get(loan.customer_id)
            assert statement is not None, "every offer has its statement"
            assert customer is not None, "a loan's customer is on file"
            version = latest.version_no + 1 if latest else 1
            pages = self._pages(uow, loan, customer, statement)
        kept = [
            self._keep(loan, kind, name, content, at_version=version)
            for kind, name, content in pages
        ]
        with self.begin(job.brand_id) as uow:
            now = self.clock.now()
            for document in kept:
                uow.agreements.add_document(document)
            unsigned = next(d for d in kept if d.type is DocumentType.AGREEMENT)
            uow.agreements.add(
                Agreement(
                    id=self.entropy.uuid(),
                    brand_id=job.brand_id,
                    loan_id=loan.id,
                    version_no=version,
                    reference=f"{loan.loan_no}-{version}",
                    status=AgreementStatus.READY,
                    terms_hash=loan.terms_hash,
                    unsigned_document=unsigned.id,
                    unsigned_sha256=unsigned.sha256,
                    created_at=now,
                )
            )
            by = system(now)
            trail(uow, self.entropy, by, "agreement.render", loan, sha256=unsigned.sha256)

    def of_loan(
        self, caller: CustomerCaller | StaffCaller, loan_id: LoanId
    ) -> tuple[Agreement | None, str]:
        """Return the latest agreement and a short-lived link to its file; ("" if none yet)."""
        with self.begin(caller.brand_id) as uow:
            loan = reached(uow, caller, loan_id)
            agreement = uow.agreements.of_loan(loan.id)
            document_id = (
                (agreement.signed_document or agreement.unsigned_document) if agreement else None
            )
            document = uow.agreements.document(document_id) if document_id else None
        return agreement, self._link(document) if document else ""

    def documents(
        self, caller: CustomerCaller | StaffCaller, loan_id: LoanId
    ) -> Sequence[tuple[DocumentOnFile, str]]:
        """Return a loan's files, each with a short-lived link. Raises: NotFound."""
        with self.begin(caller.brand_id) as uow:
            loan = reached(uow, caller, loan_id)
            found = uow.agreements.documents(customer_id=loan.customer_id, loan_id=loan.id)
        return [(document, self._link(document)) for document in found]

    def sign(self, caller: CustomerCaller, loan_id: LoanId) -> Agreement:
        """Create the signing docket (T16), or return the one that is out.

        Raises: NotFound; Conflict: the agreement is not rendered yet (code NOT_READY); GuardFailed
            (G-KFS); Unavailable: no vendor took it; Unknown: perhaps created, ask again.
        """
        with self.begin(caller.brand_id) as uow:
            loan = caller.own(uow.loans.lock(loan_id))
            agreement = uow.agreements.of_loan(loan.id)
            if agreement is not None and agreement.status in (
                AgreementStatus.SENT,
                AgreementStatus.SIGNED,
            ):
                return agreement
            loan.ensure(Command.SEND_AGREEMENT)
            if agreement is None or agreement.terms_hash != loan.terms_hash:
                raise Conflict(
                    "the agreement is being prepared",
                    code="NOT_READY",
                    details={"retry_after_s": 1},
                )
            self._acknowledged(uow, loan)
            customer = uow.customers.get(loan.customer_id)
            settings = uow.lender.settings()
            document = uow.agreements.document(
                agreement.unsigned_document or DocumentId(UUID(int=0))
            )
            assert customer is not None, "a loan's customer is on file"
            assert document is not None, "a rendered agreement has its file"
            if agreement.status is AgreementStatus.SENDING:
                by = system(self.clock.now())
                trail(uow, self.entropy, by, "docket.repeat", loan, agreement=str(agreement.id))
            else:
                agreement.status = AgreementStatus.SENDING
                agreement.callback_secret = self.entropy.token()
                agreement.callback_token = self._token(agreement)
                uow.agreements.save(agreement)
        title = settings.esign_docket_title.replace("{loan_no}", loan.loan_no)
        request = DocketRequest(
            reference=agreement.reference,
            title=title,
            pdf=self.storage.get(document.key).content,
            signer=customer.name.title(),
            phone=customer.phone.reveal(),
            email=customer.details.email.reveal() if customer.details else "",
            signer_last4=customer.aadhaar.last4 if customer.aadhaar else "",
            signer_birth_year=(
                customer.pan.born_on.year if customer.pan and customer.pan.born_on else None
            ),
            callback_url=f"{self.public_url}/api/v1/webhook/esign/{agreement.callback_token}",
            callback_secret=agreement.callback_secret,
            return_url=f"{self.public_url}/",
            expires_in=timedelta(days=settings.esign_expiry_days),
        )
        vendor, docket = self._create(caller.brand_id, request)
        return self._sent(caller, loan_id, vendor.name, docket, settings.esign_expiry_days)

    def callback(self, token: str, headers: Mapping[str, str], body: bytes) -> None:
        """Keep a vendor's report about a docket, once; what it means is read from the vendor.

        Raises: NotFound: no such address; BadSignature.
        """
        brand_id, agreement_id = _address(token)
        with self.begin(brand_id) as uow:
            agreement = uow.agreements.get(agreement_id)
        if agreement is None or not hmac.compare_digest(
            agreement.callback_token.encode(), token.encode()
        ):
            raise NotFound("no such address")
        vendor = self.directory.named(brand_id, ESIGN, agreement.provider or self._first(brand_id))
        if vendor is None:
            raise NotFound("no such address")
        vendor.adapter.verify(headers.get("authorization", ""), secret=agreement.callback_secret)
        event = WebhookEvent(
            id=self.entropy.uuid(),
            brand_id=brand_id,
            port=ESIGN.name,
            provider=vendor.name,
            account=vendor.account,
            event_key=hashlib.sha256(agreement.id.bytes + body).hexdigest(),
            kind="docket",
            reference=str(agreement.id),
            body=body,
            received_at=self.clock.now(),
        )
        with self.begin(brand_id) as uow:
            if uow.desk.add_event(event):
                later(
                    uow,
                    APPLY_REPORT,
                    str(event.id),
                    clock=self.clock,
                    entropy=self.entropy,
                    payload={"event_id": event.id},
                )

    def apply(self, job: Job) -> None:
        """Act on a kept report: read the docket from the vendor, and finish the event.

        The event is settled in the transaction of what it brought.
        """
        event_id = UUID(job.payload["event_id"])
        with self.begin(job.brand_id) as uow:
            event = uow.desk.event(event_id)
        if event is None or event.status is not WebhookStatus.RECEIVED:
            return

        def settle(uow: UnitOfWork, reason: str) -> None:
            status = WebhookStatus.IGNORED if reason else WebhookStatus.APPLIED
            uow.desk.settle_events([event_id], status, reason)

        self._settle(event.brand_id, UUID(event.reference), tell=settle)

    def inquire(self, job: Job) -> None:
        """Ask the vendor about a docket nobody reported on, and plan the next question."""
        agreement_id = UUID(job.payload["agreement_id"])
        self._settle(job.brand_id, agreement_id)
        with self.begin(job.brand_id) as uow:
            agreement = _remembered(uow, agreement_id)
            if agreement is not None and agreement.status is AgreementStatus.SENT:
                self._ask_later(uow, agreement, int(job.payload["round"]) + 1)

    def _settle(
        self, brand_id: BrandId, agreement_id: UUID, tell: Told = lambda _uow, _reason: None
    ) -> None:
        """Bring an agreement to what its vendor says.

        `tell` gets why that was nothing, or "", in the transaction that makes it true.
        """
        with self.begin(brand_id) as uow:
            agreement = _remembered(uow, agreement_id)
            if agreement is None or agreement.status is not AgreementStatus.SENT:
                tell(uow, NOTHING_NEW)
                return
        vendor = self.directory.named(brand_id, ESIGN, agreement.provider)
        if vendor is None:
            raise Unavailable("the e-sign vendor is gone", provider=agreement.provider)
        report = vendor.adapter.inquire(agreement.docket_id)
        match report.state:
            case DocketState.SIGNED:
                content = vendor.adapter.fetch_signed(report)
                self._signed(brand_id, agreement, report, content, tell)
            case DocketState.EXPIRED | DocketState.CANCELLED:
                self._ended(brand_id, agreement, AgreementStatus.EXPIRED, report, tell)
            case DocketState.DECLINED:
                self._ended(brand_id, agreement, AgreementStatus.FAILED, report, tell)
            case DocketState.SENT:
                with self.begin(brand_id) as uow:
                    tell(uow, NOTHING_NEW)

    def _signed(
        self,
        brand_id: BrandId,
        seen: Agreement,
        report: DocketReport,
        content: bytes,
        tell: Told,
    ) -> None:
        """Keep the signed file and move the loan (T17)."""
        with self.begin(brand_id) as uow:
            loan = uow.loans.get(seen.loan_id)
        assert loan is not None, "an agreement is of a loan"
        name = f"Loan agreement {loan.loan_no} signed.pdf"
        document = self._keep(
            loan, DocumentType.SIGNED_AGREEMENT, name, content, at_version=seen.version_no
        )
        with self.begin(brand_id) as uow:
            loan = uow.loans.lock(seen.loan_id)
            agreement = uow.agreements.get(seen.id)
            assert loan is not None, "an agreement is of a loan"
            assert agreement is not None, "agreements are never deleted"
            if agreement.status is not AgreementStatus.SENT:
                tell(uow, NOTHING_NEW)
                return
            tell(uow, "")
            agreement.status = AgreementStatus.SIGNED
            agreement.signed_document = document.id
            agreement.signed_sha256 = document.sha256
            agreement.signed_at = report.signed_at or self.clock.business_now()
            uow.agreements.add_document(document)
            uow.agreements.save(agreement)
            by = webhook(self.clock.now())
            uow.loans.save(loan, loan.move(Command.SIGN_AGREEMENT, by))
            self.messaging.notify(uow, loan, "AGREEMENT_SIGNED", about=str(agreement.version_no))
            notify(
                uow,
                [loan.assigned_to],
                NotificationKind.AGREEMENT_SIGNED,
                at=by.at,
                entropy=self.entropy,
                loan=loan,
            )
            trail(uow, self.entropy, by, "agreement.signed", loan, sha256=document.sha256)

    def _ended(
        self,
        brand_id: BrandId,
        seen: Agreement,
        status: AgreementStatus,
        report: DocketReport,
        tell: Told,
    ) -> None:
        """Note that a docket will not be signed; an expired one moves the loan (T18)."""
        with self.begin(brand_id) as uow:
            loan = uow.loans.lock(seen.loan_id)
            agreement = uow.agreements.get(seen.id)
            assert loan is not None, "an agreement is of a loan"
            assert agreement is not None, "agreements are never deleted"
            if agreement.status is not AgreementStatus.SENT:
                tell(uow, NOTHING_NEW)
                return
            tell(uow, "")
            agreement.status = status
            uow.agreements.save(agreement)
            by = webhook(self.clock.now())
            if status is AgreementStatus.EXPIRED:
                uow.loans.save(loan, loan.move(Command.EXPIRE_AGREEMENT, by))
                notify(
                    uow,
                    [loan.assigned_to],
                    NotificationKind.AGREEMENT_EXPIRED,
                    at=by.at,
                    entropy=self.entropy,
                    loan=loan,
                )
            trail(
                uow, self.entropy, by, "agreement.ended", loan, why=report.failure or status.value
            )

    def _create(self, brand_id: BrandId, request: DocketRequest) -> tuple[Chosen[ESigner], Docket]:
        last = Unavailable("no e-sign vendor is set up", misconfigured=True)
        for vendor in self.directory.find(brand_id, ESIGN):
            try:
                return vendor, vendor.adapter.create(request)
            except Unavailable as err:
                last = err
            except (Rejected, Unknown):
                raise
        raise last

    def _sent(
        self, caller: CustomerCaller, loan_id: LoanId, provider: str, docket: Docket, days: int
    ) -> Agreement:
        with self.begin(caller.brand_id) as uow:
            loan = caller.own(uow.loans.lock(loan_id))
            agreement = uow.agreements.of_loan(loan.id)
            assert agreement is not None, "the intent is on file"
            if agreement.status is not AgreementStatus.SENDING:
                return agreement
            agreement.status = AgreementStatus.SENT
            agreement.provider = provider
            agreement.docket_id = docket.docket_id
            agreement.signing_url = docket.signing_url
            agreement.sent_at = self.clock.business_now()
            agreement.expires_at = agreement.sent_at + timedelta(days=days)
            uow.agreements.save(agreement)
            by = caller.by(self.clock.now())
            uow.loans.save(loan, loan.move(Command.SEND_AGREEMENT, by))
            self.messaging.notify(
                uow,
                loan,
                "AGREEMENT_LINK",
                about=agreement.docket_id,
                agreement_id=agreement.id,
            )
            self._ask_later(uow, agreement, 1)
            trail(uow, self.entropy, by, "agreement.sent", loan, docket=docket.docket_id)
        return agreement

    def _ask_later(self, uow: UnitOfWork, agreement: Agreement, asked: int) -> None:
        later(
            uow,
            INQUIRE_AGREEMENT,
            f"{agreement.id}|{agreement.docket_id}|{asked}",
            clock=self.clock,
            entropy=self.entropy,
            delay=ASK_AGAIN if asked == 1 else timedelta(hours=1),
            payload={"agreement_id": agreement.id, "round": asked},
        )

    def _acknowledged(self, uow: UnitOfWork, loan: Loan) -> None:
        statement = uow.offers.key_facts(loan.offer_id) if loan.offer_id else None
        guards.require(guards.key_facts(statement, loan.terms_hash))

    def _pages(
        self, uow: UnitOfWork, loan: Loan, customer: Customer, statement: KeyFactsOnFile
    ) -> list[tuple[DocumentType, str, bytes]]:
        brand, settings = uow.lender.brand(), uow.lender.settings()
        facts = papers.key_facts_letter(
            statement, brand=brand, settings=settings, customer=customer
        )
        agreement = papers.agreement_letter(
            statement,
            loan,
            brand=brand,
            settings=settings,
            customer=customer,
            issued_on=self.clock.business_date(),
        )
        return [
            (
                DocumentType.KFS,
                f"Key Facts Statement {statement.proposal_no}.pdf",
                self.letters.key_facts(facts),
            ),
            (
                DocumentType.AGREEMENT,
                f"Loan agreement {loan.loan_no}.pdf",
                self.letters.agreement(agreement),
            ),
        ]

    def _keep(
        self, loan: Loan, kind: DocumentType, name: str, content: bytes, *, at_version: int
    ) -> DocumentOnFile:
        return keep(
            self.storage,
            loan,
            kind,
            name=name,
            content=content,
            document_id=DocumentId(self.entropy.uuid()),
            at_version=at_version,
            clock=self.clock,
        )

    def _link(self, document: DocumentOnFile) -> str:
        return self.storage.link(document.key, filename=document.name, expires_in=LINK_LIFE)

    def _token(self, agreement: Agreement) -> str:
        return f"{agreement.brand_id.hex}{agreement.id.hex}{self.entropy.token(16)}"

    def _first(self, brand_id: BrandId) -> str:
        found = self.directory.find(brand_id, ESIGN)
        return found[0].name if found else ""


def keep(
    storage: Storage,
    loan: Loan,
    kind: DocumentType,
    *,
    name: str,
    content: bytes,
    document_id: DocumentId,
    at_version: int,
    clock: Clock,
) -> DocumentOnFile:
    """Write a loan's PDF to storage and return its record, to be added in the next commit.

    The key follows from loan, type, version and content: writing it again changes nothing.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    key = f"{loan.brand_id}/{loan.id}/{kind.lower()}-{at_version}-{sha256[:16]}.pdf"
    storage.put(key, content, content_type=PDF)
    return DocumentOnFile(
        id=document_id,
        brand_id=loan.brand_id,
        customer_id=loan.customer_id,
        loan_id=loan.id,
        type=kind,
        name=name,
        key=key,
        sha256=sha256,
        content_type=PDF,
        size=len(content),
        created_at=clock.business_now(),
    )


def _remembered(uow: UnitOfWork, agreement_id: UUID) -> Agreement | None:
    """Return an agreement; None too where its customer was forgotten: nothing is left to do."""
    try:
        return uow.agreements.get(agreement_id)
    except Erased:
        return None


def _address(token: str) -> tuple[BrandId, UUID]:
    """Return (brand, agreement) named by a callback address. Raises: NotFound: malformed."""
    try:
        return BrandId(UUID(hex=token[:32])), UUID(hex=token[32:64])
    except ValueError as err:
        raise NotFound("no such address") from err
