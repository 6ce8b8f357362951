"""A payment gateway in memory: for tests, for `in_memory()` and for developers without one.

A customer's payment is played by `pay`, which returns the signed message a gateway would send.
"""

import hashlib
import hmac
import json
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime

import attrs

from los_adapters.script import Script
from los_core.domain.money import Paise
from los_core.ports.errors import BadSignature, Rejected
from los_core.ports.payment import GatewayPayment, PaymentOrder, PaymentRequest, PaymentState
from los_core.ports.webhook import Notice


@attrs.define
class MemoryPayments:
    """A `PaymentGateway` and a `WebhookSource` that take nothing; `orders` by their id."""

    secret: str = attrs.field(default="memory-gateway-secret", repr=False)
    script: Script = attrs.field(factory=Script)
    orders: dict[str, PaymentRequest] = attrs.field(factory=dict)
    _payments: dict[str, GatewayPayment] = attrs.field(factory=dict)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def create_order(self, request: PaymentRequest) -> PaymentOrder:
        """Create an order, or return the one of this reference; see the port."""
        with self._lock, self.script.call("create_order"):
            for order_id, earlier in self.orders.items():
                if earlier.reference == request.reference:
                    if earlier.amount != request.amount:
                        raise Rejected("another amount", provider="memory", code="RECEIPT_TAKEN")
                    return PaymentOrder(order_id=order_id, amount=earlier.amount)
            if request.amount < 100:
                raise Rejected("too little", provider="memory", code="AMOUNT")
            order_id = f"order_{len(self.orders) + 1}"
            self.orders[order_id] = request
            return PaymentOrder(order_id=order_id, amount=request.amount)

    def payments(self, order_id: str) -> Sequence[GatewayPayment]:
        """Return every attempt on an order; see the port."""
        with self._lock, self.script.call("payments"):
            if order_id not in self.orders:
                raise Rejected("no such order", provider="memory", code="NO_SUCH_ORDER")
            return [paid for paid in self._payments.values() if paid.order_id == order_id]

    def pay(
        self,
        order_id: str,
        *,
        at: datetime,
        amount: Paise | None = None,
        state: PaymentState = PaymentState.CAPTURED,
    ) -> tuple[dict[str, str], bytes]:
        """Play a customer: pay an order (all of it unless told) and return headers and body."""
        with self._lock:
            request = self.orders[order_id]
            payment = GatewayPayment(
                payment_id=f"pay_{len(self._payments) + 1}",
                order_id=order_id,
                reference=request.reference,
                amount=request.amount if amount is None else amount,
                currency="INR",
                state=state,
                at=at,
                method="upi",
                utr=f"{len(self._payments) + 1:012d}",
            )
            self._payments[payment.payment_id] = payment
        fields = attrs.asdict(payment) | {"at": at.isoformat()}
        body = json.dumps({"event": f"payment.{state.lower()}", "payment": fields}).encode()
        return {"x-memory-signature": self._signature(body)}, body

    def payment_of(self, body: bytes) -> GatewayPayment | None:
        """Read the payment out of a message; see the port."""
        fields = json.loads(body).get("payment")
        if fields is None:
            return None
        return GatewayPayment(
            **fields
            | {"state": PaymentState(fields["state"]), "at": datetime.fromisoformat(fields["at"])}
        )

    def verify(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Prove a message by its signature; see `WebhookSource`."""
        given = headers.get("x-memory-signature", "").encode("utf-8", "replace")
        if not self.secret or not hmac.compare_digest(self._signature(body).encode(), given):
            raise BadSignature("the signature does not match", provider="memory")
        event = json.loads(body)
        payment = event.get("payment") or {}
        return Notice(
            hashlib.sha256(body).hexdigest(),
            kind=event.get("event", ""),
            reference=payment.get("payment_id", ""),
            our_reference=payment.get("reference", ""),
        )

    def _signature(self, body: bytes) -> str:
        return hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
