"""What `los_core` exports: one table, known to type checkers, documented, and free to import.

Run as a script it writes `docs/exports.md` anew.
"""

import ast
import inspect
import re
import subprocess
import sys
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import UnionType
from typing import get_args

import los_core

ROOT = Path(__file__).parents[3]
TYPED = ROOT / "src" / "los_core" / "__init__.pyi"


def typed() -> dict[str, tuple[str, str]]:
    """Public name: (module, its name there), as it imports them."""
    imports = [
        node for node in ast.parse(TYPED.read_text()).body if isinstance(node, ast.ImportFrom)
    ]
    return {
        alias.asname or alias.name: (str(node.module), alias.name)
        for node in imports
        if str(node.module).startswith("los_core.")
        for alias in node.names
    }


def line_of(public: str) -> str:
    """The first line of a name's documentation, be it in it or below its assignment."""
    module, own = typed()[public]
    value = getattr(los_core, public)
    defined = inspect.isclass(value) or inspect.isfunction(value)
    if defined and value.__module__ == module:
        return (inspect.getdoc(value) or "").partition("\n")[0]
    if isinstance(value, UnionType):
        return f"One of {', '.join(kind.__name__ for kind in get_args(value))}."
    lines = inspect.getsource(import_module(module))
    for node, following in pairwise(ast.parse(lines).body):
        named = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        mine = own in {name.id for name in named if isinstance(name, ast.Name)}
        if mine and isinstance(following, ast.Expr):
            return str(ast.literal_eval(following.value)).strip().partition("\n")[0]
    return ""


def exports_page() -> str:
    """The page of all exports, a table for each group."""
    lines = [
        "# What `los_core` exports",
        "",
        "Made from the docstrings (`python tests/unit/house/test_library_face.py`); each name is",
        "explained in full by its own. Examples: [library](library.md).",
    ]
    for group, modules in los_core.EXPORTS.items():
        lines += ["", f"## {group}", "", "| name | is | in `los_core.domain` |", "|---|---|---|"]
        for module, words in modules.items():
            for word in words.split():
                public = word.rpartition(":")[2]
                says = line_of(public).replace("|", "\\|")
                lines.append(f"| `{public}` | {says} | `{module}` |")
    return "\n".join(lines) + "\n"


def test_the_page_of_exports_says_what_the_docstrings_say() -> None:
    fresh = (ROOT / "docs" / "exports.md").read_text() == exports_page()
    assert fresh, "write it anew: python tests/unit/house/test_library_face.py"


def test_every_export_has_its_line() -> None:
    assert [name for name in los_core.__all__ if not line_of(name)] == []


def test_type_checkers_see_the_exports_of_the_table() -> None:
    (names,) = (
        ast.literal_eval(node.value)
        for node in ast.parse(TYPED.read_text()).body
        if isinstance(node, ast.Assign)
    )
    assert sorted(names) == sorted(typed()) == sorted(los_core.__all__)
    for public, (module, own) in typed().items():
        home = sys.modules.get(module) or __import__(module, fromlist=[own])
        assert getattr(los_core, public) is getattr(home, own), public


def test_importing_the_package_loads_nothing_of_it() -> None:
    code = "import sys, los_core; print(*(m for m in sys.modules if m.startswith(('los', 'attr'))))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["los_core"]


def test_an_unknown_name_is_refused_as_python_does() -> None:
    assert not hasattr(los_core, "build_shedule")
    assert "build_schedule" in dir(los_core)


def test_every_exported_function_and_class_says_what_it_is() -> None:
    for name in los_core.__all__:
        value = getattr(los_core, name)
        ours = str(getattr(value, "__module__", "")).startswith("los_core.")
        if ours and (inspect.isclass(value) or inspect.isfunction(value)):
            says = value.__doc__ or ""
            assert says.partition("\n")[0].endswith("."), name


def test_what_an_exported_function_raises_is_in_its_docstring() -> None:
    silent = []
    for name in los_core.__all__:
        value = getattr(los_core, name)
        if inspect.isfunction(value):
            raised = re.findall(r"^\s+raise (\w+)\(", inspect.getsource(value), re.MULTILINE)
            says = inspect.getdoc(value) or ""
            silent += [f"{name}: {error}" for error in raised if error not in says]
    assert silent == []


def test_the_map_of_the_package_names_only_what_it_exports() -> None:
    named = re.findall(r"`([A-Za-z_]+)`", los_core.__doc__ or "")
    plain = {"int", "Decimal", "date", "datetime"}
    assert sorted(set(named) - set(los_core.__all__) - plain) == []


if __name__ == "__main__":
    (ROOT / "docs" / "exports.md").write_text(exports_page())
