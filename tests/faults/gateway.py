"""The gateway's side of webhooks: signed events of paid orders, delivered until they are taken.

Each payment is told of by three events, as Razorpay does; events come again, in any order. What is
not answered by 2xx in time is delivered again later – sooner than the gateway would, which waits
ten seconds and more.
"""

import http.client
import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Final

import attrs
from tests.faults.driver import APIS, HOST, Site
from tests.faults.lent import Order

from los_adapters.sandbox.razorpay import SANDBOX_ACCOUNT, signature

CAPTURED: Final = ("payment.captured", "order.paid")
"""Each of these alone says that the money is there."""
KINDS: Final = ("payment.authorized", *CAPTURED)
AGAIN_S: Final = 0.3
PATIENCE_S: Final = 10.0


@attrs.frozen(kw_only=True)
class Event:
    """One event, with the headers and the bytes that every delivery of it has."""

    key: str
    body: bytes = attrs.field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """What proves it."""
        return {
            "content-type": "application/json",
            "x-razorpay-signature": signature(self.body),
            "x-razorpay-event-id": self.key,
        }


def events_of(orders: Sequence[Order]) -> list[Event]:
    """Return every event of orders that were paid."""
    return [_event(order, kind) for order in orders for kind in KINDS]


def deliveries(events: Sequence[Event], *, of: int, seed: int) -> list[Event]:
    """Return `of` deliveries in any order: every event once, and some of them more often."""
    chance = random.Random(seed)  # noqa: S311 # a test's seed is no secret
    found = [*events, *chance.choices(events, k=of - len(events))]
    chance.shuffle(found)
    return found


@attrs.define(kw_only=True)
class Gateway:
    """Delivers from several threads to the APIs in turn.

    Attributes:
        taken: deliveries answered by 2xx, by event.
        answers: how often each status, or each error of the connection, was met.
        slowest_s: of the answers that took a delivery, the slowest.
        unwaited: answers of 503 that do not say how long to wait.
    """

    site: Site
    path: str
    threads: int = 12
    taken: "Counter[str]" = attrs.field(factory=Counter)
    answers: "Counter[str]" = attrs.field(factory=Counter)
    slowest_s: float = 0.0
    unwaited: int = 0
    _left: list[Event] = attrs.field(factory=list)
    _lock: threading.Lock = attrs.field(factory=threading.Lock)
    _under_way: int = 0
    _pool: list[threading.Thread] = attrs.field(factory=list)

    def begin(self, work: Sequence[Event]) -> None:
        """Start to deliver, in this order."""
        self._left = list(reversed(work))
        self._pool = [
            threading.Thread(target=self._deliver, args=(number,), daemon=True)
            for number in range(self.threads)
        ]
        for thread in self._pool:
            thread.start()

    @property
    def done(self) -> int:
        """Deliveries taken so far."""
        with self._lock:
            return self.taken.total()

    def over(self) -> bool:
        """Whether everything was taken."""
        return not any(thread.is_alive() for thread in self._pool)

    def _deliver(self, number: int) -> None:
        hosts = itertools.cycle(APIS[number % 2 :] + APIS[: number % 2])
        open_to: dict[str, http.client.HTTPConnection] = {}
        while (event := self._next()) is not None:
            name = next(hosts)
            connection = open_to.pop(name, None) or http.client.HTTPConnection(
                HOST, self.site.ports[name], timeout=PATIENCE_S
            )
            begun = time.monotonic()
            answer = self._post(connection, event)
            if answer.isdecimal():
                open_to[name] = connection
            else:
                connection.close()
            self._note(event, answer, time.monotonic() - begun)
        for connection in open_to.values():
            connection.close()

    def _post(self, connection: http.client.HTTPConnection, event: Event) -> str:
        """Return the status, or what became of the connection."""
        try:
            connection.request("POST", self.path, event.body, event.headers)
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        if response.status == 503 and response.getheader("retry-after") is None:
            with self._lock:
                self.unwaited += 1
        return str(response.status)

    def _next(self) -> Event | None:
        """Take the next delivery; wait while others may still come back."""
        while True:
            with self._lock:
                if self._left:
                    self._under_way += 1
                    return self._left.pop()
                if not self._under_way:
                    return None
            time.sleep(0.02)

    def _note(self, event: Event, answer: str, seconds: float) -> None:
        taken = answer.startswith("2")
        if not taken:
            time.sleep(AGAIN_S)
        with self._lock:
            self.answers[answer] += 1
            self._under_way -= 1
            if taken:
                self.taken[event.key] += 1
                self.slowest_s = max(self.slowest_s, seconds)
            else:
                self._left.insert(len(self._left) // 2, event)


def _event(order: Order, kind: str) -> Event:
    paid = kind in CAPTURED
    payment = {
        "id": order.payment_id,
        "entity": "payment",
        "amount": order.amount,
        "currency": "INR",
        "status": "captured" if paid else "authorized",
        "order_id": order.order_id,
        "method": "upi",
        "captured": paid,
        "notes": [],
        "error_code": None,
        "acquirer_data": {"rrn": order.rrn},
        "created_at": int(order.paid_at.timestamp()),
    }
    payload = {"payment": {"entity": payment}}
    if kind == "order.paid":
        payload["order"] = {"entity": {"id": order.order_id, "receipt": f"REF{order.order_id}"}}
    body = {
        "entity": "event",
        "account_id": SANDBOX_ACCOUNT,
        "event": kind,
        "contains": list(payload),
        "payload": payload,
        "created_at": int(order.paid_at.timestamp()),
    }
    return Event(key=f"evt_{order.payment_id[4:]}{kind[-4:]}", body=json.dumps(body).encode())
