"""The load of map clients, a process of its own: reads a job on standard input, prints what it took."""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from itertools import cycle, islice
from typing import Any

import uvloop

from tests.faults.wire import Wire


async def run(
    *, port: int, token: str, clients: int, count: int, asked: Sequence[tuple[str, str | None, int]]
) -> dict[str, Any]:
    """Ask in turn, with `clients` connections, `count` times in all.

    Args:
        asked: paths, the tag that is sent with each if any, and which status must come.

    Returns:
        the seconds for all, the milliseconds for each, and the bytes of all bodies.
    """
    waiting = islice(cycle(asked), count)
    took: list[float] = []
    size = 0

    async def client() -> None:
        nonlocal size
        wire = Wire(port=port, token=token)
        for path, tag, status in waiting:
            began = time.perf_counter()
            answer = await wire.ask("GET", path, if_none_match=tag)
            if answer.status != status:
                raise RuntimeError(f"{path}: found {answer.status}: {answer.body[:500]!r}")
            took.append((time.perf_counter() - began) * 1000)
            size += len(answer.body)
        wire.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return {"seconds": time.perf_counter() - began, "milliseconds": took, "bytes": size}


if __name__ == "__main__":
    json.dump(uvloop.run(run(**json.load(sys.stdin))), sys.stdout)
