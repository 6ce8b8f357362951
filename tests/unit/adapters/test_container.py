"""The composition root: in memory with the core's dependencies alone, or the real adapters."""

import subprocess
import sys
from pathlib import Path
from uuid import UUID

import attrs
import pytest
from pydantic import SecretStr

from los_adapters import registry
from los_adapters.clock import FileClock, WallClock
from los_adapters.config import (
    DatabaseSettings,
    KeySettings,
    Settings,
    SettingsRefused,
    StorageSettings,
)
from los_adapters.container import InMemory, Installation, assemble, embedded, in_memory, production
from los_adapters.keys import Keys, new_key
from los_core.domain.brand import Brand, Officer
from los_core.domain.brand import Settings as BrandSettings
from los_core.domain.ids import BrandId
from los_core.ports import directory
from los_core.ports.directory import PAYMENT, Port
from los_core.ports.work import ProviderRow

CORE_ALONE = """
import sys
ALLOWED = {"los_core", "los_adapters", "attr", "attrs", "stdnum", "rapidfuzz"}

class Absent:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in ALLOWED or top in sys.stdlib_module_names or top.startswith("_"):
            return None
        raise ModuleNotFoundError(f"{name} is not of the core", name=name)

sys.meta_path.insert(0, Absent())
from los_adapters.container import in_memory
memory = in_memory()
assert memory.run_jobs() == 0
"""


def test_in_memory_needs_the_cores_dependencies_alone() -> None:
    done = subprocess.run(  # noqa: S603 # this interpreter, a text of our own
        [sys.executable, "-c", CORE_ALONE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_in_memory_has_a_fake_of_every_port_that_has_one() -> None:
    memory = in_memory()
    fakes = {type(getattr(memory, field.name)).__name__ for field in attrs.fields(InMemory)}
    assert {place.rpartition(":")[2] for place in registry.FAKES.values()} <= fakes


def test_in_memory_directs_every_port_to_its_fake() -> None:
    ports = [value for value in vars(directory).values() if isinstance(value, Port)]
    memory = in_memory()
    for port in ports:
        [chosen] = memory.services.transfers.directory.find(BrandId(UUID(int=1)), port)
        assert type(chosen.adapter) is type(registry.fake(port.name))
    assert {port.name for port in ports} == set(registry.FAKES)


def test_two_lenders_in_memory_know_nothing_of_each_other() -> None:
    one, two = in_memory(), in_memory()
    one.services.platform.add_brand(_brand(), BrandSettings())
    assert two.services.platform.brands() == []


def test_the_embedded_services_make_their_tables_and_find_them_again(tmp_path: Path) -> None:
    services = embedded(_settings(tmp_path))
    services.brands.create(_brand(), BrandSettings())
    assert [brand.code for brand in embedded(_settings(tmp_path)).platform.brands()] == ["bharat"]
    assert isinstance(services.clock, WallClock)


def test_the_clock_file_moves_the_business_clock(tmp_path: Path) -> None:
    settings = _settings(tmp_path, clock_file=tmp_path / "clock")
    assert isinstance(_closed(assemble(settings)).services.clock, FileClock)


def test_processes_of_one_installation_share_keys_rows_and_files(tmp_path: Path) -> None:
    one, two = assemble(_settings(tmp_path)), assemble(_settings(tmp_path))
    one.services.brands.create(_brand(), BrandSettings())
    one.files.put("b1/a.pdf", b"one", content_type="application/pdf")
    row = ProviderRow(
        brand_id=_brand().id, port="payment", name="razorpay", settings={"key_secret": "s"}
    )
    one.services.brands.connect(row)
    [kept] = two.services.platform.provider_rows(_brand().id, "payment")
    assert kept.settings == {"key_secret": "s"}
    assert two.files.get("b1/a.pdf").content == b"one"
    address = one.services.webhooks.address(_brand().id, "razorpay")
    assert address == two.services.webhooks.address(_brand().id, "razorpay")
    one.close()
    two.close()


def test_files_elsewhere_than_on_disk_are_refused(tmp_path: Path) -> None:
    storage = StorageSettings(kind="s3", bucket="b")
    with pytest.raises(SettingsRefused, match="LOS_STORAGE__KIND"):
        assemble(_settings(tmp_path, storage=storage))


def test_production_makes_no_keys(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused, match="LOS_KEYS__JWT"):
        production(_settings(tmp_path, env="production"))


def test_production_uses_no_test_credential(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = _settings(
        tmp_path,
        env="production",
        keys=KeySettings.model_validate({field.name: _key() for field in attrs.fields(Keys)}),
    )
    installation = assemble(settings, create_schema=True)
    services = installation.services
    services.brands.create(_brand(), BrandSettings())
    row = ProviderRow(
        brand_id=_brand().id,
        port="payment",
        name="razorpay",
        settings={"account": "a", "key_id": "rzp_test_123", "key_secret": "s"},
    )
    services.brands.connect(row)
    assert services.repayments.directory.find(_brand().id, PAYMENT) == []
    assert "key_id is a test credential" in caplog.text
    assert "rzp_test_123" not in caplog.text
    installation.close()


def _key() -> SecretStr:
    return SecretStr(new_key("k"))


def _closed(installation: Installation) -> Installation:
    installation.close()
    return installation


def _settings(folder: Path, **changes: object) -> Settings:
    given: dict[str, object] = {
        "db": DatabaseSettings(url=SecretStr(f"sqlite:///{folder}/var/los.db")),
        "storage": StorageSettings(folder=folder / "files"),
        "keys": KeySettings(file=folder / "keys.json"),
    }
    return Settings(**(given | changes))  # type: ignore[arg-type] # fields of several types


def _brand() -> Brand:
    officer = Officer(name="Meera Iyer", phone="02067001234", email="grievance@bharat.example")
    return Brand(
        id=BrandId(UUID(int=1)),
        code="bharat",
        name="Bharat Credit",
        lender="bharat-finance",
        legal_name="Bharat Finance Private Limited",
        rbi_reg_no="N-13.02345",
        address="Pune",
        gst_state="MH",
        grievance_officer=officer,
        nodal_officer=officer,
    )
