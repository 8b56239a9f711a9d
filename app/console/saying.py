"""How the command line tells what went wrong: in a sentence that says what to do next."""

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from app.db.errors import DatabaseUnavailable, MigrationRefused, OutcomeUnknown
from app.domain.errors import RuleRefused, Unacceptable
from app.http.complaints import complaints
from app.http.problems import Problem
from app.log.keys import Unusable
from app.log.signing import Contradicted
from app.log.tree import Damaged

_OPTIONS = {"operations": "operation", "is_belligerent": "belligerent", "iati_id": "iati-id"}
_UNKNOWN = (
    "the connection was lost while the change was being stored; look before you try again, "
    "with: passage token list"
)
_AWAY = (
    "the database does not answer as expected; check PASSAGE_DATABASE_URL, that the server runs, "
    "and what passage doctor says"
)


class Refused(Exception):
    """A command cannot do what was asked; the message says what to do next."""


def sentence(error: Exception) -> str | None:
    """Tell an error that was foreseen; None for any other, which is a mistake of the service."""
    if isinstance(error, Unacceptable):
        return f"{_option(error.pointer)}: {error.message}"
    if isinstance(error, Problem):
        return "; ".join([error.detail, *(fault.message for fault in error.errors)])
    if isinstance(error, ValidationError):
        return _complaints(error)
    if isinstance(error, OutcomeUnknown):
        return _UNKNOWN
    if isinstance(error, DatabaseUnavailable | DBAPIError):
        return _AWAY
    foreseen = isinstance(
        error, Refused | MigrationRefused | RuleRefused | Contradicted | Damaged | Unusable
    )
    return str(error) if foreseen else None


def _complaints(error: ValidationError) -> str:
    found = complaints([dict(each) for each in error.errors()])
    return "; ".join(f"{_named(place, error.title)}: {message}" for place, message in found)


def _named(place: str, of: str) -> str:
    name = place.removeprefix("body").strip("/")
    return f"PASSAGE_{name.upper()}" if of == "Settings" else _option(name)


def _option(pointer: str) -> str:
    name = pointer.strip("/").partition("/")[0]
    return "--" + _OPTIONS.get(name, name).replace("_", "-")
