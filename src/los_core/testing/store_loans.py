"""The laws of a store about loans: history, offers, assessments, agreements, files."""

# ruff: noqa: D102 # a law's name is its sentence

import random
from datetime import date, timedelta
from uuid import UUID

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from los_core.domain.agreement import DocumentType
from los_core.domain.assessment import DecisionKind, ReportKind
from los_core.domain.errors import StaleVersion
from los_core.domain.ids import LoanId, StaffId
from los_core.domain.lifecycle import Command, Status
from los_core.domain.loan import Position
from los_core.domain.terms import Terms
from los_core.testing import money, records
from los_core.testing.store import RACERS, StoreRig, together

_LATER = timedelta(hours=1)


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

    def test_many_loans_are_held_by_id_and_written_as_one(self, rig: StoreRig) -> None:
        made = [rig.add_loan() for _ in range(3)]
        with rig.begin(rig.brand_id) as uow:
            held = uow.loans.lock_all([made[2].id, made[0].id, LoanId(rig.entropy.uuid())])
            assert list(held) == [made[0], made[2]]
            assert list(uow.loans.lock_all([])) == []
            moved = [loan.move(Command.SUBMIT, records.by()) for loan in held]
            records.grown(held[1])
            stale = attrs.evolve(held[0])
            changed = [(held[0], [moved[0]]), (held[1], [moved[1]])]
            uow.loans.save_all([])
            uow.loans.save_all(changed)
            assert [loan.version for loan in held] == [stale.version + 1] * 2
        with pytest.raises(StaleVersion), rig.begin(rig.brand_id) as uow:
            uow.loans.save_all([(held[1], []), (stale, [])])
        with rig.begin(rig.brand_id) as uow:
            kept = attrs.evolve(held[1], version=stale.version + 1)
            assert [uow.loans.get(loan.id) for loan in made] == [held[0], made[1], kept]
            assert list(uow.loans.history(made[2].id))[1:] == [moved[1]]

    def test_those_who_want_the_same_loans_never_wait_for_each_other(self, rig: StoreRig) -> None:
        loans = [rig.add_loan().id for _ in range(6)]
        with rig.begin(rig.brand_id) as uow:
            before = sum(loan.version for loan in uow.loans.lock_all(loans))

        def take(number: int) -> None:
            wanted = random.Random(number).sample(loans, 4)  # noqa: S311 # no secret
            for _ in range(5):
                with rig.begin(rig.brand_id) as uow:
                    held = uow.loans.lock_all(wanted)
                    uow.loans.save_all([(loan, []) for loan in held])

        together(take)
        with rig.begin(rig.brand_id) as uow:
            after = sum(loan.version for loan in uow.loans.lock_all(loans))
        assert after - before == RACERS * 5 * 4

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
                    uow.books.add_facts([(loan.id, fact)], records.AT)
            assert list(uow.loans.servicing(after=None, limit=9)) == [first.id, third.id]
            assert list(uow.loans.servicing(after=first.id, limit=9)) == [third.id]

    def test_a_loan_that_should_have_facts_is_served(self, rig: StoreRig) -> None:
        lost = rig.add_loan(status=Status.DISBURSED)
        rig.add_loan()
        with rig.begin(rig.brand_id) as uow:
            assert list(uow.loans.servicing(after=None, limit=9)) == [lost.id]

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
