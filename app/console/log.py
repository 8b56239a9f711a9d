"""`passage log`: the keys that sign the log, and signing by hand."""

from typing import Annotated

import typer

from app.console.database import opened
from app.console.saying import Refused
from app.domain.note import InvalidNote
from app.log.keeper import turn
from app.log.keys import Files
from app.log.signing import Desk
from app.settings import Settings

app = typer.Typer(help="Sign the log; keep its keys.", no_args_is_help=True, rich_markup_mode=None)
key = typer.Typer(help="The keys of the log.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(key, name="key")


@app.command()
def sign() -> None:
    """Sign the log as it stands, and print the checkpoint."""
    settings = Settings()
    files = Files(settings.data_dir)
    with opened(settings) as engine:
        turn(engine, Desk(files, settings.log_name))
    note = files.checkpoint()
    if note is None:
        raise Refused("another worker signs just now; try again")
    typer.echo(str(note), nl=False)


@key.command("show")
def show() -> None:
    """Print the public keys, one on a line: what auditors and witnesses need."""
    signers = _keys().signers()
    if not signers:
        raise Refused("there is no key yet; it is made when the service first starts")
    for signer in signers:
        typer.echo(signer.verifier.vkey)


@key.command("new")
def new() -> None:
    """Make one more key; from the next checkpoint on all keys sign."""
    files = _keys()
    signers = files.signers()
    try:
        made = files.add(signers[0].name if signers else Settings().log_name)
    except InvalidNote as error:
        raise Refused(str(error)) from None
    typer.echo(made.verifier.vkey)
    typer.echo(
        "Hand it to all auditors and witnesses. When they have it: passage log key retire ID",
        err=True,
    )


@key.command("retire")
def retire(
    id: Annotated[str, typer.Argument(help="The eight hex digits after the name in a vkey.")],
) -> None:
    """Let a key sign no more; what it signed stays valid."""
    typer.echo(f"It signs no more: {_keys().retire(id)}", err=True)


def _keys() -> Files:
    return Files(Settings().data_dir)
