"""The properties of a feature as a tile can hold them: no null, nothing nested.

What is nested comes as JSON text. What bars moving comes besides in a form that the style of a map
can ask about, so that nobody draws a corridor as open that is barred.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from app.domain.tiles.encoding import Value

DO_NOT_MOVE = "do_not_move"
CODES, UNTIL = "do_not_move_codes", "do_not_move_until"
NOT_KNOWN = "not_known"
"""The code of a corridor of which nothing says whether people may move; nobody may."""


def flat(properties: Mapping[str, Any], *, barred: bool) -> dict[str, Value]:
    """Give the properties of a feature as those of a tile.

    Args:
        barred: whether nobody may move where `do_not_move` is missing.
    """
    found: dict[str, Value] = {
        name: orjson.dumps(value).decode() if isinstance(value, dict | list) else value
        for name, value in properties.items()
        if value is not None
    }
    told = properties.get(DO_NOT_MOVE)
    if told is not None:
        codes = ",".join(each["code"] for each in told["reasons"])
        found |= {CODES: codes} if codes else {}
        found |= {UNTIL: told["until"]} if told["until"] else {}
    elif barred:
        found[CODES] = NOT_KNOWN
    return found
