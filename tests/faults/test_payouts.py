"""A thousand payouts: silent banks, late returns, and a death between every pair of steps.

In one process for speed: a death is an exception that nothing may catch, and the next process is
put together over the same store and bank. Another play uses real processes and SIGKILL. Seeds are
the run's own: `--hypothesis-seed` repeats it.
"""

import os
import random
import signal
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from tests.contract.payouts.house import House, boundaries, play, stories, verdict, with_deaths
from tests.contract.payouts.test_payouts_killed import dry_play, on
from tests.faults.conftest import Note

from los_adapters.sandbox.world import SqliteState
from los_adapters.storage.disk import DiskStorage
from los_adapters.store.engine import connect
from los_adapters.store.schema import create
from los_core.domain.lifecycle import Status

pytestmark = pytest.mark.timeout(3600)
THOUSAND = 1000
FORKED = 40
LONGEST_S = 600
TOKEN = "/token"
"""The call for a token is no payout's step: whoever finds the last one over makes it."""


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        made = connect(f"sqlite:///{tmp_path}/los.db")
    else:
        made = connect(request.getfixturevalue("pg_url"))
    create(made)
    yield made
    made.dispose()


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.config.option.hypothesis_seed)


@pytest.fixture
def dry(tmp_path: Path) -> Iterator[House]:
    made = connect(f"sqlite:///{tmp_path}/dry.db")
    create(made)
    yield dry_play(made)
    made.dispose()


def test_a_thousand_payouts_end_once_each_whatever_dies(
    engine: Engine, seed: int, dry: House, note: Note
) -> None:
    rng = random.Random(seed)  # noqa: S311 # a test's
    house, told = House(on(engine)), stories(THOUSAND, rng)
    began = time.monotonic()
    play(house, told, with_deaths(told, rng, dry))
    note(
        f"{THOUSAND} payouts on {engine.dialect.name}, seed {seed}: {house.deaths} deaths at "
        f"{len(boundaries(house))} boundaries, {time.monotonic() - began:.0f} s"
    )
    assert list(verdict(house)) == []
    assert house.deaths > 0.9 * THOUSAND
    for case in dry.cases.values():
        steps = {met for met in case.life.met if TOKEN not in met}
        assert steps - boundaries(house, case.story) == set(), case.story


def test_payouts_survive_sigkill_of_whoever_works_on_them(
    tmp_path: Path, seed: int, note: Note
) -> None:
    rng = random.Random(seed)  # noqa: S311 # a test's
    first = connect(f"sqlite:///{tmp_path}/los.db")
    create(first)
    house = House(on(first))
    house.found()
    for number, (story, fault) in enumerate(stories(FORKED, rng)):
        house.order(house.add(number, story, fault=fault))
    kills, until = 0, time.monotonic() + LONGEST_S
    while house.undecided():
        assert time.monotonic() < until, f"{house.undecided()} undecided after {kills} kills"
        killed = _work_and_die(
            house, tmp_path, after_s=rng.uniform(0.03, rng.choice((0.3, 0.3, 0.3, 3)))
        )
        kills += killed
        house.clock.advance(timedelta(seconds=61) if killed else timedelta(minutes=20))
    transfers = _reopened(house, tmp_path).transfers()
    first.dispose()
    note(f"{FORKED} payouts, seed {seed}: {kills} of the processes at work killed")
    assert kills >= 3
    for case in house.cases.values():
        credits_ = transfers.get(case.number, [])
        paid = house.loan(case).status is Status.DISBURSED
        assert [each["asked"] for each in credits_] == [1] * len(credits_)
        assert len(credits_) == (1 if paid else 0)
    assert house.services.selfcheck.run().differences == ()


def _reopened(house: House, folder: Path) -> House:
    """Return the same lender, over connections of its own."""
    again = House(
        on(connect(f"sqlite:///{folder}/los.db")),
        state=SqliteState(folder / "bank.db"),
        clock=house.clock,
        cipher=house.cipher,
        files=DiskStorage(folder / "files", link_key=bytes(32), clock=house.clock),
        settings=house.settings,
    )
    again.brand, again.cases = house.brand, house.cases
    return again


def _work_and_die(house: House, folder: Path, *, after_s: float) -> bool:
    """Have a process do what is due, and be killed soon; return whether it was killed first."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            worker = _reopened(house, folder)
            worker.bank.faults.switch_off()
            threading.Timer(after_s, os.kill, (os.getpid(), signal.SIGKILL)).start()
            worker.run_due()
            status = 0
        except Exception:  # noqa: BLE001 # said here: a fork has nobody else to tell
            traceback.print_exc()
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    assert os.WIFSIGNALED(ended) or os.WEXITSTATUS(ended) == 0, "the process failed by itself"
    return os.WIFSIGNALED(ended)
