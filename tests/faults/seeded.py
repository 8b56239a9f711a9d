"""The service with a fault on purpose: `python -m tests.faults.seeded FAULT serve --port PORT`.

The tests must report each of them, or they would report none.
"""

import asyncio
import sys
from collections.abc import Callable
from typing import Any, cast, get_args


def answer_first() -> None:
    """Commit after the answer, as FastAPI does by default, and not at once."""
    from app.http import deps, transaction  # noqa: PLC0415 - before the routes are made

    vars(transaction)["end"] = lambda _: None
    object.__setattr__(get_args(deps.Db)[1], "scope", "request")
    end = deps._end

    async def end_later(*given: Any) -> None:
        await asyncio.sleep(0.05)
        await end(*given)

    vars(deps)["_end"] = end_later


def forget_keys() -> None:
    """Never keep an idempotency key."""
    from app.ledger import idempotency  # noqa: PLC0415

    idempotency.keep = lambda *_: None


def keep_half() -> None:
    """Record a position in the history, but not as a row."""
    from app.agreements import rows  # noqa: PLC0415

    del cast("dict[str, Any]", rows._ROWS)["position"]


def let_corridors_be() -> None:
    """Suspend no corridor when its agreement stops."""
    from app.corridors import following  # noqa: PLC0415

    vars(following)["_suspend"] = lambda *_: {}


FAULTS: dict[str, Callable[[], None]] = {
    "answer-first": answer_first,
    "forget-keys": forget_keys,
    "keep-half": keep_half,
    "let-corridors-be": let_corridors_be,
}


def program(fault: str) -> tuple[str, ...]:
    """How Python runs the service with that fault."""
    return ("-m", "tests.faults.seeded", fault)


if __name__ == "__main__":
    FAULTS[sys.argv.pop(1)]()
    from app.console import main

    main()
