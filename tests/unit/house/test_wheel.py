"""The wheel: what `pip install los` alone gives, and that nothing in it was forgotten."""

import importlib.util
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SRC = ROOT / "src"

IMPORT_THE_CORE = """
import pkgutil, importlib, los_core
for package in ("domain", "ports", "services"):
    root = importlib.import_module(f"los_core.{package}")
    for module in pkgutil.walk_packages(root.__path__, root.__name__ + "."):
        importlib.import_module(module.name)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, offline."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def core_only(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Unpack the wheel beside its three dependencies; return what runs Python with only those."""
    folder = tmp_path_factory.mktemp("core")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    for name in ("attr", "attrs", "stdnum", "rapidfuzz"):
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        (folder / name).symlink_to(Path(spec.origin).parent)
    start = f"import sys; sys.path.append({str(folder)!r})\n"
    return [sys.executable, "-I", "-S", "-W", "error", "-c", start]


def test_the_core_has_three_dependencies(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = Parser().parsestr(archive.read(name).decode())
    needed = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert sorted(line.partition(">")[0] for line in needed) == [
        "attrs",
        "python-stdnum",
        "rapidfuzz",
    ]


def test_every_file_of_the_source_is_in_the_wheel(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "src"],  # noqa: S607 # whichever git made this checkout
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    expected = {name.removeprefix("src/") for name in tracked if (ROOT / name).exists()}
    assert expected - packed == set()


def test_the_core_imports_with_its_three_dependencies_alone(core_only: list[str]) -> None:
    *python, start = core_only
    subprocess.run([*python, start + IMPORT_THE_CORE], check=True)


def test_the_command_says_which_extra_to_install(core_only: list[str]) -> None:
    *python, start = core_only
    run = subprocess.run(
        [*python, f"{start}from los_cli import main; main()"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr == (
        "los: this needs click, which is not installed: pip install 'los[http]'\n"
    )


def test_the_command_makes_keys() -> None:
    los = Path(sys.executable).with_name("los")
    run = subprocess.run([los, "keys", "new", "--id", "a"], capture_output=True, check=True)
    assert run.stdout.startswith(b"a:")
