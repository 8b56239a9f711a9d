"""Who may know of what: classes of sensitivity, and what of an agreement a reader may know."""

from collections.abc import Collection
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


class Knowledge(StrEnum):
    """How much of an agreement a reader may know."""

    NOTHING = "nothing"
    OUTLINE = "outline"
    WHOLE = "whole"


READERS_OF_WHOLE = frozenset({Role.COORDINATOR, Role.AUDITOR})


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
