"""Statements that are made once, as long as somebody asks: the last of each kind of question.

Of those with a filter few are kept, since hardly two readers think of the same one.
"""

from collections.abc import Callable
from functools import lru_cache, update_wrapper
from typing import Generic, TypeVar

from app.disclosure.form import Form

MOST, MOST_FILTERED = 64, 16
"""A statement takes some 100 KiB, and there are more combinations of parameters than memory."""

Made = TypeVar("Made")


class kept(Generic[Made]):  # noqa: N801 - reads as what it decorates
    """Keep what is made of a form."""

    __wrapped__: Callable[[Form], Made]

    def __init__(self, make: Callable[[Form], Made]) -> None:
        update_wrapper(self, make)
        self._of_few = lru_cache(maxsize=MOST)(make)
        self._of_many = lru_cache(maxsize=MOST_FILTERED)(make)

    def __call__(self, form: Form) -> Made:
        return self._of_few(form) if form.filter is None else self._of_many(form)
