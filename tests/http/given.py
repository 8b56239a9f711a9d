"""A running application with routes of the test's own, and principals to call it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter
from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.access.tables import PrincipalOperationRow, PrincipalRow
from app.access.token import new_token, token_hash
from app.db.session import writing
from app.domain.fact import Actor, Event, Fact, Subject
from app.domain.organisation import OrganisationKind
from app.domain.policy import Audience, Role
from app.http.route import StrictRoute
from app.ledger import store
from app.main import create_app
from app.operations.tables import MembershipRow, OperationRow
from app.organisations.tables import OrganisationRow
from app.settings import Settings
from tests.databases import Database

NOON = datetime(2022, 4, 26, 12, tzinfo=UTC)


@contextmanager
def given_client(database: Database, folder: Path, *routers: APIRouter) -> Iterator[TestClient]:
    """Run the application on `database` with `routers` in place of the features."""
    settings = Settings(
        data_dir=folder,
        database_url=database.url,
        migration_database_url=database.migration_url,
        pool_size=4,
        log_signs=False,
    )
    with TestClient(create_app(settings, routers=routers)) as client:
        yield client


def given_route(
    endpoint: Callable[..., Any],
    *,
    method: str = "POST",
    path: str = "/v1/sources",
    router: APIRouter | None = None,
    **options: Any,
) -> APIRouter:
    """Make a router with one route more; the path must be one of the policy."""
    router = router or APIRouter(route_class=StrictRoute)
    router.add_api_route(path, endpoint, methods=[method], **options)
    return router


def given_subject(
    db: Session, kind: str, *, operation: UUID | None = None, id: UUID | None = None
) -> Event:
    """Record the beginning of a subject."""
    actor = Actor(principal=uuid4(), holder="ada", organisation=uuid4(), role="coordinator")
    fact = Fact(
        subject=Subject(kind=kind, id=id or uuid4(), operation=operation),
        kind="created",
        effective_at=NOON,
        actor=actor,
        aspects={"name": "Azovstal"},
    )
    return store.append(db, fact, at=store.moment(db), new=True)


def given_organisation(
    engine: Engine, *, is_belligerent: bool = False, parent: UUID | None = None
) -> UUID:
    """Record an organisation."""
    with writing(engine) as db:
        id = given_subject(db, "organisation").fact.subject.id
        row = {
            "id": id,
            "name": "an organisation",
            "short_name": str(id),
            "short_name_folded": str(id),
            "kind": OrganisationKind.UN,
            "parent_id": parent,
            "is_belligerent": is_belligerent,
            "created_at": NOON,
        }
        db.execute(insert(OrganisationRow.__table__), row)
    return id


def given_operation(engine: Engine) -> UUID:
    """Record an operation."""
    with writing(engine) as db:
        id = given_subject(db, "operation").fact.subject.id
        row = {
            "id": id,
            "slug": str(id),
            "name": "Mariupol 2022",
            "countries": " UKR ",
            "tz": "Europe/Kyiv",
            "created_at": NOON,
        }
        db.execute(insert(OperationRow.__table__), row)
    return id


def given_membership(
    engine: Engine,
    operation: UUID,
    organisation: UUID,
    *,
    audience: Audience | None = None,
    removed_at: datetime | None = None,
) -> None:
    """Make an organisation a member of an operation, or one that was."""
    row = MembershipRow(
        operation_id=operation,
        organisation_id=organisation,
        audience=audience,
        removed_at=removed_at,
    )
    with writing(engine) as db:
        db.add(row)


def given_token(
    engine: Engine,
    role: Role = Role.COORDINATOR,
    *,
    organisation: UUID | None = None,
    operations: tuple[UUID, ...] = (),
    audience: Audience | None = None,
    revoked_at: datetime | None = None,
) -> str:
    """Issue a token."""
    token = new_token()
    with writing(engine) as db:
        id = given_subject(db, "token").fact.subject.id
    principal = PrincipalRow(
        id=id,
        token_hash=token_hash(token),
        organisation_id=organisation or given_organisation(engine),
        role=role,
        holder="ada",
        created_at=NOON,
        audience=audience,
        revoked_at=revoked_at,
    )
    with writing(engine) as db:
        db.add(principal)
        db.flush()
        for operation in operations:
            db.add(PrincipalOperationRow(principal_id=principal.id, operation_id=operation))
    return token


def bearer(token: str, **headers: str) -> dict[str, str]:
    """Give the headers of a request with a token."""
    return {"Authorization": f"Bearer {token}"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
