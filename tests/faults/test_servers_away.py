"""Redis or RabbitMQ gone or frozen: the API answers, nothing is lost, what waited is worked off.

A fleet takes webhooks and shows its catalogue all the while. Each fault lasts until its share of
the work is taken and done without the server; then the server is mended, and the next one strikes.
"""

import contextlib
import http.client
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import attrs
import pytest
from tests.faults.conftest import Note
from tests.faults.driver import APIS, HOST, Site, until
from tests.faults.gateway import Event, Gateway, deliveries, events_of
from tests.faults.servers import RABBIT, Server, rabbitmq, redis
from tests.faults.storm import EVERYTHING, Scene, nothing_lost_nothing_doubled, scene

LOANS, ORDERS, DELIVERIES = 6, 120, 480
ANSWERED_S = 2.0
"""No reader and no gateway waits longer, whatever is frozen."""
WITHOUT_S = 60.0
"""Within so long the share of work is done without the server."""
CATALOGUE = "/api/v1/web/brand"
BRANDS_HOST = "bharat.localhost"

pytestmark = pytest.mark.timeout(900)


@attrs.define
class Reader:
    """Asks both APIs for the catalogue and their readiness, over and over."""

    site: Site
    answers: dict[int, int] = attrs.field(factory=dict)
    slowest_s: float = 0.0
    _over: threading.Event = attrs.field(factory=threading.Event)

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Read until the block is left."""
        thread = threading.Thread(target=self._read, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _read(self) -> None:
        while not self._over.wait(0.05):
            for name in APIS:
                for path in (CATALOGUE, "/health/ready", "/health"):
                    begun = time.monotonic()
                    status = asked(self.site, name, path)[0]
                    self.slowest_s = max(self.slowest_s, time.monotonic() - begun)
                    self.answers[status] = self.answers.get(status, 0) + 1


def asked(site: Site, name: str, path: str) -> tuple[int, bytes]:
    """Return status and body of an answer; a lost connection fails the test."""
    connection = http.client.HTTPConnection(HOST, site.ports[name], timeout=10)
    try:
        connection.request("GET", path, headers={"Host": BRANDS_HOST})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def refuse_all(server: Server) -> None:
    """Have RabbitMQ take no message more, as it does when memory or disk run out."""
    watermark(server, "0")


def take_again(server: Server) -> None:
    watermark(server, "0.4")


def watermark(server: Server, share: str) -> None:
    subprocess.run(  # noqa: S603 # Debian's script by its full path
        [str(RABBIT / "rabbitmqctl"), "set_vm_memory_high_watermark", share],
        env=server.environment,
        check=True,
        capture_output=True,
    )


@attrs.frozen
class Fault:
    """What happens to a server, how it is mended, and whether health tells of it meanwhile."""

    name: str
    strike: Callable[[Server], None]
    mend: Callable[[Server], None]
    told: bool = True


FAULTS = {
    "redis": (
        Fault("killed", Server.kill, Server.start),
        Fault("frozen", Server.freeze, Server.thaw),
    ),
    "rabbitmq": (
        Fault("frozen", Server.freeze, Server.thaw),
        Fault("killed", Server.kill, Server.start),
        Fault("out of memory", refuse_all, take_again, told=False),
    ),
}
PART = {"redis": b'"cache":"down"', "rabbitmq": b'"queue":"down"'}


def test_lending_goes_on_without_redis_and_without_rabbitmq(
    note: Note, request: pytest.FixtureRequest
) -> None:
    seed = int(request.config.option.hypothesis_seed)
    note(f"Redis and RabbitMQ killed and frozen in turn, --hypothesis-seed={seed}")
    with (
        redis() as cache,
        rabbitmq() as broker,
        scene(loans=LOANS, orders=ORDERS, seed=seed, names=()) as found,
    ):
        servers = {"LOS_REDIS__URL": cache.url, "LOS_BROKER__URL": broker.url}
        found.fleet.extra = dict.fromkeys(EVERYTHING, servers)
        found.fleet.start(*EVERYTHING)
        gateway = Gateway(site=found.site, path=found.lent.webhook_path)
        events = events_of(found.lent.orders)
        faults = [(server, fault) for server in (cache, broker) for fault in FAULTS[server.name]]
        shares = shared(deliveries(events, of=DELIVERIES, seed=seed), len(faults) + 2)
        reader = Reader(found.site)
        with reader.reading():
            pour(found, gateway, shares.pop(), note, "all well")
            assert told_of_well(found)
            for server, fault in faults:
                fault.strike(server)
                pour(found, gateway, shares.pop(), note, f"{server.name} {fault.name}")
                if fault.told:
                    assert until(lambda: told_of(found, server), ANSWERED_S), fault  # noqa: B023 # called at once
                fault.mend(server)
                assert until(lambda: told_of_well(found), WITHOUT_S), fault
            pour(found, gateway, shares.pop(), note, "all well again")
        note(f"  answers {reader.answers}, the slowest in {reader.slowest_s:.2f} s")
        assert set(reader.answers) == {200}
        assert reader.slowest_s < ANSWERED_S
        assert set(gateway.answers) == {"200"}
        assert gateway.slowest_s < ANSWERED_S
        assert gateway.taken.total() == DELIVERIES
        nothing_lost_nothing_doubled(found, gateway)
        assert set(found.fleet.stop(*EVERYTHING).values()) == {0}


def pour(scene: Scene, gateway: Gateway, share: list[Event], note: Note, when: str) -> None:
    """Deliver a share, and see it taken and done."""
    begun = time.monotonic()
    gateway.begin(share)
    assert until(gateway.over, WITHOUT_S), f"{when}: {gateway.answers}"
    taken_s = time.monotonic() - begun
    assert until(lambda: not scene.unfinished(), WITHOUT_S), f"{when}: {scene.unfinished()}"
    done_s = time.monotonic() - begun
    note(f"  {when}: {len(share)} taken in {taken_s:.1f} s, done in {done_s:.1f} s")


def shared(work: list[Event], count: int) -> list[list[Event]]:
    """Return the work in `count` shares."""
    return [work[number::count] for number in range(count)]


def told_of(scene: Scene, server: Server) -> bool:
    """Whether both APIs say that the server is down, and that they are not."""
    told = [asked(scene.site, name, "/health") for name in APIS]
    return all(status == 200 and PART[server.name] in body for status, body in told)


def told_of_well(scene: Scene) -> bool:
    """Whether both APIs say that all is well."""
    return all(b'"status":"ok"' in asked(scene.site, name, "/health")[1] for name in APIS)
