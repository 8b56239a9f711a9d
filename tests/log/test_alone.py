"""The verifier runs where nothing of the service is, from its one file."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.log import verifier
from tests.log.exports import LOG, given_history, write

_BESIDE = ("cryptography", "cffi", "_cffi_backend")
_RUN = """
import runpy, sys
sys.path.insert(0, "packages")
sys.argv = ["verifier.py", *sys.argv[1:]]
try:
    runpy.run_path("verifier.py", run_name="__main__")
finally:
    names = {name.partition(".")[0] for name in sys.modules}
    sys.stderr.write(" ".join(sorted(names - sys.stdlib_module_names)))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder with the file alone, an export, and `cryptography` to import."""
    shutil.copy(str(verifier.__file__), tmp_path / "verifier.py")
    (tmp_path / "export").write_bytes(write(given_history().lines()))
    (tmp_path / "packages").mkdir()
    for name in _BESIDE:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            continue
        origin = Path(found.origin)
        origin = origin.parent if found.submodule_search_locations else origin
        (tmp_path / "packages" / origin.name).symlink_to(origin)
    return tmp_path


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", _RUN, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_verifies_and_imports_nothing_of_the_service(folder: Path) -> None:
    done = run(folder, "export", "--key", LOG.verifier.vkey)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("intact: 7 entries")
    assert set(done.stderr.split()) <= {*_BESIDE, "__main__", "__mp_main__", "_openssl"}


def test_it_leaves_with_the_status_of_its_verdict(folder: Path) -> None:
    export = folder / "export"
    export.write_bytes(export.read_bytes()[:-9])
    assert run(folder, "export", "--key", LOG.verifier.vkey).returncode == 2
    assert run(folder, "export").returncode == 3
    assert run(folder, "--help").returncode == 0
