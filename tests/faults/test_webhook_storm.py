"""Ten thousand deliveries, three in ten of them repeats, while everything is killed in turn."""

import time

import pytest
from tests.faults.conftest import Note
from tests.faults.driver import plan
from tests.faults.gateway import Gateway, deliveries, events_of
from tests.faults.servers import rabbitmq
from tests.faults.storm import (
    TARGETS,
    messages_are_told,
    nothing_lost_nothing_doubled,
    pour,
    scene,
)

LOANS, ORDERS, DELIVERIES, KILLS = 200, 2_334, 10_000, 25

pytestmark = pytest.mark.timeout(1800)


def test_ten_thousand_deliveries_under_25_kills_post_each_payment_once(
    note: Note, request: pytest.FixtureRequest
) -> None:
    seed = int(request.config.option.hypothesis_seed)
    note(f"{DELIVERIES} deliveries under {KILLS} kills, --hypothesis-seed={seed}")
    begun = time.monotonic()
    with (
        rabbitmq() as broker,
        scene(loans=LOANS, orders=ORDERS, seed=seed, broker=broker) as found,
    ):
        note(f"  {LOANS} loans and a fleet in {time.monotonic() - begun:.0f} s")
        events = events_of(found.lent.orders)
        gateway = Gateway(site=found.site, path=found.lent.webhook_path)
        poured = time.monotonic()
        gateway.begin(deliveries(events, of=DELIVERIES, seed=seed))
        kills = plan(seed, work=DELIVERIES, targets=TARGETS, kills=KILLS)
        pour(found, gateway, kills, note, seconds=900, drained_s=900)
        seconds = time.monotonic() - poured
        note(f"  all taken and done in {seconds:.0f} s; {dict(gateway.answers)}")
        messages_are_told(found, note)
        nothing_lost_nothing_doubled(found, gateway)
        assert set(gateway.taken) == {event.key for event in events}
        assert gateway.taken.total() == DELIVERIES
