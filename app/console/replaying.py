"""`passage doctor --replay`: do the tables hold what the record says?"""

from itertools import chain

import typer

from app.console.database import opened
from app.db.session import reading
from app.settings import Settings

_MOST = 1000


def is_as_recorded(settings: Settings) -> bool:
    """Rebuild all rows from the events, tell each difference in a line, and whether there is none.

    Progress goes to the other stream. Nothing is changed.
    """
    # Loaded where it is needed: it knows every feature.
    from app.log.unaltered import altered  # noqa: PLC0415
    from app.replay import Counted, replay  # noqa: PLC0415

    counted, found = Counted(), 0
    with opened(settings) as engine, reading(engine) as db:
        lines = chain((each.line() for each in replay(db, counted, _say)), altered(db))
        for found, line in enumerate(lines, 1):
            if found <= _MOST:
                typer.echo(f"wrong  {line}")
    looked_at = f"{counted.events} events of {counted.subjects} subjects"
    if not found:
        typer.echo(f"well   all tables hold what {looked_at} say")
        return True
    left_out = found - _MOST
    if left_out > 0:
        typer.echo(f"wrong  {left_out} more differences, which are left out here")
    typer.echo(
        f"wrong  {found} differences from what {looked_at} say: somebody or something "
        "wrote past the service. Keep a copy of the database as it is, take the service from the "
        "net, and let an auditor verify an export against a checkpoint of before"
    )
    return False


def _say(done: int, of_all: int) -> None:
    typer.echo(f"{done} of {of_all} subjects", err=True)
