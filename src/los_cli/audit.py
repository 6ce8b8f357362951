"""`los audit`: sealing the audit trail now, and examining all of it."""

import sys

import click
from rich.console import Console
from rich.table import Table

from los_cli.opening import opened


@click.group()
def audit() -> None:
    """Seal and examine the audit trail."""


@audit.command()
def verify() -> None:
    """Walk every brand's chain from its beginning; exit 1 where anything was tampered with.

    Finds what was edited, taken out, put in or moved, a tail cut off up to the last head outside
    the database, and events that have no seal after a minute.
    """
    with opened() as installation:
        examined = installation.services.audit.verify()
    console = Console()
    found = [(one.brand.code, finding) for one in examined for finding in one.findings]
    if found:
        table = Table("brand", "fault", "seal", "what", title="Findings, the first break first")
        for code, finding in found:
            table.add_row(code, finding.fault, str(finding.seq or "-"), finding.what)
        console.print(table)
    counted = Table("brand", "seals", "heads outside", "findings")
    for one in examined:
        numbers = (one.seals, one.heads, len(one.findings))
        counted.add_row(one.brand.code, *(f"{number:,}" for number in numbers))
    console.print(counted)
    sys.exit(1 if found else 0)


@audit.command()
def seal() -> None:
    """Seal what has happened and write the heads down, as the workers do all the time."""
    with opened() as installation:
        services = installation.services
        for brand in services.platform.brands():
            sealed, heads = services.audit.seal(brand.id), services.audit.anchor(brand.id)
            click.echo(f"{brand.code}: {sealed} sealed, {heads} heads written")
