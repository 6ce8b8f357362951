"""Log-ins of staff, secure codes and API keys, in SQL.

Statements over tables of the installation take a connection; keys are a brand's repository.
"""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import attrs
from sqlalchemy import Connection, insert, select, update

from los_adapters.store import platform_tables as tables
from los_adapters.store import rows
from los_adapters.store.transaction import Transaction
from los_core.domain.api_key import ApiKey
from los_core.domain.ids import StaffId
from los_core.domain.staff import Guess, SecureCode, Session

_session = tables.session.c
_code = tables.secure_code.c
_key = tables.api_key.c
_read_key = rows.plain(ApiKey)
_read_code = rows.plain(SecureCode)


def sessions_of(connection: Connection, staff_id: StaffId, at: datetime) -> list[Session]:
    """Return the log-ins that are good at an instant, newest first."""
    query = (
        select(tables.session)
        .where(
            _session.staff_id == staff_id,
            _session.revoked_at.is_(None),
            _session.expires_at > at,
            _session.ends_at > at,
        )
        .order_by(_session.created_at.desc(), _session.id.desc())
    )
    return [rows.plain(Session)(row) for row in connection.execute(query).mappings()]


def alive(connection: Connection, sessions: Collection[UUID], at: datetime) -> set[UUID]:
    """Return those that are good at an instant."""
    query = select(_session.id).where(
        _session.id.in_(sessions),
        _session.revoked_at.is_(None),
        _session.expires_at > at,
        _session.ends_at > at,
    )
    return set(connection.execute(query).scalars())


def revoke_all(
    connection: Connection, staff_id: StaffId, at: datetime, *, but: UUID | None
) -> None:
    """End every log-in of a member of staff, save one."""
    query = update(tables.session).where(
        _session.staff_id == staff_id, _session.revoked_at.is_(None)
    )
    if but is not None:
        query = query.where(_session.id != but)
    connection.execute(query.values(revoked_at=at))


def add_secure_code(connection: Connection, code: SecureCode) -> None:
    """Store a code and void those before it."""
    void = update(tables.secure_code).where(_code.staff_id == code.staff_id, ~_code.used)
    connection.execute(void.values(used=True))
    connection.execute(insert(tables.secure_code).values(**rows.columns_of(code)))


def secure_code(connection: Connection, code_id: UUID) -> SecureCode | None:
    """Return a code by its id."""
    row = connection.execute(select(tables.secure_code).where(_code.id == code_id))
    return next(map(_read_code, row.mappings()), None)


def latest_secure_code(connection: Connection, staff_id: StaffId) -> SecureCode | None:
    """Return the latest code of a person."""
    query = select(tables.secure_code).where(_code.staff_id == staff_id)
    found = connection.execute(query.order_by(_code.sent_at.desc(), _code.id.desc()).limit(1))
    return next(map(_read_code, found.mappings()), None)


def try_secure_code(
    connection: Connection, code_id: UUID, *, right: bool, at: datetime, limit: int
) -> Guess:
    """Count a guess in one update."""
    guess = (
        update(tables.secure_code)
        .where(_code.id == code_id, ~_code.used, _code.tries < limit, _code.expires_at > at)
        .values(tries=_code.tries + 1, used=right)
    )
    if connection.execute(guess).rowcount == 1:
        return Guess.RIGHT if right else Guess.WRONG
    kept = secure_code(connection, code_id)
    spent = kept is not None and not kept.used and kept.tries >= limit
    return Guess.SPENT if spent else Guess.WRONG


@attrs.frozen
class SqlApiKeys:
    """API keys of one brand."""

    tx: Transaction

    def add(self, key: ApiKey) -> None:
        self.tx.add(tables.api_key, rows.columns_of(key))

    def get(self, key_id: UUID) -> ApiKey | None:
        return self.tx.get(tables.api_key, key_id, _read_key)

    def by_hash(self, key_hash: str) -> ApiKey | None:
        return self.tx.one(self.tx.of(tables.api_key).where(_key.key_hash == key_hash), _read_key)

    def save(self, key: ApiKey) -> None:
        self.tx.save(tables.api_key, key, rows.columns_of(key))

    def used(self, key_id: UUID, at: datetime) -> None:
        own = (_key.brand_id == self.tx.brand_id, _key.id == key_id)
        self.tx.connection.execute(update(tables.api_key).where(*own).values(last_used_at=at))

    def all(self) -> Sequence[ApiKey]:
        query = self.tx.of(tables.api_key).order_by(_key.created_at, _key.id)
        return self.tx.many(query, _read_key)
