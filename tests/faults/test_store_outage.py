"""PostgreSQL is stopped for half a minute under load, and a worker is frozen past its leases.

Nobody is killed here and nobody is started again: the processes get over it by themselves.
"""

import time

import httpx
import pytest
from tests.faults.conftest import Note
from tests.faults.driver import APIS, SANDBOX, WORKERS, until
from tests.faults.gateway import Gateway, deliveries, events_of
from tests.faults.storm import Scene, nothing_lost_nothing_doubled, scene

OUTAGE_S = 30.0
RECOVERED_S = 10.0
FLEET = (SANDBOX, *APIS, *WORKERS)

pytestmark = pytest.mark.timeout(900)


def test_an_outage_of_the_database_is_told_and_nothing_acknowledged_is_lost(
    note: Note, request: pytest.FixtureRequest
) -> None:
    seed = int(request.config.option.hypothesis_seed)
    with scene(loans=12, orders=400, seed=seed, names=FLEET) as found:
        gateway = _begun(found, seed, work=1_600)
        assert until(lambda: gateway.done >= 300, 120)
        found.postgres.stop()
        stopped = time.monotonic()
        assert until(lambda: gateway.answers["503"] > 0, OUTAGE_S)
        while time.monotonic() - stopped < OUTAGE_S:
            _api_tells_that_it_is_not_well(found)
            time.sleep(1)
        before = gateway.done
        found.postgres.start()
        up = time.monotonic()
        assert until(lambda: gateway.done > before, RECOVERED_S)
        note(f"30 s without a database: {gateway.answers['503']} answers of 503, ")
        note(f"  the first 200 came {time.monotonic() - up:.1f} s after it was back")
        _ends_well(found, gateway)
        assert set(gateway.answers) == {"200", "503"}


def test_what_a_frozen_worker_had_claimed_is_done_once_by_another(
    note: Note, request: pytest.FixtureRequest
) -> None:
    seed = int(request.config.option.hypothesis_seed)
    with scene(loans=6, orders=150, seed=seed, names=FLEET) as found:
        gateway = _begun(found, seed, work=600)
        frozen = WORKERS[0]
        assert until(lambda: _frozen_with_jobs(found, frozen), 120)
        held = _held(found, frozen)
        assert until(lambda: gateway.over() and not found.unfinished(), 300)
        found.fleet.thaw(frozen)
        note(f"{held} jobs of a frozen worker were done by another when their leases were over")
        time.sleep(5)  # what it was about to do when it was frozen, it tries to do now
        _ends_well(found, gateway)


def _begun(found: Scene, seed: int, *, work: int) -> Gateway:
    events = events_of(found.lent.orders)
    gateway = Gateway(site=found.site, path=found.lent.webhook_path, threads=6)
    gateway.begin(deliveries(events, of=work, seed=seed))
    return gateway


def _ends_well(found: Scene, gateway: Gateway) -> None:
    assert until(gateway.over, 300), gateway.answers
    assert until(lambda: not found.unfinished(), 300), found.unfinished()
    assert all(child.poll() is None for child in found.fleet.running.values())
    nothing_lost_nothing_doubled(found, gateway)


def _api_tells_that_it_is_not_well(found: Scene) -> None:
    """Every address that needs the database says so, and the process still lives."""
    for name in APIS:
        address = found.site.address(name)
        asked = httpx.get(f"{address}/api/v1/web/brand?brand=bharat", timeout=10, trust_env=False)
        assert asked.status_code == 503, asked.text
        assert int(asked.headers["retry-after"]) > 0
        alive = httpx.get(f"{address}/health/live", timeout=10, trust_env=False)
        assert alive.status_code == 200


def _frozen_with_jobs(found: Scene, name: str) -> bool:
    """Freeze a worker; let it go on if it held nothing just then."""
    found.fleet.freeze(name)
    if _held(found, name):
        return True
    found.fleet.thaw(name)
    return False


def _held(found: Scene, name: str) -> int:
    """Return how many jobs a worker holds."""
    pid = found.fleet.running[name].pid
    [row] = found.rows(
        f"SELECT count(*) FROM job WHERE state = 'RUNNING' AND lease LIKE '%.{pid}:%'"  # noqa: S608
    )
    return int(row[0])
