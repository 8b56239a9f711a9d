"""What a new agreement needs before it can be proposed."""

from collections import Counter
from collections.abc import Sequence

from app.domain.agreement.model import Agreement
from app.domain.agreement.party import Party, PartyRole
from app.domain.agreement.status import Laterality
from app.domain.errors import Unacceptable


def require_proposable(laterality: Laterality, parties: Sequence[Party]) -> None:
    """Refuse parties that cannot carry an agreement of this laterality.

    A mutual one needs two required parties or more, any other at least one.

    Raises:
        Unacceptable: at `/parties`, or at the entry that repeats another.
    """
    pairs = Counter((p.organisation, p.role) for p in parties)
    for index, party in enumerate(parties):
        if pairs[(party.organisation, party.role)] > 1:
            raise Unacceptable(
                f"/parties/{index}", f"{party.name} stands more than once as {party.role.value}."
            )
    required = {p.organisation for p in parties if p.role is PartyRole.REQUIRED_PARTY}
    needed = 2 if laterality.is_mutual else 1
    if len(required) < needed:
        raise Unacceptable(
            "/parties",
            f"Found {len(required)} required parties; a {laterality.value} agreement needs at "
            f"least {needed}: those whose consent it rests on.",
        )


def require_same_kind(agreement: Agreement, laterality: Laterality) -> None:
    """Refuse to turn one side's declaration into consent of both, or back."""
    if laterality.is_mutual != agreement.laterality.is_mutual:
        raise Unacceptable(
            "/laterality",
            f"A {agreement.laterality.value} agreement cannot become {laterality.value}. Propose a "
            "new agreement and supersede this one.",
        )
