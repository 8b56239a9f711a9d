"""The properties of a feature as a tile can hold them: no null, nothing nested.

What is nested comes as JSON text. What bars moving comes besides in a form that the style of a map
can ask about, so that nobody draws a corridor as open that is barred.
"""

from functools import lru_cache

import orjson

from app.domain.tiles.encoding import Value

DO_NOT_MOVE = "do_not_move"
CODES, UNTIL = "do_not_move_codes", "do_not_move_until"
NOT_KNOWN = "not_known"
"""The code of a corridor of which nothing says whether people may move; nobody may."""
_KEPT = 1024


def flat(
    told: str, reasons: str | None = None, until: str | None = None, *, barred: bool
) -> dict[str, Value]:
    """Give the properties of a feature as those of a tile.

    Args:
        told: an object of JSON, without `do_not_move`.
        reasons: objects of JSON with commas between; None where the feature has no `do_not_move`.
        until: JSON.
        barred: whether nobody may move where `do_not_move` is missing.
    """
    found: dict[str, Value] = {
        name: orjson.dumps(value).decode() if isinstance(value, dict | list) else value
        for name, value in orjson.loads(told).items()
        if value is not None
    }
    if reasons is not None and until is not None:
        return found | _do_not_move(reasons, until)
    return found | {CODES: NOT_KNOWN} if barred else found


@lru_cache(maxsize=_KEPT)
def _do_not_move(reasons: str, until: str) -> dict[str, Value]:
    text = f'{{"reasons":[{reasons}],"until":{until}}}'
    told = orjson.loads(text)
    found: dict[str, Value] = {DO_NOT_MOVE: text}
    codes = ",".join(each["code"] for each in told["reasons"])
    found |= {CODES: codes} if codes else {}
    found |= {UNTIL: told["until"]} if told["until"] else {}
    return found
