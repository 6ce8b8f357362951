"""Every command of the units starts, says that it is ready, comes back after a kill, and drains.

All run side by side on one database, as they would on one machine, each notifying as under systemd.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import attrs
import httpx
import pytest

from los_adapters.store.engine import connect
from los_adapters.store.schema import create

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
BEGINNING = "ExecStart=/opt/los/bin/los "
PATIENCE_S = 120.0


def commands() -> dict[str, list[str]]:
    """Return the words of each unit's command; an instance is that of the queue of money."""
    found = {}
    for unit in sorted(UNITS.glob("*.service")):
        [line] = [line for line in unit.read_text().splitlines() if line.startswith(BEGINNING)]
        found[unit.name] = line.removeprefix(BEGINNING).replace("%i", "money").split()
    return found


@attrs.define
class Machine:
    """A folder in which the commands run, each with a socket to notify."""

    folder: Path
    running: "dict[str, tuple[subprocess.Popen[bytes], socket.socket]]" = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        engine = connect(f"sqlite:///{self.folder / 'los.db'}")
        create(engine)
        engine.dispose()

    def start(self, name: str, words: list[str]) -> None:
        address = self.folder / f"{len(self.running)}.notify"
        address.unlink(missing_ok=True)
        notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notified.bind(str(address))
        notified.settimeout(PATIENCE_S)
        settings = {
            "LOS_DB__URL": f"sqlite:///{self.folder / 'los.db'}",
            "LOS_KEYS__FILE": str(self.folder / "keys.json"),
            "LOS_STORAGE__FOLDER": str(self.folder / "files"),
            "LOS_HTTP__PORT": "0",
            "LOS_HTTP__WORKERS": "2",
            "NOTIFY_SOCKET": str(address),
        }
        with self.log(name).open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 # our own command, no shell
                [sys.executable, "-m", "los_cli", *words],
                env={**os.environ, **settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        self.running[name] = (process, notified)

    def wait_ready(self) -> None:
        for name, (_, notified) in self.running.items():
            try:
                assert notified.recv(64) == b"READY=1"
            except TimeoutError:
                pytest.fail(f"{name} is not ready: {self.log(name).read_text()}")

    def signal(self, number: int) -> None:
        for process, _ in self.running.values():
            process.send_signal(number)

    def ended(self) -> dict[str, int]:
        """Wait until every process has ended; return the exit codes."""
        codes = {name: process.wait(PATIENCE_S) for name, (process, _) in self.running.items()}
        for _, notified in self.running.values():
            notified.close()
        self.running.clear()
        return codes

    def api(self) -> str:
        """Return the address that the API told last."""
        lines = self.log("los-backend-api.service").read_text().splitlines()
        told = [json.loads(line) for line in lines if line.startswith('{"ready": "serve"')]
        return str([line["url"] for line in told if line.get("workers")][-1])

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    for process, notified in made.running.values():
        process.kill()
        process.wait()
        notified.close()


def test_every_unit_starts_comes_back_after_a_kill_and_drains(machine: Machine) -> None:
    units = commands()
    for name, words in units.items():
        machine.start(name, words)
    machine.wait_ready()
    ready = httpx.get(f"{machine.api()}/health/ready", trust_env=False)
    assert (ready.status_code, ready.json()) == (200, {"status": "ok"})
    one_dies_and_is_replaced(machine.running["los-backend-api.service"][0].pid)
    machine.signal(signal.SIGKILL)
    assert set(machine.ended().values()) == {-signal.SIGKILL}
    for name, words in units.items():
        machine.start(name, words)
    machine.wait_ready()
    with asked_slowly(machine.api()) as asked:
        machine.signal(signal.SIGTERM)
        assert answered(asked) == 401
    codes = machine.ended()
    assert codes == dict.fromkeys(units, 0), [machine.log(name).read_text() for name in units]


def one_dies_and_is_replaced(crew: int) -> None:
    """Kill a member of the API's crew, and wait until there are as many as before."""
    first = members(crew)
    assert len(first) == 2
    os.kill(first[0], signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_S
    while len(members(crew)) != 2 or first[0] in members(crew):
        assert time.monotonic() < deadline, "nobody took its place"
        time.sleep(0.05)


def members(pid: int) -> list[int]:
    """Return the processes that a process started and that live."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if not _is_over(child)]


def _is_over(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def asked_slowly(url: str) -> socket.socket:
    """Return a connection on which a log-in was asked for: its password takes a while to check."""
    body = b'{"email":"nobody@lender.example","password":"Sahyadri-monsoon-2026"}'
    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname or "", parts.port or 0), PATIENCE_S)
    connection.sendall(
        b"POST /api/v1/partner/auth/login HTTP/1.1\r\nHost: los.test\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    return connection


def answered(connection: socket.socket) -> int:
    """Return the status of the answer."""
    with connection.makefile("rb") as answer:
        return int(answer.readline().split()[1])
