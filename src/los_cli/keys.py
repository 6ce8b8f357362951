"""`los keys`: making the secrets an installation is given. Nothing is stored here."""

from datetime import UTC, datetime

import click

from los_adapters.keys import new_key


@click.group()
def keys() -> None:
    """Make keys for the settings."""


@keys.command()
@click.option("--id", "key_id", help="What the key is called; by default the month.")
def new(key_id: str | None) -> None:
    """Print a new key as LOS_KEYS__… takes it."""
    click.echo(new_key(key_id or f"{datetime.now(UTC):%Y-%m}"))
