"""Organisations, as far as the rules look at them."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class OrganisationKind(StrEnum):
    """What kind of body an organisation is."""

    UN = "un"
    ICRC = "icrc"
    RED_CROSS_RED_CRESCENT = "red_cross_red_crescent"
    NGO = "ngo"
    GOVERNMENT = "government"
    MINISTRY = "ministry"
    MILITARY = "military"
    DE_FACTO_AUTHORITY = "de_facto_authority"
    ARMED_GROUP = "armed_group"
    LOCAL_AUTHORITY = "local_authority"
    FACILITATOR_STATE = "facilitator_state"


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """An organisation.

    Attributes:
        is_belligerent: whether it, or one that stands above it, takes part in the fighting: who
            speaks below a belligerent speaks for its side.
        lineage: itself and every organisation above it.
    """

    id: UUID
    short_name: str
    is_belligerent: bool
    lineage: frozenset[UUID]

    def shares_ancestor(self, other: "Organisation") -> bool:
        """Whether both are one, stand one under the other, or have a common parent."""
        return bool(self.lineage & other.lineage)
