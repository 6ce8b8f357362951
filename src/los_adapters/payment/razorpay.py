"""Razorpay: collecting instalments through orders, and its signed webhooks.

API: v1 orders and payments. Source: razorpay/markdown-docs, api/orders and webhooks, 2026-11.
Auth: HTTP Basic, key id and secret; the key chooses test or live mode.
Units: whole paise; unix seconds.
Idempotency: orders have no idempotency key. `receipt` is our reference: it is looked up before an
    order is made, and a refusal for a repeated receipt leads to the first order.
Webhook: `X-Razorpay-Signature`, HMAC-SHA256 in hex over the raw body, with the present or the
    previous secret; `x-razorpay-event-id` is the same on every delivery of an event. One payment
    is told of by several events: money is posted once per payment id.
Limits: amounts from ₹1; a receipt has 40 characters, a note 256. Empty notes come as a list;
    `captured` may be the text "1". A failed payment may still be captured later. Inferred: notes
    given to an order are found on its payments.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

import httpx
from pydantic import BeforeValidator, Field, SecretStr, StrictInt, ValidationError

from los_adapters.client import Http
from los_adapters.provider import Provider, ProviderSettings
from los_adapters.vendors.razorpay import (
    Collection,
    Wire,
    basic,
    entity_of,
    error_metadata,
    notice,
    prove,
    refusal,
)
from los_core.ports.payment import (
    GatewayPayment,
    PaymentGateway,
    PaymentOrder,
    PaymentRequest,
    PaymentState,
)
from los_core.ports.webhook import Notice


class Settings(ProviderSettings, frozen=True):
    """One merchant account.

    Attributes:
        webhook_secret: of the URL that serves this account; without one every message is refused.
        previous_webhook_secret: kept for a day after a change, for deliveries still on the way.
        checkout_page: a page where an order is paid, with `{order_id}` in it; "" where Razorpay's
            own script opens the checkout from order id and key id.
    """

    base_url: str = "https://api.razorpay.com"
    key_id: str
    key_secret: SecretStr
    webhook_secret: SecretStr = SecretStr("")
    previous_webhook_secret: SecretStr = SecretStr("")
    checkout_page: str = ""


def _dict_or_nothing(value: object) -> object:
    return value if isinstance(value, dict) else {}


_Loose = Annotated[dict[str, Any], BeforeValidator(_dict_or_nothing)]


class _Order(Wire):
    id: str
    amount: StrictInt
    currency: str
    receipt: str | None = None
    created_at: StrictInt = 0


class _Payment(Wire):
    id: str
    amount: StrictInt
    currency: str
    status: str
    order_id: str | None = None
    captured: bool | None = None
    method: str | None = None
    notes: _Loose = Field(default_factory=dict)
    acquirer_data: _Loose = Field(default_factory=dict)
    error_code: str | None = None
    error_reason: str | None = None
    created_at: Annotated[StrictInt, Field(ge=0, lt=2**33)]


class RazorpayGateway:
    """Razorpay as a `PaymentGateway` and a `WebhookSource`."""

    def __init__(self, settings: Settings, http: Http) -> None:
        self._settings = settings
        self._http = http

    def create_order(self, request: PaymentRequest) -> PaymentOrder:
        """Find the order of this receipt, or create it; see the port.

        Raises: Rejected with code RECEIPT_TAKEN: the reference already stands for another amount.
        """
        order = self._find(request.reference) or self._create(request)
        if order.amount != request.amount or order.currency != "INR":
            raise self._http.rejected("create order", "RECEIPT_TAKEN")
        return PaymentOrder(
            order_id=order.id,
            amount=order.amount,
            checkout_url=self._settings.checkout_page.replace("{order_id}", order.id),
            public_key=self._settings.key_id,
        )

    def payments(self, order_id: str) -> Sequence[GatewayPayment]:
        """Return every attempt on an order, the oldest first; see the port."""
        response = self._get(
            f"/v1/orders/{quote(order_id, safe='')}/payments", operation="order payments"
        )
        found = self._http.parsed(response, Collection[_Payment], effect=False)
        return sorted((_to_payment(item) for item in found.items), key=lambda paid: paid.at)

    def payment_of(self, body: bytes) -> GatewayPayment | None:
        """Read the payment out of an event; see the port.

        Raises: ValueError: the body is no JSON object, or its payment cannot be read.
        """
        event = json.loads(body)
        if not isinstance(event, dict):
            raise ValueError("the event is no object")  # noqa: TRY004 – one error for bad bodies
        entity = entity_of(event, "payment")
        if not entity:
            return None
        receipt = entity_of(event, "order").get("receipt")
        try:
            payment = _Payment.model_validate(entity)
        except ValidationError as err:
            # The library's own message would quote the body, which holds personal data.
            rules = sorted({fault["type"] for fault in err.errors(include_input=False)})
            raise ValueError(f"the event's payment cannot be read: {', '.join(rules)}") from None
        return _to_payment(payment, receipt=str(receipt or ""))

    def verify(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Prove a webhook by its signature; see `WebhookSource`."""
        secrets = (self._settings.webhook_secret, self._settings.previous_webhook_secret)
        signature = headers.get("x-razorpay-signature", "")
        prove(body, signature, secrets, provider=self._http.name)
        return notice(headers, body, entity="payment")

    def _find(self, reference: str) -> _Order | None:
        """Return the first order made under a receipt, None if there is none."""
        response = self._get("/v1/orders", operation="find order", receipt=reference)
        found = self._http.parsed(response, Collection[_Order], effect=False)
        ours = [order for order in found.items if order.receipt == reference]
        return min(ours, key=lambda order: order.created_at, default=None)

    def _create(self, request: PaymentRequest) -> _Order:
        response = self._http.call(
            "POST",
            self._settings.base_url + "/v1/orders",
            operation="create order",
            effect=True,
            auth=basic(self._settings.key_id, self._settings.key_secret),
            json={
                "amount": request.amount,
                "currency": "INR",
                "receipt": request.reference,
                "notes": {"reference": request.reference, "for": request.description[:256]},
            },
        )
        if response.is_success:
            return self._http.parsed(response, _Order, effect=True)
        first = error_metadata(response).get("order_id")
        if isinstance(first, str):
            earlier = self._get(f"/v1/orders/{quote(first, safe='')}", operation="order")
            return self._http.parsed(earlier, _Order, effect=False)
        raise refusal(self._http, response)

    def _get(self, path: str, *, operation: str, **params: str) -> httpx.Response:
        response = self._http.call(
            "GET",
            self._settings.base_url + path,
            operation=operation,
            effect=False,
            auth=basic(self._settings.key_id, self._settings.key_secret),
            params=params or None,
        )
        if not response.is_success:
            raise refusal(self._http, response)
        return response


def _to_payment(payment: _Payment, *, receipt: str = "") -> GatewayPayment:
    acquirer = payment.acquirer_data
    utr = acquirer.get("rrn") or acquirer.get("bank_transaction_id") or ""
    return GatewayPayment(
        payment_id=payment.id,
        order_id=payment.order_id or "",
        reference=receipt or str(payment.notes.get("reference") or ""),
        amount=payment.amount,
        currency=payment.currency,
        state=_status(payment),
        at=datetime.fromtimestamp(payment.created_at, UTC),
        method=payment.method or "",
        utr=str(utr),
        error=payment.error_reason or payment.error_code or "",
    )


def _status(payment: _Payment) -> PaymentState:
    """Map the status; one that `captured` contradicts is pending, like an unknown one."""
    match payment.status:
        case "captured" if payment.captured is not False:
            return PaymentState.CAPTURED
        case "authorized":
            return PaymentState.AUTHORISED
        case "failed":
            return PaymentState.FAILED
        case "refunded":
            return PaymentState.REFUNDED
        case _:
            return PaymentState.PENDING


PROVIDER: Provider[Settings, PaymentGateway] = Provider(Settings, RazorpayGateway)
