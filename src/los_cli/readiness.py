"""How a long-running command says that it is ready: to people, to a file, to systemd."""

import contextlib
import json
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def ready_option(command: F) -> F:
    """Add `--ready-file` to a command."""
    return click.option(
        "--ready-file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Written, as JSON, once the process is ready.",
    )(command)


def announce(name: str, ready_file: Path | None, **facts: object) -> None:
    """Print that `name` is ready, write it to the file whole, and notify systemd if it asks."""
    line = json.dumps({"ready": name, "pid": os.getpid(), **facts})
    if ready_file is not None:
        ready_file.parent.mkdir(parents=True, exist_ok=True)
        handle, written = tempfile.mkstemp(dir=ready_file.parent, prefix=f".{ready_file.name}.")
        with os.fdopen(handle, "w") as file:
            file.write(line)
        Path(written).replace(ready_file)
    click.echo(line)
    _notify("READY=1")


def _notify(state: str) -> None:
    """Tell the service manager, by the protocol of sd_notify(3), where there is one."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = f"\0{address[1:]}"  # of the abstract namespace
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.settimeout(1.0)
        notified.sendto(state.encode(), address)
