"""Who follows the ledger, in which order: the one place where the program is put together.

Whatever writes calls this first: the service, the command line, the replay of the case.
"""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement

from app.access import resource
from app.access.caller import Caller
from app.agreements import erasing
from app.agreements.store import shows_one
from app.contacts import service as contacts
from app.corridors import following as corridors
from app.corridors import moved
from app.corridors.tables import CorridorRow
from app.disclosure import reading
from app.disclosure.releases import Releasing, release
from app.ledger import followers
from app.log import sequencing as log
from app.operations import service as operations
from app.operations.visibility import also_known_by
from app.organisations import service as organisations
from app.sites import following as sites
from app.sites.tables import SiteRow
from app.sources import service as sources
from app.tokens import service as tokens

_BLANKING = resource.blanking(
    organisations.KIND, operations.KIND, tokens.KIND, sources.KIND, contacts.KIND
)


def put_together() -> None:
    """Let what lies above follow what is recorded below it; again changes nothing."""
    followers.follow(
        log.follow, _BLANKING, erasing.follow, moved.follow, corridors.follow, sites.follow
    )
    release(
        Releasing(table=SiteRow.__table__, make_anew=sites.make_anew),
        Releasing(table=CorridorRow.__table__, make_anew=corridors.make_anew),
    )
    also_known_by("agreements", shows_one)
    also_known_by("places", _shows_place)


def _shows_place(caller: Caller, operation: ColumnElement[UUID]) -> ColumnElement[bool]:
    return reading.sees_one(caller, operation, datetime.now(UTC))
