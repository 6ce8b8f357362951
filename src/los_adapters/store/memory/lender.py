"""The brand and the rules it lends by, in memory."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Sequence

import attrs

from los_adapters.store.memory.shelves import Shelves, save, stale
from los_adapters.store.once import GENERATION
from los_core.domain.brand import Brand, PolicyLinks, Settings
from los_core.domain.evaluation_items import DEFAULT_CONFIG, Config
from los_core.domain.ids import BrandId, StaffId
from los_core.domain.rule import Rule
from los_core.domain.staff import Staff


@attrs.frozen
class MemoryLender:
    """One brand's own rules."""

    shelves: Shelves
    brand_id: BrandId

    def brand(self) -> Brand:
        brand = self.shelves.brands.get(self.brand_id)
        assert brand is not None, "a unit of work is of a brand on file"
        return brand

    def settings(self) -> Settings:
        settings = self.shelves.settings.get(self.brand_id)
        assert settings is not None, "a brand is added with its settings"
        return settings

    def save_settings(self, settings: Settings) -> None:
        kept = self.settings().version
        if kept != settings.version:
            raise stale(kept)
        self._changed()
        self.shelves.settings.put(attrs.evolve(settings, version=kept + 1), self.brand_id)

    def save_links(self, links: PolicyLinks, *, version: int) -> None:
        kept = self.brand()
        if kept.version != version:
            raise stale(kept.version)
        self._changed()
        new = attrs.evolve(kept, policy_links=links, version=version + 1)
        self.shelves.brands.put(new, self.brand_id)

    def rules(self) -> tuple[int, Sequence[Rule]]:
        return self.shelves.rules.get(self.brand_id) or (0, ())

    def save_rules(self, rules: Sequence[Rule]) -> int:
        self._changed()
        version = self.rules()[0] + 1
        self.shelves.rules.put((version, tuple(rules)), self.brand_id)
        return version

    def evaluation(self) -> Config:
        return self.shelves.evaluations.get(self.brand_id) or DEFAULT_CONFIG

    def save_evaluation(self, config: Config) -> None:
        kept = self.evaluation().version
        if kept != config.version:
            raise stale(kept)
        self._changed()
        self.shelves.evaluations.put(attrs.evolve(config, version=kept + 1), self.brand_id)

    def executives(self) -> Sequence[Staff]:
        found = self.shelves.staff.of(
            where=lambda staff: staff.active and self.brand_id in staff.brands
        )
        return [self._seen(staff) for staff in sorted(found, key=lambda staff: staff.id)]

    def colleagues(self) -> Sequence[Staff]:
        return self.executives()

    def colleague(self, staff_id: StaffId) -> Staff | None:
        staff = self.shelves.staff.get(staff_id)
        ours = staff and staff.active and self.brand_id in staff.brands
        return self._seen(staff) if staff and ours else None

    def save_staff(self, staff: Staff) -> None:
        kept = self.shelves.staff.get(staff.id)
        assert kept is not None, "staff on file"
        whole = attrs.evolve(staff, brands=kept.brands)
        save(self.shelves.staff, whole, staff.id)
        staff.version = whole.version

    def _seen(self, staff: Staff) -> Staff:
        return attrs.evolve(staff, brands=frozenset({self.brand_id}))

    def _changed(self) -> None:
        count = self.shelves.numbers.get(self.brand_id, GENERATION) or 0
        self.shelves.numbers.put(count + 1, self.brand_id, GENERATION)
