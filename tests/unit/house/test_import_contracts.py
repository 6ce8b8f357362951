"""The import contracts: complete for what is on disk, and each of them seen to break."""

import ast
import importlib.metadata
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[3]
SRC = ROOT / "src"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
LINTER: dict[str, Any] = PROJECT["tool"]["importlinter"]
CONTRACTS: dict[str, dict[str, Any]] = {c["id"]: c for c in LINTER["contracts"]}

PURE_FOLDERS = ("domain", "ports", "services")
PURE_PACKAGES = {"los_core", "attr", "attrs", "stdnum", "rapidfuzz"}
SHARED_BY_CAPABILITIES = {"vendors"}


class Breach(NamedTuple):
    """An import that a contract forbids, planted in a copy of the source."""

    contract: str
    importer: str
    imported: str


BREACHES = [
    Breach("layers", "los_adapters.planted", "los_http"),
    Breach("layers", "los_http.planted", "los_workers"),
    Breach("core-layers", "los_core.domain.planted", "los_core.ports"),
    Breach("core-layers", "los_core.helpers", "attrs"),
    Breach("core-pure", "los_core.domain.planted", "sqlalchemy"),
    Breach("testing-apart", "los_adapters.planted", "los_core.testing"),
    Breach("services-by-container", "los_adapters.planted", "los_core.services"),
    Breach("capabilities", "los_adapters.payment.planted", "los_adapters.payout"),
    Breach("injector", "los_http.planted", "dependency_injector"),
    Breach("msgspec", "los_adapters.planted", "msgspec"),
    Breach("sql", "los_adapters.planted", "sqlalchemy"),
    Breach("pydantic", "los_http.planted", "pydantic"),
    Breach("front-door", "los_workers.planted", "los_cli"),
]


@pytest.mark.parametrize("breach", BREACHES, ids=lambda b: f"{b.contract}: {b.importer}")
def test_a_planted_violation_breaks_its_contract(breach: Breach, tmp_path: Path) -> None:
    copy = tmp_path / "src"
    shutil.copytree(SRC, copy, ignore=shutil.ignore_patterns("static", "fonts", "__pycache__"))
    planted = copy.joinpath(*breach.importer.split(".")).with_suffix(".py")
    planted.write_text(f'"""Planted."""\n\nimport {breach.imported}\n')

    found = subprocess.run(
        [
            Path(sys.executable).with_name("lint-imports"),
            "--no-cache",
            "--no-logo",
            f"--contract={breach.contract}",
            ROOT / "pyproject.toml",
        ],
        cwd=copy,
        env={"PYTHONPATH": str(copy), "COLUMNS": "500"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 1, found.stdout + found.stderr
    assert f"{CONTRACTS[breach.contract]['name']} BROKEN" in found.stdout
    assert breach.importer.rpartition(".")[2] in found.stdout.partition("Broken contracts")[2]


def test_every_contract_is_seen_to_break() -> None:
    assert {breach.contract for breach in BREACHES} == set(CONTRACTS)


def test_root_packages_are_the_folders_of_src() -> None:
    assert set(LINTER["root_packages"]) == _packages(SRC)


def test_wheel_packages_are_the_folders_of_src() -> None:
    packages = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(packages) == {f"src/{name}" for name in _packages(SRC)}


def test_every_capability_folder_is_in_the_independence_contract() -> None:
    on_disk = _packages(SRC / "los_adapters") - SHARED_BY_CAPABILITIES
    declared = {m.removeprefix("los_adapters.") for m in CONTRACTS["capabilities"]["modules"]}
    assert declared == on_disk, (
        'pyproject.toml, contract "capabilities": one line for each folder of src/los_adapters'
    )


def test_every_package_is_typed() -> None:
    assert [name for name in _packages(SRC) if not (SRC / name / "py.typed").is_file()] == []


def test_the_core_imports_only_its_three_dependencies_and_the_standard_library() -> None:
    allowed = PURE_PACKAGES | sys.stdlib_module_names
    foreign = [
        f"{path.relative_to(SRC)}: {name}"
        for folder in PURE_FOLDERS
        for path in sorted((SRC / "los_core" / folder).rglob("*.py"))
        for name in _imported_packages(path)
        if name not in allowed
    ]
    assert foreign == []


def test_the_purity_contract_names_every_other_dependency() -> None:
    extras = {
        requirement
        for name, requirements in PROJECT["project"]["optional-dependencies"].items()
        for requirement in requirements
        if not requirement.startswith("los[")
    }
    distributions = {_distribution(requirement) for requirement in extras}
    modules = {
        module
        for module, owners in importlib.metadata.packages_distributions().items()
        if not module.startswith("_")
        and distributions & {owner.lower().replace("_", "-") for owner in owners}
    }
    assert modules - set(CONTRACTS["core-pure"]["forbidden_modules"]) == set()


def _packages(folder: Path) -> set[str]:
    return {path.parent.name for path in folder.glob("*/__init__.py")}


def _distribution(requirement: str) -> str:
    end = next((i for i, char in enumerate(requirement) if char in "[<>=~! "), len(requirement))
    return requirement[:end].lower().replace("_", "-")


def _imported_packages(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(str(node.module).partition(".")[0])
    return names
