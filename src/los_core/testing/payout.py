"""The laws of `PayoutBank`."""

# ruff: noqa: D102 # a law's name is its sentence

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import attrs
import pytest

from los_core.domain.money import Paise
from los_core.domain.payout import LONGEST_WATCH
from los_core.ports.errors import ProviderError, Rejected
from los_core.ports.payout import PayoutBank, PayoutOrder, PayoutState
from los_core.testing.provider import Fault, ProviderLaws, Rig, outcome


@attrs.frozen(kw_only=True)
class Transferred:
    """A transfer as the bank has it in its books."""

    reference: str
    amount: Paise
    account_number: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class PayoutRig(Rig[PayoutBank]):
    """What the laws of payouts need.

    Attributes:
        order: one that the bank carries out and settles.
        refused: one that the bank refuses at once.
        failing: one that the bank accepts and cannot credit.
        today: the business date at the bank.
        transfers: what the bank has carried out, oldest first.
        give_word: gives a transfer, by reference, a status nobody has heard of; False if this
            bank has no words of its own.
        give_back: has the receiver's bank send a credit back, by reference.
    """

    order: PayoutOrder
    refused: PayoutOrder
    failing: PayoutOrder
    today: date
    transfers: Callable[[], Sequence[Transferred]]
    give_word: Callable[[str], bool]
    give_back: Callable[[str], object]


class PayoutLaws(ProviderLaws):
    """What a caller may rely on, whichever bank pays."""

    def test_an_accepted_order_is_pending_until_it_settles(self, rig: PayoutRig) -> None:
        sent = rig.adapter.send(rig.order)
        settled = rig.adapter.inquire(rig.order.reference, sent_on=rig.today)
        assert sent.state is PayoutState.PENDING
        assert settled.state is PayoutState.SUCCESS
        assert settled.bank_reference
        assert settled.beneficiary
        assert settled.credited_on == rig.today

    def test_the_banks_reference_finds_the_transfer_too(self, rig: PayoutRig) -> None:
        sent = rig.adapter.send(rig.order)
        found = rig.adapter.inquire(
            rig.order.reference, sent_on=rig.today, bank_reference=sent.bank_reference
        )
        assert found.bank_reference == sent.bank_reference

    @pytest.mark.parametrize(
        "amount", [1, 9, 10, 99, 100, 101, 12_345_07, 50_000_00, 5_00_000_00, 5_00_000_01]
    )
    def test_the_amount_arrives_to_the_paisa(self, rig: PayoutRig, amount: Paise) -> None:
        rig.adapter.send(attrs.evolve(rig.order, amount=amount))
        settled = rig.adapter.inquire(rig.order.reference, sent_on=rig.today)
        [transfer] = rig.transfers()
        assert transfer.amount == amount
        assert transfer.account_number == rig.order.account_number
        assert settled.amount == amount

    def test_the_same_reference_twice_is_one_transfer(self, rig: PayoutRig) -> None:
        first = rig.adapter.send(rig.order)
        rig.adapter.inquire(rig.order.reference, sent_on=rig.today)
        again = rig.adapter.send(rig.order)
        assert again.bank_reference == first.bank_reference
        assert [transfer.reference for transfer in rig.transfers()] == [rig.order.reference]

    def test_a_repeat_with_another_amount_moves_no_more_money(self, rig: PayoutRig) -> None:
        rig.adapter.send(rig.order)
        rig.adapter.send(attrs.evolve(rig.order, amount=rig.order.amount + 1))
        assert [transfer.amount for transfer in rig.transfers()] == [rig.order.amount]

    @pytest.mark.parametrize("fault", Fault)
    def test_after_a_failed_send_the_inquiry_tells_what_happened(
        self, rig: PayoutRig, fault: Fault
    ) -> None:
        if not rig.meet(fault, "send"):
            return
        with pytest.raises(ProviderError) as caught:
            rig.adapter.send(rig.order)
        found = rig.adapter.inquire(rig.order.reference, sent_on=rig.today)
        assert type(caught.value) is outcome(fault, effect=True)
        assert found.state is (PayoutState.SUCCESS if fault.done else PayoutState.NOT_FOUND)
        assert len(rig.transfers()) == (1 if fault.done else 0)

    def test_a_transfer_the_bank_never_got_is_not_found(self, rig: PayoutRig) -> None:
        found = rig.adapter.inquire("NEVERSENT001", sent_on=rig.today)
        assert found.state is PayoutState.NOT_FOUND

    def test_a_refused_order_is_rejected_with_the_banks_code_and_moves_nothing(
        self, rig: PayoutRig
    ) -> None:
        with pytest.raises(Rejected) as caught:
            rig.adapter.send(rig.refused)
        assert caught.value.code
        assert caught.value.provider == rig.name
        assert rig.transfers() == []

    def test_an_account_that_takes_no_credit_fails_the_transfer(self, rig: PayoutRig) -> None:
        rig.adapter.send(rig.failing)
        found = rig.adapter.inquire(rig.failing.reference, sent_on=rig.today)
        assert found.state is PayoutState.FAILED
        assert found.raw_code
        assert found.credited_on is None

    def test_a_credit_that_was_sent_back_fails_after_its_success(self, rig: PayoutRig) -> None:
        rig.adapter.send(rig.order)
        credited = rig.adapter.inquire(rig.order.reference, sent_on=rig.today)
        rig.give_back(rig.order.reference)
        found = rig.adapter.inquire(
            rig.order.reference, sent_on=rig.today, bank_reference=credited.bank_reference
        )
        assert (credited.state, found.state) == (PayoutState.SUCCESS, PayoutState.FAILED)
        assert found.raw_code
        assert found.credited_on is None

    def test_a_bank_is_asked_for_longer_than_it_may_not_know_an_order(self, rig: PayoutRig) -> None:
        patience = rig.adapter.patience
        assert timedelta(0) < min(patience.ask_after)
        assert patience.not_found_for < patience.ask_for
        assert all(0 < day <= LONGEST_WATCH.days for day in patience.watch_days)

    def test_a_status_nobody_has_heard_of_is_pending(self, rig: PayoutRig) -> None:
        rig.adapter.send(rig.order)
        if rig.give_word(rig.order.reference):
            found = rig.adapter.inquire(rig.order.reference, sent_on=rig.today)
            assert found.state is PayoutState.PENDING
