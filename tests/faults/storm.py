"""Deliveries into a fleet that is being killed, and what must be true when it is over.

What is checked is read from the database with queries of its own, never from what a process said.
"""

import contextlib
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs
from sqlalchemy import create_engine, text
from tests.faults.driver import (
    APIS,
    CRONS,
    SANDBOX,
    WORKERS,
    Fleet,
    Kill,
    Site,
    fleet,
    scratch,
    until,
)
from tests.faults.gateway import Gateway
from tests.faults.lent import Lent, lent
from tests.faults.postgres import Postgres, postgres
from tests.faults.servers import Server

DATABASE: Final = "database"
BROKER: Final = "broker"
EVERYTHING: Final = (SANDBOX, *APIS, *WORKERS, *CRONS)
TARGETS: Final = (
    *(DATABASE, APIS[0], WORKERS[0], BROKER),
    *(DATABASE, APIS[1], WORKERS[1], CRONS[0]),
)
"""Whom kills go round by; the database twice as often as any other."""
DRAINED_S: Final = 180.0
AWAY: Final = ("StoreAway", "OperationalError")
"""What a process that ends by itself must have said: it found no database."""
NAME: Final = "los_test_faults"

Note = Callable[[str], None]


@attrs.frozen(kw_only=True)
class Scene:
    """A fleet at work on a database of its own, with borrowers who owe; perhaps with a broker."""

    postgres: Postgres
    fleet: Fleet
    lent: Lent
    broker: Server | None = None

    @property
    def site(self) -> Site:
        """Where it is."""
        return self.fleet.site

    def strike(self, kill: Kill) -> None:
        """Kill something, leave it away for a while, and start it again."""
        servers = {DATABASE: self.postgres, BROKER: self.broker}
        if (server := servers.get(kill.target)) is not None:
            server.kill()
            time.sleep(kill.away_s)
            server.start()
            return
        self.fleet.kill(kill.target)
        time.sleep(kill.away_s)
        self.fleet.spawn(kill.target)

    def rows(self, query: str) -> list[Any]:
        """Read from the lender's database."""
        engine = create_engine(self.site.database)
        try:
            with engine.connect() as connection:
                return list(connection.execute(text(query)))
        finally:
            engine.dispose()

    def unfinished(self) -> list[Any]:
        """Return jobs that are not done: what they are and what went wrong with them last."""
        return self.rows(
            "SELECT kind, state, attempts, last_error, count(*) FROM job"
            " WHERE state <> 'DONE' GROUP BY 1, 2, 3, 4"
        )


@contextlib.contextmanager
def scene(
    *,
    loans: int,
    orders: int,
    seed: int,
    names: tuple[str, ...] = EVERYTHING,
    broker: Server | None = None,
) -> Iterator[Scene]:
    """Yield these processes running."""
    rest = tempfile.TemporaryDirectory(prefix="los-fleet-", dir=scratch())
    with postgres() as server, rest as folder:
        server.ask(f"CREATE DATABASE {NAME}")
        site = Site.at(Path(folder), server.url(NAME))
        known = lent(site, loans=loans, orders=orders, seed=seed)
        with fleet(site) as found:
            if broker is not None:
                found.extra = {name: {"LOS_BROKER__URL": broker.url} for name in EVERYTHING}
            found.start(*names)
            yield Scene(postgres=server, fleet=found, lent=known, broker=broker)


def pour(
    scene: Scene,
    gateway: Gateway,
    kills: list[Kill],
    note: Note,
    *,
    seconds: float,
    drained_s: float = DRAINED_S,
) -> None:
    """Kill by plan while the gateway delivers, until everything is taken and done."""
    begun = time.monotonic()
    for kill in kills:
        taken = happens(scene, lambda: gateway.done >= kill.after, seconds, note)  # noqa: B023
        assert taken, f"{gateway.done} taken; {gateway.answers}"
        note(f"  {gateway.done} taken: kill -9 {kill.target}, away for {kill.away_s} s")
        scene.strike(kill)
    assert happens(scene, gateway.over, seconds, note), f"{gateway.done} taken; {gateway.answers}"
    taken_s = time.monotonic() - begun
    note(f"  all taken in {taken_s:.0f} s: {dict(gateway.answers)}")
    done = happens(scene, lambda: not scene.unfinished(), drained_s, note)
    assert done, f"left: {scene.unfinished()}"
    note(f"  all done {time.monotonic() - begun - taken_s:.0f} s after that")


def happens(scene: Scene, what: Callable[[], bool], within_s: float, note: Note) -> bool:
    """Wait until something shows, starting again what found no database when it started."""

    def looked() -> bool:
        for name in scene.fleet.revive():
            assert any(word in scene.fleet.said(name) for word in AWAY), scene.fleet.said(name)
            note(f"  {name} found no database when it started, and was started again")
        return what()

    return until(looked, within_s)


def nothing_lost_nothing_doubled(scene: Scene, gateway: Gateway) -> None:
    """Every payment is posted once, to its own loan, and all books agree with all others."""
    assert not [a for a in gateway.answers if a.isdecimal() and a not in ("200", "503")], (
        gateway.answers
    )
    assert gateway.unwaited == 0, "a 503 did not say how long to wait"
    orders = scene.lent.orders
    references = Counter(row[0] for row in scene.rows("SELECT reference FROM receipt"))
    assert references == Counter(order.payment_id for order in orders)
    sent: Counter[str] = Counter()
    for order in orders:
        sent[str(order.loan_id)] += order.amount
    banked = scene.rows(
        "SELECT loan_id, sum(amount) FILTER (WHERE amount > 0) FROM ledger_entry"
        " WHERE account = 'BANK' GROUP BY loan_id"
    )
    assert {str(loan_id): int(paise or 0) for loan_id, paise in banked} == sent
    told = scene.rows(
        "SELECT status, count(*) FROM webhook_event WHERE provider = 'razorpay' GROUP BY 1"
    )
    assert {status for status, _ in told} <= {"APPLIED", "IGNORED"}, told
    assert sum(count for _, count in told) == len(gateway.taken)
    checked = scene.fleet.run("selfcheck")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def messages_are_told(scene: Scene, note: Note) -> None:
    """Say how many notices went out, and how many are on record as repeated."""
    [row] = scene.rows(
        "SELECT count(*), count(*) FILTER (WHERE repeated),"
        " count(*) FILTER (WHERE status <> 'ACCEPTED') FROM message"
    )
    note(f"  {row[0]} notices, {row[1]} on record as repeated, {row[2]} not accepted")
