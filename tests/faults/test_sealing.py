"""Sealers that are killed all the time: every event has its seal within a minute, in one chain."""

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import pytest
from sqlalchemy import delete, select, text
from tests.faults.conftest import Note
from tests.faults.processes import Processes, processes, until

from los_adapters.store.platform_tables import audit, audit_seal
from los_core.domain.audit import SEALED_WITHIN, Fault
from los_core.testing import records

SEALERS: Final = 2
LASTS_S: Final = 60.0
COMMAND: Final = ("los_cli", "cron", "--tasks", "audit")

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(params=["sqlite", "postgresql"])
def sealers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Processes]:
    url = f"sqlite:///{tmp_path / 'los.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("make_pg_url")()
    with processes(tmp_path, url) as made:
        yield made


def test_events_are_sealed_within_a_minute_in_one_chain_while_sealers_are_killed(
    sealers: Processes, note: Note, request: pytest.FixtureRequest
) -> None:
    seed = int(request.config.option.hypothesis_seed)
    chance = random.Random(seed)  # noqa: S311 # a test's seed is no secret
    for number in range(SEALERS):
        sealers.start(number, *COMMAND)
    recorded, kills, began = 0, 0, time.monotonic()
    next_kill = began + 8
    while time.monotonic() - began < LASTS_S:
        recorded += _record(sealers, chance.randrange(1, 6))
        time.sleep(0.1)
        if time.monotonic() > next_kill:
            number = chance.randrange(SEALERS)
            sealers.kill(number)
            sealers.start(number, *COMMAND)
            kills, next_kill = kills + 1, time.monotonic() + chance.uniform(3, 9)
    assert until(lambda: _sealed(sealers) == recorded, patience_s=60), sealers.told()
    oldest = _longest_wait(sealers)
    note(
        f"{recorded} events, {kills} kills of sealers: the longest waited {oldest:.0f} s for its"
        f" seal; --hypothesis-seed={seed}"
    )
    assert oldest <= SEALED_WITHIN.total_seconds(), sealers.told()
    services = sealers.installation.services
    for brand in services.platform.brands():
        services.audit.anchor(brand.id)
    seen = services.audit.verify()
    assert [found for one in seen for found in one.findings] == []
    assert sum(one.seals for one in seen) == recorded
    _cut_off_a_tail(sealers)
    faults = [found.fault for one in services.audit.verify() for found in one.findings]
    assert faults.count(Fault.TRUNCATED) == 1, faults


def _record(sealers: Processes, count: int) -> int:
    services = sealers.installation.services
    now = services.clock.now()
    for brand in services.platform.brands():
        events = [records.audit(brand.id, services.arrears.entropy.uuid()) for _ in range(count)]
        with services.begin(brand.id) as uow:
            uow.desk.audit([attrs.evolve(event, at=now) for event in events])
    return count * 2


def _sealed(sealers: Processes) -> int:
    with sealers.engine.connect() as connection:
        return len(connection.execute(select(audit_seal.c.seq)).all())


def _longest_wait(sealers: Processes) -> float:
    query = select(audit.c.at, audit_seal.c.sealed_at).join(
        audit_seal, audit_seal.c.event_id == audit.c.id
    )
    with sealers.engine.connect() as connection:
        rows = connection.execute(query).all()
    waits: list[float] = [(row.sealed_at - row.at).total_seconds() for row in rows]
    return max(waits)


def _cut_off_a_tail(sealers: Processes) -> None:
    """Take the last seals of one brand away, as the owner of the database could."""
    brand = sealers.installation.services.platform.brands()[0]
    tail = delete(audit_seal).where(audit_seal.c.brand_id == brand.id, audit_seal.c.seq > 5)
    with sealers.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER audit_seal_no_delete"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(tail)
