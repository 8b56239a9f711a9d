"""Answers about positions, terms, windows and statuses, from the record to their schemas."""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from app.agreements import aspects
from app.agreements.recorded import Recorded
from app.agreements.schemas.common import person_out, warnings_out
from app.agreements.schemas.position import AttestationOut, PositionOut
from app.agreements.schemas.status import StatusChangeOut
from app.agreements.schemas.terms import TermOut
from app.agreements.schemas.window import WindowOut
from app.domain.agreement.counting import Word, doubt_about
from app.domain.agreement.model import Agreement, Person, Position
from app.domain.agreement.standing import counted_windows
from app.domain.agreement.statement import words_spoken
from app.domain.agreement.status import Status
from app.domain.agreement.terms import Term, TermKey
from app.domain.fact import Event
from app.domain.instant import parse_instant
from app.domain.window import Window
from app.ledger.reading import Entry


def why_not_more(agreement: Agreement, position: Position | None, at: datetime) -> str | None:
    """Say in a sentence why a `confirmed` counts for less, or None."""
    doubt = doubt_about(agreement, position, at) if position else None
    name = agreement.name(position.organisation) if position else ""
    return f"{name} {doubt.value}." if doubt else None


def positions_out(recorded: Recorded, at: datetime) -> list[PositionOut]:
    """Show every position by `at`, oldest first, each with what it counts as at `at`."""
    agreement, held = recorded.at(at), recorded.held(at)
    words, attestations = words_spoken(agreement, at), _attestations(held)
    return [
        _position(
            agreement,
            position,
            held[f"position:{position.id}"],
            attestations.get(position.id, []),
            words.get(position.id),
            at,
        )
        for position in agreement.positions
    ]


def _position(
    agreement: Agreement,
    position: Position,
    entry: Entry,
    attestations: list[AttestationOut],
    word: Word | None,
    at: datetime,
) -> PositionOut:
    value = aspects.members(entry)
    received = value.get("received_at")
    return PositionOut(
        id=position.id,
        organisation=position.organisation,
        short_name=agreement.name(position.organisation),
        position=position.stance,
        revision=position.revision,
        terms_hash=position.terms_hash,
        authority_level=position.authority_level,
        form=position.form,
        stated_at=position.stated_at,
        received_at=parse_instant(received) if received else None,
        valid_until=position.valid_until,
        relayed_by=position.relayed_by,
        conditions=position.conditions,
        sources=list(position.sources),
        note=value.get("note"),
        basis=entry.basis,
        incomplete=value.get("incomplete", []),
        recorded_at=entry.recorded_at,
        recorded_by=person_out(position.recorded_by),
        attestations=attestations,
        counts=word is not None and word.counts,
        counts_as=word.counts_as if word else None,
        why_not_more=why_not_more(agreement, position, at),
        corrects=[UUID(event) for event in value.get("corrects", [])],
    )


def _attestations(held: Mapping[str, Entry]) -> dict[UUID, list[AttestationOut]]:
    """Return the attestations of each position, oldest first."""
    entries = [e for name, e in held.items() if name.startswith("attestation:") and e.value]
    found: dict[UUID, list[AttestationOut]] = {}
    for shown in (attestation_out(e) for e in sorted(entries, key=lambda e: e.sequence)):
        found.setdefault(shown.position, []).append(shown)
    return found


def attestation_out(entry: Entry) -> AttestationOut:
    """Show an attestation."""
    attestation = aspects.read_attestation(entry)
    return AttestationOut(
        id=attestation.id,
        position=attestation.position,
        attested_by=person_out(attestation.by),
        note=aspects.members(entry).get("note"),
        basis=entry.basis,
        effective_at=entry.effective_at,
        recorded_at=entry.recorded_at,
    )


def terms_out(recorded: Recorded, at: datetime) -> list[TermOut]:
    """Show the ten terms as they stood at `at`, in their usual order."""
    agreement, held = recorded.at(at), recorded.held(at)
    return [_term(key, agreement.terms[key], held.get(f"term:{key.value}")) for key in TermKey]


def _term(key: TermKey, term: Term, entry: Entry | None) -> TermOut:
    return TermOut(
        key=key,
        state=term.state,
        text=term.text,
        details=dict(term.details),
        basis=entry.basis if entry else None,
        since=entry.effective_at if entry else None,
    )


def windows_out(agreement: Agreement, at: datetime) -> list[WindowOut]:
    """Show the windows as they stood at `at`, by their start."""
    counted = {window.id for window in counted_windows(agreement, at)}
    return [window_out(window, counts=window.id in counted) for window in agreement.windows]


def window_out(window: Window, *, counts: bool) -> WindowOut:
    """Show one window."""
    return WindowOut(
        id=window.id,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        tz=window.tz,
        as_announced=window.as_announced,
        direction=window.direction,
        corridor=window.corridor,
        status=window.status,
        outcome=window.outcome,
        since_revision=window.since_revision,
        counts=counts,
    )


def status_changes_out(
    recorded: Recorded, events: Mapping[UUID, Event], at: datetime
) -> list[StatusChangeOut]:
    """Show the status history up to `at`, oldest effect first.

    Args:
        events: the events behind the entries, for who, why and on which evidence.
    """
    entries = status_entries(recorded, at)
    changes = [entry for entry in entries if entry.aspect == "status"]
    before = {two.event: aspects.read_status(one).to for one, two in pairwise(changes)}
    until = {one.event: two.effective_at for one, two in pairwise(changes)}
    return [_status(entry, events[entry.event], before, until, changes) for entry in entries]


def status_entries(recorded: Recorded, at: datetime) -> list[Entry]:
    """Return the entries of the status history up to `at`, stop statements included."""
    return [
        entry
        for entry in recorded.entries
        if (entry.aspect == "status" or entry.aspect.startswith("stop:"))
        and entry.effective_at <= at
    ]


def _status(
    entry: Entry,
    event: Event,
    before: Mapping[UUID, Status],
    until: Mapping[UUID, datetime],
    changes: list[Entry],
) -> StatusChangeOut:
    value = aspects.members(entry)
    is_change = entry.aspect == "status"
    was = before.get(entry.event) if is_change else _in_effect(changes, entry)
    ended = until.get(entry.event) if is_change else entry.effective_at
    lasted = (ended - entry.effective_at).total_seconds() if ended else None
    return status_change_out(event, value, was, lasted, is_change=is_change)


def _in_effect(changes: list[Entry], entry: Entry) -> Status | None:
    earlier = [c for c in changes if c.effective_at <= entry.effective_at]
    return aspects.read_status(earlier[-1]).to if earlier else None


def status_change_out(
    event: Event,
    value: aspects.Members,
    was: Status | None,
    lasted_s: float | None,
    *,
    is_change: bool,
) -> StatusChangeOut:
    """Show one event of the status history; `value` is its status aspect, empty for a take-out."""
    fact = event.fact
    actor = fact.actor
    person = Person(holder=actor.holder, organisation=actor.organisation, principal=actor.principal)
    began = value.get("ceasefire_effective_at")
    return StatusChangeOut(
        id=fact.id,
        from_=was,
        to=Status(value["to"]) if value else None,
        changes_status=is_change,
        effective_at=fact.effective_at,
        recorded_at=event.recorded_at,
        actor=person_out(person),
        organisation=actor.organisation,
        reason=fact.reason,
        note=value.get("note"),
        sources=list(fact.sources),
        basis=fact.basis,
        ceasefire_effective_at=parse_instant(began) if began else None,
        movements_statement=value.get("movements_statement"),
        counts_statement=value.get("counts_statement"),
        purpose_met=bool(value.get("purpose_met")),
        successor=aspects.id_or_none(value.get("successor")),
        override=value.get("override"),
        corrects=[replaced.event for replaced in fact.replaces],
        incomplete=value.get("incomplete", []),
        counted=value.get("counted", []),
        lasted_s=lasted_s,
        warnings=warnings_out(fact.warnings),
    )
