"""The service with the organisations of the Azovstal case, and everybody who calls it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from httpx2 import Client, Response
from sqlalchemy import Engine, func, select
from starlette.testclient import TestClient

from app.access.caller import Caller
from app.access.write import Write
from app.db.session import reading, writing
from app.domain.policy import Role
from app.ledger.tables import EventRow
from app.main import create_app
from app.organisations import service as organisations
from app.organisations.schemas import NewOrganisation
from app.settings import Settings
from app.tokens import service as tokens
from app.tokens.schemas import NewToken
from tests.databases import Database

BEGAN = "2022-02-24T00:00:00Z"

OCHA, ICRC, MOD, UKRAINE = "UN OCHA", "ICRC", "Russian MoD", "Government of Ukraine"
MARIUPOL, UNHCR, MSF, NRC = "Mariupol City Council", "UNHCR", "MSF", "NRC"

_ORGANISATIONS: tuple[dict[str, Any], ...] = (
    {"short_name": OCHA, "kind": "un", "parent": "UN"},
    {"short_name": UNHCR, "kind": "un", "parent": "UN"},
    {"short_name": ICRC, "kind": "icrc"},
    {"short_name": MOD, "kind": "ministry", "country": "RUS", "is_belligerent": True},
    {"short_name": UKRAINE, "kind": "government", "country": "UKR", "is_belligerent": True},
    {"short_name": MARIUPOL, "kind": "local_authority", "country": "UKR", "parent": UKRAINE},
    {"short_name": MSF, "kind": "ngo"},
    {"short_name": NRC, "kind": "ngo"},
)

_OPERATIONS: tuple[dict[str, Any], ...] = (
    {
        "slug": "mariupol-2022",
        "name": "Mariupol 2022",
        "members": [OCHA, UNHCR, ICRC, MOD, UKRAINE, MARIUPOL, MSF],
    },
    {"slug": "kherson-2022", "name": "Kherson 2022", "members": [NRC, OCHA]},
)

_HERE, _ELSEWHERE = ["mariupol-2022"], ["kherson-2022"]

_TOKENS: dict[str, tuple[str, str, str, list[str]]] = {
    "ocha": (OCHA, "coordinator", "ocha-desk", _HERE),
    "ocha-again": (OCHA, "coordinator", "ocha-desk", _HERE),
    "ocha-night": (OCHA, "coordinator", "ocha-night-desk", _HERE),
    "icrc": (ICRC, "coordinator", "icrc-desk", _HERE),
    "icrc-held-by-ocha": (ICRC, "coordinator", "ocha-desk", _HERE),
    "unhcr": (UNHCR, "coordinator", "unhcr-desk", _HERE),
    "mod": (MOD, "coordinator", "mod-desk", _HERE),
    "ukraine": (UKRAINE, "coordinator", "ukraine-desk", _HERE),
    "mariupol": (MARIUPOL, "coordinator", "mariupol-desk", _HERE),
    "msf": (MSF, "coordinator", "msf-desk", _HERE),
    "auditor": (OCHA, "auditor", "auditor", _HERE),
    "map-client": (ICRC, "map_client", "map-client", _HERE),
    "nrc": (NRC, "coordinator", "nrc-desk", _ELSEWHERE),
    "nrc-auditor": (NRC, "auditor", "nrc-auditor", _ELSEWHERE),
    "nrc-map-client": (NRC, "map_client", "nrc-map-client", _ELSEWHERE),
    "ocha-elsewhere": (OCHA, "coordinator", "ocha-desk", _ELSEWHERE),
}
"""By name: organisation, role, holder and the operations that the token names."""


@dataclass(frozen=True, kw_only=True)
class Voice:
    """One caller; `anonymous` has no token."""

    client: Client
    token: str | None = None

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Any = None,
        **headers: str,
    ) -> Response:
        """Send one request; headers are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            sent["Authorization"] = f"Bearer {self.token}"
        more = {} if body is None else {"json": body}
        return self.client.request(method, path, params=params or None, headers=sent, **more)

    def get(self, path: str, **params: str | int) -> Response:
        """Read; parameters of the query by name."""
        return self.call("GET", path, params=params)

    def read(self, path: str, **params: str | int) -> Any:
        """Read what must be there."""
        return read(self.get(path, **params), 200)

    def post(self, path: str, body: Any = None, **headers: str) -> Response:
        """Add something."""
        return self.call("POST", path, {} if body is None else body, **headers)


def read(answer: Response, status: int) -> Any:
    """Give the document of an answer that must have this status."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    return answer.json()


@dataclass(kw_only=True)
class World:
    """A running service, with `mariupol-2022` and, for strangers, `kherson-2022`."""

    client: Client
    engine: Engine
    database: Database
    tokens: dict[str, str] = field(default_factory=dict)
    organisations: dict[str, str] = field(default_factory=dict)
    operations: dict[str, str] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)

    def by(self, name: str) -> Voice:
        """Speak as one of those who have a token, or as `anonymous`."""
        token = None if name == "anonymous" else self.tokens[name]
        return Voice(client=self.client, token=token)

    def source(self, operation: str = "mariupol-2022", *, by: str = "ocha") -> str:
        """Record a piece of evidence, once for each operation."""
        if f"source {operation}" not in self.kept:
            body = {
                "operation": operation,
                "publisher": "United Nations",
                "title": "Readout of the meeting in Moscow",
                "kind": "un",
                "effective_at": BEGAN,
            }
            made = read(self.by(by).post("/v1/sources", body), 201)
            self.kept[f"source {operation}"] = made["id"]
        return str(self.kept[f"source {operation}"])

    def token(self, name: str, organisation: str, role: str, holder: str, **more: Any) -> str:
        """Issue a token by HTTP, and keep it under `name`; give its id."""
        body = {"organisation": organisation, "role": role, "holder": holder, **more}
        made = read(self.by("administrator").post("/v1/tokens", body), 201)
        self.tokens[name] = made["token"]
        return str(made["id"])

    def operation(self, *members: str) -> str:
        """Set up an operation of the test's own, and give its slug."""
        slug = f"test-{uuid4().hex[:12]}"
        body = {
            "slug": slug,
            "name": "An operation",
            "countries": ["UKR"],
            "tz": "Europe/Kyiv",
            "members": list(members),
            "effective_at": BEGAN,
        }
        read(self.by("administrator").post("/v1/operations", body), 201)
        return slug

    def events(self) -> int:
        """Count the events of the whole history."""
        with reading(self.engine) as db:
            return db.scalar(select(func.count()).select_from(EventRow.__table__)) or 0


@contextmanager
def given_world(
    database: Database, folder: Path, *, empty: bool = False, signs: bool = False
) -> Iterator[World]:
    """Run the service on `database`, with organisations, operations and tokens made by HTTP.

    Args:
        empty: whether to leave all of these out.
        signs: whether the service signs the log.
    """
    settings = Settings(
        data_dir=folder,
        database_url=database.url,
        migration_database_url=database.migration_url,
        pool_size=4,
        log_signs=signs,
    )
    engine = database.engine()
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        world = World(client=client, engine=engine, database=database)
        if not empty:
            begin(world)
        if signs and not empty:
            await_checkpoint(world)
        yield world
    engine.dispose()


def await_checkpoint(world: World) -> None:
    """Wait for the first: what reads one is refused until then."""
    deadline = time.monotonic() + 30
    while not world.by("auditor").get("/v1/ledger/checkpoint").is_success:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def begin(world: World) -> None:
    """Put the organisations, operations and tokens on record, the first token without HTTP."""
    operator = Caller(
        principal=UUID(int=1),
        holder="command line",
        organisation=UUID(int=0),
        role=Role.ADMINISTRATOR,
    )
    with writing(world.engine) as db:
        write = Write(db=db, caller=operator)
        un = {"name": "United Nations", "short_name": "UN", "kind": "un", "effective_at": BEGAN}
        organisations.create(write, NewOrganisation.model_validate(un))
        wish = {"organisation": "UN", "role": "administrator", "holder": "administrator"}
        world.tokens["administrator"] = tokens.create(write, NewToken.model_validate(wish))[1]
    by = world.by("administrator")
    for organisation in _ORGANISATIONS:
        body = {"name": organisation["short_name"], **organisation, "effective_at": BEGAN}
        made = read(by.post("/v1/organisations", body), 201)
        world.organisations[organisation["short_name"]] = made["id"]
    for one in _OPERATIONS:
        body = {**one, "countries": ["UKR"], "tz": "Europe/Kyiv", "effective_at": BEGAN}
        world.operations[one["slug"]] = read(by.post("/v1/operations", body), 201)["id"]
    for name, (whose, role, holder, named) in _TOKENS.items():
        world.token(name, whose, role, holder, operations=named)
    gone = world.token("revoked", OCHA, "coordinator", "ocha-desk", operations=_HERE)
    tag = by.get(f"/v1/tokens/{gone}").headers["ETag"]
    revoked = by.call("DELETE", f"/v1/tokens/{gone}", if_match=tag)
    assert revoked.is_success, revoked.text
