"""A process dies where it hurts most while a borrower pays, and goes on as if it had not.

`nox -s faults` has it die at every named point, in every life.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faults.lives import Lives, differences, live, world

EXAMPLE = Path(__file__).parents[2] / "examples" / "brand.json"
LIFE = "pays everything"
POINTS = (
    "called payment.create_order:1",
    "committed webhook_event:1",
    "insert ledger_entry:1",
    "commit counter:1",
    "committed counter:1",
    "called storage.put:1",
    "called message.send:1",
)
"""After the gateway's yes; after the inbox; between fact and ledger; around the commit; …"""


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Lives:
    return world(tmp_path_factory.mktemp("world"), LIFE)


def test_who_dies_at_the_worst_moments_pays_and_tells_once(lives: Lives) -> None:
    reached, undisturbed = live(lives, LIFE, "")
    assert {point.partition(":")[0] for point in POINTS} <= set(reached)
    wrong = {}
    for point in POINTS:
        _, books = live(lives, LIFE, point)
        if found := differences(books, undisturbed):
            wrong[point] = found
    assert not wrong


def test_a_command_dies_where_its_setting_says_and_the_next_one_goes_on(tmp_path: Path) -> None:
    died = _makes_a_brand(tmp_path, LOS_FAILPOINT="commit brand")
    assert died.returncode == -signal.SIGKILL
    went_on = _makes_a_brand(tmp_path)
    assert went_on.returncode == 0, went_on.stderr


def _makes_a_brand(folder: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LOS_")}
    return subprocess.run(  # noqa: S603 - our own command, no shell
        [sys.executable, "-m", "los_cli", "brand", "create", "--file", str(EXAMPLE)],
        cwd=folder,
        env=inherited | settings,
        capture_output=True,
        text=True,
        check=False,
    )
