"""The tables of the bench, as Markdown."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.bench.costs import Cost
from tests.bench.histories import WAYS, Histories, percentile
from tests.bench.look_ups import Measured
from tests.bench.maps import Compared
from tests.bench.proving import Verified
from tests.bench.rates import Rates, Round
from tests.bench.starting import Started

_ABOUT = """# Benchmarks

`make bench` measures this again; `.venv/bin/python -m tests.bench --write` renews this page, and
`--quick` only shows that it works. Compare ratios of one run, never figures of two machines. No
test depends on a time.

"""

_PARTS = {
    "rates": (
        """## A status change, against a plain service

Requests through HTTP to the real service (one worker), against a plain FastAPI and SQLAlchemy ORM
service (`tests/bench/plain.py`): the same server, connections and durability settings, the same
check of token and version, an UPDATE and one INSERT of history, committed before the answer. Both
run in processes of their own, in alternating rounds; each request moves another agreement from
`proposed` to `in_talks`. The ratio is the median over the rounds; the goal is at least 0.5.
*Processor* is the time that the service's own process works for one request; unlike the rate it
hardly depends on what else runs on the machine.

What the plain service does not do: rules, evidence, a record with commitments, positions and terms
read back from history, guards in the database, idempotency, strict reading, a log of requests.
""",
        "| database | clients | requests/s | plain | ratio | rounds | p50 / p99 ms | plain | "
        "processor ms | plain |",
    ),
    "start": (
        """## Start and memory

From the start of the process to the first 200 of `/healthz` (goal: under 2 s), and the resident
memory of one worker, idle (goal: under 200 MB).
""",
        "| database | start s | idle MiB |",
    ),
    "costs": (
        """## What one request costs

Statements of SQL, without BEGIN and COMMIT, and bytes of the body.
""",
        "| route | statements, PostgreSQL | SQLite | bytes |",
    ),
    "look_ups": (
        """## Looking up the past

`app.ledger.store.look_up` and `entries` for agreements of 50 events each, at random instants. Goal
for one look-up: p50 under 1 ms, p99 under 15 ms. Then an inclusion proof in the log over all of them
(goal: under 5 ms). The events are loaded in bulk with guards and
foreign keys off, in the bench's own database; the guards are back before anything is measured.
""",
        "| database | question | p50 ms | p99 ms |",
    ),
    "histories": (
        """## A status change at the storage layer

Processes that each move agreements of their own from `proposed` to `in_talks`, 8 of them on
PostgreSQL and 1 on SQLite: an event with its record, commitments, guards and present state (ours);
an UPDATE and one INSERT of history by the ORM; the same table versioned by SQLAlchemy-Continuum. All
commit each change, in turn on one database, while the log is sequenced and signed. Goals: at least
0.75 of the ORM and 1.5 of Continuum (PostgreSQL), p99 at most twice that of the ORM, p99 from commit
to signed checkpoint under 150 ms.
""",
        "| database | ours/s | ORM/s | Continuum/s | of the ORM | of Continuum | p99 ms | ORM | "
        "signed after ms, p50 / p99 |",
    ),
    "verifying": (
        """## Verifying an export

The verifier as a program of its own (goals for 1,000,000 entries: under 60 s and 500 MB). The
memory is that of its largest process.
""",
        "| entries | seconds | MiB |",
    ),
    "maps": (
        """## What map clients get

Answers in a second from `/ogc` with a token of the operational audience, 8 connections, one process
of the service, among the corridors of the next table; and from tipg in one process, on the same
lines in the same PostgreSQL, without tokens. Both in alternating rounds, with pages of 100; the ratio
is the median over the rounds. tipg lives in an environment of its own, which `PASSAGE_BENCH_TIPG`
names by its Python; without it ours stand alone. Goals, on PostgreSQL and SQLite: never asked before
8 and 10; asked again 15 and 25; 304 15 and 25; one item 1.8 and 2; a small box 4 and 8; interval and
status 4 and 4; valid at an instant in a box 4 and 4. The whole world as a box and a late page should
cost at most twice the first page.
""",
        "| database | what | answers/s | tipg | ratio | rounds |",
    ),
    "memory": (
        """## Memory of a worker after all of that

What is its own and no file's (goal: under 200 MB, which are 191 MiB).
""",
        "| database | MiB |",
    ),
    "places": (
        """## Places

Among so many corridors of 20 to 200 positions, of the classes low, moderate and high, each with two
states: the first page of 100 features of a map (`app.disclosure.reading.features`), in boxes at
random places, as each reader sees it (goal: p50 under 5 ms); one more corridor written at the
storage layer with its event, commitments and disclosed rows, in turn with a plain insert of the same
line into one table with an index of space, both committed (goal: at least 0.4 of its rate), and
through the whole service; an agreement with open corridors suspended through the
service (goal: under 500 ms).
""",
        "| database | what | p50 ms | p99 ms | of a plain insert |",
    ),
}


@dataclass(kw_only=True)
class Page:
    """The page as it grows; each line is printed as soon as it is there."""

    heading: str
    _lines: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in _PARTS})

    def add(self, part: str, lines: Iterable[str]) -> None:
        """Add lines to the table of a part."""
        if not self._lines[part]:
            print(f"\n{_table(part, [])}", flush=True)
        for line in lines:
            self._lines[part].append(line)
            print(line, flush=True)

    def text(self) -> str:
        """The whole page."""
        parts = [
            f"{about}\n{_table(name, self._lines[name])}\n" for name, (about, _) in _PARTS.items()
        ]
        return f"{_ABOUT}{self.heading}\n\n" + "\n".join(parts)


def _table(part: str, lines: Sequence[str]) -> str:
    head = _PARTS[part][1]
    return "\n".join([head, "|" + " --- |" * (head.count("|") - 1), *lines])


def rate_line(dialect: str, rates: Rates) -> str:
    """One comparison."""
    spread = f"{min(rates.ratios):.2f}-{max(rates.ratios):.2f}"
    cells = [
        *(dialect, str(rates.clients)),
        *(f"{_rate(rates.ours):.0f}", f"{_rate(rates.theirs):.0f}"),
        *(f"{rates.ratio:.2f}", spread),
        *(_latencies(rates.ours), _latencies(rates.theirs)),
        *(f"{_cpu(rates.ours):.1f}", f"{_cpu(rates.theirs):.1f}"),
    ]
    return _line(cells)


def _rate(rounds: Sequence[Round]) -> float:
    return statistics.median(one.per_second for one in rounds)


def _cpu(rounds: Sequence[Round]) -> float:
    return statistics.median(one.cpu_ms for one in rounds)


def _latencies(rounds: Sequence[Round]) -> str:
    every = sorted(ms for one in rounds for ms in one.milliseconds)
    return f"{every[len(every) // 2]:.1f} / {every[len(every) * 99 // 100]:.1f}"


def start_line(dialect: str, started: Started) -> str:
    """How the service started."""
    return _line([dialect, f"{started.seconds:.2f}", f"{started.idle_mib:.0f}"])


def cost_line(postgresql: Cost, sqlite: Cost) -> str:
    """What one route costs on both databases."""
    statements = (str(postgresql.statements), str(sqlite.statements))
    return _line([f"`{postgresql.route}`", *statements, f"{sqlite.bytes:,}"])


def look_up_line(dialect: str, measured: Measured) -> str:
    """How long look-ups took."""
    return _line([dialect, measured.what, f"{measured.p50:.2f}", f"{measured.p99:.2f}"])


def history_lines(dialect: str, found: Histories) -> list[str]:
    """How fast statuses change at the storage layer."""
    rates = [
        f"{statistics.median(each.per_second for each in found.rounds[way]):.0f}" for way in WAYS
    ]
    ratios = [f"{found.ratio(other):.2f}" for other in WAYS[1:]]
    p99 = [f"{found.p99(way):.1f}" for way in WAYS[:2]]
    unsigned = " / ".join(f"{percentile(found.unsigned_ms, of):.0f}" for of in (50, 99))
    return [_line([dialect, *rates, *ratios, *p99, unsigned])]


def verified_line(verified: Verified) -> str:
    """How long the verification of an export took."""
    return _line([f"{verified.entries:,}", f"{verified.seconds:.1f}", f"{verified.mib:.0f}"])


def place_line(dialect: str, measured: Measured, ratio: float | None = None) -> str:
    """How long something about places took."""
    of_plain = "" if ratio is None else f"{ratio:.2f}"
    times = (f"{measured.p50:.2f}", f"{measured.p99:.2f}")
    return _line([dialect, measured.what, *times, of_plain])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def memory_line(dialect: str, mib: float) -> str:
    """How much memory a worker holds."""
    return _line([dialect, f"{mib:.0f}"])


def map_line(dialect: str, compared: Compared) -> str:
    """One kind of question."""
    cells = [dialect, compared.name, f"{statistics.median(compared.ours):.0f}"]
    if not compared.theirs:
        return _line([*cells, "", "", ""])
    ratios = compared.ratios
    told = f"{min(ratios):.1f}-{max(ratios):.1f}"
    theirs = f"{statistics.median(compared.theirs):.0f}"
    return _line([*cells, theirs, f"{statistics.median(ratios):.1f}", told])
