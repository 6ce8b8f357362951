"""A process dies at every named point of the money's paths, one after the other.

Started again it goes on by itself; people and vendors repeat what was not answered. In five minutes
everything is over, and the books are those of a life in which nobody died – but for messages and
dockets that went out twice, which is on record.
"""

import time

import pytest
from tests.faults.conftest import Note
from tests.faults.lives import LIVES, Lives, differences, live, points_of, world

NEVER_ORDERED = ("committed payout:2", "call payout.send:1")
"""Between our intent and the bank: it has no order, and may come to know it for a day."""

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Lives:
    return world(tmp_path_factory.mktemp("world"))


@pytest.mark.parametrize("name", LIVES)
def test_dying_at_each_point_changes_nothing(name: str, lives: Lives, note: Note) -> None:
    begun = time.monotonic()
    reached, undisturbed = live(lives, name, "")
    wrong: dict[str, list[str]] = {}
    points = [point for point in points_of(reached) if point not in NEVER_ORDERED]
    for point in points:
        _, books = live(lives, name, point)
        if found := differences(books, undisturbed):
            wrong[point] = found
    note(f"{name}: died at {len(points)} points in {time.monotonic() - begun:.0f} s")
    assert not wrong


@pytest.mark.parametrize("point", NEVER_ORDERED)
def test_an_order_that_died_before_the_bank_was_asked_is_not_made_again_at_once(
    point: str, lives: Lives
) -> None:
    _, undisturbed = live(lives, "is paid out", "")
    _, books = live(lives, "is paid out", point)
    assert undisturbed.transfers
    assert books.transfers == [t for t in undisturbed.transfers if t in books.transfers]
    assert books.asked["payout.send"] == 0
    assert books.asked["payout.inquire"] > 0
    assert books.stuck == []
    assert books.waiting - undisturbed.waiting == {("payout.inquire",): 1}
    assert books.rows["fact"] < undisturbed.rows["fact"]
