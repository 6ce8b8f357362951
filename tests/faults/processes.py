"""A few real processes of one installation, on a database of their own, to be killed and paused."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs
from sqlalchemy import Engine, create_engine

from los_adapters.clock import FileClock
from los_adapters.config import Settings as Configuration
from los_adapters.container import Installation, assemble
from los_core.domain.brand import Settings
from los_core.testing import records

ROOT: Final = Path(__file__).parents[2]


@attrs.define
class Processes:
    """Processes by number, what they are told by their environment, and the clock they go by."""

    folder: Path
    url: str
    installation: Installation
    clock: FileClock
    engine: Engine
    running: dict[int, "subprocess.Popen[bytes]"] = attrs.field(factory=dict)

    def start(self, number: int, *command: str) -> None:
        """Start `python -m <command>` under a number."""
        log = (self.folder / f"{number}.log").open("ab")
        self.running[number] = subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=os.environ | _environment(self.folder, self.url),
            stdout=log,
            stderr=log,
        )
        log.close()

    def kill(self, number: int) -> None:
        """Kill a process, and see it dead."""
        self.running[number].kill()
        self.running[number].wait()

    @contextmanager
    def paused(self, number: int) -> Iterator[None]:
        """Stop a process in what it does, and let it go on after the block."""
        self.running[number].send_signal(signal.SIGSTOP)
        yield
        self.running[number].send_signal(signal.SIGCONT)

    def said(self, words: str) -> int:
        """Return how often the processes wrote some words."""
        return sum(path.read_text().count(words) for path in self.folder.glob("*.log"))

    def told(self) -> str:
        """Return the end of what each process wrote, for a failure's message."""
        return "\n".join(path.read_text()[-1500:] for path in self.folder.glob("*.log"))


@contextmanager
def processes(folder: Path, url: str) -> Iterator[Processes]:
    """Yield an installation with two brands, on an empty database; nothing runs yet."""
    environment = _environment(folder, url)
    configuration = Configuration.model_validate(
        {
            "db": {"url": url},
            "clock_file": environment["LOS_CLOCK_FILE"],
            "keys": {"file": environment["LOS_KEYS__FILE"]},
            "storage": {"folder": environment["LOS_STORAGE__FOLDER"]},
        }
    )
    installation = assemble(configuration)
    for code in ("one", "two"):
        installation.services.platform.add_brand(records.brand(code), Settings())
    clock = FileClock(folder / "clock")
    made = Processes(folder, url, installation, clock, create_engine(url))
    yield made
    for number in made.running:
        made.kill(number)
    made.engine.dispose()
    installation.close()


def until(true: Callable[[], bool], *, patience_s: float) -> bool:
    """Wait for something; False if it did not come true in time."""
    deadline = time.monotonic() + patience_s
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _environment(folder: Path, url: str) -> dict[str, str]:
    return {
        "LOS_ENV": "embedded",
        "LOS_DB__URL": url,
        "LOS_CLOCK_FILE": str(folder / "clock"),
        "LOS_KEYS__FILE": str(folder / "keys.json"),
        "LOS_STORAGE__FOLDER": str(folder / "files"),
    }
