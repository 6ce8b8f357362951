"""Two API processes restarted in turn under load, behind a balancer that asks for readiness: no
request fails.

The balancer is the test's own and does what any does: it looks at `/health/ready` several times a
second, keeps connections open, and sends to whoever said yes last. It never sends a request twice.
"""

import contextlib
import http.client
import itertools
import select
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from tests.faults.conftest import Note
from tests.faults.driver import APIS, HOST, Site, fleet, until
from tests.faults.gateway import events_of
from tests.faults.lent import Lent, lent

RESTARTS = 20
RATE = 50
"""Requests a second, from all clients together."""
CLIENTS = 4
LOOK_S = 0.1
NOTICE_S = "1.0"
PATIENCE_S = 10.0
CATALOGUE = "/api/v1/web/brand?brand=bharat"

pytestmark = pytest.mark.timeout(900)


@attrs.define
class Balancer:
    """Sends to the processes that are ready."""

    site: Site
    ready: tuple[str, ...] = ()
    _turn: "itertools.count[int]" = attrs.field(factory=itertools.count)
    _over: threading.Event = attrs.field(factory=threading.Event)

    @contextlib.contextmanager
    def looking(self) -> Iterator[None]:
        """Look at readiness until the block is left."""
        thread = threading.Thread(target=self._look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def choose(self) -> str:
        """Return who gets the next request."""
        ready = self.ready
        assert ready, "nobody is ready"
        return ready[next(self._turn) % len(ready)]

    def _look(self) -> None:
        while not self._over.wait(LOOK_S):
            self.ready = tuple(name for name in APIS if self._is_ready(name))

    def _is_ready(self, name: str) -> bool:
        connection = http.client.HTTPConnection(HOST, self.site.ports[name], timeout=PATIENCE_S)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


@attrs.define
class Clients:
    """Read the catalogue and deliver webhooks, over connections that stay open."""

    balancer: Balancer
    lent: Lent
    answers: "Counter[str]" = attrs.field(factory=Counter)
    slowest_s: float = 0.0
    _over: threading.Event = attrs.field(factory=threading.Event)
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Ask at the rate until the block is left."""
        threads = [
            threading.Thread(target=self._ask, args=(number,), daemon=True)
            for number in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _ask(self, number: int) -> None:
        events = itertools.cycle(events_of(self.lent.orders)[number::CLIENTS])
        open_to: dict[str, http.client.HTTPConnection] = {}
        for turn in itertools.count():
            if self._over.wait(CLIENTS / RATE):
                break
            name = self.balancer.choose()
            connection = open_to.setdefault(
                name,
                http.client.HTTPConnection(
                    HOST, self.balancer.site.ports[name], timeout=PATIENCE_S
                ),
            )
            if _was_closed(connection):
                connection.close()
            begun = time.monotonic()
            event = next(events)
            post = ("POST", self.lent.webhook_path, event.body, event.headers)
            answer = _answered(connection, *(post if turn % 2 else ("GET", CATALOGUE)))
            with self._lock:
                self.answers[answer] += 1
                self.slowest_s = max(self.slowest_s, time.monotonic() - begun)
        for connection in open_to.values():
            connection.close()


def _was_closed(connection: http.client.HTTPConnection) -> bool:
    """Whether the other end closed an idle connection: any balancer sees that."""
    return connection.sock is not None and bool(select.select([connection.sock], [], [], 0)[0])


def _answered(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> str:
    """Return the status, or what became of the connection; it opens again by itself."""
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return type(error).__name__
    return str(response.status)


def test_twenty_restarts_under_load_fail_no_request(
    note: Note, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    seed = int(request.config.option.hypothesis_seed)
    site = Site.at(tmp_path / "site", f"sqlite:///{tmp_path / 'los.db'}")
    known = lent(site, loans=2, orders=40, seed=seed)
    with fleet(site) as found:
        found.extra = {name: {"LOS_HTTP__NOTICE_S": NOTICE_S} for name in APIS}
        found.start(*APIS)
        balancer = Balancer(site)
        clients = Clients(balancer, known)
        with balancer.looking():
            assert until(lambda: balancer.ready == APIS, PATIENCE_S)
            with clients.asking():
                begun = time.monotonic()
                for restart in range(RESTARTS):
                    name = APIS[restart % len(APIS)]
                    assert found.stop(name) == {name: 0}
                    found.start(name)
                    assert until(lambda: balancer.ready == APIS, PATIENCE_S)
                seconds = time.monotonic() - begun
        asked = clients.answers.total()
        note(
            f"{RESTARTS} restarts in {seconds:.0f} s under {asked / seconds:.0f} requests/s:"
            f" {dict(clients.answers)}, the slowest {clients.slowest_s:.2f} s"
        )
        assert set(clients.answers) == {"200"}
