"""A run that cannot test PostgreSQL says so loudly, and in CI it fails."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEST = "tests/setup/test_databases.py::test_a_test_gets_the_tables_of_this_release"
WITHOUT_SERVER = (
    "import sys, pytest, tests.postgres as postgres; postgres.OLDEST = 999; "
    f"sys.exit(pytest.main(['-p', 'no:randomly', {TEST!r}]))"
)


def run_without_server(**environment: str) -> subprocess.CompletedProcess[str]:
    """Run one test of both databases where no server is to be found."""
    hidden = ("PASSAGE_TEST_POSTGRES_URL", "CI", "PYTEST_", "COLUMNS")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(hidden)}
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_SERVER],
        cwd=ROOT,
        env=inherited | environment,
        check=False,
        capture_output=True,
        text=True,
    )


def test_without_a_server_one_line_says_what_was_not_tested() -> None:
    run = run_without_server()
    assert run.returncode == 0, run.stdout
    assert "1 passed, 1 skipped" in run.stdout
    assert run.stdout.count("!!! POSTGRESQL WAS NOT TESTED") == 1


def test_without_a_server_ci_fails() -> None:
    run = run_without_server(CI="true")
    assert run.returncode == 1, run.stdout
    assert "!!! POSTGRESQL WAS NOT TESTED" in run.stdout
