"""Secure codes, log-ins of staff and API keys, in memory."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import attrs

from los_adapters.store.memory.shelves import Shelves, parent, save
from los_core.domain.api_key import ApiKey
from los_core.domain.ids import BrandId, StaffId
from los_core.domain.staff import Guess, SecureCode, Session


def sessions_of(shelves: Shelves, staff_id: StaffId, at: datetime) -> list[Session]:
    """Return the log-ins that are good at an instant, newest first."""
    found = shelves.sessions.of(where=lambda each: each.staff_id == staff_id and each.alive(at))
    return sorted(found, key=lambda each: (each.created_at, each.id), reverse=True)


def revoke_all(shelves: Shelves, staff_id: StaffId, at: datetime, *, but: UUID | None) -> None:
    """End every log-in of a member of staff, save one."""
    for session in shelves.sessions.of(where=lambda each: each.staff_id == staff_id):
        if session.revoked_at is None and session.id != but:
            session.revoked_at = at
            shelves.sessions.put(session, session.id)


def add_secure_code(shelves: Shelves, code: SecureCode) -> None:
    """Store a code and void those before it."""
    parent(shelves.staff, code.staff_id)
    for kept in shelves.secure_codes.of(where=lambda each: each.staff_id == code.staff_id):
        shelves.secure_codes.put(attrs.evolve(kept, used=True), kept.id)
    shelves.secure_codes.put(code, code.id)


def latest_secure_code(shelves: Shelves, staff_id: StaffId) -> SecureCode | None:
    """Return the latest code of a person."""
    found = shelves.secure_codes.of(where=lambda each: each.staff_id == staff_id)
    return max(found, key=lambda each: (each.sent_at, each.id), default=None)


def try_secure_code(
    shelves: Shelves, code_id: UUID, *, right: bool, at: datetime, limit: int
) -> Guess:
    """Count a guess."""
    kept = shelves.secure_codes.get(code_id)
    if kept is None or kept.used:
        return Guess.WRONG
    if kept.tries >= limit:
        return Guess.SPENT
    if kept.expires_at <= at:
        return Guess.WRONG
    shelves.secure_codes.put(attrs.evolve(kept, tries=kept.tries + 1, used=right), code_id)
    return Guess.RIGHT if right else Guess.WRONG


@attrs.frozen
class MemoryApiKeys:
    """API keys of one brand."""

    shelves: Shelves
    brand_id: BrandId

    def add(self, key: ApiKey) -> None:
        parent(self.shelves.brands, self.brand_id)
        assert self.shelves.api_keys.add(key, self.brand_id, key.id)

    def get(self, key_id: UUID) -> ApiKey | None:
        return self.shelves.api_keys.get(self.brand_id, key_id)

    def by_hash(self, key_hash: str) -> ApiKey | None:
        found = self.shelves.api_keys.of(
            self.brand_id, where=lambda each: each.key_hash == key_hash
        )
        return found[0] if found else None

    def save(self, key: ApiKey) -> None:
        save(self.shelves.api_keys, key, self.brand_id, key.id)

    def used(self, key_id: UUID, at: datetime) -> None:
        key = self.get(key_id)
        if key is not None:
            key.last_used_at = at
            self.shelves.api_keys.put(key, self.brand_id, key_id)

    def all(self) -> Sequence[ApiKey]:
        found = self.shelves.api_keys.of(self.brand_id)
        return sorted(found, key=lambda key: (key.created_at, key.id))
