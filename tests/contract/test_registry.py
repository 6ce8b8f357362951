"""Names of providers lead to adapters; wrong names and wrong settings lead to clear refusals."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from los_adapters import registry
from los_adapters.directory import ProviderRow
from los_adapters.provider import Provider, ProviderSettings
from los_adapters.sandbox import vendors
from los_core.ports.errors import Unavailable

PORTS = sorted(registry.FAKES)


@pytest.mark.parametrize("key", sorted(registry.PROVIDERS))
def test_every_line_leads_to_a_provider_with_settings(key: str) -> None:
    found = registry.provider(*key.split(":"))
    assert isinstance(found, Provider)
    assert issubclass(found.settings, ProviderSettings)


@pytest.mark.parametrize("port", PORTS)
def test_every_port_has_a_fake_made_without_arguments(port: str) -> None:
    assert registry.fake(port) is not registry.fake(port)


@pytest.mark.parametrize("port", PORTS)
def test_the_suite_covers_the_fake_and_every_provider(port: str) -> None:
    names = registry.names(port)
    assert registry.cases(port) == ("memory", *names)
    assert names


@pytest.mark.parametrize("name", sorted(vendors.VENDORS))
def test_every_imitated_vendor_fits_the_settings_of_its_adapters(name: str) -> None:
    keys = [key for key in registry.PROVIDERS if key.endswith(f":{name}")]
    assert keys
    for key in keys:
        port, _, _ = key.partition(":")
        row = ProviderRow(name=name, settings=vendors.settings(name, f"http://127.0.0.1/{name}"))
        built = registry.opened(port, row)
        assert built.account
        built.close()


def test_a_name_almost_right_is_answered_with_the_nearest() -> None:
    with pytest.raises(LookupError, match="did you mean payment:razorpay"):
        registry.provider("payment", "razorpey")


def test_a_name_unlike_any_is_answered_with_all() -> None:
    with pytest.raises(LookupError, match="there are: bankaccount:razorpayx, bureau:equifax"):
        registry.provider("zzz", "qqqqqqqqqqqqqqqq")


def test_an_unknown_provider_in_a_brands_rows_is_a_matter_for_people() -> None:
    with pytest.raises(Unavailable) as caught:
        registry.opened("payment", ProviderRow(name="easebuzz", settings={}))
    assert caught.value.misconfigured


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"authkey": None}, "authkey"),
        ({"templates": "hush-2"}, "templates"),
        ({"surprise": "hush-3"}, "surprise"),
        ({"account": ["hush-4"]}, "account"),
    ],
)
def test_wrong_settings_are_named_by_field_and_never_shown(
    change: dict[str, object], field: str
) -> None:
    settings = {**vendors.settings("msg91", "http://127.0.0.1/msg91"), "authkey": "hush-1"}
    with pytest.raises(Unavailable) as caught:
        registry.opened("message", ProviderRow(name="msg91", settings={**settings, **change}))
    assert caught.value.misconfigured
    assert field in str(caught.value)
    assert "hush" not in f"{caught.value} {caught.value.__cause__} {caught.value.__context__}"


def test_an_address_in_the_clear_is_refused() -> None:
    settings = vendors.settings("msg91", "http://control.msg91.com")
    with pytest.raises(Unavailable) as caught:
        registry.opened("message", ProviderRow(name="msg91", settings=settings))
    assert caught.value.misconfigured


def test_another_package_adds_a_provider_by_its_entry_point(tmp_path: Path) -> None:
    info = tmp_path / "vendor_demo-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: vendor-demo\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[los.providers]\nmessage:pigeon = los_adapters.message.msg91:PROVIDER\n"
    )
    script = (
        "from los_adapters import registry;"
        "print(registry.names('message'), registry.provider('message', 'pigeon').settings.__name__)"
    )
    told = subprocess.run(  # noqa: S603 # this interpreter, our own words
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout == "('msg91', 'pigeon', 'smtp') Settings\n"
