"""Three hundred deliveries while API, worker and database are killed: the fault driver's smoke.

`nox -s faults` pours ten thousand, and kills everything.
"""

import pytest
from tests.faults.driver import APIS, SANDBOX, WORKERS, plan
from tests.faults.gateway import Gateway, deliveries, events_of
from tests.faults.storm import nothing_lost_nothing_doubled, pour, scene

FLEET = (SANDBOX, *APIS, *WORKERS)
TARGETS = ("database", "api-1", "worker-1")


def test_300_deliveries_under_three_kills_post_each_payment_once(
    request: pytest.FixtureRequest,
) -> None:
    seed = int(request.config.option.hypothesis_seed)
    with scene(loans=4, orders=70, seed=seed, names=FLEET) as found:
        events = events_of(found.lent.orders)
        gateway = Gateway(site=found.site, path=found.lent.webhook_path)
        gateway.begin(deliveries(events, of=300, seed=seed))
        kills = plan(seed, work=300, targets=TARGETS, kills=len(TARGETS))
        pour(found, gateway, kills, print, seconds=60)
        nothing_lost_nothing_doubled(found, gateway)
        assert gateway.taken.total() == 300
