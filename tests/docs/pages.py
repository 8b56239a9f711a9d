"""The pages for readers, and the commands in them."""

import re
from dataclasses import dataclass
from pathlib import Path

from tools.make_docs import ROOT as ROOT
from tools.make_docs import pages

PAGES = pages()
_BLOCK = re.compile(
    r"^```sh tested\n(.*?)^```\n(?:\s*```text shown\n(.*?)^```)?", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, kw_only=True)
class Block:
    """Commands as a reader would type them, and lines that the page shows as their output."""

    commands: str
    shown: tuple[str, ...]


def name(page: Path) -> str:
    """Name a page as its readers do."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    """Give the tested commands of a page in their order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(commands=commands, shown=tuple(shown.splitlines()))
        for commands, shown in _BLOCK.findall(text)
    ]


TESTED = [page for page in PAGES if blocks(page)]
