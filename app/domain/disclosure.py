"""Who may know of what: classes of sensitivity, and what of a place or an agreement is seen."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.policy import Audience, Role


class Sensitivity(StrEnum):
    """OCHA's four classes of sensitivity, from harmless to deadly."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    SEVERE = "severe"


class Precision(StrEnum):
    """How exactly an audience sees a place."""

    EXACT = "exact"
    FINE = "1 km cell"
    COARSE = "10 km cell"


WHO_SEES: dict[Sensitivity, dict[Audience, Precision | None]] = {
    Sensitivity.LOW: {
        Audience.PUBLIC: Precision.EXACT,
        Audience.PARTNER: Precision.EXACT,
        Audience.OPERATIONAL: Precision.EXACT,
    },
    Sensitivity.MODERATE: {
        Audience.PUBLIC: Precision.COARSE,
        Audience.PARTNER: Precision.EXACT,
        Audience.OPERATIONAL: Precision.EXACT,
    },
    Sensitivity.HIGH: {
        Audience.PUBLIC: None,
        Audience.PARTNER: Precision.FINE,
        Audience.OPERATIONAL: Precision.EXACT,
    },
    Sensitivity.SEVERE: {
        Audience.PUBLIC: None,
        Audience.PARTNER: None,
        Audience.OPERATIONAL: Precision.FINE,
    },
}
"""What each audience sees of a place of each class in lists and on maps; None: it is not there.

One at a time, the operational audience sees the exact shape of a severe place too.
"""


@dataclass(frozen=True, kw_only=True)
class Classed:
    """How sensitive a thing is, and from when on everybody may see it as of class low."""

    sensitivity: Sensitivity
    release_at: datetime | None = None

    def at(self, now: datetime) -> Sensitivity:
        """The class by which it is judged at `now`."""
        released = is_released(self.sensitivity, self.release_at, now)
        return Sensitivity.LOW if released else self.sensitivity

    def precision(self, audience: Audience, now: datetime) -> Precision | None:
        """How exactly an audience sees it at `now`; None where it may not know of it."""
        return WHO_SEES[self.at(now)][audience]


class Knowledge(StrEnum):
    """How much of an agreement a reader may know."""

    NOTHING = "nothing"
    OUTLINE = "outline"
    WHOLE = "whole"


READERS_OF_WHOLE = frozenset({Role.COORDINATOR, Role.AUDITOR})


class Sight(StrEnum):
    """As whom a reader sees the places of an operation.

    As its audience, but for those of the operational audience who may know agreements whole: they
    see more of what bars a corridor.
    """

    PUBLIC = "public"
    PARTNER = "partner"
    OPERATIONAL = "operational"
    WHOLE = "whole"

    @classmethod
    def of(cls, audience: Audience, role: Role | None) -> "Sight":
        """Tell it of a reader."""
        is_whole = audience is Audience.OPERATIONAL and role in READERS_OF_WHOLE
        return cls.WHOLE if is_whole else cls(audience.value)

    @property
    def audience(self) -> Audience:
        """The audience whose rows it reads."""
        return Audience.OPERATIONAL if self is Sight.WHOLE else Audience(self.value)


SIGHTS = {each: tuple(s for s in Sight if s.audience is each) for each in Audience}
"""All sights of an audience."""


def is_released(sensitivity: Sensitivity, release_at: datetime | None, now: datetime) -> bool:
    """Whether everybody may know that it exists: its class is low, or its release has come."""
    return sensitivity is Sensitivity.LOW or (release_at is not None and release_at <= now)


def knowledge_of_agreement(
    *,
    role: Role | None,
    audience: Audience | None,
    organisation: UUID | None,
    parties: Collection[UUID],
    released: bool,
) -> Knowledge:
    """Tell what a reader may know of an agreement now.

    Coordinators and auditors of the operational audience and of the agreement's
    own parties know it whole: a driver's device must not hold who said what. An
    outline (title, status, consent basis, `do_not_move`) is for everybody once it
    is released. To all others it does not exist.

    Args:
        audience: of the reader's token in the agreement's operation; None where the
            token does not name it.
    """
    is_among_them = audience is Audience.OPERATIONAL or organisation in parties
    if role in READERS_OF_WHOLE and audience is not None and is_among_them:
        return Knowledge.WHOLE
    return Knowledge.OUTLINE if released else Knowledge.NOTHING
