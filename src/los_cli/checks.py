"""`los selfcheck`: what is stored, recomputed."""

import sys

import click
from rich.console import Console
from rich.table import Table

from los_cli.opening import opened


@click.command()
def selfcheck() -> None:
    """Recompute every loan from its facts; exit 1 where anything stored differs."""
    with opened() as installation:
        services = installation.services
        report = services.selfcheck.run()
        codes = {brand.id: brand.code for brand in services.platform.brands()}
    console = Console()
    if report.differences:
        table = Table("brand", "loan", "what", "facts", title="Differences")
        for found in report.differences:
            table.add_row(codes[found.brand_id], found.loan_no, found.what, "\n".join(found.facts))
        console.print(table)
    counted = Table("loans", "facts", "ledger entries", "differences")
    counted.add_row(
        *(f"{n:,}" for n in (report.loans, report.facts, report.entries, len(report.differences)))
    )
    console.print(counted)
    sys.exit(1 if report.differences else 0)
