"""The brand, the rules it lends by and the staff who work for it, in SQL."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Sequence
from typing import Any

import attrs
from sqlalchemy import RowMapping, Select, Table, select, update

from los_adapters.store import platform_tables as tables
from los_adapters.store import rows
from los_adapters.store.once import GENERATION
from los_adapters.store.transaction import Row, Transaction, save_versioned, stale
from los_core.domain.brand import Brand, PolicyLinks, Settings
from los_core.domain.evaluation_items import DEFAULT_CONFIG, Config
from los_core.domain.ids import StaffId
from los_core.domain.rule import Rule
from los_core.domain.staff import Staff

_staff = tables.staff.c
_member = tables.staff_brand.c


@attrs.frozen
class SqlLender:
    """One brand's own rules."""

    tx: Transaction

    def brand(self) -> Brand:
        query = select(tables.brand).where(tables.brand.c.id == self.tx.brand_id)
        brand = self.tx.one(query, rows.plain(Brand))
        assert brand is not None, "a unit of work is of a brand on file"
        return brand

    def settings(self) -> Settings:
        row = self.tx.one(self.tx.of(tables.brand_settings), lambda row: row)
        assert row is not None, "a brand is added with its settings"
        settings: Settings = row["document"]
        return attrs.evolve(settings, version=row["version"])

    def save_settings(self, settings: Settings) -> None:
        kept = tables.brand_settings.c
        query = (
            update(tables.brand_settings)
            .where(kept.brand_id == self.tx.brand_id, kept.version == settings.version)
            .values(version=settings.version + 1, document=settings)
        )
        if self.tx.connection.execute(query).rowcount == 0:
            raise stale(self.settings().version)
        self._changed()

    def save_links(self, links: PolicyLinks, *, version: int) -> None:
        own = tables.brand.c
        query = (
            update(tables.brand)
            .where(own.id == self.tx.brand_id, own.version == version)
            .values(policy_links=links, version=version + 1)
        )
        if self.tx.connection.execute(query).rowcount == 0:
            raise stale(self.brand().version)
        self._changed()

    def rules(self) -> tuple[int, Sequence[Rule]]:
        found = self.tx.one(
            self._latest(tables.rule_set),
            lambda row: (
                row["version"],
                tuple(Rule.from_document(each) for each in row["document"]),
            ),
        )
        return found or (0, ())

    def save_rules(self, rules: Sequence[Rule]) -> int:
        version = self.rules()[0] + 1
        row = {"version": version, "document": [rule.document() for rule in rules]}
        self._add_version(tables.rule_set, row)
        return version

    def evaluation(self) -> Config:
        found = self.tx.one(
            self._latest(tables.evaluation_config),
            lambda row: Config.from_document(row["document"]),
        )
        return found or DEFAULT_CONFIG

    def save_evaluation(self, config: Config) -> None:
        kept = self.evaluation().version
        if kept != config.version:
            raise stale(kept)
        new = attrs.evolve(config, version=kept + 1)
        row = {"version": new.version, "document": new.document()}
        self._add_version(tables.evaluation_config, row)

    def executives(self) -> Sequence[Staff]:
        held = self._colleagues().order_by(_staff.id).with_for_update(key_share=True)
        return self.tx.many(held, self._read_staff)

    def colleagues(self) -> Sequence[Staff]:
        return self.tx.many(self._colleagues().order_by(_staff.id), self._read_staff)

    def colleague(self, staff_id: StaffId) -> Staff | None:
        return self.tx.one(self._colleagues().where(_staff.id == staff_id), self._read_staff)

    def save_staff(self, staff: Staff) -> None:
        own = (_staff.id == staff.id,)
        save_versioned(self.tx.connection, tables.staff, staff, rows.staff_to_row(staff), own)

    def _colleagues(self) -> "Select[Any]":
        mine = select(_member.staff_id).where(_member.brand_id == self.tx.brand_id)
        return select(tables.staff).where(_staff.active, _staff.id.in_(mine))

    def _read_staff(self, row: RowMapping) -> Staff:
        return rows.staff_from_row(row, frozenset({self.tx.brand_id}))

    def _changed(self) -> None:
        self.tx.count(tables.counter, GENERATION)

    def _latest(self, table: Table) -> "Select[tuple[object, ...]]":
        return self.tx.of(table).order_by(table.c.version.desc())

    def _add_version(self, table: Table, row: Row) -> None:
        """Add the next version; whoever came second with the same one read a stale one."""
        self._changed()
        if not self.tx.add_once(table, row, "version"):
            raise stale(row["version"])
