"""Where aggregates live: what services ask of a store, inside one transaction of one brand.

Every repository is built for a brand and sees nothing else (decision D14). `get` answers None for
what is missing or another brand's. `save` refuses a stale version with `StaleVersion` and raises
the aggregate's `version`. Lists come in the order their docstring names.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from los_core.domain.agreement import (
    Agreement,
    DocumentOnFile,
    DocumentType,
    KeyFactsOnFile,
    NoDues,
)
from los_core.domain.api_key import ApiKey
from los_core.domain.approval import Approval
from los_core.domain.assessment import (
    CamOnFile,
    DecisionKind,
    DecisionOnFile,
    ReportKind,
    ReportOnFile,
)
from los_core.domain.consent import Consent
from los_core.domain.customer import Customer
from los_core.domain.facts import Fact
from los_core.domain.ids import (
    ApprovalId,
    CustomerId,
    DocumentId,
    LoanId,
    OfferId,
    PaymentId,
    PayoutId,
    StaffId,
)
from los_core.domain.ledger import Posting
from los_core.domain.lifecycle import Status
from los_core.domain.loan import Loan, Move
from los_core.domain.money import Paise
from los_core.domain.offers import Offer
from los_core.domain.payout import Payout
from los_core.domain.servicing import CollectionOrder, Receipt
from los_core.domain.staff import Guess, OtpChallenge
from los_core.domain.work import AuditEvent, Job, Run, SentMessage, WebhookEvent, WebhookStatus


class Customers(Protocol):
    """Customers of the brand."""

    def get(self, customer_id: CustomerId) -> Customer | None: ...

    def lock(self, customer_id: CustomerId) -> Customer | None:
        """Return the customer, held against other writers until the transaction ends."""
        ...

    def by_phone(self, phone_index: str) -> Customer | None: ...

    def sharing(self, *, person: str = "", account_index: str = "") -> Sequence[CustomerId]:
        """Return the customers of the brand with this PAN, or this bank account."""
        ...

    def add(
        self, customer: Customer, *, phone_index: str, account_indexes: Sequence[str] = ()
    ) -> None:
        """Raises: Conflict: the phone is registered already."""
        ...

    def save(self, customer: Customer, *, account_indexes: Sequence[str] = ()) -> None:
        """Raises: StaleVersion; Conflict: another customer has the PAN (code PAN_ON_FILE)."""
        ...

    def page(self, *, after: CustomerId | None, limit: int) -> Sequence[Customer]:
        """Newest first, from just after `after`."""
        ...

    def registered(self, *, since: datetime, until: datetime) -> int:
        """Return how many came from an instant up to but without another."""
        ...

    def search(self, text: str, *, after: CustomerId | None, limit: int) -> Sequence[Customer]:
        """Find by parts of the name, of the phone, or the end of the PAN (`domain.search`).

        Newest first, from just after `after`; none where the text is too short to look for. A
        whole PAN is not looked for here but by `sharing`.
        """
        ...

    def index(self, customer: Customer) -> None:
        """Write what `search` finds the customer by; `add` and `save` do it by themselves."""
        ...

    def forget(self, customer_id: CustomerId, at: datetime) -> None:
        """Make all that is sealed of a customer unreadable for good, in the same commit.

        Whoever reads any of it from then on is told `Erased`; lists leave the customer out. What
        finds them (phone, PAN, account, name) is taken away, so that the same person may come
        anew; their log-ins, codes and stored answers go, and the addresses of messages sent to
        them. Loans, facts, ledger, history and trail stay.
        Raises: NotFound; Erased: it was done before.
        """
        ...


class Loans(Protocol):
    """Loans of the brand, with their history."""

    def get(self, loan_id: LoanId) -> Loan | None: ...

    def lock(self, loan_id: LoanId) -> Loan | None:
        """Return the loan, held against other writers until the transaction ends."""
        ...

    def lock_all(self, loan_ids: Collection[LoanId]) -> Sequence[Loan]:
        """Return those that are on file, held likewise, by id.

        They are taken in that order, so that two who want the same loans never wait for each other.
        """
        ...

    def add(self, loan: Loan, first: Move) -> None: ...

    def save(self, loan: Loan, *moves: Move) -> None:
        """Write the loan and append its moves. Raises: StaleVersion."""
        ...

    def save_all(self, changed: Sequence[tuple[Loan, Sequence[Move]]]) -> None:
        """Write each loan, once, and append its moves. Raises: StaleVersion."""
        ...

    def of_customer(self, customer_id: CustomerId) -> Sequence[Loan]:
        """Newest first."""
        ...

    def history(self, loan_id: LoanId) -> Sequence[Move]:
        """Oldest first."""
        ...

    def page(
        self,
        *,
        statuses: Sequence[Status] = (),
        assigned_to: StaffId | None = None,
        after: LoanId | None = None,
        limit: int,
    ) -> Sequence[Loan]:
        """Newest first, from just after `after`; no statuses means all."""
        ...

    def waking(self, *, on: date, after: LoanId | None, limit: int) -> Sequence[LoanId]:
        """Loans whose `position.wake_on` is on or before `on`, by id, after `after`."""
        ...

    def servicing(self, *, after: LoanId | None, limit: int) -> Sequence[LoanId]:
        """Every loan that has facts, or whose status says it should, by id, after `after`."""
        ...

    def unassigned(self, *, limit: int) -> Sequence[LoanId]:
        """Loans under assessment without an executive, oldest first."""
        ...

    def disbursed(
        self, *, since: date, until: date, by: Collection[StaffId] | None = None
    ) -> tuple[int, Paise]:
        """Return how many loans were paid out from a day to a day, and how much went out.

        `by`: only those of these executives.
        """
        ...

    def open_count(self, staff_id: StaffId) -> int:
        """How many loans under assessment an executive holds."""
        ...


class Offers(Protocol):
    """Offers and their Key Facts Statements."""

    def add(self, offer: Offer, key_facts: KeyFactsOnFile) -> None: ...

    def get(self, offer_id: OfferId) -> Offer | None: ...

    def save(self, offer: Offer) -> None: ...

    def of_loan(self, loan_id: LoanId) -> Sequence[Offer]:
        """In the order they were made."""
        ...

    def key_facts(self, offer_id: OfferId) -> KeyFactsOnFile | None: ...

    def acknowledge(self, key_facts_id: UUID, at: datetime) -> None:
        """Record the acknowledgement; a second one changes nothing."""
        ...


class Assessments(Protocol):
    """Reports, decisions and memos about applications; all append-only."""

    def add_report(self, report: ReportOnFile) -> None: ...

    def report(self, customer_id: CustomerId, kind: ReportKind) -> ReportOnFile | None:
        """Return the latest report of a kind, expired or not."""
        ...

    def add_decision(self, decision: DecisionOnFile) -> None: ...

    def decision(self, loan_id: LoanId, kind: DecisionKind) -> DecisionOnFile | None:
        """Return the latest decision of a kind."""
        ...

    def add_cam(self, cam: CamOnFile) -> None: ...

    def cam(self, loan_id: LoanId) -> CamOnFile | None:
        """Return the latest version."""
        ...


class Agreements(Protocol):
    """Agreements, and the files and certificates of loans."""

    def add(self, agreement: Agreement) -> None: ...

    def get(self, agreement_id: UUID) -> Agreement | None: ...

    def save(self, agreement: Agreement) -> None:
        """Raises: StaleVersion."""
        ...

    def of_loan(self, loan_id: LoanId) -> Agreement | None:
        """Return the latest version."""
        ...

    def add_document(self, document: DocumentOnFile) -> None: ...

    def document(self, document_id: DocumentId) -> DocumentOnFile | None: ...

    def documents(
        self, *, customer_id: CustomerId, loan_id: LoanId | None = None
    ) -> Sequence[DocumentOnFile]:
        """Oldest first; with a loan, only that loan's."""
        ...

    def document_of(self, loan_id: LoanId, kind: DocumentType) -> DocumentOnFile | None:
        """Return a loan's latest document of a type."""
        ...

    def add_no_dues(self, certificate: NoDues) -> None: ...

    def save_no_dues(self, certificate: NoDues) -> None: ...

    def no_dues(self, loan_id: LoanId) -> NoDues | None:
        """Return the latest version."""
        ...


class Payouts(Protocol):
    """Payout attempts."""

    def add(self, payout: Payout) -> None:
        """Raises: Conflict: the loan has a live attempt already (code PAYOUT_LIVE)."""
        ...

    def get(self, payout_id: PayoutId) -> Payout | None: ...

    def save(self, payout: Payout) -> None:
        """Raises: StaleVersion; Conflict: the bank reference is on file (code UTR_ON_FILE)."""
        ...

    def of_loan(self, loan_id: LoanId) -> Sequence[Payout]:
        """By attempt."""
        ...

    def undecided(self, *, limit: int) -> Sequence[Payout]:
        """Return approved attempts whose end is not known, the oldest first."""
        ...

    def watched(self, *, since: datetime) -> Sequence[Payout]:
        """Return those for people to decide, and those sent that ended at `since` or later."""
        ...


class Receipts(Protocol):
    """Money that came in, and the orders it came by."""

    def add_order(self, order: CollectionOrder) -> None: ...

    def save_order(self, order: CollectionOrder) -> None: ...

    def order(self, reference: str) -> CollectionOrder | None:
        """By our reference."""
        ...

    def orders_at(
        self, provider: str, account: str, order_ids: Collection[str]
    ) -> Mapping[str, CollectionOrder]:
        """Return those on file of a gateway's ids, by that id."""
        ...

    def orders_of(self, loan_id: LoanId) -> Sequence[CollectionOrder]:
        """Oldest first."""
        ...

    def add(self, receipt: Receipt) -> bool:
        """Return False, and change nothing, if (source, account, reference) is on file.

        Raises: Conflict: the UTR is on file under another payment (code UTR_ON_FILE).
        """
        ...

    def add_all(self, receipts: Sequence[Receipt]) -> None:
        """Add receipts that the caller knows to be new, under their loans' locks.

        Raises: Conflict: a UTR is on file under another payment (code UTR_ON_FILE).
        """
        ...

    def get(self, payment_id: PaymentId) -> Receipt | None: ...

    def find(self, source: str, account: str, reference: str) -> Receipt | None: ...

    def known(self, source: str, account: str, references: Collection[str]) -> Collection[str]:
        """Return which of these references have a receipt."""
        ...

    def utrs_on_file(self, utrs: Collection[str]) -> Collection[str]:
        """Return which of these bank references some payment has."""
        ...

    def save(self, receipt: Receipt) -> None:
        """Raises: StaleVersion."""
        ...

    def of_loan(self, loan_id: LoanId) -> Sequence[Receipt]:
        """By value date."""
        ...

    def collected(
        self, *, since: date, until: date, by: Collection[StaffId] | None = None
    ) -> Paise:
        """Return what was posted with a value date from a day to a day.

        `by`: only on loans of these executives.
        """
        ...

    def awaiting_approval(self) -> Sequence[Receipt]:
        """Oldest first."""
        ...


class Books(Protocol):
    """Facts and ledger, both append-only."""

    def add_facts(
        self, facts: Sequence[tuple[LoanId, Fact]], recorded_at: datetime
    ) -> Sequence[bool]:
        """Add facts of loans; say of each whether it was new.

        One whose (source, reference) of the kind is on file changes nothing.
        """
        ...

    def facts(self, loan_id: LoanId) -> Sequence[Fact]:
        """In no particular order: the fold sorts them."""
        ...

    def facts_of(self, loan_ids: Collection[LoanId]) -> Mapping[LoanId, Sequence[Fact]]:
        """Return the facts of each of these loans, in no particular order."""
        ...

    def post(self, postings: Sequence[tuple[LoanId, Posting]], *, posted_on: date) -> None:
        """Append balanced transactions, in this order; a loan's reference is never posted twice.

        Raises: Conflict: a reference is on file.
        """
        ...

    def postings(self, loan_id: LoanId) -> Sequence[Posting]:
        """In the order they were posted."""
        ...


class Approvals(Protocol):
    """Items that await a second person."""

    def add(self, approval: Approval) -> None: ...

    def get(self, approval_id: ApprovalId) -> Approval | None:
        """Return the item, held against other writers until the transaction ends."""
        ...

    def save(self, approval: Approval) -> None: ...

    def pending(self, *, limit: int) -> Sequence[Approval]:
        """Oldest first."""
        ...

    def about(self, entity: str, entity_id: UUID) -> Sequence[Approval]:
        """Return what was ever asked about one thing, decided or not, oldest first."""
        ...


class People(Protocol):
    """What customers agreed to, and the codes sent to them."""

    def add_consent(self, consent: Consent) -> None: ...

    def save_consent(self, consent: Consent) -> None: ...

    def consents(self, customer_id: CustomerId) -> Sequence[Consent]:
        """Oldest first."""
        ...

    def add_otp(self, challenge: OtpChallenge) -> None:
        """Store a new challenge; an older one of the same phone and purpose is void."""
        ...

    def otps_since(self, phone_index: str, since: datetime) -> Sequence[datetime]:
        """When codes were sent to a phone, any purpose, oldest first."""
        ...

    def try_otp(
        self, *, phone_index: str, purpose: str, code_hash: str, at: datetime, limit: int
    ) -> Guess:
        """Count one guess at the latest challenge and say what it came to.

        One conditional update: no guess beyond `limit` is looked at, and a right one works once.
        WRONG too where there is no challenge, or it is used or out of time.
        """
        ...


class ApiKeys(Protocol):
    """Keys by which other systems of the brand call us."""

    def add(self, key: ApiKey) -> None: ...

    def get(self, key_id: UUID) -> ApiKey | None: ...

    def by_hash(self, key_hash: str) -> ApiKey | None:
        """Return the key with this hash, revoked or not."""
        ...

    def save(self, key: ApiKey) -> None:
        """Raises: StaleVersion."""
        ...

    def used(self, key_id: UUID, at: datetime) -> None:
        """Note the last use; the key's version stays."""
        ...

    def all(self) -> Sequence[ApiKey]:
        """Oldest first."""
        ...


class Desk(Protocol):
    """Messages in and out, jobs and the trail of what was done."""

    def add_job(self, job: Job) -> bool:
        """Return False, and change nothing, if a job of this kind and key is on file."""
        ...

    def add_jobs(self, jobs: Sequence[Job]) -> None:
        """Add those of which no job of this kind and key is on file."""
        ...

    def purge_jobs(self, *, before: datetime, limit: int) -> int:
        """Delete finished jobs that were due before an instant; return how many, `limit` at most.

        Dead letters stay: people decide about them.
        """
        ...

    def purge_keys(self, *, before: datetime, limit: int) -> int:
        """Delete idempotency keys taken before an instant; return how many, `limit` at most."""
        ...

    def once(self, consumer: str, message_id: str) -> bool:
        """Record that a consumer handled a message; False if it had."""
        ...

    def add_event(self, event: WebhookEvent) -> bool:
        """Return False, and count a repeat, if the event key is on file."""
        ...

    def event(self, event_id: UUID) -> WebhookEvent | None: ...

    def events(self, event_ids: Collection[UUID]) -> Sequence[WebhookEvent]:
        """Return those on file, oldest first."""
        ...

    def settle_events(
        self, event_ids: Collection[UUID], status: WebhookStatus, reason: str = ""
    ) -> None:
        """Say what became of events that nobody has settled yet."""
        ...

    def parked(self) -> Sequence[WebhookEvent]:
        """Signed but not applicable, oldest first."""
        ...

    def unsorted(self, *, after: UUID | None, limit: int) -> Sequence[WebhookEvent]:
        """Return settled events of which nobody has said whose they are, by id, after `after`."""
        ...

    def sort_event(self, event_id: UUID, owner: CustomerId | None) -> None:
        """Keep an event's body under a customer's key; None: it is nobody's, and is emptied.

        It is emptied too where the customer was forgotten.
        """
        ...

    def add_message(self, message: SentMessage) -> bool:
        """Return False, and change nothing, if the id is on file."""
        ...

    def message(self, message_id: str) -> SentMessage | None: ...

    def save_message(self, message: SentMessage) -> None: ...

    def messages(self, *, loan_id: LoanId) -> Sequence[SentMessage]:
        """Oldest first."""
        ...

    def audit(self, events: Iterable[AuditEvent]) -> None: ...

    def hold(self, run: Run) -> None:
        """Prove that a scheduled run is still ours, and renew its lease.

        Until the transaction ends nobody takes the run over. Raises: LeaseLost.
        """
        ...

    def finish(self, run: Run) -> None:
        """Mark a scheduled run as done, in the transaction of its last effect.

        Raises: LeaseLost: another worker took it over, or it is finished.
        """
        ...

    def next_number(self, series: str) -> int:
        """Return the next number of a series of the brand, 1 first, without gaps on commit."""
        ...

    def next_numbers(self, series: str, count: int) -> Sequence[int]:
        """Return the next `count` numbers of a series, as many calls of `next_number` would."""
        ...
