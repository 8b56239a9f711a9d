"""What bodies and answers of all simple resources share."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.http.schema import Change, IdIn, InstantOut, refused


def _one_or_several(value: Any) -> Any:
    several = value if isinstance(value, list) else [value]
    if len(several) > 100:
        raise refused(f"found {len(several)} events, expected 100 at most")
    return several


Corrects = Annotated[
    list[IdIn], BeforeValidator(_one_or_several, json_schema_input_type=UUID | list[UUID])
]
"""One event or several."""


class Correcting(Change):
    """A merge patch: what it leaves out stays as it is."""

    corrects: Corrects = Field(
        default=[],
        description="events of this resource, recorded by your organisation, that this one "
        "replaces in the fields that it sets; it then takes effect when the first of them did, "
        "unless it says otherwise",
    )


def keep() -> Any:
    """Stand for a field that a merge patch leaves out."""
    return None


class WarningOut(BaseModel):
    """What was taken with a change, or dropped, and why."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str


class Recorded(BaseModel):
    """What every resource shows besides its own fields."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    version: int = Field(description="how many changes are on record; the number in the ETag")
    recorded_at: InstantOut = Field(description="when the last of them was recorded")
    recorded_by: UUID = Field(description="the organisation that recorded it")
    warnings: list[WarningOut] = Field(
        default=[], description="only in the answer to a change that took something with it"
    )
