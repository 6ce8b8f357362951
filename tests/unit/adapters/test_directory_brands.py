"""A brand's rows become adapters, the primary first, opened once and closed when replaced."""

import logging
import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import attrs
import pytest

from los_adapters.directory import BrandDirectory, FixedDirectory, Opened, ProviderRow
from los_adapters.message.memory import MemoryMessages
from los_core.domain.ids import BrandId
from los_core.ports.directory import MESSAGE, PAYMENT, Chosen
from los_core.ports.errors import Unavailable

BRAND = BrandId(UUID(int=1))
OTHER = BrandId(UUID(int=2))


class Office:
    """The rows of brands, and what was opened for them."""

    def __init__(self, *rows: ProviderRow) -> None:
        self.rows: dict[BrandId, Sequence[ProviderRow]] = {BRAND: rows}
        self.opened: list[str] = []
        self.closed: list[str] = []
        self.directory = BrandDirectory(
            lambda brand_id, port: self.rows.get(brand_id, ()) if port == "message" else (),
            self._open,
        )

    def _open(self, port: str, row: ProviderRow) -> Opened:
        if row.settings.get("account") is None:
            raise Unavailable(f"{row.name}: settings", provider=row.name, misconfigured=True)
        label = f"{port}:{row.name}:{row.version}"
        self.opened.append(label)
        account = str(row.settings["account"])
        return Opened(MemoryMessages(), account, lambda: self.closed.append(label))

    def found(self, brand_id: BrandId = BRAND) -> list[str]:
        return [chosen.name for chosen in self.directory.find(brand_id, MESSAGE)]


def row(name: str, account: str | None = "a1", **more: Any) -> ProviderRow:
    return attrs.evolve(ProviderRow(name=name, settings={"account": account}), **more)


def test_the_primary_comes_first_and_the_rest_in_their_order() -> None:
    office = Office(row("b"), row("a"), row("p", is_primary=True), row("c"))
    assert office.found() == ["p", "b", "a", "c"]


def test_inactive_and_disabled_vendors_are_not_chosen_but_still_answer_by_name() -> None:
    office = Office(row("a"), row("off", is_active=False), row("banned", is_disabled=True))
    assert office.found() == ["a"]
    for name in ("off", "banned"):
        named = office.directory.named(BRAND, MESSAGE, name)
        assert named is not None
        assert (named.name, named.account) == (name, "a1")


def test_a_brand_without_rows_has_no_vendors() -> None:
    office = Office(row("a"))
    assert office.found(OTHER) == []
    assert list(office.directory.find(BRAND, PAYMENT)) == []
    assert office.directory.named(OTHER, MESSAGE, "a") is None


def test_an_adapter_is_opened_once_per_brand_and_version() -> None:
    office = Office(row("a"))
    office.rows[OTHER] = [row("a", account="a2")]
    first = office.directory.find(BRAND, MESSAGE)[0]
    assert office.directory.find(BRAND, MESSAGE)[0].adapter is first.adapter
    assert office.directory.named(BRAND, MESSAGE, "a") == first
    other = office.directory.find(OTHER, MESSAGE)[0]
    assert other.adapter is not first.adapter
    assert other.account == "a2"
    assert office.opened == ["message:a:1", "message:a:1"]


def test_a_new_version_replaces_the_adapter_and_closes_the_old_one() -> None:
    office = Office(row("a"))
    before = office.directory.find(BRAND, MESSAGE)[0]
    office.rows[BRAND] = [row("a", account="a2", version=2)]
    after = office.directory.find(BRAND, MESSAGE)[0]
    assert after.adapter is not before.adapter
    assert after.account == "a2"
    assert office.closed == ["message:a:1"]


def test_a_row_made_anew_with_the_same_version_is_opened_anew() -> None:
    office = Office(row("a"))
    office.found()
    office.rows[BRAND] = [row("a", account="a2")]
    assert office.directory.find(BRAND, MESSAGE)[0].account == "a2"


def test_wrong_settings_are_passed_over_and_logged_and_refused_by_name(
    caplog: pytest.LogCaptureFixture,
) -> None:
    office = Office(row("broken", account=None, is_primary=True), row("good"))
    with caplog.at_level(logging.ERROR):
        assert office.found() == ["good"]
    assert "message:broken" in caplog.text
    with pytest.raises(Unavailable) as caught:
        office.directory.named(BRAND, MESSAGE, "broken")
    assert caught.value.misconfigured


def test_threads_that_ask_together_share_one_adapter() -> None:
    office = Office(row("a"))
    together = threading.Barrier(8)
    found: list[object] = []

    def ask() -> None:
        together.wait()
        found.append(office.directory.find(BRAND, MESSAGE)[0].adapter)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(adapter) for adapter in found}) == 1
    assert office.opened == ["message:a:1"]


def test_closing_lets_go_of_everything() -> None:
    office = Office(row("a"), row("b"))
    office.found()
    office.directory.close()
    assert sorted(office.closed) == ["message:a:1", "message:b:1"]


def test_secrets_of_a_row_are_not_in_its_repr() -> None:
    assert "hush" not in repr(ProviderRow(name="a", settings={"key": "hush"}))


def test_a_fixed_directory_serves_every_brand_alike() -> None:
    chosen = Chosen("memory", "test", MemoryMessages())
    directory = FixedDirectory({"message": [chosen]})
    for brand in (BRAND, OTHER):
        assert list(directory.find(brand, MESSAGE)) == [chosen]
        assert directory.named(brand, MESSAGE, "memory") is chosen
        assert directory.named(brand, MESSAGE, "msg91") is None
        assert list(directory.find(brand, PAYMENT)) == []
