"""The case day by day: what was said, what followed, and what can only be inferred."""

from uuid import UUID

from app.demo import corridors
from app.demo.organisations import ICRC, MARIUPOL, MOD, OCHA, UKRAINE
from app.demo.settled import COUNTS, MOVEMENTS, OUTCOMES, TERMS, WINDOWS
from app.demo.stage import Stage

_OCHA, _ICRC = "coordinator-ocha", "coordinator-icrc"
_MOD, _UKRAINE = "coordinator-russian-mod", "coordinator-ukraine"


def replay(stage: Stage) -> UUID:
    """Replay the case, and return the agreement that the UN brokered."""
    _announced_on_25_april(stage)
    agreement = _proposed_on_25_april(stage)
    _in_principle_on_26_april(stage, agreement)
    _talks_agreed_on_26_april(stage, agreement)
    _talks_held_on_28_april(stage, agreement)
    _settled_on_28_april(stage, agreement)
    corridor = corridors.planned(stage, agreement, at="2022-04-28T16:00:00Z")
    _settled_on_29_april(stage, agreement)
    windows = _windows(stage, agreement)
    _confirmed_on_29_april(stage, agreement)
    corridors.agreed(stage, corridor, at="2022-04-29T09:00:00Z")
    _in_force_on_30_april(stage, agreement)
    corridors.opened(stage, corridor, at="2022-04-30T08:00:00Z")
    corridors.held_up_on_2_may(stage, corridor)
    _announced_on_4_may(stage)
    _windows_reported(stage, agreement, windows)
    _completed_on_8_may(stage, agreement)
    corridors.closed_on_8_may(stage, corridor)
    return agreement


def _announced_on_25_april(stage: Stage) -> None:
    """The ministry announces a ceasefire by itself; Ukraine says that none was agreed."""
    declared = stage.propose(
        _MOD,
        {
            "operation": "mariupol-2022",
            "title": "Ceasefire around Azovstal announced for 25 April",
            "kind": "humanitarian_pause",
            "laterality": "unilateral",
            "purpose": "Exit of civilians from Azovstal, as announced by one side",
            "declared_by": MOD,
            "parties": [{"organisation": MOD, "role": "required_party"}],
            "sources": ["mod-25-april"],
            "effective_at": "2022-04-25T09:00:00Z",
        },
    )
    stage.window(
        _MOD,
        declared,
        {
            "starts_at": "2022-04-25T11:00:00Z",
            "ends_at": "2022-04-25T21:00:00Z",
            "tz": "Europe/Moscow",
            "as_announced": "14:00 Moscow; no end announced, the day's end is inferred",
            "effective_at": "2022-04-25T09:00:00Z",
            "sources": ["mod-25-april"],
            "basis": "inferred",
        },
    )
    corridor = corridors.announced(
        stage,
        declared,
        "Azovstal to Manhush, 25 April",
        source="mod-25-april",
        at="2022-04-25T09:00:00Z",
    )
    _declared(stage, declared, corridor, source="mod-25-april", at="2022-04-25T09:00:00Z")
    _expired(stage, declared, corridor, source="ukraine-25-april", at="2022-04-25T21:00:00Z")


def _declared(stage: Stage, agreement: UUID, corridor: UUID, *, source: str, at: str) -> None:
    stage.move(
        _MOD,
        agreement,
        {
            "to": "declared",
            "reason": "announced_by_one_side",
            "sources": [source],
            "effective_at": at,
        },
    )
    corridors.declared(stage, corridor, source=source, at=at)


def _expired(stage: Stage, agreement: UUID, corridor: UUID, *, source: str, at: str) -> None:
    stage.move(
        _OCHA,
        agreement,
        {
            "to": "expired",
            "reason": "window_over",
            "note": "No source shows that both sides carried it out; recorded as never in force.",
            "sources": [source],
            "effective_at": at,
            "basis": "inferred",
        },
    )
    corridors.closed_unused(stage, corridor, source=source, at=at)


def _proposed_on_25_april(stage: Stage) -> UUID:
    """Ukraine asks for the UN and the ICRC to be involved and to monitor."""
    agreement = stage.propose(
        _OCHA,
        {
            "operation": "mariupol-2022",
            "title": "Evacuation of civilians from the Azovstal steelworks",
            "kind": "evacuation",
            "laterality": "multilateral",
            "purpose": "Evacuation of civilians from the Azovstal steelworks by the UN and the ICRC",
            "proposer": UKRAINE,
            "parties": [
                {"organisation": MOD, "role": "required_party"},
                {"organisation": UKRAINE, "role": "required_party"},
                {"organisation": OCHA, "role": "facilitator"},
                {"organisation": OCHA, "role": "executor"},
                {"organisation": ICRC, "role": "executor"},
                {"organisation": MARIUPOL, "role": "observer"},
            ],
            "sources": ["ukraine-25-april"],
            "effective_at": "2022-04-25T10:00:00Z",
        },
    )
    stage.state(
        _UKRAINE,
        agreement,
        {
            "organisation": UKRAINE,
            "position": "in_principle",
            "form": "public_statement",
            "stated_at": "2022-04-25T10:00:00Z",
            "sources": ["ukraine-25-april"],
            "note": "Asks for UN and ICRC involvement and monitoring.",
        },
    )
    return agreement


def _in_principle_on_26_april(stage: Stage, agreement: UUID) -> None:
    """Moscow: agreed in principle to the UN and the ICRC being involved, says the UN."""
    stage.state(
        _OCHA,
        agreement,
        {
            "organisation": MOD,
            "position": "approached",
            "stated_at": "2022-04-26T10:00:00Z",
            "relayed_by": OCHA,
            "sources": ["un-26-april"],
            "basis": "inferred",
            "note": "The meeting's day is on record; its hour is inferred.",
        },
    )
    stage.move(
        _OCHA,
        agreement,
        {
            "to": "in_talks",
            "reason": "talks_held",
            "sources": ["un-26-april"],
            "effective_at": "2022-04-26T10:00:00Z",
            "basis": "inferred",
        },
    )
    stage.state(
        _OCHA,
        agreement,
        {
            "organisation": MOD,
            "position": "in_principle",
            "authority_level": "head_of_state",
            "form": "verbal",
            "stated_at": "2022-04-26T15:00:00Z",
            "received_at": "2022-04-26T16:00:00Z",
            "relayed_by": OCHA,
            "sources": ["un-26-april"],
            "note": "Said by the head of state, according to the UN's readout.",
        },
    )
    stage.move(
        _OCHA,
        agreement,
        {
            "to": "agreed_in_principle",
            "reason": "all_in_principle",
            "sources": ["un-26-april", "ukraine-25-april"],
            "effective_at": "2022-04-26T16:00:00Z",
        },
    )


def _talks_agreed_on_26_april(stage: Stage, agreement: UUID) -> None:
    """Further talks are to follow between OCHA and the ministry; when is not public."""
    stage.talk(
        _OCHA,
        agreement,
        {
            "participants": [{"organisation": OCHA}, {"organisation": MOD}],
            "channel": "meeting",
            "status": "planned",
            "summary": "Further discussions between OCHA and the Ministry of Defence, according "
            "to the UN's readout of 26 April. Channel and time are not public.",
            "follow_ups": [
                {"what": "Agree on details and parameters of the evacuation", "by": OCHA}
            ],
            "effective_at": "2022-04-26T16:00:00Z",
        },
    )


def _talks_held_on_28_april(stage: Stage, agreement: UUID) -> None:
    """Kyiv: intense discussions; Ukraine is ready for talks; planning begins."""
    stage.talk(
        _OCHA,
        agreement,
        {
            "participants": [
                {"organisation": OCHA, "level": "senior_official"},
                {"organisation": UKRAINE, "level": "head_of_state"},
            ],
            "channel": "meeting",
            "status": "held",
            "at": "2022-04-28T15:00:00Z",
            "at_tz": "Europe/Kyiv",
            "summary": "Intense discussions on the evacuation, according to the UN.",
            "outcome": "Ukraine is ready for talks; planning begins.",
            "effective_at": "2022-04-28T16:00:00Z",
            "basis": "inferred",
        },
    )


def _settled_on_28_april(stage: Stage, agreement: UUID) -> None:
    """The terms are being settled; nothing public shows their words."""
    _settled(stage, agreement, "proposed", at="2022-04-28T16:00:00Z")


def _settled_on_29_april(stage: Stage, agreement: UUID) -> None:
    """They are settled, with the route among them, before a convoy leaves."""
    _settled(stage, agreement, "agreed", at="2022-04-29T06:00:00Z")


def _settled(stage: Stage, agreement: UUID, state: str, *, at: str) -> None:
    stage.settle(
        _OCHA,
        agreement,
        {
            "terms": {key: {"state": state, **term} for key, term in TERMS.items()},
            "effective_at": at,
            "sources": ["un-28-april"],
            "basis": "inferred",
        },
    )


def _windows(stage: Stage, agreement: UUID) -> dict[str, UUID]:
    return {
        window["starts_at"][:10]: stage.window(
            _OCHA,
            agreement,
            {
                **window,
                "effective_at": "2022-04-29T06:00:00Z",
                "sources": ["un-28-april"],
                "basis": "inferred",
            },
        )
        for window in WINDOWS
    }


def _confirmed_on_29_april(stage: Stage, agreement: UUID) -> None:
    """A convoy leaves: everybody must have confirmed, though no source shows how."""
    for organisation, recorder, attester in (
        (MOD, _OCHA, _ICRC),
        (UKRAINE, _ICRC, _OCHA),
        (OCHA, _OCHA, _ICRC),
        (ICRC, _ICRC, _OCHA),
    ):
        position = stage.confirm(recorder, agreement, organisation, at="2022-04-29T08:00:00Z")
        stage.attest(attester, agreement, position)
    stage.move(
        _OCHA,
        agreement,
        {
            "to": "confirmed",
            "reason": "all_confirmed",
            "note": "Inferred from the convoy's departure; no public text shows the hour.",
            "sources": ["un-29-april"],
            "effective_at": "2022-04-29T09:00:00Z",
            "basis": "inferred",
        },
    )


def _in_force_on_30_april(stage: Stage, agreement: UUID) -> None:
    """The ceasefire was due at 06:00 local time and began at 11:00."""
    stage.move(
        _OCHA,
        agreement,
        {
            "to": "in_force",
            "reason": "ceasefire_reported",
            "note": "Five hours late, according to media reports.",
            "sources": ["media-30-april"],
            "ceasefire_effective_at": "2022-04-30T08:00:00Z",
            "effective_at": "2022-04-30T08:00:00Z",
        },
    )


def _announced_on_4_may(stage: Stage) -> None:
    """The ministry announces three days by itself."""
    at = "2022-05-04T18:00:00Z"
    declared = stage.propose(
        _MOD,
        {
            "operation": "mariupol-2022",
            "title": "Corridor from Azovstal announced for 5 to 7 May",
            "kind": "corridor",
            "laterality": "unilateral",
            "purpose": "Exit of civilians from Azovstal, as announced by one side",
            "declared_by": MOD,
            "parties": [{"organisation": MOD, "role": "required_party"}],
            "sources": ["mod-4-may"],
            "effective_at": at,
        },
    )
    for day in ("05", "06", "07"):
        stage.window(
            _MOD,
            declared,
            {
                "starts_at": f"2022-05-{day}T05:00:00Z",
                "ends_at": f"2022-05-{day}T15:00:00Z",
                "tz": "Europe/Moscow",
                "as_announced": "08:00-18:00 Moscow",
                "effective_at": at,
                "sources": ["mod-4-may"],
            },
        )
    corridor = corridors.announced(
        stage, declared, "Azovstal to Manhush, 5 to 7 May", source="mod-4-may", at=at
    )
    _declared(stage, declared, corridor, source="mod-4-may", at=at)
    _expired(stage, declared, corridor, source="mod-4-may", at="2022-05-07T15:00:00Z")


def _windows_reported(stage: Stage, agreement: UUID, windows: dict[str, UUID]) -> None:
    for day, (outcome, source) in OUTCOMES.items():
        opened = "08" if day == "2022-04-30" else "03"
        report = {"sources": [source], "basis": "inferred"}
        window = windows[day]
        stage.report_window(
            _OCHA,
            agreement,
            window,
            {**report, "status": "opened", "effective_at": f"{day}T{opened}:00:00Z"},
        )
        stage.report_window(
            _OCHA,
            agreement,
            window,
            {
                **report,
                "status": "closed_as_planned",
                "outcome": outcome,
                "effective_at": f"{day}T17:00:00Z",
            },
        )


def _completed_on_8_may(stage: Stage, agreement: UUID) -> None:
    """The third convoy arrives; claims on how many people differ, and are kept as claims."""
    stage.move(
        _OCHA,
        agreement,
        {
            "to": "completed",
            "reason": "purpose_met",
            "sources": ["un-8-may", "un-3-may", "ukraine-3-may", "mod-3-may", "un-4-may"],
            "movements_statement": MOVEMENTS,
            "counts_statement": COUNTS,
            "effective_at": "2022-05-08T20:00:00Z",
        },
    )
