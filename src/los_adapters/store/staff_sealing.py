"""Sealing the second factors of staff again, which the installation's own key seals.

They are text in rows of staff, who belong to no brand: the keys are read as the installation's, the
rows as of work across brands. Each row's version is raised, also where nothing was to be sealed:
who had read it before the key was retired, and would write by it, is refused and reads again.
"""

from uuid import UUID

import attrs
from sqlalchemy import Connection, RowMapping, select, update

from los_adapters.store.keyring import Keyring
from los_adapters.store.platform_tables import staff
from los_adapters.store.scope import across_brands, of_brand
from los_core.domain.ids import PLATFORM, StaffId
from los_core.domain.staff import totp_place

_SEALED = (staff.c.totp_secret, staff.c.totp_pending)


@attrs.frozen(kw_only=True)
class Swept:
    """What was done to some rows: how many there were, how many held old values, the last id."""

    looked_at: int
    changed: int
    reached: str


def seal_again(connection: Connection, keys: Keyring, *, after: str, limit: int) -> Swept | None:
    """Seal the next rows' values by the key in use, in one transaction; None: there are none."""
    across_brands(connection)
    query = select(staff.c.id, *_SEALED).order_by(staff.c.id).limit(limit)
    if after:
        query = query.where(staff.c.id > UUID(after))
    rows = connection.execute(query.with_for_update(key_share=True)).mappings().all()
    of_brand(connection, PLATFORM)
    new = [(row["id"], _again(keys, row)) for row in rows]
    across_brands(connection)
    for staff_id, values in new:
        raised = update(staff).where(staff.c.id == staff_id).values(version=staff.c.version + 1)
        connection.execute(raised.values(**values))
    of_brand(connection, PLATFORM)
    if not rows:
        return None
    changed = sum(bool(values) for _, values in new)
    return Swept(looked_at=len(rows), changed=changed, reached=str(rows[-1]["id"]))


def _again(keys: Keyring, row: RowMapping) -> dict[str, str]:
    """Return the values of a row that another key than today's sealed, under today's."""
    key, place = keys.sealing(PLATFORM), totp_place(StaffId(row["id"]))
    new = {}
    for column in _SEALED:
        if not (text := row[column.name]):
            continue
        value = bytes.fromhex(text)
        found = keys.opening(value)
        if found.id != key.id:
            new[column.name] = key.seal(place, found.open(place, value)).hex()
    return new
