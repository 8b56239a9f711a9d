"""`passage demo`: the Azovstal case, to look at and to try things on."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from app.console.database import write_for
from app.console.schema import bring_up_to_date
from app.db.engine import make_engine
from app.settings import Settings


def demo(
    tokens: Annotated[Path, typer.Option(help="Where to write the new tokens, as JSON.")],
) -> None:
    """Load the Azovstal case of 2022; a second time only new tokens are issued.

    The schema is brought up to date first.
    """
    # Loaded where they are needed: together they take a third of the time of every other command.
    from app.demo.replay import load  # noqa: PLC0415

    settings = Settings()
    _say("Bringing the schema up to date …")
    bring_up_to_date(settings)
    engine = make_engine(settings.migration_database_url, pool_size=1)
    try:
        loaded = load(engine, write_for, _say)
    finally:
        engine.dispose()
    _keep(tokens, loaded.tokens)
    case = "The case is loaded." if loaded.fresh else "The case was there already."
    _say(f"{case} Tokens are in {tokens}; next: passage serve")


def _keep(file: Path, tokens: dict[str, str]) -> None:
    """Write the tokens so that only their owner can read them."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(json.dumps(tokens, indent=2) + "\n")


def _say(line: str) -> None:
    typer.echo(line, err=True)
