"""What is done with sites: put on record, change, find."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.access import resource
from app.access.resource import Kind, State, Values
from app.access.write import Write
from app.disclosure import reading
from app.disclosure.bodies import check_area, from_recording, require_may_open
from app.disclosure.lock import hold_places
from app.disclosure.places import RIGHTS
from app.disclosure.reading import Found, Question
from app.disclosure.single import find_one
from app.disclosure.versions import knows_in_part, version_of
from app.domain.disclosure import Classed, Sensitivity
from app.domain.fact import Event
from app.domain.geometry.shape import Shape
from app.domain.instant import parse_instant
from app.domain.json_value import Json
from app.http.problems import not_allowed, not_found
from app.operations import service as operations
from app.organisations import service as organisations
from app.sites.features import COLLECTION
from app.sites.following import KIND as NAME
from app.sites.following import told
from app.sites.schemas import EditSite, NewSite
from app.sites.tables import SiteRow
from app.sources import service as sources


def _row(values: Values) -> Mapping[str, Any]:
    release_at = values["release_at"]
    return {
        "operation_id": UUID(cast(str, values["operation"])),
        "sensitivity": Sensitivity(cast(str, values["sensitivity"])),
        "release_at": parse_instant(release_at) if isinstance(release_at, str) else None,
    }


KIND = Kind(name=NAME, entity=SiteRow, row=_row)


def create(write: Write, body: NewSite) -> State:
    """Put a site on record."""
    caller = write.caller
    operation = operations.referred(write.db, caller, body.operation, "/operation")

    def authority() -> None:
        if not caller.names(operation):
            raise not_allowed(
                "your token does not name this operation; ask one of its coordinators"
            )

    def change() -> Event:
        taken = check_area(write.db, operation, _shapes(body), body.override)
        cited = sources.cited(write.db, caller, operation, body.sources)
        given = _resolved(write.db, body, resource.given(body, all_fields=True))
        return resource.begin(
            write,
            KIND,
            body,
            {**given, "operation": str(operation)},
            id=uuid4(),
            operation=operation,
            reason=taken.reason,
            warnings=(*resource.warned(body), *taken.warnings),
            sources=cited,
        )

    event = write.once(authority=authority, version=None, change=change)
    return resource.after(write.db, event)


def edit(write: Write, id: UUID, body: EditSite) -> State:
    """Change what is known of a site."""
    db, caller = write.db, write.caller
    hold_places(db, alone=bool({"geometry", *RIGHTS} & body.model_fields_set))
    subject = resource.hold(db, KIND, id)
    seen = reading.seen(db, Question(collection=COLLECTION, caller=caller, now=_now(), place=id))
    if subject is None or subject.operation is None or seen is None:
        raise not_found()
    operation = subject.operation
    row = db.get(SiteRow, id)
    assert row is not None
    was = Classed(sensitivity=row.sensitivity, release_at=row.release_at)

    def authority() -> None:
        if not caller.names(operation):
            raise not_allowed("your token does not name the operation of this site")
        require_may_open(caller, operation, was, resource.given(body), _now())

    def values() -> Values:
        given = _resolved(db, body, resource.given(body))
        corrects = bool(body.corrects)
        return from_recording(given, was.sensitivity, body.effective_at, corrects=corrects)

    return resource.edit(
        write,
        KIND,
        subject,
        body,
        values,
        authority=authority,
        version=version_of(db, caller, subject),
        in_part=knows_in_part(caller, subject),
        before=lambda _: check_area(db, operation, _shapes(body), body.override).resting_on(
            sources.cited(db, caller, operation, body.sources or [])
        ),
        warnings=resource.warned(body),
    )


def find(db: Session, question: Question) -> Found | None:
    """Give the one site that is asked for, as its reader may see it."""
    return find_one(db, question, told)


def _now() -> datetime:
    return datetime.now(UTC)


def _shapes(body: NewSite | EditSite) -> Iterator[tuple[str, Shape]]:
    for name in ("geometry", "area"):
        read = getattr(body, name)
        if read is not None:
            yield f"/{name}", read.shape


def _resolved(db: Session, body: NewSite | EditSite, values: dict[str, Json]) -> dict[str, Json]:
    values.pop("override", None)
    values |= sources.named_once(values)
    if values.get("controlled_by") is not None and body.controlled_by is not None:
        found = organisations.referred(db, body.controlled_by, "/controlled_by")
        values["controlled_by"] = str(found)
    return values
