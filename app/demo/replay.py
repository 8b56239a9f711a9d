"""Loads the case into a database in one transaction: all of it, or nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.access.caller import Caller, find_caller
from app.access.write import Write
from app.db.session import writing
from app.demo import azovstal
from app.demo.evidence import SOURCES
from app.demo.organisations import BEGAN, OCHA, OPERATION, ORGANISATIONS, TOKENS
from app.demo.places import AREA, SITES
from app.demo.stage import Stage
from app.following import put_together
from app.operations import service as operations
from app.operations.schemas import NewOperation
from app.organisations import service as organisations
from app.organisations.schemas import NewOrganisation
from app.sources import service as sources
from app.sources.schemas import NewSource
from app.tokens import service as tokens
from app.tokens.schemas import NewToken

Say = Callable[[str], None]
WriteFor = Callable[[Session, UUID], Write]


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What loading the case left.

    Attributes:
        tokens: ready for use, by name.
        fresh: whether the case was not there before.
    """

    tokens: dict[str, str]
    fresh: bool


def load(engine: Engine, write_for: WriteFor, say: Say = lambda _: None) -> Loaded:
    """Load the case where it is missing, and issue new tokens in any case.

    Args:
        write_for: gives the write by which organisations, operation and tokens are made, on
            behalf of an organisation.
        say: is told what happens, a line at a time.
    """
    put_together()
    with writing(engine) as db:
        founder = organisations.resolve(db, OCHA) or uuid4()
        write = write_for(db, founder)
        known = operations.resolve(db, write.caller, OPERATION["slug"])
        if known is None:
            say("Recording the organisations and the operation …")
            _found(write)
        say("Issuing tokens …")
        issued = {name: _token(write, name) for name in TOKENS}
        if known is None:
            say("Replaying the case, from 25 April to 8 May 2022 …")
            _replay(db, issued)
    return Loaded(tokens=issued, fresh=known is None)


def _found(write: Write) -> None:
    for organisation in ORGANISATIONS:
        if organisations.resolve(write.db, organisation["short_name"]) is None:
            body = NewOrganisation.model_validate({**organisation, "effective_at": BEGAN})
            id = write.caller.organisation if organisation["short_name"] == OCHA else uuid4()
            organisations.create(write, body, id=id)
    operation = {**OPERATION, "area": AREA, "effective_at": BEGAN}
    operations.create(write, NewOperation.model_validate(operation))


def _token(write: Write, name: str) -> str:
    wanted = TOKENS[name]
    named = [] if wanted["role"] == "administrator" else [OPERATION["slug"]]
    return tokens.create(write, NewToken.model_validate({**wanted, "operations": named}))[1]


def _replay(db: Session, issued: dict[str, str]) -> None:
    callers = {name: _caller(db, token) for name, token in issued.items()}
    stage = Stage(db=db, callers=callers)
    for name, source in SOURCES.items():
        stage.sources[name] = _source(stage, source)
    for name, site in SITES.items():
        body = {"operation": OPERATION["slug"], **site}
        stage.sites[name] = stage.site("coordinator-ocha", body)
    azovstal.replay(stage)


def _source(stage: Stage, source: dict[str, str]) -> UUID:
    body = NewSource.model_validate(
        {"operation": OPERATION["slug"], **source, "effective_at": source["published_at"]}
    )
    return sources.create(stage.write("coordinator-ocha"), body).id


def _caller(db: Session, token: str) -> Caller:
    caller = find_caller(db, token)
    if caller is None:
        raise LookupError("a token that was just issued is not known")
    return caller
