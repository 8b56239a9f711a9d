"""`passage organisation`: the first organisations, before anyone can sign in."""

from typing import Annotated
from uuid import uuid4

import typer

from app.console.database import changing, write_for
from app.domain.organisation import OrganisationKind
from app.organisations import service
from app.organisations.schemas import NewOrganisation

app = typer.Typer(help="Make organisations known.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Make organisations known."""


@app.command()
def create(
    short_name: Annotated[str, typer.Option(help="What bodies and commands call it: OCHA.")],
    name: Annotated[str, typer.Option(help="Its full name.")],
    kind: Annotated[OrganisationKind, typer.Option(help="What kind of body it is.")],
    country: Annotated[str | None, typer.Option(help="ISO 3166-1 alpha-3, such as UKR.")] = None,
    iati_id: Annotated[str | None, typer.Option(help="Such as XM-DAC-41127.")] = None,
    parent: Annotated[str | None, typer.Option(help="The organisation above it.")] = None,
    belligerent: Annotated[bool, typer.Option(help="It takes part in the fighting.")] = False,
) -> None:
    """Make an organisation known, and print its id."""
    body = NewOrganisation(
        short_name=short_name,
        name=name,
        kind=kind,
        country=country,
        iati_id=iati_id,
        parent=parent,
        is_belligerent=belligerent,
    )
    with changing() as db:
        id = uuid4()
        state = service.create(write_for(db, id), body, id=id)
    typer.echo(state.id)
