"""The ten terms that parties agree on, and the hash of what they consent to."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.agreement.party import Party
from app.domain.agreement.route import Route, covered_routes
from app.domain.instant import format_instant
from app.domain.json_value import Json
from app.domain.record import canonical
from app.domain.window import Window


class TermKey(StrEnum):
    """The ten questions that every passage has to settle."""

    PURPOSE = "purpose"
    ELIGIBLE_PEOPLE = "eligible_people"
    ORIGIN_AND_ASSEMBLY = "origin_and_assembly"
    ROUTES = "routes"
    DESTINATIONS_AND_FREE_CHOICE = "destinations_and_free_choice"
    WINDOWS = "windows"
    ESCORT_AND_EXECUTION = "escort_and_execution"
    CHECKS = "checks"
    MONITORING_AND_CONTACT = "monitoring_and_contact"
    GUARANTEES_AND_VIOLATIONS = "guarantees_and_violations"


class TermState(StrEnum):
    """How far one term is settled."""

    OPEN = "open"
    PROPOSED = "proposed"
    AGREED = "agreed"


@dataclass(frozen=True, kw_only=True)
class Term:
    """One term: its state, its words, and structured details."""

    state: TermState = TermState.OPEN
    text: str | None = None
    details: Mapping[str, Json] = field(default_factory=dict)


Terms = Mapping[TermKey, Term]

ALL_OPEN: Terms = {key: Term() for key in TermKey}


@dataclass(frozen=True, kw_only=True)
class Content:
    """Everything that a party consents to when it confirms a revision."""

    terms: Terms
    windows: tuple[Window, ...]
    parties: tuple[Party, ...]
    routes: tuple[Route, ...] = ()


def terms_hash(content: Content) -> str:
    """Return the lower-case hex SHA-256 of what the parties consent to.

    It covers the ten terms with their states, the windows without status or
    outcome, the parties with their roles, and the routes of corridors that are
    planned; over RFC 8785 bytes, so that any party can compute it alone.
    """
    covered: Json = {
        "parties": _parties(content.parties),
        "routes": covered_routes(content.routes),
        "terms": {key.value: _term(content.terms.get(key, Term())) for key in TermKey},
        "windows": _windows(content.windows),
    }
    return hashlib.sha256(canonical(covered)).hexdigest()


def _term(term: Term) -> Json:
    return {"state": term.state.value, "text": term.text, "details": dict(term.details)}


def _parties(parties: Iterable[Party]) -> Json:
    pairs = sorted((str(p.organisation), p.role.value) for p in parties)
    return [{"organisation": organisation, "role": role} for organisation, role in pairs]


def _windows(windows: Iterable[Window]) -> Json:
    return [covered_window(window) for window in sorted(windows, key=lambda w: str(w.id))]


def covered_window(window: Window) -> Json:
    """Return the part of a window that parties consent to: all but status and outcome."""
    return {
        "id": str(window.id),
        "starts_at": format_instant(window.starts_at),
        "ends_at": format_instant(window.ends_at),
        "tz": window.tz,
        "as_announced": window.as_announced,
        "direction": window.direction.value if window.direction else None,
        "corridor": str(window.corridor) if window.corridor else None,
    }
