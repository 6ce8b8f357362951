"""Every worked example of the rules is a test under its own id."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "tests" / "unit" / "domain" / "examples"
COUNT = 52


def test_each_worked_example_is_one_test_with_its_id() -> None:
    examples = json.loads((FOLDER / "worked_examples.json").read_text("utf-8"))
    ids = [each["id"] for each in examples]
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", FOLDER],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    tests = re.findall(r"last_figure\[([^\]]+)\]$", found.stdout, re.MULTILINE)
    assert Counter(tests) == Counter(ids)
    assert len(set(ids)) == COUNT
