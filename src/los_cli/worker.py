"""`los worker` and `los cron`: the processes that do what must happen later."""

import sys
from pathlib import Path

import click

from los_cli.opening import opened
from los_cli.readiness import announce, ready_option
from los_core.services.jobs import queues as known_queues
from los_workers import app
from los_workers.runner import THREADS


def _names(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[str, ...]:
    return tuple(name.strip() for name in (value or "").split(",") if name.strip())


def _queues(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[str, ...]:
    names = _names(context, parameter, value)
    if unknown := sorted(set(names) - set(known_queues())):
        told = f"no queue is called {', '.join(unknown)}; there are {', '.join(known_queues())}"
        raise click.BadParameter(told)
    return names


@click.command()
@click.option("--threads", type=click.IntRange(1, 64), default=THREADS, show_default=True)
@click.option(
    "--queues",
    callback=_queues,
    help="Run the jobs of these queues, by comma, and nothing by the clock; by default all.",
)
@ready_option
def worker(threads: int, queues: tuple[str, ...], ready_file: Path | None) -> None:
    """Run jobs until told to stop; without --queues also the clock's table and the relay."""
    with opened() as installation:
        loops: dict[str, app.Loop | None] = {
            "jobs": app.runner(installation, threads=threads, queues=queues or None),
            "inbox": app.gatherer(installation, queues=queues or None),
        }
        if not queues:
            loops |= {"cron": app.cron(installation), "relay": app.relay(installation)}
        whole = app.work(installation.services, loops, ready=lambda: announce("worker", ready_file))
    sys.exit(0 if whole else 1)


@click.command()
@click.option(
    "--tasks",
    callback=_names,
    help="Run the tasks whose names begin so, by comma, and no relay; by default all.",
)
@ready_option
def cron(tasks: tuple[str, ...], ready_file: Path | None) -> None:
    """Run the clock's table, and tell the broker of jobs, where workers are other processes."""
    with opened() as installation:
        try:
            clockwork = app.cron(installation, only=tasks)
        except LookupError as err:
            raise click.ClickException(str(err)) from err
        relay = None if tasks else app.relay(installation)
        loops: dict[str, app.Loop | None] = {"cron": clockwork, "relay": relay}
        whole = app.work(installation.services, loops, ready=lambda: announce("cron", ready_file))
    sys.exit(0 if whole else 1)
