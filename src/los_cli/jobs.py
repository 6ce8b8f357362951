"""`los jobs`: what could not be done, and doing it again."""

from uuid import UUID

import click
from rich.console import Console
from rich.table import Table

from los_cli.opening import opened
from los_core.domain.ids import JobId


@click.group()
def jobs() -> None:
    """Dead letters of the job table."""


@jobs.command("list")
def list_dead() -> None:
    """Show every job that was given up, with the kind of its last error."""
    with opened() as installation:
        dead = installation.services.platform.dead_letters()
    table = Table("id", "kind", "runs", "last error", "since")
    for job in dead:
        since = job.created_at.isoformat(timespec="seconds")
        table.add_row(str(job.id), job.kind, str(job.attempts), job.last_error, since)
    Console().print(table)


@jobs.command()
@click.argument("job_id", type=click.UUID)
def replay(job_id: UUID) -> None:
    """Make a dead letter due again."""
    with opened() as installation:
        services = installation.services
        if not services.platform.replay_job(JobId(job_id), services.clock.now()):
            raise click.ClickException("no dead letter of this id")
    click.echo("due again")
