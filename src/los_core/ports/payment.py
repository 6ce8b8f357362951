"""Taking money in through a payment gateway."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import attrs

from los_core.domain.money import Paise
from los_core.ports.webhook import WebhookSource


class PaymentState(StrEnum):
    """A payment at the gateway; an unknown word of the vendor's is PENDING."""

    PENDING = "PENDING"
    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"
    FAILED = "FAILED"
    REFUNDED = "REFUNDED"


@attrs.frozen(kw_only=True)
class PaymentRequest:
    """An order to collect; `reference` is ours (≤ 40 characters) and finds the order again."""

    reference: str
    amount: Paise
    description: str
    phone: str = attrs.field(default="", repr=False)
    email: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class PaymentOrder:
    """An order at the gateway.

    Attributes:
        order_id: the gateway's id.
        checkout_url: where a customer pays in a browser; "" where the gateway's own script needs
            only the order id and `public_key`.
    """

    order_id: str
    amount: Paise
    checkout_url: str = ""
    public_key: str = ""


@attrs.frozen(kw_only=True)
class GatewayPayment:
    """One payment as the gateway reports it.

    Attributes:
        payment_id: the gateway's id: money is posted once per (brand, account, payment_id).
        reference: our reference of the order, "" if the gateway does not repeat it.
        at: when the money was taken, UTC: its date in Kolkata is the value date.
        method: "upi", "card", …; "" if not told.
        utr: the bank's reference, "" if not told.
    """

    payment_id: str
    order_id: str
    reference: str
    amount: Paise
    currency: str
    state: PaymentState
    at: datetime
    method: str = ""
    utr: str = ""
    error: str = ""


class PaymentGateway(WebhookSource, Protocol):
    """A gateway that takes payments from customers, and tells us when it has."""

    def create_order(self, request: PaymentRequest) -> PaymentOrder:
        """Create an order, or return the one already created under the same reference.

        Raises: Unavailable, Rejected, Unknown (ask again: the reference finds it).
        """
        ...

    def payments(self, order_id: str) -> Sequence[GatewayPayment]:
        """Return every attempt on an order. Raises: Unavailable, Rejected."""
        ...

    def payment_of(self, body: bytes) -> GatewayPayment | None:
        """Read the payment out of a verified webhook body; None if the event carries none.

        Raises: ValueError: the event carries a payment that cannot be read.
        """
        ...
