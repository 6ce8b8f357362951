"""The laws of a store about forgetting customers: what is gone, what stays, and for whom."""

# ruff: noqa: D102 # a law's name is its sentence

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

import attrs
import pytest

from los_core.domain.agreement import DocumentType
from los_core.domain.assessment import DecisionKind, ReportKind
from los_core.domain.customer import Customer
from los_core.domain.errors import Erased, NotFound
from los_core.domain.ids import CustomerId
from los_core.domain.loan import Loan
from los_core.domain.staff import Guess
from los_core.domain.work import WebhookStatus
from los_core.ports.work import Answer, Once, UnitOfWork
from los_core.testing import records
from los_core.testing.store import StoreRig, undone

_HOUR = timedelta(hours=1)
Reads = Mapping[str, Callable[[UnitOfWork], object]]


@attrs.frozen(kw_only=True)
class Known:
    """A customer of whom one of everything is on file."""

    customer: Customer
    loan: Loan
    reads: Reads
    events: tuple[UUID, UUID]


class ErasureLaws:
    """A customer is forgotten whole, and nobody else is."""

    def test_what_is_known_of_a_forgotten_customer_answers_erased(self, rig: StoreRig) -> None:
        known, other = self._known(rig), self._known(rig)
        with rig.begin(rig.brand_id) as uow:
            uow.customers.forget(known.customer.id, records.AT)
        with rig.begin(rig.brand_id) as uow:
            assert {name: _told(read, uow) for name, read in known.reads.items()} == dict.fromkeys(
                known.reads, records.AT.isoformat()
            )
            assert {name: _told(read, uow) for name, read in other.reads.items()} == dict.fromkeys(
                other.reads, ""
            )

    def test_lists_leave_a_forgotten_customer_out(self, rig: StoreRig) -> None:
        known, other = self._known(rig), self._known(rig)
        with rig.begin(rig.brand_id) as uow:
            found = list(uow.customers.search("9876543210", after=None, limit=9))
            assert {each.id for each in found} == {known.customer.id, other.customer.id}
            uow.customers.forget(known.customer.id, records.AT)
            page = uow.customers.page(after=None, limit=9)
            assert [each.id for each in page] == [other.customer.id]
            found = list(uow.customers.search("9876543210", after=None, limit=9))
            assert [each.id for each in found] == [other.customer.id]
            uow.customers.index(known.customer)
            found = list(uow.customers.search("9876543210", after=None, limit=9))
            assert [each.id for each in found] == [other.customer.id]
            person, account = known.customer.person, f"account:{known.customer.id}"
            assert list(uow.customers.sharing(person=person)) == []
            assert list(uow.customers.sharing(account_index=account)) == []

    def test_the_same_person_may_come_anew(self, rig: StoreRig) -> None:
        known = self._known(rig)
        index = f"phone:{known.customer.id}"
        with rig.begin(rig.brand_id) as uow:
            uow.customers.forget(known.customer.id, records.AT)
            assert uow.customers.by_phone(index) is None
            again = attrs.evolve(known.customer, id=CustomerId(rig.entropy.uuid()), version=0)
            uow.customers.add(again, phone_index=index)
            assert uow.customers.by_phone(index) == again
            assert list(uow.customers.sharing(person=again.person)) == [again.id]

    def test_log_ins_codes_and_stored_answers_go(self, rig: StoreRig) -> None:
        known, other = self._known(rig), self._known(rig)
        sessions = {each: rig.entropy.uuid() for each in (known.customer.id, other.customer.id)}
        for owner, session_id in sessions.items():
            new = records.session(session_id, records.staff(UUID(int=1)).id, f"token of {owner}")
            rig.platform.add_session(
                attrs.evolve(new, staff_id=None, customer_id=owner, brand_id=rig.brand_id)
            )
            with rig.begin(rig.brand_id, once=_once(owner)) as uow:
                uow.answer("theirs")
        with rig.begin(rig.brand_id) as uow:
            for owner in sessions:
                challenge = records.otp(rig.brand_id, rig.entropy.uuid())
                uow.people.add_otp(attrs.evolve(challenge, phone_index=f"phone:{owner}"))
            uow.customers.forget(known.customer.id, records.AT)
        assert rig.platform.session(sessions[known.customer.id]) is None
        assert rig.platform.session(sessions[other.customer.id]) is not None
        with rig.begin(rig.brand_id) as uow:
            guesses = [
                uow.people.try_otp(
                    phone_index=f"phone:{owner}",
                    purpose="LOGIN",
                    code_hash="right",
                    at=records.AT,
                    limit=5,
                )
                for owner in sessions
            ]
        assert guesses == [Guess.WRONG, Guess.RIGHT]
        with rig.begin(rig.brand_id, once=_once(known.customer.id)):
            pass  # not replayed: there is no answer

    def test_addresses_of_messages_go_and_loans_and_books_stay(self, rig: StoreRig) -> None:
        known, other = self._known(rig), self._known(rig)
        with rig.begin(rig.brand_id) as uow:
            kept = uow.loans.get(known.loan.id)
            history = list(uow.loans.history(known.loan.id))
            facts = list(uow.books.facts(known.loan.id))
            postings = list(uow.books.postings(known.loan.id))
            uow.customers.forget(known.customer.id, records.AT)
        with rig.begin(rig.brand_id) as uow:
            assert [each.to_masked for each in uow.desk.messages(loan_id=known.loan.id)] == [""]
            assert [each.to_masked for each in uow.desk.messages(loan_id=other.loan.id)] != [""]
            assert kept is not None
            assert facts
            assert postings
            assert uow.loans.get(known.loan.id) == kept
            assert list(uow.loans.of_customer(known.customer.id)) == [kept]
            assert list(uow.loans.history(known.loan.id)) == history
            assert list(uow.books.facts(known.loan.id)) == facts
            assert list(uow.books.postings(known.loan.id)) == postings

    def test_nothing_more_is_kept_of_a_forgotten_customer(self, rig: StoreRig) -> None:
        known = self._known(rig)
        stale = known.customer
        with rig.begin(rig.brand_id) as uow:
            uow.customers.forget(stale.id, records.AT)
        new, loan_id = rig.entropy.uuid, known.loan.id
        offer = records.offer(rig.brand_id, loan_id, new())
        late: Mapping[str, Callable[[UnitOfWork], object]] = {
            "customer": lambda uow: uow.customers.save(stale),
            "consent": lambda uow: uow.people.add_consent(records.consent(stale.id, new())),
            "report": lambda uow: uow.assessments.add_report(
                records.report(rig.brand_id, stale.id, new())
            ),
            "decision": lambda uow: uow.assessments.add_decision(
                records.decision(rig.brand_id, loan_id, new())
            ),
            "agreement": lambda uow: uow.agreements.add(
                attrs.evolve(records.agreement(rig.brand_id, loan_id, new()), version_no=2)
            ),
            "file": lambda uow: uow.agreements.add_document(
                records.file(rig.brand_id, stale.id, loan_id, new())
            ),
            "statement": lambda uow: uow.offers.add(offer, records.key_facts(offer, new())),
        }
        for write in late.values():
            with pytest.raises(Erased), rig.begin(rig.brand_id) as uow:
                write(uow)
        for again in (stale.id, CustomerId(UUID(int=7))):
            with pytest.raises(NotFound) as refused, rig.begin(rig.brand_id) as uow:
                uow.customers.forget(again, records.AT)
            assert isinstance(refused.value, Erased) is (again == stale.id)

    def test_what_was_undone_is_remembered(self, rig: StoreRig) -> None:
        known = self._known(rig)
        with undone(rig) as uow:
            uow.customers.forget(known.customer.id, records.AT)
        with rig.begin(rig.brand_id) as uow:
            assert {name: _told(read, uow) for name, read in known.reads.items()} == dict.fromkeys(
                known.reads, ""
            )

    def test_another_brands_customer_is_not_there_to_be_forgotten(self, rig: StoreRig) -> None:
        theirs = rig.add_customer(rig.theirs.id)
        with pytest.raises(NotFound), rig.begin(rig.brand_id) as uow:
            uow.customers.forget(theirs.id, records.AT)
        with rig.begin(rig.theirs.id) as uow:
            assert uow.customers.get(theirs.id) == theirs

    def test_vendors_messages_are_sorted_once_they_are_done_with(self, rig: StoreRig) -> None:
        known = self._known(rig)
        first, second = known.events
        with rig.begin(rig.brand_id) as uow:
            assert list(uow.desk.unsorted(after=None, limit=9)) == []
            parked = records.event(rig.brand_id, rig.entropy.uuid(), key="parked")
            uow.desk.add_event(parked)
            uow.desk.settle_events([parked.id], WebhookStatus.PARKED)
            assert list(uow.desk.unsorted(after=None, limit=9)) == []
            uow.desk.settle_events(known.events, WebhookStatus.APPLIED)
            assert [each.id for each in uow.desk.unsorted(after=None, limit=1)] == [first]
            assert [each.id for each in uow.desk.unsorted(after=first, limit=9)] == [second]
            before = uow.desk.event(first)
            uow.desk.sort_event(first, known.customer.id)
            uow.desk.sort_event(second, None)
            assert list(uow.desk.unsorted(after=None, limit=9)) == []
            assert uow.desk.event(first) == before
            emptied = uow.desk.event(second)
            assert emptied is not None
            assert emptied.body == b""

    def test_a_vendors_message_goes_with_its_customer(self, rig: StoreRig) -> None:
        known = self._known(rig)
        first, second = known.events
        with rig.begin(rig.brand_id) as uow:
            uow.desk.settle_events(known.events, WebhookStatus.APPLIED)
            uow.desk.sort_event(first, known.customer.id)
            uow.customers.forget(known.customer.id, records.AT)
        with rig.begin(rig.brand_id) as uow:
            with pytest.raises(Erased):
                uow.desk.event(first)
            uow.desk.sort_event(second, known.customer.id)
            late = uow.desk.event(second)
            assert late is not None
            assert late.body == b""

    def _known(self, rig: StoreRig) -> Known:
        """Put one of everything on file of a new customer."""
        customer = rig.add_customer()
        loan, new, brand_id = rig.add_loan(customer.id), rig.entropy.uuid, rig.brand_id
        offer = records.offer(brand_id, loan.id, new())
        agreement = records.agreement(brand_id, loan.id, new())
        file = records.file(brand_id, customer.id, loan.id, new())
        events = tuple(
            records.event(brand_id, new(), key=f"{customer.id}:{number}") for number in range(2)
        )
        with rig.begin(brand_id) as uow:
            uow.customers.save(customer, account_indexes=[f"account:{customer.id}"])
            uow.people.add_consent(records.consent(customer.id, new()))
            uow.offers.add(offer, records.key_facts(offer, new()))
            uow.assessments.add_report(records.report(brand_id, customer.id, new()))
            decision = records.decision(brand_id, loan.id, new())
            uow.assessments.add_decision(decision)
            uow.assessments.add_cam(records.cam(brand_id, loan.id, new()))
            uow.agreements.add(agreement)
            uow.agreements.add_document(file)
            uow.books.add_facts([(loan.id, records.received(new(), "pay_1"))], records.AT)
            uow.books.post([(loan.id, records.posting(new(), "fact-1"))], posted_on=records.ON)
            uow.desk.add_message(records.message(brand_id, loan.id, f"m:{loan.id}"))
            for event in events:
                uow.desk.add_event(event)
        reads: Reads = {
            "customer": lambda uow: uow.customers.get(customer.id),
            "customer, locked": lambda uow: uow.customers.lock(customer.id),
            "consents": lambda uow: uow.people.consents(customer.id),
            "statement": lambda uow: uow.offers.key_facts(offer.id),
            "report": lambda uow: uow.assessments.report(customer.id, ReportKind.BUREAU),
            "decision": lambda uow: uow.assessments.decision(loan.id, DecisionKind(decision.kind)),
            "memo": lambda uow: uow.assessments.cam(loan.id),
            "agreement": lambda uow: uow.agreements.get(agreement.id),
            "agreement of the loan": lambda uow: uow.agreements.of_loan(loan.id),
            "file": lambda uow: uow.agreements.document(file.id),
            "files": lambda uow: uow.agreements.documents(customer_id=customer.id),
            "latest file": lambda uow: uow.agreements.document_of(loan.id, DocumentType(file.type)),
        }
        first, second = (event.id for event in events)
        return Known(customer=customer, loan=loan, reads=reads, events=(first, second))


def _once(owner: CustomerId) -> Once:
    return Once(
        scope=f"web:{owner}:POST /loans",
        key="k",
        request_hash="h",
        render=lambda result: Answer(201, str(result).encode()),
    )


def _told(read: Callable[[UnitOfWork], object], uow: UnitOfWork) -> object:
    """Return when it was erased, "" where it was read."""
    try:
        found = read(uow)
    except Erased as err:
        return err.details["erasedAt"]
    assert found
    return ""
