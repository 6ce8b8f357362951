"""The laws of payments, tried on every gateway."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from los_adapters import registry
from los_adapters.payment.memory import MemoryPayments
from los_core.domain.money import Paise
from los_core.ports.payment import PaymentRequest, PaymentState
from los_core.ports.webhook import WebhookSource
from los_core.testing.payment import Delivery, PaymentLaws, PaymentRig
from los_core.testing.provider import Call

NOW = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)
HOOK = "http://127.0.0.1:9/webhooks/razorpay/brand"
EFFECTS = frozenset({"create_order"})
WIRES = {
    "razorpay": {
        "create_order": "POST /v1/orders",
        "payments": "GET /v1/orders/{id}/payments",
    }
}


@pytest.fixture(params=registry.cases("payment"))
def rig(request: pytest.FixtureRequest, stand: Any) -> PaymentRig:
    name = request.param
    place = stand("payment", name, effects=EFFECTS, wire=WIRES.get(name))
    wanted = PaymentRequest(
        reference="LN-000042-0007",
        amount=4_521_37,
        description="Instalment 7",
        phone="9822010101",
        email="asha@example.in",
    )
    earlier = place.adapter.create_order(
        PaymentRequest(reference="LN-000041-0001", amount=100_00, description="An earlier one")
    )
    hands = _fake_hands(place) if place.fake else _wire_hands(place, stand)
    return PaymentRig(
        name=name,
        adapter=place.adapter,
        calls=(
            Call("create_order", effect=True, make=lambda pg: pg.create_order(wanted)),
            Call("payments", effect=False, make=lambda pg: pg.payments(earlier.order_id)),
        ),
        meet=place.meet,
        secrets=(*place.secrets, "9822010101", "asha@example.in"),
        request=wanted,
        refused=PaymentRequest(reference="LN-000042-0008", amount=99, description="Too little"),
        now=NOW,
        **hands,
    )


class TestPayment(PaymentLaws):
    pass


def _fake_hands(place: Any) -> dict[str, Any]:
    delivered: list[Delivery] = []

    def pay(order_id: str, amount: Paise, state: PaymentState) -> None:
        delivered.append(place.adapter.pay(order_id, at=NOW, amount=amount, state=state))

    return {
        "pay": pay,
        "orders": lambda: list(place.adapter.orders),
        "deliveries": lambda: delivered,
        "secured": MemoryPayments,
        "give_word": lambda _payment_id: False,
    }


def _wire_hands(place: Any, stand: Any) -> dict[str, Any]:
    vendor = place.switchboard.vendor(place.name)
    vendor.webhook(HOOK)

    def pay(order_id: str, amount: Paise, state: PaymentState) -> None:
        good = state is PaymentState.CAPTURED
        vendor.pay(order_id, amount, outcome="success" if good else "failure")

    def deliveries() -> Sequence[Delivery]:
        place.world.courier.deliver_due()
        return [(post.headers, post.body) for post in place.posts]

    def secured(secret: str) -> WebhookSource:
        other: WebhookSource = stand(
            "payment", place.name, settings={"webhook_secret": secret}
        ).adapter
        return other

    return {
        "pay": pay,
        "orders": lambda: list(place.world.state(f"{place.name}-orders").all()),
        "deliveries": deliveries,
        "secured": secured,
        "give_word": lambda payment_id: bool(vendor.set_status(payment_id, "teleported")),
    }
