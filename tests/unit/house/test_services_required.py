"""A service that does not answer: a skip with its reason at home, a failure in CI."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
REQUIRED = pytest.mark.parametrize(
    ("required", "outcome", "code"), [("0", "1 skipped", 0), ("1", "1 error", 1)]
)
SERVICES = {
    "LOS_TEST_PG_URL": ("pg_url", "postgresql+psycopg://nobody:hunter2@127.0.0.1:1/none"),
    "LOS_TEST_REDIS_URL": ("redis_url", "redis://nobody:hunter2@127.0.0.1:1/0"),
    "LOS_TEST_AMQP_URL": ("amqp_url", "amqp://nobody:hunter2@127.0.0.1:1//"),
}


@REQUIRED
@pytest.mark.parametrize("variable", SERVICES)
def test_an_absent_service_skips_unless_services_are_required(
    variable: str, required: str, outcome: str, code: int, tmp_path: Path
) -> None:
    fixture, address = SERVICES[variable]
    test = tmp_path / "test_needs_it.py"
    test.write_text(f"def test_needs_it({fixture}):\n    pass\n")

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-ra", "-p", "tests.conftest", test],
        cwd=ROOT,
        env={**os.environ, "LOS_REQUIRE_SERVICES": required, variable: address},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == code, run.stdout + run.stderr
    assert outcome in run.stdout
    assert variable in run.stdout
    assert "hunter2" not in run.stdout
