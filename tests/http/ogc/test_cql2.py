"""Filters in CQL2 pick what is true of each feature as its reader is shown it, and nothing else.

Names of tests are those of the abstract tests of OGC 21-065r2 and 19-079r2, where they have one.
"""

import json
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sqlalchemy import Text, cast, false, func, not_

from app.disclosure import columns, picking, statements
from app.disclosure.filters import Filtering
from app.domain.cql2.expression import Expression, Kind, Not, Property, Timing
from app.domain.cql2.reading import Reader
from app.domain.cql2.text import read_text
from app.domain.cql2.words import LONGEST
from app.ogc.crs import WEB_MERCATOR
from app.ogc.filtering import LONGEST_JSON
from tests.domain.cql2.grammar import filters, said
from tests.domain.cql2.judge import fulfils
from tests.http.ogc.filtered import (
    OPERATIONAL,
    READERS,
    TIMES,
    given_places,
    items,
    queryables,
    shown,
    values,
)
from tests.http.world import World, read
from tests.http.worlds import Worlds

COLLECTIONS = ("sites", "corridors")
REL = "http://www.opengis.net/def/rel/ogc/1.0"


@pytest.fixture(params=("sqlite", "postgresql"))
def filtered(request: pytest.FixtureRequest, worlds: Worlds) -> World:
    """Lend a world with places of every sort."""
    world = worlds.lend(request.param, "filters")
    given_places(world)
    return world


def ids(features: list[dict[str, Any]]) -> list[str]:
    return [feature["id"] for feature in features]


def picked(
    world: World, text: str, *, by: str = "ocha", of: str = "sites", **more: Any
) -> list[str]:
    """Give the names of what a filter picks, or the class of what is seen without a name."""
    found = items(world, by, of, filter=text, **more)
    return [each["properties"].get("name") or each["properties"]["sensitivity"] for each in found]


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_filter_picks_what_it_is_true_of(filtered: World, data: st.DataObject) -> None:
    reader, of = data.draw(st.sampled_from(READERS)), data.draw(st.sampled_from(COLLECTIONS))
    times = data.draw(st.sampled_from(TIMES))
    known = queryables(filtered, reader, of)
    every = filters(known, values(shown(filtered, reader, of, **times), known))
    document = data.draw(every)
    way = data.draw(
        st.sampled_from(
            (
                {"filter-lang": "cql2-json"},
                {"filter-lang": "cql2-text"},
                {"crs": WEB_MERCATOR},
                {"bbox": "-180,-90,180,90"},
            )
        )
    )
    is_json = way.get("filter-lang") == "cql2-json"
    text = json.dumps(document, ensure_ascii=False) if is_json else said(document)
    assume(len(text) <= (LONGEST_JSON if is_json else LONGEST))
    found = items(filtered, reader, of, filter=text, **times, **way)
    assert ids(found) == true_of(filtered, reader, of, document, times)


def true_of(
    world: World, reader: str, of: str, document: Any, times: Mapping[str, str]
) -> list[str]:
    """Give the ids of what a filter is true of, by a second opinion on all that is shown."""
    expression = Reader(queryables(world, reader, of)).read(document)
    every = shown(world, reader, of, **times)
    return [feature["id"] for feature in every if fulfils(feature, expression)]


ASKED = {
    "sites": (
        "name LIKE 'azov%'",
        "NOT (capacity < 1000)",
        "name > 'Я' OR name < 'a'",
        "valid_from < TIMESTAMP('2022-04-22T00:00:00Z') OR valid_until IS NULL",
        "S_TOUCHES(geometry,LINESTRING(37.25 47.125,0 0))",
        "precision_m BETWEEN 3 AND 5000 OR id = 'x'",
    ),
    "corridors": (
        "agreement IS NOT NULL",
        "valid_until > TIMESTAMP('2022-01-01T00:00:00Z')",
        "T_INTERSECTS(INTERVAL(valid_from,valid_until),INTERVAL('2040-01-01T00:00:00Z','..'))",
        "valid_from > TIMESTAMP('2022-05-01T00:00:00Z') AND width_m > 9",
        "S_WITHIN(geometry,BBOX(37,47,38,48)) OR from_site IS NULL",
    ),
}


def ask_all(world: World) -> None:
    """Ask a few filters as every reader; each must pick what it is true of."""
    for of, texts in ASKED.items():
        for reader in READERS:
            for times in TIMES[::2]:
                every = shown(world, reader, of, **times)
                began = {feature["properties"]["valid_from"] for feature in every}
                just_then = [f"valid_from = TIMESTAMP('{at}')" for at in sorted(began)[-2:]]
                for text in (*texts, *just_then):
                    found = ids(items(world, reader, of, filter=text, **times))
                    assert found == true_of(world, reader, of, read_text(text), times), text


def test_every_reader_is_answered_by_what_it_is_shown(filtered: World) -> None:
    ask_all(filtered)


def _without_an_end(rows: Any, form: Any, asked: Property) -> Any:
    if asked.name == "valid_until":
        return columns.earlier_of(columns.bar.c.valid_until, rows.c.valid_until)
    return _SHOWN(rows, form, asked)


def _of_the_state_alone(rows: Any, form: Any, asked: Property) -> Any:
    return rows.c.valid_from if asked.name == "valid_from" else _SHOWN(rows, form, asked)


def _every_agreement(rows: Any, form: Any, asked: Property) -> Any:
    if asked.name == "agreement":
        return cast(rows.c.agreement_id, Text)
    return _SHOWN(rows, form, asked)


def _whatever_is_unknown(self: Filtering, structure: Expression) -> Any:
    if isinstance(structure, Not):
        return not_(func.coalesce(self.condition(structure.part), false()))
    return _CONDITION(self, structure)


def _in_any_case(self: Filtering, subject: Any, pattern: Any) -> Any:
    return subject.ilike(pattern)


_SHOWN, _CONDITION = columns.shown, Filtering.condition


@pytest.mark.parametrize(
    ("owner", "name", "wrong"),
    [
        (picking, "shown", _without_an_end),
        (picking, "shown", _of_the_state_alone),
        (picking, "shown", _every_agreement),
        (Filtering, "condition", _whatever_is_unknown),
        (Filtering, "_like", _in_any_case),
    ],
)
@pytest.mark.usefixtures("made_anew")
def test_a_filter_that_sees_more_or_means_something_else_is_found_out(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, wrong: Any
) -> None:
    filtered = worlds.lend("sqlite", "filters")
    given_places(filtered)
    monkeypatch.setattr(owner, name, wrong)
    monkeypatch.setattr(statements, "joined", statements.joined.__wrapped__)
    with pytest.raises(AssertionError):
        ask_all(filtered)


PICKED = {
    "name = 'Azovstal'": ["Azovstal"],
    "name LIKE 'Azov%'": ["Azovstal"],
    "name LIKE '%zovstal'": ["Azovstal", "azovstal"],
    "name LIKE '_arks'": [],
    r"name LIKE '%\_h%'": [],
    "name LIKE '%x%' AND name NOT LIKE '%y%'": [],
    "name IN ('ХАРКІВ', 'харків')": ["ХАРКІВ", "харків"],
    "name > 'azovstal' AND name < 'х'": ["ХАРКІВ"],
    "capacity BETWEEN 1 AND 100": ["харків"],
    "capacity IS NOT NULL AND NOT capacity > 2": ["Shelter"],
    "capacity = 3 OR name = 'Hall 7'": ["Hall 7", "Hall 7", "харків"],
    "NOT (capacity < 1000)": ["Hall 7"],
    "contact_channel LIKE '%desk%'": ["Azovstal"],
    "release_at < TIMESTAMP('2099-01-01T00:00:00Z')": ["Hall 7", "azovstal"],
    "valid_from = TIMESTAMP('2022-04-25T03:00:00+03:00')": ["Hall 7", "Shelter"],
    "T_AFTER(valid_from,TIMESTAMP('2022-04-20T00:00:00Z'))": ["Hall 7", "Shelter"],
    "S_INTERSECTS(geometry,POINT(37.25 47.125))": ["ХАРКІВ"],
    "S_WITHIN(geometry,BBOX(37.2,47.1,37.3,47.2))": ["ХАРКІВ"],
    "S_EQUALS(geometry,POINT(37.25 47.125))": ["ХАРКІВ"],
    "S_TOUCHES(geometry,LINESTRING(37.25 47.125,0 0))": ["ХАРКІВ"],
    "S_CONTAINS(geometry,POINT(37.25 47.125))": ["ХАРКІВ"],
    "S_OVERLAPS(geometry,MULTIPOINT(37.25 47.125,0 0))": [],
    "S_CROSSES(geometry,LINESTRING(37.25 47.125,0 0))": [],
    "S_INTERSECTS(geometry,GEOMETRYCOLLECTION(POINT(37.25 47.125),POINT(0 0)))": ["ХАРКІВ"],
    "name = 'Azovstal' AND NOT S_DISJOINT(geometry,BBOX(37,47,38,48))": ["Azovstal"],
    "false": [],
    "name = 'Hall 8'": [],
    "valid_from < TIMESTAMP('0001-01-01T00:00:00Z')": [],
    "valid_from > TIMESTAMP('9999-12-31T23:59:59.999999Z')": [],
    "release_at < TIMESTAMP('0001-01-01T00:00:00Z')": [],
    "capacity > 1.7e308 OR capacity < -1.7e308 OR capacity = 5e-324": [],
    "S_CONTAINS(geometry,POINT(-180 -90)) OR S_WITHIN(geometry,POINT(180 90))": [],
    "sensitivity = 'severe' AND name IS NULL": ["severe"],
}


@pytest.mark.parametrize("text", PICKED)
def test_what_the_tables_of_the_standard_ask(filtered: World, text: str) -> None:
    assert sorted(picked(filtered, text)) == sorted(PICKED[text])


@pytest.mark.parametrize("of", COLLECTIONS)
def test_comparison_is_null_and_boolean(filtered: World, of: str) -> None:
    literals = {
        Kind.TEXT: "'foo'", Kind.NUMBER: "3.14", Kind.INSTANT: "TIMESTAMP('2022-04-14T14:48:46Z')"
    }  # fmt: skip
    every = ids(items(filtered, "ocha", of))
    for name, kind in queryables(filtered, "ocha", of).items():
        null, told = (
            ids(items(filtered, "ocha", of, filter=f"{name} {test}"))
            for test in ("IS NULL", "is not null")
        )
        assert sorted([*null, *told]) == every
        if kind not in literals:
            continue
        found = {
            order: ids(items(filtered, "ocha", of, filter=f"{name} {order} {literals[kind]}"))
            for order in ("=", "<>", ">", "<=", "<", ">=")
        }
        for one, other in (("=", "<>"), (">", "<="), ("<", ">=")):
            assert sorted([*found[one], *found[other]]) == told
    assert ids(items(filtered, "ocha", of, filter="true")) == every


def test_property_property(filtered: World) -> None:
    assert sorted(picked(filtered, "'Azovstal' = name OR name = kind")) == ["Azovstal"]
    every = ids(items(filtered, "ocha", "sites"))
    same = (
        "'foo'",
        "true",
        "3.14",
        "1",
        "TIMESTAMP('2022-04-14T14:48:46Z')",
        "DATE('2022-04-14')",
        "id",
    )
    for value in same:
        for order in ("=", ">=", "<="):
            assert ids(items(filtered, "ocha", "sites", filter=f"{value} {order} {value}")) == every
        for order in ("<>", ">", "<"):
            assert ids(items(filtered, "ocha", "sites", filter=f"{value} {order} {value}")) == []
    assert len(picked(filtered, "'København' LIKE 'K_benhavn'")) == len(every)
    assert picked(filtered, "'København' NOT LIKE 'K_benhavn'") == []


@pytest.mark.parametrize("of", COLLECTIONS)
def test_temporal_functions(filtered: World, of: str) -> None:
    whole = "INTERVAL('2021-01-01T00:00:00Z','2021-12-31T23:59:59Z')"
    for timing in Timing:
        text = f"{timing.value.upper()}(INTERVAL(valid_from,valid_until),{whole})"
        assert isinstance(items(filtered, "ocha", of, filter=text), list)
    for text in ("T_DISJOINT(valid_from,{})", "T_INTERSECTS(valid_from,{})"):
        assert isinstance(items(filtered, "ocha", of, filter=text.format(whole)), list)
    since = "T_INTERSECTS(INTERVAL(valid_from,valid_until),INTERVAL('2099-01-01T00:00:00Z','..'))"
    assert ids(items(filtered, "ocha", of, filter=since)) == ids(items(filtered, "ocha", of))


@pytest.mark.parametrize("of", COLLECTIONS)
def test_spatial_functions(filtered: World, of: str) -> None:
    def found(function: str, geometry: str) -> list[str]:
        return ids(items(filtered, "ocha", of, filter=f"{function}(geometry,{geometry})"))

    world = "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))"
    every = ids(items(filtered, "ocha", of))
    for function in ("S_INTERSECTS", "S_WITHIN"):
        assert found(function, "BBOX(-180,-90,180,90)") == found(function, world) == every
    assert found("S_DISJOINT", world) == []
    for geometry in ("LINESTRING(7 50,38 47.2)", "POINT(37 47)", "MULTIPOINT(37 47,10 51)"):
        met, apart = (found(function, geometry) for function in ("S_INTERSECTS", "S_DISJOINT"))
        assert sorted([*met, *apart]) == every
    for function in ("S_EQUALS", "S_TOUCHES", "S_CROSSES", "S_CONTAINS", "S_OVERLAPS"):
        found(function, world)
    refused(filtered, "S_INTERSECTS(geometry,POINT(90 180))")


def test_basic_spatial_functions_plus(filtered: World) -> None:
    holed = (
        "(-180 -90,-90 -90,-90 90,-180 90,-180 -90),(-120 -50,-100 -50,-100 -40,-120 -40,-120 -50)"
    )
    square = "(0 0,10 0,10 10,0 10,0 0)"
    for literal in (
        "LINESTRING(-180 -45,0 -45)", "MULTILINESTRING((-180 -45,0 -45),(0 45,180 45))",
        f"POLYGON({holed})", f"MULTIPOLYGON(({holed}),({square}))",
        f"GEOMETRYCOLLECTION(POINT(7.02 49.92),POLYGON({square}))",
    ):  # fmt: skip
        assert picked(filtered, f"S_INTERSECTS({literal},geometry)") == []
    refused(filtered, "S_INTERSECTS(geometry,MULTIPOINT(7.02 49.92,90 180))")


def test_like_between_and_in(filtered: World) -> None:
    def found(test: str) -> list[str]:
        return ids(items(filtered, "ocha", "sites", filter=test))

    known = queryables(filtered, "ocha", "sites")
    for name in (name for name, kind in known.items() if kind is Kind.TEXT):
        assert not {*found(f"{name} like '_%'")} & {*found(f"{name} like ''")}
        assert (
            found(f"{name} LIKE '%'") == found(f"{name} like '%%'") == found(f"{name} IS NOT NULL")
        )
        assert found(rf"{name} like '\%\_'") == found(f"{name} in ('foo', 'bar')") == []
    for name in (name for name, kind in known.items() if kind is Kind.NUMBER):
        assert found(f"{name} between 100.0 and 1.0") == []
        assert {*found(f"{name} IN (1, 2, 3)")} <= {*found(f"{name} BETWEEN 0 AND 100")}
    for name in (name for name, kind in known.items() if kind is Kind.INSTANT):
        assert found(f"{name} in ('2022-04-14T14:52:56Z', '2022-04-14T15:52:56Z')") == []


def test_the_longest_filters_are_answered(filtered: World) -> None:
    """Each database has bounds of its own on how many values a statement has, and how deep it is."""
    every = ids(items(filtered, "ocha", "sites", filter="capacity IS NOT NULL"))
    numbers = ",".join(str(number % 10) for number in range(1950))
    outside = f"capacity NOT IN ({numbers})"
    inside = f"capacity IN (1500,{numbers})"
    found = [ids(items(filtered, "ocha", "sites", filter=text)) for text in (inside, outside)]
    assert sorted(found[0]) == every
    assert len(found[1]) == 1
    several = " OR ".join(["capacity=1"] * 100)
    assert ids(items(filtered, "ocha", "sites", filter=several)) == []
    deep = "NOT (" * 16 + " AND ".join(["capacity=1"] * 100) + ")" * 16
    assert ids(items(filtered, "ocha", "sites", filter=deep)) == []
    values = json.dumps({"op": "in", "args": [{"property": "capacity"}, [0] * 2600]})
    zero = items(filtered, "ocha", "sites", **{"filter": values, "filter-lang": "cql2-json"})
    assert ids(zero) == ids(items(filtered, "ocha", "sites", filter="capacity = 0"))


def test_filter_crs_param(filtered: World) -> None:
    east, north = 4146656.0, 5961656.0
    box = f"S_INTERSECTS(geometry,BBOX({east - 900},{north - 900},{east + 900},{north + 900}))"
    metres = {"filter-crs": WEB_MERCATOR}
    assert picked(filtered, box, **metres) == picked(filtered, "name = 'ХАРКІВ'")
    refused(filtered, box)
    problem = refused(filtered, "true", pointer="filter-crs", **{"filter-crs": "EPSG:9"})
    assert WEB_MERCATOR in problem["errors"][0]["message"]


def test_filter_lang_default(filtered: World) -> None:
    named = json.dumps({"op": "=", "args": [{"property": "name"}, "Azovstal"]})
    assert picked(filtered, named, **{"filter-lang": "cql2-json"}) == ["Azovstal"]
    assert picked(filtered, "name='Azovstal'", **{"filter-lang": "cql2-text"}) == ["Azovstal"]
    refused(filtered, named)
    refused(filtered, "true", pointer="filter-lang", **{"filter-lang": "cql"})


def test_logical(filtered: World) -> None:
    """((NOT p1 AND p2) OR (p3 AND NOT p4) OR NOT (p1 AND p4)), as the abstract tests ask it."""
    chance = Random(4)
    for _ in range(10):
        p1, p2, p3, p4 = chance.sample(sorted(PICKED), 4)
        text = f"((NOT ({p1}) AND ({p2})) OR (({p3}) and NOT ({p4})) or not (({p1}) AND ({p4})))"
        assert isinstance(items(filtered, "ocha", "sites", filter=text), list)


def test_response_keeps_all_other_parameters(filtered: World) -> None:
    text = "name LIKE '%a%' OR name LIKE '%л%'"
    whole = ids(items(filtered, "ocha", "sites", filter=text))
    found: list[str] = []
    path = "/ogc/collections/sites/items"
    answer = filtered.by("ocha").get(path, filter=text, limit=1, operation="mariupol-2022")
    while True:
        found += ids(read(answer, 200)["features"])
        if "next" not in answer.links:
            break
        answer = filtered.by("ocha").get(answer.links["next"]["url"])
    assert found == whole
    assert len(whole) > 2
    box = {"bbox": "37.2,47.1,37.3,47.2"}
    assert picked(filtered, "capacity IS NULL", **box) == ["ХАРКІВ"]
    before = {"datetime": "2022-04-22T00:00:00Z"}
    assert picked(filtered, "capacity = 0", **before) == ['O\'Brien "hall"']
    assert "ХАРКІВ" in filtered.by("ocha").get(path, filter="name='ХАРКІВ'", f="html").text


def refused(world: World, text: str, *, pointer: str = "filter", **more: str) -> Any:
    """Give the problem with which a filter is refused."""
    params = {"filter": text, **more}
    problem = read(world.by("ocha").call("GET", "/ogc/collections/sites/items", params=params), 400)
    assert problem["errors"][0]["pointer"] == f"query/{pointer}"
    return problem


def test_expression_construction(filtered: World) -> None:
    for text in ("THIS IS NOT A FILTER", "this_is_not_a_queryable IS NULL", "name = 1"):
        assert "expected" in refused(filtered, text)["errors"][0]["message"]


HIDDEN = ("sensitivity", "release_at", "contact_channel", "do_not_move", "area", "other_names")


@pytest.mark.parametrize("reader", [reader for reader in READERS if reader not in OPERATIONAL])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_may_not_be_read_is_refused_as_what_does_not_exist(
    filtered: World, reader: str, hidden: str
) -> None:
    for text in ("{} = 'severe'", "{} IS NULL", "T_AFTER({},TIMESTAMP('2022-04-26T15:00:00Z'))",
                 "S_INTERSECTS({},POINT(1 2))", "id = {}", "capacity BETWEEN {} AND 3"):  # fmt: skip
        answers = [
            filtered.by(reader).get("/ogc/collections/sites/items", filter=text.format(name))
            for name in (hidden, "nothing_of_this_name")
        ]
        one, other = (
            (each.status_code, sorted(each.headers.items()), each.content) for each in answers
        )
        assert one == other
        assert answers[0].status_code == 400


@pytest.mark.parametrize("of", COLLECTIONS)
@pytest.mark.parametrize("reader", READERS)
def test_get_queryables_and_get_schema(filtered: World, reader: str, of: str) -> None:
    voice = filtered.by(reader)
    about = voice.read(f"/ogc/collections/{of}")
    document: dict[str, Any] = {}
    for name in ("queryables", "schema"):
        (link,) = (each for each in about["links"] if each["rel"] == f"{REL}/{name}")
        answer = voice.call("GET", link["href"], accept="application/schema+json")
        assert answer.headers["content-type"] == link["type"] == "application/schema+json"
        document = read(answer, 200)
        Draft202012Validator.check_schema(document)
        assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert document["$id"] == link["href"]
        assert (document["type"], document["additionalProperties"]) == ("object", False)
        for each in document["properties"].values():
            is_place = each.get("format", "").startswith("geometry")
            assert ("type" in each) is not is_place
        assert voice.get(link["href"], f="html").headers["content-type"].startswith("text/html")
    roles = [each.get("x-ogc-role") for each in document["properties"].values()]
    for role in ("id", "primary-geometry", "primary-interval-start", "primary-interval-end"):
        assert roles.count(role) == 1
    told = {name for each in shown(filtered, reader, of) for name in each["properties"]}
    assert told <= document["properties"].keys()
    assert ("sensitivity" in document["properties"]) is (reader in OPERATIONAL)


@pytest.mark.parametrize("of", COLLECTIONS)
def test_what_may_be_asked_does_not_depend_on_what_is_stored(
    filtered: World, worlds: Worlds, of: str
) -> None:
    dialect = "sqlite" if filtered.engine.dialect.name == "sqlite" else "postgresql"
    bare = worlds.lend(dialect, "filters on nothing")
    for reader in ("ocha", "mod", "anonymous"):
        for name in ("queryables", "schema"):
            path = f"/ogc/collections/{of}/{name}"
            assert filtered.by(reader).get(path).content == bare.by(reader).get(path).content


@pytest.mark.parametrize("reader", READERS)
def test_no_end_that_lies_ahead_can_be_asked_about(filtered: World, reader: str) -> None:
    ahead = "valid_until > TIMESTAMP('2022-01-01T00:00:00Z')"
    assert items(filtered, reader, "corridors", filter=ahead) == []


HOSTILE = (
    "' OR '1'='1", "'; DROP TABLE site; --", "x' UNION SELECT token FROM principal --",
    "\\'; DELETE FROM event; --", "%", ":filter_0", "%(filter_0)s", "$1", "?", "{}", "\u2019",
)  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE)
def test_what_looks_like_sql_is_a_value(filtered: World, value: str) -> None:
    for op in ("=", "like"):
        document = {"op": op, "args": [{"property": "p_code"}, value]}
        found = picked(filtered, json.dumps(document), **{"filter-lang": "cql2-json"})
        assert found == (["Shelter"] if (op, value) == ("like", "%") else [])
    assert len(items(filtered, "ocha", "sites")) == 9
