"""Delivers the imitated vendors' webhooks: at least once, on each vendor's schedule of retries.

A webhook is queued in the world's state with the changes it reports, so it is never sent for
something that did not happen, and survives a kill. `deliver_due` sends what is due, for
tests; `CourierThread` does it for the server. It delivers to this machine only.
"""

import base64
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

import attrs
import httpx

from los_adapters.client import is_loopback

if TYPE_CHECKING:
    from los_adapters.sandbox.world import StateTable

_ANSWER_WITHIN_S = 5.0


@attrs.frozen(kw_only=True)
class Post:
    """A webhook on its way.

    Attributes:
        number: the order in which the courier got them.
        state: queued, held (behind the next of its vendor), withheld, delivered or given-up.
        due_at: wall seconds (epoch) of the next try.
        tries: how often it was sent.
        answer: the receiver's last answer: a status, or why there was none; "" before the first.
    """

    number: int
    vendor: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    event_id: str
    state: str = "queued"
    due_at: float
    tries: int = 0
    answer: str = ""


class Tampering(Protocol):
    """What the fault switches do to a vendor's webhooks."""

    def webhook_faults(self, vendor: str) -> frozenset[str]:
        """Return those in force: of duplicate, withhold, reorder, forge. Counts them as used."""
        ...


class Courier:
    """The queue of webhooks. It is one with the world's state once the world has attached it."""

    def __init__(
        self,
        send: Callable[[Post], int] | None = None,
        *,
        timer: Callable[[], float] = time.time,
        retries: Callable[[str], tuple[float, ...]] = lambda _vendor: (),
    ) -> None:
        """`send` delivers one and returns the status; `retries` gives a vendor's waits, seconds."""
        self._send = send or _over_http
        self._timer = timer
        self._retries = retries
        self._tampering: Tampering | None = None
        self._woken = threading.Event()

    def attach(self, table: "StateTable", turn: Callable[[], AbstractContextManager[None]]) -> None:
        """Keep the queue in `table`; changes are made in a `turn`."""
        self._table = table
        self._turn = turn

    def obey(self, tampering: Tampering) -> None:
        """Ask the fault switches before queueing."""
        self._tampering = tampering

    def post(
        self, vendor: str, url: str, headers: Mapping[str, str], body: bytes, event_id: str
    ) -> None:
        """Queue a webhook. It is sent once the vendor's present turn is committed."""
        faults = self._tampering.webhook_faults(vendor) if self._tampering else frozenset()
        state = "withheld" if "withhold" in faults else "held" if "reorder" in faults else "queued"
        with self._turn():
            waiting = [post for post in self.posts() if post.vendor == vendor]
            if "forge" in faults:
                self._queue(vendor, url, headers, _altered(body), f"{event_id}-forged")
            self._queue(vendor, url, headers, body, event_id, state=state)
            if "duplicate" in faults:
                self._queue(vendor, url, headers, body, event_id, state=state)
            for post in waiting:
                if post.state == "held":  # its successor is queued: now it may go, behind it
                    self._delete(post)
                    self._queue(post.vendor, post.url, post.headers, post.body, post.event_id)

    def release(self, vendor: str) -> int:
        """Let go of everything held or withheld for a vendor; return how many."""
        with self._turn():
            kept = [p for p in self.posts() if p.vendor == vendor and p.state in _KEPT_BACK]
            for post in kept:
                self._save(attrs.evolve(post, state="queued", due_at=self._timer()))
        return len(kept)

    def again(self, number: int) -> None:
        """Send a webhook once more, whatever became of it. Raises: KeyError."""
        posts = {post.number: post for post in self.posts()}
        with self._turn():
            self._save(attrs.evolve(posts[number], state="queued", due_at=self._timer()))

    def posts(self) -> list[Post]:
        """Return every webhook there ever was, oldest first."""
        return sorted(map(_post, self._table.all().values()), key=lambda post: post.number)

    def deliver_due(self) -> int:
        """Send everything due, in order; return how many were sent."""
        sent = 0
        while self.deliver_next():
            sent += 1
        return sent

    def deliver_next(self) -> bool:
        """Send the oldest webhook that is due; False if none is."""
        now = self._timer()
        due = (post for post in self.posts() if post.state == "queued" and post.due_at <= now)
        post = next(due, None)
        if post is None:
            return False
        answer, delivered = self._try(post)
        self._note(post, answer, delivered=delivered)
        return True

    def next_due_in_s(self) -> float | None:
        """Return seconds until the next try, 0 if due, None with nothing to do."""
        waits = [post.due_at - self._timer() for post in self.posts() if post.state == "queued"]
        return max(0.0, min(waits)) if waits else None

    def wake(self) -> None:
        """Tell the thread to look at the queue."""
        self._woken.set()

    def wait(self, at_most_s: float | None) -> None:
        """Sleep until woken."""
        self._woken.wait(at_most_s)
        self._woken.clear()

    def _try(self, post: Post) -> tuple[str, bool]:
        try:
            status = self._send(post)
        except (httpx.TransportError, httpx.InvalidURL) as err:
            return type(err).__name__, False
        return str(status), 200 <= status < 300

    def _note(self, post: Post, answer: str, *, delivered: bool) -> None:
        waits = self._retries(post.vendor)
        if delivered:
            state, due_at = "delivered", post.due_at
        elif post.tries < len(waits):
            state, due_at = "queued", self._timer() + waits[post.tries]
        else:
            state, due_at = "given-up", post.due_at
        with self._turn():
            self._save(
                attrs.evolve(post, state=state, due_at=due_at, tries=post.tries + 1, answer=answer)
            )

    def _queue(
        self,
        vendor: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        event_id: str,
        *,
        state: str = "queued",
    ) -> None:
        self._save(
            Post(
                number=self._table.next_number("post"),
                vendor=vendor,
                url=url,
                headers=dict(headers),
                body=body,
                event_id=event_id,
                state=state,
                due_at=self._timer(),
            )
        )

    def _save(self, post: Post) -> None:
        record = attrs.asdict(post)
        record["body"] = base64.b64encode(post.body).decode("ascii")
        self._table.put(f"{post.number:08d}", record)

    def _delete(self, post: Post) -> None:
        self._table.delete(f"{post.number:08d}")


_KEPT_BACK = ("held", "withheld")


class CourierThread:
    """Delivers in the background until stopped."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)

    def start(self) -> None:
        """Begin delivering, also what an earlier process left behind."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the webhook under way and end."""
        self._stopping.set()
        self._courier.wake()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._courier.deliver_next():
                self._courier.wait(self._courier.next_due_in_s())


def _over_http(post: Post) -> int:
    """Send to this machine; any other address is answered as unreachable."""
    url = httpx.URL(post.url)
    if not is_loopback(url.host):
        raise httpx.ConnectError(f"{url.host} is not this machine")
    with httpx.Client(timeout=_ANSWER_WITHIN_S, trust_env=False) as client:
        return client.post(url, content=post.body, headers=dict(post.headers)).status_code


def _altered(body: bytes) -> bytes:
    """Change the last digit of the body, so that it still parses and no longer matches its seal."""
    for index in range(len(body) - 1, -1, -1):
        if 48 <= body[index] <= 57:
            digit = 48 + (body[index] - 48 + 1) % 10
            return body[:index] + bytes([digit]) + body[index + 1 :]
    return body + b" "


def _post(record: Mapping[str, object]) -> Post:
    fields = dict(record)
    fields["body"] = base64.b64decode(str(fields["body"]))
    return Post(**fields)  # type: ignore[arg-type] # written by _save, nowhere else
