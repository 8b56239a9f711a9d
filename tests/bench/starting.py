"""How long the service takes to answer after its start, and how much memory it then holds."""

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from tests.databases import Database
from tests.servers import Service

_IDLE_S = 2.0


@dataclass(frozen=True, kw_only=True)
class Started:
    """Seconds from the start of the process to the first 200 of `/healthz`, and mebibytes."""

    seconds: float
    idle_mib: float


def start(database: Database, folder: Path, *, times: int) -> Started:
    """Start the service so many times on a migrated database; the medians."""
    seconds, mebibytes = [], []
    for _ in range(times):
        service = Service(database, folder)
        began = time.perf_counter()
        service.start()
        seconds.append(time.perf_counter() - began)
        time.sleep(_IDLE_S)
        mebibytes.append(resident_mib(service.process_id))
        service.stop()
    return Started(seconds=statistics.median(seconds), idle_mib=statistics.median(mebibytes))


def resident_mib(process: int) -> float:
    """Tell the resident memory of a process."""
    return _mib(process, "VmRSS")


def own_mib(process: int) -> float:
    """Tell the resident memory of a process that is no file's.

    Each connection to SQLite maps the same file, and all of it would count once for each.
    """
    return _mib(process, "RssAnon")


def _mib(process: int, name: str) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {process} does not tell its {name}")
