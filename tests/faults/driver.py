"""Real processes of one installation: started, killed, frozen, and started again.

`Fleet` is what a lender runs on one database: two of each of API, worker and cron, and the sandbox
as everybody's vendors. A process is known by its name, such as `api-1`; it keeps its port over a
restart. What is killed when is the test's business, from a seed that it prints.
"""

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs

HOST: Final = "127.0.0.1"
APIS: Final = ("api-1", "api-2")
WORKERS: Final = ("worker-1", "worker-2")
CRONS: Final = ("cron-1", "cron-2")
SANDBOX: Final = "sandbox"
READY_S: Final = 60.0
STOP_S: Final = 40.0
_PR_SET_PDEATHSIG: Final = 1
_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 # folders below it have random names


@attrs.frozen(kw_only=True)
class Site:
    """Where an installation is: its folder, its database, and the ports its processes keep."""

    folder: Path
    database: str
    ports: Mapping[str, int]

    @classmethod
    def at(cls, folder: Path, database: str) -> "Site":
        """Return a site with ports that are free now."""
        names = (*APIS, SANDBOX, "mail")
        with contextlib.ExitStack() as stack:
            found = [stack.enter_context(socket.create_server((HOST, 0))) for _ in names]
            ports = dict(zip(names, (each.getsockname()[1] for each in found), strict=True))
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder=folder, database=database, ports=ports)

    def address(self, name: str) -> str:
        """Return the base address of a process that listens."""
        return f"http://{HOST}:{self.ports[name]}"

    @property
    def clock_file(self) -> Path:
        """What moves the business date of every process."""
        return self.folder / "clock"

    @property
    def keys_file(self) -> Path:
        """The keys all processes share."""
        return self.folder / "keys.json"

    def environment(self) -> dict[str, str]:
        """Return the settings of every process of the site."""
        return {
            "LOS_CLOCK_FILE": str(self.clock_file),
            "LOS_DB__URL": self.database,
            "LOS_DB__POOL": "10",
            "LOS_HTTP__PUBLIC_URL": self.address(APIS[0]),
            "LOS_KEYS__FILE": str(self.keys_file),
            "LOS_LOG__FORMAT": "json",
            "LOS_LOG__LEVEL": "WARNING",
            "LOS_PROVIDERS__SANDBOX_URL": self.address(SANDBOX),
            "LOS_STORAGE__FOLDER": str(self.folder / "files"),
        }

    def command(self, name: str) -> list[str]:
        """Return the command line, after `los`, of a process."""
        kind = name.partition("-")[0]
        if kind == "api":
            return ["serve", f"--port={self.ports[name]}"]
        if kind == SANDBOX:
            state = self.folder / "sandbox.db"
            ports = (f"--port={self.ports[SANDBOX]}", f"--smtp-port={self.ports['mail']}")
            return [SANDBOX, *ports, f"--state={state}"]
        return [kind]


@attrs.define(kw_only=True)
class Fleet:
    """The processes of a site; `extra` holds further settings of one, by its name."""

    site: Site
    extra: dict[str, dict[str, str]] = attrs.field(factory=dict)
    running: dict[str, "subprocess.Popen[bytes]"] = attrs.field(factory=dict)

    def start(self, *names: str) -> None:
        """Start processes, all at once, and wait until each says that it is ready."""
        self.spawn(*names)
        for name in names:
            self.until_ready(name)

    def spawn(self, *names: str) -> None:
        """Start processes and do not wait."""
        for name in names:
            self._ready(name).unlink(missing_ok=True)
            command = [sys.executable, "-m", "los_cli", *self.site.command(name)]
            command.append(f"--ready-file={self._ready(name)}")
            inherited = {k: v for k, v in os.environ.items() if not k.startswith("LOS_")}
            with self.log(name).open("ab") as log:
                self.running[name] = subprocess.Popen(  # noqa: S603 - our own command, no shell
                    command,
                    env=inherited | self.site.environment() | self.extra.get(name, {}),
                    cwd=self.site.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call
                )

    def until_ready(self, name: str) -> None:
        """Wait until a process says that it is ready."""

        def ready() -> bool:
            assert self.running[name].poll() is None, f"{name} ended: {self.said(name)}"
            return self._ready(name).exists()

        assert until(ready, READY_S), f"{name} is not ready: {self.said(name)}"

    def kill(self, name: str) -> None:
        """SIGKILL a process."""
        child = self.running.pop(name)
        child.kill()
        child.wait()

    def revive(self) -> list[str]:
        """Start again what ended by itself, as the system's supervisor would; return the names.

        A process that finds no database when it starts ends, and is started again.
        """
        ended = [name for name, child in self.running.items() if child.poll() is not None]
        self.spawn(*ended)
        return ended

    def freeze(self, name: str) -> None:
        """Stop a process where it stands; it does not notice."""
        self.running[name].send_signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let a frozen process go on."""
        self.running[name].send_signal(signal.SIGCONT)

    def stop(self, *names: str) -> dict[str, int]:
        """End processes as an operator would; return their exit codes."""
        for name in names:
            self.running[name].send_signal(signal.SIGTERM)
        return {name: self.running.pop(name).wait(STOP_S) for name in names}

    def end(self) -> None:
        """Kill what still runs."""
        for name in list(self.running):
            self.kill(name)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of ours to its end."""
        return subprocess.run(  # noqa: S603 - our own command, no shell
            [sys.executable, "-m", "los_cli", *arguments],
            env=dict(os.environ) | self.site.environment(),
            cwd=self.site.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def log(self, name: str) -> Path:
        """Return where a process's output goes."""
        return self.site.folder / f"{name}.log"

    def said(self, name: str) -> str:
        """Return the end of what a process wrote."""
        return self.log(name).read_text()[-3000:]

    def _ready(self, name: str) -> Path:
        return self.site.folder / f"{name}.ready"


@contextlib.contextmanager
def fleet(site: Site) -> Iterator[Fleet]:
    """Yield a fleet with nothing running yet; nothing of it runs afterwards."""
    found = Fleet(site=site)
    try:
        yield found
    finally:
        found.end()


@attrs.frozen(kw_only=True)
class Kill:
    """At how much of the work done, what is killed, and for how long it stays away."""

    after: int
    target: str
    away_s: float


def plan(seed: int, *, work: int, targets: tuple[str, ...], kills: int) -> list[Kill]:
    """Return kills in the order of their moments: every target in turn, at random points."""
    chance = random.Random(seed)  # noqa: S311 # a test's seed is no secret
    chosen = [targets[number % len(targets)] for number in range(kills)]
    chance.shuffle(chosen)
    moments = sorted(chance.sample(range(work // 50, work - work // 50), kills))
    return [
        Kill(after=after, target=target, away_s=round(chance.uniform(0.0, 1.5), 2))
        for after, target in zip(moments, chosen, strict=True)
    ]


def scratch() -> str | None:
    """Return a folder in memory where the system has one, else None: any temporary folder.

    A kill takes nothing of what the kernel holds, so a disk would only make the tests slower.
    """
    return str(_IN_MEMORY) if _IN_MEMORY.is_dir() else None


def until(shows: Callable[[], bool], seconds: float) -> bool:
    """Wait until something shows; False if it did not in that time."""
    deadline = time.monotonic() + seconds
    while not shows():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _die_with_parent() -> None:
    """Ask the kernel to end this process with the thread that started it: the test's own."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
