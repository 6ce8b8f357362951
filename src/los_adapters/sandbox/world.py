"""The state the imitated vendors share: their records, the time, the people, what was sent.

A vendor reads and writes through a `StateTable`. All changes made in one `turn` are committed
together before the answer leaves, so that whatever an answer said is still true after a kill.
Where the changes are kept is a `StateStore`: nowhere (tests) or one SQLite file.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from los_adapters.sandbox.courier import Courier
from los_adapters.sandbox.personas import Personas

Change = tuple[str, str, str | None]
"""(table, key, value as JSON text, None when deleted)."""


class StateStore(Protocol):
    """Where committed state is kept."""

    def load(self) -> Sequence[tuple[str, str, str]]:
        """Return everything kept, oldest first."""
        ...

    def save(self, changes: Sequence[Change]) -> None:
        """Keep the changes, all or none, durable when this returns."""
        ...


class MemoryState:
    """Keeps nothing beyond the world's own memory: for tests."""

    def load(self) -> Sequence[tuple[str, str, str]]:
        """Return nothing."""
        return ()

    def save(self, changes: Sequence[Change]) -> None:
        """Do nothing: the world holds what it was told."""


class SqliteState:
    """Keeps state in one SQLite file, safe against a kill at any moment."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS state (number INTEGER PRIMARY KEY, place TEXT NOT NULL,"
            " key TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (place, key))"
        )

    def load(self) -> Sequence[tuple[str, str, str]]:
        """Return every row in the order of first writing."""
        rows = self._connection.execute("SELECT place, key, value FROM state ORDER BY number")
        return [(place, key, value) for place, key, value in rows]

    def save(self, changes: Sequence[Change]) -> None:
        """Write in one transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for place, key, value in changes:
                if value is None:
                    self._connection.execute(
                        "DELETE FROM state WHERE place = ? AND key = ?", (place, key)
                    )
                else:
                    self._connection.execute(
                        "INSERT INTO state (place, key, value) VALUES (?, ?, ?)"
                        " ON CONFLICT (place, key) DO UPDATE SET value = excluded.value",
                        (place, key, value),
                    )
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class World:
    """Everything outside the lender, as far as its vendors can tell."""

    def __init__(
        self,
        store: StateStore,
        personas: Personas,
        clock: Callable[[], datetime],
        courier: Courier,
        *,
        base_url: str = "http://127.0.0.1",
    ) -> None:
        """`clock` returns the business instant, aware, UTC; `base_url` is where the sandbox is."""
        self.personas = personas
        self.clock = clock
        self.courier = courier
        self.base_url = base_url
        self._store = store
        self._lock = threading.RLock()
        self._depth = 0
        self._kept: dict[str, dict[str, str]] = {}
        self._changed: dict[tuple[str, str], str | None] = {}
        for place, key, value in store.load():
            self._kept.setdefault(place, {})[key] = value
        courier.attach(self.state("_webhooks"), self.turn)

    def state(self, vendor: str) -> "StateTable":
        """Return the records of one vendor."""
        return StateTable(self, vendor)

    def url(self, vendor: str, path: str = "") -> str:
        """Return the address of a vendor's page or file in this sandbox."""
        return f"{self.base_url}/{vendor}{path}"

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Run one request's worth of changes: kept together at the end, dropped on an exception.

        Turns exclude each other; one inside another belongs to the outer.
        """
        with self._lock:
            self._depth += 1
            try:
                yield
                if self._depth == 1:
                    self._commit()
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._changed.clear()
        self.courier.wake()

    def tell(
        self,
        *,
        vendor: str,
        channel: str,
        to: str,
        text: str,
        variables: Mapping[str, str] | None = None,
        **more: object,
    ) -> None:
        """Put a message on a person's phone or in their mailbox (`to`: ten digits or an address).

        Every code the imitated world sends – ours by SMS, the Aadhaar authority's – is read there.
        """
        messages = self.state("_messages")
        with self.turn():
            number = messages.next_number("message")
            message = {
                "number": number,
                "vendor": vendor,
                "channel": channel,
                "to": to,
                "at": self.clock().isoformat(),
                "text": text,
                "variables": dict(variables or {}),
                **more,
            }
            messages.put(f"{number:08d}", message)

    def messages(self, to: str | None = None) -> list[dict[str, object]]:
        """Return the messages people received, oldest first; `to` narrows to one recipient."""
        told = self.state("_messages").all().values()
        return [message for message in told if to is None or message["to"] == to]

    def _commit(self) -> None:
        changes = [(place, key, value) for (place, key), value in self._changed.items()]
        if not changes:
            return
        self._store.save(changes)
        for place, key, value in changes:
            if value is None:
                self._kept.get(place, {}).pop(key, None)
            else:
                self._kept.setdefault(place, {})[key] = value

    def _read(self, place: str, key: str) -> str | None:
        with self._lock:
            if (place, key) in self._changed:
                return self._changed[place, key]
            return self._kept.get(place, {}).get(key)

    def _read_all(self, place: str) -> dict[str, str]:
        with self._lock:
            found: dict[str, str] = dict(self._kept.get(place, {}))
            for (changed, key), value in self._changed.items():
                if changed == place and value is None:
                    found.pop(key, None)
                elif changed == place and value is not None:
                    found[key] = value
            return found

    def _write(self, place: str, key: str, value: str | None) -> None:
        with self.turn():
            self._changed[place, key] = value


class StateTable:
    """One vendor's records: JSON objects by key, in the order they were first written.

    What is returned is a copy: a change counts once it is `put` back.
    """

    def __init__(self, world: World, place: str) -> None:
        self._world = world
        self._place = place

    def get(self, key: str) -> dict[str, object] | None:
        """Return a record, None if there is none."""
        text = self._world._read(self._place, key)  # noqa: SLF001 # one idea in two classes
        return None if text is None else _record(text)

    def put(self, key: str, value: Mapping[str, object]) -> None:
        """Write a record; it must be JSON."""
        self._world._write(self._place, key, json.dumps(value))  # noqa: SLF001 # as above

    def delete(self, key: str) -> None:
        """Remove a record, if it is there."""
        self._world._write(self._place, key, None)  # noqa: SLF001 # as above

    def all(self) -> dict[str, dict[str, object]]:
        """Return every record by key; counters are not among them."""
        rows = self._world._read_all(self._place)  # noqa: SLF001 # as above
        return {key: _record(text) for key, text in rows.items() if not key.startswith("#")}

    def next_number(self, name: str) -> int:
        """Return 1, 2, 3, … for each name, never the same twice."""
        with self._world.turn():
            number = self._counted(name) + 1
            self.put(f"#{name}", {"last": number})
            return number

    def _counted(self, name: str) -> int:
        last = (self.get(f"#{name}") or {}).get("last", 0)
        assert isinstance(last, int)
        return last


def _record(text: str) -> dict[str, object]:
    record = json.loads(text)
    assert isinstance(record, dict)
    return record
