"""Draws what each audience sees of a place, from the table that the service itself uses."""

from collections.abc import Callable

from app.domain.disclosure import WHO_SEES, Precision, Sensitivity
from app.domain.policy import Audience
from tools.svg import END, Box, Drawing, Look, Point

_CELL = Look(fill="#fdeeda", line="#c96a00", round=0)
_WAY = ((0.04, 0.8), (0.3, 0.62), (0.52, 0.66), (0.8, 0.3), (0.96, 0.2))
"""One way for all panes, by shares of width and height."""
_SMALL = (
    (0, 4),
    (1, 4),
    (1, 3),
    (2, 3),
    (3, 3),
    (4, 3),
    (4, 2),
    (5, 2),
    (5, 1),
    (6, 1),
    (7, 1),
    (7, 0),
)
_LARGE = ((0, 0), (1, 0))


def _exact(drawing: Drawing, box: Box) -> None:
    points = [box.at(*share) for share in _WAY]
    drawing.way(points, colour="#1c4f8a", width=2)
    drawing.dot(points[-1], colour="#1c4f8a")


def _fine(drawing: Drawing, box: Box) -> None:
    side = box.h / 5
    cells = [Box(x=box.x + c * side, y=box.y + r * side, w=side, h=side) for c, r in _SMALL]
    _cells(drawing, cells)


def _coarse(drawing: Drawing, box: Box) -> None:
    side = box.w / 2
    top = box.y + (box.h - side) / 2
    cells = [Box(x=box.x + c * side, y=top + r * side, w=side, h=side) for c, r in _LARGE]
    _cells(drawing, cells)


def _cells(drawing: Drawing, cells: list[Box]) -> None:
    for cell in cells:
        drawing.box(cell, [], look=_CELL)
    centres = [_rounded(cell.at(0.5, 0.5)) for cell in cells]
    drawing.way(centres, colour="#c96a00", width=1.5, dashed=True)


def _rounded(at: Point) -> Point:
    return round(at[0], 1), round(at[1], 1)


_GLYPHS: dict[Precision, Callable[[Drawing, Box], None]] = {
    Precision.EXACT: _exact,
    Precision.FINE: _fine,
    Precision.COARSE: _coarse,
}


def _words(sensitivity: Sensitivity, audience: Audience) -> list[str]:
    precision = WHO_SEES[sensitivity][audience]
    if precision is None:
        return ["not there"]
    if sensitivity is Sensitivity.SEVERE:
        return [precision.value, "exact only", "one at a time"]
    return [precision.value]


def audiences() -> str:
    """Draw a pane for each class and audience: exact, in small or large cells, or not there."""
    told = "; ".join(
        f"{sensitivity}: "
        + ", ".join(
            f"{audience} {', '.join(_words(sensitivity, audience))}" for audience in Audience
        )
        for sensitivity in Sensitivity
    )
    drawing = Drawing(
        width=860,
        height=560,
        title="What each audience sees of a place",
        description=f"{told}. From its release on every audience sees any place as of class low.",
    )
    drawing.text((20, 30), "What each audience sees of a site or corridor", size=16, bold=True,
                 anchor="start")  # fmt: skip
    for column, audience in enumerate(Audience):
        drawing.text((250 + column * 240, 62), audience.value, size=14, bold=True)
    for row, sensitivity in enumerate(Sensitivity):
        y = 76 + row * 110
        drawing.text((20, y + 54), sensitivity.value, size=14, bold=True, anchor="start")
        for column, audience in enumerate(Audience):
            _pane(drawing, Box(x=140 + column * 240, y=y, w=220, h=98), sensitivity, audience)
    drawing.text((20, 534), "From release_at on, every audience sees it as low, whatever its class. "
                 "The default class is high.", size=13, anchor="start")  # fmt: skip
    return drawing.render()


def _pane(drawing: Drawing, box: Box, sensitivity: Sensitivity, audience: Audience) -> None:
    precision = WHO_SEES[sensitivity][audience]
    drawing.box(box, [], look=END if precision is None else Look(line="#9bb4cc", round=0))
    inside = Box(x=box.x + 12, y=box.y + 14, w=112, h=70)
    if precision is not None:
        _GLYPHS[precision](drawing, inside)
    words = _words(sensitivity, audience)
    for line, word in enumerate(words):
        x = box.x + (110 if precision is None else 174)
        y = box.y + 54 + (line - (len(words) - 1) / 2) * 16
        drawing.text((x, y), word, size=12 if line else 13, bold=not line)
