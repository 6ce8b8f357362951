"""Named points at which a process can be made to die, for tests; nothing of it is there otherwise.

`LOS_FAILPOINT=name` or `name:nth` ends the process, as by kill -9, when it reaches the point for
the nth time (the first unless told). The points are where something becomes true outside this
process, or is about to:

    insert, update, delete TABLE   before a statement
    commit TABLE, committed TABLE  around a commit, named for the table it wrote first
    call PORT.METHOD               before a vendor, or the storage, is asked
    called PORT.METHOD             it has answered, and nothing of that is on file yet

The container puts `watched` things and a watched engine into its graph where the setting is there;
production refuses it. Statements and commits are told of by `los_adapters.store.watching`.
"""

import os
import signal
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import attrs

Reach = Callable[[str], None]
"""Told the name of each point as it is reached."""

STORAGE: Final = "storage"


def dying_at(text: str, *, die: Callable[[], None] | None = None) -> Reach:
    """Return what ends the process at `name[:nth]`. Raises: ValueError: nth is no number from 1."""
    name, _, nth = text.partition(":")
    left = int(nth or 1)
    if left < 1:
        raise ValueError(f"{text}: the first time is 1")
    end = die or _die
    lock = threading.Lock()

    def reach(point: str) -> None:
        nonlocal left
        if point == name:
            with lock:
                left -= 1
                if left == 0:
                    end()

    return reach


def watched(thing: Any, port: str, reach: Reach) -> Any:
    """Return a thing whose methods tell before they are carried out, and after."""
    return _Watched(thing, port, reach)


@attrs.frozen
class _Watched:
    _thing: Any
    _port: str
    _reach: Reach

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._thing, name)
        if name.startswith("_") or not callable(found):
            return found

        @wraps(found)
        def told(*args: Any, **named: Any) -> Any:
            self._reach(f"call {self._port}.{name}")
            answer = found(*args, **named)
            self._reach(f"called {self._port}.{name}")
            return answer

        return told


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()
