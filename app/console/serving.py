"""`passage serve`."""

from typing import Annotated

import typer

from app import main
from app.console.database import opened
from app.settings import Settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0 takes any.")] = None,
) -> None:
    """Serve the API until stopped (Ctrl-C or SIGTERM); open requests are answered first."""
    settings = Settings()
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    with opened(settings):
        pass  # says in a sentence what is missing, before the server starts
    main.serve(settings.model_copy(update=given))
