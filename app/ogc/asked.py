"""What map clients ask for: which time, how many, and in which form the answer is to be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Query
from pydantic import BeforeValidator

from app.disclosure.tables import ALWAYS
from app.domain.interval import read_interval
from app.http.deps import MAX_PAGE, USUAL_PAGE
from app.http.found import found, refused
from app.http.problems import Fault, unreadable
from app.http.schema import InstantIn
from app.ledger.reading import NOW, Reading

_LONGEST_LIMIT = 12
Named = TypeVar("Named")


@dataclass(frozen=True, kw_only=True)
class When:
    """Which state is asked about, see `Question`: what held, or held last, and as known when."""

    reading: Reading
    since: datetime | None

    @property
    def is_now(self) -> bool:
        """Whether it is the present state, as it is known now."""
        return self.reading == NOW and self.since is None


async def _when(
    datetime_: Annotated[
        str | None,
        Query(
            alias="datetime",
            description="when it was so: an instant, or an interval with / of which each place is "
            "shown in its latest state; without it the present state",
            examples=["2022-04-30T12:00:00Z", "2022-04-26T00:00:00Z/.."],
        ),
    ] = None,
    known_at: Annotated[
        InstantIn | None,
        Query(alias="known-at", description="as the record stood at this time; default now"),
    ] = None,
) -> When:
    if datetime_ is None:
        return When(reading=Reading(known_at=known_at), since=None)
    try:
        asked = read_interval(datetime_)
    except ValueError as error:
        raise unreadable(Fault(pointer="query/datetime", message=str(error))) from None
    since = None if asked.is_instant else asked.start or ALWAYS
    return When(reading=Reading(as_of=asked.end, known_at=known_at), since=since)


AskedTime = Annotated[When, Depends(_when)]
"""The two clocks of a question, `?datetime=` and `?known-at=`."""


def _read_limit(value: Any) -> int:
    text = str(value)
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_LIMIT and int(text)):
        raise refused(f"found {found(value)}, expected a whole number from 1 on")
    return min(int(text), MAX_PAGE)


AskedLimit = Annotated[
    int,
    BeforeValidator(_read_limit),
    Query(
        description=f"features on a page; more than {MAX_PAGE} are answered with {MAX_PAGE}",
        json_schema_extra={"minimum": 1},
    ),
]
"""How many features are wanted; too many are capped (requirement /req/core/fc-limit-response-1)."""
USUAL_LIMIT = USUAL_PAGE


class AnswerForm(StrEnum):
    """A form of an answer."""

    JSON = "json"
    HTML = "html"


_PAGES = {"text/html": True, "application/xhtml+xml": True}


async def _form(
    f: Annotated[AnswerForm | None, Query(description="json or html, whatever Accept says")] = None,
    accept: Annotated[str, Header(description="text/html gives pages for people")] = "",
) -> AnswerForm:
    if f is not None:
        return f
    return AnswerForm.HTML if prefers_html(accept) else AnswerForm.JSON


AskedForm = Annotated[AnswerForm, Depends(_form)]
"""In which form the answer is wanted, `?f=` or `Accept`."""


def prefers_html(accept: str) -> bool:
    """Tell whether pages for people are named before any JSON."""
    return named_first(accept, _PAGES) or False


def named_first(accept: str, forms: Mapping[str, Named]) -> Named | None:
    """Give the form that is named before any JSON; what is named without weight comes in order."""
    for part in accept.split(","):
        kind = part.partition(";")[0].strip().lower()
        if kind in forms:
            return forms[kind]
        if kind.endswith("json") or kind == "*/*":
            return None
    return None
