"""Health, readiness and draining: what is told, how quickly, and how connections end."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import attrs
import pytest

from los_http import health
from los_http.app import create_app
from los_http.health import Probe

Client = Callable[..., Any]


def _well() -> None:
    pass


def _away() -> None:
    raise OSError("hunter2")


@pytest.fixture
def asked(still: Any) -> Iterator[Callable[..., Client]]:
    """Return what makes a client of an application with servers of cache and queue."""
    clients: list[Any] = []

    def made(**servers: Any) -> Client:
        clients.append(type(still.client)(create_app(still.fakes.services, threads=1, **servers)))
        client: Client = clients[-1]
        return client

    yield made
    for client in clients:
        client.close()


def test_without_servers_cache_and_queue_are_embedded(asked: Callable[..., Client]) -> None:
    told = asked()("GET", "/health")
    assert told.status_code == 200
    assert (told.json()["cache"], told.json()["queue"]) == ("embedded", "embedded")


@pytest.mark.parametrize("name", ["cache", "queue"])
def test_a_lost_cache_or_queue_is_a_degradation_and_no_reason_to_go(
    asked: Callable[..., Client], name: str
) -> None:
    client = asked(**{"cache": _well, "queue": _well, name: _away})
    told = client("GET", "/health")
    assert (told.status_code, told.json()["status"], told.json()[name]) == (200, "degraded", "down")
    assert client("GET", "/health/ready").status_code == 200


def test_all_well_is_told_so(asked: Callable[..., Client]) -> None:
    told = asked(cache=_well, queue=_well)("GET", "/health").json()
    assert (told["status"], told["cache"], told["queue"]) == ("ok", "up", "up")


def test_while_it_drains_each_answer_is_the_last_of_its_connection(still: Any) -> None:
    before = still.client("GET", "/health/live")
    still.client.app.state["pulse"].drain()
    after = still.client("GET", f"/api/v1/web/brand?brandId={uuid4()}")
    assert "connection" not in before.headers
    assert after.status_code == 404
    assert after.headers["connection"] == "close"


class NoDatabase:
    """A platform whose every question fails."""

    def brand(self, _: object) -> None:
        raise OSError("hunter2")


def test_a_process_without_its_database_is_not_ready(still: Any) -> None:
    services = attrs.evolve(still.fakes.services, platform=NoDatabase())
    client = type(still.client)(create_app(services, threads=1))
    told, alive = client("GET", "/health/ready"), client("GET", "/health/live")
    client.close()
    assert (told.status_code, told.json()) == (503, {"status": "down"})
    assert alive.status_code == 200


def test_what_hangs_is_down_within_half_a_second_and_asked_once() -> None:
    asked = threading.Semaphore(0)
    go = threading.Event()

    def hangs() -> None:
        asked.release()
        go.wait(10)

    probe = Probe("database", hangs)
    begun = time.monotonic()
    assert not probe.up()
    assert time.monotonic() - begun < 2 * health.LIMIT_S
    assert asked.acquire(timeout=1)
    assert not asked.acquire(blocking=False)
    go.set()


def test_a_look_is_good_for_a_second() -> None:
    looks: list[float] = []
    probe = Probe("database", lambda: looks.append(time.monotonic()))
    assert all(probe.up() for _ in range(50))
    assert len(looks) <= 1 + (looks[-1] - looks[0])
