"""`los migrate`: the database's schema, moved along its history and shown."""

from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Table

from los_adapters.container import owning
from los_adapters.store import schema
from los_cli.opening import settings


@click.command()
@click.option("--to", help="The revision to stop at; `base` is none. The newest by default.")
@click.option("--show", is_flag=True, help="Change nothing; exit 1 where a revision is pending.")
@click.option("--sql", is_flag=True, help="Change nothing; print the statements for PostgreSQL.")
@click.option("--from", "start", help="Where --sql begins: a revision; none by default.")
@click.option("--yes", is_flag=True, help="Go down without asking; what is dropped is lost.")
@click.pass_context
def migrate(
    context: click.Context,
    *,
    to: str | None,
    show: bool,
    sql: bool,
    start: str | None,
    yes: bool,
) -> None:
    """Bring the database up to date, as the owner of its tables (LOS_DB__OWNER_URL)."""
    try:
        if sql:
            click.echo(schema.sql(start=start or schema.EMPTY, to=to), nl=False)
            return
        with owning(settings()) as engine:
            before = schema.history(engine)
            if show:
                _show(before)
                context.exit(any(not revision.is_applied for revision in before))
            lost = _lost(before, to)
            if lost and not yes:
                click.confirm(f"Undo {', '.join(lost)} and lose what they hold?", abort=True)
            _show(schema.move(engine, to))
    except schema.SchemaRefused as err:
        raise click.ClickException(str(err)) from err


def _lost(before: Sequence[schema.Revision], to: str | None) -> list[str]:
    """Return the revisions that going to `to` undoes, newest first."""
    applied = [revision.id for revision in before if revision.is_applied]
    if to == schema.EMPTY:
        return applied[::-1]
    return applied[applied.index(to) + 1 :][::-1] if to in applied else []


def _show(revisions: Sequence[schema.Revision]) -> None:
    table = Table("revision", "what", "state")
    for revision in revisions:
        state = "applied" if revision.is_applied else "pending"
        table.add_row(revision.id, revision.title, state)
    Console().print(table)
