"""Windows, as they are agreed and shown."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.agreements.schemas import examples
from app.agreements.schemas.common import Answer, CorrectsIn, WarningOut
from app.agreements.schemas.examples import shown
from app.domain.agreement.status import Status
from app.domain.window import Direction, WindowOutcome, WindowStatus
from app.http.schema import Change, IdIn, InstantIn, InstantOut, ShortText, Tz, one_of
from app.sources.schemas import SourcesIn

DirectionIn = Annotated[Direction, one_of(Direction)]
WindowStatusIn = Annotated[WindowStatus, one_of(WindowStatus)]
OutcomeIn = Annotated[WindowOutcome, one_of(WindowOutcome)]


class WindowIn(Change):
    """One span `[starts_at, ends_at)`."""

    model_config = shown(examples.WINDOW)

    starts_at: InstantIn
    ends_at: InstantIn
    tz: Tz | None = Field(default=None, description="default: that of the operation")
    as_announced: ShortText | None = None
    direction: DirectionIn | None = None
    corridor: IdIn | None = None
    status: WindowStatusIn = WindowStatus.SCHEDULED
    outcome: OutcomeIn | None = None
    reason: ShortText | None = None
    sources: SourcesIn = Field(default_factory=list)


class WindowPatch(Change):
    """A merge patch. Times, zone, words, direction and corridor are part of the terms."""

    model_config = shown(examples.WINDOW_OPENED, examples.WINDOW_CLOSED)

    starts_at: InstantIn | None = None
    ends_at: InstantIn | None = None
    tz: Tz | None = None
    as_announced: ShortText | None = None
    direction: DirectionIn | None = None
    corridor: IdIn | None = None
    status: WindowStatusIn | None = None
    outcome: OutcomeIn | None = None
    reason: ShortText | None = None
    sources: SourcesIn = Field(default_factory=list)
    corrects: CorrectsIn = Field(default_factory=list)


class WindowOut(Answer):
    """One window of an agreement."""

    id: UUID
    starts_at: InstantOut
    ends_at: InstantOut
    tz: str
    as_announced: str | None
    direction: Direction | None
    corridor: UUID | None
    status: WindowStatus
    outcome: WindowOutcome | None
    since_revision: int
    counts: bool = Field(description="whether everyone who must has confirmed it")


class WindowChanged(WindowOut):
    """A window, and what adding or changing it did to the terms."""

    revision: int
    terms_hash: str
    extends: int | None
    confirmations_voided: bool
    agreement_status: Status
    warnings: list[WarningOut]
