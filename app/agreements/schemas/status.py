"""Status changes and the status history."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from app.agreements.schemas import examples
from app.agreements.schemas.common import (
    Answer,
    CorrectsIn,
    PersonOut,
    WarningOut,
)
from app.agreements.schemas.examples import shown
from app.agreements.schemas.stopping import Stopping
from app.domain.agreement.status import STOPS, Status
from app.domain.fact import Basis
from app.http.schema import Body, FreeText, IdIn, InstantIn, InstantOut, one_of
from app.sources.schemas import SourcesIn

_DROPPABLE = frozenset(
    {
        "basis",
        "ceasefire_effective_at",
        "corrects",
        "counts_statement",
        "effective_at",
        "movements_statement",
        "note",
        "override",
        "purpose_met",
        "reason",
        "sources",
        "successor",
    }
)

ReasonIn = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,79}$"),
    Field(description="why, in lower_snake_case; see the list of usual reasons in the docs"),
]


class OverrideIn(Body):
    """Why an agreement goes in force without the ceasefire's report or before its window."""

    reason: FreeText


class StatusChangeIn(Stopping):
    """What is asked for. A stop is never refused for its text, its sources or its time."""

    stops = STOPS
    droppable = _DROPPABLE
    model_config = shown(
        examples.IN_FORCE, examples.COMPLETED, examples.SUSPENDED, examples.TAKEN_OUT
    )

    to: Annotated[Status, one_of(Status)] | None = Field(
        description="null only with `corrects`: the named changes are taken out"
    )
    reason: ReasonIn | None = None
    note: FreeText | None = None
    sources: SourcesIn = Field(default_factory=list)
    ceasefire_effective_at: InstantIn | None = None
    movements_statement: FreeText | None = None
    counts_statement: FreeText | None = None
    purpose_met: bool = False
    successor: IdIn | None = None
    corrects: CorrectsIn = Field(default_factory=list)
    override: OverrideIn | None = None


class StatusChangeOut(Answer):
    """One entry of the status history."""

    id: UUID
    from_: Status | None = Field(serialization_alias="from", description="null for the first")
    to: Status | None = Field(description="null where earlier changes were taken out")
    changes_status: bool = Field(
        description="false for a stop that was stated while everything had stopped, and where "
        "changes were taken out"
    )
    effective_at: InstantOut
    recorded_at: InstantOut
    actor: PersonOut
    organisation: UUID
    reason: str | None
    note: str | None
    sources: list[UUID]
    basis: Basis
    ceasefire_effective_at: InstantOut | None
    movements_statement: str | None
    counts_statement: str | None
    purpose_met: bool
    successor: UUID | None
    override: dict[str, str] | None
    corrects: list[UUID]
    incomplete: list[str]
    counted: list[dict[str, Any]] = Field(
        description="of `confirmed`: which positions and attestations were counted"
    )
    lasted_s: float | None = Field(description="seconds; null while it lasts")
    warnings: list[WarningOut] = Field(default_factory=list)
