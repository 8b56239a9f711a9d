"""What is done with tokens: issue, revoke, find, list. The token itself is never stored."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import exists, func, insert, select, true
from sqlalchemy.orm import Session

from app.access import resource
from app.access.resource import Correcting, Filter, Kind, Plan, State, Values, equal
from app.access.resource import key_of as key_of
from app.access.tables import PrincipalOperationRow, PrincipalRow
from app.access.token import new_token, token_hash
from app.access.write import Write
from app.domain.errors import Unacceptable
from app.domain.fact import Event, Warned
from app.domain.json_value import Json
from app.domain.policy import Audience, Role
from app.http.paging import PageWish
from app.http.problems import conflict, not_found
from app.ledger.reading import NOW, Reading
from app.operations import service as operations
from app.operations.members import is_member
from app.organisations import service as organisations
from app.tokens.schemas import NewToken

_principal = PrincipalRow.__table__
_named = PrincipalOperationRow.__table__
_IN_NO_OPERATION = {Role.ADMINISTRATOR, Role.WITNESS}


def _row(values: Values) -> Mapping[str, Any]:
    audience = values["audience"]
    return {
        "organisation_id": UUID(cast(str, values["organisation"])),
        "role": Role(cast(str, values["role"])),
        "holder": values["holder"],
        "audience": Audience(audience) if isinstance(audience, str) else None,
    }


def _rule(db: Session, plan: Plan) -> None:
    """Leave at least one administrator, or nobody could issue tokens over HTTP any more."""
    if not plan.given.get("revoked") or plan.present["role"] != Role.ADMINISTRATOR:
        return
    others = select(func.count()).where(
        _principal.c.role == Role.ADMINISTRATOR,
        _principal.c.revoked_at.is_(None),
        _principal.c.id != plan.id,
    )
    if not db.execute(others).scalar_one():
        raise conflict(
            "this is the last administrator's token; issue another one first, then revoke this one"
        )


def _keep(db: Session, plan: Plan) -> None:
    if plan.new:
        for operation in cast(list[str], plan.present["operations"]):
            row = {"principal_id": plan.id, "operation_id": UUID(operation)}
            db.execute(insert(_named), row)
    elif plan.present["revoked"]:
        end = _principal.update().where(_principal.c.id == plan.id).values(revoked_at=plan.at)
        db.execute(end)


KIND = Kind(name="token", entity=PrincipalRow, row=_row, rule=_rule, keep=_keep, alone=True)


def create(write: Write, body: NewToken, *, secret: bytes = b"") -> tuple[State, str]:
    """Issue a token, and give it; this is the only time that anyone sees it.

    Args:
        secret: from which a repeated request with one `Idempotency-Key` gets the same token.
    """
    token = _token(write, secret)

    def change() -> Event:
        values = _values(write, body)
        return resource.begin(
            write,
            KIND,
            body,
            values,
            warnings=_warnings(write.db, values),
            columns={"token_hash": token_hash(token)},
        )

    event = write.once(authority=lambda: None, version=None, change=change)
    return resource.after(write.db, event), token


def revoke(write: Write, id: UUID) -> None:
    """Revoke a token, at once; revoking it again changes nothing.

    `If-Match` is looked at where it is given.
    """
    subject = resource.hold(write.db, KIND, id)
    if subject is None:
        raise not_found()
    resource.edit(write, KIND, subject, Correcting(), lambda: {"revoked": True}, as_what="revoked")


def read(db: Session, id: UUID, reading: Reading = NOW) -> State:
    """Give one token.

    Raises:
        Problem: 404.
    """
    state = find(db, id, reading)
    if state is None:
        raise not_found()
    return state


def find(db: Session, id: UUID, reading: Reading = NOW) -> State | None:
    """Give one token; None where there was none."""
    held = db.execute(select(_principal.c.id).where(_principal.c.id == id)).one_or_none()
    return resource.read(db, id, reading) if held else None


def page(
    db: Session, wish: PageWish, *, filters: Sequence[Filter] = (), reading: Reading = NOW
) -> list[State]:
    """List tokens."""
    return resource.page(db, KIND, wish, visible=true(), filters=filters, reading=reading)


def filters(
    *,
    organisation: UUID | None = None,
    role: Role | None = None,
    audience: Audience | None = None,
    holder: str | None = None,
    operation: UUID | None = None,
    revoked: bool | None = None,
) -> list[Filter]:
    """Give the conditions of a list; what is None asks nothing."""
    columns = _principal.c
    return [
        *equal(columns.organisation_id, "organisation", organisation),
        *equal(columns.role, "role", role),
        *equal(columns.audience, "audience", audience),
        *equal(columns.holder, "holder", holder),
        *_naming(operation),
        *_revoked(revoked),
    ]


def _naming(operation: UUID | None) -> list[Filter]:
    if operation is None:
        return []
    named = exists().where(
        _named.c.principal_id == _principal.c.id, _named.c.operation_id == operation
    )

    def then(values: Values) -> bool:
        return str(operation) in cast(list[str], values["operations"])

    return [Filter(now=named, then=then)]


def _revoked(revoked: bool | None) -> list[Filter]:
    if revoked is None:
        return []
    ended = _principal.c.revoked_at.is_not(None)
    return [Filter(now=ended if revoked else ~ended, then=lambda v: v["revoked"] is revoked)]


def _token(write: Write, secret: bytes) -> str:
    """Make a token.

    Under one `Idempotency-Key` it is always the same, so that the answer can be given again
    although only a hash is stored.
    """
    if write.key is None:
        return new_token()
    message = b"token\x00" + write.caller.actor.principal.bytes + write.key.encode()
    derived = hmac.digest(secret, message, "sha256")
    return "sp_" + urlsafe_b64encode(derived).decode().rstrip("=")


def _values(write: Write, body: NewToken) -> dict[str, Json]:
    if body.effective_at is not None:
        raise Unacceptable(
            "/effective_at", "a token acts from its recording; leave effective_at out"
        )
    if body.role in _IN_NO_OPERATION:
        _check_outside(body)
    return {
        **resource.given(body, all_fields=True),
        "organisation": str(organisations.referred(write.db, body.organisation, "/organisation")),
        "operations": _operations(write, body.operations),
        "revoked": False,
    }


def _check_outside(body: NewToken) -> None:
    if body.operations:
        raise Unacceptable(
            "/operations",
            f"a token of the role {body.role} names no operation; leave operations out",
        )
    if body.audience is not None:
        raise Unacceptable(
            "/audience", f"a token of the role {body.role} has no audience; leave audience out"
        )


def _operations(write: Write, references: Sequence[str]) -> Json:
    named: list[Json] = []
    for index, reference in enumerate(references):
        pointer = f"/operations/{index}"
        operation = str(operations.referred(write.db, write.caller, reference, pointer))
        if operation in named:
            raise Unacceptable(pointer, "this operation is named twice; expected it once")
        named.append(operation)
    return named


def _warnings(db: Session, values: Values) -> list[Warned]:
    """Say in which of its operations the organisation is no member."""
    organisation = UUID(cast(str, values["organisation"]))
    named = [UUID(operation) for operation in cast(list[str], values["operations"])]
    outside = [operation for operation in named if not is_member(db, operation, organisation)]
    return [
        Warned(
            code="not_a_member",
            message=f"the organisation is no member of the operation {name}; the token sees what "
            "is usual for its role. Add it to the members if it should be one",
        )
        for name in operations.names_of(db, outside).values()
    ]
