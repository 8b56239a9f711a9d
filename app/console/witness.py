"""`passage witness`: for an organisation that vouches for the record of another's service."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from app.witness.asking import Log
from app.witness.folder import Folder, opened
from app.witness.judging import read_keys
from app.witness.refusals import Contradicted, NotTheLog, Unreached, Unusable
from app.witness.rounds import go_on, go_round

_USUAL_PAUSE_S = 60
_EXITS: dict[type[Exception], int] = {Contradicted: 1, NotTheLog: 1, Unreached: 2, Unusable: 3}


def witness(
    url: Annotated[str, typer.Option(help="Address of the service, without /v1.")],
    log_key: Annotated[
        list[str], typer.Option(help="Public key of the log; twice while keys change.")
    ],
    token_file: Annotated[Path, typer.Option(help="File with a token of the role witness.")],
    dir: Annotated[Path, typer.Option(help="Folder for key and memory; never copy it.")],
    name: Annotated[
        str | None, typer.Option(help="Name of the new key, such as icrc.example/witness.")
    ] = None,
    every: Annotated[
        int | None, typer.Option(min=1, help="Look every so many seconds; usually 60.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Look once, then end.")] = False,
) -> None:
    """Vouch for the record of a service, as long as it only grows; needs no database.

    Ends with 0 where all is well, 1 where the log contradicts itself or did not sign what came,
    2 where the service could not be asked, 3 where the witness cannot begin.
    """
    if once and every is not None:
        raise typer.BadParameter("expected --every or --once, not both")
    try:
        keys = read_keys(log_key)
        log = Log(url, _token(token_file))
        with opened(dir, name) as folder:
            _introduce(folder)
            if once:
                _say(go_round(log, folder, keys))
            else:
                go_on(log, folder, keys, _say, every or _USUAL_PAUSE_S)
    except tuple(_EXITS) as error:
        _end(error)


def _token(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"--token-file: {path} cannot be read ({error})") from None


def _introduce(folder: Folder) -> None:
    key = folder.signer.verifier
    if folder.is_new:
        typer.echo(
            f"Made a key for the witness {key.name}. Hand the line below to all who are to trust "
            "this witness, by a way on which they know you; the key itself stays in the folder.",
            err=True,
        )
    typer.echo(key.vkey)


def _say(message: str) -> None:
    typer.echo(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {message}", err=True)


def _end(error: Exception) -> NoReturn:
    typer.echo(f"passage: {error}.", err=True)
    raise typer.Exit(_EXITS[type(error)])
