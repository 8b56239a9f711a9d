"""Draws the state machines of agreements, corridors and windows from the tables of the rules.

Places are chosen by hand; which arrows there are, and what they are called, is not: it comes from
their `MOVES` and from `NEXT_WINDOW_STATUS`. A status without a place, or an arrow without a way, is an error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.agreement.revision import FALLS
from app.domain.agreement.status import MOVES, TERMINAL, Laterality, Move, Status
from app.domain.corridor import status as corridor_status
from app.domain.corridor.status import CorridorMove, CorridorStatus
from app.domain.window import NEXT_WINDOW_STATUS, WindowStatus
from tools.svg import END, LIVE, OPEN, STOPPED, Box, Drawing, Look, Point

WIDTH, HEIGHT, GAP_X, GAP_Y, LEFT, TOP = 160, 112, 46, 70, 20, 96
Place = tuple[int, int]
Ways = Mapping[tuple[str, str], str]


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """One arrow, by the names of its ends, and the number under which the table has it."""

    start: str
    to: str
    label: str


def numbered_moves(laterality: Laterality) -> list[tuple[int, Move]]:
    """Number the moves of an agreement of this laterality, in the order of the table."""
    listed = [move for move in MOVES if move.kinds.include(laterality)]
    return list(enumerate(listed, start=1))


def numbered_corridor_moves() -> list[tuple[int, tuple[CorridorMove, ...]]]:
    """Number the pairs of statuses of a corridor's table; one has a move for each kind at most."""
    pairs = dict.fromkeys((m.start, m.to) for m in corridor_status.MOVES)
    grouped = (tuple(m for m in corridor_status.MOVES if (m.start, m.to) == pair) for pair in pairs)
    return list(enumerate(grouped, start=1))


def box_at(place: Place) -> Box:
    """Give the box of a column and a row."""
    column, row = place
    return Box(x=LEFT + column * (WIDTH + GAP_X), y=TOP + row * (HEIGHT + GAP_Y), w=WIDTH, h=HEIGHT)


def draw(
    drawing: Drawing,
    places: Mapping[str, Place],
    arrows: Sequence[Arrow],
    ways: Ways,
    inside: Mapping[str, Sequence[str]],
    looks: Mapping[str, Look],
) -> None:
    """Draw the boxes with what stands inside them, and the arrows between them."""
    for arrow in arrows:
        points = _way(arrow, places, ways)
        drawing.arrow(points, label=arrow.label)
    for name, place in places.items():
        lines = [name, *inside.get(name, ())]
        drawing.box(box_at(place), lines, look=looks.get(name, LIVE), size=11)


def _way(arrow: Arrow, places: Mapping[str, Place], ways: Ways) -> list[Point]:
    start, to = places[arrow.start], places[arrow.to]
    a, b = box_at(start), box_at(to)
    way = ways.get((arrow.start, arrow.to))
    if way == "over":
        y = min(a.y, b.y) - 26
        return [a.at(0.3, 0), (a.at(0.3, 0)[0], y), (b.at(0.5, 0)[0], y), b.at(0.5, 0)]
    if way == "side_up":
        return [a.at(0, 0.5), (b.at(0.5, 0)[0], a.at(0, 0.5)[1]), b.at(0.5, 1)]
    if way == "up_right":
        return [a.at(0.7, 0), (a.at(0.7, 0)[0], b.at(0, 0.5)[1]), b.at(0, 0.5)]
    if way == "gap":
        x = a.at(1, 0)[0] + GAP_X / 2
        end = b.at(0, 0.7 if b.y < a.y else 0.5)
        return [a.at(1, 0.55), (x, a.at(1, 0.55)[1]), (x, end[1]), end]
    if way == "right_up":
        return [a.at(1, 0.3), (b.at(0.3, 1)[0], a.at(1, 0.3)[1]), b.at(0.3, 1)]
    if way == "down_left":
        return [a.at(0.7, 1), (a.at(0.7, 1)[0], b.at(1, 0.7)[1]), b.at(1, 0.7)]
    if start[1] == to[1] and abs(start[0] - to[0]) == 1:
        return [a.at(1, 0.3), b.at(0, 0.3)] if to[0] > start[0] else [a.at(0, 0.8), b.at(1, 0.8)]
    if start[0] == to[0] and abs(start[1] - to[1]) == 1:
        return [a.at(0.3, 1), b.at(0.3, 0)] if to[1] > start[1] else [a.at(0.7, 0), b.at(0.7, 1)]
    raise ValueError(f"no way is given from {arrow.start} to {arrow.to}")


_LOOKS = {
    "in_force": OPEN,
    "suspended": STOPPED,
    **{status.value: END for status in TERMINAL},
}


def _agreement(
    laterality: Laterality, places: Mapping[str, Place], ways: Ways, drawing: Drawing
) -> Drawing:
    moves = numbered_moves(laterality)
    live = [(n, m) for n, m in moves if m.to not in TERMINAL]
    arrows = [Arrow(start=m.start.value, to=m.to.value, label=str(n)) for n, m in live]
    inside = {
        name: ["ends as", *(f"{n} {m.to.value}" for n, m in _ends(moves, Status(name)))]
        for name in places
    }
    draw(drawing, places, arrows, ways, inside, _LOOKS)
    return drawing


def _ends(moves: Sequence[tuple[int, Move]], start: Status) -> list[tuple[int, Move]]:
    return [(n, m) for n, m in moves if m.start is start and m.to in TERMINAL]


def in_words(laterality: Laterality) -> str:
    """Say every move in one line, for those who cannot see the picture."""
    listed = [f"{n}: {m.start.value} to {m.to.value}" for n, m in numbered_moves(laterality)]
    return "Moves by number. " + "; ".join(listed) + "."


def mutual() -> str:
    """Draw the moves of an agreement that rests on the consent of both sides."""
    places = {
        "proposed": (0, 0),
        "in_talks": (1, 0),
        "agreed_in_principle": (2, 0),
        "confirmed": (3, 0),
        "in_force": (4, 0),
        "suspended": (4, 1),
    }
    drawing = Drawing(
        width=1050,
        height=430,
        title="How an agreement of both sides moves",
        description=in_words(Laterality.BILATERAL),
    )
    drawing.text((20, 26), "Agreements of both sides (bilateral, multilateral)", size=16, bold=True,
                 anchor="start")  # fmt: skip
    ways = {("proposed", "agreed_in_principle"): "over", ("suspended", "in_talks"): "side_up"}
    _agreement(Laterality.BILATERAL, places, ways, drawing)
    falls = "; ".join(f"{a.value} falls to {b.value}" for a, b in FALLS.items())
    drawing.text((20, 395), f"When terms change that somebody has confirmed: {falls}.", size=13,
                 anchor="start")  # fmt: skip
    drawing.text((20, 416), "Numbers are those of the table of moves.", size=13, anchor="start")
    return drawing.render()


def declared() -> str:
    """Draw the moves of what one side announced by itself."""
    places = {
        "proposed": (0, 1),
        "in_talks": (1, 0),
        "agreed_in_principle": (2, 0),
        "declared": (1, 1),
        "in_force": (2, 1),
        "suspended": (3, 1),
    }
    drawing = Drawing(
        width=860,
        height=450,
        title="How a declaration of one side moves",
        description=in_words(Laterality.UNILATERAL),
    )
    drawing.text((20, 26), "Declarations of one side (unilateral, imposed)", size=16, bold=True,
                 anchor="start")  # fmt: skip
    ways = {("proposed", "agreed_in_principle"): "over", ("proposed", "in_talks"): "up_right"}
    _agreement(Laterality.UNILATERAL, places, ways, drawing)
    drawing.text((20, 412), "There is no way to confirmed: one side alone cannot consent for the "
                 "other.", size=13, anchor="start")  # fmt: skip
    drawing.text((20, 434), "Numbers are those of the table of moves.", size=13, anchor="start")
    return drawing.render()


_STOPS_AS = (CorridorStatus.BLOCKED, *sorted(corridor_status.TERMINAL))
"""What a corridor may become from nearly everywhere: named in the boxes, not drawn as arrows."""


def corridor() -> str:
    """Draw the moves of a corridor, under agreements of both sides and of one."""
    places = {
        "draft": (0, 0),
        "planned": (1, 0),
        "agreed": (2, 0),
        "declared": (2, 1),
        "open": (3, 0),
        "restricted": (3, 1),
        "suspended": (4, 0),
        "blocked": (5, 0),
    }
    moves = [(n, both[0]) for n, both in numbered_corridor_moves()]
    listed = "; ".join(f"{n}: {m.start.value} to {m.to.value}" for n, m in moves)
    drawing = Drawing(
        width=1260,
        height=450,
        title="How a corridor moves",
        description=f"Moves by number. {listed}.",
    )
    drawing.text((20, 26), "Corridors", size=16, bold=True, anchor="start")
    ways = {
        ("planned", "declared"): "gap",
        ("declared", "open"): "gap",
        ("restricted", "suspended"): "right_up",
        ("suspended", "restricted"): "down_left",
    }
    arrows = [
        Arrow(start=m.start.value, to=m.to.value, label=str(n))
        for n, m in moves
        if m.to not in _STOPS_AS
    ]
    inside = {
        name: ["or becomes", *(f"{n} {m.to.value}" for n, m in moves
                               if m.start.value == name and m.to in _STOPS_AS)]
        for name in places
    }  # fmt: skip
    looks = {"open": OPEN, "restricted": OPEN, "suspended": STOPPED, "blocked": STOPPED}
    draw(drawing, places, arrows, ways, inside, looks)
    drawing.text((20, 412), "closed and cancelled are final. agreed is for agreements of both sides, "
                 "declared for what one side announced.", size=13, anchor="start")  # fmt: skip
    drawing.text((20, 434), "Numbers are those of the table of moves.", size=13, anchor="start")
    return drawing.render()


def windows() -> str:
    """Draw what may become of a window."""
    places = {
        "scheduled": (0, 0),
        "opened": (1, 0),
        "closed_as_planned": (2, 0),
        "not_opened": (0, 1),
        "closed_early": (1, 1),
    }
    arrows = [
        Arrow(start=start.value, to=to.value, label="")
        for start, following in NEXT_WINDOW_STATUS.items()
        for to in sorted(following)
    ]
    drawing = Drawing(
        width=640,
        height=410,
        title="What may become of a window",
        description="; ".join(f"{a.start} to {a.to}" for a in arrows) + ".",
    )
    drawing.text((20, 26), "Windows", size=16, bold=True, anchor="start")
    ends = {w.value: END for w in WindowStatus if not NEXT_WINDOW_STATUS[w]}
    inside = {
        "scheduled": ["agreed, not begun"],
        "opened": ["people may move", "if all else stands"],
        "not_opened": ["it never began"],
        "closed_early": ["before its end"],
        "closed_as_planned": ["at its end"],
    }
    draw(drawing, places, arrows, {}, inside, {"opened": OPEN, **ends})
    return drawing.render()
