"""What bodies about all places share: class and release, which act from recording, and overrides."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from app.access.caller import Caller
from app.access.resource import Noted, Values
from app.domain.disclosure import Classed, Precision, Sensitivity
from app.domain.errors import NotEligible, Unacceptable
from app.domain.fact import Warned
from app.domain.geometry.inside import outside
from app.domain.geometry.shape import Area, Shape, from_recorded
from app.domain.json_value import Json
from app.domain.policy import Audience
from app.http.schema import Body, FreeText, one_of
from app.ledger import store as ledger
from app.ledger.reading import NOW

SensitivityIn = Annotated[Sensitivity, one_of(Sensitivity)]
_FROM_RECORDING = ("sensitivity", "release_at")


class Override(Body):
    """Why a place outside the operation's area is taken all the same."""

    reason: FreeText = Field(min_length=1)


def check_area(
    db: Session, operation: UUID, shapes: Iterable[tuple[str, Shape]], override: Override | None
) -> Noted:
    """Refuse a place that lies outside the operation's area, unless somebody says why.

    Args:
        shapes: each with the pointer of its member.

    Raises:
        Unacceptable: names the position that lies outside.
    """
    entry = ledger.look_up(db, operation, "area", NOW)
    if entry is None or entry.value is None:
        return Noted()
    area = cast(Area, from_recorded(entry.value))
    for pointer, shape in shapes:
        said = outside(shape, area)
        if said is None:
            continue
        if override is None:
            raise Unacceptable(
                pointer, f"{said}. Correct it, or send override with the reason why it is right"
            )
        message = "It lies outside the operation's area, and was taken for the reason given."
        return Noted(
            reason=override.reason, warnings=(Warned(code="outside_area", message=message),)
        )
    return Noted()


def require_may_open(
    caller: Caller, operation: UUID, was: Classed, values: Values, now: datetime
) -> None:
    """Refuse to let others see more of a place where the caller does not see it exactly itself.

    Else whoever sees a cell could lower the class, and look.

    Raises:
        NotEligible: class or release would show the caller more than it may see now.
    """
    audience = caller.audience(operation)
    if audience is Audience.OPERATIONAL or was.precision(audience, now) is Precision.EXACT:
        return
    wanted = Sensitivity(cast(str, values.get("sensitivity", was.sensitivity)))
    order = list(Sensitivity)
    if order.index(wanted) < order.index(was.sensitivity) or values.get("release_at") is not None:
        raise NotEligible(
            "You do not see this place exactly, so you may not let it be seen more exactly. "
            "Ask a coordinator of the operational audience."
        )


def from_recording(
    values: dict[str, Json], was: Sensitivity, effective_at: datetime | None, *, corrects: bool
) -> dict[str, Json]:
    """Complete a change of class or release: a changed class clears `release_at` unless it sets it.

    Raises:
        Unacceptable: class and release act from recording, so no other time goes with them.
    """
    named = [name for name in _FROM_RECORDING if name in values]
    if named and (effective_at is not None or corrects):
        raise Unacceptable(
            "/effective_at" if effective_at is not None else "/corrects",
            f"{' and '.join(named)} act from recording. Send them in a request of their own, "
            "without effective_at and corrects.",
        )
    if "sensitivity" in values and "release_at" not in values and values["sensitivity"] != was:
        return values | {"release_at": None}
    return values
