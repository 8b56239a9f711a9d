"""Draws boxes, arrows and words as SVG that can be read on paper and by a screen reader."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

FONT = "font-family:'DejaVu Sans',Verdana,sans-serif"
INK = "#1b2733"
Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Look:
    """Colours and line of a box; what they say is also said in words."""

    fill: str = "#ffffff"
    line: str = INK
    dashed: bool = False
    round: int = 10


LIVE = Look(fill="#eaf2fb")
OPEN = Look(fill="#dff3e4", line="#1c6b3a")
STOPPED = Look(fill="#fdeeda", line="#9a5b00")
END = Look(fill="#f0f0f0", line="#555555", round=0)
PLAIN = Look()
NOTE = Look(fill="#fffbe6", line="#8a7a2a", dashed=True)


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle with lines of words; a first line that is bold."""

    x: float
    y: float
    w: float
    h: float

    def at(self, across: float, down: float) -> Point:
        """Give the point at these shares of width and height."""
        return self.x + self.w * across, self.y + self.h * down


@dataclass(kw_only=True)
class Drawing:
    """A picture of this size, with a title and a description for those who cannot see it."""

    width: int
    height: int
    title: str
    description: str
    _parts: list[str] = field(default_factory=list)

    def text(
        self,
        at: Point,
        words: str,
        *,
        size: int = 13,
        bold: bool = False,
        anchor: str = "middle",
        colour: str = INK,
    ) -> None:
        """Write one line."""
        weight = ";font-weight:bold" if bold else ""
        self._parts.append(
            f'<text x="{at[0]:g}" y="{at[1]:g}" text-anchor="{anchor}" '
            f'fill="{colour}" style="{FONT};font-size:{size}px{weight}">{escape(words)}</text>'
        )

    def box(
        self,
        box: Box,
        lines: Sequence[str],
        *,
        look: Look = PLAIN,
        size: int = 12,
        bold: bool = True,
    ) -> None:
        """Draw a box, its first line bold, all lines centred."""
        dashes = ' stroke-dasharray="6 4"' if look.dashed else ""
        self._parts.append(
            f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.w:g}" height="{box.h:g}" '
            f'rx="{look.round}" fill="{look.fill}" stroke="{look.line}" stroke-width="1.5"{dashes}/>'
        )
        step = size + 5
        top = box.y + box.h / 2 - step * (len(lines) - 1) / 2 + size * 0.35
        for index, line in enumerate(lines):
            first = bold and index == 0
            at = (box.x + box.w / 2, top + step * index)
            self.text(at, line, size=size + 1 if first else size, bold=first)

    def arrow(
        self, points: Sequence[Point], *, label: str = "", dashed: bool = False, colour: str = INK
    ) -> None:
        """Draw a line through the points with a head at the last, and a label on its longest part."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        dashes = ' stroke-dasharray="6 4"' if dashed else ""
        self._parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"'
            f'{dashes} marker-end="url(#head)"/>'
        )
        if label:
            self._badge(_middle(points), label)

    def _badge(self, at: Point, label: str) -> None:
        self._parts.append(
            f'<circle cx="{at[0]:g}" cy="{at[1]:g}" r="10" fill="#ffffff" stroke="{INK}"/>'
        )
        self.text((at[0], at[1] + 4), label, size=11, bold=True)

    def line(self, start: Point, end: Point, *, dashed: bool = False, colour: str = INK) -> None:
        """Draw a line without a head."""
        dashes = ' stroke-dasharray="4 4"' if dashed else ""
        self._parts.append(
            f'<line x1="{start[0]:g}" y1="{start[1]:g}" x2="{end[0]:g}" y2="{end[1]:g}" '
            f'stroke="{colour}" stroke-width="1.2"{dashes}/>'
        )

    def way(
        self, points: Sequence[Point], *, colour: str, width: float, dashed: bool = False
    ) -> None:
        """Draw a line through the points, without a head."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        dashes = ' stroke-dasharray="5 4"' if dashed else ""
        self._parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"'
            f'{dashes} stroke-linejoin="round"/>'
        )

    def dot(self, at: Point, *, colour: str = INK) -> None:
        """Draw a point."""
        self._parts.append(f'<circle cx="{at[0]:g}" cy="{at[1]:g}" r="6" fill="{colour}"/>')

    def render(self) -> str:
        """Give the whole file."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img" '
            'aria-labelledby="title description">'
        )
        marker = (
            '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
            f'markerHeight="8" orient="auto"><path d="M0,0 L10,5 L0,10 z" fill="{INK}"/>'
            "</marker></defs>"
        )
        words = (
            f'<title id="title">{escape(self.title)}</title>'
            f'<desc id="description">{escape(self.description)}</desc>'
        )
        paper = f'<rect width="{self.width}" height="{self.height}" fill="#ffffff"/>'
        return "\n".join([head, words, marker, paper, *self._parts, "</svg>"]) + "\n"


def _middle(points: Sequence[Point]) -> Point:
    """Return the middle of the longest part of a line."""
    parts = list(itertools.pairwise(points))
    (ax, ay), (bx, by) = max(parts, key=lambda p: abs(p[0][0] - p[1][0]) + abs(p[0][1] - p[1][1]))
    return (ax + bx) / 2, (ay + by) / 2
