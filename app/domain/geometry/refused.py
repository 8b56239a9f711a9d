"""How a geometry is refused: what was found, what was expected, and where."""

from typing import TypeAlias

Path: TypeAlias = "tuple[str | int, ...]"
"""Steps within the geometry, such as ("coordinates", 0, 3)."""


class GeometryRefused(Exception):
    """A geometry cannot be taken as it is.

    Attributes:
        message: what was found and what was expected.
        path: the steps to the place; empty for the geometry as a whole.
    """

    def __init__(self, message: str, path: Path = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
