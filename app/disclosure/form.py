"""The form of a question: what its statement is made from; all else are its parameters."""

from enum import Enum, auto
from typing import NamedTuple

from app.domain.cql2.expression import Expression
from app.domain.policy import Audience


class Where(Enum):
    """In which operations a part of a page lies."""

    ONE = auto()
    SEVERAL = auto()
    ELSEWHERE = auto()
    ANYWHERE = auto()


class Part(NamedTuple):
    """Rows of one audience, in operations that the reader sees as that audience.

    Attributes:
        near: whether they are looked for among the few that the index of SQLite gives.
    """

    audience: Audience
    where: Where
    near: bool = False


class When(Enum):
    """Which time is asked about."""

    PRESENT = auto()
    PAST = auto()
    FUTURE = auto()


class Form(NamedTuple):
    """Which conditions a question has.

    Attributes:
        whole: whether the reader may know agreements whole where it is of the operational audience.
        barred_now: whether what bars a place is that of the present, whatever is asked about it.
        bars_known_now: whether it is told as it is known now.
        since: whether also states are asked about that ended before, see `Question.since`.
        box: of how many plain boxes the box is made; 0 without one.
        equal: the properties that must have a value.
        filter: the structure of a filter, without its values.
        shaped: whether only what has a geometry is asked for, see `Question.shaped`.
        nested: properties that a tile tells as text.
        counted: whether nothing is told of what is found, but how much it is.
    """

    sqlite: bool
    collection: str
    parts: tuple[Part, ...]
    whole: bool
    as_of: When
    known_at: bool
    barred_now: bool
    bars_known_now: bool
    since: bool
    box: int
    place: bool
    after: bool
    equal: tuple[str, ...]
    filter: Expression | None = None
    shaped: bool = False
    nested: tuple[str, ...] = ()
    counted: bool = False
