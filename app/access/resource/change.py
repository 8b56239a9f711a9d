"""Making and changing a resource: one event, and the row of its present state."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.access.caller import require_role
from app.access.resource.bodies import Correcting
from app.access.resource.correction import check_reach, corrected, may_correct, take_out
from app.access.resource.kind import Kind, Noted, Plan
from app.access.resource.state import State, after
from app.access.resource.values import Values
from app.access.write import Write
from app.domain.errors import Unacceptable
from app.domain.fact import Event, Fact, Replaced, Subject, Warned
from app.domain.instant import format_instant
from app.domain.json_value import Json
from app.http.schema import Change
from app.ledger import store
from app.ledger.reading import NOW, Entry, SubjectState, winners
from app.ledger.tables import EventRow

CREATED = "created"
EDITED = "edited"


@dataclass(frozen=True, kw_only=True)
class _Turn:
    """One change under way."""

    write: Write
    kind: Kind
    body: Change
    at: datetime
    as_what: str
    in_part: bool = False

    @property
    def effective_at(self) -> datetime:
        return self.body.effective_at or self.at


def begin(
    write: Write,
    kind: Kind,
    body: Change,
    values: Values,
    *,
    id: UUID | None = None,
    operation: UUID | None = None,
    reason: str | None = None,
    warnings: Sequence[Warned] = (),
    sources: Sequence[UUID] = (),
    columns: Mapping[str, Any] | None = None,
) -> Event:
    """Record a new resource with all its fields; called inside `write.once`.

    Args:
        reason: why a rule was overridden, where one was.
        sources: on which evidence it rests.
        columns: what its row holds that is no field.

    Raises:
        RuleRefused: it would begin in the future, or the rule of the kind says no.
    """
    _stand_alone(write.db, kind)
    turn = _turn(write, kind, body, CREATED)
    fact = Fact(
        subject=Subject(kind=kind.name, id=id or uuid4(), operation=operation),
        kind=turn.as_what,
        effective_at=turn.effective_at,
        actor=write.caller.actor,
        aspects=values,
        basis=body.basis,
        reason=reason,
        sources=tuple(sources),
        warnings=tuple(warnings),
    )
    plan = Plan(
        id=fact.subject.id,
        given=values,
        present=values,
        effective_at=fact.effective_at,
        at=turn.at,
        new=True,
    )
    kind.rule(write.db, plan)
    event = store.append(write.db, fact, at=turn.at, new=True)
    row = {**kind.row(values), **(columns or {})}
    added = {"id": plan.id, "created_at": event.recorded_at, **row}
    write.db.execute(insert(kind.table), added)
    kind.keep(write.db, plan)
    return event


def hold(db: Session, kind: Kind, id: UUID) -> SubjectState | None:
    """Lock a resource of `kind` until the transaction ends; None where there is none.

    Called before `If-Match` is looked at.
    """
    _stand_alone(db, kind)
    subject = store.lock(db, id)
    return subject if subject and subject.kind == kind.name else None


def edit(
    write: Write,
    kind: Kind,
    subject: SubjectState,
    body: Correcting,
    values: Callable[[], Values],
    *,
    authority: Callable[[], None] = lambda: None,
    as_what: str = EDITED,
    version: int | None = None,
    in_part: bool = False,
    before: Callable[[Plan], Noted] = lambda _: Noted(),
    warnings: Sequence[Warned] = (),
) -> State:
    """Record a merge patch of a held resource that the caller may know of, and show it after.

    Where nothing changes nothing is recorded.

    Args:
        values: gives the fields that the patch sets; may refuse them.
        authority: refuses a caller whom the role alone does not rule out.
        as_what: the kind of event; any other than `edited` needs no `If-Match`.
        version: the one that the caller sees, where that is another than the subject's own.
        in_part: the caller knows the resource in part only: of its events those that its own
            organisation recorded, and no others.
        before: called when all else is judged; records what must change first, may refuse the
            change, and gives what is noted with it.
        warnings: what the reading of the body said.

    Raises:
        Problem: 403, 409, 412 or 428.
        RuleRefused: the patch names a time that cannot be, or the rule of the kind says no.
    """

    def allowed() -> None:
        require_role(write.caller)
        authority()
        if not in_part:
            may_correct(write.db, subject.id, body.corrects, write.caller.actor.organisation)

    def change() -> Event:
        turn = _turn(write, kind, body, as_what, since=subject.recorded_at)
        turn = replace(turn, in_part=in_part)
        return _alter(turn, subject, dict(values()), before, warnings)

    needed = as_what == EDITED or write.if_match is not None
    present = (version or subject.version) if needed else None
    event = write.once(authority=allowed, version=present, change=change, status=200)
    return after(write.db, event, by=write.caller.actor)


def _alter(
    turn: _Turn,
    subject: SubjectState,
    wanted: dict[str, Json],
    before: Callable[[Plan], Noted],
    warnings: Sequence[Warned],
) -> Event:
    assert isinstance(turn.body, Correcting)
    db = turn.write.db
    by = turn.write.caller.actor.organisation if turn.in_part else None
    named = corrected(db, subject.id, turn.body.corrects, by=by)
    replaces = take_out(named, wanted)
    effective_at = turn.body.effective_at or (named[0].fact.effective_at if named else turn.at)
    kept = _without(store.entries(db, [subject.id], NOW)[subject.id], replaces)
    given = wanted if named else _changed(kept, wanted, effective_at)
    if not given:
        return _latest(db, subject)
    check_reach(db, subject.id, kept, given, effective_at)
    plan = Plan(
        id=subject.id,
        given=given,
        present=_present(kept, given, effective_at),
        effective_at=effective_at,
        at=turn.at,
        new=False,
        kept=tuple(kept),
    )
    turn.kind.rule(db, plan)
    noted = before(plan)
    fact = Fact(
        subject=Subject(kind=subject.kind, id=subject.id, operation=subject.operation),
        kind=turn.as_what,
        effective_at=effective_at,
        actor=turn.write.caller.actor,
        aspects=given,
        basis=turn.body.basis,
        reason=noted.reason,
        sources=noted.sources,
        warnings=(*warnings, *noted.warnings),
        replaces=replaces,
    )
    event = store.append(db, fact, at=turn.at)
    _save(db, turn.kind, plan)
    return event


def _save(db: Session, kind: Kind, plan: Plan) -> None:
    row = kind.row(plan.present)
    db.execute(update(kind.table).where(kind.table.c.id == plan.id).values(**row))
    kind.keep(db, plan)


def _turn(
    write: Write, kind: Kind, body: Change, as_what: str, since: datetime | None = None
) -> _Turn:
    """Take the moment of recording, after every lock is held.

    A clock that was set back does not let a change take effect before the one it follows.
    """
    now = store.moment(write.db)
    at = now if since is None else max(now, since)
    if body.effective_at is not None and body.effective_at > at:
        raise Unacceptable(
            "/effective_at",
            f"found a time in the future; expected {format_instant(at)} or earlier. "
            "Leave it out for now; plans are windows",
        )
    return _Turn(write=write, kind=kind, body=body, at=at, as_what=as_what)


def _without(entries: Sequence[Entry], replaces: Sequence[Replaced]) -> list[Entry]:
    gone = {(each.event, aspect) for each in replaces for aspect in each.aspects}
    return [entry for entry in entries if (entry.event, entry.aspect) not in gone]


def _changed(kept: Sequence[Entry], wanted: Values, at: datetime) -> dict[str, Json]:
    """Leave out what held already at the time from which the change would hold."""
    holding = winners(entry for entry in kept if entry.effective_at <= at)
    return {
        name: value
        for name, value in wanted.items()
        if name not in holding or holding[name].value != value
    }


def _present(kept: Sequence[Entry], given: Values, at: datetime) -> dict[str, Json]:
    """Give all fields as they will hold now: a late report does not undo a later fact."""
    holding = winners(kept)
    present = {name: entry.value for name, entry in holding.items()}
    won = {
        name: value
        for name, value in given.items()
        if name not in holding or holding[name].effective_at <= at
    }
    return present | won


def _latest(db: Session, subject: SubjectState) -> Event:
    event = EventRow.__table__
    question = select(event.c.id).where(
        event.c.subject_id == subject.id, event.c.sequence == subject.version
    )
    found = store.event(db, db.execute(question).scalar_one())
    assert found is not None
    return found


def _stand_alone(db: Session, kind: Kind) -> None:
    """Wait for others that change resources of a kind whose rule looks at several of them."""
    if kind.alone and db.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(sha256(b"kind\x00" + kind.name.encode()).digest()[:8], signed=True)
        db.execute(select(func.pg_advisory_xact_lock(number)))
