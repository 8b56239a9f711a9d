"""What map clients get in a second from `/ogc`, beside tipg on the same lines in the same run."""

import random
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select

from app.db.session import reading
from app.disclosure.tables import FOREVER, DisclosedFeatureRow
from app.domain.geometry.box import Box
from app.domain.instant import format_instant
from app.domain.policy import Audience
from app.domain.tiles.address import Tile
from app.http.paging import write_cursor
from tests.bench import tipg
from tests.bench.places import PAGE, Loaded, box_at
from tests.bench.rates import generated
from tests.databases import Database
from tests.faults.passage import OCHA_DESK
from tests.servers import Service
from tests.tiles import tile_at

CLIENTS = 8
_FEATURE = DisclosedFeatureRow.__table__
_OURS = "/ogc/collections/corridors/items"
_THEIRS = f"/collections/{tipg.COLLECTION}/items"
_OUR_TILES = "/ogc/collections/corridors/tiles/WebMercatorQuad"
_THEIR_TILES = f"/collections/{tipg.COLLECTION}/tiles/WebMercatorQuad"
_SMALL = (0.5, 0.3)
_DIFFERENT = 4000
"""So many pages are asked in turn where nothing of them may be in memory, neither the answer (some
sixty) nor what its text means (2,048)."""
_AGAIN = 20
"""How many times over tiles are asked for, of another instant each time."""
_TENTH = 0.1
_ITEMS = 20_000
"""So many single features, of which some thousands are."""

Asked = Sequence[tuple[str, str | None, int]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One kind of question: what is asked of us, and what of tipg; both in turn.

    Attributes:
        share: of the answers of a round; a tenth where one takes tipg a tenth of a second or more.
    """

    name: str
    ours: Asked
    theirs: Asked
    share: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Answers in a second, round by round; tipg's are none where it is not there."""

    name: str
    ours: list[float]
    theirs: list[float]

    @property
    def ratios(self) -> list[float]:
        """Ours to theirs, round by round."""
        return [our / their for our, their in zip(self.ours, self.theirs, strict=False)]


@dataclass(frozen=True, kw_only=True)
class Yardstick:
    """What tipg reads: a database of PostgreSQL with corridors of its own ids."""

    admin_url: str
    loaded: Loaded


@contextmanager
def serving(database: Database, folder: Path) -> Iterator[Service]:
    """Run the service; it signs nothing meanwhile, since tipg does not either."""
    service = Service(database, folder, PASSAGE_LOG_SIGNS="false")
    service.start()
    try:
        yield service
    finally:
        service.stop()


def compare(
    loaded: Loaded,
    service: Service,
    folder: Path,
    yardstick: Yardstick | None,
    *,
    rounds: int,
    count: int,
) -> Iterator[Compared]:
    """Ask both in turn; without a yardstick, or where tipg is not there, ours alone."""
    python = tipg.python()
    ask = partial(_fetch, service.port, loaded.world.tokens[OCHA_DESK])
    told = cases(loaded, service, yardstick.loaded if yardstick else loaded)
    if python is None or yardstick is None:
        yield from (_rounds(each, ask, None, rounds, count) for each in told)
        return
    with tipg.serving(yardstick.admin_url, folder, python) as port:
        theirs = partial(_fetch, port, "")
        yield from (_rounds(each, ask, theirs, rounds, count) for each in told)


Fetch = Callable[[Asked, int], float]


def _rounds(case: Case, ours: Fetch, theirs: Fetch | None, rounds: int, count: int) -> Compared:
    count = max(CLIENTS, int(count * case.share))
    found: dict[str, list[float]] = {"ours": [], "theirs": []}
    turns: list[tuple[str, Fetch, Asked]] = [("ours", ours, case.ours)]
    if theirs is not None:
        turns.append(("theirs", theirs, case.theirs))
    for number in range(rounds + 1):
        for name, fetch, asked in turns if number % 2 else reversed(turns):
            first = number * count % len(asked)
            rate = fetch([*asked[first:], *asked[:first]], count)
            if number:  # the first round warms both up
                found[name].append(rate)
    return Compared(name=case.name, **found)


def _fetch(port: int, token: str, asked: Asked, count: int) -> float:
    """Ask, and give how many answers came in a second."""
    job = {"port": port, "token": token, "clients": CLIENTS, "count": count, "asked": asked}
    told = generated("tests.bench.fetching", job)
    return count / float(told["seconds"])


def cases(loaded: Loaded, service: Service, of_tipg: Loaded) -> list[Case]:
    """Give what is asked; ours is never in memory but where that is what is measured."""
    chance = random.Random(6)
    ids, began = places_of(loaded)
    pin = format_instant(began)
    boxes = [box_at(chance, _SMALL) for _ in range(_DIFFERENT)]
    small = [{"bbox": f"{b.west},{b.south},{b.east},{b.north}"} for b in boxes]
    world = {"bbox": "-180,-90,180,90"}
    first, at = {"limit": PAGE}, format_instant(began + timedelta(seconds=1))
    starts = [ids[chance.randrange(len(ids) // 2)] for _ in range(_DIFFERENT)]
    fresh = [{"cursor": write_cursor([str(id), pin])} for id in starts]
    held = f"valid_from <= TIMESTAMP('{at}') AND valid_until > TIMESTAMP('{at}')"
    interval = {"datetime": f"2022-01-01T00:00:00Z/{at}"}
    later = len(ids) // 2
    page_500 = [{"cursor": write_cursor([str(id), pin])} for id in ids[later : later + _DIFFERENT]]
    tag = _tag(service, loaded.world.tokens[OCHA_DESK])
    some, theirs = (
        chance.sample(every, min(_ITEMS, len(every))) for every in (ids, places_of(of_tipg)[0])
    )
    open_now = {"filter": "status = 'open'"}
    return [
        Case(name="items, never asked before", ours=_ask(fresh), theirs=_of(first)),
        Case(name="items, asked again", ours=_ask([{}]), theirs=_of(first)),
        Case(
            name="304 with a token, against its items",
            ours=[(f"{_OURS}?{urlencode(first)}", tag, 304)],
            theirs=_of(first),
        ),
        Case(
            name="one item",
            ours=[(f"{_OURS}/{id}", None, 200) for id in some],
            theirs=[(f"{_THEIRS}/{id}", None, 200) for id in theirs],
        ),
        Case(name="a small box", ours=_ask(small), theirs=_of(*({**first, **b} for b in small))),
        Case(
            name="interval and status",
            ours=_ask([{**interval, **open_now, **each} for each in fresh]),
            theirs=_of({**first, **interval, "datetime-column": "valid_from", "status": "open"}),
        ),
        Case(
            name="valid at an instant in a small box",
            ours=_ask([{"datetime": at, **each} for each in small]),
            theirs=_of(*({**first, **each, "filter": held} for each in small)),
        ),
        Case(
            name="the whole world as a box",
            ours=_ask([{**world, **each} for each in fresh]),
            theirs=_of({**first, **world}),
            share=_TENTH,
        ),
        Case(
            name=f"page {later // PAGE}",
            ours=_ask(page_500),
            theirs=_of({**first, "offset": later}),
            share=_TENTH,
        ),
        *_tiles(boxes, began + timedelta(seconds=1)),
    ]


def _tiles(boxes: Sequence[Box], at: datetime) -> list[Case]:
    """Ask for tiles, each time of another instant, so that none is in memory; and for one again."""
    middles = [((b.west + b.east) / 2, (b.south + b.north) / 2) for b in boxes]
    found = []
    for zoom in (10, 6):
        tiles = [tile_at(longitude, latitude, zoom) for longitude, latitude in middles]
        found.append(
            Case(
                name=f"a tile of zoom {zoom}, never asked before",
                ours=[
                    _tile(each, at + timedelta(microseconds=number))
                    for number, each in enumerate(tiles * _AGAIN)
                ],
                theirs=[_tile_of_tipg(each) for each in tiles],
                share=_TENTH,
            )
        )
    one = tile_at(*middles[0], 10)
    again = Case(name="a tile asked again", ours=[_tile(one)], theirs=[_tile_of_tipg(one)])
    return [*found, again]


def _tile(tile: Tile, at: datetime | None = None) -> tuple[str, None, int]:
    query = "" if at is None else "?" + urlencode({"datetime": format_instant(at)})
    return f"{_OUR_TILES}/{tile.zoom}/{tile.row}/{tile.column}{query}", None, 200


def _tile_of_tipg(tile: Tile) -> tuple[str, None, int]:
    """Give its address at tipg, whose column comes before the row."""
    return f"{_THEIR_TILES}/{tile.zoom}/{tile.column}/{tile.row}", None, 200


def _ask(wishes: Sequence[Mapping[str, Any]]) -> Asked:
    return [(f"{_OURS}?{urlencode({'limit': PAGE, **each})}", None, 200) for each in wishes]


def _of(*wishes: Mapping[str, Any]) -> Asked:
    return [(f"{_THEIRS}?{urlencode(each)}", None, 200) for each in wishes]


def places_of(loaded: Loaded) -> tuple[list[UUID], Any]:
    """Give all corridors by their ids, and when the last of them was recorded."""
    rows = select(_FEATURE.c.place_id, _FEATURE.c.recorded_from).where(
        _FEATURE.c.audience == Audience.OPERATIONAL,
        _FEATURE.c.collection == "corridors",
        _FEATURE.c.recorded_until == FOREVER,
        _FEATURE.c.valid_until == FOREVER,
    )
    with reading(loaded.engine) as db:
        found = db.execute(rows.order_by(_FEATURE.c.place_id)).all()
    return [row.place_id for row in found], max(row.recorded_from for row in found)


def _tag(service: Service, token: str) -> str:
    request = urllib.request.Request(
        f"{service.url}{_OURS}?limit={PAGE}", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.headers["ETag"])
