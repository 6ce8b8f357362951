"""What the source may not say: unfinished words, machine paths, floats, the wall clock."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SRC = ROOT / "src"
TESTS = ROOT / "tests"
HOUSE = TESTS / "unit" / "house"  # these tests name what they forbid

UNFINISHED = re.compile(
    r"\b(?:TODO|FIXME|NotImplementedError|HTTP_501)\b|\bstub(?:s|bed)?\b|\bsimplified\b"
    r"|\bfor now\b|\bnot (?:yet )?implemented\b",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(r"\bplaceholders?\b", re.IGNORECASE)
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home|tmp|Users)/")
TEMPLATES = (
    "los_adapters/pdf/",
    "los_core/domain/letters",
    "los_core/domain/agreement",
    "template",
)
FLOAT_MODULES = {"apr.py", "scorecard.py"}  # a root and a statistic, rounded at their edge
WALL_CLOCK = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
}


def _python(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def _texts() -> list[Path]:
    vendored = SRC / "los_http" / "static"
    kinds = {".py", ".sql", ".md", ".toml", ".txt", ".json", ".html", ".j2"}
    return [
        path
        for path in sorted(SRC.rglob("*"))
        if path.suffix in kinds and vendored not in path.parents
    ]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _lines(path: Path, pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{_name(path)}:{number}: {line.strip()}"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]


def _calls(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the dotted name of every call."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def test_the_source_has_no_unfinished_words() -> None:
    assert [line for path in _texts() for line in _lines(path, UNFINISHED)] == []


def test_placeholders_are_templates_only() -> None:
    others = [path for path in _texts() if not any(part in _name(path) for part in TEMPLATES)]
    assert [line for path in others for line in _lines(path, PLACEHOLDER)] == []


def test_nothing_names_a_path_of_one_machine() -> None:
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "Makefile"]
    code = _python(TESTS, ROOT / "examples", ROOT / "benchmarks")
    searched = [*_texts(), *documents, *code, ROOT / "noxfile.py", ROOT / "pyproject.toml"]
    found = [
        line
        for path in searched
        if HOUSE not in path.parents
        for line in _lines(path, MACHINE_PATH)
    ]
    assert found == []


def test_locks_name_no_host() -> None:
    locks = [
        path for path in ROOT.glob("*") if path.suffix == ".lock" or path.name.endswith("lock.json")
    ]
    assert locks != []
    assert [line for path in locks for line in _lines(path, re.compile("https?://"))] == []


def test_money_in_the_domain_is_never_a_float() -> None:
    """No float literal, no `float(…)` and no division of paise into rupees."""
    found = [
        f"{_name(path)}:{node.lineno}: {ast.unparse(node)}"
        for path in _python(SRC / "los_core" / "domain")
        if path.name not in FLOAT_MODULES
        for node in ast.walk(ast.parse(path.read_text(), str(path)))
        if isinstance(node, ast.expr) and _is_float(node)
    ]
    assert found == []


def test_the_core_takes_the_time_as_an_argument() -> None:
    found = [
        f"{_name(path)}:{line}: {called}"
        for path in _python(SRC / "los_core")
        for line, called in _calls(path)
        if ".".join(called.split(".")[-2:]) in WALL_CLOCK
    ]
    assert found == []


def test_unit_tests_patch_nothing_of_ours() -> None:
    """Environment and current folder may be set; our own names may not be replaced."""
    banned = re.compile(r"unittest\.mock|mocker\b|monkeypatch\.(?:setattr|setitem|delattr|delitem)")
    found = [
        line
        for path in _python(TESTS / "unit")
        if path.parent != HOUSE
        for line in _lines(path, banned)
    ]
    assert found == []


def test_no_test_sleeps() -> None:
    """Time is moved by clocks; only journeys and faults wait, for processes that are real."""
    found = [
        f"{_name(path)}:{line}"
        for path in _python(TESTS)
        if path.relative_to(TESTS).parts[0] not in {"journeys", "faults"}
        for line, called in _calls(path)
        if called in {"time.sleep", "sleep", "asyncio.sleep"}
    ]
    assert found == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("rate = 0.5", True),
        ("x = float(amount)", True),
        ("rupees = paise / 100", True),
        ("x = paise // 100", False),
        ("x = Decimal(3) / 12", False),
    ],
)
def test_the_search_for_floats_finds_them(code: str, *, expected: bool) -> None:
    found = [n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.expr) and _is_float(n)]
    assert bool(found) is expected


@pytest.mark.parametrize(
    "line", ["# TODO", "raise NotImplementedError", "# a stub", "simplified", "works for now"]
)
def test_the_search_for_words_finds_them(line: str) -> None:
    assert UNFINISHED.search(line)


def _is_float(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=float()) | ast.Call(func=ast.Name(id="float")):
            return True
        case ast.BinOp(op=ast.Div(), right=ast.Constant(value=100)):
            return True
        case _:
            return False
