"""The customer's bank account, proved by a penny drop, and their bank statement, read.

A check carries our reference, stored before the vendor is asked: the same reference never sends a
second rupee. A statement is read by the brand's reader and kept with the figures rules read of it.
"""

import hashlib
from datetime import timedelta
from typing import Final

import attrs

from los_core.domain.agreement import DocumentOnFile, DocumentType
from los_core.domain.assessment import ReportKind, ReportOnFile
from los_core.domain.blocklist import BlockType
from los_core.domain.consent import Purpose
from los_core.domain.customer import BankAccount, Customer, StatementOnFile, StepState
from los_core.domain.documents import to_document
from los_core.domain.errors import Conflict, NotFound, TooMany
from los_core.domain.ids import AccountId, DocumentId
from los_core.domain.lifecycle import Stage
from los_core.domain.names import match_pct
from los_core.domain.notification import NotificationKind
from los_core.domain.statement import (
    Statement,
    StatementSummary,
    analyse,
    applicant_values,
    require_period,
)
from los_core.ports.bankaccount import AccountCheck, AccountState, AccountVerifier
from los_core.ports.blindindex import BlindIndex
from los_core.ports.clock import Clock
from los_core.ports.directory import BANK_ACCOUNT, Chosen, Directory
from los_core.ports.entropy import Entropy
from los_core.ports.errors import Rejected, Unavailable, Unknown
from los_core.ports.statement import StatementReader
from los_core.ports.storage import Storage
from los_core.ports.work import Begin, UnitOfWork
from los_core.services.callers import CustomerCaller
from los_core.services.notifying import notify
from los_core.services.onboarding import Onboarding, Progress, need_consent

PENNY_DROPS: Final = 3
MAX_STATEMENT: Final = 10 * 1024 * 1024


@attrs.frozen(kw_only=True)
class Banking:
    """Accounts and statements of customers."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    indexes: BlindIndex
    directory: Directory
    storage: Storage
    reader: StatementReader
    onboarding: Onboarding

    def add_account(self, caller: CustomerCaller, account: BankAccount) -> Progress:
        """Put an account on file; a primary one takes the place of the present primary.

        Raises: Conflict: the customer has it already; GuardFailed (G-BLOCKLIST): it is blocked.
        """
        number = account.number.reveal()
        self.onboarding.blocklist.refuse(caller, {BlockType.ACCOUNT: number})
        with self.begin(caller.brand_id) as uow:
            customer = _locked(uow, caller)
            customer.put_account(attrs.evolve(account, id=AccountId(self.entropy.uuid())))
            if account.is_primary:
                customer.invalidate_statement()
            self._save(uow, customer)
            return self.onboarding.progress_of(uow, customer)

    def verify_account(self, caller: CustomerCaller, account_id: AccountId) -> Progress:
        """Send a rupee and compare the name at the bank, or look how a check under way stands.

        Raises: NotFound; TooMany: three checks of an account; Unavailable: nothing was sent.
        """
        with self.begin(caller.brand_id) as uow:
            customer = _locked(uow, caller)
            account = customer.account(account_id)
            if account.state in (StepState.VERIFIED, StepState.MANUAL):
                return self.onboarding.progress_of(uow, customer)
            begun = account.state is StepState.IN_PROGRESS
            if not begun:
                account = self._intend(account)
                customer.put_account(account)
                self._save(uow, customer)
        vendor, check = self._check(caller, customer, account, begun=begun)
        with self.begin(caller.brand_id) as uow:
            customer = _locked(uow, caller)
            latest = customer.account(account_id)
            if latest.reference == account.reference:
                settings = uow.lender.settings()
                customer.put_account(
                    self._outcome(
                        latest,
                        check,
                        vendor.name,
                        names=(customer.name, latest.holder),
                        pass_at=settings.name_match_pass_pct,
                        review_at=settings.name_match_review_pct,
                    )
                )
                self._save(uow, customer)
            return self.onboarding.progress_of(uow, customer)

    def read_statement(
        self, caller: CustomerCaller, pdf: bytes, *, password: str | None, name: str
    ) -> Progress:
        """Read a statement's PDF, keep it, and keep the figures rules read of it.

        Raises: UnreadableStatement: with the reason, and nothing is kept; Conflict: the bank
            account comes first.
        """
        now = self.clock.now()
        with self.begin(caller.brand_id) as uow:
            customer = _customer(uow, caller)
            need_consent(uow, caller, Purpose.BANK_DATA, now)
            settings = uow.lender.settings()
            account = customer.primary_account
        if account is None:
            raise Conflict("add your bank account first", code="STEP_ORDER")
        statement = self.reader.read(pdf, password=password)
        today = self.clock.business_date()
        require_period(statement, months=settings.bank_statement_months, until=today)
        summary = analyse(statement, months=settings.bank_statement_months)
        document = self._keep(caller, pdf, name)
        matches = statement.account_last4 == account.number.last4
        on_file = StatementOnFile(
            document_id=document.id,
            bank=statement.bank,
            account_last4=statement.account_last4,
            period_from=statement.period_from,
            period_to=statement.period_to,
            months=settings.bank_statement_months,
            account_matches=matches,
            state=StepState.VERIFIED if matches else StepState.FAILED,
            reason="" if matches else "the statement is of another account",
            read_at=now,
        )
        with self.begin(caller.brand_id) as uow:
            customer = _locked(uow, caller)
            customer.statement = on_file
            uow.customers.save(customer)
            uow.agreements.add_document(document)
            validity = timedelta(days=settings.report_validity_days)
            uow.assessments.add_report(
                self._report(caller, statement, summary, document.id, validity)
            )
            self._tell_executives(uow, caller)
            return self.onboarding.progress_of(uow, customer)

    def _tell_executives(self, uow: UnitOfWork, caller: CustomerCaller) -> None:
        """Tell whoever works on an application of the customer's that a statement came in."""
        for loan in uow.loans.of_customer(caller.customer_id):
            if loan.stage in (Stage.ONBOARDING, Stage.ASSESSMENT):
                notify(
                    uow,
                    [loan.assigned_to],
                    NotificationKind.DOCUMENT_UPLOADED,
                    at=self.clock.now(),
                    entropy=self.entropy,
                    loan=loan,
                    document="bank statement",
                )

    def _intend(self, account: BankAccount) -> BankAccount:
        if account.tries >= PENNY_DROPS:
            raise TooMany("this account was checked three times", code="PENNY_DROP_LIMIT")
        return attrs.evolve(
            account,
            state=StepState.IN_PROGRESS,
            tries=account.tries + 1,
            reference=f"PD{account.id.hex[-20:].upper()}{account.tries + 1}",
            provider="",
            provider_ref="",
        )

    def _check(
        self, caller: CustomerCaller, customer: Customer, account: BankAccount, *, begun: bool
    ) -> tuple[Chosen[AccountVerifier], AccountCheck]:
        """Ask for the check; one already begun is looked for before it is begun again."""
        vendors = self.directory.find(caller.brand_id, BANK_ACCOUNT)
        last = Unavailable("no vendor for bank accounts is set up", misconfigured=True)
        for vendor in vendors:
            try:
                if account.provider_ref and account.provider == vendor.name:
                    return vendor, vendor.adapter.inquire(account.provider_ref)
                known = vendor.adapter.find(account.reference) if begun else None
                if known is not None:
                    return vendor, known
                return vendor, self._start(vendor, customer, account)
            except Unavailable as err:
                last = err
            except Unknown:
                pending = AccountCheck(state=AccountState.PENDING, provider_ref="")
                return vendor, pending
            except Rejected as refusal:
                invalid = AccountCheck(
                    state=AccountState.INVALID, provider_ref="", raw_code=refusal.code
                )
                return vendor, invalid
        raise last

    def _start(
        self, vendor: Chosen[AccountVerifier], customer: Customer, account: BankAccount
    ) -> AccountCheck:
        return vendor.adapter.start(
            account_number=account.number.reveal(),
            ifsc=account.ifsc.reveal(),
            holder=customer.name or account.holder,
            reference=account.reference,
        )

    def _outcome(
        self,
        account: BankAccount,
        check: AccountCheck,
        provider: str,
        *,
        names: tuple[str, str],
        pass_at: int,
        review_at: int,
    ) -> BankAccount:
        """Return the account after a check. Unclear is no verdict on the customer: try again."""
        found = attrs.evolve(account, provider=provider, provider_ref=check.provider_ref)
        if check.state is AccountState.PENDING:
            return found
        if check.state is AccountState.UNCLEAR:
            return attrs.evolve(found, state=StepState.NOT_STARTED, tries=max(0, account.tries - 1))
        if check.state is AccountState.INVALID:
            return attrs.evolve(found, state=StepState.FAILED)
        legal, holder = names
        matched = match_pct(check.name_at_bank, legal or holder) if check.name_at_bank else 0
        state = StepState.FAILED
        if matched >= pass_at:
            state = StepState.VERIFIED
        elif matched >= review_at:
            state = StepState.MANUAL
        return attrs.evolve(
            found,
            state=state,
            name_at_bank=check.name_at_bank,
            name_match_pct=matched,
            verified_at=self.clock.business_now() if state is StepState.VERIFIED else None,
        )

    def _save(self, uow: UnitOfWork, customer: Customer) -> None:
        indexes = [
            self.indexes.blind_index(
                str(uow.brand_id), "account", f"{a.number.reveal()}|{a.ifsc.reveal()}"
            )
            for a in customer.accounts
        ]
        uow.customers.save(customer, account_indexes=indexes)

    def _keep(self, caller: CustomerCaller, pdf: bytes, name: str) -> DocumentOnFile:
        document_id = DocumentId(self.entropy.uuid())
        key = f"{caller.brand_id}/{caller.customer_id}/{document_id}"
        self.storage.put(key, pdf, content_type="application/pdf")
        return DocumentOnFile(
            id=document_id,
            brand_id=caller.brand_id,
            customer_id=caller.customer_id,
            loan_id=None,
            type=DocumentType.BANK_STATEMENT,
            name=name,
            key=key,
            sha256=hashlib.sha256(pdf).hexdigest(),
            content_type="application/pdf",
            size=len(pdf),
            created_at=self.clock.now(),
        )

    def _report(
        self,
        caller: CustomerCaller,
        statement: Statement,
        summary: StatementSummary,
        document_id: DocumentId,
        validity: timedelta,
    ) -> ReportOnFile:
        at = self.clock.business_now()
        figures: dict[str, object] = {
            key: value if isinstance(value, int | str | bool) or value is None else str(value)
            for key, value in applicant_values(summary).items()
        }
        return ReportOnFile(
            id=self.entropy.uuid(),
            brand_id=caller.brand_id,
            customer_id=caller.customer_id,
            kind=ReportKind.STATEMENT,
            provider="embedded",
            reference=str(document_id),
            fetched_at=at,
            expires_at=at + validity,
            purpose="credit decision",
            document=to_document(statement),
            figures=figures,
        )


def _customer(uow: UnitOfWork, caller: CustomerCaller) -> Customer:
    found = uow.customers.get(caller.customer_id)
    if found is None:
        raise NotFound("no such customer")
    return found


def _locked(uow: UnitOfWork, caller: CustomerCaller) -> Customer:
    found = uow.customers.lock(caller.customer_id)
    if found is None:
        raise NotFound("no such customer")
    return found
