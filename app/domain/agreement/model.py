"""An agreement at one instant: everything that the rules look at."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.domain.agreement.party import Party, PartyRole
from app.domain.agreement.route import Route
from app.domain.agreement.status import Laterality, Status
from app.domain.agreement.terms import ALL_OPEN, Content, Terms
from app.domain.fact import Basis
from app.domain.machine.timeline import Change, Stop
from app.domain.window import Window


class AgreementKind(StrEnum):
    """What an agreement is for."""

    EVACUATION = "evacuation"
    HUMANITARIAN_PAUSE = "humanitarian_pause"
    CORRIDOR = "corridor"
    CEASEFIRE_WITH_ACCESS = "ceasefire_with_access"
    FIGHTERS_EXIT = "fighters_exit"


class Stance(StrEnum):
    """One party's word on an agreement (`position` in the API)."""

    NOT_CONTACTED = "not_contacted"
    APPROACHED = "approached"
    NO_RESPONSE = "no_response"
    CONSIDERING = "considering"
    CONDITIONAL = "conditional"
    ANNOUNCED_UNILATERALLY = "announced_unilaterally"
    IN_PRINCIPLE = "in_principle"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


REFUSALS = frozenset({Stance.REJECTED, Stance.WITHDRAWN})


class AuthorityLevel(StrEnum):
    """How high the person stood who spoke for a party."""

    HEAD_OF_STATE = "head_of_state"
    MINISTER = "minister"
    MILITARY_COMMAND = "military_command"
    FIELD_COMMAND = "field_command"
    LOCAL_AUTHORITY = "local_authority"


class Form(StrEnum):
    """How a position was given; `not_known` only where the position is inferred."""

    VERBAL = "verbal"
    PHONE = "phone"
    LETTER = "letter"
    SIGNED = "signed"
    PUBLIC_STATEMENT = "public_statement"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Someone who acted: `holder` is a pseudonym, and two tokens of it are one person."""

    holder: str
    organisation: UUID
    principal: UUID

    @property
    def folded_holder(self) -> str:
        """The holder without differences of case, width or composition."""
        folded = unicodedata.normalize("NFKC", self.holder).casefold()
        return unicodedata.normalize("NFKC", folded)

    def is_same_as(self, other: "Person") -> bool:
        """Whether both are one person, whatever the organisation or the way it is written."""
        return self.folded_holder == other.folded_holder


@dataclass(frozen=True, kw_only=True)
class Position:
    """One party's statement; it speaks from `stated_at` until `valid_until` (open end)."""

    id: UUID
    organisation: UUID
    stance: Stance
    stated_at: datetime
    recorded_by: Person
    revision: int | None = None
    terms_hash: str | None = None
    authority_level: AuthorityLevel | None = None
    form: Form | None = None
    valid_until: datetime | None = None
    relayed_by: UUID | None = None
    conditions: str | None = None
    sources: tuple[UUID, ...] = ()
    basis: Basis = Basis.STATED

    @property
    def is_relayed(self) -> bool:
        """Whether somebody else than the party's own principal recorded it."""
        return self.recorded_by.organisation != self.organisation

    @property
    def needs_attestation(self) -> bool:
        """Whether a second person must stand behind it before it counts as confirmed."""
        return self.is_relayed or self.basis is Basis.INFERRED

    def is_lapsed(self, at: datetime) -> bool:
        """Whether its validity is over at `at`."""
        return self.valid_until is not None and at >= self.valid_until


@dataclass(frozen=True, kw_only=True)
class Attestation:
    """A second person standing behind a position; judged eligible when it was given."""

    id: UUID
    position: UUID
    by: Person


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One version of the terms.

    Attributes:
        took_effect_at: since when its terms have read as they do now.
        extends: the revision to which it only adds later windows, or None.
    """

    number: int
    terms_hash: str
    took_effect_at: datetime
    extends: int | None = None


class StatusChange(Change[Status]):
    """One entry of the status history of an agreement."""


class StopStatement(Stop[Status]):
    """A stop of an agreement that had stopped already."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What an agreement was at one instant, as far as the record told.

    Attributes:
        status: the last status change in effect at that instant.
        revisions: by number, the present one last.
        routes: of its corridors that are planned or past it.
        positions: every statement made by then, oldest first.
        statuses: the whole status history by effect, later changes included.
    """

    id: UUID
    operation: UUID
    laterality: Laterality
    proposer: UUID
    status: StatusChange
    revisions: tuple[Revision, ...]
    parties: tuple[Party, ...]
    declared_by: UUID | None = None
    terms: Terms = field(default_factory=lambda: ALL_OPEN)
    windows: tuple[Window, ...] = ()
    routes: tuple[Route, ...] = ()
    positions: tuple[Position, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    stops: tuple[StopStatement, ...] = ()
    statuses: tuple[StatusChange, ...] = ()
    names: Mapping[UUID, str] = field(default_factory=dict)
    memo: dict[datetime, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What `consenting_words` found, by the instant: many corridors ask for the same."""

    @property
    def revision(self) -> Revision:
        """The present revision."""
        return self.revisions[-1]

    @property
    def content(self) -> Content:
        """What a party consents to when it confirms."""
        return Content(
            terms=self.terms, windows=self.windows, parties=self.parties, routes=self.routes
        )

    def organisations(self, *roles: PartyRole) -> tuple[UUID, ...]:
        """Return the organisations in any of these roles, each once, in the order of parties."""
        return tuple(dict.fromkeys(p.organisation for p in self.parties if p.role in roles))

    def roles_of(self, organisation: UUID | None) -> frozenset[PartyRole]:
        """Return the roles of one organisation; empty where it is no party."""
        return frozenset(p.role for p in self.parties if p.organisation == organisation)

    def name(self, organisation: UUID) -> str:
        """Return a party's short name for a sentence."""
        named = {p.organisation: p.name for p in self.parties}
        return named.get(organisation) or self.names.get(organisation, "another organisation")

    def revision_at(self, at: datetime) -> Revision:
        """Return the revision in effect at `at`; before all, the first."""
        in_effect = (r for r in reversed(self.revisions) if r.took_effect_at <= at)
        return next(in_effect, self.revisions[0])

    def revisions_in_chain(self, end: Revision | None = None) -> frozenset[int]:
        """Return the numbers of a revision and of those that it only extends.

        Args:
            end: the revision; None means the present one.
        """
        by_number = {r.number: r for r in self.revisions}
        chain, current = set(), end or self.revision
        while True:
            chain.add(current.number)
            if current.extends is None or current.extends not in by_number:
                return frozenset(chain)
            current = by_number[current.extends]
