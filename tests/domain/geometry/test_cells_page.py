"""The page on cells is enough for a stranger: its example is computed again, by it and by us."""

import re
from fractions import Fraction
from math import cos, floor, pi, radians, sin, sqrt
from pathlib import Path

import pytest
from geopy.distance import geodesic

from app.domain.geometry.cell import columns
from app.domain.geometry.grid import Size, cell_of
from tests.domain.geometry.given import AZOVSTAL

PAGE = (Path(__file__).parents[3] / "docs" / "explanation" / "cells.md").read_text(encoding="utf-8")
ROWS = {
    cells[0].strip(): [re.findall(r"`([^`]+)`", cell) for cell in cells[1:]]
    for cells in (
        line.strip("| ").split("|") for line in PAGE.splitlines() if line.startswith("| ")
    )
}
SIZES = [(Size.COARSE, 0), (Size.FINE, 1)]


def told(step: str, column: int) -> str:
    (value,) = ROWS[step][column]
    return str(value)


def test_a_stranger_finds_the_same_cell() -> None:
    longitude, latitude = Fraction("37.608"), Fraction("47.097")
    row = floor((latitude + 90) * 10)
    phi = radians(47.1)
    f = 1 / 298.257223563
    length = 2 * pi * 6_378_137 * cos(phi) / sqrt(1 - f * (2 - f) * sin(phi) ** 2)
    n = floor(length / 10_000)
    assert told("L", 0) == f"{length:,.1f}"
    assert (told("row", 0), told("columns", 0)) == (str(row), str(n))
    assert told("column", 0) == str(floor((longitude + 180) * n / 360))
    assert told("row", 1) == str(floor((latitude + 90) * 100))
    assert told("column", 1) == str(floor((longitude + 180) * 10 * n / 360))


@pytest.mark.parametrize(("size", "column"), SIZES)
def test_the_service_finds_the_cell_of_the_page(size: Size, column: int) -> None:
    cell = cell_of(AZOVSTAL, size)
    assert told("row", column) == str(cell.row)
    assert told("columns", column) == str(columns(size, cell.row))
    assert told("column", column) == str(cell.column)
    assert told("centre, longitude then latitude", column) == ", ".join(map(str, cell.centre))


@pytest.mark.parametrize(("size", "column"), SIZES)
def test_the_cell_is_as_wide_as_the_page_says(size: Size, column: int) -> None:
    edges = cell_of(AZOVSTAL, size).bounds
    width = geodesic((edges.south, edges.west), (edges.south, edges.east)).m
    assert told("width at the southern edge", column) == f"{width:,.0f}"
