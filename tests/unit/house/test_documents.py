"""What the documents say is so: links lead somewhere and generated files are fresh."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_within_the_repository_lead_somewhere(document: Path) -> None:
    targets = [link.partition("#")[0] for link in LINK.findall(document.read_text())]
    local = [target for target in targets if target and "://" not in target]
    assert [target for target in local if not (document.parent / target).exists()] == []


def test_every_decision_is_in_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text()
    decisions = sorted(path.name for path in (ROOT / "docs" / "adr").glob("*.md"))
    assert re.findall(r"\(adr/([^)]+)\)", index) == decisions


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "adr").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_decision_says_what_was_given_up() -> None:
    for path in (ROOT / "docs" / "adr").glob("*.md"):
        text = path.read_text()
        assert all(f"**{part}" in text for part in ("Context.", "Decision.", "What we gave up."))


def test_the_readme_maps_every_package() -> None:
    readme = (ROOT / "README.md").read_text()
    mapped = re.findall(r"^\| `(los_\w+)` \|", readme, re.MULTILINE)
    assert sorted(mapped) == sorted(path.parent.name for path in ROOT.glob("src/*/__init__.py"))


def test_the_architecture_page_explains_every_import_contract() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    section = page.partition("## What is held by contract")[2]
    explained = re.findall(r"^\| (?!contract|-)([^|]+?) \|", section, re.MULTILINE)
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert explained == [contract["name"] for contract in contracts["contracts"]]


def test_contributing_lists_every_session() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    defined = re.findall(
        r"^@nox\.session\ndef (\w+)", (ROOT / "noxfile.py").read_text(), re.MULTILINE
    )
    assert listed == defined


def test_every_extra_that_the_readme_names_exists() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    named = set(re.findall(r"los\[(\w+)\]", (ROOT / "README.md").read_text()))
    assert named - set(extras) == set()
