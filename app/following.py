"""Who follows the ledger, in which order: the one place where the program is put together.

Whatever writes calls this first: the service, the command line, the replay of the case.
"""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement

from app.access.caller import Caller
from app.agreements.store import shows_one
from app.corridors import following as corridors
from app.corridors import moved
from app.disclosure import reading
from app.ledger import followers
from app.operations.visibility import also_known_by
from app.sites import following as sites


def put_together() -> None:
    """Let what lies above follow what is recorded below it; again changes nothing."""
    followers.follow(moved.follow, corridors.follow, sites.follow)
    also_known_by("agreements", shows_one)
    also_known_by("places", _shows_place)


def _shows_place(caller: Caller, operation: ColumnElement[UUID]) -> ColumnElement[bool]:
    return reading.sees_one(caller, operation, datetime.now(UTC))
