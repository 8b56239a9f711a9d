"""`python -m tests.bench [--write] [--quick]`: measure, print the tables, keep them on a page."""

import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from app.memory import spare_the_collector
from tests.bench import histories, maps, places, proving, report, tipg
from tests.bench.costs import costs
from tests.bench.look_ups import EVENTS_EACH, load, measure
from tests.bench.rates import compare, plain_service, safe_passage
from tests.bench.starting import own_mib, start
from tests.databases import Database, Server, make_server
from tests.postgres import throwaway_cluster, with_database
from tests.servers import ROOT

PAGE = ROOT / "docs" / "reference" / "benchmarks.md"


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is measured.

    Attributes:
        stopped: how many open corridors an agreement has that is suspended, and how many of these.
        maps: how many answers of each kind map clients get in a round, of so many rounds.
    """

    rounds: int
    requests: int
    events: int
    look_ups: int
    starts: int
    changes: int
    proofs: int
    corridors: int
    pages: int
    drawn: int
    stopped: tuple[int, int]
    map_rounds: int
    maps: int


FULL = Size(
    rounds=6,
    requests=600,
    events=1_000_000,
    look_ups=10_000,
    starts=5,
    changes=100,
    proofs=1_000,
    corridors=100_000,
    pages=1_000,
    drawn=500,
    stopped=(100, 3),
    map_rounds=4,
    maps=400,
)
QUICK = Size(
    rounds=2,
    requests=100,
    events=20_000,
    look_ups=1_000,
    starts=1,
    changes=10,
    proofs=50,
    corridors=2_000,
    pages=100,
    drawn=50,
    stopped=(10, 1),
    map_rounds=2,
    maps=50,
)


class Databases:
    """Databases for the bench, on both kinds of server."""

    def __init__(self, folder: Path, server: Server) -> None:
        self._folder = folder
        self._server = server
        self._count = 0

    def folder(self) -> Path:
        """Make a new folder."""
        self._count += 1
        path = self._folder / str(self._count)
        path.mkdir()
        return path

    @contextmanager
    def lend(self, dialect: str, *, migrated: bool = True) -> Iterator[Database]:
        """Lend a database of its own."""
        if dialect == "postgresql":
            with self._server.database(migrated=migrated) as database:
                yield database
            return
        url = f"sqlite:///{self.folder()}/bench.sqlite"
        database = Database(dialect=dialect, url=url, migration_url=url)
        if migrated:
            database.migrate()
        yield database

    def admin_url(self, database: Database) -> str | None:
        """A superuser's way into a database of PostgreSQL."""
        if database.dialect == "sqlite":
            return None
        return with_database(self._server.admin_url, database.url.rpartition("/")[2])


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A database with many corridors.

    Attributes:
        admin_url: a superuser's way into it, where it is PostgreSQL.
    """

    database: Database
    admin_url: str | None
    loaded: places.Loaded


def _rates(databases: Databases, dialect: str, clients: tuple[int, ...], size: Size) -> list[str]:
    with (
        databases.lend(dialect) as our_database,
        databases.lend(dialect, migrated=False) as their_database,
        safe_passage(our_database, databases.folder()) as ours,
        plain_service(their_database, databases.folder()) as theirs,
    ):
        found = (
            compare(ours, theirs, rounds=size.rounds, requests=size.requests, clients=count)
            for count in clients
        )
        return [report.rate_line(dialect, rates) for rates in found]


def _histories(databases: Databases, dialect: str, size: Size) -> list[str]:
    clients = 8 if dialect == "postgresql" else 1
    with databases.lend(dialect) as database:
        found = histories.compare(
            database, databases.folder(), clients=clients, rounds=size.rounds, changes=size.changes
        )
    return report.history_lines(dialect, found)


def _look_ups(databases: Databases, dialect: str, size: Size) -> list[str]:
    with databases.lend(dialect) as database:
        ids = load(database, databases.admin_url(database), size.events // EVENTS_EACH)
        engine = database.engine()
        try:
            lines = [report.look_up_line(dialect, m) for m in measure(engine, ids, size.look_ups)]
            proving.enter(engine)
        finally:
            engine.dispose()
        proved = proving.proofs(database, databases.folder(), times=size.proofs)
    return [*lines, report.look_up_line(dialect, proved)]


def _start(databases: Databases, dialect: str, size: Size) -> str:
    with databases.lend(dialect) as database:
        started = start(database, databases.folder(), times=size.starts)
        return report.start_line(dialect, started)


def _costs(databases: Databases) -> list[str]:
    found = []
    for dialect in ("postgresql", "sqlite"):
        with databases.lend(dialect) as database:
            found.append(costs(database, databases.folder()))
    return [report.cost_line(*pair) for pair in zip(*found, strict=True)]


@contextmanager
def _with_places(databases: Databases, dialect: str, size: Size) -> Iterator[Filled]:
    with databases.lend(dialect) as database:
        admin_url = databases.admin_url(database)
        loaded = places.load(database, admin_url, size.corridors)
        try:
            yield Filled(database=database, admin_url=admin_url, loaded=loaded)
        finally:
            loaded.close()


def _places(filled: Filled, size: Size) -> Iterator[str]:
    loaded, dialect = filled.loaded, filled.database.dialect
    for one in places.pages(loaded, size.pages):
        yield report.place_line(dialect, one)
    drawn = places.drawn(loaded, size.drawn)
    yield report.place_line(dialect, drawn.ours, drawn.ratio)
    yield report.place_line(dialect, drawn.plain)
    yield report.place_line(dialect, drawn.service)
    corridors, times = size.stopped
    stopped = places.stopped(loaded, corridors=corridors, times=times)
    yield report.place_line(dialect, stopped)


def _add_maps(page: report.Page, databases: Databases, both: Sequence[Filled], size: Size) -> None:
    """Ask both databases in turn, each beside tipg on that of PostgreSQL."""
    yardstick = next(
        maps.Yardstick(admin_url=each.admin_url, loaded=each.loaded)
        for each in both
        if each.admin_url
    )
    if tipg.python():
        tipg.prepare(yardstick.admin_url)
    for filled in both:
        folder, dialect = databases.folder(), filled.database.dialect
        with maps.serving(filled.database, folder) as service:
            sizes = {"rounds": size.map_rounds, "count": size.maps}
            found = maps.compare(filled.loaded, service, folder, yardstick, **sizes)
            page.add("maps", (report.map_line(dialect, one) for one in found))
            page.add("memory", [report.memory_line(dialect, own_mib(service.process_id))])


def bench(
    write: Annotated[bool, typer.Option(help="Keep the tables on the page of the docs.")] = False,
    quick: Annotated[bool, typer.Option(help="Few rounds: only to see that it works.")] = False,
) -> None:
    """Measure what the service costs, and print it as tables."""
    size = QUICK if quick else FULL
    spare_the_collector()  # as the service does
    page = report.Page(heading=_heading(size))
    with tempfile.TemporaryDirectory(prefix="passage-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with throwaway_cluster() as cluster:
            databases = Databases(folder, make_server(cluster.url))
            both = ("postgresql", "sqlite")
            page.add("rates", _rates(databases, "postgresql", (8,), size))
            page.add("rates", _rates(databases, "sqlite", (1, 8), size))
            page.add("start", [_start(databases, dialect, size) for dialect in both])
            page.add("costs", _costs(databases))
            for dialect in both:
                page.add("histories", _histories(databases, dialect, size))
            page.add("verifying", [report.verified_line(proving.verify(folder, size.events))])
            for dialect in both:
                page.add("look_ups", _look_ups(databases, dialect, size))
            with (
                _with_places(databases, "postgresql", size) as postgresql,
                _with_places(databases, "sqlite", size) as sqlite,
            ):
                _add_maps(page, databases, (postgresql, sqlite), size)
                for filled in (postgresql, sqlite):
                    page.add("places", _places(filled, size))
    if write:
        PAGE.write_text(page.text())
        typer.echo(f"Written: {PAGE.relative_to(ROOT)}")


def _heading(size: Size) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} processors, "
        f"{memory:.0f} GiB; {size.rounds} rounds of {size.requests} requests, "
        f"{size.map_rounds} of {size.maps} of map clients; "
        f"{size.events:,} events, {size.look_ups:,} look-ups; {size.corridors:,} corridors."
    )


if __name__ == "__main__":
    typer.run(bench)
