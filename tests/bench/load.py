"""The load generator, a process of its own: reads a job on standard input, prints what it took."""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

import uvloop

from tests.faults.wire import Wire


async def run(
    *, port: int, token: str, clients: int, body: Any, targets: Sequence[tuple[str, int]]
) -> dict[str, Any]:
    """Send `body` once to each target (path and version), with `clients` connections.

    Returns:
        the seconds for all, and the milliseconds for each.
    """
    waiting = iter(targets)
    took: list[float] = []

    async def client() -> None:
        wire = Wire(port=port, token=token)
        for path, version in waiting:
            began = time.perf_counter()
            answer = await wire.ask("POST", path, body, if_match=version)
            if answer.status != 201:
                raise RuntimeError(f"found {answer.status}, expected 201: {answer.body!r}")
            took.append((time.perf_counter() - began) * 1000)
        wire.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return {"seconds": time.perf_counter() - began, "milliseconds": took}


if __name__ == "__main__":
    json.dump(uvloop.run(run(**json.load(sys.stdin))), sys.stdout)
