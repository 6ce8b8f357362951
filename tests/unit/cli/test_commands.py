"""The commands that answer and end, each on an installation of its own."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import attrs
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from los_adapters.store import platform_tables
from los_adapters.store.engine import connect
from los_cli.app import COMMANDS, cli
from los_core.domain.ids import BrandId
from los_core.testing import records

EXAMPLE = Path(__file__).parents[3] / "examples" / "brand.json"


@attrs.frozen
class Machine:
    """A folder that is an installation."""

    folder: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder}/los.db"

    def run(self, *words: str, **variables: str) -> Result:
        env = {
            "LOS_ENV": "embedded",
            "LOS_DB__URL": self.url,
            "LOS_KEYS__FILE": str(self.folder / "keys.json"),
            "LOS_STORAGE__FOLDER": str(self.folder / "files"),
            "COLUMNS": "200",
        }
        return CliRunner().invoke(cli, words, env=env | variables)

    def ask(self, statement: str) -> object:
        engine = connect(self.url)
        with engine.begin() as connection:
            answer: object = connection.execute(text(statement)).scalar_one()
        engine.dispose()
        return answer


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_every_command_of_the_table_is_there(machine: Machine) -> None:
    for name in COMMANDS:
        assert machine.run(name, "--help").exit_code == 0


def test_a_new_installation_checks_out(machine: Machine) -> None:
    found = machine.run("selfcheck")
    assert found.exit_code == 0
    assert "differences" in found.output


def test_a_trail_is_sealed_and_examined(machine: Machine) -> None:
    machine.run("brand", "create", "--file", str(EXAMPLE))
    sealed = machine.run("audit", "seal")
    assert sealed.exit_code == 0, sealed.output
    assert sealed.output.startswith("bharat: ")
    examined = machine.run("audit", "verify")
    assert examined.exit_code == 0, examined.output
    assert "bharat" in examined.output


def test_a_trail_that_was_tampered_with_is_told_with_its_place(machine: Machine) -> None:
    made = machine.run("brand", "create", "--file", str(EXAMPLE))
    brand_id = UUID(json.loads(made.output)["id"])
    engine = connect(machine.url)
    row = attrs.asdict(records.audit(BrandId(brand_id), UUID(int=7)))
    with engine.begin() as connection:
        connection.execute(platform_tables.audit.insert().values(**row))
        waits = {"brand_id": brand_id, "event_id": UUID(int=7)}
        connection.execute(platform_tables.audit_unsealed.insert().values(**waits))
    machine.run("audit", "seal")
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_no_update"))
        connection.execute(text("UPDATE audit SET action = 'loan.reject'"))
    engine.dispose()
    examined = machine.run("audit", "verify")
    assert examined.exit_code == 1
    assert "ALTERED" in examined.output


def test_tables_are_made_once(machine: Machine) -> None:
    assert machine.run("migrate", "--show").exit_code == 1
    for _ in range(2):
        made = machine.run("migrate")
        assert (made.exit_code, "pending" in made.output) == (0, False)
    assert machine.run("migrate", "--show").exit_code == 0
    assert machine.ask("SELECT count(*) FROM loan") == 0


def test_going_down_is_asked_for_twice(machine: Machine) -> None:
    machine.run("migrate")
    refused = machine.run("migrate", "--to", "base")
    assert (refused.exit_code, "0001" in refused.output) == (1, True)
    assert machine.ask("SELECT count(*) FROM loan") == 0
    undone = machine.run("migrate", "--to", "base", "--yes")
    assert (undone.exit_code, "applied" in undone.output) == (0, False)


def test_a_database_of_a_newer_release_is_left_alone(machine: Machine) -> None:
    machine.run("migrate")
    machine.ask("UPDATE alembic_version SET version_num = '9999' RETURNING 0")
    for command in (["migrate"], ["migrate", "--show"], ["selfcheck"]):
        refused = machine.run(*command)
        assert (refused.exit_code, "9999" in refused.output) == (1, True), command


def test_the_statements_for_another_to_run_are_printed(machine: Machine) -> None:
    printed = machine.run("migrate", "--sql", "--to", "0001")
    assert printed.exit_code == 0
    assert printed.output.startswith("BEGIN;")
    assert "'0001'" in printed.output
    assert machine.run("migrate", "--sql", "--from", "42").exit_code == 1


def test_a_brand_is_made_from_a_file_and_its_vendors_are_listed(machine: Machine) -> None:
    made = machine.run("brand", "create", "--file", str(EXAMPLE))
    assert made.exit_code == 0, made.output
    assert json.loads(made.output)["code"] == "bharat"
    listed = machine.run("providers")
    [line] = [line for line in listed.output.splitlines() if "bharat" in line]
    assert "razorpay" in line
    assert "bharat (primary)" in line
    assert "from the vendor" not in listed.output


def test_a_brand_is_not_made_twice(machine: Machine) -> None:
    machine.run("brand", "create", "--file", str(EXAMPLE))
    again = machine.run("brand", "create", "--file", str(EXAMPLE))
    assert again.exit_code == 1
    assert "Conflict" in again.output


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"colour": "red"}, "colour"),
        ({"settings": {"salary": 1}}, "salary"),
        ({"brand": {"code": "x"}}, "address"),
        ({"settings": {"agreement_footer": "{secret}"}}, "secret"),
        ({"providers": [{"port": "payment", "name": "razorpya", "settings": {}}]}, "razorpay"),
        ({"providers": [{"port": "payment", "name": "razorpay", "settings": {}}]}, "key_secret"),
    ],
    ids=str,
)
def test_a_file_with_a_mistake_is_refused_by_name(
    machine: Machine, change: dict[str, object], told: str
) -> None:
    source = machine.folder / "brand.json"
    source.write_text(json.dumps(json.loads(EXAMPLE.read_text()) | change))
    refused = machine.run("brand", "create", "--file", str(source))
    assert refused.exit_code == 1
    assert told in refused.output
    assert "bharat" not in machine.run("providers").output


def test_an_administrator_gets_a_second_factor_once(machine: Machine) -> None:
    words = ("admin", "create", "--email", "anita@bharat.example", "--name", "Anita")
    made = machine.run(*words, "--password", "Sahyadri-monsoon-2026")
    assert made.exit_code == 0, made.output
    assert json.loads(made.output)["totp"].startswith("otpauth://totp/LOS:")
    assert machine.run(*words, "--password", "Sahyadri-monsoon-2026").exit_code == 1


def test_a_weak_password_is_refused_with_the_reason(machine: Machine) -> None:
    refused = machine.run(
        *("admin", "create", "--email", "a@b.example", "--name", "A", "--password", "short")
    )
    assert refused.exit_code == 1
    assert "at least 12 characters" in refused.output


def test_there_are_no_dead_letters_to_begin_with(machine: Machine) -> None:
    assert machine.run("jobs", "list").exit_code == 0
    refused = machine.run("jobs", "replay", str(uuid4()))
    assert refused.exit_code == 1
    assert "no dead letter" in refused.output


def test_settings_that_are_refused_are_told_by_variable(machine: Machine) -> None:
    refused = machine.run("selfcheck", LOS_DB__URL="mysql://x")
    assert refused.exit_code == 1
    assert "LOS_DB__URL" in refused.output


def test_the_sandbox_listens_on_this_machine_only(machine: Machine) -> None:
    refused = machine.run("sandbox", "--host", "0.0.0.0", "--port", "0", "--smtp-port", "0")  # noqa: S104 # refused
    assert refused.exit_code == 1
    assert "this machine only" in refused.output
