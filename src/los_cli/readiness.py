"""How a long-running command says that it is ready: one JSON line, and a file if asked for."""

import json
import os
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
    """Print that `name` is ready, and write it to the file whole."""
    line = json.dumps({"ready": name, "pid": os.getpid(), **facts})
    if ready_file is not None:
        ready_file.parent.mkdir(parents=True, exist_ok=True)
        handle, written = tempfile.mkstemp(dir=ready_file.parent, prefix=f".{ready_file.name}.")
        with os.fdopen(handle, "w") as file:
            file.write(line)
        Path(written).replace(ready_file)
    click.echo(line)
