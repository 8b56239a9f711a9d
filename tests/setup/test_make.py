"""`make` says what there is to do, and set-up says what is missing."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import show_tokens

ROOT = Path(__file__).parents[2]
PROMISED = {"run", "test", "setup", "check", "bench", "help"}
needs_make = pytest.mark.skipif(
    shutil.which("make") is None and os.environ.get("CI") != "true", reason="make is not installed"
)
"""In CI it is not skipped: there it fails where make is missing."""


def make(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make as if from a shell, not from the make that may run these tests."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments],
        cwd=cwd,
        env=inherited | environment,
        check=False,
        capture_output=True,
        text=True,
    )


def targets() -> set[str]:
    """Name what the Makefile offers."""
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    return set(phony[1].split())


def test_all_that_is_promised_is_there() -> None:
    assert targets() >= PROMISED


@needs_make
@pytest.mark.parametrize("arguments", [(), ("help",)])
def test_help_names_every_target_and_is_the_default(arguments: tuple[str, ...]) -> None:
    said = make(*arguments).stdout
    assert set(re.findall(r"^  make ([a-z]+) +\S", said, re.MULTILINE)) == targets()


@needs_make
def test_without_a_usable_python_it_says_what_to_install(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements-dev.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    answer = make("setup", "PYTHON=false", cwd=tmp_path)
    assert answer.returncode != 0
    assert "needs Python 3.11 or newer" in answer.stderr
    assert "apt-get install python3" in answer.stderr
    assert not (tmp_path / ".venv").exists()


@needs_make
def test_a_set_up_tree_is_not_set_up_again(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements-dev.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / ".venv" / "ready").write_text(f"{tmp_path}\n")
    answer = make("setup", cwd=tmp_path)
    assert (answer.returncode, answer.stdout) == (0, "")

    (tmp_path / ".venv" / "ready").write_text("/elsewhere\n")
    assert make("setup", "PYTHON=false", cwd=tmp_path).returncode != 0


def test_every_token_is_shown_with_what_it_may_do(tmp_path: Path) -> None:
    tokens = {name: f"sp_{number}" for number, name in enumerate(show_tokens.MAY)}
    path = tmp_path / "tokens.json"
    path.write_text(json.dumps(tokens))
    command = [sys.executable, str(ROOT / "tools/show_tokens.py"), str(path), "8123"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for name, token in tokens.items():
        assert re.search(rf"^  {name} +{token}  \S", said, re.MULTILINE)
    assert "http://127.0.0.1:8123/v1/" in said


def test_the_tokens_that_are_explained_are_those_of_the_contract() -> None:
    assert set(show_tokens.MAY) == {
        "administrator",
        "auditor",
        "coordinator-icrc",
        "coordinator-ocha",
        "coordinator-russian-mod",
        "coordinator-ukraine",
        "map-client",
    }


def test_ci_runs_the_checks_and_the_tests_as_ci() -> None:
    script = ROOT / ".ci" / "run"
    text = script.read_text()
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    assert "export CI=true" in text
    assert re.search(r"^make check\nmake test$", text, re.MULTILINE)
