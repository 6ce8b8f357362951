"""The data keys of one transaction: found, opened, made, destroyed.

A customer's key is read from its row in every transaction that needs it and is forgotten with the
transaction, so that a destroyed key opens nothing from then on, in any process. The brands' keys
stay open in the process: opening one may cost a call to a key service.

Which key seals is asked in every transaction anew, and is not held: who retires a key waits for the
transactions that may have it (`rotation`). Source: reliability design §11.
"""

import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

import attrs
from sqlalchemy import Connection, RowMapping, select, update

from los_adapters.store.engine import inserting
from los_adapters.store.platform_tables import data_key
from los_adapters.store.tables import customer
from los_core.domain.errors import Erased
from los_core.domain.ids import BrandId
from los_core.ports.cipher import Cipher, DataKey, WrappedKey
from los_core.ports.clock import Clock

_key: Final = data_key.c
_ASK: Final = 500
"""Keys looked up by one statement."""
CURRENT: Final = (_key.retired_at.is_(None), _key.destroyed_at.is_(None))
"""What holds for the one key of an owner that seals."""


@attrs.define(eq=False)
class Keys:
    """What a process needs to open data keys, and the brands' keys that are open in it."""

    cipher: Cipher = attrs.field(repr=False)
    clock: Clock
    _open: dict[bytes, DataKey] = attrs.field(factory=dict, repr=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def of_brand(self, key: WrappedKey) -> DataKey:
        """Return a brand's key in the open. Raises: ValueError, Unavailable: as `Cipher.opened`."""
        known = self._open.get(key.id)
        if known is None:
            known = self.cipher.opened(key, under=None)
            with self._lock:
                self._open[key.id] = known
        return known


@attrs.define(eq=False)
class Keyring:
    """The data keys that one transaction of one brand uses."""

    connection: Connection
    brand_id: BrandId
    keys: Keys
    _known: dict[bytes, DataKey | datetime] = attrs.field(factory=dict, repr=False)
    """Open keys by id; when it was destroyed, of those that are."""
    _sealing: dict[UUID, DataKey] = attrs.field(factory=dict, repr=False)

    def sealing(self, owner: UUID) -> DataKey:
        """Return the key that seals for an owner, made if there is none.

        Raises: Erased: the owner was forgotten.
        """
        known = self._sealing.get(owner)
        if known is None:
            known = self._sealing[owner] = self._opened(self._current(owner))
        return known

    def opening(self, sealed: bytes) -> DataKey:
        """Return the key that sealed a value.

        Raises: ValueError: it is no value of this brand's; Erased: its owner was forgotten.
        """
        key_id = self.keys.cipher.key_of(sealed)
        if key_id not in self._known:
            self._load([key_id])
        found = self._known.get(key_id)
        if found is None:
            raise ValueError("sealed by a key that this brand does not have")
        if isinstance(found, datetime):
            raise Erased("this person's data were erased", details={"erasedAt": found.isoformat()})
        return found

    def expect(self, values: Iterable[bytes]) -> None:
        """Look up the keys of many values at once; what is wrong with one is told on opening."""
        wanted = set()
        for value in values:
            try:
                wanted.add(self.keys.cipher.key_of(value))
            except ValueError:
                continue
        missing = sorted(wanted - self._known.keys())
        for start in range(0, len(missing), _ASK):
            self._load(missing[start : start + _ASK])

    def destroy(self, owner: UUID, at: datetime) -> None:
        """Destroy every key of a customer, whose row the transaction has marked as erased."""
        assert owner != self.brand_id, "a brand is not forgotten"
        mine = (_key.brand_id == self.brand_id, _key.owner == owner, _key.destroyed_at.is_(None))
        self.connection.execute(update(data_key).where(*mine).values(wrapped=None, destroyed_at=at))
        self._known.clear()
        self._sealing.clear()

    def new_brand_key(self) -> WrappedKey:
        """Put a fresh key of the brand on file, which must have none that seals."""
        fresh = self.keys.cipher.new_key(self.brand_id, self.brand_id, under=None)
        self._insert(fresh)
        return fresh

    def _current(self, owner: UUID) -> WrappedKey:
        """Return the key that seals. Whoever makes it first makes it for all."""
        mine = (_key.brand_id == self.brand_id, _key.owner == owner, *CURRENT)
        query = select(data_key).where(*mine)
        row = self.connection.execute(query).mappings().first()
        if row is None:
            self._make(owner)
            row = self.connection.execute(query).mappings().one()
        return key_from_row(row)

    def _make(self, owner: UUID) -> None:
        """Put an owner's key on file, unless another transaction does. Raises: Erased."""
        under = None
        if owner != self.brand_id:
            # Held, so that nobody is given a key who is being forgotten.
            mine = (customer.c.brand_id == self.brand_id, customer.c.id == owner)
            held = select(customer.c.erased_at).where(*mine).with_for_update(read=True)
            if self.connection.execute(held).scalar() is not None:
                raise Erased("this person's data were erased: nothing more is kept of them")
            under = self.sealing(self.brand_id)
        self._insert(self.keys.cipher.new_key(self.brand_id, owner, under=under))

    def _insert(self, fresh: WrappedKey) -> None:
        row = attrs.asdict(fresh) | {"created_at": self.keys.clock.now()}
        query = inserting(self.connection, data_key).values(**row)
        self.connection.execute(
            query.on_conflict_do_nothing(
                index_elements=["brand_id", "owner"],
                index_where=_key.retired_at.is_(None) & _key.destroyed_at.is_(None),
            )
        )

    def _load(self, key_ids: list[bytes]) -> None:
        mine = (_key.brand_id == self.brand_id, _key.id.in_(key_ids))
        rows = self.connection.execute(select(data_key).where(*mine)).mappings().all()
        parents = {bytes.fromhex(row["wrapped_by"]) for row in rows if _is_of_person(row)}
        if unknown := sorted(parents - self._known.keys()):
            self._load(unknown)
        for row in rows:
            gone: datetime | None = row["destroyed_at"]
            self._known[row["id"]] = gone or self._opened(key_from_row(row))

    def _opened(self, key: WrappedKey) -> DataKey:
        if key.is_of_brand:
            return self.keys.of_brand(key)
        parent = bytes.fromhex(key.wrapped_by)
        if parent not in self._known:
            self._load([parent])
        under = self._known.get(parent)
        if under is None or isinstance(under, datetime):
            raise ValueError("wrapped by a key that this brand does not have")
        return self.keys.cipher.opened(key, under=under)


def _is_of_person(row: RowMapping) -> bool:
    return bool(row["owner"] != row["brand_id"])


def key_from_row(row: RowMapping) -> WrappedKey:
    """Return the stored key of a row that has one."""
    return WrappedKey(**{field.name: row[field.name] for field in attrs.fields(WrappedKey)})
