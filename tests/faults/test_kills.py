"""SIGKILL to the driver, to each child and to all at once: nothing happens twice.

After each kill the play is resumed; in the end its books must be those of a play that nobody
disturbed. A driver killed at a boundary does the whole step again, as its note of the step is
written after the boundary.
"""

import random
import time

import pytest
from tests.faults.conftest import Note
from tests.journeys.stage import CHILDREN, Books, Stage
from tests.journeys.verdict import verdict

TARGETS = ("driver", *CHILDREN, "all")
MOMENTS = 20
PLAYS = 5
"""More plays than this are not begun to place the kills in: a play stands some seconds a kill."""
LONGEST_WAIT_S = 3.0

pytestmark = pytest.mark.timeout(1500)


@pytest.mark.parametrize("target", TARGETS)
def test_a_kill_at_every_boundary_of_steps_leaves_the_same_books(
    target: str, stage: Stage, undisturbed: Books, note: Note
) -> None:
    began = time.monotonic()
    stage.start("--pause-at=0")
    assert stage.wait() is None, stage.said()
    kills, boundary, of = 0, 0, 1
    while boundary < of:
        bank = stage.books_of_vendors()
        stage.kill(target)
        kills += 1
        stage.start("--resume", f"--pause-at={boundary + 1}")
        assert stage.wait() is None, stage.said()
        assert_kept(bank, stage.books_of_vendors())
        boundary, of = stage.step()
    stage.kill(target)
    assert stage.run("--resume") == 0, stage.said()
    cases = same_books(stage, undisturbed)
    seconds = time.monotonic() - began
    note(f"{target} killed at {kills + 1} boundaries of {of} steps in {seconds:.0f} s")
    for case in cases:
        note(f"  {case}")


def test_kills_at_random_moments_leave_the_same_books(
    stage: Stage, undisturbed: Books, note: Note, request: pytest.FixtureRequest
) -> None:
    seed = int(request.config.option.hypothesis_seed)
    chance = random.Random(seed)  # noqa: S311 # a test's seed is no secret
    note(f"random moments, --hypothesis-seed={seed}")
    kills = 0
    for play in range(PLAYS):
        if kills == MOMENTS:
            break
        current = Stage(folder=stage.folder.with_name(f"play-{play}"))
        try:
            kills += _killed(current, chance, note, at_most=MOMENTS - kills)
            assert current.run("--resume") == 0, current.said()
            for case in same_books(current, undisturbed):
                note(f"  {case}")
        finally:
            current.end()
    assert kills == MOMENTS


def _killed(stage: Stage, chance: random.Random, note: Note, *, at_most: int) -> int:
    """Kill a play and resume it until it ends by itself or was killed often enough."""
    stage.start()
    for kills in range(at_most):
        if stage.until_step(stage.steps() + 1):
            time.sleep(chance.uniform(0, LONGEST_WAIT_S))
        if stage.ended():
            assert stage.driver is not None
            assert stage.driver.returncode == 0, stage.said()
            return kills
        target = chance.choice(TARGETS)
        bank = stage.books_of_vendors()
        stage.kill(target)
        number, of = stage.step()
        note(f"  {target} killed in step {number} of {of}")
        assert_kept(bank, stage.books_of_vendors())
        if kills + 1 < at_most:
            stage.start("--resume")
    return at_most


def same_books(stage: Stage, undisturbed: Books) -> list[str]:
    """Check a play's books alone and beside the undisturbed ones; return the repeats."""
    books = stage.books()
    cases = verdict(books)
    assert books.facts == undisturbed.facts
    assert books.ledger == undisturbed.ledger
    return cases


def assert_kept(before: dict[str, dict[str, object]], after: dict[str, dict[str, object]]) -> None:
    """A sandbox that was killed still knows every transfer, payment and docket it told of."""
    for table in ("idfc", "razorpay-orders", "razorpay-payments", "razorpayx", "signzy"):
        assert before.get(table, {}).keys() <= after.get(table, {}).keys()
