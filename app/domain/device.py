"""What a file may say that a driver takes along: it goes stale, and nobody can call it back.

Every doubt falls to "do not move".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.instant import parse_instant

UNTOLD = "Nothing says that anybody may move here."
NOT_PRESENT = "This shows another time than the present, or what was known at another time."
NOT_THE_WAY = "You may know this corridor by wide cells only. What is drawn is not the way."
NO_END = "Nothing says until when this can be relied on."


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What a device says of a corridor.

    Attributes:
        reasons: why nobody may move along it; only where there is none may anybody.
        until: until when that can be relied on; None where anything bars.
    """

    reasons: tuple[str, ...]
    until: datetime | None


def advice(
    do_not_move: Mapping[str, Any] | None, *, is_exact: bool, is_present: bool, read_at: datetime
) -> Advice:
    """Tell what a device may say of a corridor.

    Args:
        do_not_move: as its reader is told it; None where it is not.
        is_exact: whether its reader sees the way itself.
        is_present: whether the present is asked about, as it is known now.
    """
    told = do_not_move or {}
    until = parse_instant(told["until"]) if told.get("until") else None
    ours = _doubts(told, until, is_exact=is_exact, is_present=is_present, read_at=read_at)
    reasons = (*(each["message"] for each in told.get("reasons", ())), *ours)
    return Advice(reasons=reasons, until=None if reasons else until)


def _doubts(
    told: Mapping[str, Any],
    until: datetime | None,
    *,
    is_exact: bool,
    is_present: bool,
    read_at: datetime,
) -> Iterator[str]:
    if "reasons" not in told:
        yield UNTOLD
    elif not told["reasons"] and (until is None or until <= read_at):
        yield NO_END
    if not is_exact:
        yield NOT_THE_WAY
    if not is_present:
        yield NOT_PRESENT
