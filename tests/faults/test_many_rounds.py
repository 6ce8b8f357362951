"""Two hundred rounds of what `tests/contract/http/test_races.py` does a few times."""

import time
from collections.abc import Iterator

import pytest
from tests.contract.http.races import Arena, arena
from tests.faults.conftest import Note

ROUNDS, CHECKERS, REPEATS = 200, 24, 20

pytestmark = pytest.mark.timeout(1500)


@pytest.fixture(params=["sqlite", "postgresql"])
def racing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Arena]:
    url = f"sqlite:///{tmp_path_factory.mktemp('races') / 'los.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("make_pg_url")()
    with arena(url) as made:
        yield made


def test_of_many_checkers_one_wins_in_every_round(racing: Arena, note: Note) -> None:
    began = time.monotonic()
    for _ in range(ROUNDS):
        racing.approvals(CHECKERS)
    racing.books_agree()
    seconds = time.monotonic() - began
    note(f"{ROUNDS} rounds of {CHECKERS} approvals of one item: one winner each, {seconds:.0f} s")


def test_of_two_writers_and_of_many_repeats_one_acts_in_every_round(
    racing: Arena, note: Note
) -> None:
    for _ in range(ROUNDS):
        racing.stale_writers()
        racing.repeats(REPEATS)
    racing.books_agree()
    note(f"{ROUNDS} rounds of two stale writers and of {REPEATS} repeats of one key: one effect")
