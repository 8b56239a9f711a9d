"""Whatever somebody sends as a filter is answered at once, with features or with 400."""

import json
import time
from itertools import chain, combinations, islice
from random import Random
from typing import Any

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from app.access.caller import Caller
from app.db.deadline import TookTooLong
from app.disclosure import reading, statements
from app.disclosure.filters import parameters
from app.disclosure.form import Form, Part, When, Where
from app.disclosure.kept import MOST, MOST_FILTERED
from app.domain.cql2.apart import Apart, taken_apart
from app.domain.cql2.expression import Expression
from app.domain.cql2.reading import Reader
from app.domain.cql2.text import read_text
from app.domain.policy import Audience
from app.http.problems import Problem
from app.ogc.crs import CRS84, Crs
from app.ogc.filtering import Filter, Language, read_filter
from tests.domain.cql2.given import COLLECTION, KNOWN
from tests.domain.cql2.grammar import scalar
from tests.http.world import World

_COUNT = 10_000
_OVER_HTTP = 150
_SEEDS = (
    "name = 'O''Brien' AND NOT (status IN ('open','full') OR capacity BETWEEN 1 AND 2.5)",
    "name LIKE '%a\\_%' OR kind IS NOT NULL AND TRUE",
    "T_DURING(INTERVAL(valid_from,valid_until),INTERVAL('2022-04-01T00:00:00Z','..'))",
    "valid_from >= TIMESTAMP('2022-04-01T00:00:00Z') AND T_AFTER(valid_until,valid_from)",
    f"S_INTERSECTS(geometry,{scalar(COLLECTION)}) AND S_WITHIN(geometry,BBOX(-180,-90,180,90))",
    "S_CROSSES(geometry,MULTILINESTRING((0 0,1 1),(2 2,3 3))) AND precision_m <> -1e3",
)
_JSON = tuple(json.dumps(read_text(text)) for text in _SEEDS)
_MARKS = "()[]{}'\"\\,.:%_=<>-+eE \n\0\ud800é\u2028\U0001f3e5"


def hostile(chance: Random) -> tuple[str, Language]:
    """Give a filter that is right, broken in places, deeply nested, or no text at all."""
    language = chance.choice(list(Language))
    match chance.randrange(6):
        case 0:
            return bytes(chance.randbytes(chance.randrange(80))).decode("latin-1"), language
        case 1:
            opening, closing = chance.choice(
                (("(", ")"), ("NOT ", ""), ("[", "]"), ('{"op":"not","args":[', "]}"), ("-", ""))
            )
            levels = chance.randrange(1, 3000)
            inner = chance.choice(("true", "name = 'a'", "1", "", "x y"))
            return (opening * levels + inner + closing * chance.choice((levels, 0, 1)))[
                :9000
            ], language
        case _:
            text = chance.choice(_SEEDS if language is Language.TEXT else _JSON)
            return _broken(chance, text, chance.randrange(4)), language


def _broken(chance: Random, text: str, times: int) -> str:
    characters = list(text)
    for _ in range(times):
        at = chance.randrange(len(characters) + 1)
        match chance.randrange(4):
            case 0:
                del characters[at : at + chance.randint(1, 5)]
            case 1:
                characters.insert(at, chance.choice(_MARKS))
            case 2:
                start = chance.randrange(len(characters) + 1)
                characters[at:at] = characters[start : start + chance.randint(1, 60)]
            case _:
                characters.insert(at, chr(chance.randrange(0x110000)))
    return "".join(characters)


def form_of(structure: Expression, *, lite: bool) -> Form:
    """Give the form of a question with a filter."""
    return Form(
        sqlite=lite,
        collection="sites",
        parts=(Part(Audience.PUBLIC, Where.ANYWHERE),),
        whole=False,
        as_of=When.PRESENT,
        known_at=False,
        barred_now=False,
        bars_known_now=False,
        since=False,
        box=0,
        place=False,
        after=False,
        equal=(),
        filter=structure,
    )


def sql_of(structure: Expression, *, lite: bool) -> str:
    """Give the statement for a question with a filter."""
    made = statements.texts.__wrapped__(form_of(structure, lite=lite))
    return str(made.compile(dialect=(sqlite if lite else postgresql).dialect()))


def apart_of(text: str) -> Apart:
    """Read a filter and take it apart."""
    return taken_apart(Reader(KNOWN).read(read_text(text)))


def test_whatever_is_sent_is_taken_or_refused_at_once() -> None:
    chance = Random(2022)
    taken, slowest = 0, 0.0
    for number in range(_COUNT):
        text, language = hostile(chance)
        began = time.process_time()
        found = _taken_or_refused(text, language)
        if not isinstance(found, Problem):
            taken += 1
            if number % 10 == 0:
                sql_of(taken_apart(found).structure, lite=number % 20 == 0)
        slowest = max(slowest, time.process_time() - began)
    assert taken > _COUNT / 20
    assert slowest < 1


def _taken_or_refused(text: str, language: Language) -> Expression | Problem:
    asked = Filter(text=text, language=language, crs=Crs(CRS84))
    try:
        expression = read_filter(asked, "sites", Caller())
    except Problem as problem:
        refused = problem
    else:
        assert expression is not None
        return expression
    assert (refused.status, refused.errors[0].pointer) == (400, "query/filter")
    assert refused.response().body
    return refused


def test_over_http_it_is_no_mistake_of_the_service(world: World) -> None:
    chance = Random(1949)
    answered = []
    for _ in range(_OVER_HTTP):
        text, language = hostile(chance)
        text = text.encode("utf-8", "replace").decode() or "x"
        params = {"filter": text, "filter-lang": language.value, "limit": 1}
        for of in ("sites", "corridors"):
            answer = world.by("ocha").call("GET", f"/ogc/collections/{of}/items", params=params)
            answered.append(answer.status_code)
    assert set(answered) == {200, 400}


@pytest.mark.parametrize("lite", [True, False], ids=["sqlite", "postgresql"])
@pytest.mark.parametrize("text", _SEEDS)
def test_no_value_is_part_of_the_statement(text: str, lite: bool) -> None:
    known = KNOWN | {"kind": KNOWN["name"]}
    first = taken_apart(Reader(known).read(read_text(text)))
    other_text = text
    for value, other in (("O''Brien", "Zz"), ("open", "Yy"), ("2.5", "77.25"), ("a\\_", "Xx\\%"),
                         ("2022-04-01", "2031-07-08"), ("37.5", "12.125"), ("-1e3", "-4.5e9"),
                         ("BBOX(-180,-90,180,90)", "BBOX(1,2,3,4)"), ("0 0,1 1", "5 5,6 7")):  # fmt: skip
        other_text = other_text.replace(value, other)
    second = taken_apart(Reader(known).read(read_text(other_text)))
    assert other_text != text
    assert first.structure == second.structure
    assert first.values != second.values
    sql = sql_of(first.structure, lite=lite)
    assert sql == sql_of(second.structure, lite=lite)
    given = (*first.values, *second.values)
    for each in (
        one for value in given for one in (value if isinstance(value, tuple) else [value])
    ):
        shown = each.decode("latin-1") if isinstance(each, bytes) else str(each)
        assert shown not in sql or len(shown) < 4
    assert parameters(first.values).keys() == {f"filter_{n}" for n in range(len(first.values))}


def test_a_value_that_is_written_into_the_statement_is_found_out() -> None:
    sql = sql_of(apart_of("name = 'a'").structure, lite=True)
    assert "?" in sql
    with pytest.raises(TypeError):
        sql_of(Reader(KNOWN).read(read_text("name = 'a'")), lite=True)


def test_no_more_statements_are_kept_than_there_is_room_for() -> None:
    for number in range(1, MOST_FILTERED + 9):
        structure = apart_of(" OR ".join(["name = 'a'"] * number)).structure
        statements.items(form_of(structure, lite=True))
    kept = statements.items._of_many.cache_info()
    assert kept.currsize == kept.maxsize == MOST_FILTERED


def test_nor_of_those_that_only_combine_the_filters_of_a_list() -> None:
    usual = form_of(apart_of("name = 'a'").structure, lite=True)._replace(filter=None)
    names = ("capacity", "contact_channel", "controlled_by", "kind", "name", "p_code", "status")
    for chosen in islice(
        chain.from_iterable(combinations(names, n) for n in (1, 2, 3, 4)), MOST + 9
    ):
        statements.items(usual._replace(equal=chosen))
    kept = statements.items._of_few.cache_info()
    assert kept.currsize == kept.maxsize == MOST


@pytest.mark.parametrize("lite", [True, False])
def test_the_length_of_a_list_shapes_no_statement(lite: bool) -> None:
    def sql(values: int) -> tuple[Form, str]:
        listed = ", ".join(str(number) for number in range(values))
        apart = apart_of(f"capacity IN ({listed}) OR name IN ('transit', name, 'hall')")
        form = form_of(apart.structure, lite=lite)
        return form, str(statements.texts(form))

    assert sql(1) == sql(500)


def test_a_filter_that_takes_too_long_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(*_: Any) -> None:
        raise TookTooLong

    monkeypatch.setattr(reading, "within", give_up)
    path = "/ogc/collections/sites/items"
    answer = world.by("anonymous").get(path, filter="capacity > 12 AND name <> 'slow'")
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "query/filter"
    assert "bbox" in error["message"]
    assert world.by("anonymous").get(path, limit="3").status_code == 200
