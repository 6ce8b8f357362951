"""Settings: where they come from, and what is refused before anything starts."""

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from los_adapters.config import Settings, SettingsRefused, example, load, load_keys
from los_adapters.keys import EMBEDDED_KEY_ID, embedded_keys, new_key

ROOT = Path(__file__).parents[3]
ALL_ZERO = "k1:" + "A" * 43 + "="
RANDOM = "k2:7QxkzJ0m2mM3m1n5pXrY0u8cVtB4aLwEhGdS9fKoZ6I="
EMBEDDED = RANDOM.replace("k2", EMBEDDED_KEY_ID)


@pytest.fixture(autouse=True)
def _clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LOS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    variables = {
        "LOS_ENV": "production",
        "LOS_DB__URL": "postgresql+psycopg://los@db.internal/los",
        "LOS_PROVIDERS__MODE": "live",
        "LOS_HTTP__PUBLIC_URL": "https://api.lender.example",
        **{
            f"LOS_KEYS__{name}": new_key("2026-11")
            for name in ("JWT", "KEK", "BLIND_INDEX", "CODE", "LINK", "AUDIT")
        },
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


def test_the_embedded_default_needs_no_variable() -> None:
    settings = load()

    assert settings == Settings()
    assert settings.db.url.get_secret_value() == "sqlite:///var/los.db"
    assert (settings.providers.mode, settings.http.threads, settings.db.pool) == (
        "embedded",
        64,
        20,
    )


def test_los_env_selects_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env.pune").write_text("LOS_HTTP__PORT=8100\n")
    Path(".env.embedded").write_text("LOS_HTTP__PORT=8200\n")

    monkeypatch.setenv("LOS_ENV", "pune")

    assert load().http.port == 8100


def test_the_process_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env.embedded").write_text("LOS_HTTP__PORT=8200\nLOS_HTTP__HOST=0.0.0.0\n")

    monkeypatch.setenv("LOS_HTTP__PORT", "8300")

    assert (load().http.port, load().http.host) == (8300, "0.0.0.0")  # noqa: S104 # only read


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOS_REDIS__URL", "")
    assert load().redis.url is None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LOS_BROKER__URL", "sqs://key:hunter2@queue.internal"),
        ("LOS_REDIS__URL", "memcached://hunter2@cache.internal"),
        ("LOS_JOBS__KEPT_DAYS", "6"),
    ],
)
def test_a_server_that_is_not_served_is_refused_by_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsRefused) as refused:
        load()
    assert variable in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_misspelt_variable_in_the_file_is_named() -> None:
    Path(".env.embedded").write_text("LOS_HTTP__PROT=1\nLOS_DATABASE=x\n")

    with pytest.raises(SettingsRefused) as refused:
        load()

    assert len(refused.value.faults) == 2
    assert "LOS_HTTP__PROT" in str(refused.value)
    assert "LOS_DATABASE" in str(refused.value)


def test_an_installation_is_named_by_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOS_ENV", "../other")
    with pytest.raises(SettingsRefused, match="LOS_ENV"):
        load()


def test_a_refused_value_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOS_DB__URL", "mysql://root:hunter2@db/los")
    monkeypatch.setenv("LOS_KEYS__KEK", "k1:hunter2")

    with pytest.raises(SettingsRefused) as refused:
        load()

    assert {fault.partition(":")[0] for fault in refused.value.faults} == {
        "LOS_DB__URL",
        "LOS_KEYS__KEK",
    }
    assert "hunter2" not in str(refused.value)


def test_secrets_are_in_no_repr(production: dict[str, str]) -> None:
    settings = load()
    shown = repr(settings) + str(settings) + repr(load_keys(settings))
    for name in ("LOS_DB__URL", "LOS_KEYS__JWT", "LOS_KEYS__BLIND_INDEX"):
        assert production[name] not in shown


@pytest.mark.usefixtures("production")
def test_a_complete_production_is_accepted() -> None:
    settings = load()
    assert settings.is_production
    assert load_keys(settings).jwt[0].id == "2026-11"


def test_production_names_every_fault_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOS_ENV", "production")

    with pytest.raises(SettingsRefused) as refused:
        load()

    assert {fault.partition(":")[0] for fault in refused.value.faults} == {
        "LOS_DB__URL",
        "LOS_PROVIDERS__MODE",
        "LOS_HTTP__PUBLIC_URL",
        "LOS_KEYS__JWT",
        "LOS_KEYS__KEK",
        "LOS_KEYS__BLIND_INDEX",
        "LOS_KEYS__CODE",
        "LOS_KEYS__LINK",
        "LOS_KEYS__AUDIT",
    }


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LOS_DB__URL", "sqlite:///var/los.db"),
        ("LOS_PROVIDERS__MODE", "embedded"),
        ("LOS_HTTP__PUBLIC_URL", "http://api.lender.example"),
        ("LOS_CLOCK_FILE", "var/clock"),
        ("LOS_KEYS__KEK", ""),
        ("LOS_KEYS__JWT", EMBEDDED),
        ("LOS_KEYS__JWT", f"{RANDOM},{EMBEDDED}"),
        ("LOS_KEYS__CODE", ALL_ZERO),
        ("LOS_STORAGE__ACCESS_KEY_ID", "rzp_test_1DP5mmOlF5G5ag"),
        ("LOS_FAILPOINT", "commit receipt:2"),
    ],
)
def test_production_refuses(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsRefused) as refused:
        load()

    assert [fault.partition(":")[0] for fault in refused.value.faults] == [variable]


def test_production_refuses_one_key_for_two_uses(
    production: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOS_KEYS__CODE", production["LOS_KEYS__BLIND_INDEX"])
    with pytest.raises(SettingsRefused, match="LOS_KEYS__CODE: the same key as"):
        load()


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("postgresql+psycopg://los@127.0.0.1/los", "embedded"),
        ("sqlite:///var/los.db", "live"),
    ],
)
def test_the_business_clock_moves_only_where_nothing_is_real(
    url: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOS_CLOCK_FILE", "var/clock")
    assert load().clock_file == Path("var/clock")

    monkeypatch.setenv("LOS_DB__URL", url)
    monkeypatch.setenv("LOS_PROVIDERS__MODE", mode)

    with pytest.raises(SettingsRefused, match="LOS_CLOCK_FILE"):
        load()


def test_the_business_clock_moves_over_a_tests_own_postgresql(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOS_CLOCK_FILE", "var/clock")
    monkeypatch.setenv("LOS_DB__URL", "postgresql+psycopg://postgres@127.0.0.1/los_test_main_1f")
    assert load().clock_file == Path("var/clock")


def test_the_embedded_default_makes_its_keys_once_for_its_owner_only() -> None:
    first = load_keys(load())
    again = load_keys(load())

    assert first == again
    made = (*first.jwt, *first.kek, first.blind_index, first.code, first.link, *first.audit)
    assert len({key.secret for key in made}) == 6
    assert stat.S_IMODE(Path("var/keys.json").stat().st_mode) == 0o600
    assert [path.name for path in Path("var").iterdir()] == ["keys.json"]


def test_processes_that_start_together_agree_on_the_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(embedded_keys, [tmp_path / "keys.json"] * 32))
    assert found == [found[0]] * 32


def test_a_key_that_an_older_release_did_not_know_is_added_by_one_process(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    old = embedded_keys(path)
    path.write_text(json.dumps({name: old[name] for name in ("jwt", "kek")}))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(embedded_keys, [path] * 32))
    assert found == [found[0]] * 32
    assert found[0].keys() == old.keys()
    assert (found[0]["jwt"], found[0]["kek"]) == (old["jwt"], old["kek"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_keys_that_others_can_read_are_refused() -> None:
    load_keys(load())
    Path("var/keys.json").chmod(0o644)
    with pytest.raises(SettingsRefused, match="LOS_KEYS__FILE"):
        load_keys(load())


def test_a_new_key_signs_and_the_old_one_is_still_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOS_KEYS__JWT", f"{new_key('b')}, {new_key('a')}")
    assert [key.id for key in load_keys(load()).jwt] == ["b", "a"]


def test_the_committed_example_is_what_the_settings_print() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "los_adapters.config"], capture_output=True, text=True, check=True
    ).stdout
    assert printed == example()
    assert (ROOT / ".env.example").read_text() == printed


def test_the_example_with_its_comments_removed_is_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [line.removeprefix("# ") for line in example().splitlines()]
    named = [line for line in lines if line.startswith("LOS_") and not line.startswith("LOS_ENV=")]
    assert "LOS_HTTP__PORT=8000" in named
    Path(".env.copy").write_text("\n".join(named))
    default = load()

    monkeypatch.setenv("LOS_ENV", "copy")

    assert load() == default.model_copy(update={"env": "copy"})


def test_the_key_encryption_key_is_read_from_a_file(
    production: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path("kek")
    file.write_text(production["LOS_KEYS__KEK"] + "\n")
    file.chmod(0o600)
    monkeypatch.delenv("LOS_KEYS__KEK")
    monkeypatch.setenv("LOS_KEYS__KEK_FILE", str(file))
    [key] = load_keys(load()).kek
    assert production["LOS_KEYS__KEK"].startswith(key.id)


def test_a_key_file_that_others_can_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    file = Path("kek")
    file.write_text(RANDOM)
    file.chmod(0o640)
    monkeypatch.setenv("LOS_KEYS__KEK_FILE", str(file))
    with pytest.raises(SettingsRefused, match="chmod 600 kek"):
        load()


def test_a_key_file_that_is_missing_or_not_alone_is_refused(
    production: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOS_KEYS__KEK_FILE", "nowhere")
    with pytest.raises(SettingsRefused, match="one of them"):
        load()
    monkeypatch.delenv("LOS_KEYS__KEK")
    assert "LOS_KEYS__KEK" in production
    with pytest.raises(SettingsRefused, match="no such file"):
        load()


def test_production_needs_no_key_encryption_key_of_its_own_with_kms(
    production: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert production
    monkeypatch.delenv("LOS_KEYS__KEK")
    with pytest.raises(SettingsRefused, match="LOS_KEYS__KEK: missing"):
        load()
    monkeypatch.setenv("LOS_KMS__KEY", "arn:aws:kms:ap-south-1:1:key/2")
    assert load_keys(load()).kek == ()
