"""`passage token`: issue, revoke and list tokens from the command line."""

from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy.orm import Session

from app.access.resource import State
from app.console.database import changing, looking, write_for
from app.console.saying import Refused
from app.domain.policy import Audience, Role
from app.http.paging import PageWish
from app.http.schema import UUID_TEXT
from app.operations import service as operations
from app.organisations import service as organisations
from app.tokens import service
from app.tokens.schemas import NewToken

app = typer.Typer(
    help="Issue, revoke and list tokens.", no_args_is_help=True, rich_markup_mode=None
)
_PAGE = 1000


@app.command()
def create(
    organisation: Annotated[str, typer.Option(help="Short name or id.")],
    role: Annotated[Role, typer.Option(help="What the token is for.")],
    holder: Annotated[str, typer.Option(help="A pseudonym; one for each person.")],
    operation: Annotated[
        list[str] | None, typer.Option(help="Slug or id; may be given several times.")
    ] = None,
    audience: Annotated[Audience | None, typer.Option(help="Sees no more than this.")] = None,
) -> None:
    """Issue a token and print it, alone; it is shown this once only."""
    body = NewToken(
        organisation=organisation,
        role=role,
        operations=operation or [],
        audience=audience,
        holder=holder,
    )
    with changing() as db:
        state, token = service.create(write_for(db, _organisation(db, organisation)), body)
    for warned in state.warnings:
        typer.echo(f"passage: {warned.message}.", err=True)
    typer.echo(f"Issued token {state.id}; keep what follows like a key.", err=True)
    typer.echo(token)


@app.command()
def revoke(token_id: Annotated[str, typer.Argument(help="The token's id, not itself.")]) -> None:
    """Revoke a token; from then on it is refused."""
    if not UUID_TEXT.fullmatch(token_id):
        raise Refused("expected the id of a token; passage token list shows the ids")
    id = UUID(token_id)
    with changing() as db:
        held = service.find(db, id)
        if held is None:
            raise Refused("no token has this id; passage token list shows the ids")
        service.revoke(write_for(db, UUID(str(held.values["organisation"]))), id)
    typer.echo(f"Token {id} is revoked.", err=True)


@app.command(name="list")
def list_tokens() -> None:
    """List the tokens that were issued, one a line: id, state, role, organisation, holder."""
    with looking() as db:
        states = _all(db)
        names = organisations.many(db, [UUID(str(s.values["organisation"])) for s in states])
        slugs = operations.slugs_of(db, [UUID(o) for s in states for o in _operations(s)])
    for state in states:
        values = state.values
        named = names.get(UUID(str(values["organisation"])))
        columns = [
            state.id,
            "revoked" if values["revoked"] else "valid",
            values["role"],
            named.short_name if named else "?",
            values["holder"],
            *(slugs.get(UUID(operation), operation) for operation in _operations(state)),
        ]
        typer.echo("\t".join(str(column) for column in columns))


def _organisation(db: Session, reference: str) -> UUID:
    found = organisations.resolve(db, reference)
    if found is None:
        raise Refused(
            f"no organisation {reference} is known; make it known first: passage organisation "
            f'create --short-name "{reference}" --name "…" --kind …'
        )
    return found


def _operations(state: State) -> list[str]:
    value: Any = state.values["operations"]
    return list(value or [])


def _all(db: Session) -> list[State]:
    states: list[State] = []
    after: tuple[Any, ...] | None = None
    while True:
        found = service.page(db, PageWish(limit=_PAGE, after=after))
        states += found[:_PAGE]
        if len(found) <= _PAGE:
            return states
        after = service.key_of(states[-1])
