"""Statements that are made once: those without a filter for good, of others the last that were asked."""

from collections.abc import Callable
from functools import cache, lru_cache, update_wrapper
from typing import Generic, TypeVar

from app.disclosure.form import Form

MOST_FILTERED = 16
"""Without end are the filters that somebody may think of; memory is not."""

Made = TypeVar("Made")


class kept(Generic[Made]):  # noqa: N801 - reads as what it decorates
    """Keep what is made of a form."""

    __wrapped__: Callable[[Form], Made]

    def __init__(self, make: Callable[[Form], Made]) -> None:
        update_wrapper(self, make)
        self._of_few = cache(make)
        self._of_many = lru_cache(maxsize=MOST_FILTERED)(make)

    def __call__(self, form: Form) -> Made:
        return self._of_few(form) if form.filter is None else self._of_many(form)
