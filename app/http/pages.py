"""Pages for people, which need no internet; those that explain problems are made from `KINDS`."""

from html import escape
from re import sub

from app.http.kinds import KINDS, Kind

_STYLE = "body{font:1rem/1.5 sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem}"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""Content-Security-Policy of these pages."""


def problem_page(kind: Kind) -> str:
    """Show one kind of problem."""
    return html_page(kind.title, _section(kind) + '<p><a href="/problems">All problems</a></p>')


def all_problems() -> str:
    """List every kind of problem, by status."""
    links = "".join(
        f'<li>{kind.status} <a href="/problems/{kind.slug}">{escape(kind.title)}</a></li>'
        for kind in KINDS.values()
    )
    return html_page("Problems", f"<h1>Problems</h1><ul>{links}</ul>")


def _section(kind: Kind) -> str:
    return (
        f"<h1>{kind.status} {escape(kind.title)}</h1>"
        f"<p>{_inline(kind.meaning)}</p><p><strong>What to do:</strong> {_inline(kind.advice)}</p>"
        f"<p>Its stable name is <code>{kind.slug}</code>.</p>"
    )


def _inline(text: str) -> str:
    return sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))


def html_page(title: str, body: str) -> str:
    """Make a whole page; `body` is HTML already."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)} · Safe Passage</title><style>{_STYLE}</style></head>"
        f"<body>{body}</body></html>"
    )
