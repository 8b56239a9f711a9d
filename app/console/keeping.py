"""`passage migrate` and `passage doctor`: for whoever keeps the service running."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import typer
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.access.tables import PrincipalRow
from app.console import replaying
from app.console.database import sqlite_file
from app.console.schema import bring_up_to_date
from app.db.engine import make_engine
from app.db.revision import current_revision
from app.db.session import reading
from app.domain.policy import Role
from app.http.health import one_role, what_is_missing
from app.log.keys import Files, Unusable
from app.log.sequencing import stray
from app.log.signing import WHAT_NEXT, contradiction
from app.settings import Settings

_principal = PrincipalRow.__table__
_NO_ADMINISTRATOR = (
    "there is no administrator yet; run: passage organisation create --short-name … --name … "
    "--kind …, then: passage token create --organisation … --role administrator --holder …"
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that the doctor looked at; with a `grave` one that is wrong the command fails."""

    message: str
    well: bool
    grave: bool = True

    def line(self) -> str:
        """Tell it, the verdict first."""
        verdict = "well   " if self.well else "wrong  " if self.grave else "mind   "
        return verdict + self.message


def migrate() -> None:
    """Bring the database up to date; all of it or nothing, and safe to run again."""
    settings = Settings()
    bring_up_to_date(settings)
    engine = make_engine(settings.migration_database_url, pool_size=1)
    try:
        with engine.connect() as connection:
            current = current_revision(connection)
    finally:
        engine.dispose()
    typer.echo(f"The schema is at revision {current}.", err=True)


def doctor(
    replay: Annotated[
        bool, typer.Option("--replay", help="Rebuild all rows from the history, and compare.")
    ] = False,
) -> None:
    """Look at settings, database, guards, roles and secret, and say what to do about each."""
    settings = Settings()
    findings = [*_database(settings), *_secret(settings)]
    for finding in findings:
        typer.echo(finding.line())
    if any(finding.grave and not finding.well for finding in findings):
        raise typer.Exit(1)
    if replay and not replaying.is_as_recorded(settings):
        raise typer.Exit(1)


def _database(settings: Settings) -> Iterator[Finding]:
    file = sqlite_file(settings)
    if file is not None and not file.exists():
        yield Finding(message=f"there is no database at {file}; run: passage migrate", well=False)
        return
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        yield from _schema(engine, settings)
        yield _roles(settings)
    except DBAPIError:
        yield Finding(
            message="the database does not answer; check PASSAGE_DATABASE_URL and that the "
            "server runs",
            well=False,
        )
    finally:
        engine.dispose()


def _schema(engine: Engine, settings: Settings) -> Iterator[Finding]:
    missing = what_is_missing(engine)
    if missing:
        yield from (Finding(message=message, well=False) for message in missing)
        return
    yield Finding(message="schema, guards of the history and durability settings", well=True)
    with reading(engine) as db:
        administrators = select(func.count()).where(
            _principal.c.role == Role.ADMINISTRATOR, _principal.c.revoked_at.is_(None)
        )
        count = db.execute(administrators).scalar_one()
        yield _log(db, Files(settings.data_dir))
    if count:
        yield Finding(message=f"{count} administrator(s) hold a valid token", well=True)
    else:
        yield Finding(message=_NO_ADMINISTRATOR, well=False, grave=False)


def _log(db: Session, files: Files) -> Finding:
    try:
        found = contradiction(db, files)
    except Unusable as error:
        return Finding(message=str(error), well=False)
    if found is not None:
        what_next = WHAT_NEXT.format(directory=files.directory)
        return Finding(message=f"{found}. {what_next}", well=False)
    if (event := stray(db)) is not None:
        return Finding(
            message=f"event {event} is in the history and not in the log: this release of the "
            "service did not write it, and no export is made. Keep a copy of this database, and "
            "restore the newest backup without it",
            well=False,
        )
    return Finding(message="the log holds every event and goes on from its checkpoint", well=True)


def _roles(settings: Settings) -> Finding:
    if not one_role(settings.database_url, settings.migration_database_url):
        return Finding(message="the role that serves does not own the tables", well=True)
    return Finding(
        message="one database role both serves and owns the tables, so whoever takes over the "
        "service could drop the guards; set PASSAGE_MIGRATION_DATABASE_URL to the owner and "
        "PASSAGE_DATABASE_URL to a role that owns nothing, then run: passage migrate",
        well=False,
        grave=False,
    )


def _secret(settings: Settings) -> Iterator[Finding]:
    path = settings.data_dir / "secret.key"
    if not path.exists():
        yield Finding(message=f"{path} will be made when the service first starts", well=True)
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        message = f"{path} can be read by others (mode {mode:o}); run: chmod 600 {path}"
        yield Finding(message=message, well=False)
    elif path.stat().st_size != 32:
        message = (
            f"{path} holds {path.stat().st_size} bytes, expected 32; restore it from a backup, or "
            "move it away: a new one is made, and repeated requests under old keys are refused"
        )
        yield Finding(message=message, well=False)
    else:
        yield Finding(message=f"{path} is whole and readable by its owner only", well=True)
