"""Sites, and what each audience sees of them, as they follow from the record."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from app.access.resource.projecting import owned, row_of
from app.disclosure import projecting as disclosed
from app.ledger.projection import Difference, Projection, Rows
from app.ledger.whole import Whole
from app.sites.features import COLLECTION
from app.sites.following import told
from app.sites.service import KIND


def _rows(whole: Whole) -> Rows:
    return {KIND.table: [row_of(KIND, whole)]}


def _disclosed(db: Session, whole: Whole, now: datetime) -> Iterator[Difference]:
    return disclosed.check(db, whole, COLLECTION, told, now)


PROJECTION = Projection(
    kind=KIND.name, owned=(owned(KIND), *disclosed.OWNED), rows=_rows, apart=_disclosed
)
