"""Pictures and tables are what the data gives; `python -m tools.make_docs` makes them anew."""

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from app.domain.agreement.status import MOVES, TERMINAL, Laterality
from app.domain.corridor import status as corridor
from tests.docs.pages import PAGES
from tools.make_docs import DOCS, MADE, wanted
from tools.pictures import PICTURES
from tools.state_machines import numbered_corridor_moves, numbered_moves
from tools.tables import SETTINGS, TABLES, routes

_SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(("path", "make"), list(wanted()), ids=lambda x: getattr(x, "name", ""))
def test_what_is_committed_is_what_the_data_gives(path: Path, make: Callable[[], str]) -> None:
    assert path.read_text(encoding="utf-8") == make(), "run: python -m tools.make_docs"


def test_every_table_and_every_picture_stands_on_a_page() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert {found[1] for found in MADE.findall(text)} == TABLES.keys()
    assert set(re.findall(r"pictures/([a-z-]+)\.svg", text)) == PICTURES.keys()


def words_in(picture: str) -> list[str]:
    """Give every line of words of a picture."""
    root = ET.parse(DOCS / "pictures" / f"{picture}.svg")
    return [text.text or "" for text in root.iter(f"{_SVG}text")]


@pytest.mark.parametrize(
    ("picture", "laterality"),
    [("agreement-mutual", Laterality.BILATERAL), ("agreement-declared", Laterality.UNILATERAL)],
)
def test_the_drawing_holds_every_move_by_its_number(picture: str, laterality: Laterality) -> None:
    drawn = words_in(picture)
    for number, move in numbered_moves(laterality):
        assert (f"{number} {move.to}" if move.to in TERMINAL else str(number)) in drawn
        assert move.start.value in drawn


def test_the_drawing_of_a_corridor_holds_every_move_by_its_number() -> None:
    drawn = words_in("corridor")
    for number, both in numbered_corridor_moves():
        start, to = both[0].start, both[0].to
        is_named = to in corridor.TERMINAL or to is corridor.CorridorStatus.BLOCKED
        assert (f"{number} {to}" if is_named else str(number)) in drawn
        assert start.value in drawn


def test_the_table_of_a_corridor_holds_every_move() -> None:
    held = [move for _, both in numbered_corridor_moves() for move in both]
    assert sorted(map(str, held)) == sorted(map(str, corridor.MOVES))


def test_the_two_tables_hold_every_move() -> None:
    both = [m for x in (Laterality.BILATERAL, Laterality.UNILATERAL) for _, m in numbered_moves(x)]
    assert set(both) == set(MOVES)


@pytest.mark.parametrize("picture", PICTURES)
def test_a_picture_can_be_read_aloud(picture: str) -> None:
    root = ET.fromstring(PICTURES[picture]())
    assert root.get("role") == "img"
    assert len(root.findtext(f"{_SVG}title") or "") > 5
    assert len(root.findtext(f"{_SVG}desc") or "") > 40


def test_every_setting_is_told() -> None:
    assert TABLES["settings"]().count("`PASSAGE_") >= len(SETTINGS)


def test_every_route_says_in_a_sentence_what_it_does() -> None:
    silent = [row for row in routes().splitlines()[2:] if not row.rstrip(" |").endswith(".")]
    assert silent == []
