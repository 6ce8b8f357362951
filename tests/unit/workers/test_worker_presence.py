"""A worker knows the dead of its own machine, and nothing of others."""

import os
import subprocess
import sys
from datetime import date

from los_adapters.container import in_memory
from los_core.domain.brand import Settings
from los_core.domain.work import Run, slot_of
from los_core.testing import records
from los_workers import presence


def dead_neighbour() -> str:
    """Return the name a process of this machine would have had that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return presence.name().replace(f".{os.getpid()}", f".{process.pid}")


def test_a_process_of_this_machine_that_ended_is_dead() -> None:
    assert presence.is_dead(dead_neighbour())


def test_a_process_of_this_machine_that_runs_is_not_dead() -> None:
    neighbour = presence.name().replace(f".{os.getpid()}", f".{os.getppid()}")
    assert not presence.is_dead(neighbour)


def test_one_with_our_own_name_was_there_before_us() -> None:
    assert presence.is_dead(presence.name())


def test_nothing_is_known_of_other_machines_or_names() -> None:
    assert not presence.is_dead("another-machine-0123456789ab.4711")
    assert not presence.is_dead("in-memory")
    assert not presence.is_dead("")


def test_what_the_dead_had_claimed_is_given_back_and_no_more() -> None:
    lender = in_memory()
    platform, now = lender.services.platform, lender.clock.now()
    brand = records.brand("ours")
    platform.add_brand(brand, Settings())
    dead, alive = dead_neighbour(), "another-machine-0123456789ab.4711"
    days = date(2026, 11, 23), date(2026, 11, 24)

    def claim(on: date, worker: str) -> Run | None:
        return platform.claim_slot(
            brand.id, "day-end", slot_of(on), now=now, worker=worker, lease_s=60
        )

    for worker, on in zip((dead, alive), days, strict=True):
        assert claim(on, worker)
    presence.give_back_of_the_dead(platform, lender.clock)
    assert claim(days[0], "w")
    assert not claim(days[1], "w")
