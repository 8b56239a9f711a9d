"""Writes what the docs take from the data: pictures, tables, examples of answers.

`python -m tools.make_docs`
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from app.http.openapi import ANSWERS
from tools import answers
from tools.pictures import PICTURES
from tools.tables import TABLES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MADE = re.compile(r"(<!-- made: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> list[Path]:
    """Name every page for readers."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]


def with_tables(text: str) -> str:
    """Put each table in its place."""
    return MADE.sub(lambda found: f"{found[1]}\n{TABLES[found[2]]()}\n\n{found[3]}", text)


def wanted() -> Iterator[tuple[Path, Callable[[], str]]]:
    """Give each made file with what makes the text that it should hold."""
    for name, draw in PICTURES.items():
        yield DOCS / "pictures" / f"{name}.svg", draw
    yield ANSWERS, answers.text
    for page in pages():
        text = page.read_text(encoding="utf-8")
        if MADE.search(text):
            yield page, partial(with_tables, text)


def main() -> None:
    """Write them."""
    for path, make in wanted():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
