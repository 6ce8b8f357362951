"""`los reindex`: what customers are found by, written anew."""

import click

from los_cli.opening import opened


@click.command()
def reindex() -> None:
    """Make every customer findable by name, phone and end of PAN; a second time changes nothing.

    Needed once, after the migration that brought the search, where there were customers before it.
    """
    with opened() as installation:
        services = installation.services
        for brand in services.platform.brands():
            count = services.housekeeping.reindex(brand.id)
            click.echo(f"{brand.code}: {count:,} customers")
