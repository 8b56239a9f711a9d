"""Bodies of which some never wait: a stop is taken without what cannot be kept of it."""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar, Self

from pydantic import ModelWrapValidatorHandler, PrivateAttr, model_validator

from app.agreements.schemas.common import without_unacceptable
from app.domain.fact import Warned
from app.http.schema import Change


class Stopping(Change):
    """A body that may be a stop; of a stop, members that are wrong are dropped with a warning.

    Attributes:
        asks_in: the member that says what is asked for.
        stops: what of that is a stop.
        droppable: what a stop is never refused for.
    """

    asks_in: ClassVar[str] = "to"
    stops: ClassVar[Collection[str]]
    droppable: ClassVar[frozenset[str]]

    _dropped: dict[str, str] = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _take_stops(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        asked = data.get(cls.asks_in) if isinstance(data, dict) else None
        is_stop = isinstance(asked, str) and asked in cls.stops
        droppable = cls.droppable if is_stop else frozenset()
        body, dropped = without_unacceptable(data, handler, droppable=droppable)
        body._dropped.update(dropped)
        return body

    @property
    def dropped(self) -> dict[str, str]:
        """The members of a stop that could not be kept, each with what was wrong."""
        return self._dropped


def incomplete(*, reason: str | None, sources: Collection[Any] | None) -> tuple[str, ...]:
    """Name what is missing of a status change.

    Args:
        sources: None where none are asked for.
    """
    missing = {"reason": not reason, "sources": sources is not None and not sources}
    return tuple(name for name, is_missing in missing.items() if is_missing)


def told_incomplete(missing: Sequence[str]) -> tuple[Warned, ...]:
    """Say what a change was taken without."""
    if not missing:
        return ()
    message = f"Taken without {' and '.join(missing)}; correct it when more is known."
    return (Warned(code="incomplete", message=message),)
