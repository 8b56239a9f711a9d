"""Two worlds: what a reader may not know of is written in one of two; it sees the same in both."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import true
from sqlalchemy.orm import Session

from app.agreements.services import referring
from app.corridors import seen
from app.corridors.recorded import Recorded
from app.disclosure import answers, counting, picking, statements, store, versions
from app.disclosure.reading import Found
from app.domain.disclosure import Sight
from app.domain.policy import Audience
from app.ledger.reading import Reading
from app.sites import service
from app.sources import service as sources
from tests.http.agreements.case import from_now
from tests.http.places.bases import Bases, wishes
from tests.http.places.bases import bases as bases
from tests.http.places.bases import still as still
from tests.http.places.hand import Hand, Scope, Wish
from tests.http.places.hidden import write
from tests.http.places.questions import (
    PARTNERS,
    READERS,
    Request,
    ask,
    attempts,
    below,
    following,
    lists,
    singles,
    told,
    unknown,
)
from tests.http.places.twins import Base, Twin, given_twin
from tests.http.world import read

_EXAMPLES = 13
"""On each of both databases, for readers from whom more is hidden and from whom less: 52 in all."""


@settings(
    max_examples=_EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    turn=st.integers(0, 11),
    written=st.lists(wishes, min_size=1, max_size=6),
    pick=st.integers(0, 1_000),
    time=st.integers(0, 7),
)
@pytest.mark.parametrize("scope", Scope)
def test_a_reader_sees_the_same_whether_what_is_hidden_from_it_was_written_or_not(
    still: Twin,
    bases: Bases,
    scope: Scope,
    turn: int,
    written: list[Wish],
    pick: int,
    time: int,
) -> None:
    readers = [who for who in READERS if _hides(who) is scope]
    reader = readers[turn % len(readers)]
    with given_twin(bases.stock, still.base) as moved:
        _write(moved, reader, written)
        _compare(still, moved, reader, pick, _times(still.base, time))


_SUBJECTS_OWN = "versions count every change"
_ANEW = "what a release let see is written anew with the next change"
_AHEAD = "a release that lies ahead has come"
_WHOLE = "whoever knows an agreement sees all its corridors"
_WINDOWS = "a window may name any corridor"
_CORRECTIONS = "a correction of what others recorded is refused as such"
_FOR_ALL = "what changes for some is counted for all"
_SOURCES = "everybody may know of every source"
_BACK = "the way back is told of to all who know the way there"


@pytest.mark.parametrize(
    ("fault", "reader", "what"),
    [
        (_SUBJECTS_OWN, "anonymous", "how to reach a site"),
        (_ANEW, "anonymous", "a name of what is not seen"),
        (_AHEAD, "nrc", "a release that lies ahead"),
        (_WHOLE, "mod", "a new corridor"),
        (_WINDOWS, "mod", "a new corridor"),
        (_CORRECTIONS, "mod", "how to reach a site"),
        (_FOR_ALL, "anonymous", "a passage stops"),
        (_FOR_ALL, "map-client", "a passage goes on"),
        (_SOURCES, "nrc", "a passage"),
        (_BACK, "mod", "a way back that stops"),
    ],
)
def test_a_service_that_tells_is_found_out(
    bases: Bases, monkeypatch: pytest.MonkeyPatch, fault: str, reader: str, what: str
) -> None:
    base = bases.get("sqlite").base
    _plant(monkeypatch, fault)
    # Both are its own: a fault may let a reader write, and the others' world must stay as it is.
    with given_twin(bases.stock, base) as still, given_twin(bases.stock, base) as moved:
        written = [Wish(what=what, target=0, value=value, when=None) for value in range(6)]
        _write(moved, reader, written)
        with pytest.raises(AssertionError):
            _compare(still, moved, reader, 0, {})


def _plant(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    match fault:
        case "versions count every change":
            monkeypatch.setattr(answers, "heads", _heads_of_subjects)
        case "what a release let see is written anew with the next change":
            seen_at = store._stored_key
            monkeypatch.setattr(
                store, "_stored_key", lambda row, _: seen_at(row, row.recorded_from)
            )
        case "a release that lies ahead has come":
            monkeypatch.setattr(picking, "visible", lambda _: true())
            for made in ("items", "joined"):
                monkeypatch.setattr(statements, made, getattr(statements, made).__wrapped__)
        case "whoever knows an agreement sees all its corridors":
            monkeypatch.setattr(Recorded, "was_in_terms", True)
        case "what changes for some is counted for all":
            monkeypatch.setattr(counting, "SIGHTS", dict.fromkeys(Audience, tuple(Sight)))
        case "everybody may know of every source":
            monkeypatch.setattr(sources, "visible", lambda _: true())
        case "the way back is told of to all who know the way there":
            monkeypatch.setattr(seen.Seen, "_sees", lambda *_: True)
        case "a window may name any corridor":
            monkeypatch.setattr(referring, "require_corridor", lambda *_: None)
        case _:
            monkeypatch.setattr(service, "knows_in_part", lambda *_: False)


def _heads_of_subjects(
    db: Session, found: Sequence[Found], asked: Reading
) -> Mapping[UUID, versions.Head]:
    return versions._of_subjects(db, [one.id for one in found], asked)


def _hides(reader: str) -> Scope:
    return Scope.PARTNER if reader in PARTNERS else Scope.PUBLIC


def _write(moved: Twin, reader: str, wishes: Sequence[Wish]) -> None:
    hand = Hand(twin=moved, scope=_hides(reader))
    for wish in wishes:
        write(hand, wish)


def _compare(still: Twin, moved: Twin, reader: str, pick: int, times: dict[str, str]) -> None:
    asked = (lists(still.base, pick, times), below(still.base, pick, times))
    for request in (*chain(*asked), *singles(moved, pick, times)):
        _same(still, moved, reader, request)
    if reader in ("mod", "nrc"):
        _attempt(still, moved, reader, pick)


def _times(base: Base, number: int) -> dict[str, str]:
    """Choose which times to ask about: of the past, of the future, as known then, or now."""
    return (
        {},
        {"as_of": "2022-04-28T00:00:00Z"},
        {"as_of": "2022-06-01T00:00:00Z"},
        {"as_of": from_now(days=1)},
        {"known_at": base.built_at},
        {"known_at": from_now(days=1)},
        {"as_of": "2022-06-01T00:00:00Z", "known_at": base.built_at},
        {"as_of": base.built_at, "known_at": from_now(hours=2)},
    )[number]


def _same(still: Twin, moved: Twin, reader: str, request: Request) -> None:
    """Ask both, and go on to the last page."""
    one, other = (ask(twin.world.by(reader), request) for twin in (still, moved))
    assert told(other) == told(one), request
    following_one = following(one)
    if following_one is not None and request.method == "GET":
        again = Request(path=following_one, headers=request.headers)
        _same(still, moved, reader, again)


def _attempt(still: Twin, moved: Twin, reader: str, pick: int) -> None:
    """Try to write; what is refused stores nothing, so that both worlds stay as they are."""
    base = still.base
    tags = {
        id: still.world.by(reader).get(path).headers.get("ETag", '"1"')
        for path, id in (
            (f"/v1/sites/{base.sites['low']}", base.sites["low"]),
            (f"/v1/corridors/{base.corridors['released']}", base.corridors["released"]),
            (f"/v1/agreements/{base.agreements['outline']}", base.agreements["outline"]),
        )
    }
    for hidden in [*_new(moved)[-1:], *_events(moved)]:
        for request in attempts(moved, hidden, tags):
            one, other = (ask(twin.world.by(reader), request) for twin in (still, moved))
            assert one.status_code >= 400, (request, one.text)
            assert told(other) == told(one), request
    of_base = (base.sites["severe"], base.corridors["severe"], base.agreements["talks"])
    hidden = of_base[pick % len(of_base)]
    for request in attempts(moved, hidden, tags):
        one, other = (
            ask(moved.world.by(reader), each) for each in (unknown(request, hidden), request)
        )
        assert told(other) == told(one), request


def _new(moved: Twin) -> list[str]:
    """Give what is there in one of the worlds only."""
    base = moved.base
    known = {*base.sites.values(), *base.corridors.values(), *base.agreements.values()}
    return [id for id in moved.touched if id not in known]


def _events(moved: Twin) -> list[str]:
    """Give the last event of what was written to last."""
    items: list[Any] = []
    for id in moved.touched[-1:]:
        found = moved.world.by("auditor").get("/v1/history", subject=id)
        items = read(found, 200)["items"]
    return [item["id"] for item in items[-1:] if item["recorded_at"] > moved.base.built_at]
