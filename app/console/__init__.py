"""The command line: `passage serve`, `migrate`, `demo`, `token`, `organisation`, `history`, `doctor`."""

import sys

import typer

from app.console import demo, history, keeping, log, organisations, serving, tokens, witness
from app.console.saying import sentence

app = typer.Typer(
    name="passage",
    help="Agreements on humanitarian corridors, from proposed to in force, on record.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(serving.serve)
app.command()(keeping.migrate)
app.command()(keeping.doctor)
app.command()(demo.demo)
app.command()(witness.witness)
app.add_typer(tokens.app, name="token")
app.add_typer(organisations.app, name="organisation")
app.add_typer(history.app, name="history")
app.add_typer(log.app, name="log")


def main() -> None:
    """Run the command of the command line; what goes wrong is told in a sentence."""
    try:
        app()
    except Exception as error:
        told = sentence(error)
        if told is None:
            raise
        typer.echo(f"passage: {told}", err=True)
        sys.exit(1)
