"""Asks every operation once for everybody who may, and keeps all that came out of it.

What came out are the answers, what was logged, and the trail; who looks through it is elsewhere.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import attrs
import httpx
from structlog.testing import capture_logs
from tests.contract.http.asking import Asker
from tests.contract.http.asks import Ask
from tests.contract.http.bad_requests import Table
from tests.contract.http.filling import fill
from tests.contract.http.installation import Installation, opened
from tests.contract.http.operations import Operation, allows, operations

from los_adapters.store.columns import metadata
from los_core.domain.access import Role

LAST: Final = ("{user_id}", "secure-code", "password", "totp", "DELETE ", "/sessions", "logout")
"""What ends a log-in or takes something away is asked after all else."""


@attrs.frozen(kw_only=True)
class Asked:
    """One request and what came of it."""

    op: Operation
    actor: str
    ask: Ask
    answer: httpx.Response
    rows: list[str]
    """What the trail has of it: the texts of its new rows."""


@attrs.define(kw_only=True)
class Driven:
    """All that came out of an installation that was asked everything."""

    made: Installation
    asked: list[Asked]
    logged: list[str]
    trail: list[str]


class _Lines(logging.Handler):
    """Keeps what is said by the standard library's loggers."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(("httpx", "httpcore", "asyncio")):  # the asker's own
            self.said.append(f"{record.getMessage()} {record.exc_text or ''}")


def drive(folder: Path) -> Iterator[Driven]:
    """Yield what came out of a fresh installation."""
    lines = _Lines()
    logging.getLogger().addHandler(lines)
    with opened(f"sqlite:///{folder / 'los.db'}") as made, capture_logs() as log:
        fill(made)
        asker = Asker(made)
        asked = [each for op in _in_order(made) for each in _ask(asker, op)]
        asker.close()  # what waits is written as the application ends
        logged = [*map(str, log), *lines.said]
        yield Driven(made=made, asked=asked, logged=logged, trail=_trail(made))
    logging.getLogger().removeHandler(lines)


def _in_order(made: Installation) -> list[Operation]:
    def rank(op: Operation) -> int:
        return max((no for no, last in enumerate(LAST, 1) if last in op.name), default=0)

    return sorted(operations(made.app), key=rank)


def _ask(asker: Asker, op: Operation) -> Iterator[Asked]:
    table = Table(made=asker.made, op=op)
    for actor, token in _callers(table).items():
        ask = table.sound()
        if op.goes_on:
            ask = attrs.evolve(ask, method="HEAD")
        if token:
            ask = ask.having(Authorization=f"Bearer {token}")
        asker.made.clock.advance(timedelta(seconds=1))
        asker.come_from_elsewhere()
        before = set(_trail(asker.made))
        answer = asker(ask)
        asker.made.services.calls.flush()
        rows = [row for row in _trail(asker.made) if row not in before]
        yield Asked(op=op, actor=actor, ask=ask, answer=answer, rows=rows)


def _callers(table: Table) -> dict[str, str]:
    """Return the tokens of all who may call, by who they are; "" for nobody in particular."""
    if not table.op.audience:
        return {"": ""}
    if table.op.audience == "web":
        return {str(table.who.caller.customer_id): table.who.token}
    ours = table.made.ours
    roles = [role for role in Role if allows(table.op.access, role)]
    return {str(ours.staff[role].staff_id): ours.tokens[role] for role in roles}


def _trail(made: Installation) -> list[str]:
    audit: Any = metadata.tables["audit"]
    with made.engine.connect() as connection:
        return [str(dict(row)) for row in connection.execute(audit.select()).mappings()]
