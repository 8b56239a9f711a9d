"""What the repository holds: nothing of the machine it was written on, and sound locks."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Written with brackets, so that this file does not find itself.
OF_A_MACHINE = re.compile(
    r"(?<![\w.])/(home|[r]oot|[U]sers|[w]ork|[o]pt/pypi)/"
    r"|\b(py[p]i|test\.py[p]i)\.org|python[h]osted|registry\.npm[j]s|(deb|security)\.deb[i]an\.org"
)
PINNED = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?P<marker> ; .+?)?(?: \\)?$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def files() -> list[Path]:
    """Name what is, or is about to be, under version control."""
    if not (ROOT / ".git").exists() and os.environ.get("CI") != "true":
        pytest.skip("not a clone: git knows which files belong to the repository")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_no_file_names_a_package_registry_or_a_folder_of_somebody() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in files()
        if (match := OF_A_MACHINE.search(path.read_text(encoding="utf-8", errors="ignore")))
    ]
    assert found == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
class TestLock:
    def test_each_requirement_is_pinned_and_has_hashes(self, lock: str) -> None:
        lines = [one for one in (ROOT / lock).read_text().splitlines() if not _comment(one)]
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            assert PINNED.match(line) or HASH.match(line), line
            if PINNED.match(line):
                assert HASH.match(following), f"{line} has no hash"

    def test_it_holds_no_address(self, lock: str) -> None:
        assert "://" not in (ROOT / lock).read_text()

    def test_it_holds_what_the_project_asks_for(self, lock: str) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        wanted = list(project["dependencies"])
        if "dev" in lock:
            wanted += project["optional-dependencies"]["dev"]
        names = {re.split(r"[\[><=; ]", one)[0].lower() for one in wanted}
        assert names <= pins(lock).keys()


def test_tests_run_with_the_versions_that_are_served() -> None:
    served, tested = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: tested.get(name) for name in served} == served


def pins(lock: str) -> dict[str, set[str]]:
    """Give the versions of each package; there may be one for each version of Python."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / lock).read_text().splitlines():
        if match := PINNED.match(line):
            found.setdefault(match["name"], set()).add(match["version"])
    return found


def _comment(line: str) -> bool:
    return line.lstrip().startswith("#")
