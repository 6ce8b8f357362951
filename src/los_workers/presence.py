"""Who a worker is, and whether an earlier one of this machine is dead.

A worker that was killed leaves jobs and runs claimed until their leases end. The next worker of
the same machine knows better: it looks whether the process still lives, and gives back at once
what a dead one had. Of other machines nothing can be known: there the lease decides.
"""

import hashlib
import os
import secrets
import socket
from functools import cache
from pathlib import Path
from typing import Final

import structlog

from los_core.ports.clock import Clock
from los_core.ports.work import Platform

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_PIDS: Final = Path("/proc/self/ns/pid")

_log = structlog.get_logger(__name__)


def name() -> str:
    """Return this process's name as a worker: its machine and its number there."""
    return f"{_machine()}.{os.getpid()}"


def give_back_of_the_dead(platform: Platform, clock: Clock) -> None:
    """Give back what dead workers of this machine had claimed; call it before claiming anything."""
    for worker in platform.workers():
        if is_dead(worker):
            count = platform.give_back(worker, now=clock.now())
            _log.info("worker.given_back", worker=worker, count=count)


def is_dead(worker: str) -> bool:
    """Whether a worker is known to be dead; False where that cannot be known.

    One with our own name is: we have claimed nothing yet, so it had our number before us.
    """
    machine, _, number = worker.rpartition(".")
    if machine != _machine() or not number.isdecimal():
        return False
    if worker == name():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@cache
def _machine() -> str:
    """Return what tells this machine since its start, and its process numbers, from any other.

    Two containers may share a host's name and a boot, but not the numbering of processes. Where
    the system does not tell, the name is this process's own, and never found again.
    """
    try:
        told = f"{_BOOT.read_text().strip()}|{_PIDS.readlink()}"
    except OSError:
        told = secrets.token_hex()
    return f"{socket.gethostname()}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
