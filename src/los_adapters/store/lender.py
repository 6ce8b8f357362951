"""The brand, the rules it lends by and the staff who work for it, in SQL."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import attrs
from sqlalchemy import RowMapping, Select, Table, select, update

from los_adapters.store import platform_tables as tables
from los_adapters.store import rows
from los_adapters.store.once import GENERATION
from los_adapters.store.transaction import Row, Transaction, save_versioned, stale
from los_core.domain.brand import Brand, NonRepaymentDate, Settings
from los_core.domain.evaluation_items import DEFAULT_CONFIG, Config
from los_core.domain.ids import StaffId
from los_core.domain.offers import LoanProduct
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

    def products(self) -> Sequence[LoanProduct]:
        found = tables.product.c
        query = self.tx.of(tables.product).where(found.active).order_by(found.code)
        return self.tx.many(
            query, lambda row: attrs.evolve(row["document"], version=row["version"])
        )

    def save_product(self, product: LoanProduct) -> None:
        self._changed()
        new = {"active": product.active, "version": product.version + 1, "document": product}
        if product.version == 0 and self.tx.add_once(
            tables.product, {"code": product.code, **new}, "code"
        ):
            return
        kept = tables.product.c
        own = (kept.brand_id == self.tx.brand_id, kept.code == product.code)
        query = update(tables.product).where(*own, kept.version == product.version).values(**new)
        if self.tx.connection.execute(query).rowcount == 0:
            raise stale(self.tx.connection.execute(select(kept.version).where(*own)).scalar())

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

    def holidays(self) -> Sequence[NonRepaymentDate]:
        query = self.tx.of(tables.holiday).order_by(tables.holiday.c.on)
        return self.tx.many(query, rows.plain(NonRepaymentDate))

    def add_holiday(self, holiday: NonRepaymentDate) -> bool:
        self._changed()
        return self.tx.add_once(tables.holiday, rows.columns_of(holiday), "on")

    def blocked(self, kind: str, value_index: str) -> bool:
        entry = tables.blocklist.c
        query = self.tx.of(tables.blocklist).where(
            entry.kind == kind, entry.value_index == value_index
        )
        return self.tx.one(query, lambda _: True) is not None

    def block(self, kind: str, value_index: str, *, reason: str, at: datetime) -> None:
        row = {"kind": kind, "value_index": value_index, "reason": reason, "at": at}
        self.tx.add_once(tables.blocklist, row, "kind", "value_index")

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
