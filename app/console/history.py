"""`passage history`: the whole record in one file, and whether it is whole and unaltered."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from sqlalchemy.orm import Session
from typer.core import TyperCommand
from typing_extensions import override

from app.access.caller import Caller, find_caller
from app.console.database import opened
from app.console.saying import Refused
from app.db.session import reading
from app.domain.note import read_checkpoint
from app.domain.policy import Role
from app.log import service, verifier
from app.log.export import export as write
from app.log.export import reads
from app.log.keeper import turn
from app.log.keys import Files
from app.log.signing import Desk
from app.settings import Settings

app = typer.Typer(
    help="Export and verify the history.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def history() -> None:
    """Export and verify the history."""


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="The file to write; one that exists is replaced.")],
    token_file: Annotated[
        Path | None,
        typer.Option(help="A file with an auditor's token: only what it may read goes along."),
    ] = None,
    newest: Annotated[
        bool, typer.Option("--newest", help="Up to now, though no witness vouches for it yet.")
    ] = False,
) -> None:
    """Write the whole history into one file that anybody can verify without this service.

    It ends at the last checkpoint that a witness vouched for, or at the last one where none did.
    """
    settings = Settings()
    files = Files(settings.data_dir)
    with opened(settings) as engine:
        if settings.log_signs:
            turn(engine, Desk(files, settings.log_name))
        with reading(engine) as db:
            note = service.exportable(db, files, newest=newest)
            size = read_checkpoint(note).size
            seen = reads(None if token_file is None else _auditor(db, token_file))
            with _replacing(out) as file, _progress(size) as bar:
                for piece in write(lambda: nullcontext(db), note, seen, datetime.now(UTC)):
                    file.write(piece)
                    bar.update(piece.count(b"\n"))
    typer.echo(f"{out}: {size} entries. Next: passage history verify {out} --key VKEY", err=True)


def _auditor(db: Session, token_file: Path) -> Caller:
    try:
        caller = find_caller(db, token_file.read_text().strip())
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{token_file} cannot be read: {error}") from None
    if caller is None or caller.role is not Role.AUDITOR:
        raise Refused(f"{token_file} holds no valid token of an auditor")
    return caller


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Write a file that takes its place when it is whole, and not before."""
    draft = path.with_name(path.name + ".part")
    try:
        with draft.open("wb") as file:
            yield file
        draft.replace(path)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)


def _progress(size: int) -> AbstractContextManager[Any]:
    return typer.progressbar(
        length=size + 2, label="Writing", file=sys.stderr, hidden=not sys.stderr.isatty()
    )


class _Verify(TyperCommand):
    """A command whose words are input too: those that cannot be used end it with 3, not with 2."""

    @override
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if getattr(error, "exit_code", None) == verifier.INCOMPLETE:
                vars(error)["exit_code"] = verifier.UNUSABLE
            raise


@app.command(cls=_Verify)
def verify(
    file: Annotated[Path, typer.Argument(help="The export, not compressed.")],
    key: Annotated[
        list[str] | None,
        typer.Option(help="Key of the log (a vkey); may be given several times, one must fit."),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Whom to believe: a C2SP tlog-policy.")
    ] = None,
    older: Annotated[Path | None, typer.Option(help="A checkpoint that you kept.")] = None,
    subject: Annotated[str | None, typer.Option(help="Tell what the record says of it.")] = None,
    as_of: Annotated[str | None, typer.Option(help="What was so then.")] = None,
    known_at: Annotated[str | None, typer.Option(help="As it was known then.")] = None,
    tolerance: Annotated[
        int, typer.Option(help="By how many seconds clocks may differ.")
    ] = verifier.TOLERANCE_S,
    progress: Annotated[bool, typer.Option("--progress", help="Tell how far it is.")] = False,
) -> None:
    """Verify an export; ends with 0 intact, 1 tampered, 2 incomplete, 3 unusable."""
    options = {
        "--policy": policy,
        "--older": older,
        "--subject": subject,
        "--as-of": as_of,
        "--known-at": known_at,
        "--tolerance": tolerance,
    }
    words = [f"--key={each}" for each in key or []]
    words += [f"{name}={value}" for name, value in options.items() if value is not None]
    words += ["--progress"] * progress
    raise typer.Exit(verifier.main([*words, "--", str(file)]))
