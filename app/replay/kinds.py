"""Which kinds of subjects there are, and how the rows of each follow from its record."""

from app.access.resource.kind import Kind
from app.access.resource.projecting import owned, row_of
from app.agreements import projecting as agreements
from app.contacts.service import KIND as CONTACT
from app.corridors import projecting as corridors
from app.ledger.projection import Projection
from app.operations import projecting as operations
from app.organisations.service import KIND as ORGANISATION
from app.sites import projecting as sites
from app.sources.service import KIND as SOURCE
from app.tokens import projecting as tokens


def _plain(kind: Kind) -> Projection:
    """Give the projection of a kind whose row follows from its fields alone."""
    return Projection(
        kind=kind.name,
        owned=(owned(kind),),
        rows=lambda whole: {kind.table: [row_of(kind, whole)]},
    )


PROJECTIONS: tuple[Projection, ...] = (
    _plain(ORGANISATION),
    operations.PROJECTION,
    tokens.PROJECTION,
    _plain(SOURCE),
    sites.PROJECTION,
    _plain(CONTACT),
    agreements.PROJECTION,
    corridors.PROJECTION,
)
