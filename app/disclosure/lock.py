"""One lock between those whose change reaches other places and those who name places.

Whoever draws or plans a route reads the points and the classes of sites, and writes them into the
terms of an agreement and into rows; whoever moves a site or changes a class must write into the
terms and the rows of all that name it. Neither may meet the other half way, so those who name
share this lock, and those who reach hold it alone; both take it before any other. No stop asks
for it.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

_PLACES = 0x5AFE_51E5


def hold_places(db: Session, *, alone: bool = False) -> None:
    """Let no place change what others say of it, until the transaction ends.

    Args:
        alone: this transaction does that itself, so nobody else names a place meanwhile.
    """
    if db.get_bind().dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
        db.execute(select(lock(_PLACES)))
