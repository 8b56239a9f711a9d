"""What tests of redaction do: find what may be erased, ask for everything, look for what is left."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Engine, inspect, text

from app.domain.redaction import KIND, OF_EVERY_EVENT, TEXTS
from tests.http.world import Voice

COLLECTIONS = ("operations", "organisations", "tokens", "sources", "sites", "corridors",
               "agreements", "history")  # fmt: skip
BELOW = {
    "operations": ("principals",),
    "agreements": (
        "readiness", "transitions", "contacts", "positions", "terms", "windows", "routes",
        "status-changes",
    ),
    "corridors": ("readiness", "transitions", "windows", "status-changes"),
    "positions": ("attestations",),
}  # fmt: skip


def erasable(event: Mapping[str, Any], *, ended: bool = True) -> list[str]:
    """Name the fields of an event that may be erased, those aside that need a correction first."""
    if event["kind"] == KIND:
        return []
    wanted = TEXTS.get(event["subject"]["kind"], frozenset())
    found = []
    for field in event["openings"]:
        name = field.removeprefix("aspect/").partition(":")[0]
        if field in OF_EVERY_EVENT or (field != name and name in wanted):
            found.append(field)
    if not ended and event["subject"]["kind"] == "token":
        found = [field for field in found if field != "aspect/holder"]
    return sorted(found)


def addresses(voice: Voice) -> Iterator[str]:
    """Walk all that a caller may read, and give each address."""
    for name in COLLECTIONS:
        yield from _walk(voice, f"/v1/{name}", name)


def _walk(voice: Voice, path: str, name: str) -> Iterator[str]:
    yield path
    answer = voice.get(path, limit=1000)
    if answer.status_code != 200 or "items" not in answer.json():
        return
    for item in answer.json()["items"]:
        one = f"{path}/{item.get('id') or item.get('key') or item.get('corridor')}"
        yield one
        for below in BELOW.get(name, ()):
            yield from _walk(voice, f"{one}/{below}", below)


def statuses(voice: Voice, paths: list[str], **times: str) -> dict[str, int]:
    """Ask for each address, and give the status of each answer."""
    return {path: voice.get(path, **times).status_code for path in paths}


def texts(value: Any) -> Iterator[str]:
    """Give the texts of people in a value: those with blanks, and names of holders."""
    if isinstance(value, str) and (" " in value or value.startswith("http")):
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)


def told_anywhere(engine: Engine, wanted: str) -> list[str]:
    """Name the tables that hold a text, in whatever column."""
    found = []
    escaped = json.dumps(wanted)[1:-1]
    with engine.connect() as db:
        for table in inspect(db).get_table_names():
            for row in db.execute(text(f'SELECT * FROM "{table}"')):
                told = " ".join(_plain(value) for value in row)
                if wanted in told or escaped in told:
                    found.append(table)
                    break
        db.rollback()
    return found


def _plain(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode(errors="replace")
    return str(value)
