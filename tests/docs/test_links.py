"""Links lead somewhere, pictures have words beside them, and every page can be reached."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, name

_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def links(page: Path) -> list[tuple[bool, str, str]]:
    """Give (is a picture, words, target) of each link outside of commands."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return [(mark == "!", words, target) for mark, words, target in _LINK.findall(text)]


def anchors(page: Path) -> set[str]:
    """Give the anchors of a page's headings, as common viewers make them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=name)
class TestPage:
    def test_each_link_leads_somewhere(self, page: Path) -> None:
        broken = []
        for _, _, target in links(page):
            if target.startswith("https://"):
                continue
            path, _, anchor = target.partition("#")
            aim = (page.parent / path).resolve() if path else page
            if not aim.exists() or (anchor and anchor not in anchors(aim)):
                broken.append(target)
        assert broken == []

    def test_each_picture_is_told_in_words(self, page: Path) -> None:
        assert [
            target for picture, words, target in links(page) if picture and len(words) < 20
        ] == []

    def test_it_has_one_title(self, page: Path) -> None:
        text = _FENCE.sub("", page.read_text(encoding="utf-8"))
        assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1


def test_outside_links_go_to_standards_and_licences_only() -> None:
    hosts = {
        target.split("/")[2]
        for page in PAGES
        for _, _, target in links(page)
        if target.startswith("https://")
    }
    assert hosts <= {"www.rfc-editor.org", "semver.org", "c2sp.org"}


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, queue = set[Path](), [ROOT / "README.md"]
    while queue:
        page = queue.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        queue += [
            (page.parent / target.partition("#")[0]).resolve()
            for _, _, target in links(page)
            if not target.startswith(("https://", "#"))
        ]
    assert {name(page) for page in PAGES} <= {name(page) for page in reached}
