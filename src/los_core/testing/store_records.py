"""The laws of a store's repositories: what is put in comes out, and what is unique stays so."""

# ruff: noqa: D102 # a law's name is its sentence

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from los_core.domain.agreement import DocumentType
from los_core.domain.assessment import DecisionKind, ReportKind
from los_core.domain.errors import Conflict, StaleVersion
from los_core.domain.facts import Fact, Reversed
from los_core.domain.ids import CustomerId, JobId, PaymentId, StaffId
from los_core.domain.lifecycle import Command, Status
from los_core.domain.loan import Position
from los_core.domain.servicing import PayoutStage, ReceiptStatus
from los_core.domain.terms import Terms
from los_core.domain.work import WebhookStatus
from los_core.testing import money, records
from los_core.testing.store import StoreRig, together

_LATER = timedelta(hours=1)


class BorrowerLaws:
    """Customers, consents, one-time codes."""

    def test_a_customer_comes_back_whole(self, rig: StoreRig) -> None:
        new = rig.add_customer()
        with rig.begin(rig.brand_id) as uow:
            assert uow.customers.get(new.id) == new
            assert uow.customers.lock(new.id) == new
            assert uow.customers.by_phone(f"phone:{new.id}") == new
            new.security_version = 2
            uow.customers.save(new)
        with rig.begin(rig.brand_id) as uow:
            assert uow.customers.get(new.id) == new
            assert new.version == 1

    def test_a_phone_is_registered_once_per_brand(self, rig: StoreRig) -> None:
        with rig.begin(rig.brand_id) as uow:
            first = records.customer(rig.brand_id, rig.entropy.uuid())
            uow.customers.add(first, phone_index="phone")
            second = attrs.evolve(first, id=CustomerId(rig.entropy.uuid()), person="")
            with pytest.raises(Conflict) as refused:
                uow.customers.add(second, phone_index="phone")
            assert refused.value.code == "PHONE_ON_FILE"
            assert uow.customers.get(second.id) is None
        with rig.begin(rig.theirs.id) as uow:
            theirs = attrs.evolve(first, id=CustomerId(rig.entropy.uuid()), brand_id=rig.theirs.id)
            uow.customers.add(theirs, phone_index="phone")

    def test_of_many_who_register_a_phone_one_wins(self, rig: StoreRig) -> None:
        def race(_: int) -> bool:
            new = records.customer(rig.brand_id, rig.entropy.uuid())
            new.person = ""
            try:
                with rig.begin(rig.brand_id) as uow:
                    uow.customers.add(new, phone_index="phone")
            except Conflict:
                return False
            return True

        assert sum(together(race)) == 1

    def test_a_pan_belongs_to_one_customer_of_a_brand(self, rig: StoreRig) -> None:
        first, second = rig.add_customer(), rig.add_customer()
        with rig.begin(rig.brand_id) as uow:
            second.person = first.person
            with pytest.raises(Conflict) as refused:
                uow.customers.save(second)
            assert refused.value.code == "PAN_ON_FILE"
            assert second.version == 0
            second.person = ""
            uow.customers.save(second)

    def test_customers_who_share_a_pan_or_an_account_are_found(self, rig: StoreRig) -> None:
        first, second = rig.add_customer(), rig.add_customer()
        with rig.begin(rig.brand_id) as uow:
            uow.customers.save(first, account_indexes=["account-1", "account-2"])
            uow.customers.save(second, account_indexes=["account-2"])
            uow.customers.save(second)
            sharing = uow.customers.sharing
            assert list(sharing(account_index="account-2")) == [first.id, second.id]
            assert list(sharing(account_index="account-1")) == [first.id]
            assert list(sharing(person=second.person)) == [second.id]
            assert list(sharing(person=second.person, account_index="account-1")) == [
                first.id,
                second.id,
            ]
            assert list(sharing()) == []

    def test_customers_are_paged_newest_first(self, rig: StoreRig) -> None:
        ids = [rig.add_customer().id for _ in range(3)]
        with rig.begin(rig.brand_id) as uow:
            first = uow.customers.page(after=None, limit=2)
            assert [each.id for each in first] == [ids[2], ids[1]]
            rest = uow.customers.page(after=ids[1], limit=2)
            assert [each.id for each in rest] == [ids[0]]

    def test_consents_come_back_oldest_first_and_are_withdrawn(self, rig: StoreRig) -> None:
        owner = rig.add_customer()
        later = records.consent(owner.id, rig.entropy.uuid())
        later = attrs.evolve(later, granted_at=records.AT + _LATER, ip=None, device=None)
        first = records.consent(owner.id, rig.entropy.uuid())
        with rig.begin(rig.brand_id) as uow:
            uow.people.add_consent(later)
            uow.people.add_consent(first)
            assert list(uow.people.consents(owner.id)) == [first, later]
            withdrawn = first.withdraw(records.AT + _LATER)
            uow.people.save_consent(withdrawn)
            assert list(uow.people.consents(owner.id)) == [withdrawn, later]

    def test_a_code_works_once(self, rig: StoreRig) -> None:
        self._send(rig)
        assert self._guesses(rig, "wrong", "right", "right") == [False, True, False]

    def test_guesses_beyond_the_limit_are_not_looked_at(self, rig: StoreRig) -> None:
        self._send(rig)
        wrong = ["wrong"] * 5
        assert self._guesses(rig, *wrong, "right") == [False] * 6

    def test_a_code_is_good_until_it_expires(self, rig: StoreRig) -> None:
        self._send(rig)
        rig.clock.advance(timedelta(minutes=5))
        assert self._guesses(rig, "right") == [False]

    def test_a_new_code_voids_the_one_before(self, rig: StoreRig) -> None:
        self._send(rig)
        self._send(rig, code_hash="newer", sent_at=records.AT + timedelta(seconds=30))
        assert self._guesses(rig, "right", "newer") == [False, True]

    def test_a_code_is_for_its_purpose_and_phone(self, rig: StoreRig) -> None:
        self._send(rig, purpose="SIGN")
        self._send(rig, phone_index="another")
        assert self._guesses(rig, "right") == [False]

    def test_codes_sent_to_a_phone_are_counted_for_every_purpose(self, rig: StoreRig) -> None:
        times = [records.AT + timedelta(minutes=minute) for minute in range(3)]
        for at, purpose in zip(times, ("LOGIN", "SIGN", "LOGIN"), strict=True):
            self._send(rig, purpose=purpose, sent_at=at)
        with rig.begin(rig.brand_id) as uow:
            assert list(uow.people.otps_since("phone-index", times[1])) == times[1:]

    def test_many_guesses_at_once_get_no_more_than_the_limit(self, rig: StoreRig) -> None:
        self._send(rig)
        wrong = ["wrong"] * 4
        assert self._guesses(rig, *wrong) == [False] * 4

        def race(_: int) -> bool:
            return self._guesses(rig, "wrong")[0]

        together(race)
        assert self._guesses(rig, "right") == [False]

    def test_of_many_right_guesses_one_wins(self, rig: StoreRig) -> None:
        self._send(rig)

        def race(_: int) -> bool:
            return self._guesses(rig, "right")[0]

        assert sum(together(race)) == 1

    def _send(self, rig: StoreRig, **changes: object) -> None:
        with rig.begin(rig.brand_id) as uow:
            uow.people.add_otp(records.otp(rig.brand_id, rig.entropy.uuid(), **changes))

    def _guesses(self, rig: StoreRig, *codes: str) -> list[bool]:
        answers = []
        for code in codes:
            with rig.begin(rig.brand_id) as uow:
                answers.append(
                    uow.people.try_otp(
                        phone_index="phone-index",
                        purpose="LOGIN",
                        code_hash=code,
                        at=rig.clock.now(),
                        limit=5,
                    )
                )
        return answers


class LoanLaws:
    """Loans, offers, assessments, agreements."""

    def test_a_loan_comes_back_whole_with_its_history(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        with rig.begin(rig.brand_id) as uow:
            assert uow.loans.get(loan.id) == loan
            records.grown(loan)
            move = loan.move(Command.SUBMIT, records.by(), reasons=["A", "B"], remark="complete")
            uow.loans.save(loan, move)
        with rig.begin(rig.brand_id) as uow:
            assert uow.loans.lock(loan.id) == loan
            history = uow.loans.history(loan.id)
            assert [line.seq for line in history] == [1, 2]
            assert history[1] == move

    def test_loans_are_listed_newest_first(self, rig: StoreRig) -> None:
        owner, clerk = rig.add_customer(), StaffId(UUID(int=4))
        first = rig.add_loan(owner.id)
        second = rig.add_loan(owner.id, status=Status.SUBMITTED, assigned_to=clerk)
        other = rig.add_loan(status=Status.SUBMITTED)
        with rig.begin(rig.brand_id) as uow:
            loans = uow.loans
            assert [each.id for each in loans.of_customer(owner.id)] == [second.id, first.id]
            assert [each.id for each in loans.page(limit=2)] == [other.id, second.id]
            assert [each.id for each in loans.page(after=second.id, limit=2)] == [first.id]
            submitted = loans.page(statuses=[Status.SUBMITTED], limit=9)
            assert [each.id for each in submitted] == [other.id, second.id]
            assert [each.id for each in loans.page(assigned_to=clerk, limit=9)] == [second.id]
            assert list(loans.unassigned(limit=9)) == [other.id]
            assert loans.open_count(clerk) == 1

    def test_loans_wake_on_their_day(self, rig: StoreRig) -> None:
        days = [date(2026, 2, 5), date(2026, 2, 6), None, date(2026, 2, 4)]
        loans = [
            rig.add_loan(position=Position(as_of=records.ON, wake_on=wake_on)) for wake_on in days
        ]
        rig.add_loan()
        ids = [loans[0].id, loans[3].id]
        with rig.begin(rig.brand_id) as uow:
            assert list(uow.loans.waking(on=date(2026, 2, 5), after=None, limit=9)) == ids
            assert list(uow.loans.waking(on=date(2026, 2, 5), after=ids[0], limit=9)) == ids[1:]
            assert list(uow.loans.waking(on=date(2026, 2, 5), after=None, limit=1)) == ids[:1]

    def test_loans_with_facts_are_served(self, rig: StoreRig) -> None:
        first, _, third = rig.add_loan(), rig.add_loan(), rig.add_loan()
        with rig.begin(rig.brand_id) as uow:
            for reference in ("pay_1", "pay_2"):
                for loan in (third, first):
                    fact = records.received(rig.entropy.uuid(), reference)
                    uow.books.add_fact(loan.id, fact, records.AT)
            assert list(uow.loans.servicing(after=None, limit=9)) == [first.id, third.id]
            assert list(uow.loans.servicing(after=first.id, limit=9)) == [third.id]

    def test_an_offer_comes_back_with_its_statement(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        offer = records.offer(rig.brand_id, loan.id, rig.entropy.uuid())
        statement = records.key_facts(offer, rig.entropy.uuid())
        with rig.begin(rig.brand_id) as uow:
            uow.offers.add(offer, statement)
            assert uow.offers.get(offer.id) == offer
            assert uow.offers.key_facts(offer.id) == statement
            offer.accept(records.AT)
            uow.offers.save(offer)
            uow.offers.acknowledge(statement.id, records.AT)
            uow.offers.acknowledge(statement.id, records.AT + _LATER)
        with rig.begin(rig.brand_id) as uow:
            assert list(uow.offers.of_loan(loan.id)) == [offer]
            kept = uow.offers.key_facts(offer.id)
            assert kept is not None
            assert kept.acknowledged_at == records.AT

    @settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(terms=money.terms())
    def test_terms_come_back_to_the_last_digit(self, rig: StoreRig, terms: Terms) -> None:
        loan = rig.add_loan()
        offer = records.offer(rig.brand_id, loan.id, rig.entropy.uuid(), of=terms)
        with rig.begin(rig.brand_id) as uow:
            uow.offers.add(offer, records.key_facts(offer, rig.entropy.uuid()))
            found = uow.offers.get(offer.id)
            assert found is not None
            assert repr(found.terms) == repr(terms)

    def test_the_latest_assessments_count(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        old = records.report(rig.brand_id, loan.customer_id, rig.entropy.uuid())
        new = attrs.evolve(old, id=rig.entropy.uuid(), fetched_at=records.AT + _LATER, raw=b"")
        first = records.decision(rig.brand_id, loan.id, rig.entropy.uuid())
        last = attrs.evolve(first, id=rig.entropy.uuid(), at=records.AT + _LATER)
        memos = [records.cam(rig.brand_id, loan.id, rig.entropy.uuid(), no) for no in (1, 2)]
        with rig.begin(rig.brand_id) as uow:
            kept = uow.assessments
            kept.add_report(new)
            kept.add_report(old)
            kept.add_decision(first)
            kept.add_decision(last)
            for memo in memos:
                kept.add_cam(memo)
            assert kept.report(loan.customer_id, ReportKind.BUREAU) == new
            assert kept.report(loan.customer_id, ReportKind.STATEMENT) is None
            assert kept.decision(loan.id, DecisionKind.BRE) == last
            assert kept.decision(loan.id, DecisionKind.EVALUATION) is None
            assert kept.cam(loan.id) == memos[1]

    def test_a_report_keeps_the_vendors_own_words(self, rig: StoreRig) -> None:
        owner = rig.add_customer()
        report = records.report(rig.brand_id, owner.id, rig.entropy.uuid())
        with rig.begin(rig.brand_id) as uow:
            uow.assessments.add_report(report)
            assert uow.assessments.report(owner.id, ReportKind.BUREAU) == report

    def test_agreements_come_back_whole_and_refuse_a_stale_write(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        first, second = (
            records.agreement(rig.brand_id, loan.id, rig.entropy.uuid(), no) for no in (1, 2)
        )
        with rig.begin(rig.brand_id) as uow:
            uow.agreements.add(first)
            uow.agreements.add(second)
            assert uow.agreements.get(first.id) == first
            assert uow.agreements.of_loan(loan.id) == second
            stale = attrs.evolve(first)
            uow.agreements.save(first)
            with pytest.raises(StaleVersion):
                uow.agreements.save(stale)

    def test_files_are_listed_oldest_first(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        owner = loan.customer_id
        later = records.file(rig.brand_id, owner, loan.id, rig.entropy.uuid())
        later = attrs.evolve(later, created_at=records.AT + _LATER)
        first = records.file(rig.brand_id, owner, loan.id, rig.entropy.uuid())
        loose = records.file(rig.brand_id, owner, None, rig.entropy.uuid())
        with rig.begin(rig.brand_id) as uow:
            for file in (later, first, loose):
                uow.agreements.add_document(file)
            files = uow.agreements
            assert files.document(first.id) == first
            assert list(files.documents(customer_id=owner)) == [first, loose, later]
            assert list(files.documents(customer_id=owner, loan_id=loan.id)) == [first, later]
            assert files.document_of(loan.id, DocumentType.KFS) == later
            assert files.document_of(loan.id, DocumentType.NDC) is None

    def test_a_certificate_is_withdrawn_and_replaced(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        first = records.no_dues(rig.brand_id, loan.id, rig.entropy.uuid())
        second = attrs.evolve(first, id=rig.entropy.uuid(), version_no=2)
        with rig.begin(rig.brand_id) as uow:
            uow.agreements.add_no_dues(first)
            first.withdrawn_at = records.AT
            uow.agreements.save_no_dues(first)
            assert uow.agreements.no_dues(loan.id) == first
            uow.agreements.add_no_dues(second)
            assert uow.agreements.no_dues(loan.id) == second


class MoneyLaws:
    """Payouts, receipts, books."""

    def test_a_loan_has_one_live_payout(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        first = records.payout(rig.brand_id, loan.id, rig.entropy.uuid())
        second = records.payout(rig.brand_id, loan.id, rig.entropy.uuid(), attempt=2)
        with rig.begin(rig.brand_id) as uow:
            uow.payouts.add(first)
            with pytest.raises(Conflict) as refused:
                uow.payouts.add(second)
            assert refused.value.code == "PAYOUT_LIVE"
            first.go(PayoutStage.FAILED)
            uow.payouts.save(first)
            uow.payouts.add(second)
            assert uow.payouts.get(second.id) == second
            assert list(uow.payouts.of_loan(loan.id)) == [first, second]

    def test_of_many_payouts_at_once_one_is_live(self, rig: StoreRig) -> None:
        loan = rig.add_loan()

        def race(number: int) -> bool:
            mine = records.payout(rig.brand_id, loan.id, rig.entropy.uuid(), attempt=number + 1)
            try:
                with rig.begin(rig.brand_id) as uow:
                    uow.payouts.add(mine)
            except Conflict:
                return False
            return True

        assert sum(together(race)) == 1

    def test_a_bank_reference_is_on_file_once(self, rig: StoreRig) -> None:
        first, second = (
            records.payout(rig.brand_id, rig.add_loan().id, rig.entropy.uuid()) for _ in range(2)
        )
        with rig.begin(rig.brand_id) as uow:
            uow.payouts.add(first)
            uow.payouts.add(second)
            first.bank_reference = second.bank_reference = "N123456789"
            uow.payouts.save(first)
            with pytest.raises(Conflict) as refused:
                uow.payouts.save(second)
            assert refused.value.code == "UTR_ON_FILE"
            second.bank_reference = "N987654321"
            uow.payouts.save(second)

    def test_a_stale_payout_is_refused(self, rig: StoreRig) -> None:
        payout = records.payout(rig.brand_id, rig.add_loan().id, rig.entropy.uuid())
        with rig.begin(rig.brand_id) as uow:
            uow.payouts.add(payout)
            stale = attrs.evolve(payout)
            uow.payouts.save(payout)
            with pytest.raises(StaleVersion):
                uow.payouts.save(stale)

    def test_orders_are_found_by_either_name(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        first, second = (records.order(rig.brand_id, loan.id, name) for name in ("o-1", "o-2"))
        second.created_at, first.order_id = records.AT - _LATER, ""
        with rig.begin(rig.brand_id) as uow:
            receipts = uow.receipts
            receipts.add_order(first)
            receipts.add_order(second)
            assert receipts.order("o-1") == first
            assert receipts.order_at("razorpay", "acc_1", "order_o-2") == second
            assert receipts.order_at("razorpay", "acc_2", "order_o-2") is None
            assert receipts.order_at("razorpay", "acc_1", "") is None
            first.order_id = "order_late"
            receipts.save_order(first)
            assert receipts.order_at("razorpay", "acc_1", "order_late") == first
            assert list(receipts.orders_of(loan.id)) == [second, first]

    def test_a_payment_is_credited_once(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        receipt = records.receipt(rig.brand_id, loan.id, rig.entropy.uuid(), utr="UTR1")
        again = attrs.evolve(receipt, id=PaymentId(rig.entropy.uuid()), amount=1)
        with rig.begin(rig.brand_id) as uow:
            assert uow.receipts.add(receipt)
            assert not uow.receipts.add(again)
            assert uow.receipts.get(receipt.id) == receipt
            assert uow.receipts.get(again.id) is None
            found = uow.receipts.find("razorpay", "acc_1", receipt.reference)
            assert found == receipt
            elsewhere = attrs.evolve(again, account="acc_2", utr="UTR2")
            assert uow.receipts.add(elsewhere)

    def test_of_many_deliveries_at_once_one_is_credited(self, rig: StoreRig) -> None:
        loan = rig.add_loan()

        def race(_: int) -> bool:
            mine = records.receipt(rig.brand_id, loan.id, rig.entropy.uuid(), reference="pay_1")
            with rig.begin(rig.brand_id) as uow:
                return uow.receipts.add(mine)

        assert sum(together(race)) == 1

    def test_a_utr_is_on_file_once(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        first, second = (
            records.receipt(rig.brand_id, loan.id, rig.entropy.uuid(), utr="UTR1") for _ in range(2)
        )
        with rig.begin(rig.brand_id) as uow:
            assert uow.receipts.add(first)
            with pytest.raises(Conflict) as refused:
                uow.receipts.add(second)
            assert refused.value.code == "UTR_ON_FILE"
            parked = attrs.evolve(second, utr="", status=ReceiptStatus.PARKED)
            assert uow.receipts.add(parked)

    def test_receipts_are_listed(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        late, early = (
            records.receipt(
                rig.brand_id,
                loan.id,
                rig.entropy.uuid(),
                value_date=day,
                status=ReceiptStatus.PENDING_APPROVAL,
            )
            for day in (date(2026, 3, 5), date(2026, 2, 5))
        )
        with rig.begin(rig.brand_id) as uow:
            uow.receipts.add(late)
            uow.receipts.add(early)
            assert list(uow.receipts.of_loan(loan.id)) == [early, late]
            assert list(uow.receipts.awaiting_approval()) == [late, early]
            late.status = ReceiptStatus.POSTED
            uow.receipts.save(late)
            assert list(uow.receipts.awaiting_approval()) == [early]
            with pytest.raises(StaleVersion):
                uow.receipts.save(attrs.evolve(late, version=0))

    def test_a_fact_is_known_once(self, rig: StoreRig) -> None:
        loan, other = rig.add_loan(), rig.add_loan()
        fact = records.received(rig.entropy.uuid(), "pay_1")
        with rig.begin(rig.brand_id) as uow:
            assert uow.books.add_fact(loan.id, fact, records.AT)
            again = attrs.evolve(fact, fact_id=rig.entropy.uuid(), amount=1)
            assert not uow.books.add_fact(loan.id, again, records.AT)
            assert uow.books.add_fact(other.id, fact, records.AT)
            reversal = Reversed(
                fact_id=rig.entropy.uuid(),
                value_date=records.ON,
                source="razorpay",
                reference="pay_1",
                target_source="razorpay",
                target_reference="pay_1",
            )
            assert uow.books.add_fact(loan.id, reversal, records.AT)
            kept = sorted(uow.books.facts(loan.id), key=lambda each: type(each).__name__)
            assert kept == [fact, reversal]

    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(story=money.stories())
    def test_every_kind_of_fact_comes_back(
        self, rig: StoreRig, story: tuple[Terms, Sequence[Fact]]
    ) -> None:
        loan = rig.add_loan()
        facts = {(type(fact), fact.key): fact for fact in reversed(story[1])}
        with rig.begin(rig.brand_id) as uow:
            for fact in facts.values():
                assert uow.books.add_fact(loan.id, fact, records.AT)
            kept = uow.books.facts(loan.id)
            assert {(type(fact), fact.key): fact for fact in kept} == facts

    def test_postings_come_back_in_their_order(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        postings = [records.posting(rig.entropy.uuid(), f"fact-{no}") for no in (2, 1, 3)]
        with rig.begin(rig.brand_id) as uow:
            for posting in postings:
                uow.books.post(loan.id, posting, posted_on=records.ON)
        with rig.begin(rig.brand_id) as uow:
            assert list(uow.books.postings(loan.id)) == postings
            repeated = attrs.evolve(postings[0], id=rig.entropy.uuid())
            with pytest.raises(Conflict) as refused:
                uow.books.post(loan.id, repeated, posted_on=records.ON)
            assert refused.value.code == "POSTING_ON_FILE"
            assert list(uow.books.postings(loan.id)) == postings


class DeskLaws:
    """Approvals, webhooks, messages, trail, the inbox; the lender's rules are `store_platform`."""

    def test_an_approval_comes_back_until_it_is_decided(self, rig: StoreRig) -> None:
        first, second = (records.approval(rig.brand_id, rig.entropy.uuid()) for _ in range(2))
        with rig.begin(rig.brand_id) as uow:
            uow.approvals.add(first)
            uow.approvals.add(second)
            assert uow.approvals.get(first.id) == first
            assert list(uow.approvals.pending(limit=9)) == [first, second]
            assert list(uow.approvals.pending(limit=1)) == [first]
            first.approve(StaffId(UUID(int=9)), records.AT)
            uow.approvals.save(first)
            assert uow.approvals.get(first.id) == first
            assert list(uow.approvals.pending(limit=9)) == [second]

    def test_of_many_checkers_one_decides(self, rig: StoreRig) -> None:
        asked = records.approval(rig.brand_id, rig.entropy.uuid())
        with rig.begin(rig.brand_id) as uow:
            uow.approvals.add(asked)

        def race(number: int) -> bool:
            try:
                with rig.begin(rig.brand_id) as uow:
                    mine = uow.approvals.get(asked.id)
                    assert mine is not None
                    mine.approve(StaffId(UUID(int=100 + number)), records.AT)
                    uow.approvals.save(mine)
            except Conflict:
                return False
            return True

        assert sum(together(race)) == 1

    def test_a_webhook_is_kept_once_and_its_repeats_are_counted(self, rig: StoreRig) -> None:
        event = records.event(rig.brand_id, rig.entropy.uuid())
        with rig.begin(rig.brand_id) as uow:
            assert uow.desk.add_event(event)
            assert not uow.desk.add_event(attrs.evolve(event, id=rig.entropy.uuid()))
            elsewhere = attrs.evolve(event, id=rig.entropy.uuid(), account="acc_2")
            assert uow.desk.add_event(elsewhere)
            assert uow.desk.event(event.id) == attrs.evolve(event, deliveries=2)
            uow.desk.settle_event(event.id, WebhookStatus.PARKED, "no such order")
            parked = attrs.evolve(
                event, deliveries=2, status=WebhookStatus.PARKED, reason="no such order"
            )
            assert list(uow.desk.parked()) == [parked]

    def test_of_many_deliveries_at_once_one_is_new(self, rig: StoreRig) -> None:
        def race(_: int) -> bool:
            with rig.begin(rig.brand_id) as uow:
                return uow.desk.add_event(records.event(rig.brand_id, rig.entropy.uuid()))

        assert sum(together(race)) == 1
        with rig.begin(rig.brand_id) as uow:
            assert not uow.desk.add_event(records.event(rig.brand_id, rig.entropy.uuid()))

    def test_a_consumer_handles_a_message_once(self, rig: StoreRig) -> None:
        def race(_: int) -> bool:
            with rig.begin(rig.brand_id) as uow:
                return uow.desk.once("closure", "job-1")

        assert together(race).count(True) == 1
        with rig.begin(rig.brand_id) as uow:
            assert uow.desk.once("messaging", "job-1")
            assert uow.desk.once("closure", "job-2")

    def test_a_message_is_kept_once(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        message = records.message(rig.brand_id, loan.id, "disbursed:1")
        with rig.begin(rig.brand_id) as uow:
            assert uow.desk.add_message(message)
            assert not uow.desk.add_message(attrs.evolve(message, template="other"))
            sent = attrs.evolve(message, status="SENT", provider="msg91", repeated=True)
            uow.desk.save_message(sent)
            assert uow.desk.message(message.id) == sent
            assert list(uow.desk.messages(loan_id=loan.id)) == [sent]

    def test_a_job_is_added_once_per_kind_and_key(self, rig: StoreRig) -> None:
        job = records.job(rig.brand_id, rig.entropy.uuid(), key="loan-1")
        with rig.begin(rig.brand_id) as uow:
            assert uow.desk.add_job(job)
            again = attrs.evolve(job, id=JobId(rig.entropy.uuid()))
            assert not uow.desk.add_job(again)
            assert uow.desk.add_job(attrs.evolve(again, kind="closure.noc"))
        claimed = rig.platform.claim_jobs(limit=9, now=records.AT, lease_s=60, worker="w")
        assert all(rig.platform.finish_job(each) for each in claimed)
        with rig.begin(rig.brand_id) as uow:
            assert not uow.desk.add_job(again)

    def test_the_trail_is_appended_to(self, rig: StoreRig) -> None:
        with rig.begin(rig.brand_id) as uow:
            uow.desk.audit([records.audit(rig.brand_id, rig.entropy.uuid()) for _ in range(3)])
            uow.desk.audit([])

    def test_numbers_of_series_are_apart(self, rig: StoreRig) -> None:
        with rig.begin(rig.brand_id) as uow:
            drawn = [uow.desk.next_number(series) for series in ("loan", "loan", "receipt")]
        assert drawn == [1, 2, 1]
