"""Looks organisations up in their present rows."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.db.any_of import any_of
from app.domain.organisation import Organisation
from app.organisations.tables import OrganisationRow

organisation = OrganisationRow.__table__


def folded(short_name: str) -> str:
    """Give a short name without regard to case, as it is unique."""
    return short_name.casefold()


def by_short_name(db: Session, short_name: str) -> UUID | None:
    """Find the organisation that has this short name, whatever its case."""
    question = select(organisation.c.id).where(
        organisation.c.short_name_folded == folded(short_name)
    )
    return db.execute(question).scalar_one_or_none()


def existing(db: Session, ids: Iterable[UUID]) -> set[UUID]:
    """Give those of `ids` that are organisations."""
    question = select(organisation.c.id).where(organisation.c.id.in_(set(ids)))
    return set(db.execute(question).scalars())


_NAMES = select(organisation.c.id, organisation.c.short_name).where(
    any_of(organisation.c.id, "ids")
)


def names(db: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Give the short names of those of `ids` that are organisations."""
    wanted = sorted(set(ids))
    return {row.id: row.short_name for row in db.execute(_NAMES, {"ids": wanted})} if wanted else {}


def many(db: Session, ids: Sequence[UUID]) -> dict[UUID, Organisation]:
    """Give organisations as the rules look at them now, with all that stand above them."""
    if not ids:
        return {}
    above: dict[UUID, list[Any]] = {}
    for row in db.execute(_upwards(ids)):
        above.setdefault(row.below, []).append(row)
    names_of = names(db, above)
    return {
        id: Organisation(
            id=id,
            short_name=names_of[id],
            is_belligerent=any(row.is_belligerent for row in rows),
            lineage=frozenset(row.id for row in rows),
        )
        for id, rows in above.items()
    }


def _upwards(ids: Sequence[UUID]) -> Select[Any]:
    """Walk from each of `ids` (`below`) to the top; a row for each step."""
    told = (organisation.c.id, organisation.c.parent_id, organisation.c.is_belligerent)
    start = (
        select(organisation.c.id.label("below"), *told)
        .where(organisation.c.id.in_(set(ids)))
        .cte("upwards", recursive=True)
    )
    step = select(start.c.below, *told).join(start, organisation.c.id == start.c.parent_id)
    return select(start.union(step))
