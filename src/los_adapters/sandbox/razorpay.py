"""Razorpay, imitated: orders, a checkout page, payments, signed webhooks.

Checks: key and secret, amounts (an integer of at least 100 paise), currency, receipt (at most 40
characters, never twice), notes (at most 15, at most 256 characters each), ids. Answers the
vendor's errors: an unknown id is a 400, not a 404; empty notes are a list.

A payment is made on the checkout page, or by the action `pay`, which may also take another amount
than asked. It sends `payment.authorized`, `payment.captured` and `order.paid` – or
`payment.failed` – to the address given by the action `webhook`; each event has its own id, which
its repeats keep.
"""

import hashlib
import hmac
import html
import json
import re
import secrets
import string
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

import httpx

from los_adapters.sandbox.razorpay_wire import collection, entitled, error, segments, unknown_id
from los_adapters.sandbox.world import World

SANDBOX_ACCOUNT: Final = "acc_LOSSandbox0001"
SANDBOX_KEY_ID: Final = "rzp_test_LOSSandbox0001"
SANDBOX_KEY_SECRET: Final = "sandbox-key-secret-of-razorpay"  # noqa: S105 # opens this sandbox only
SANDBOX_WEBHOOK_SECRET: Final = "sandbox-webhook-secret-of-razorpay"  # noqa: S105 # as above

RETRIES: Final[tuple[float, ...]] = tuple(10.0 * 2**step for step in range(13))
"""Seconds between deliveries: doubling, for nearly 24 hours (the steps are inferred)."""

Record = dict[str, Any]


def settings(base_url: str) -> dict[str, object]:
    """Return settings for an adapter."""
    return {
        "base_url": base_url,
        "account": SANDBOX_ACCOUNT,
        "key_id": SANDBOX_KEY_ID,
        "key_secret": SANDBOX_KEY_SECRET,
        "webhook_secret": SANDBOX_WEBHOOK_SECRET,
        "checkout_page": base_url + "/checkout/{order_id}",
    }


class Razorpay:
    """The gateway."""

    name = "razorpay"

    def __init__(self, world: World) -> None:
        self._world = world
        self._orders = world.state("razorpay-orders")
        self._payments = world.state("razorpay-payments")
        self._desk = world.state("razorpay-desk")

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as the gateway does."""
        if found := re.fullmatch(r"/checkout/(\w+)", request.url.path):
            return self._checkout(request, found[1])
        if not entitled(request, SANDBOX_KEY_ID, SANDBOX_KEY_SECRET):
            return error(401, "Authentication failed")
        return self._api(request)

    def actions(self) -> Mapping[str, Callable[..., object]]:
        """Return what a person may do: pay an order, say where webhooks go, give any status."""
        return {"pay": self.pay, "webhook": self.webhook, "set_status": self.set_status}

    def webhook(self, url: str) -> Record:
        """Send events to `url` from now on; "" sends none."""
        self._desk.put("webhook", {"url": url})
        return {"url": url}

    def pay(
        self, order_id: str, amount: int | str = "", at: str = "", outcome: str = "success"
    ) -> Record:
        """Play a customer who pays an order and return the payment.

        Args:
            order_id: the order.
            amount: paise, also another amount than was asked for; "" is what is still due.
            at: the instant as ISO text with offset; "" is now, by the business clock.
            outcome: "success", or anything else for a payment that fails.

        Raises: KeyError: no such order; ValueError: it is paid already.
        """
        order = self._orders.get(order_id)
        if order is None:
            raise KeyError(order_id)
        if order["status"] == "paid":
            raise ValueError("the order is paid already")
        taken_at = datetime.fromisoformat(at) if at else self._world.clock()
        taken = int(amount or str(order["amount_due"]))
        payment = self._payment(order, taken, taken_at)
        with self._world.turn():
            if outcome == "success":
                self._capture(order, payment)
            else:
                self._fail(order, payment)
        return self._payments.get(str(payment["id"])) or payment

    def set_status(self, payment_id: str, status: str) -> Record:
        """Give a payment any status, also one nobody has heard of. Raises: KeyError."""
        payment = self._payments.get(payment_id)
        if payment is None:
            raise KeyError(payment_id)
        self._payments.put(payment_id, {**payment, "status": status})
        return {**payment, "status": status}

    def _api(self, request: httpx.Request) -> httpx.Response:
        match request.method, segments(request):
            case "POST", ["v1", "orders"]:
                return self._create(request)
            case "GET", ["v1", "orders"]:
                return self._list(request)
            case "GET", ["v1", "orders", order_id, *rest] if rest in ([], ["payments"]):
                order = self._orders.get(order_id)
                if order is None:
                    return unknown_id()
                return self._attempts(order_id) if rest else _found(_shown(order))
            case "GET", ["v1", "payments", payment_id]:
                payment = self._payments.get(payment_id)
                return unknown_id() if payment is None else _found(payment)
            case _:
                return error(400, "The requested URL was not found on the server.")

    def _create(self, request: httpx.Request) -> httpx.Response:
        try:
            asked = json.loads(request.content)
        except ValueError:
            return error(400, "The request is not JSON")
        fault = _order_fault(asked)
        if fault:
            return error(400, fault[1], field=fault[0], reason="input_validation_failed")
        receipt = asked.get("receipt")
        for earlier in self._orders.all().values():
            if receipt and earlier["receipt"] == receipt:
                about = {"order_id": earlier["id"]}
                return error(400, "Order receipt should be unique.", metadata=about)
        order: Record = {
            "id": _new_id("order"),
            "entity": "order",
            "amount": asked["amount"],
            "amount_paid": 0,
            "amount_due": asked["amount"],
            "currency": "INR",
            "receipt": receipt,
            "offer_id": None,
            "status": "created",
            "attempts": 0,
            "notes": asked.get("notes") or {},
            "partial_payment": bool(asked.get("partial_payment")),
            "created_at": int(self._world.clock().timestamp()),
        }
        self._orders.put(order["id"], order)
        return _found(_shown(order))

    def _list(self, request: httpx.Request) -> httpx.Response:
        receipt = request.url.params.get("receipt")
        orders = self._orders.all().values()
        return collection(
            [_shown(order) for order in orders if receipt in (None, order["receipt"])], request
        )

    def _attempts(self, order_id: str) -> httpx.Response:
        paid = [p for p in self._payments.all().values() if p["order_id"] == order_id]
        return _found({"entity": "collection", "count": len(paid), "items": paid})

    def _payment(self, order: Record, amount: int, at: datetime) -> Record:
        serial = self._payments.next_number("rrn")
        return {
            "id": _new_id("pay"),
            "entity": "payment",
            "amount": amount,
            "currency": "INR",
            "status": "created",
            "order_id": order["id"],
            "invoice_id": None,
            "international": False,
            "method": "upi",
            "amount_refunded": 0,
            "refund_status": None,
            "captured": False,
            "vpa": "customer@examplebank",
            "email": None,
            "contact": None,
            "notes": order["notes"] or [],
            "fee": None,
            "tax": None,
            "error_code": None,
            "error_description": None,
            "error_source": None,
            "error_step": None,
            "error_reason": None,
            "acquirer_data": {"rrn": f"6{serial:011d}"},
            "created_at": int(at.timestamp()),
        }

    def _capture(self, order: Record, payment: Record) -> None:
        self._send("payment.authorized", {"payment": {**payment, "status": "authorized"}})
        fee = -(-payment["amount"] * 2 // 100)
        payment |= {"status": "captured", "captured": True, "fee": fee, "tax": fee * 18 // 118}
        paid = order["amount_paid"] + payment["amount"]
        order |= {
            "attempts": order["attempts"] + 1,
            "amount_paid": paid,
            "amount_due": max(0, order["amount"] - paid),
            "status": "paid" if paid >= order["amount"] else "attempted",
        }
        self._payments.put(payment["id"], payment)
        self._orders.put(order["id"], order)
        self._send("payment.captured", {"payment": payment})
        if order["status"] == "paid":
            self._send("order.paid", {"payment": payment, "order": _shown(order)})

    def _fail(self, order: Record, payment: Record) -> None:
        payment |= {
            "status": "failed",
            "error_code": "BAD_REQUEST_ERROR",
            "error_description": "The payment was not completed by the customer.",
            "error_source": "customer",
            "error_step": "payment_authentication",
            "error_reason": "payment_cancelled",
            "acquirer_data": {"rrn": None},
        }
        order |= {"attempts": order["attempts"] + 1, "status": "attempted"}
        self._payments.put(payment["id"], payment)
        self._orders.put(order["id"], order)
        self._send("payment.failed", {"payment": payment})

    def _send(self, event: str, entities: Mapping[str, Record]) -> None:
        url = str((self._desk.get("webhook") or {}).get("url", ""))
        if not url:
            return
        body = json.dumps(
            {
                "entity": "event",
                "account_id": SANDBOX_ACCOUNT,
                "event": event,
                "contains": list(entities),
                "payload": {name: {"entity": entity} for name, entity in entities.items()},
                "created_at": int(self._world.clock().timestamp()),
            }
        ).encode()
        event_id = _new_id("evt")
        headers = {
            "content-type": "application/json",
            "x-razorpay-signature": signature(body),
            "x-razorpay-event-id": event_id,
        }
        self._world.courier.post(self.name, url, headers, body, event_id)

    def _checkout(self, request: httpx.Request, order_id: str) -> httpx.Response:
        order = self._orders.get(order_id)
        if order is None:
            return _page("No such order", "<p>This order does not exist.</p>", status=404)
        if request.method != "POST":
            return _page("Pay", _form(order))
        form = dict(parse_qsl(request.content.decode("utf-8", "replace")))
        given = form.get("amount", str(order["amount_due"]))
        amount = int(given) if given.isdecimal() else 0
        due = int(str(order["amount_due"]))
        in_parts = order["partial_payment"] and 100 <= amount <= due
        if order["status"] == "paid" or not (amount == due or in_parts):
            return _page("Refused", "<p>This amount cannot be paid.</p>", status=400)
        payment = self.pay(order_id, amount, outcome=form.get("outcome", ""))
        words = "paid" if payment["status"] == "captured" else "not paid"
        return _page("Done", f"<p>{html.escape(str(payment['id']))}: {words}.</p>")


def signature(body: bytes) -> str:
    """Return the signature of a webhook's body."""
    return hmac.new(SANDBOX_WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()


def _order_fault(asked: object) -> tuple[str, str] | None:
    """Return (field, description) for the first rule an order breaks."""
    if not isinstance(asked, dict) or type(asked.get("amount")) is not int:
        return "amount", "The amount must be an integer."
    receipt, notes = asked.get("receipt"), asked.get("notes") or {}
    short = receipt is None or (isinstance(receipt, str) and len(receipt) <= 40)
    few = isinstance(notes, dict) and len(notes) <= 15
    rules = (
        ("amount", "The amount must be atleast INR 1.00", asked["amount"] >= 100),
        ("currency", "The currency is not supported.", asked.get("currency") == "INR"),
        ("receipt", "The receipt may not be greater than 40 characters.", short),
        ("notes", "Number of fields in notes should be less than or equal to 15", few),
        (
            "notes",
            "A note may not be greater than 256 characters.",
            few and all(len(str(value)) <= 256 for value in notes.values()),
        ),
    )
    return next(((field, text) for field, text, holds in rules if not holds), None)


def _found(thing: Mapping[str, object]) -> httpx.Response:
    return httpx.Response(200, json=dict(thing))


def _shown(order: Mapping[str, object]) -> Record:
    """Return an order as the gateway shows it."""
    shown = {name: value for name, value in order.items() if name != "partial_payment"}
    return shown | {"notes": order["notes"] or []}


def _new_id(prefix: str) -> str:
    letters = string.ascii_letters + string.digits
    return prefix + "_" + "".join(secrets.choice(letters) for _ in range(14))


def _form(order: Mapping[str, object]) -> str:
    due = int(str(order["amount_due"]))
    return (
        f"<p>Order {html.escape(str(order['id']))}: INR {due // 100}.{due % 100:02d} due.</p>"
        '<form method="post">'
        f'<input type="hidden" name="amount" value="{due}">'
        '<button name="outcome" value="success">Pay</button> '
        '<button name="outcome" value="failure">Fail</button></form>'
    )


def _page(title: str, inside: str, *, status: int = 200) -> httpx.Response:
    text = f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>{inside}"
    return httpx.Response(status, html=text)
