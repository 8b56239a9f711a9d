"""The addresses of tiles, as C2SP tlog-tiles writes them: `x001/x234/067`, `067.p/12`."""

import re

from app.log.tree import TILE

_TILE = re.compile(r"((?:x[0-9]{3}/){0,3}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
HIGHEST_LEVEL = 5


def read_tile(address: str) -> tuple[int, int] | None:
    """Read number and width of a tile; None where the address is none."""
    found = _TILE.fullmatch(address)
    if found is None:
        return None
    number, width = int(re.sub("[x/]", "", found[1])), int(found[2] or TILE)
    is_plain = found[2] is None or width < TILE
    return (number, width) if is_plain and write_number(number) == found[1] else None


def write_number(number: int) -> str:
    """Write the number of a tile in groups of three digits, all but the last with an x."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def read_level(text: str) -> int | None:
    """Read the level of a tile of hashes; None where there is no such level."""
    return int(text) if re.fullmatch("[0-9]", text) and int(text) <= HIGHEST_LEVEL else None
