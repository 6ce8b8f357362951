"""What nobody will ask for again is deleted, and what somebody might is not."""

from datetime import timedelta
from uuid import UUID

from los_adapters.container import InMemory
from los_core.domain.ids import BrandId
from los_core.ports.work import Answer, Once
from los_core.services.housekeeping import CHUNK
from los_core.services.jobs import later

BRAND = BrandId(UUID(int=1))


def _done_jobs(memory: InMemory, count: int) -> None:
    platform = memory.services.platform
    with memory.services.begin(BRAND) as uow:
        for number in range(count):
            later(uow, "k", str(number), clock=memory.clock, entropy=memory.entropy, payload={})
    claimed = platform.claim_jobs(limit=count, now=memory.clock.now(), lease_s=60, worker="w")
    assert all(platform.finish_job(job) for job in claimed)


def _key_taken(memory: InMemory) -> None:
    once = Once(scope="s", key="k", request_hash="h", render=lambda _: Answer(200, b""))
    with memory.services.begin(BRAND, once=once) as uow:
        uow.answer("done")


def test_keys_are_kept_for_seven_days(memory: InMemory) -> None:
    _key_taken(memory)
    memory.clock.advance(timedelta(days=7))
    assert memory.services.housekeeping.purge(BRAND) == 0
    memory.clock.advance(timedelta(seconds=1))
    assert memory.services.housekeeping.purge(BRAND) == 1


def test_finished_jobs_are_kept_for_thirty_days_unless_told_otherwise(memory: InMemory) -> None:
    _done_jobs(memory, 1)
    memory.clock.advance(timedelta(days=30))
    assert memory.services.housekeeping.purge(BRAND) == 0
    memory.clock.advance(timedelta(seconds=1))
    assert memory.services.housekeeping.purge(BRAND) == 1


def test_a_purge_goes_on_until_nothing_is_left(
    memory: InMemory,
) -> None:
    few = CHUNK + 1
    _done_jobs(memory, few)
    memory.clock.advance(timedelta(days=31))
    assert memory.services.housekeeping.purge(BRAND) == few
    assert memory.services.housekeeping.purge(BRAND) == 0
