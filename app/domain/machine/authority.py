"""Who may have a wish granted: whoever may set the status, correct the entry and open."""

from collections.abc import Callable
from uuid import UUID

from app.domain.errors import NotEligible
from app.domain.machine.asked import Asked, entries, instant, opening
from app.domain.machine.table import G, S


def require_authority(asked: Asked[S, G], require_may_set: Callable[[S], None]) -> None:
    """Refuse a wish of one who has no authority for it.

    A correction needs the authority of whoever recorded the entry; where it
    leaves the present more open, that of the opening move too.

    Args:
        require_may_set: refuses a status that this organisation may never set here.

    Raises:
        NotEligible: names who may.
    """
    wish, known = asked.wish, entries(asked)
    for entry in wish.corrects:
        if entry in known:
            require_may_correct(known[entry].organisation, wish.organisation)
    if wish.to is not None:
        require_may_set(wish.to)
    opened = opening(asked, instant(asked))
    if opened is not None and wish.to not in asked.machine.stops:
        require_may_set(opened)


def require_may_correct(recorded_by: UUID, organisation: UUID, about: UUID | None = None) -> None:
    """Refuse a correction by another organisation than the one that recorded it.

    Args:
        about: of a position, the organisation whose position it is; it may correct too.
    """
    if organisation not in (recorded_by, about):
        raise NotEligible(
            "Only the organisation that recorded an entry may correct it (of a position, "
            "also the organisation whose position it is). Record a new statement instead."
        )
