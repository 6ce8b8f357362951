"""A process with a clockwork of its own table, to be killed and paused: five tasks of every day.

Each run dawdles, then acts in one transaction: it counts its slot, counts whether it came in its
turn, and ends its run. Settings come from the environment, as for `los cron`.
"""

import random
import signal
import time
from datetime import date
from datetime import time as time_of_day
from typing import Final

from los_adapters.config import load
from los_adapters.container import assemble
from los_adapters.logging import configure
from los_core.domain.work import Run
from los_core.services import Services
from los_workers.cron import Cron, Daily

TASKS: Final = tuple(f"task-{number}" for number in range(5))
FIRST: Final = date(2026, 1, 1)
"""The business date that is done before anything is disturbed."""
LEASE_S: Final = 1.0
LONGEST_S: Final = 0.15


def slot_series(task: str, on: date) -> str:
    """Return the name of the number that counts how often a slot took effect."""
    return f"{task} {on}"


def order_series(task: str) -> str:
    """Return the name of the number that counts a task's effects."""
    return f"{task} in order"


def disorder_series(task: str) -> str:
    """Return the name of the number that counts effects out of their turn."""
    return f"{task} out of order"


def table(services: Services) -> list[Daily]:
    """Return five tasks that act once."""

    def run(run: Run, on: date) -> int:
        time.sleep(random.uniform(0, LONGEST_S))  # noqa: S311 # no secret
        with services.begin(run.brand_id) as uow:
            uow.desk.next_number(slot_series(run.task, on))
            place = uow.desk.next_number(order_series(run.task))
            if place != (on - FIRST).days + 1:
                uow.desk.next_number(disorder_series(run.task))
            uow.desk.finish(run)
        return 1

    return [Daily(name=name, at=time_of_day(0, 15), run=run) for name in TASKS]


def main() -> None:
    """Work until SIGTERM."""
    settings = load()
    configure(settings.log)
    installation = assemble(settings, create_schema=False)
    services = installation.services
    cron = Cron(services.platform, table(services), services.clock, lease_s=LEASE_S)
    signal.signal(signal.SIGTERM, lambda *_: cron.stop())
    cron.run()
    installation.close()


if __name__ == "__main__":
    main()
