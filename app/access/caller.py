"""Who calls: the principal behind a token, and what it may see and call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import Depends
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from sqlalchemy import BindParameter, Row, and_, bindparam, column, exists, select, table
from sqlalchemy.orm import Session
from starlette.requests import Request

from app.access.tables import PrincipalOperationRow, PrincipalRow
from app.access.token import bearer_token, token_hash
from app.db.known import known
from app.db.types import Flag, Id, Instant, Named
from app.domain.fact import Actor
from app.domain.policy import Audience, Role, Rule, audience_of, may_call, rule_for
from app.http.deps import Db
from app.http.problems import Problem, not_allowed


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who calls, and with which rights now.

    Attributes:
        principal: None without a token.
        operations: the operations that the token names and whose membership still holds.
        rule: the rule of the route that is called.
    """

    principal: UUID | None = None
    holder: str = ""
    organisation: UUID | None = None
    role: Role | None = None
    operations: Mapping[UUID, Audience] = field(default_factory=lambda: MappingProxyType({}))
    rule: Rule | None = None

    @property
    def actor(self) -> Actor:
        """The caller as the record names it.

        Raises:
            Problem: 401 without a token.
        """
        if self.principal is None or self.organisation is None or self.role is None:
            raise sign_in_needed()
        return Actor(
            principal=self.principal,
            holder=self.holder,
            organisation=self.organisation,
            role=self.role.value,
        )

    def audience(self, operation: UUID) -> Audience:
        """The audience that this caller belongs to in an operation."""
        return self.operations.get(operation, Audience.PUBLIC)

    def names(self, operation: UUID) -> bool:
        """Tell whether the caller's token names the operation."""
        return operation in self.operations


def sign_in_needed(detail: str = "expected Authorization: Bearer and a token") -> Problem:
    """There is no valid token."""
    return Problem("sign-in-needed", detail, headers={"WWW-Authenticate": "Bearer"})


def require_role(caller: Caller, rule: Rule | None = None) -> None:
    """Refuse a caller whose role may not call the route.

    A route with a subject in its path asks this once the subject is found, so that 404 comes
    before 403; for other routes `CurrentCaller` has asked already.

    Raises:
        Problem: 401 without a token, 403 where the role is not among those of the rule.
    """
    asked = rule or caller.rule
    if asked is None or may_call(asked, caller.role):
        return
    if caller.role is None:
        raise sign_in_needed()
    allowed = ", ".join(sorted(asked.roles))
    raise not_allowed(f"your token is for the role {caller.role}; this is for: {allowed}")


_principal = PrincipalRow.__table__
_named = PrincipalOperationRow.__table__
_organisation = table(
    "organisation",
    column("id", Id()),
    column("parent_id", Id()),
    column("is_belligerent", Flag()),
)
_membership = table(
    "membership",
    column("operation_id", Id()),
    column("organisation_id", Id()),
    column("audience", Named(Audience)),
    column("removed_at", Instant()),
)

_TOKEN: BindParameter[Any] = bindparam("token_hash")
_OWN = (
    select(_organisation.c.parent_id, _organisation.c.is_belligerent)
    .join(_principal, _principal.c.organisation_id == _organisation.c.id)
    .where(_principal.c.token_hash == _TOKEN)
    .cte("upwards", recursive=True)
)
_UPWARDS = _OWN.union(
    select(_organisation.c.parent_id, _organisation.c.is_belligerent).join(
        _OWN, _organisation.c.id == _OWN.c.parent_id
    )
)
"""The organisation of whoever holds the token, and all above it: they speak for one side."""

_WHO = (
    select(
        _principal.c.id,
        _principal.c.holder,
        _principal.c.organisation_id,
        _principal.c.role,
        _principal.c.audience,
        _principal.c.revoked_at,
        exists().where(_UPWARDS.c.is_belligerent).label("is_belligerent"),
        _named.c.operation_id,
        _membership.c.audience.label("membership_audience"),
        _membership.c.removed_at,
    )
    .select_from(_principal)
    .outerjoin(_named, _named.c.principal_id == _principal.c.id)
    .outerjoin(
        _membership,
        and_(
            _membership.c.operation_id == _named.c.operation_id,
            _membership.c.organisation_id == _principal.c.organisation_id,
        ),
    )
    .where(_principal.c.token_hash == _TOKEN)
)


def find_caller(db: Session, token: str, rule: Rule | None = None) -> Caller | None:
    """Find who holds `token`, in one statement; None where it is unknown or revoked."""
    hashed, there = token_hash(token), known(db)
    found: Caller | None = there.get((_WHO, hashed, rule))
    if found is None:
        found = _found(db, hashed, rule)
        if found is not None:  # of others nothing is kept, however many are tried
            there[_WHO, hashed, rule] = found
    return found


def _found(db: Session, hashed: str, rule: Rule | None) -> Caller | None:
    rows = db.connection().execute(_WHO, {"token_hash": hashed}).all()
    if not rows or rows[0].revoked_at is not None:
        return None
    first = rows[0]
    return Caller(
        principal=first.id,
        holder=first.holder,
        organisation=first.organisation_id,
        role=first.role,
        operations=MappingProxyType(_operations(rows)),
        rule=rule,
    )


def _operations(rows: Sequence[Row[*tuple[Any, ...]]]) -> dict[UUID, Audience]:
    """Give the audience in each operation; where a membership has ended, there is none."""
    return {
        row.operation_id: audience_of(
            role=row.role,
            belligerent=bool(row.is_belligerent),
            membership=row.membership_audience,
            own=row.audience,
        )
        for row in rows
        if row.operation_id is not None and row.removed_at is None
    }


def route_rule(request: Request) -> Rule:
    """Give the rule of the route that matched; never by the path as it was sent."""
    rule = rule_for(request.method, request.scope["route"].path_format)
    if rule is None:
        raise RuntimeError("a route without a rule was called")
    return rule


class _WhoCalls(SecurityBase):
    """A dependency that is its own security scheme, so that it is solved in one step."""

    def __init__(self) -> None:
        self.model = HTTPBearer(description="a token that an administrator issued")
        self.scheme_name = "HTTPBearer"

    async def __call__(self, request: Request, db: Db) -> Caller:
        """Find who calls, and refuse whoever may not call this route.

        Raises:
            Problem: 401 for a bad token or a missing one; 403 where the role may not call a route
                that has no subject in its path.
        """
        if not request.headers.getlist("authorization"):
            return caller_in(db, request)
        return await run_sync(caller_in, db, request)


current_caller = _WhoCalls()


def found_again(db: Session, request: Request, caller: Caller) -> Caller:
    """Find anew who called, in the middle of a long answer.

    Raises:
        Problem: 401 where the token was revoked since, or its rights are others now.
    """
    if caller.principal is None:
        return caller
    token = bearer_token(request.headers["authorization"])
    if token is None or find_caller(db, token, caller.rule) != caller:
        raise sign_in_needed("the rights of the token have changed; ask anew")
    return caller


def caller_in(db: Session, request: Request) -> Caller:
    """Find who sent a request; raises as `current_caller` does."""
    rule = route_rule(request)
    given = request.headers.getlist("authorization")
    caller = _by_token(db, given, rule) if given else Caller(rule=rule)
    if not request.path_params or caller.role is None:
        require_role(caller)
    return caller


def _by_token(db: Session, given: list[str], rule: Rule) -> Caller:
    token = bearer_token(given[0]) if len(given) == 1 else None
    caller = find_caller(db, token, rule) if token else None
    if caller is None:
        raise sign_in_needed("the token is unknown, revoked or not of the form Bearer <token>")
    return caller


CurrentCaller = Annotated[Caller, Depends(current_caller)]
"""Who calls; a route's parameter is `caller: CurrentCaller`."""
