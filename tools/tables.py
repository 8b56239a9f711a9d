"""Makes the tables of the docs from the data that the service itself uses."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

from app.domain.agreement.model import AgreementKind, AuthorityLevel, Form, Stance
from app.domain.agreement.party import PartyRole
from app.domain.agreement.route import Mode
from app.domain.agreement.status import Guard, Laterality, Status
from app.domain.agreement.terms import TermKey, TermState
from app.domain.contact import Channel, ContactStatus
from app.domain.corridor.model import MineClearance
from app.domain.corridor.status import CorridorMove, CorridorStatus
from app.domain.disclosure import WHO_SEES, Sensitivity
from app.domain.fact import Basis
from app.domain.laterality import ConsentBasis, Kinds
from app.domain.organisation import OrganisationKind
from app.domain.policy import FILES, RULES, Audience, Role, Rule
from app.domain.site import SiteKind, SiteStatus
from app.domain.source import Reliability, SourceKind
from app.domain.window import Direction, WindowOutcome, WindowStatus
from app.http.openapi import description
from app.main import create_app
from app.settings import Settings
from tools.state_machines import numbered_corridor_moves, numbered_moves

SETTINGS = {
    "data_dir": "folder of the secret key, of the log's keys and last checkpoint, and of the "
    "embedded database where no other is named",
    "database_url": "`sqlite:///path` or `postgresql://…`; the service works with this role",
    "migration_database_url": "the role that owns the tables, for `migrate` and `demo`",
    "host": "where the service listens",
    "port": "on which port",
    "pool_size": "connections to the database that one process may hold, beside the one by which it sees whether anything changed",
    "log_signs": "whether this process signs the log; of several machines that serve one database, "
    "only those that hold its key do",
    "log_name": "the log's name in the world, such as `log.example.org/mariupol`; used once, when "
    "its first key is made; empty: a random one",
    "public_url": "where clients reach the service, such as `https://passage.example.org`, for the "
    "links of `/ogc`; empty: as the client came, which behind a proxy may be `http`",
    "map_origins": "the portals whose pages browsers let read `/ogc`, such as "
    "`https://portal.example.org`, with commas between; empty: none",
}
"""What each setting is for."""

WORDS: dict[str, type[StrEnum]] = {
    "status of an agreement": Status,
    "laterality": Laterality,
    "kind of an agreement": AgreementKind,
    "role of a party": PartyRole,
    "position": Stance,
    "authority level": AuthorityLevel,
    "form of a position": Form,
    "key of a term": TermKey,
    "state of a term": TermState,
    "status of a window": WindowStatus,
    "outcome of a window": WindowOutcome,
    "direction": Direction,
    "status of a corridor": CorridorStatus,
    "mode of a corridor": Mode,
    "consent basis": ConsentBasis,
    "mine clearance of a corridor": MineClearance,
    "kind of a site": SiteKind,
    "status of a site": SiteStatus,
    "channel of talks": Channel,
    "status of talks": ContactStatus,
    "kind of an organisation": OrganisationKind,
    "kind of a source": SourceKind,
    "reliability of a source": Reliability,
    "class of sensitivity": Sensitivity,
    "audience": Audience,
    "role of a token": Role,
    "basis": Basis,
}
"""The words that members of bodies and answers may hold."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def moves(laterality: Laterality) -> str:
    """List the moves of an agreement of this laterality, with guards and who may."""
    rows = [
        (
            str(number),
            f"`{move.start}`",
            f"`{move.to}`",
            "; ".join(guard.value for guard in move.guards) or "nothing else",
            move.who.value,
        )
        for number, move in numbered_moves(laterality)
    ]
    return table(("no.", "from", "to", "needs", "who may: coordinators of"), rows)


def corridor_moves() -> str:
    """List the moves of a corridor, with guards and who may, by whose consent it rests on."""
    rows = [
        (
            str(number),
            f"`{both[0].start}`",
            f"`{both[0].to}`",
            _needed(both, Kinds.MUTUAL),
            next((m.who.value for m in both if m.kinds is Kinds.MUTUAL), "nobody"),
            _needed(both, Kinds.DECLARED),
        )
        for number, both in numbered_corridor_moves()
    ]
    head = ("no.", "from", "to", "of both sides it needs", "who may: coordinators of",
            "of one side it needs")  # fmt: skip
    return table(head, rows)


def _needed(moves: Sequence[CorridorMove], kinds: Kinds) -> str:
    for move in moves:
        if move.kinds is kinds:
            return "; ".join(guard.value for guard in move.guards) or "nothing else"
    return "no such move"


def guards() -> str:
    """List the guards and the moves that ask them."""
    mutual, declared = (numbered_moves(x) for x in (Laterality.BILATERAL, Laterality.UNILATERAL))

    def asked(guard: Guard) -> tuple[str, str]:
        both = ([n for n, m in those if guard in m.guards] for those in (mutual, declared))
        first, second = (", ".join(map(str, numbers)) or "none" for numbers in both)
        return first, second

    rows = [(guard.value, *asked(guard)) for guard in Guard]
    return table(("condition", "moves of both sides", "moves of one side"), rows)


def words() -> str:
    """List every word that has a fixed list."""
    rows = [(name, ", ".join(f"`{word}`" for word in kind)) for name, kind in WORDS.items()]
    return table(("member", "one of"), rows)


def settings() -> str:
    """List the settings with their defaults."""
    defaults = {
        "database_url": "`sqlite:///data/passage.sqlite`, in the data folder",
        "migration_database_url": "as `PASSAGE_DATABASE_URL`",
    }
    rows = [
        (f"`PASSAGE_{name.upper()}`", defaults.get(name, f"`{member.default}`"), SETTINGS[name])
        for name, member in Settings.model_fields.items()
    ]
    return table(("variable", "default", "what it is for"), rows)


def openapi() -> dict[str, Any]:
    """Describe the API as the service does."""
    document: dict[str, Any] = orjson.loads(
        description(create_app(Settings(data_dir=Path("data"))))
    )
    return document


def routes() -> str:
    """List every address of the API with what it does, in the words of its own description."""
    rows = []
    for path, operations in openapi()["paths"].items():
        for method, operation in operations.items():
            told = operation.get("description") or operation.get("summary") or ""
            first = told.split("\n\n")[0].replace("\n", " ").strip()
            rows.append((f"`{method.upper()} {path}`", first))
    return table(("request", "what it does"), rows)


def files() -> str:
    """List who may have features as which file."""
    rows = [(f"`f={form}`", _who(rule)) for form, rule in FILES.items()]
    return table(("file", "who may have it"), rows)


def policy() -> str:
    """List which roles may call which route at all."""
    rows = [(f"`{method} {path}`", _who(rule)) for (method, path), rule in RULES.items()]
    return table(("request", "who may call it"), rows)


def _who(rule: Rule) -> str:
    if rule.anonymous:
        return "anybody, also without a token"
    if rule.roles == frozenset(Role):
        return "every token"
    return ", ".join(f"`{role}`" for role in Role if role in rule.roles)


def who_sees() -> str:
    """List how exactly each audience sees a place of each class."""
    rows = [
        (f"`{sensitivity}`", *(_seen(sensitivity, audience) for audience in Audience))
        for sensitivity in Sensitivity
    ]
    return table(("class", *(f"`{audience}`" for audience in Audience)), rows)


def _seen(sensitivity: Sensitivity, audience: Audience) -> str:
    precision = WHO_SEES[sensitivity][audience]
    if precision is None:
        return "absent"
    one = ", exact one at a time" if sensitivity is Sensitivity.SEVERE else ""
    return precision.value + one


TABLES: dict[str, Callable[[], str]] = {
    "moves-mutual": lambda: moves(Laterality.BILATERAL),
    "moves-declared": lambda: moves(Laterality.UNILATERAL),
    "moves-corridor": corridor_moves,
    "guards": guards,
    "who-sees": who_sees,
    "words": words,
    "settings": settings,
    "routes": routes,
    "policy": policy,
    "files": files,
}
"""The tables that stand in pages between `<!-- made: name -->` and `<!-- end -->`."""
