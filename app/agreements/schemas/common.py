"""What several answers about agreements share."""

from collections.abc import Callable, Collection, Iterable
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from app.access.resource import WarningOut as WarningOut
from app.domain.agreement.bar import Bar
from app.domain.agreement.model import Person
from app.domain.fact import Warned
from app.domain.personal_contact import find_personal_contact
from app.domain.unmet import Unmet
from app.http.complaints import complaints
from app.http.schema import IdIn, InstantOut


class Answer(BaseModel):
    """Part of an answer."""

    model_config = ConfigDict(frozen=True)


class UnmetOut(Answer):
    """One missing condition: a stable code, and a sentence that says what to do next."""

    code: str
    message: str
    organisation: UUID | None = None
    term: str | None = None
    position: UUID | None = None
    window: UUID | None = None


class BarOut(Answer):
    """Why nobody may move. Only empty reasons, read before `until`, are a green light."""

    reasons: list[WarningOut]
    until: InstantOut | None = Field(
        description="the next known instant at which this may change; null: none is known"
    )


class PersonOut(Answer):
    """Who acted: a pseudonym, for an organisation, with a token."""

    holder: str
    organisation: UUID
    principal: UUID


def warnings_out(warnings: Iterable[Warned]) -> list[WarningOut]:
    """Show warnings."""
    return [WarningOut(code=w.code, message=w.message) for w in warnings]


def unmet_out(unmet: Iterable[Unmet]) -> list[UnmetOut]:
    """Show missing conditions."""
    return [
        UnmetOut(
            code=u.code,
            message=u.message,
            organisation=u.organisation,
            term=u.term,
            position=u.position,
            window=u.window,
        )
        for u in unmet
    ]


def bar_out(bar: Bar) -> BarOut:
    """Show what bars people from moving."""
    reasons = [WarningOut(code=r.code, message=r.message) for r in bar.reasons]
    return BarOut(reasons=reasons, until=bar.until)


def person_out(person: Person) -> PersonOut:
    """Show who acted."""
    return PersonOut(
        holder=person.holder, organisation=person.organisation, principal=person.principal
    )


def _one_or_several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


CorrectsIn = Annotated[
    list[IdIn],
    BeforeValidator(_one_or_several, json_schema_input_type=UUID | list[UUID]),
    Field(max_length=100, description="what this replaces: one id or several"),
]


Parsed = TypeVar("Parsed", bound=BaseModel)


def without_unacceptable(
    data: Any, handler: Callable[[Any], Parsed], *, droppable: frozenset[str]
) -> tuple[Parsed, dict[str, str]]:
    """Validate a stop, dropping members that a stop is never refused for.

    Returns:
        the body, and for each dropped member what was wrong with it.

    Raises:
        ValidationError: something else is wrong too.
    """
    try:
        return handler(data), {}
    except ValidationError as error:
        wrong = {place.split("/")[0]: said for place, said in complaints(error.errors())}
        if not isinstance(data, dict) or not set(wrong) <= droppable:
            raise
        return handler({name: v for name, v in data.items() if name not in wrong}), wrong


def dropped_warnings(dropped: dict[str, str]) -> tuple[Warned, ...]:
    """Say which members of a stop were dropped, and why.

    Warnings are kept in the record: how to reach a person does not come into it by this way.
    """
    return tuple(
        Warned(code=f"{name}_dropped", message=f"{name} was not kept: {_harmless(why)}")
        for name, why in dropped.items()
    )


def left_out(asked: Collection[UUID], corrected: Collection[UUID]) -> tuple[Warned, ...]:
    """Say that a stop does not correct everything that it names."""
    if len(asked) == len(corrected):
        return ()
    message = "Not everything that corrects names is yours to correct; the rest was left out."
    return (Warned(code="corrects_dropped", message=message),)


def _harmless(why: str) -> str:
    return "found how to reach a person" if find_personal_contact(why) else why
