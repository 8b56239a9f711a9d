"""Only what is known may be asked, and only with values of its kind."""

from typing import Any

import pytest
from hypothesis import given

from app.domain.cql2.apart import names, taken_apart
from app.domain.cql2.expression import Both, Either, Kind, Property, Value
from app.domain.cql2.reading import MOST_PLACED, MOST_PREDICATES, Reader
from app.domain.cql2.refused import FilterRefused
from app.domain.cql2.text import read_text
from tests.domain.cql2.given import KNOWN, VALUES, read
from tests.domain.cql2.grammar import filters

EVERY = filters(KNOWN, VALUES)


@given(document=EVERY)
def test_every_filter_of_the_grammar_is_taken(document: Any) -> None:
    assert names(Reader(KNOWN).read(document)) <= KNOWN.keys()


@given(document=EVERY)
def test_taken_apart_no_value_is_left_in_the_structure(document: Any) -> None:
    expression = Reader(KNOWN).read(document)
    apart = taken_apart(expression)
    assert "Value(" not in repr(apart.structure)
    assert names(apart.structure) == names(expression)
    assert hash(apart.structure) == hash(taken_apart(expression).structure)


def test_filters_that_differ_in_values_alone_have_one_structure() -> None:
    one, other = (
        taken_apart(
            read(f"name = '{word}' AND capacity IN (1, {word!r}0)".replace(f"{word!r}0", n))
        )
        for word, n in (("a", "2"), ("b", "3"))
    )
    assert one.structure == other.structure
    assert one.values == ("a", (1.0, 2.0))
    assert other.values == ("b", (1.0, 3.0))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("secret = 1", "found a property that cannot be asked about here; expected one of cap"),
        ("Name = 'a'", "found a property that cannot be asked about here"),
        ("name = 1", "found text compared with a number, expected both of one kind"),
        ("capacity = '1'", "found a number compared with text"),
        ("capacity = TRUE", "found a number compared with true or false"),
        ("capacity IN (1, 'a')", "found a number compared with text"),
        ("capacity BETWEEN 1 AND name", "found a number compared with text"),
        ("capacity LIKE '1%'", "found a number compared with text"),
        ("name LIKE name", "found an object after LIKE, expected a text"),
        ("name LIKE 'a\\'", None),
        ("valid_from > 'yesterday'", "this is not a date and time"),
        ("valid_from > 1", "found an instant compared with a number"),
        ("valid_from > DATE('2022-04-26')", "found an instant compared with a date, expected TIME"),
        ("DATE('2022-02-30') = DATE('2022-02-30')", "this is not a date, expected DATE("),
        ("DATE('20220226') = DATE('20220226')", "this is not a date"),
        ("valid_from > TIMESTAMP('2022-04-26')", "found a date without a time"),
        ("valid_from > TIMESTAMP('yesterday')", "this is not a date and time"),
        ("geometry = 'a'", "found a geometry compared as a value"),
        ("S_INTERSECTS(name,POINT(1 2))", "found text, expected a geometry"),
        ("T_AFTER(name,TIMESTAMP('2022-04-26T15:00:00Z'))", "found text where a time is expected"),
        (
            "T_DURING(valid_from,INTERVAL('2022-04-26T15:00:00Z','..'))",
            "found an instant in T_DURING, expected two intervals",
        ),
        (
            "T_AFTER(valid_from,INTERVAL('2022-04-27T00:00:00Z','2022-04-26T00:00:00Z'))",
            "found an interval that ends before it starts",
        ),
        ("capacity = 1e999", "found a number too great to hold"),
    ],
)
def test_what_may_not_be_asked_is_refused(text: str, message: str | None) -> None:
    with pytest.raises(FilterRefused) as refused:
        read(text)
    assert refused.value.message.startswith(message or "found at character")


@pytest.mark.parametrize(
    "document",
    [
        None, 1, "a", [], {}, {"op": "and"}, {"op": "and", "args": []}, {"op": "and", "args": {}},
        {"op": "not", "args": [True, True]}, {"op": 1, "args": [True]},
        {"op": "=", "args": [{"property": "name"}]},
        {"op": "=", "args": [{"property": "name"}, None]},
        {"op": "=", "args": [{"property": ["name"]}, "a"]},
        {"op": "=", "args": [{"property": "name", "more": 1}, "a"]},
        {"op": "=", "args": [{"property": "name"}, "a"], "more": 1},
        {"op": "=", "args": [{"property": "name"}, "a\0"]},
        {"op": "=", "args": [{"property": "name"}, "\ud800"]},
        {"op": "=", "args": [{"property": "name"}, ["a"]]},
        {"op": "=", "args": [{"property": "capacity"}, 10**400]},
        {"op": "=", "args": [{"property": "capacity"}, float("nan")]},
        {"op": "=", "args": [{"property": "valid_from"}, {"timestamp": 1}]},
        {"op": "in", "args": [{"property": "name"}, []]},
        {"op": "in", "args": [{"property": "name"}, "a"]},
        {"op": "like", "args": [{"property": "name"}, "a\\"]},
        {"op": "like", "args": [{"property": "name"}, 1]},
        {"op": "isNull", "args": ["a"]},
        {"op": "casei", "args": [{"property": "name"}]},
        {"op": "t_after", "args": [{"property": "valid_from"}, {"interval": [1, 2]}]},
        {"op": "t_after", "args": [{"property": "valid_from"}, {"interval": [".."]}]},
        {"op": "t_after", "args": [{"property": "valid_from"}, "2022-04-26T15:00:00Z"]},
        {"op": "s_intersects", "args": [{"property": "geometry"}, None]},
    ],
)  # fmt: skip
def test_json_that_is_no_filter_is_refused(document: Any) -> None:
    with pytest.raises(FilterRefused):
        Reader(KNOWN).read(document)


def test_whatever_a_property_is_called_the_refusal_is_the_same() -> None:
    said = set()
    for name in ("secret", "sensitivity", '"a b"', "x" * 100):
        with pytest.raises(FilterRefused) as refused:
            read(f"{name} = 'a'")
        said.add(refused.value.message)
    assert len(said) == 1


def test_predicates_are_counted() -> None:
    def several(count: int, predicate: str) -> str:
        return " OR ".join([predicate] * count)

    place = "S_INTERSECTS(geometry,POINT(1 2))"
    for taken in (several(MOST_PREDICATES, "name='a'"), several(MOST_PLACED, place)):
        assert isinstance(read(taken), Either)
    with pytest.raises(FilterRefused, match="found more than 100 predicates"):
        read(several(MOST_PREDICATES + 1, "name='a'"))
    with pytest.raises(FilterRefused, match="found more than 16 geometries"):
        read(several(MOST_PLACED + 1, place))


def test_beside_an_instant_a_text_is_one() -> None:
    of_text = read("valid_from IN ('2022-04-26T15:00:00Z') OR '2022-04-26T15:00:00Z' < valid_until")
    at = "TIMESTAMP('2022-04-26T15:00:00Z')"
    assert of_text == read(f"valid_from IN ({at}) OR {at} < valid_until")


def test_text_is_compared_in_its_composed_form() -> None:
    document = read_text("name = 'e\u0301'")
    assert "\u00e9" in repr(Reader(KNOWN).read(document))


def test_a_collection_is_met_where_one_of_it_is() -> None:
    collection = "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))"
    met = read(f"S_INTERSECTS(geometry,{collection})")
    apart = read(f"S_DISJOINT(geometry,{collection})")
    assert isinstance(met, Either)
    assert isinstance(apart, Both)
    with pytest.raises(FilterRefused, match="S_INTERSECTS and S_DISJOINT alone take one"):
        read(f"S_WITHIN(geometry,{collection})")


def test_a_property_has_the_kind_that_was_declared() -> None:
    expression = read("capacity = 1")
    assert repr(Property("capacity", Kind.NUMBER)) in repr(expression)
    assert repr(Value(Kind.NUMBER, 1.0)) in repr(expression)
