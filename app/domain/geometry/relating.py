"""How do two geometries lie to each other? The relations of OGC 06-103r4, on the shapes themselves."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

Relates = Callable[[bytes | None, bytes | None], bool | None]


def relation(name: str) -> Relates:
    """Give the test for a relation by its name in shapely, such as `within`.

    It takes two geometries as well-known binary; None, which is unknown, where one is missing.
    """

    def relates(one: bytes | None, other: bytes | None) -> bool | None:
        if one is None or other is None:
            return None
        return bool(_test(name)(_read(one), _read(other)))

    return relates


@lru_cache
def _test(name: str) -> Callable[[Any, Any], bool]:
    # Loaded with the first geometry: it takes a tenth of the time that the service takes to start.
    import shapely  # noqa: PLC0415

    found: Callable[[Any, Any], bool] = getattr(shapely, name)
    return found


@lru_cache(maxsize=64)
def _read(wkb: bytes) -> Any:
    """Read a geometry; the one that a filter names comes again with each row."""
    from shapely import from_wkb  # noqa: PLC0415

    return from_wkb(wkb)
