"""The service with all its features, and those who call it in the Mariupol case."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from httpx2 import Response
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.console.database import write_for
from app.db.session import writing
from app.main import create_app
from app.operations import service as operations
from app.operations.schemas import NewOperation
from app.organisations import service as organisations
from app.organisations.schemas import NewOrganisation
from app.settings import Settings
from app.tokens import service as tokens
from app.tokens.schemas import NewToken
from tests.databases import Database

MARIUPOL, SUMY = "mariupol-2022", "sumy-2022"
ORGANISATIONS: Mapping[str, Mapping[str, Any]] = {
    "OCHA": {"name": "UN OCHA", "kind": "un", "iati_id": "XM-DAC-41127"},
    "ICRC": {"name": "International Committee of the Red Cross", "kind": "icrc"},
    "Russian MoD": {
        "name": "Ministry of Defence of the Russian Federation",
        "kind": "ministry",
        "country": "RUS",
        "is_belligerent": True,
    },
    "Ukraine": {
        "name": "Government of Ukraine",
        "kind": "government",
        "country": "UKR",
        "is_belligerent": True,
    },
    "Mariupol": {
        "name": "Mariupol City Council",
        "kind": "local_authority",
        "country": "UKR",
        "parent": "Ukraine",
    },
}
CALLERS: Mapping[str, tuple[str, str, list[str]]] = {
    "administrator": ("OCHA", "administrator", []),
    "ocha": ("OCHA", "coordinator", [MARIUPOL]),
    "icrc": ("ICRC", "coordinator", [MARIUPOL]),
    "mod": ("Russian MoD", "coordinator", [MARIUPOL]),
    "auditor": ("ICRC", "auditor", [MARIUPOL]),
    "map_client": ("OCHA", "map_client", [MARIUPOL]),
    "stranger": ("Mariupol", "coordinator", [SUMY]),
}
"""Organisation, role and operations of each token; `anonymous` has none."""


@dataclass(kw_only=True)
class Service:
    """The running service; `who` calls in the name of one of `CALLERS` or of `anonymous`."""

    client: TestClient
    tokens: dict[str, str]
    ids: dict[str, UUID]
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, who: str, path: str, **query: str) -> Response:
        """Read."""
        return self.client.get(path, params=query or None, headers=self._headers(who))

    def post(self, who: str, path: str, body: Any, **headers: str) -> Response:
        """Make something new; `Idempotency_Key` and the like are headers."""
        return self.client.post(path, json=body, headers=self._headers(who, headers))

    def patch(self, who: str, path: str, body: Any, version: int | None = None) -> Response:
        """Change something, as of the version that was read."""
        return self.client.patch(path, json=body, headers=self._headers(who, _match(version)))

    def delete(self, who: str, path: str, version: int | None = None) -> Response:
        """Take something away."""
        return self.client.delete(path, headers=self._headers(who, _match(version)))

    def made(self, who: str, path: str, body: Any) -> Any:
        """Make something new, and give it."""
        answer = self.post(who, path, body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def edited(self, who: str, path: str, body: Any, version: int) -> Any:
        """Change something, and give it as it is then."""
        answer = self.patch(who, path, body, version)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def items(self, who: str, path: str, **query: str) -> list[Any]:
        """Read a list."""
        answer = self.get(who, path, **query)
        assert answer.status_code == 200, answer.text
        found: list[Any] = answer.json()["items"]
        return found

    def _headers(self, who: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in (more or {}).items()}
        token = self.tokens.get(who, who)
        return named if who == "anonymous" else named | {"Authorization": f"Bearer {token}"}


@contextmanager
def given_service(database: Database, engine: Engine, folder: Path) -> Iterator[Service]:
    """Run the whole service on `database`, with the case's organisations and callers."""
    settings = Settings(
        data_dir=folder,
        database_url=database.url,
        migration_database_url=database.migration_url,
        pool_size=4,
        log_signs=False,
    )
    with writing(engine) as db:
        ids = _organisations(db)
        ids |= _operations(db, ids["OCHA"])
        issued = {name: _token(db, ids["OCHA"], *caller) for name, caller in CALLERS.items()}
    with TestClient(create_app(settings)) as client:
        yield Service(client=client, tokens=issued, ids=ids)


def codes(answer: Response) -> list[str]:
    """Give the pointers of a problem document."""
    return [fault["pointer"] for fault in answer.json().get("errors", [])]


def _match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If_Match": f'"{version}"'}


def _organisations(db: Session) -> dict[str, UUID]:
    ids: dict[str, UUID] = {}
    for short_name, fields in ORGANISATIONS.items():
        id = uuid4()
        body = NewOrganisation.model_validate({"short_name": short_name, **fields})
        organisations.create(write_for(db, id), body, id=id)
        ids[short_name] = id
    return ids


def _operations(db: Session, ocha: UUID) -> dict[str, UUID]:
    members = {MARIUPOL: ["OCHA", "ICRC", "Russian MoD", "Ukraine"], SUMY: ["Mariupol"]}
    return {
        slug: operations.create(
            write_for(db, ocha),
            NewOperation.model_validate(
                {
                    "slug": slug,
                    "name": slug.replace("-", " ").title(),
                    "countries": ["UKR"],
                    "tz": "Europe/Kyiv",
                    "started_on": "2022-02-24",
                    "members": named,
                }
            ),
        ).id
        for slug, named in members.items()
    }


def _token(db: Session, ocha: UUID, organisation: str, role: str, named: list[str]) -> str:
    body = NewToken.model_validate(
        {
            "organisation": organisation,
            "role": role,
            "operations": named,
            "holder": f"{role} of {organisation}",
        }
    )
    return tokens.create(write_for(db, ocha), body)[1]
