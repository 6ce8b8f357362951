"""What the kills have in common: plays to kill, an undisturbed one to compare with, a report."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.journeys.stage import Books, Stage

REPORT = pytest.StashKey[list[str]]()

Note = Callable[[str], None]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[REPORT] = []


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what was killed, and every message and docket that went out twice."""
    if config.stash[REPORT]:
        terminalreporter.section("kills, and what went out twice")
        for line in config.stash[REPORT]:
            terminalreporter.write_line(line)


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Note:
    """Return what adds a line to the report."""
    return request.config.stash[REPORT].append


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Yield a play on SQLite, and end what of it still runs."""
    stage = Stage(folder=tmp_path / "play")
    yield stage
    stage.end()


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """Return the books of a play that nobody disturbed."""
    stage = Stage(folder=tmp_path_factory.mktemp("undisturbed") / "play")
    try:
        assert stage.run() == 0, stage.said()
        return stage.books()
    finally:
        stage.end()
