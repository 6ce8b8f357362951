"""What `los_core` exports: one table, known to type checkers, documented, and free to import."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

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
        for alias in node.names
    }


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
