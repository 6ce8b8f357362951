"""A PostgreSQL server of one's own: Debian's binaries, a free port, a folder that is thrown away.

It can be stopped, killed with all its processes at once, and started again on the same data.
"""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import psycopg
import pytest
from tests.faults.driver import scratch

BINARIES: Final = Path("/usr/lib/postgresql")
HOST: Final = "127.0.0.1"
OWNER: Final = "postgres"
START_S: Final = 60.0
STOP_S: Final = 30.0
_PR_SET_PDEATHSIG: Final = 1


@attrs.define(kw_only=True)
class Postgres:
    """One server. `user` is the account of the system it runs under, None for our own."""

    binaries: Path
    folder: Path
    port: int
    user: str | None
    server: "subprocess.Popen[bytes] | None" = None

    def url(self, database: str) -> str:
        """Return SQLAlchemy's address of a database."""
        return f"postgresql+psycopg://{OWNER}@{HOST}:{self.port}/{database}"

    def init(self) -> None:
        """Make an empty cluster."""
        command = [str(self.binaries / "initdb"), "-D", str(self._data), "-U", OWNER]
        command += ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(command, check=True, capture_output=True, **self._as_user())  # noqa: S603

    def start(self) -> None:
        """Start the server and wait until it answers, after a kill also until it has recovered."""
        deadline = time.monotonic() + START_S
        while True:
            self._spawn()
            while self._runs():
                if self.answers():
                    return
                assert time.monotonic() < deadline, self.log.read_text()[-2000:]
                time.sleep(0.05)
            # Processes of the killed server may still be ending: its memory is in use till then.
            assert time.monotonic() < deadline, self.log.read_text()[-2000:]
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop as an operator would, cutting every connection."""
        self._signal(signal.SIGINT)
        if self.server is not None:
            self.server.wait(STOP_S)
        self.server = None

    def kill(self) -> None:
        """SIGKILL the server and every process of it, in one moment."""
        assert self.server is not None, "it was started"
        self._signal(signal.SIGSTOP)
        doomed = [*_children(self.server.pid), self.server.pid]
        for pid in doomed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.server.wait(STOP_S)
        self.server = None

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            self.ask("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def ask(self, query: str, database: str = OWNER) -> list[tuple[Any, ...]]:
        """Run a statement outside any transaction, on a connection of its own."""
        with psycopg.connect(
            host=HOST,
            port=self.port,
            user=OWNER,
            dbname=database,
            connect_timeout=2,
            autocommit=True,
        ) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "server.log"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _spawn(self) -> None:
        command = [str(self.binaries / "postgres"), "-D", str(self._data)]
        command += [f"--port={self.port}", f"--listen_addresses={HOST}"]
        command += ["--unix_socket_directories=", "--max_connections=150"]
        with self.log.open("ab") as log:
            self.server = subprocess.Popen(  # noqa: S603 - Debian's binary by its full path
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - one system call
                **self._as_user(),
            )

    def _runs(self) -> bool:
        return self.server is not None and self.server.poll() is None

    def _signal(self, number: signal.Signals) -> None:
        if self.server is not None and self.server.poll() is None:
            self.server.send_signal(number)

    def _as_user(self) -> dict[str, Any]:
        if self.user is None:
            return {"cwd": self.folder}
        account = pwd.getpwnam(self.user)
        return {
            "cwd": self.folder,
            "user": account.pw_uid,
            "group": account.pw_gid,
            "extra_groups": [],
        }


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """Yield a running server of our own; skip, or fail, where this machine has none to run."""
    binaries = needed(_newest(), "PostgreSQL's server (initdb under /usr/lib/postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="los-postgres-", dir=scratch()))
    user = OWNER if os.geteuid() == 0 else None  # the server refuses to run as root
    if user is not None:
        shutil.chown(folder, user, user)
    server = Postgres(binaries=binaries, folder=folder, port=_free_port(), user=user)
    try:
        server.init()
        server.start()
        yield server
    finally:
        if server.server is not None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def needed(binary: Path | None, what: str) -> Path:
    """Return a binary; where there is none, skip, or fail under LOS_REQUIRE_SERVICES=1."""
    if binary is None:
        reason = f"{what} is not installed"
        if os.environ.get("LOS_REQUIRE_SERVICES") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return binary


def _newest() -> Path | None:
    """Return the folder of the newest server's binaries."""
    found = sorted(
        (path.parent for path in BINARIES.glob("*/bin/initdb")),
        key=lambda path: float(path.parent.name),
    )
    return found[-1] if found else None


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def _end_with_parent() -> None:
    """Ask the kernel to stop the server with the thread that started it: the test's own."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
