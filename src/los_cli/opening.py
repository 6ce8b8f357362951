"""Opening the installation for a command: settings, logging, services; refusals told plainly."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from los_adapters.config import Settings, SettingsRefused, load
from los_adapters.container import Installation, assemble
from los_adapters.logging import configure
from los_adapters.store.schema import SchemaRefused


def settings() -> Settings:
    """Return the settings, with logging set up. Raises: ClickException: they are refused."""
    try:
        found = load()
    except SettingsRefused as err:
        raise click.ClickException(str(err)) from err
    configure(found.log)
    return found


@contextmanager
def opened() -> Iterator[Installation]:
    """Open the installation for the length of a command."""
    found = settings()
    try:
        installation = assemble(found)
    except (SettingsRefused, SchemaRefused) as err:
        raise click.ClickException(str(err)) from err
    try:
        yield installation
    finally:
        installation.close()
