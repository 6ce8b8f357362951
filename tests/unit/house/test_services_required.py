"""A service that does not answer: a skip with its reason at home, a failure in CI."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NOBODY = "postgresql+psycopg://nobody:hunter2@127.0.0.1:1/none"


@pytest.mark.parametrize(
    ("required", "outcome", "code"), [("0", "1 skipped", 0), ("1", "1 error", 1)]
)
def test_an_absent_postgresql_skips_unless_services_are_required(
    required: str, outcome: str, code: int, tmp_path: Path
) -> None:
    test = tmp_path / "test_needs_pg.py"
    test.write_text("def test_needs_a_database(pg_url):\n    pass\n")

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-ra", "-p", "tests.conftest", test],
        cwd=ROOT,
        env={**os.environ, "LOS_REQUIRE_SERVICES": required, "LOS_TEST_PG_URL": NOBODY},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == code, run.stdout + run.stderr
    assert outcome in run.stdout
    assert "(LOS_TEST_PG_URL)" in run.stdout
    assert "hunter2" not in run.stdout
