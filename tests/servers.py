"""The real service, and a PostgreSQL server of its own, as processes that a test may kill."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.databases import Database, make_server
from tests.postgres import Cluster, free_port, throwaway_cluster

ROOT = Path(__file__).parents[1]
PASSAGE = ("-c", "from app.start import main; main()")
"""How Python runs the command line."""
_PATIENCE_S = 30.0


class Service:
    """The service on a port of its own; its settings and its log are in `folder`."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        *,
        program: Sequence[str] = PASSAGE,
        **environment: str,
    ) -> None:
        """Describe a service on `database`; `start` starts it.

        Args:
            program: what Python is to run; it takes `serve --port`.
            environment: further settings, for instance `PASSAGE_POOL_SIZE="4"`.
        """
        self.port = free_port()
        self._program = program
        self.log = folder / "service.log"
        self._process: subprocess.Popen[bytes] | None = None
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PASSAGE_")}
        self._environment = {
            **inherited,
            "PYTHONPATH": str(ROOT),
            "PASSAGE_DATA_DIR": str(folder),
            **database.environment,
            **environment,
        }

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def process_id(self) -> int:
        """The process id of the running service."""
        if self._process is None:
            raise RuntimeError("the service does not run")
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether the process that was started is still there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            RuntimeError: it ended, or did not answer in time; the message holds the end of its log.
        """
        command = [sys.executable, *self._program, "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + _PATIENCE_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                end = self.log.read_text(errors="replace")[-3000:]
                raise RuntimeError(f"the service does not start: {end}")
            time.sleep(0.02)

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._process = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False


@contextmanager
def running_service(
    database: Database, folder: Path, *, program: Sequence[str] = PASSAGE, **environment: str
) -> Iterator[Service]:
    """Lend a running service; it is gone afterwards, whatever the test did to it."""
    service = Service(database, folder, program=program, **environment)
    service.start()
    try:
        yield service
    finally:
        with contextlib.suppress(ProcessLookupError):
            service.kill()


@contextmanager
def killable_postgres() -> Iterator[tuple[Cluster, Database]]:
    """Lend a cluster that no other test uses, with one migrated database on it."""
    with throwaway_cluster() as cluster:
        yield cluster, make_server(cluster.url).migrated
