"""Offers, each with its Key Facts Statement, and the customer's yes to one of them.

An offer and its statement come from one pricing, and accepting freezes exactly those terms.
Source: loan lifecycle T15 (G-OFFER, G-KFS, G-KYCCAP), RBI KFS circular of 15-Apr-2024.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import attrs

from los_core.domain import guards
from los_core.domain.agreement import KeyFactsOnFile
from los_core.domain.customer import Customer
from los_core.domain.errors import GuardFailed, NotFound
from los_core.domain.ids import LoanId, OfferId
from los_core.domain.keyfacts import key_facts, key_facts_document, key_facts_hash
from los_core.domain.lifecycle import BY_COMMAND, Command
from los_core.domain.loan import Loan
from los_core.domain.money import Paise
from los_core.domain.offers import LoanProduct, Offer, OfferStatus
from los_core.domain.pricing import Pricing
from los_core.domain.terms import terms_hash
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.pdf import Letters
from los_core.ports.work import Begin, Once, UnitOfWork
from los_core.services import coupons, papers
from los_core.services.applications import trail
from los_core.services.appraisal import priced, remaining_kyc_cap
from los_core.services.callers import CustomerCaller, StaffCaller
from los_core.services.jobs import RENDER_AGREEMENT, later
from los_core.services.lending_rules import holidays
from los_core.services.messaging import Messaging

OFFERS: Final = 3
INDIA: Final = ZoneInfo("Asia/Kolkata")


@attrs.frozen(kw_only=True)
class Offering:
    """Makes offers and takes the customer's answer."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    letters: Letters
    messaging: Messaging

    def make(
        self,
        uow: UnitOfWork,
        loan: Loan,
        customer: Customer,
        product: LoanProduct,
        *,
        amount: Paise,
        tenure: int,
    ) -> tuple[Offer, ...]:
        """Make the approved offer, and longer tenures beside it, in an open transaction.

        No tenure shorter than the approved one: its instalment would exceed what was appraised.
        Earlier offers of the loan are superseded.
        """
        for earlier in uow.offers.of_loan(loan.id):
            if earlier.status is OfferStatus.OPEN:
                earlier.status = OfferStatus.SUPERSEDED
                uow.offers.save(earlier)
        longer = sorted(known for known in product.tenures if known >= tenure)
        tenures = longer[:OFFERS] if not product.is_bullet else [tenure]
        offers = [
            self._offer(uow, loan, customer, product, amount=amount, tenure=known)
            for known in tenures
        ]
        expires_on = offers[0].expires_at.astimezone(INDIA).date()
        self.messaging.notify(
            uow,
            loan,
            "OFFER_READY",
            about=str(loan.seq),
            amount_paise=amount,
            expires_on=expires_on.isoformat(),
        )
        return tuple(offers)

    def offers(
        self, caller: CustomerCaller | StaffCaller, loan_id: LoanId
    ) -> Sequence[tuple[Offer, KeyFactsOnFile]]:
        """Return a loan's offers with their statements, as made. Raises: NotFound."""
        with self.begin(caller.brand_id) as uow:
            loan = reached(uow, caller, loan_id)
            found = []
            for offer in uow.offers.of_loan(loan.id):
                statement = uow.offers.key_facts(offer.id)
                assert statement is not None, "every offer has its statement"
                found.append((offer, statement))
        return found

    def key_facts(
        self, caller: CustomerCaller | StaffCaller, loan_id: LoanId, offer_id: OfferId
    ) -> KeyFactsOnFile:
        """Return the statement of one offer. Raises: NotFound."""
        with self.begin(caller.brand_id) as uow:
            return self._statement(uow, reached(uow, caller, loan_id), offer_id)

    def key_facts_pdf(
        self, caller: CustomerCaller | StaffCaller, loan_id: LoanId, offer_id: OfferId
    ) -> bytes:
        """Return the statement of one offer as a PDF. Raises: NotFound."""
        with self.begin(caller.brand_id) as uow:
            loan = reached(uow, caller, loan_id)
            statement = self._statement(uow, loan, offer_id)
            customer = uow.customers.get(loan.customer_id)
            assert customer is not None, "a loan's customer is on file"
            letter = papers.key_facts_letter(
                statement,
                brand=uow.lender.brand(),
                settings=uow.lender.settings(),
                customer=customer,
            )
        return self.letters.key_facts(letter)

    def acknowledge(
        self,
        caller: CustomerCaller,
        loan_id: LoanId,
        offer_id: OfferId,
        *,
        once: Once | None = None,
    ) -> KeyFactsOnFile:
        """Record that the customer read and understood the statement.

        It has a meaning while the offer can be accepted or the agreement is still to be sent (T15,
        T16). Raises: NotFound; InvalidTransition; GuardFailed: G-OFFER (replaced, expired, another
            one was accepted), G-KFS (no longer valid).
        """
        with self.begin(caller.brand_id, once=once) as uow:
            loan = caller.own(uow.loans.lock(loan_id))
            accepting = loan.status in BY_COMMAND[Command.ACCEPT_OFFER].sources
            loan.ensure(Command.ACCEPT_OFFER if accepting else Command.SEND_AGREEMENT)
            statement = self._statement(uow, loan, offer_id)
            self._worth_reading(uow, loan, offer_id, statement)
            if statement.acknowledged_at is None:
                at = self.clock.business_now()
                uow.offers.acknowledge(statement.id, at)
                statement.acknowledged_at = at
                by = caller.by(self.clock.now())
                trail(uow, self.entropy, by, "kfs.acknowledge", loan, hash=statement.hash)
            uow.answer(statement)
        return statement

    def accept(
        self,
        caller: CustomerCaller,
        loan_id: LoanId,
        offer_id: OfferId,
        *,
        once: Once | None = None,
    ) -> Loan:
        """Accept an offer (T15): its terms are the loan's from now on.

        Raises: NotFound; InvalidTransition; GuardFailed: G-OFFER (taken, replaced, expired), G-KFS
            (not acknowledged, or no longer valid), G-KYCCAP; Conflict: its coupon may not be used
            any more (`COUPON_…`).
        """
        with self.begin(caller.brand_id, once=once) as uow:
            loan = caller.own(uow.loans.lock(loan_id))
            loan.ensure(Command.ACCEPT_OFFER)
            offer = uow.offers.get(offer_id)
            if offer is None or offer.loan_id != loan.id:
                raise NotFound("no such offer")
            statement = self._statement(uow, loan, offer_id)
            self._standing(uow, loan, offer, statement)
            offer.accept(self.clock.business_now())
            by = caller.by(self.clock.now())
            move = loan.move(Command.ACCEPT_OFFER, by)
            loan.offer_id = offer.id
            loan.terms = offer.terms
            loan.terms_hash = statement.terms_hash
            loan.apr_pct = offer.apr_pct
            loan.net_disbursal = offer.net_disbursal
            loan.planned_disbursal_on = offer.terms.planned_on
            coupons.take(uow, loan, self.clock.business_now())
            uow.offers.save(offer)
            uow.loans.save(loan, move)
            later(
                uow,
                RENDER_AGREEMENT,
                f"{loan.id}|{offer.id}",
                clock=self.clock,
                entropy=self.entropy,
                payload={"loan_id": loan.id},
            )
            trail(uow, self.entropy, by, "offer.accept", loan, terms=loan.terms_hash)
            uow.answer(loan)
        return loan

    def _worth_reading(
        self, uow: UnitOfWork, loan: Loan, offer_id: OfferId, statement: KeyFactsOnFile
    ) -> None:
        """Refuse a statement that decides nothing any more."""
        offer = uow.offers.get(offer_id)
        assert offer is not None, "a statement is of an offer"
        if loan.offer_id is None:
            guards.require(guards.offer(offer, self.clock.business_now()))
        elif loan.offer_id != offer_id:
            raise GuardFailed("another offer was accepted", code="G-OFFER")
        if self.clock.business_date() > statement.valid_until:
            raise GuardFailed("the Key Facts Statement is no longer valid", code="G-KFS")

    def _standing(
        self, uow: UnitOfWork, loan: Loan, offer: Offer, statement: KeyFactsOnFile
    ) -> None:
        today = self.clock.business_date()
        customer = uow.customers.get(loan.customer_id)
        assert customer is not None, "a loan's customer is on file"
        guards.require(
            guards.key_facts(statement, terms_hash(offer.terms), today),
            guards.kyc_limit(remaining_kyc_cap(uow, customer, loan, today), offer.amount),
        )

    def _statement(self, uow: UnitOfWork, loan: Loan, offer_id: OfferId) -> KeyFactsOnFile:
        found = uow.offers.key_facts(offer_id)
        if found is None or found.loan_id != loan.id:
            raise NotFound("no such offer")
        return found

    def _offer(
        self,
        uow: UnitOfWork,
        loan: Loan,
        customer: Customer,
        product: LoanProduct,
        *,
        amount: Paise,
        tenure: int,
    ) -> Offer:
        today = self.clock.business_date()
        pricing = priced(
            uow,
            product,
            amount=amount,
            tenure=tenure,
            on=today,
            customer=customer,
            discount=coupons.discount(uow, loan, self.clock.business_now()),
        )
        statement = self._issue(uow, loan, customer, product, pricing)
        days = timedelta(days=uow.lender.settings().offer_validity_days)
        last_day = min(statement.valid_until, today + days)
        expires_at = datetime.combine(last_day + timedelta(days=1), time(0), tzinfo=INDIA)
        offer = Offer(
            id=statement.offer_id,
            brand_id=loan.brand_id,
            loan_id=loan.id,
            product=product.code,
            tenure=tenure,
            terms=pricing.terms,
            emi=pricing.emi,
            total_interest=pricing.total_interest,
            total_payable=pricing.total_payable,
            total_cost=pricing.total_cost,
            net_disbursal=pricing.net_disbursal,
            apr_pct=pricing.apr_pct,
            made_at=self.clock.business_now(),
            expires_at=expires_at,
        )
        uow.offers.add(offer, statement)
        return offer

    def _issue(
        self,
        uow: UnitOfWork,
        loan: Loan,
        customer: Customer,
        product: LoanProduct,
        pricing: Pricing,
    ) -> KeyFactsOnFile:
        facts = key_facts(
            pricing,
            lender=papers.statement_lender(uow.lender.brand()),
            proposal_no=f"KFS-{uow.desk.next_number('kfs'):06d}",
            loan_type=product.name,
            issued_on=self.clock.business_date(),
            holidays=holidays(uow),
        )
        return KeyFactsOnFile(
            id=self.entropy.uuid(),
            brand_id=loan.brand_id,
            loan_id=loan.id,
            offer_id=OfferId(self.entropy.uuid()),
            proposal_no=facts.proposal_no,
            document=key_facts_document(facts),
            hash=key_facts_hash(facts),
            terms_hash=facts.terms_hash,
            language=customer.details.language if customer.details else "en",
            issued_at=self.clock.business_now(),
            valid_until=facts.valid_until,
        )


def reached(uow: UnitOfWork, caller: CustomerCaller | StaffCaller, loan_id: LoanId) -> Loan:
    """Return the loan if it is the customer's own, or staff may read it. Raises: NotFound."""
    loan = uow.loans.get(loan_id)
    if isinstance(caller, StaffCaller):
        return caller.reach("loans:read", loan)
    return caller.own(loan)
