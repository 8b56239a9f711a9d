"""Every command that a page marks as tested runs as written, and shows what the page says."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Database
from tests.docs.pages import ROOT, TESTED, blocks, name
from tests.servers import PASSAGE, Service, running_service

_MARK = "----- next block -----"
_PATIENCE_S = 240


@pytest.fixture
def service(database: Database, tmp_path: Path) -> Iterator[Service]:
    """Lend a service with the case freshly loaded, as `make run` leaves it."""
    data = tmp_path / "data"
    data.mkdir()
    environment = {**os.environ, **database.environment, "PASSAGE_DATA_DIR": str(data)}
    demo = [sys.executable, *PASSAGE, "demo", "--tokens", str(data / "tokens.json")]
    subprocess.run(
        demo, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=_PATIENCE_S
    )
    with running_service(database, data) as running:
        yield running


def run(page: Path, service: Service, folder: Path) -> list[str]:
    """Run the commands of a page in one shell, and give the output of each block."""
    if shutil.which("curl") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must run the commands of the docs: curl is missing", pytrace=False)
        pytest.skip("curl is missing")
    for part in ("app", "docs"):
        (folder / part).symlink_to(ROOT / part)
    script = "".join(f"echo '{_MARK}'\n{block.commands}" for block in blocks(page))
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {
        "PATH": path,
        "PASSAGE_URL": service.url,
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
    }
    done = subprocess.run(
        ["bash", "-eu", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout.split(f"{_MARK}\n")[1:]


def shows(output: str, expected: tuple[str, ...]) -> bool:
    """Whether the lines come in this order in the output; `…` stands for anything."""
    lines = iter(output.splitlines())
    patterns = [".*".join(map(re.escape, line.split("…"))) for line in expected]
    return all(any(re.fullmatch(pattern, line) for line in lines) for pattern in patterns)


@pytest.mark.parametrize("page", TESTED, ids=name)
def test_the_commands_of_a_page_do_what_it_says(
    page: Path, service: Service, tmp_path: Path
) -> None:
    outputs = run(page, service, tmp_path)
    for block, output in zip(blocks(page), outputs, strict=True):
        assert shows(output, block.shown), f"{block.commands}\n---\n{output}"


def test_the_script_of_the_readme_ends_in_force(service: Service, tmp_path: Path) -> None:
    *_, last = run(ROOT / "README.md", service, tmp_path)
    *_, bar, status = last.splitlines()
    assert status == "in_force"
    assert "'reasons': []" in bar
