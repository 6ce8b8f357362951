"""Several processes of one command that serve one socket: started, replaced, drained together.

The parent serves nothing itself. It starts each member with the listening socket inherited, starts
another where one ends, and passes a stop on; members do not outlive it.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs
import structlog

from los_cli.child import die_with_parent

START_S: Final = 60.0
STOP_S: Final = 50.0
"""Longer than a member takes: notice, requests under way, connections."""
AGAIN_S: Final = 1.0
LOOK_S: Final = 0.1
_NOTIFIED: Final = "NOTIFY_SOCKET"
"""Where systemd is told that the crew is ready; its members are none of systemd's business."""
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

_log = structlog.get_logger(__name__)


@attrs.define
class Crew:
    """The members of one socket."""

    words: list[str]
    listening: socket.socket
    size: int
    _members: "dict[Path, subprocess.Popen[bytes]]" = attrs.field(factory=dict, init=False)
    _stopped: bool = attrs.field(default=False, init=False)

    def run(self, ready: Callable[[], None]) -> bool:
        """Serve until SIGTERM or SIGINT; True if all members ended well then.

        `ready` is called once every member answers.
        """
        with self._told_to_stop(), tempfile.TemporaryDirectory(prefix="los-crew-") as folder:
            for number in range(self.size):
                self._start(Path(folder) / f"{number}.ready")
            if not self._all_ready():
                self._end()
                return False
            ready()
            while not self._stopped:
                self._replace()
                time.sleep(LOOK_S)
            return self._end()

    def _start(self, ready_file: Path) -> None:
        ready_file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "los_cli", *self.words]
        command += [f"--fd={self.listening.fileno()}", f"--ready-file={ready_file}"]
        self._members[ready_file] = subprocess.Popen(  # noqa: S603 - our own command, no shell
            command,
            env={name: value for name, value in os.environ.items() if name != _NOTIFIED},
            pass_fds=[self.listening.fileno()],
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, no threads yet
        )

    def _all_ready(self) -> bool:
        """Wait for every member; False if one ended, time is over or a stop came."""
        deadline = time.monotonic() + START_S
        while not all(path.exists() for path in self._members):
            ended = any(member.poll() is not None for member in self._members.values())
            if self._stopped or ended or time.monotonic() > deadline:
                return False
            time.sleep(LOOK_S)
        return True

    def _replace(self) -> None:
        for path, member in list(self._members.items()):
            if (code := member.poll()) is not None and not self._stopped:
                _log.error("crew.ended", pid=member.pid, code=code)
                time.sleep(AGAIN_S)
                self._start(path)

    def _end(self) -> bool:
        for member in self._members.values():
            if member.poll() is None:
                member.terminate()
        deadline = time.monotonic() + STOP_S
        for member in self._members.values():
            try:
                member.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _log.error("crew.left", pid=member.pid)
                member.kill()
                member.wait()
        return all(member.returncode == 0 for member in self._members.values())

    @contextmanager
    def _told_to_stop(self) -> Iterator[None]:
        def stop(_number: int, _frame: object) -> None:
            self._stopped = True

        before = {number: signal.signal(number, stop) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
