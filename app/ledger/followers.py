"""Who follows the ledger: what must be so in the same transaction, because something else was.

What lies above the ledger cannot be called by what lies below it; so it follows. There is one tuple
of followers, in a fixed order, set when the program is put together.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from sqlalchemy.orm import Session

from app.domain.fact import Event

Follower: TypeAlias = "Callable[[Session, Sequence[Event]], None]"
"""Is told of events right after they were written; what it writes itself is told in turn."""

_followers: tuple[Follower, ...] = ()


def follow(*followers: Follower) -> None:
    """Set who follows, in their order, in place of whoever did."""
    global _followers  # noqa: PLW0603  # one program, one order; set before anything is written
    _followers = followers


def tell(db: Session, events: Sequence[Event]) -> None:
    """Tell every follower of events that were just written."""
    for follower in _followers:
        follower(db, events)
