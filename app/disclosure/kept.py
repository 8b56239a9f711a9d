"""Statements that are made once: those without a filter for good, of others the last that were asked."""

from collections.abc import Callable
from functools import cache, lru_cache, wraps
from typing import TypeVar

from app.disclosure.form import Form

MOST_FILTERED = 64
"""Without end are the filters that somebody may think of; memory is not."""

Made = TypeVar("Made")


def kept(make: Callable[[Form], Made]) -> Callable[[Form], Made]:
    """Keep what is made of a form."""
    of_few = cache(make)
    of_many = lru_cache(maxsize=MOST_FILTERED)(make)

    @wraps(make)
    def give(form: Form) -> Made:
        return of_few(form) if form.filter is None else of_many(form)

    return give
