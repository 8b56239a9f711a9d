"""A throwaway PostgreSQL cluster with PostGIS, as safe against power loss as one in production.

`python -m tests.postgres start DIRECTORY` prints the superuser's URL, `… stop DIRECTORY` ends it.
"""

import contextlib
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

OLDEST = 15
SUPERUSER = "passage_super"
UNPRIVILEGED = ("postgres", "nobody")

# A zone and a collation unlike SQLite's: what relies on the server's defaults fails here.
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "timezone": "Asia/Kathmandu",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "30min",
    "logging_collector": "off",
}


class NoPostgres(Exception):
    """No PostgreSQL with PostGIS can be used here; the message says why."""


def free_port() -> int:
    """Find a port that nobody listens on, outside the range that outgoing connections take."""
    while True:  # not by `random`, which each test process seeds alike
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def with_database(url: str, database: str) -> str:
    """Name the same server as `url`, but `database` on it."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def with_role(url: str, role: str, password: str) -> str:
    """Name the same server and database as `url`, entered as `role`."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(password)}@{place}"))


def find_binaries() -> Path:
    """Find the folder of the newest PostgreSQL server programs that have PostGIS beside them.

    Raises:
        NoPostgres: there are none of version 15 or later.
    """
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    folders += [path.parent for path in Path("/usr/local").glob("pgsql*/bin/initdb")]
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).resolve().parent)
    if config := shutil.which("pg_config"):
        folders.append(Path(_output(config, "--bindir")))
    usable = [
        (version, folder)
        for folder in folders
        if (folder / "postgres").exists() and (version := _major(folder)) >= OLDEST
    ]
    if not usable:
        raise NoPostgres(f"no PostgreSQL server of version {OLDEST} or later was found")
    for _, folder in sorted(usable, reverse=True):
        if _has_postgis(folder):
            return folder
    raise NoPostgres("PostgreSQL was found, but without PostGIS")


def _output(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _major(folder: Path) -> int:
    """Read the version from, for instance, `initdb (PostgreSQL) 15.18 (Debian …)`."""
    return int(_output(folder / "initdb", "--version").split(")")[1].split(".")[0])


def _has_postgis(folder: Path) -> bool:
    config = folder / "pg_config"
    if not config.exists():  # the server will tell when the extension is made
        return True
    return (Path(_output(config, "--sharedir")) / "extension" / "postgis.control").exists()


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A cluster of our own in `directory`; start, stop, kill and start it again at will."""

    directory: str
    binaries: str
    port: int
    password: str
    account: str | None

    @property
    def url(self) -> str:
        """Where its superuser signs in; the database is `postgres`."""
        return f"postgresql://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/postgres"

    @property
    def data(self) -> Path:
        """The folder that holds the server's files."""
        return Path(self.directory) / "data"

    def start(self) -> None:
        """Start the server and wait until it answers; after a kill it recovers first.

        Raises:
            NoPostgres: it did not come up; the message holds the end of its log.
        """
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        options += f" -c port={self.port} -c listen_addresses=127.0.0.1"
        options += " -c unix_socket_directories="
        log = Path(self.directory) / "log"
        try:
            self._run("pg_ctl", "start", "-w", "-t", "60", "-l", str(log), "-o", options)
        except subprocess.CalledProcessError as error:
            end = log.read_text(errors="replace")[-2000:] if log.exists() else error.stdout
            raise NoPostgres(f"PostgreSQL does not start: {end}") from error

    def stop(self) -> None:
        """Stop the server at once; what was acknowledged is on disk."""
        if self.main_process() is not None:
            self._run("pg_ctl", "stop", "-w", "-m", "immediate")

    def kill(self) -> None:
        """Kill every process of the server with SIGKILL, as a power cut would."""
        main = self.main_process()
        if main is None:
            return
        os.kill(main, signal.SIGSTOP)  # lest it starts new ones meanwhile
        victims = [*_children(main), main]
        for process in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while any(_alive(process) for process in victims):
            if time.monotonic() > deadline:
                raise TimeoutError("PostgreSQL outlived SIGKILL for 30 s")
            time.sleep(0.01)
        # Where nothing collects orphans, a zombie's id in this file passes for a running server.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def main_process(self) -> int | None:
        """Tell the server's process id, or nothing when it is down."""
        try:
            process = int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return None
        return process if _alive(process) else None

    def _run(self, program: str, *arguments: str) -> None:
        _as_account(self.account, [f"{self.binaries}/{program}", "-D", str(self.data), *arguments])


def _children(process: int) -> list[int]:
    try:
        return [int(one) for one in _proc(process, f"task/{process}/children").split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _alive(process: int) -> bool:
    """Tell whether `process` runs; one that has ended and waits to be collected does not."""
    try:
        return _proc(process, "stat").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _proc(process: int, name: str) -> str:
    return Path(f"/proc/{process}/{name}").read_text()


def _as_account(account: str | None, command: list[str]) -> None:
    """Run `command`, as `account` where one is named: the server refuses to run as root."""
    entry = pwd.getpwnam(account) if account else None
    subprocess.run(
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        user=entry.pw_uid if entry else None,
        group=entry.pw_gid if entry else None,
        extra_groups=[] if entry else None,
    )


def _server_account() -> str | None:
    """Name the account that is to run the server, where it cannot be ours."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in UNPRIVILEGED:
        if name in known:
            return name
    raise NoPostgres(f"root may not run PostgreSQL, and none of {UNPRIVILEGED} is an account here")


def make_cluster(directory: Path) -> Cluster:
    """Make a cluster in `directory`, which must not exist yet, and start it.

    Raises:
        NoPostgres: there is no server here, or it does not run.
    """
    binaries = find_binaries()
    account = _server_account()
    directory.mkdir(mode=0o700)
    cluster = Cluster(
        directory=str(directory),
        binaries=str(binaries),
        port=free_port(),
        password=secrets.token_urlsafe(24),
        account=account,
    )
    password = directory / "password"
    password.write_text(cluster.password)
    if account:
        for path in (directory, password):
            shutil.chown(path, account)
    common = ["-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={password}", "-E", "UTF8"]
    icu = ["--locale=C", "--locale-provider=icu", "--icu-locale=en-US"]
    try:
        cluster._run("initdb", *common, *icu)
    except subprocess.CalledProcessError as error:
        raise NoPostgres(f"initdb failed: {error.stdout}") from error
    cluster.start()
    return cluster


@contextlib.contextmanager
def throwaway_cluster() -> Iterator[Cluster]:
    """Lend a cluster that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="passage-pg-") as folder:
        Path(folder).chmod(0o711)
        cluster = make_cluster(Path(folder) / "cluster")
        try:
            yield cluster
        finally:
            cluster.stop()


def main(command: str, directory: str) -> None:
    """Start a cluster in `directory` and print its URL, or stop it and take it away."""
    note = Path(directory) / "cluster.json"
    if command == "start":
        cluster = make_cluster(Path(directory) / "cluster")
        note.touch(mode=0o600)
        note.write_text(json.dumps(asdict(cluster)))
        sys.stdout.write(f"{cluster.url}\n")
    elif command == "stop" and note.exists():
        Cluster(**json.loads(note.read_text())).stop()
        shutil.rmtree(directory)


if __name__ == "__main__":
    main(*sys.argv[1:])
