"""`los worker` and `los cron`: the processes that do what must happen later."""

import sys
from pathlib import Path

import click

from los_cli.opening import opened
from los_cli.readiness import announce, ready_option
from los_workers.app import work
from los_workers.runner import THREADS


@click.command()
@click.option("--threads", type=click.IntRange(1, 64), default=THREADS, show_default=True)
@ready_option
def worker(threads: int, ready_file: Path | None) -> None:
    """Run jobs and the daily table until told to stop."""
    with opened() as installation:
        whole = work(
            installation.services,
            ready=lambda: announce("worker", ready_file),
            threads=threads,
            run_lease_s=installation.settings.cron.lease_s,
        )
    sys.exit(0 if whole else 1)


@click.command()
@ready_option
def cron(ready_file: Path | None) -> None:
    """Run the daily table alone, where workers are other processes."""
    with opened() as installation:
        work(
            installation.services,
            ready=lambda: announce("cron", ready_file),
            with_jobs=False,
            run_lease_s=installation.settings.cron.lease_s,
        )
