"""Of many who want the same thing at once one gets it, over the API, on both databases.

A few rounds; `tests/faults/test_many_rounds.py` runs two hundred.
"""

from collections.abc import Iterator

import pytest
from tests.contract.http.races import Arena, arena

ROUNDS, CHECKERS, REPEATS = 3, 24, 20


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def racing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Arena]:
    url = f"sqlite:///{tmp_path_factory.mktemp('races') / 'los.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("make_pg_url")()
    with arena(url) as made:
        yield made


def test_of_many_checkers_one_wins_and_the_maker_never(racing: Arena) -> None:
    for _ in range(ROUNDS):
        racing.approvals(CHECKERS)
    racing.books_agree()


def test_of_two_who_write_what_both_have_read_one_is_told(racing: Arena) -> None:
    for _ in range(ROUNDS):
        racing.stale_writers()


def test_one_key_sent_many_times_at_once_has_one_effect_and_one_answer(racing: Arena) -> None:
    for _ in range(ROUNDS):
        racing.repeats(REPEATS)
    racing.books_agree()
