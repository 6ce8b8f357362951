"""A play killed three times – its driver, its worker, everything – and resumed: the same books.

The smoke of `nox -s faults`, which kills everything everywhere.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.journeys.stage import Stage
from tests.journeys.verdict import verdict

KILLS = (("driver", 9), ("worker", 22), ("all", 37))
"""Asha has just signed; the bank has just fallen silent; an instalment is just paid in parts."""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(folder=tmp_path / "play")
    yield stage
    stage.end()


def test_a_play_killed_three_times_ends_verified_and_no_money_moved_twice(stage: Stage) -> None:
    """A message under way when its process died may repeat, on record: `verdict` sees to that."""
    for target, boundary in KILLS:
        stage.start("--resume", f"--pause-at={boundary}")
        assert stage.wait() is None, stage.said()
        stage.kill(target)
    assert stage.run("--resume") == 0, stage.said()
    verdict(stage.books())
