"""Faults of the rules that agreements and corridors share."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.domain.machine import asked, authority, moving, stopping, table, timeline
from app.domain.machine.asked import Asked, Decision
from app.domain.machine.moving import Placed
from app.domain.machine.table import Move, Who
from tests.domain.seeding import Wrong, always

RULES = (asked, authority, moving, stopping, timeline)
QUESTIONS = (table.Machine, asked.Asked)


def _decided(wish: Asked[Any, Any]) -> Decision[Any]:
    return Decision(effective_at=wish.now, to=wish.wish.to)


def _any_move(wish: Asked[Any, Any], to: Any, *_: object) -> Move[Any, Any]:
    return Move(start=to, to=to, guards=(), who=Who.OPERATION)


def _anywhere(wish: Asked[Any, Any]) -> Placed[Any, Any]:
    return Placed(at=wish.now, move=None, after=wish.statuses)


def asking_nothing(rule: Wrong) -> Wrong:
    """Spoil how a wish is laid beside the record: nothing is ever missing."""
    return lambda *args: replace(rule(*args), unmet=always([]))  # type: ignore[type-var]


BY_HAND: Mapping[str, Mapping[str, Wrong]] = {
    "in_order": {"keeps the given order": tuple},
    "instant": {"takes every change for one of now": lambda wish: wish.now},
    "rest": {"takes nothing out": lambda wish: wish.statuses},
    "with_wished": {"puts nothing in": lambda wish, _at: wish.statuses},
    "place": {"places everything": _anywhere},
    "_listed_move": {"lists every move": _any_move},
    "decide_stop": {"stops now": _decided},
}

ONLY_WORDS = frozenset(
    {
        "no_such_move",  # the sentence of a refusal
        "moving._not_there_yet",  # another one
        "stopping._to",  # tells the type checker what holds already
    }
)
