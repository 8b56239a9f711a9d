"""Facts: what a rule decided, and the event that the ledger made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from app.domain.json_value import Json


class Basis(StrEnum):
    """Whether a fact was stated by someone or is inferred from what was."""

    STATED = "stated"
    INFERRED = "inferred"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who did it: a token, the person behind it, and for whom that person spoke.

    Two principals with one `holder` (a pseudonym) are one person.
    """

    principal: UUID
    holder: str
    organisation: UUID
    role: str


def erased_actor(organisation: UUID) -> Actor:
    """Give what is left of an actor that was erased: the organisation it spoke for."""
    return Actor(principal=UUID(int=0), holder="", organisation=organisation, role="")


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The aggregate that a fact is about, with the operation that bounds who may know of it."""

    kind: str
    id: UUID
    operation: UUID | None


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """Aspects of an earlier event of the same subject that later readings leave out."""

    event: UUID
    aspects: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Warned:
    """What was taken with a change, or dropped, and why; part of the fact."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One change of one subject by one request.

    Attributes:
        kind: what happened, past tense: `created`, `status_changed`, `position_stated`.
        effective_at: since when it is so; never later than its recording.
        aspects: each aspect that this sets, whole; None says that it is empty from then on.
            May be empty where the fact only takes earlier aspects out.
        sources: in the order given.
        id: of the event that the ledger will make of this.
    """

    subject: Subject
    kind: str
    effective_at: datetime
    actor: Actor
    aspects: Mapping[str, Json]
    basis: Basis = Basis.STATED
    reason: str | None = None
    sources: tuple[UUID, ...] = ()
    warnings: tuple[Warned, ...] = ()
    replaces: tuple[Replaced, ...] = ()
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, kw_only=True)
class Event:
    """A recorded fact.

    Attributes:
        sequence: 1, 2, 3 … within the subject; also the subject's version after this event.
        recorded_at: when the ledger learned it; never backwards within a subject.
    """

    fact: Fact
    sequence: int
    recorded_at: datetime
