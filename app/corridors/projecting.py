"""Corridors, what each audience sees of them and why nobody may move, as the record tells it."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.access.resource.projecting import owned, present, row_of
from app.corridors import features, retelling
from app.corridors.features import COLLECTION
from app.corridors.recorded import status_in
from app.corridors.services.drawing import KIND
from app.corridors.tables import CorridorSiteRow
from app.disclosure import projecting as disclosed
from app.ledger.projection import Difference, Owned, Projection, Rows
from app.ledger.whole import Whole

_SITES = CorridorSiteRow.__table__


def _rows(whole: Whole) -> Rows:
    values = present(whole)
    named = {values["from_site"], values["to_site"], *(values["waypoints"] or [])} - {None}
    return {
        KIND.table: [row_of(KIND, whole, {"status": status_in(values["status"])})],
        _SITES: [_site(whole, site) for site in named],
    }


def _site(whole: Whole, site: str) -> dict[str, Any]:
    return {"corridor_id": whole.id, "site_id": UUID(site)}


def _disclosed(db: Session, whole: Whole, now: datetime) -> Iterator[Difference]:
    told = partial(features.told, db)
    return chain(disclosed.check(db, whole, COLLECTION, told, now), retelling.check(db, whole))


PROJECTION = Projection(
    kind=KIND.name,
    owned=(
        owned(KIND),
        Owned(table=_SITES, by="corridor_id"),
        *disclosed.OWNED,
        retelling.BAR,
    ),
    rows=_rows,
    apart=_disclosed,
)
