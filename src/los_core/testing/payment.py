"""The laws of `PaymentGateway`, and of the `WebhookSource` that goes with it."""

# ruff: noqa: D102 # a law's name is its sentence

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

import attrs
import pytest

from los_core.domain.money import Paise
from los_core.ports.errors import BadSignature, ProviderError, Rejected
from los_core.ports.payment import PaymentGateway, PaymentRequest, PaymentState
from los_core.ports.webhook import WebhookSource
from los_core.testing.provider import Fault, ProviderLaws, Rig, outcome

Delivery = tuple[Mapping[str, str], bytes]
"""A webhook as it reaches us: headers by lower-case name, raw body."""


class Gateway(PaymentGateway, WebhookSource, Protocol):
    """An adapter of a gateway that tells of payments by webhook."""


@attrs.frozen(kw_only=True)
class PaymentRig(Rig[Gateway]):
    """What the laws of payments need.

    Attributes:
        request: an order the gateway accepts.
        refused: one it refuses.
        pay: plays a customer: (order id, paise, CAPTURED or FAILED), at `now`.
        now: the instant payments are made.
        orders: the ids of the orders at the gateway.
        deliveries: the webhooks sent so far, oldest first.
        secured: the same gateway with another webhook secret.
        give_word: gives a payment, by id, a status nobody has heard of; False if this gateway has
            no words of its own.
    """

    request: PaymentRequest
    refused: PaymentRequest
    pay: Callable[[str, Paise, PaymentState], object]
    now: datetime
    orders: Callable[[], Sequence[str]]
    deliveries: Callable[[], Sequence[Delivery]]
    secured: Callable[[str], WebhookSource]
    give_word: Callable[[str], bool]


class PaymentLaws(ProviderLaws):
    """What a caller may rely on, whichever gateway collects."""

    def test_an_order_has_the_amount_asked_for_and_no_payment(self, rig: PaymentRig) -> None:
        order = rig.adapter.create_order(rig.request)
        assert order.amount == rig.request.amount
        assert list(rig.adapter.payments(order.order_id)) == []

    def test_the_same_reference_twice_is_one_order(self, rig: PaymentRig) -> None:
        before = len(rig.orders())
        first = rig.adapter.create_order(rig.request)
        again = rig.adapter.create_order(rig.request)
        assert again == first
        assert len(rig.orders()) == before + 1

    def test_the_same_reference_for_another_amount_is_rejected(self, rig: PaymentRig) -> None:
        rig.adapter.create_order(rig.request)
        before = rig.orders()
        with pytest.raises(Rejected):
            rig.adapter.create_order(attrs.evolve(rig.request, amount=rig.request.amount + 1))
        assert rig.orders() == before

    @pytest.mark.parametrize("fault", Fault)
    def test_asking_again_after_a_failed_create_gives_one_order(
        self, rig: PaymentRig, fault: Fault
    ) -> None:
        before = len(rig.orders())
        if not rig.meet(fault, "create_order"):
            return
        with pytest.raises(ProviderError) as caught:
            rig.adapter.create_order(rig.request)
        assert type(caught.value) is outcome(fault, effect=True)
        order = rig.adapter.create_order(rig.request)
        assert order.order_id == rig.orders()[-1]
        assert len(rig.orders()) == before + 1

    def test_a_refused_order_is_rejected_with_the_gateways_code(self, rig: PaymentRig) -> None:
        with pytest.raises(Rejected) as caught:
            rig.adapter.create_order(rig.refused)
        assert caught.value.code
        assert caught.value.provider == rig.name

    def test_an_order_the_gateway_does_not_know_is_rejected(self, rig: PaymentRig) -> None:
        with pytest.raises(Rejected):
            rig.adapter.payments("order_that/never?was")

    @pytest.mark.parametrize("amount", [100, 101, 999, 1_000_01, 12_345_67, 9_99_999_99])
    def test_a_payment_is_told_to_the_paisa_by_list_and_by_webhook(
        self, rig: PaymentRig, amount: Paise
    ) -> None:
        order = rig.adapter.create_order(attrs.evolve(rig.request, amount=amount))
        rig.pay(order.order_id, amount, PaymentState.CAPTURED)
        [paid] = rig.adapter.payments(order.order_id)
        told = [rig.adapter.payment_of(body) for _, body in rig.deliveries()]
        assert paid.amount == amount
        assert paid.currency == "INR"
        assert paid.state is PaymentState.CAPTURED
        assert paid.order_id == order.order_id
        assert paid.reference == rig.request.reference
        assert paid.at == rig.now
        assert paid in told
        assert {(one.payment_id, one.amount) for one in told if one} == {(paid.payment_id, amount)}

    def test_another_amount_than_asked_is_told_as_it_was_paid(self, rig: PaymentRig) -> None:
        order = rig.adapter.create_order(rig.request)
        rig.pay(order.order_id, rig.request.amount - 1, PaymentState.CAPTURED)
        [paid] = rig.adapter.payments(order.order_id)
        assert paid.amount == rig.request.amount - 1

    def test_a_failed_payment_and_its_successor_are_two_attempts(self, rig: PaymentRig) -> None:
        order = rig.adapter.create_order(rig.request)
        rig.pay(order.order_id, rig.request.amount, PaymentState.FAILED)
        rig.pay(order.order_id, rig.request.amount, PaymentState.CAPTURED)
        attempts = rig.adapter.payments(order.order_id)
        assert {one.state for one in attempts} == {PaymentState.FAILED, PaymentState.CAPTURED}
        assert len({one.payment_id for one in attempts}) == 2

    def test_a_status_nobody_has_heard_of_is_pending(self, rig: PaymentRig) -> None:
        order = rig.adapter.create_order(rig.request)
        rig.pay(order.order_id, rig.request.amount, PaymentState.CAPTURED)
        [paid] = rig.adapter.payments(order.order_id)
        if rig.give_word(paid.payment_id):
            [paid] = rig.adapter.payments(order.order_id)
            assert paid.state is PaymentState.PENDING

    def test_an_event_without_a_payment_is_none(self, rig: PaymentRig) -> None:
        assert rig.adapter.payment_of(b'{"event": "settlement.processed"}') is None

    def test_a_genuine_webhook_says_what_it_is_about(self, rig: PaymentRig) -> None:
        order = self._paid(rig)
        [paid] = rig.adapter.payments(order)
        notices = [rig.adapter.verify(headers, body) for headers, body in rig.deliveries()]
        assert {notice.reference for notice in notices} == {paid.payment_id}
        assert {notice.our_reference for notice in notices} == {rig.request.reference}
        assert all(notice.kind for notice in notices)

    def test_every_event_has_a_key_that_its_repeats_keep(self, rig: PaymentRig) -> None:
        self._paid(rig)
        once = [rig.adapter.verify(*delivery).event_key for delivery in rig.deliveries()]
        again = [rig.adapter.verify(*delivery).event_key for delivery in rig.deliveries()]
        assert once == again
        assert len(set(once)) == len(once)

    def test_a_body_changed_by_one_byte_is_refused(self, rig: PaymentRig) -> None:
        self._paid(rig)
        for headers, body in rig.deliveries():
            for place in range(0, len(body), 7):
                changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
                with pytest.raises(BadSignature):
                    rig.adapter.verify(headers, changed)
            with pytest.raises(BadSignature):
                rig.adapter.verify(headers, body + b" ")

    @pytest.mark.parametrize("given", ["", "0" * 64, "not hexadecimal", "é\udcff"])
    def test_a_wrong_or_missing_signature_is_refused(self, rig: PaymentRig, given: str) -> None:
        self._paid(rig)
        for headers, body in rig.deliveries():
            with pytest.raises(BadSignature):
                rig.adapter.verify({}, body)
            with pytest.raises(BadSignature):
                rig.adapter.verify(
                    {n: given if "signature" in n else v for n, v in headers.items()}, body
                )

    @pytest.mark.parametrize("secret", ["", "another secret"])
    def test_another_secret_or_none_refuses_everything(self, rig: PaymentRig, secret: str) -> None:
        self._paid(rig)
        for headers, body in rig.deliveries():
            with pytest.raises(BadSignature):
                rig.secured(secret).verify(headers, body)

    def test_instants_are_in_utc(self, rig: PaymentRig) -> None:
        [paid] = rig.adapter.payments(self._paid(rig))
        assert paid.at.tzinfo is UTC

    def _paid(self, rig: PaymentRig) -> str:
        order = rig.adapter.create_order(rig.request)
        rig.pay(order.order_id, rig.request.amount, PaymentState.CAPTURED)
        return order.order_id
