"""What the audit says of places: corridors that did not stop, and rows that tell something else."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, text

from app.corridors.tables import CorridorRow
from app.disclosure.index import minutes_up
from app.disclosure.tables import (
    FOREVER,
    DisclosedBarRow,
    DisclosedFeatureRow,
    DisclosedShapeRow,
    DisclosedVersionRow,
)
from app.domain.corridor.status import PASSABLE
from app.domain.policy import Audience
from app.sites.tables import SiteRow

Rows = Sequence[Row[*tuple[Any, ...]]]

_REFUSALS = {"withdrawn", "rejected"}


@dataclass(frozen=True, kw_only=True)
class Places:
    """All rows of places; `index` is the R*Tree of SQLite, or None."""

    sites: Rows
    corridors: Rows
    features: Rows
    shapes: Rows
    bars: Rows
    versions: Rows
    index: Mapping[int, int] | None


@dataclass(frozen=True, kw_only=True)
class Said:
    """An aspect of the record, with its value."""

    subject: UUID
    aspect: str
    value: Any
    recorded_at: datetime
    effective_at: datetime
    sequence: int


def read_places(connection: Connection) -> Places:
    """Read all of them."""

    def rows(of: Any) -> Rows:
        return connection.execute(select(of.__table__)).all()

    return Places(
        sites=rows(SiteRow),
        corridors=rows(CorridorRow),
        features=rows(DisclosedFeatureRow),
        shapes=rows(DisclosedShapeRow),
        bars=rows(DisclosedBarRow),
        versions=rows(DisclosedVersionRow),
        index=_read_index(connection),
    )


def _read_index(connection: Connection) -> Mapping[int, int] | None:
    if connection.dialect.name != "sqlite":
        return None
    found = connection.execute(text("SELECT id, recorded_until FROM disclosed_index"))
    return {row.id: row.recorded_until for row in found}


def faults_of_places(places: Places, said: Iterable[Said]) -> Iterator[str]:
    """Say what is wrong with corridors and with what is shown of them."""
    by_subject: dict[UUID, list[Said]] = defaultdict(list)
    for one in said:
        by_subject[one.subject].append(one)
    for corridor in places.corridors:
        of_agreement = by_subject[corridor.agreement_id]
        yield from _status(corridor, by_subject[corridor.id])
        yield from _not_stopped(corridor, by_subject[corridor.id], of_agreement)
        yield from _shown(corridor, places)
    yield from _whole(places)


def _status(corridor: Row[*tuple[Any, ...]], said: Sequence[Said]) -> Iterator[str]:
    if _last(said, "status").value["to"] != corridor.status.value:
        yield f"corridor {corridor.id} is {corridor.status}, its events say another status"


def _not_stopped(
    corridor: Row[*tuple[Any, ...]], said: Sequence[Said], of_agreement: Sequence[Said]
) -> Iterator[str]:
    """What is passable was opened after everything that stopped its agreement."""
    if corridor.status not in PASSABLE:
        return
    opened = _last(said, "status").recorded_at
    if _last(of_agreement, "status").value["to"] != "in_force":
        yield f"corridor {corridor.id} is {corridor.status}, its agreement is not in force"
    for one in of_agreement:
        left = one.aspect == "status" and one.value["to"] != "in_force"
        refused = one.aspect.startswith("position:") and one.value["position"] in _REFUSALS
        if (left or refused) and one.recorded_at >= opened:
            yield f"corridor {corridor.id} is {corridor.status}, its agreement stopped since"


def _last(said: Sequence[Said], aspect: str) -> Said:
    told = [one for one in said if one.aspect == aspect]
    return max(told, key=lambda one: (one.effective_at, one.sequence))


def _shown(corridor: Row[*tuple[Any, ...]], places: Places) -> Iterator[str]:
    """Each audience that may see a corridor of class high is shown the present status, once."""
    present = [
        row
        for row in places.features
        if (row.place_id, row.valid_until, row.recorded_until) == (corridor.id, FOREVER, FOREVER)
    ]
    audiences = sorted(row.audience for row in present)
    if audiences != sorted([Audience.OPERATIONAL, Audience.PARTNER]):
        yield f"corridor {corridor.id} is shown to {audiences}"
    for row in present:
        if json.loads(f"{{{row.properties}}}")["status"] != corridor.status.value:
            yield f"corridor {corridor.id} is shown to {row.audience} with another status"
    for whole in (True, False):
        yield from _barred(corridor, [bar for bar in places.bars if bar.whole is whole])


def _barred(
    corridor: Row[*tuple[Any, ...]], bars: Sequence[Row[*tuple[Any, ...]]]
) -> Iterator[str]:
    now = datetime.now(UTC)
    mine = [bar for bar in bars if bar.place_id == corridor.id and bar.recorded_until == FOREVER]
    held = [bar for bar in mine if bar.valid_from <= now < bar.valid_until]
    if len(held) != 1:
        yield f"corridor {corridor.id} has {len(held)} answers to whether people may move"
        return
    codes = {reason["code"] for reason in json.loads(f"[{held[0].reasons}]")}
    if ("corridor_not_open" in codes) is (corridor.status in PASSABLE):
        yield f"corridor {corridor.id} is {corridor.status}, its bar says otherwise: {codes}"


def _whole(places: Places) -> Iterator[str]:
    """Every row has what it rests on, and intervals of one place follow each other."""
    shapes = {shape.id for shape in places.shapes}
    known = {place.id for place in (*places.sites, *places.corridors)}
    for row in places.features:
        if row.shape_id not in shapes:
            yield f"a feature of {row.place_id} has no shape"
        if row.place_id not in known:
            yield f"there are features of {row.place_id}, which is no place"
    yield from _in_turn("features", places.features, "audience")
    yield from _in_turn("bars", places.bars, "whole")
    numbers: dict[Any, list[int]] = defaultdict(list)
    for version in places.versions:
        numbers[version.place_id, version.audience].append(version.version)
    for (place, audience), found in numbers.items():
        if sorted(found) != list(range(2, len(found) + 2)):
            yield f"{place} was shown to {audience} in versions {sorted(found)}"
    yield from _indexed(places)


def _in_turn(what: str, rows: Rows, by: str) -> Iterator[str]:
    lines: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        if row.recorded_until == FOREVER:
            lines[row.place_id, getattr(row, by)].append(row)
    for (place, whose), line in lines.items():
        line.sort(key=lambda row: row.valid_from)
        if any(one.valid_until != other.valid_from for one, other in pairwise(line)):
            yield f"{what} of {place} for {whose} do not follow each other"
        if line[-1].valid_until != FOREVER:
            yield f"{what} of {place} for {whose} come to an end"


def _indexed(places: Places) -> Iterator[str]:
    if places.index is None:
        return
    wanted = {row.id: minutes_up(row.recorded_until) for row in places.features}
    if wanted != places.index:
        yield "the index of space has other entries than there are features"
