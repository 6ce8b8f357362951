"""A Redis and a RabbitMQ of one's own: Debian's binaries, free ports, folders thrown away.

Each can be killed, frozen where it stands, thawed, and started again on the same data. RabbitMQ has
a node name, a cookie and a port mapper of its own: it meets no other of this machine.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import attrs
from tests.faults.postgres import needed

from los_adapters.cache.redis import RedisCache
from los_adapters.jobs.rabbitmq import ping
from los_cli.child import die_with_parent
from los_core.ports.errors import Unavailable

HOST: Final = "127.0.0.1"
START_S: Final = 90.0
STOP_S: Final = 20.0
RABBIT: Final = Path("/usr/lib/rabbitmq/bin")
"""Where Debian keeps the scripts themselves; those on the path change the user first."""


@attrs.define(kw_only=True)
class Server:
    """A server in a process group of its own; `ask` raises Unavailable until it answers."""

    name: str
    url: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    ask: Callable[[], None]
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 # Debian's binaries by their full path
                self.command,
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 # one system call
            )
        deadline = time.monotonic() + START_S
        while not self.answers():
            assert self._process.poll() is None, self.log.read_text()[-2000:]
            assert time.monotonic() < deadline, self.log.read_text()[-2000:]
            time.sleep(0.1)

    def kill(self) -> None:
        """SIGKILL all of it at once."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(STOP_S)
        self._process = None

    def freeze(self) -> None:
        """Stop it where it stands: connections stay open, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def answers(self) -> bool:
        """Whether it answers."""
        try:
            self.ask()
        except Unavailable:
            return False
        return True

    @property
    def log(self) -> Path:
        """What it says."""
        return self.folder / f"{self.name}.log"

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


@contextlib.contextmanager
def redis() -> Iterator[Server]:
    """Yield a running Redis of our own; skip, or fail, where this machine has none to run."""
    binary = needed(_found("redis-server"), "Redis (redis-server)")
    with _folder() as folder:
        [port] = _free_ports(1)
        url = f"redis://{HOST}:{port}/0"
        cache = RedisCache(url)
        command = [str(binary), "--port", str(port), "--bind", HOST, "--save", ""]
        server = Server(
            name="redis",
            url=url,
            command=command,
            environment={},
            folder=folder,
            ask=cache.ping,
        )
        with _running(server):
            yield server
        cache.close()


@contextlib.contextmanager
def rabbitmq() -> Iterator[Server]:
    """Yield a running RabbitMQ of our own; skip, or fail, where this machine has none to run."""
    script = RABBIT / "rabbitmq-server"
    needed(script if script.exists() else None, f"RabbitMQ ({script})")
    mapper = needed(_found("epmd"), "Erlang's port mapper (epmd)")
    with _folder() as folder:
        port, between, mapped = _free_ports(3)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(mapped),
            "ERL_EPMD_ADDRESS": HOST,
            "RABBITMQ_NODENAME": f"los-{secrets.token_hex(4)}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": HOST,
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(between),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": str(folder / "none"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "none"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
        }
        url = f"amqp://guest:guest@{HOST}:{port}//"
        server = Server(
            name="rabbitmq",
            url=url,
            command=[str(script)],
            environment=environment,
            folder=folder,
            ask=lambda: ping(url),
        )
        # Started by the server it would outlive it: here it is ours to end.
        names = subprocess.Popen(  # noqa: S603 # Debian's binary by its full path
            [str(mapper), "-port", str(mapped), "-address", HOST],
            stdin=subprocess.DEVNULL,
            preexec_fn=die_with_parent,  # noqa: PLW1509 # one system call
        )
        try:
            with _running(server):
                yield server
        finally:
            names.kill()
            names.wait()


@contextlib.contextmanager
def _running(server: Server) -> Iterator[None]:
    try:
        server.start()
        yield
    finally:
        server.kill()


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="los-server-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _found(name: str) -> Path | None:
    found = shutil.which(name)
    return None if found is None else Path(found)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(socket.create_server((HOST, 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in found]
