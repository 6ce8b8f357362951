"""The laws of a store about money: payouts, orders, receipts, facts, postings."""

# ruff: noqa: D102 # a law's name is its sentence

from collections.abc import Sequence
from datetime import date, timedelta

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from los_core.domain.errors import Conflict, StaleVersion
from los_core.domain.facts import Fact, Reversed
from los_core.domain.ids import PaymentId, PayoutId, StaffId
from los_core.domain.payout import UNDECIDED, PayoutStage
from los_core.domain.servicing import ReceiptStatus
from los_core.domain.terms import Terms
from los_core.testing import money, records
from los_core.testing.store import StoreRig, together

_LATER = timedelta(hours=1)


class MoneyLaws:
    """Payouts, receipts, books."""

    def test_what_was_lent_and_paid_is_summed_by_day_and_executive(self, rig: StoreRig) -> None:
        asha, ravi = (StaffId(rig.entropy.uuid()) for _ in range(2))
        day = timedelta(days=1)
        for number, who in enumerate((asha, ravi, asha)):
            on = records.ON + number * day
            loan = rig.add_loan(assigned_to=who, disbursed_on=on, net_disbursal=10_000_00)
            posted = records.receipt(
                rig.brand_id,
                loan.id,
                rig.entropy.uuid(),
                reference=f"pay_{number}",
                utr=f"UTR{number}",
                amount=100 + number,
                value_date=on,
                status=ReceiptStatus.POSTED,
            )
            waiting = attrs.evolve(
                posted,
                id=PaymentId(rig.entropy.uuid()),
                reference=f"wait_{number}",
                utr=f"WAIT{number}",
                status=ReceiptStatus.PENDING_APPROVAL,
            )
            with rig.begin(rig.brand_id) as uow:
                assert uow.receipts.add(posted)
                assert uow.receipts.add(waiting)
        first, last = records.ON, records.ON + 2 * day
        with rig.begin(rig.brand_id) as uow:
            lent, paid = uow.loans.disbursed, uow.receipts.collected
            assert lent(since=first, until=last) == (3, 30_000_00)
            assert lent(since=first + day, until=last) == (2, 20_000_00)
            assert lent(since=first, until=last, by=[asha]) == (2, 20_000_00)
            assert lent(since=first, until=last, by=[]) == (0, 0)
            assert paid(since=first, until=last) == 303
            assert paid(since=first, until=first) == 100
            assert paid(since=first, until=last, by=[ravi]) == 101
            came = uow.customers.registered
            assert came(since=records.AT, until=records.AT + _LATER) == 3
            assert came(since=records.AT - _LATER, until=records.AT) == 0
        with rig.begin(rig.theirs.id) as uow:
            assert uow.loans.disbursed(since=first, until=last) == (0, 0)
            assert uow.receipts.collected(since=first, until=last) == 0

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

    def test_what_has_ended_stands_beside_what_lives(self, rig: StoreRig) -> None:
        loan, other = rig.add_loan(), rig.add_loan()
        living = records.payout(rig.brand_id, loan.id, rig.entropy.uuid(), attempt=2)
        ended = records.payout(rig.brand_id, loan.id, rig.entropy.uuid())
        ended.stage, ended.bank_reference = PayoutStage.FAILED, "N123456789"
        theirs = records.payout(rig.brand_id, other.id, rig.entropy.uuid())
        theirs.bank_reference = ended.bank_reference
        with rig.begin(rig.brand_id) as uow:
            uow.payouts.add(living)
            uow.payouts.add(ended)
            with pytest.raises(Conflict) as refused:
                uow.payouts.add(theirs)
            assert refused.value.code == "UTR_ON_FILE"
            assert list(uow.payouts.of_loan(loan.id)) == [ended, living]
            assert list(uow.payouts.of_loan(other.id)) == []

    def test_what_is_undecided_is_listed_the_oldest_first(self, rig: StoreRig) -> None:
        loans, listed = [rig.add_loan() for _ in PayoutStage], []
        with rig.begin(rig.brand_id) as uow:
            for number, stage in enumerate(PayoutStage):
                payout = records.payout(rig.brand_id, loans[number].id, rig.entropy.uuid())
                payout.stage = stage
                payout.prepared_at = records.AT - number * _LATER
                uow.payouts.add(payout)
                listed += [payout] if stage in UNDECIDED else []
            assert list(uow.payouts.undecided(limit=99)) == listed[::-1]
            assert list(uow.payouts.undecided(limit=2)) == listed[:-3:-1]

    def test_what_ended_lately_or_is_for_people_is_watched(self, rig: StoreRig) -> None:
        ways = (
            (PayoutStage.MANUAL, True, None),
            (PayoutStage.SUCCESS, True, records.AT),
            (PayoutStage.FAILED, True, records.AT + _LATER),
            (PayoutStage.FAILED, False, records.AT),
            (PayoutStage.SUCCESS, True, records.AT - _LATER),
            (PayoutStage.RETURNED, True, records.AT),
            (PayoutStage.PENDING, True, None),
        )
        loans = [rig.add_loan() for _ in ways]
        wanted: set[PayoutId] = set()
        with rig.begin(rig.brand_id) as uow:
            for loan, (stage, sent, settled) in zip(loans, ways, strict=True):
                payout = records.payout(rig.brand_id, loan.id, rig.entropy.uuid())
                payout.stage, payout.settled_at = stage, settled
                payout.sent_at = records.AT - _LATER if sent else None
                uow.payouts.add(payout)
                wanted |= {payout.id} if len(wanted) < 3 else set()
            found = {payout.id for payout in uow.payouts.watched(since=records.AT)}
            assert found == wanted

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
            named = ["order_o-2", "order_late", ""]
            assert receipts.orders_at("razorpay", "acc_1", named) == {"order_o-2": second}
            assert not receipts.orders_at("razorpay", "acc_2", named)
            assert not receipts.orders_at("razorpay", "acc_1", [])
            first.order_id = "order_late"
            receipts.save_order(first)
            found = receipts.orders_at("razorpay", "acc_1", named)
            assert found == {"order_o-2": second, "order_late": first}
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

    def test_many_receipts_are_added_as_one(self, rig: StoreRig) -> None:
        loans = [rig.add_loan() for _ in range(2)]
        made = [
            records.receipt(
                rig.brand_id, loan.id, rig.entropy.uuid(), reference=f"pay_{n}", utr=utr
            )
            for n, (loan, utr) in enumerate(zip(loans * 2, ("U1", "", "", "U2"), strict=True))
        ]
        with rig.begin(rig.brand_id) as uow:
            uow.receipts.add_all([])
            uow.receipts.add_all(made)
            named = ["pay_0", "pay_3", "pay_9"]
            assert set(uow.receipts.known("razorpay", "acc_1", named)) == {"pay_0", "pay_3"}
            assert not uow.receipts.known("razorpay", "acc_2", named)
            assert not uow.receipts.known("razorpay", "acc_1", [])
            assert set(uow.receipts.utrs_on_file(["U2", "U9", ""])) == {"U2"}
        same = [
            records.receipt(rig.brand_id, loans[0].id, rig.entropy.uuid(), reference=name, utr=utr)
            for name, utr in (("pay_5", ""), ("pay_6", "U1"))
        ]
        with pytest.raises(Conflict) as refused, rig.begin(rig.brand_id) as uow:
            uow.receipts.add_all(same)
        assert refused.value.code == "UTR_ON_FILE"
        with rig.begin(rig.brand_id) as uow:
            assert [uow.receipts.get(each.id) for each in made] == made
            assert not uow.receipts.known("razorpay", "acc_1", ["pay_5", "pay_6"])

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
            assert list(uow.books.add_facts([(loan.id, fact)], records.AT)) == [True]
            again = attrs.evolve(fact, fact_id=rig.entropy.uuid(), amount=1)
            assert list(uow.books.add_facts([(loan.id, again)], records.AT)) == [False]
            assert list(uow.books.add_facts([(other.id, fact)], records.AT)) == [True]
            reversal = Reversed(
                fact_id=rig.entropy.uuid(),
                value_date=records.ON,
                source="razorpay",
                reference="pay_1",
                target_source="razorpay",
                target_reference="pay_1",
            )
            assert list(uow.books.add_facts([(loan.id, reversal)], records.AT)) == [True]
            kept = sorted(uow.books.facts(loan.id), key=lambda each: type(each).__name__)
            assert kept == [fact, reversal]

    def test_of_many_facts_each_is_known_once(self, rig: StoreRig) -> None:
        loan, other, idle = (rig.add_loan() for _ in range(3))
        one, two = (records.received(rig.entropy.uuid(), f"pay_{n}") for n in (1, 2))
        with rig.begin(rig.brand_id) as uow:
            arrived = [(loan.id, one), (other.id, one), (loan.id, one), (loan.id, two)]
            assert list(uow.books.add_facts(arrived, records.AT)) == [True, True, False, True]
            assert list(uow.books.add_facts([], records.AT)) == []
            kept = uow.books.facts_of([loan.id, other.id, idle.id])
            by_name = sorted(kept[loan.id], key=lambda fact: fact.reference)
            assert (by_name, list(kept[other.id]), list(kept[idle.id])) == ([one, two], [one], [])
            assert set(kept) == {loan.id, other.id, idle.id}

    def test_postings_of_many_loans_are_numbered_in_each(self, rig: StoreRig) -> None:
        one, two = rig.add_loan(), rig.add_loan()
        made = [records.posting(rig.entropy.uuid(), f"fact-{n}") for n in range(4)]
        with rig.begin(rig.brand_id) as uow:
            uow.books.post([], posted_on=records.ON)
            uow.books.post([(one.id, made[1])], posted_on=records.ON)
            mixed = [(two.id, made[3]), (one.id, made[0]), (two.id, made[2])]
            uow.books.post(mixed, posted_on=records.ON)
        with rig.begin(rig.brand_id) as uow:
            assert list(uow.books.postings(one.id)) == [made[1], made[0]]
            assert list(uow.books.postings(two.id)) == [made[3], made[2]]

    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(story=money.stories())
    def test_every_kind_of_fact_comes_back(
        self, rig: StoreRig, story: tuple[Terms, Sequence[Fact]]
    ) -> None:
        loan = rig.add_loan()
        facts = {(type(fact), fact.key): fact for fact in reversed(story[1])}
        with rig.begin(rig.brand_id) as uow:
            for fact in facts.values():
                assert list(uow.books.add_facts([(loan.id, fact)], records.AT)) == [True]
            kept = uow.books.facts(loan.id)
            assert {(type(fact), fact.key): fact for fact in kept} == facts

    def test_postings_come_back_in_their_order(self, rig: StoreRig) -> None:
        loan = rig.add_loan()
        postings = [records.posting(rig.entropy.uuid(), f"fact-{no}") for no in (2, 1, 3)]
        with rig.begin(rig.brand_id) as uow:
            uow.books.post([(loan.id, postings[0])], posted_on=records.ON)
            uow.books.post([(loan.id, each) for each in postings[1:]], posted_on=records.ON)
        with rig.begin(rig.brand_id) as uow:
            assert list(uow.books.postings(loan.id)) == postings
            repeated = attrs.evolve(postings[0], id=rig.entropy.uuid())
            with pytest.raises(Conflict) as refused:
                uow.books.post([(loan.id, repeated)], posted_on=records.ON)
            assert refused.value.code == "POSTING_ON_FILE"
            assert list(uow.books.postings(loan.id)) == postings
