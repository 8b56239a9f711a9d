"""Filters of map clients, in CQL2 (Features, Part 3)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, Query

from app.access.caller import Caller
from app.disclosure.fields import readable
from app.domain.cql2.expression import Expression
from app.domain.cql2.reading import Reader
from app.domain.cql2.refused import FilterRefused
from app.domain.cql2.text import read_text
from app.http.problems import Fault, unreadable
from app.http.strict_json import JsonRefused, read_json
from app.ogc.collections import COLLECTIONS
from app.ogc.crs import CRS84, Crs, read_crs

LONGEST_JSON = 8000


class Language(StrEnum):
    """A language of filters."""

    TEXT = "cql2-text"
    JSON = "cql2-json"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A filter as it came.

    Attributes:
        crs: in which its positions are.
    """

    text: str | None
    language: Language
    crs: Crs


async def _asked(
    filter_: Annotated[
        str | None,
        Query(
            alias="filter",
            description="what must be true of each feature, as you are shown it, in CQL2; the "
            "queryables of the collection say what may be asked",
            examples=["status = 'open' AND S_INTERSECTS(geometry, BBOX(34.9,46.5,38.1,48.0))"],
        ),
    ] = None,
    filter_lang: Annotated[
        Language, Query(alias="filter-lang", description="the language of filter")
    ] = Language.TEXT,
    filter_crs: Annotated[
        str, Query(alias="filter-crs", description="in which the positions in filter are")
    ] = CRS84,
) -> Filter:
    return Filter(text=filter_, language=filter_lang, crs=read_crs("filter-crs", filter_crs))


AskedFilter = Annotated[Filter, Depends(_asked)]
"""The filter of a question, `?filter=` in `?filter-lang=` and `?filter-crs=`."""


def read_filter(asked: Filter, collection: str, caller: Caller) -> Expression | None:
    """Read a filter about what a caller may be shown of a collection; None without one.

    Raises:
        Problem: 400, with what was found and what was expected.
    """
    if asked.text is None:
        return None
    fields = readable(COLLECTIONS[collection].fields, caller)
    known = {each.name: each.kind for each in fields if each.kind is not None}
    try:
        document = read_text(asked.text) if asked.language is Language.TEXT else _json(asked.text)
        return Reader(known, mercator=not asked.crs.is_stored).read(document)
    except FilterRefused as error:
        raise unreadable(Fault(pointer="query/filter", message=error.message)) from None


def _json(text: str) -> Any:
    if len(text) > LONGEST_JSON:
        raise FilterRefused(f"found {len(text)} characters, expected {LONGEST_JSON} at most")
    try:
        return read_json(text.encode("utf-8", "replace"))
    except JsonRefused as error:
        raise FilterRefused(f"{error.reason}, in a filter of cql2-json") from None
