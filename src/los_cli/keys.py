"""`los keys`: making the secrets an installation is given, and changing what data are sealed by."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import attrs
import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from los_adapters.keys import new_key
from los_adapters.store import rotation
from los_adapters.store.keystatus import key_lines
from los_cli.opening import opened
from los_core.domain.errors import Busy
from los_core.ports.errors import ProviderError

INSTALLATION = "(installation)"


@click.group()
def keys() -> None:
    """Make keys for the settings; see and change those that data are sealed by."""


@keys.command()
@click.option("--id", "key_id", help="What the key is called; by default the month.")
def new(key_id: str | None) -> None:
    """Print a new key as LOS_KEYS__… takes it."""
    click.echo(new_key(key_id or f"{datetime.now(UTC):%Y-%m}"))


@keys.command()
def status() -> None:
    """Show every key, what wraps it, and how many values it seals. Reads all there are."""
    with opened() as installation:
        lines = list(key_lines(installation.rotation.engine))
    table = Table("brand", "key", "state", "wrapped by", "keys", "values sealed")
    for line in lines:
        table.add_row(
            line.brand or INSTALLATION,
            line.key[:12] or "customers’",
            line.state,
            line.wrapped_by or "the brand’s key",
            f"{line.keys:,}",
            f"{line.values:,}",
        )
    Console().print(table)


@keys.command()
@click.option("--wrap-only", is_flag=True, help="Only wrap the keys again; seal nothing again.")
@click.option(
    "--chunk",
    type=click.IntRange(1, 5000),
    default=rotation.CHUNK,
    show_default=True,
    help="Rows sealed again in one commit.",
)
def rotate(*, wrap_only: bool, chunk: int) -> None:
    """Wrap every key by the first of LOS_KEYS__KEK, and seal all data by new data keys.

    Everybody may go on working. Stopped or killed, it goes on from there when it is run again.
    """
    changed: Counter[str] = Counter()
    with opened() as installation, _told(), _bar() as bar:
        codes = {brand.id: brand.code for brand in installation.services.platform.brands()}
        turning = attrs.evolve(installation.rotation, chunk=chunk)
        shown: dict[str, TaskID] = {}
        for step in turning.run(data_keys=not wrap_only):
            what = f"{codes.get(step.brand_id, INSTALLATION)}: {step.step}"
            if what not in shown:
                shown[what] = bar.add_task(what, total=None)
            bar.advance(shown[what], step.looked_at)
            changed[step.step] += step.changed
    wrapped, retired = changed.pop("wrap", 0), changed.pop("retire", 0)
    click.echo(
        f"{wrapped:,} keys wrapped again, {retired:,} customers’ keys retired,"
        f" {changed.total():,} rows sealed again"
    )


@contextmanager
def _told() -> Iterator[None]:
    """Say plainly why it could not go on; what was done is done."""
    try:
        yield
    except (Busy, ProviderError, ValueError) as err:
        raise click.ClickException(f"{err}; run it again to go on from here") from err


def _bar() -> Progress:
    """Return a line for each brand and table, with how far it has come."""
    return Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,} looked at"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
