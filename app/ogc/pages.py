"""Documents as pages for people: the same content, to be read and clicked through."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from app.http.pages import POLICY, html_page

__all__ = ["POLICY", "page"]
_UNIT = {"width_m": "m", "length_m": "m", "precision_m": "m"}


def page(document: Mapping[str, Any]) -> str:
    """Show a JSON document: its links to be followed, its members in their order."""
    title = str(document.get("title") or document.get("id") or "Features")
    links = document.get("links", ())
    rest = {name: value for name, value in document.items() if name not in {"title", "links"}}
    body = f"<h1>{escape(title)}</h1>{_followed(links)}{_shown(rest)}"
    return html_page(title, f'<nav><a href="/ogc">Safe Passage</a></nav>{body}')


def _followed(links: Sequence[Mapping[str, Any]]) -> str:
    items = "".join(
        f'<li><a rel="{escape(link["rel"])}" href="{escape(link["href"])}">'
        f"{escape(link['title'])}</a> ({escape(link['type'])})</li>"
        for link in links
    )
    return f"<ul>{items}</ul>" if items else ""


def _shown(value: Any) -> str:
    match value:
        case {"type": str(), "coordinates": coordinates}:
            return _placed(value["type"], coordinates)
        case {"links": links}:
            rest = {name: each for name, each in value.items() if name != "links"}
            return _shown(rest) + _followed(links)
        case dict():
            members = "".join(
                f"<dt>{escape(name)}</dt><dd>{_shown(each)}{_unit(name, each)}</dd>"
                for name, each in value.items()
            )
            return f"<dl>{members}</dl>"
        case list() | tuple():
            return f"<ol>{''.join(f'<li>{_shown(each)}</li>' for each in value)}</ol>"
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case _:
            return escape(str(value))


def _unit(name: str, value: Any) -> str:
    return f" {_UNIT[name]}" if name in _UNIT and isinstance(value, int | float) else ""


def _placed(kind: str, coordinates: Any) -> str:
    """Name the kind of a geometry and where it begins; nobody reads ten thousand numbers."""
    first = coordinates
    while isinstance(first[0], list | tuple):
        first = first[0]
    return f"{escape(kind)} that begins at {first[0]}, {first[1]}"
