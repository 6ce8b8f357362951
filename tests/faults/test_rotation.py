"""`los keys rotate` killed at random moments: nothing is lost, and it ends under the new keys."""

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import pytest
from sqlalchemy import select
from tests.contract.store.test_rotation import (
    Filed,
    filed,
    own_keys,
    read,
    retired_keys,
    sealing_keys,
    unfinished,
)
from tests.faults.conftest import Note
from tests.faults.processes import Processes, processes, until

from los_adapters.store.platform_tables import data_key, key_rotation
from los_core.testing.store import Counting, Hands, StoreRig

KILLS: Final = 12
EACH: Final = 40
"""Customers of each of the two brands, with nine sealed values each and more."""
COMMAND: Final = ("los_cli", "keys", "rotate", "--chunk", "2")

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(params=["sqlite", "postgresql"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Processes]:
    url = f"sqlite:///{tmp_path / 'los.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("make_pg_url")()
    with processes(tmp_path, url) as new:
        yield new


def test_a_rotation_killed_at_random_moments_goes_on_and_ends(
    made: Processes, note: Note, request: pytest.FixtureRequest
) -> None:
    seed = int(request.config.option.hypothesis_seed)
    chance = random.Random(seed)  # noqa: S311 # a test's seed is no secret
    on_file = [(rig, filed(rig, EACH)) for rig in _rigs(made)]
    before, keys = _read(on_file), sealing_keys(made.engine)
    killed = ended = 0
    while killed < KILLS:
        place = _place(made)
        made.start(1, *COMMAND)
        begun = until(lambda then=place: _place(made) != then or _is_over(made), patience_s=60)  # type: ignore[misc]  # bound now, as the loop moves on
        assert begun, made.told()
        time.sleep(chance.uniform(0, 1))
        if _is_over(made):
            assert made.running[1].returncode == 0, made.told()
            ended += 1
        else:
            made.kill(1)
            killed += 1
        assert _read(on_file) == before, f"{seed=} after {killed} kills"
    made.start(1, *COMMAND)
    assert made.running[1].wait(timeout=120) == 0, made.told()
    note(f"{killed} kills of `los keys rotate`, {ended} ended before; --hypothesis-seed={seed}")
    assert unfinished(made.engine) == 0
    assert sealing_keys(made.engine).isdisjoint(keys)
    assert keys <= retired_keys(made.engine)
    assert sealing_keys(made.engine).isdisjoint(retired_keys(made.engine))
    assert [retired for retired in own_keys(made.engine).values() if not retired] in ([], [False])
    assert _read(on_file) == before


def _rigs(made: Processes) -> tuple[StoreRig, StoreRig]:
    """Return the installation's store as tests of stores fill it, once for each brand."""
    services = made.installation.services
    one, two = services.platform.brands()
    rig = StoreRig(
        begin=services.begin,
        platform=services.platform,
        clock=Hands(),
        entropy=Counting(),
        ours=one,
        theirs=two,
    )
    return rig, attrs.evolve(rig, ours=two, theirs=one)


def _read(on_file: list[tuple[StoreRig, Filed]]) -> list[object]:
    return [read(rig, filed_there) for rig, filed_there in on_file]


def _place(made: Processes) -> list[object]:
    """Return how far rotations have come: it changes with every commit of theirs."""
    places = select(key_rotation.c.key_id, key_rotation.c.at_table, key_rotation.c.after)
    retired = select(data_key.c.id).where(data_key.c.retired_at.is_not(None))
    with made.engine.connect() as connection:
        return [
            sorted(map(tuple, connection.execute(places))),
            len(connection.execute(retired).all()),
        ]


def _is_over(made: Processes) -> bool:
    return made.running[1].poll() is not None
