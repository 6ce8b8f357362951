"""Changing keys while everybody works: wrapping data keys again, and sealing values again.

A new key-encryption key wraps the brands' keys again, one commit each. New data keys take more: the
brand's key is retired and replaced, its customers' keys are retired (the next to seal makes the new
one), and every value that a retired key sealed is sealed again, table by table in the order of its
key, a chunk a commit, with the place reached in the same commit. Killed anywhere, it goes on from
there.

A transaction that began before a key was retired may still seal by it. So between retiring keys and
looking for what they sealed, every such transaction is waited for, and one pass sees every value.
On SQLite there are none: whoever writes is alone.

Retired keys are kept: they open what an older copy of a row holds.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final, TypeVar

import attrs
from sqlalchemy import Connection, Engine, Table, Update, and_, func, insert, select, text, update

from los_adapters.store import resealing, staff_sealing
from los_adapters.store.engine import busy_told, reading
from los_adapters.store.keyring import CURRENT, Keyring, Keys, key_from_row
from los_adapters.store.platform_tables import brand, data_key, key_rotation
from los_adapters.store.resealing import Heads, Owners
from los_adapters.store.scope import across_brands, of_brand
from los_adapters.store.staff_sealing import Swept
from los_core.domain.errors import Busy
from los_core.domain.ids import PLATFORM, BrandId

T = TypeVar("T")
CHUNK: Final = 200
_TRIES: Final = 10
_OUTWAIT_S: Final = 120.0
_PAUSE_S: Final = 0.05
_OLDER: Final = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND xact_start <= :now AND pid <> pg_backend_pid()"
)
"""Transactions of our own role; another role's, such as a dump's, do not show when they began."""
_key = data_key.c
_rotation = key_rotation.c


@attrs.frozen(kw_only=True)
class Progress:
    """What one commit of a rotation did.

    Attributes:
        step: "wrap", "retire", or the table whose values are being sealed again.
        looked_at: keys or rows it went through; `changed` of them were to be changed.
    """

    brand_id: BrandId
    step: str
    looked_at: int
    changed: int


@attrs.frozen(eq=False)
class Rotation:
    """Rotates the keys of an installation; several at once do no harm."""

    engine: Engine
    keys: Keys
    chunk: int = CHUNK

    def run(self, *, data_keys: bool) -> Iterator[Progress]:
        """Wrap every brand's key by the key in use and, if asked, seal everything by new keys.

        So are staff's second factors, by the installation's own key.
        What was left unfinished is gone on with, and is then the rotation that was asked for. Each
        item is committed when it is yielded. Raises: Busy: others held a row for too long;
            Unavailable: the key service; ValueError: a key of the ring is missing.
        """
        for brand_id in self._brands():
            yield from self._wrap(brand_id)
            with self._reads(brand_id) as connection:
                unfinished = _under_way(connection, brand_id) is not None
            if data_keys or unfinished:
                yield from self._rotate(brand_id)

    def _brands(self) -> list[BrandId]:
        with busy_told(), reading(self.engine).connect() as connection:
            across_brands(connection)
            found = connection.execute(select(brand.c.id).order_by(brand.c.code)).scalars()
            return [PLATFORM, *map(BrandId, found)]

    def _wrap(self, brand_id: BrandId) -> Iterator[Progress]:
        """Wrap the brand's keys again, also those retired: they still open."""
        stale = (
            _key.brand_id == brand_id,
            _key.owner == brand_id,
            _key.wrapped_by != self.keys.cipher.wraps_by,
        )
        with self._reads(brand_id) as connection:
            rows = connection.execute(select(data_key).where(*stale)).mappings().all()
        for row in rows:
            new = self.keys.cipher.rewrapped(key_from_row(row))
            query = update(data_key).where(*stale, _key.id == new.id)
            self._write(brand_id, query.values(wrapped_by=new.wrapped_by, wrapped=new.wrapped))
            yield Progress(brand_id=brand_id, step="wrap", looked_at=1, changed=1)

    def _rotate(self, brand_id: BrandId) -> Iterator[Progress]:
        new_key = self._patiently(lambda: self._start(brand_id))
        if new_key is None:
            return
        self._outwait()  # from now on every new customer's key is under the brand's new one
        while count := self._patiently(lambda: self._retire(brand_id, new_key)):
            yield Progress(brand_id=brand_id, step="retire", looked_at=count, changed=count)
        self._outwait()
        for table in resealing.tables_of(brand_id):
            yield from self._sweep(brand_id, table)
        if brand_id == PLATFORM:
            yield from self._sweep_staff()
        self._write(brand_id, _noted(brand_id, finished_at=self.keys.clock.now()))

    def _start(self, brand_id: BrandId) -> bytes | None:
        """Replace the brand's key, unless a rotation is under way; return the new key's id.

        None: the brand has sealed nothing yet, so that there is nothing to rotate.
        """
        own = (_key.brand_id == brand_id, _key.owner == brand_id, *CURRENT)
        with self._begin(brand_id) as connection:
            current = connection.execute(select(_key.id).where(*own).with_for_update()).scalar()
            begun = _under_way(connection, brand_id)
            if begun is not None or current is None:
                return begun
            now = self.keys.clock.now()
            connection.execute(update(data_key).where(*own).values(retired_at=now))
            fresh = Keyring(connection, brand_id, self.keys).new_brand_key()
            row = {"brand_id": brand_id, "key_id": fresh.id, "began_at": now}
            connection.execute(insert(key_rotation).values(**row, at_table="", after=""))
            return fresh.id

    def _retire(self, brand_id: BrandId, new_key: bytes) -> int:
        """Retire some customers' keys that are not under the new key; 0: none is left."""
        mine = _key.brand_id == brand_id
        old = and_(mine, _key.owner != brand_id, _key.wrapped_by != new_key.hex(), *CURRENT)
        with self._begin(brand_id) as connection:
            query = select(_key.id).where(old).order_by(_key.id).limit(self.chunk)
            found = connection.execute(query).scalars().all()
            retired = update(data_key).where(mine, _key.id.in_(found), *CURRENT)
            connection.execute(retired.values(retired_at=self.keys.clock.now()))
        return len(found)

    def _outwait(self) -> None:
        """Wait until every transaction has ended that is open now. Raises: Busy: one does not."""
        if self.engine.dialect.name == "sqlite":
            return
        until = time.monotonic() + _OUTWAIT_S
        # As ourselves: the roles that transactions take do not see when others began.
        with busy_told(), self.engine.connect() as connection:
            now = connection.execute(select(func.clock_timestamp())).scalar_one()
        while True:
            with busy_told(), self.engine.connect() as connection:
                older = connection.execute(_OLDER, {"now": now}).scalar_one()
            if not older:
                return
            if time.monotonic() > until:
                raise Busy("transactions stay open that began before the keys were retired")
            time.sleep(_PAUSE_S)

    def _sweep(self, brand_id: BrandId, table: Table) -> Iterator[Progress]:
        """Seal again what retired keys sealed in a table, from where the rotation has come to."""
        while True:
            done = self._patiently(lambda: self._pass(brand_id, table))
            if done is None:
                return
            yield done

    def _sweep_staff(self) -> Iterator[Progress]:
        """Seal staff's second factors again, from where the rotation has come to."""
        while done := self._patiently(self._pass_staff):
            yield Progress(
                brand_id=PLATFORM, step="staff", looked_at=done.looked_at, changed=done.changed
            )

    def _pass_staff(self) -> Swept | None:
        with self._begin(PLATFORM) as connection:
            at_table, after = _reached(connection, PLATFORM)
            if at_table > "staff":
                return None  # another rotation was faster
            keys = Keyring(connection, PLATFORM, self.keys)
            done = staff_sealing.seal_again(connection, keys, after=after, limit=self.chunk)
            if done is not None:
                there = {"at_table": "staff", "after": done.reached}
                connection.execute(_noted(PLATFORM, **there))
            return done

    def _pass(self, brand_id: BrandId, table: Table) -> Progress | None:
        """Go through the next rows of a table; None: there are none."""
        with self._begin(brand_id) as connection:
            at_table, after = _reached(connection, brand_id)
            if at_table > table.name:
                return None
            rows = resealing.next_heads(
                connection,
                brand_id,
                table,
                after=after if at_table == table.name else "",
                limit=self.chunk,
            )
            owners = resealing.retired(connection, brand_id, table, rows)
            old = [row for row in rows if resealing.is_old(table, row, owners)]
            held = self._seal(connection, brand_id, table, old, owners)
            if not rows:
                return None
            there = {"at_table": table.name, "after": resealing.reached(table, rows[-1])}
            if not held:
                connection.execute(_noted(brand_id, **there))
        if held:
            self._wait_for(brand_id, table, held, owners)
            self._write(brand_id, _noted(brand_id, **there))
        return Progress(brand_id=brand_id, step=table.name, looked_at=len(rows), changed=len(old))

    def _seal(
        self,
        connection: Connection,
        brand_id: BrandId,
        table: Table,
        old: Sequence[Heads],
        owners: Owners,
    ) -> list[Heads]:
        """Seal again the rows that can be had at once; return the others."""
        keys = Keyring(connection, brand_id, self.keys)
        again = resealing.seal_again
        return [row for row in old if not again(keys, table, row, owners, wait=False)]

    def _wait_for(
        self, brand_id: BrandId, table: Table, held: Sequence[Heads], owners: Owners
    ) -> None:
        for row in held:
            self._patiently(partial(self._seal_one, brand_id, table, row, owners))

    def _seal_one(self, brand_id: BrandId, table: Table, row: Heads, owners: Owners) -> None:
        with self._begin(brand_id) as connection:
            keys = Keyring(connection, brand_id, self.keys)
            resealing.seal_again(keys, table, row, owners, wait=True)

    def _write(self, brand_id: BrandId, query: Update) -> None:
        def write() -> None:
            with self._begin(brand_id) as connection:
                connection.execute(query)

        self._patiently(write)

    def _patiently(self, step: Callable[[], T]) -> T:
        """Take a step again that others were in the way of: whoever serves people goes first."""
        for _ in range(_TRIES - 1):
            try:
                return step()
            except Busy:
                continue
        return step()

    @contextmanager
    def _reads(self, brand_id: BrandId) -> Iterator[Connection]:
        with busy_told(), reading(self.engine).connect() as connection:
            of_brand(connection, brand_id)
            yield connection

    @contextmanager
    def _begin(self, brand_id: BrandId) -> Iterator[Connection]:
        with busy_told(), self.engine.begin() as connection:
            of_brand(connection, brand_id)
            yield connection


def _under_way(connection: Connection, brand_id: BrandId) -> bytes | None:
    """Return the new key of the brand's rotation that is not finished."""
    mine = (_rotation.brand_id == brand_id, _rotation.finished_at.is_(None))
    found: bytes | None = connection.execute(select(_rotation.key_id).where(*mine)).scalar()
    return found


def _reached(connection: Connection, brand_id: BrandId) -> tuple[str, str]:
    """Return table and place that the brand's rotation has come to; at its end, behind all."""
    mine = (_rotation.brand_id == brand_id, _rotation.finished_at.is_(None))
    row = connection.execute(select(_rotation.at_table, _rotation.after).where(*mine)).first()
    return (row[0], row[1]) if row is not None else ("\uffff", "")


def _noted(brand_id: BrandId, **new: object) -> Update:
    """Return the statement that writes down how far the brand's rotation has come."""
    mine = (_rotation.brand_id == brand_id, _rotation.finished_at.is_(None))
    return update(key_rotation).where(*mine).values(**new)
