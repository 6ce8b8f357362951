"""The sessions developers and CI run; nothing is checked anywhere else.

They use the environment nox itself stands in (`make .venv`), so each starts at once, offline.
Arguments after `--` go to pytest: `nox -s unit -- -k ledger`.
"""

import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "imports", "unit", "contract", "journeys", "docs"]

BIN = Path(sys.executable).parent  # nox's own environment, also when it is not on PATH
PYTHON_DIRS = ("src", "tests", "examples", "benchmarks", "noxfile.py")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting, spelling, words and declared dependencies; change nothing."""
    _run(session, "ruff", "check", ".")
    _run(session, "ruff", "format", "--check", ".")
    _run(session, "codespell")
    _run(session, "deptry", "src")
    _run(session, "pytest", "tests/unit/house/test_words.py", "-q")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly, in source, tests, examples and benchmarks."""
    _run(session, "mypy", *(name for name in PYTHON_DIRS if _has_python(Path(name))))


@nox.session
def imports(session: nox.Session) -> None:
    """Check who imports whom, and see each contract break on a planted import."""
    _run(session, "lint-imports", "--no-logo")
    _run(session, "pytest", "tests/unit/house/test_import_contracts.py", "-q")


@nox.session
def unit(session: nox.Session) -> None:
    """Run all that needs no server and no process but our own."""
    _pytest(session, "tests/unit", parallel=True)


@nox.session
def contract(session: nox.Session) -> None:
    """Hold every registered provider, store, cache and queue to the laws of its port."""
    _pytest(session, "tests/contract", parallel=True)


@nox.session
def journeys(session: nox.Session) -> None:
    """Live whole loans through real processes, on SQLite and on PostgreSQL; kill them thrice."""
    _pytest(session, "tests/journeys", parallel=False)


@nox.session
def faults(session: nox.Session) -> None:
    """Kill the processes at every step and look for the rupee that moved twice. Minutes."""
    _pytest(session, "tests/faults", parallel=False)


@nox.session
def deep(session: nox.Session) -> None:
    """Run the properties and contracts with many more examples; hold the API to its description."""
    _pytest(session, "tests/unit", "--hypothesis-profile=deep", "--timeout=3600", parallel=True)
    _pytest(session, "tests/contract", "--hypothesis-profile=deep", "--timeout=3600", parallel=True)
    _pytest(session, "tests/deep", "--timeout=3600", parallel=True)


@nox.session
def docs(session: nox.Session) -> None:
    """Execute the examples of files and pages; check links, settings example, generated tables."""
    for example in sorted(Path("examples").glob("*.py")):
        _run(session, "python", str(example))
    for page in sorted(Path("docs").glob("*.md")):
        _run(session, "python", "-m", "doctest", str(page))
    _run(session, "pytest", "tests/unit/house/test_documents.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Print each figure as a ratio against its limit or peer, measured in the same run."""
    for script in sorted(Path("benchmarks").glob("*.py")):
        _run(session, "python", str(script))


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel and see that the core alone imports and the command says what to add."""
    _run(session, "pytest", "tests/unit/house/test_wheel.py", *session.posargs)


def _pytest(session: nox.Session, folder: str, *options: str, parallel: bool) -> None:
    """Run a folder's tests; an empty folder is said to be empty and is no failure."""
    if not any(Path(folder).rglob("test_*.py")):
        session.warn(f"{folder} holds no test yet")
        return
    workers = ("-n", "auto") if parallel else ()
    _run(session, "pytest", folder, *workers, *options, *session.posargs)


def _run(session: nox.Session, tool: str, *arguments: str) -> None:
    session.run(str(BIN / tool), *arguments)


def _has_python(path: Path) -> bool:
    return path.is_file() or any(path.rglob("*.py"))
