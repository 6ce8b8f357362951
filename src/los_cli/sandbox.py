"""`los sandbox`: the vendors, imitated on this machine."""

from datetime import datetime
from pathlib import Path

import click

from los_adapters.clock import FileClock, WallClock
from los_adapters.sandbox.server import serve
from los_cli.opening import settings
from los_cli.readiness import announce, ready_option


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8900, show_default=True)
@click.option("--smtp-port", type=click.IntRange(0, 65535), default=8925, show_default=True)
@click.option(
    "--state",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A SQLite file the vendors remember in; none: they forget at the end.",
)
@ready_option
def sandbox(
    host: str, port: int, smtp_port: int, state: Path | None, ready_file: Path | None
) -> None:
    """Serve every vendor's imitation, and the page that controls them."""
    found = settings()
    clock = FileClock(found.clock_file) if found.clock_file else WallClock()
    if state is not None:
        state.parent.mkdir(parents=True, exist_ok=True)

    def now() -> datetime:
        return clock.business_now()

    def ready(url: str, mail_port: int) -> None:
        announce("sandbox", ready_file, url=url, smtp_port=mail_port)

    try:
        serve(host, port, smtp_port, state, now, ready=ready)
    except ValueError as err:
        raise click.ClickException(str(err)) from err
