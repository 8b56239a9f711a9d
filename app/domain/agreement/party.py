"""The organisations in an agreement and what each is there for."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class PartyRole(StrEnum):
    """What an organisation is in an agreement. It may have several roles."""

    REQUIRED_PARTY = "required_party"
    GUARANTOR = "guarantor"
    FACILITATOR = "facilitator"
    EXECUTOR = "executor"
    MONITOR = "monitor"
    OBSERVER = "observer"


FACILITATING = frozenset({PartyRole.FACILITATOR, PartyRole.GUARANTOR, PartyRole.EXECUTOR})
SETTLING = FACILITATING | {PartyRole.REQUIRED_PARTY}
CONSENTING = frozenset({PartyRole.REQUIRED_PARTY, PartyRole.EXECUTOR})


@dataclass(frozen=True, kw_only=True)
class Party:
    """One organisation in one role; `name` is its short name, for sentences."""

    organisation: UUID
    name: str
    role: PartyRole
