"""The units of systemd: one process each, restarted, bounded, drained and kept to its folder.

That their commands start, drain and come back is seen in `tests/journeys/test_processes.py`.
"""

from collections import defaultdict
from pathlib import Path

import pytest

from los_cli.crew import STOP_S
from los_core.services.jobs import queues
from los_workers.runner import DRAIN_S

UNITS = Path(__file__).parents[3] / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
SOURCE_SYSTEM = {
    "los-backend-api",
    "los-backend-cron-worker",
    "los-reminder-worker",
    "los-audit-logs-worker",
}


def _directives(unit: Path) -> dict[str, list[str]]:
    found = defaultdict(list)
    for line in unit.read_text().splitlines():
        if line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            found[name].append(value)
    return found


def _seconds(unit: Path) -> float:
    return float(_directives(unit)["TimeoutStopSec"][0])


def test_every_process_of_the_source_system_has_its_unit() -> None:
    assert {unit.stem for unit in SERVICES} > SOURCE_SYSTEM


def test_the_target_wants_every_unit() -> None:
    wanted = _directives(UNITS / "los.target")["Wants"]
    kinds = {name.partition("@")[0] + ("@.service" if "@" in name else "") for name in wanted}
    assert kinds == {unit.name for unit in SERVICES}


def test_the_units_together_serve_every_queue() -> None:
    wanted = _directives(UNITS / "los.target")["Wants"]
    served = [name.partition("@")[2].removesuffix(".service") for name in wanted if "@" in name]
    for unit in SERVICES:
        [command] = _directives(unit)["ExecStart"]
        served.append(command.partition("--queues ")[2].replace("%i", ""))
    assert sorted(name for names in served for name in names.split(",") if name) == list(queues())


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_unit_restarts_is_bounded_and_drains(unit: Path) -> None:
    said = _directives(unit)
    assert said["Type"] == ["notify"]
    assert said["Restart"] == ["always"]
    assert said["StartLimitIntervalSec"] == ["0"]
    assert said["KillSignal"] == ["SIGTERM"]
    assert said["KillMode"] == ["mixed"]
    assert said["MemoryMax"]
    assert said["MemoryHigh"]
    assert said["User"] == ["los"]
    assert said["Environment"][0] == "LOS_ENV=production"


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_systemd_waits_longer_than_a_process_drains(unit: Path) -> None:
    longest = STOP_S if unit.stem == "los-backend-api" else DRAIN_S
    assert _seconds(unit) > longest


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_unit_may_do_no_more_than_its_work_needs(unit: Path) -> None:
    first = SERVICES[0].read_text()
    rules = first[first.index("# What it may not do") : first.index("[Install]")]
    assert "NoNewPrivileges=yes\nCapabilityBoundingSet=\n" in rules
    assert "ProtectSystem=strict" in rules
    assert rules in unit.read_text()
