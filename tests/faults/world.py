"""A small world to write in: four organisations, one operation, tokens and a source."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine

from app.access.caller import Caller, find_caller
from app.access.write import Write
from app.db.session import writing
from app.demo.organisations import ICRC, MOD, OCHA, OPERATION, ORGANISATIONS, TOKENS, UKRAINE
from app.domain.policy import Role
from app.operations import service as operations
from app.operations.schemas import NewOperation
from app.organisations import service as organisations
from app.organisations.schemas import NewOrganisation
from app.sources import service as sources
from app.sources.schemas import NewSource
from app.tokens import service as tokens
from app.tokens.schemas import NewToken

SOURCE = {
    "publisher": "United Nations",
    "title": "Readout of the call of 26 April 2022",
    "kind": "un",
    "published_at": "2022-04-26T18:00:00Z",
    "address": "https://press.un.org/en/2022/sgsm21256.doc.htm",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "reliability": "B",
    "credibility": 2,
}


@dataclass(frozen=True, kw_only=True)
class World:
    """What writers need: tokens by name, and what their bodies refer to."""

    tokens: Mapping[str, str]
    organisations: Mapping[str, str]
    operation: str
    source: str

    def proposal(self, title: str) -> dict[str, Any]:
        """The body of a proposal."""
        return {
            "operation": self.operation,
            "title": title,
            "kind": "evacuation",
            "laterality": "multilateral",
            "purpose": "Civilians leave the steel works.",
            "parties": [
                {"organisation": MOD, "role": "required_party"},
                {"organisation": UKRAINE, "role": "required_party"},
                {"organisation": OCHA, "role": "facilitator"},
                {"organisation": ICRC, "role": "executor"},
            ],
        }

    def position(self, note: str, *, organisation: str = MOD) -> dict[str, Any]:
        """The body of a position that OCHA relays."""
        return {
            "organisation": organisation,
            "position": "approached",
            "relayed_by": OCHA,
            "sources": [self.source],
            "note": note,
        }


def given_world(engine: Engine) -> World:
    """Make it, through the services as the demo does."""
    with writing(engine) as db:
        first = Caller(
            principal=uuid4(),
            holder="first",
            organisation=UUID(int=0),
            role=Role.ADMINISTRATOR,
        )
        administrator = Write(db=db, caller=first)
        ids = {
            body["short_name"]: str(
                organisations.create(administrator, NewOrganisation.model_validate(body)).id
            )
            for body in ORGANISATIONS
        }
        operations.create(administrator, NewOperation.model_validate(OPERATION))
        issued = {name: _token(administrator, name) for name in TOKENS}
        coordinator = find_caller(db, issued["coordinator-ocha"])
        assert coordinator is not None
        source = NewSource.model_validate({"operation": OPERATION["slug"], **SOURCE})
        made = sources.create(Write(db=db, caller=coordinator), source)
    return World(tokens=issued, organisations=ids, operation=OPERATION["slug"], source=str(made.id))


def _token(write: Write, name: str) -> str:
    wanted = TOKENS[name]
    named = [] if wanted["role"] == "administrator" else [OPERATION["slug"]]
    return tokens.create(write, NewToken.model_validate({**wanted, "operations": named}))[1]
