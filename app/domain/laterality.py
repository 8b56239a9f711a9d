"""How many sides an agreement has, and whose consent it rests on."""

from enum import StrEnum


class Laterality(StrEnum):
    """How many sides an agreement has."""

    UNILATERAL = "unilateral"
    BILATERAL = "bilateral"
    MULTILATERAL = "multilateral"
    IMPOSED = "imposed"

    @property
    def is_mutual(self) -> bool:
        """Whether it needs the consent of more than the one who declares it."""
        return self in (Laterality.BILATERAL, Laterality.MULTILATERAL)


class ConsentBasis(StrEnum):
    """Whose consent an agreement and its corridors rest on."""

    MUTUAL = "mutual"
    UNILATERAL = "unilateral"
    IMPOSED = "imposed"


def consent_basis(laterality: Laterality) -> ConsentBasis:
    """Name whose consent an agreement of that laterality rests on."""
    return ConsentBasis.MUTUAL if laterality.is_mutual else ConsentBasis(laterality.value)


class Kinds(StrEnum):
    """The agreements for which a move exists."""

    ANY = "any"
    MUTUAL = "mutual"
    DECLARED = "unilateral or imposed"

    def include(self, laterality: Laterality) -> bool:
        """Whether an agreement of that laterality is among them."""
        return self is Kinds.ANY or (self is Kinds.MUTUAL) == laterality.is_mutual
