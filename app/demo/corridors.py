"""The corridors of the case: one of both sides, and one for each announcement of one side.

No source gives the hours of a corridor. That of the agreement, or the beginning of the day's window,
stands in for them, and is marked as inferred.
"""

from uuid import UUID

from app.demo.organisations import MOD
from app.demo.places import TO_MANHUSH, TO_ZAPORIZHZHIA
from app.demo.stage import Stage

_OCHA, _MOD = "coordinator-ocha", "coordinator-russian-mod"


def planned(stage: Stage, agreement: UUID, *, at: str) -> UUID:
    """Draw the way to Zaporizhzhia and plan it: from then on it is part of the terms."""
    drawn = {**TO_ZAPORIZHZHIA, "agreement": agreement, "effective_at": at}
    corridor = stage.corridor(_OCHA, drawn)
    stage.move_corridor(
        _OCHA,
        corridor,
        {
            "to": "planned",
            "reason": "route_drawn",
            "note": "By the centres of the towns; the exact way of the convoys is not public.",
            "sources": ["un-28-april"],
            "effective_at": at,
            "basis": "inferred",
        },
    )
    return corridor


def agreed(stage: Stage, corridor: UUID, *, at: str) -> None:
    """Everybody has confirmed terms that hold the route."""
    stage.move_corridor(
        _OCHA,
        corridor,
        {
            "to": "agreed",
            "reason": "agreement_confirmed",
            "sources": ["un-29-april"],
            "effective_at": at,
            "basis": "inferred",
        },
    )


def opened(stage: Stage, corridor: UUID, *, at: str) -> None:
    """The ceasefire has begun, inside the day's window."""
    stage.move_corridor(
        _OCHA,
        corridor,
        {
            "to": "open",
            "reason": "ceasefire_reported",
            "sources": ["media-30-april"],
            "effective_at": at,
            "basis": "inferred",
        },
    )


def held_up_on_2_may(stage: Stage, corridor: UUID) -> None:
    """Buses wait for checks at Manhush; the next day they reach Zaporizhzhia."""
    stage.move_corridor(
        _OCHA,
        corridor,
        {
            "to": "suspended",
            "reason": "checks_stalled",
            "note": "Inferred from media reports that buses waited for checks at Manhush.",
            "sources": ["media-2-may"],
            "effective_at": "2022-05-02T03:00:00Z",
            "basis": "inferred",
        },
    )
    stage.move_corridor(
        _OCHA,
        corridor,
        {
            "to": "open",
            "reason": "suspension_lifted",
            "note": "Inferred from the convoy's arrival in Zaporizhzhia, according to the UN.",
            "sources": ["un-3-may"],
            "effective_at": "2022-05-03T03:00:00Z",
            "basis": "inferred",
        },
    )


def closed_on_8_may(stage: Stage, corridor: UUID) -> None:
    """Suspended with its agreement, it waits for a person to close it."""
    stage.move_corridor(
        _OCHA,
        corridor,
        {
            "to": "closed",
            "reason": "purpose_met",
            "note": "The agreement is completed; no source gives an hour.",
            "sources": ["un-8-may"],
            "effective_at": "2022-05-08T21:00:00Z",
            "basis": "inferred",
        },
    )


def announced(stage: Stage, agreement: UUID, name: str, *, source: str, at: str) -> UUID:
    """Plan the corridor of an announcement, before that is declared."""
    drawn = {**TO_MANHUSH, "name": name, "agreement": agreement, "effective_at": at}
    corridor = stage.corridor(_MOD, drawn)
    stage.move_corridor(
        _MOD,
        corridor,
        {
            "to": "planned",
            "reason": "route_drawn",
            "note": f"Announced by {MOD}; the way is inferred.",
            "sources": [source],
            "effective_at": at,
            "basis": "inferred",
        },
    )
    return corridor


def declared(stage: Stage, corridor: UUID, *, source: str, at: str) -> None:
    """Keep it as what one side said."""
    stage.move_corridor(
        _MOD,
        corridor,
        {
            "to": "declared",
            "reason": "announced_by_one_side",
            "sources": [source],
            "effective_at": at,
        },
    )


def closed_unused(stage: Stage, corridor: UUID, *, source: str, at: str) -> None:
    """Its last window is over, and it never opened."""
    stage.move_corridor(
        _OCHA,
        corridor,
        {
            "to": "closed",
            "reason": "window_over",
            "sources": [source],
            "effective_at": at,
            "basis": "inferred",
        },
    )
