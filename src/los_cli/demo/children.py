"""The demo's processes: sandbox, API and worker as children on loopback, at kept ports.

A child that ends by itself ends the demo, which can then be resumed. The ports are remembered, so
that addresses given to vendors stay good over a resume. Children do not outlive the driver.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import attrs

from los_cli.child import die_with_parent

HOST: Final = "127.0.0.1"
START_S: Final = 30.0
STOP_S: Final = 10.0


class ChildDied(Exception):
    """A process of the demo ended; `los demo --resume` goes on where it stopped."""


@attrs.frozen(kw_only=True)
class Ports:
    """Where each process listens."""

    api: int
    sandbox: int
    mail: int

    @classmethod
    def free(cls) -> "Ports":
        """Return three free ports, all open at once while they are chosen."""
        with contextlib.ExitStack() as stack:
            found = []
            for _ in range(3):
                listening = stack.enter_context(socket.create_server((HOST, 0)))
                found.append(listening.getsockname()[1])
        return cls(api=found[0], sandbox=found[1], mail=found[2])

    @property
    def api_url(self) -> str:
        """The API's address."""
        return f"http://{HOST}:{self.api}"

    @property
    def sandbox_url(self) -> str:
        """The sandbox's address."""
        return f"http://{HOST}:{self.sandbox}"


@attrs.define
class Children:
    """The running processes, by name."""

    folder: Path
    ports: Ports
    running: dict[str, subprocess.Popen[bytes]] = attrs.field(factory=dict)

    def start(self) -> None:
        """Start all and wait until each says that it is ready. Raises: ChildDied."""
        self.end_strays()
        ports = self.ports
        self._spawn(
            "sandbox",
            "sandbox",
            f"--port={ports.sandbox}",
            f"--smtp-port={ports.mail}",
            f"--state={self.folder / 'sandbox.db'}",
        )
        self._spawn("api", "serve", f"--port={ports.api}")
        self._wait("sandbox")  # a worker that goes on with its jobs at once finds its vendors
        self._spawn("worker", "worker")
        self._wait("api")
        self._wait("worker")
        self._remember()

    def check(self) -> None:
        """Raises: ChildDied: one of them ended."""
        for name, child in self.running.items():
            if child.poll() is not None:
                raise ChildDied(f"{name} ended with {child.returncode}; see {self._log(name)}")

    def stop(self) -> None:
        """End all, gracefully first."""
        for child in self.running.values():
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        for child in self.running.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.running.clear()
        self._pids.unlink(missing_ok=True)

    def end_strays(self) -> None:
        """End processes of an earlier run that are still there; only those we started.

        The driver first: it ends its own, if it lives.
        """
        try:
            kept: dict[str, int] = json.loads(self._pids.read_text())
        except (OSError, ValueError):
            return
        pids = sorted(kept.values(), key=lambda pid: pid != kept.get("driver"))
        for pid in pids:
            if _is_ours(pid, self.folder):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        for pid in pids:
            while _is_ours(pid, self.folder):
                if time.monotonic() > deadline:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                _pause()
        self._pids.unlink(missing_ok=True)

    @property
    def _pids(self) -> Path:
        return self.folder / "pids.json"

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _ready(self, name: str) -> Path:
        return self.folder / f"{name}.ready"

    def _remember(self) -> None:
        pids = {"driver": os.getpid(), **{name: c.pid for name, c in self.running.items()}}
        draft = self._pids.with_suffix(".new")
        draft.write_text(json.dumps(pids))
        draft.replace(self._pids)

    def _spawn(self, name: str, *arguments: str) -> None:
        self._ready(name).unlink(missing_ok=True)
        command = [
            sys.executable,
            "-m",
            "los_cli",
            *arguments,
            f"--ready-file={self._ready(name)}",
        ]
        with self._log(name).open("ab") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603 - our own command, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, no threads yet
            )
        self._remember()

    def _wait(self, name: str) -> None:
        deadline = time.monotonic() + START_S
        while not self._ready(name).exists():
            self.check()
            if time.monotonic() > deadline:
                raise ChildDied(f"{name} is not ready after {START_S:.0f} s; see {self._log(name)}")
            _pause()


def _is_ours(pid: int, folder: Path) -> bool:
    """Whether a process still runs and is a demo's driver, or a child of the demo in this folder.

    Never the one that asks: a driver is not its own stray.
    """
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    child = b"los_cli" in words and any(str(folder).encode() in word for word in words)
    return pid != os.getpid() and (child or b"demo" in words)


def _pause() -> None:
    time.sleep(0.05)
