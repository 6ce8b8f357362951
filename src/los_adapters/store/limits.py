"""Limits on attempts, kept with the rows: one conditional statement per attempt.

A row is the instant at which a key's bucket is full again, in microseconds. Its key is a hash: an
address of a phone's owner is nobody's to read here. Rows of full buckets are dropped now and then.
"""

import hashlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import attrs
from sqlalchemy import ColumnElement, Connection, Engine, case, delete, select, update

from los_adapters.store import platform_tables as tables
from los_adapters.store.engine import busy_told, inserting
from los_adapters.store.scope import across_brands
from los_core.domain.limits import Limit
from los_core.ports.clock import Clock

SWEEP: Final = 500
"""Attempts of a process between two sweeps."""
_MICRO: Final = 1_000_000
_row = tables.rate_limit.c


@attrs.frozen
class SqlLimiter:
    """Buckets that every process of the installation shares."""

    engine: Engine
    clock: Clock
    _taken: Iterator[int] = attrs.field(factory=lambda: itertools.count(1), repr=False)

    def take(self, limit: Limit, key: str) -> float:
        """Take one, or return the seconds to wait; see the port."""
        now, step, per = _micros(self.clock.now()), _step(limit), _span(limit)
        name = _name(limit, key)
        begun = _later(_row.full_at, now) + step
        with self._writes() as connection:
            asked = inserting(connection, tables.rate_limit).values(key=name, full_at=now + step)
            took = asked.on_conflict_do_update(
                index_elements=["key"], set_={"full_at": begun}, where=begun <= now + per
            ).returning(_row.full_at)
            wait = 0
            if connection.execute(took).first() is None:
                kept = connection.execute(select(_row.full_at).where(_row.key == name)).scalar()
                wait = max(1, max(now, kept or now) + step - now - per)
            if next(self._taken) % SWEEP == 0:
                connection.execute(delete(tables.rate_limit).where(_row.full_at <= now))
        return wait / _MICRO

    def give_back(self, limit: Limit, key: str) -> None:
        """Put one back; see the port."""
        query = (
            update(tables.rate_limit)
            .where(_row.key == _name(limit, key))
            .values(full_at=_row.full_at - _step(limit))
        )
        with self._writes() as connection:
            connection.execute(query)

    @contextmanager
    def _writes(self) -> Iterator[Connection]:
        with busy_told(), self.engine.begin() as connection:
            across_brands(connection)
            yield connection


def _name(limit: Limit, key: str) -> str:
    return hashlib.sha256(f"{limit.name}|{key}".encode("utf-8", "surrogatepass")).hexdigest()


def _micros(at: datetime) -> int:
    return int(at.timestamp() * _MICRO)


def _span(limit: Limit) -> int:
    return int(limit.per.total_seconds() * _MICRO)


def _step(limit: Limit) -> int:
    return _span(limit) // limit.burst


def _later(column: Any, now: int) -> ColumnElement[int]:
    return case((column > now, column), else_=now)
