"""One lock between those who move sites and those who plan routes that name them.

Whoever plans a route reads the points of its sites and writes them into the terms of an agreement,
which it has locked; whoever moves a site has locked that and must write into the terms of every
agreement whose routes name it. Neither may meet the other half way, so planners share this lock,
and a mover holds it alone; both take it before any other. No stop asks for it.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

_ROUTES_AND_SITES = 0x5AFE_51E5


def plan_routes(db: Session) -> None:
    """Let no site move until the transaction ends."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock_shared(_ROUTES_AND_SITES)))


def move_sites(db: Session) -> None:
    """Let nobody else plan a route or move a site until the transaction ends."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(_ROUTES_AND_SITES)))
