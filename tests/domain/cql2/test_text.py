"""CQL2 Text is read as its JSON says it, in time that grows no faster than its length."""

import json
import random
import time
from contextlib import suppress
from typing import Any

import cql2
import pytest
from hypothesis import given

from app.domain.cql2.cursor import DEEPEST
from app.domain.cql2.refused import FilterRefused
from app.domain.cql2.text import read_text
from app.domain.cql2.words import LONGEST
from tests.domain.cql2.given import COLLECTION, KNOWN, VALUES
from tests.domain.cql2.grammar import filters, said, scalar

EVERY = filters(KNOWN, VALUES)

SAID: dict[str, Any] = {
    "name = 'O''Brien'": {"op": "=", "args": [{"property": "name"}, "O'Brien"]},
    r"name = 'O\'Brien\t'": {"op": "=", "args": [{"property": "name"}, "O'Brien\t"]},
    r"name LIKE '\%\\n'": {"op": "like", "args": [{"property": "name"}, r"\%\\n"]},
    '"in" = .5E+1': {"op": "=", "args": [{"property": "in"}, 5.0]},
    "capacity = -1": {"op": "=", "args": [{"property": "capacity"}, -1.0]},
    "NOT name IS NOT NULL": {
        "op": "not",
        "args": [{"op": "not", "args": [{"op": "isNull", "args": [{"property": "name"}]}]}],
    },
    "true": True,
    "a=1 and b=2 OR c=3": {
        "op": "or",
        "args": [
            {
                "op": "and",
                "args": [
                    {"op": "=", "args": [{"property": "a"}, 1.0]},
                    {"op": "=", "args": [{"property": "b"}, 2.0]},
                ],
            },
            {"op": "=", "args": [{"property": "c"}, 3.0]},
        ],
    },
    "S_INTERSECTS(geometry,multipoint(1 2,(3 4)))": {
        "op": "s_intersects",
        "args": [
            {"property": "geometry"},
            {"type": "MultiPoint", "coordinates": [[1.0, 2.0], [3.0, 4.0]]},
        ],
    },
    "T_MetBy(INTERVAL(valid_from,valid_until),INTERVAL('..','..'))": {
        "op": "t_metBy",
        "args": [
            {"interval": [{"property": "valid_from"}, {"property": "valid_until"}]},
            {"interval": ["..", ".."]},
        ],
    },
    "t_during(interval(valid_from,'..'),INTERVAL('..','2022-04-26T15:00:00Z'))": {
        "op": "t_during",
        "args": [
            {"interval": [{"property": "valid_from"}, ".."]},
            {"interval": ["..", "2022-04-26T15:00:00Z"]},
        ],
    },
}


@pytest.mark.parametrize("text", SAID)
def test_text_is_read_as_json_says_it(text: str) -> None:
    assert read_text(text) == SAID[text]


@given(document=EVERY)
def test_every_filter_is_read_as_it_was_said(document: Any) -> None:
    assert read_text(said(document)) == json.loads(json.dumps(document))


@given(document=EVERY)
def test_another_reader_reads_the_same(document: Any) -> None:
    """`cql2` is the one of the STAC projects; it takes no backslash for an escape."""
    text = said(document)
    if "\\" not in text and "''" not in text.replace("''''", ""):
        assert cql2.parse_text(text).to_json() == flat(read_text(text))


def flat(told: Any) -> Any:
    """Join AND within AND, and OR within OR, as that reader does."""
    if not isinstance(told, dict) or told.get("op") not in {"and", "or", "not"}:
        return told
    op, parts = told["op"], [flat(part) for part in told["args"]]
    is_same = [isinstance(part, dict) and part.get("op") == op != "not" for part in parts]
    joined = [part["args"] if same else [part] for part, same in zip(parts, is_same, strict=True)]
    return {"op": op, "args": [each for inner in joined for each in inner]}


def test_another_reader_reads_collections_alike() -> None:
    text = f"S_INTERSECTS(geometry,{scalar(COLLECTION)})"
    assert cql2.parse_text(text).to_json() == read_text(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("THIS IS NOT A FILTER", "found A at character 13, expected NULL"),
        ("name", "found the end, expected =, <>, <, >, <=, >=, IS, LIKE, BETWEEN or IN"),
        ("name = ", "found the end, expected a property or a value"),
        ("name = 'a' status = 'b'", "found status at character 12, expected AND, OR or the end"),
        ("(name = 'a'", "found the end, expected )"),
        ("name = 'a", "found at character 8 what is no word of CQL2"),
        ("name = 1; DROP TABLE site", "found at character 9 what is no word of CQL2"),
        ("casei(name) = 'a'", "found casei at character 1, expected a predicate"),
        ("name = sp_secret_secret_secret", None),
        (f"{'x' * 30}(name)", "found a long word at character 1"),
        ("S_INTERSECTS(geometry,CIRCLE(1 2))", "found CIRCLE at character 23, expected a property"),
        ("S_INTERSECTS(geometry,POINT(1 x))", "found x at character 31, expected a number"),
        ("T_AFTER(valid_from,'2022-04-26T15:00:00Z')", "found a text at character 20"),
        ("", "found the end"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, message: str | None) -> None:
    if message is None:
        assert read_text(text)
        return
    with pytest.raises(FilterRefused) as refused:
        read_text(text)
    assert refused.value.message.startswith(message)


@pytest.mark.parametrize("opening", ["(", "NOT ", "NOT ("])
def test_depth_is_bounded(opening: str) -> None:
    closing = ")" * opening.count("(")
    levels = DEEPEST // (len(closing) + opening.count("NOT"))
    assert read_text(opening * levels + "a = 1" + closing * levels)
    with pytest.raises(FilterRefused, match="nested deeper than 32"):
        read_text(opening * (levels + 1) + "a = 1" + closing * (levels + 1))


def test_length_is_bounded() -> None:
    assert read_text("a = 1".ljust(LONGEST))
    with pytest.raises(FilterRefused, match="found 4001 characters, expected 4000 at most"):
        read_text("a = 1".ljust(LONGEST + 1))


_HEADS = (
    "(",
    "NOT ",
    "-",
    "+",
    "a = -",
    "f(",
    "'",
    '"',
    "a = 1 AND ",
    "a IN (",
    "[",
    "\\",
    "S_INTERSECTS(",
    "MULTIPOLYGON(",
    "S_INTERSECTS(a,GEOMETRYCOLLECTION(",
    "''",
    "'\\",
    "a BETWEEN 1 AND ",
    "(a = 1 AND ",
    "INTERVAL(",
    "a LIKE '%",
    "1e",
    ".",
    " ",
    "é",
)


@pytest.mark.parametrize("head", _HEADS)
@pytest.mark.parametrize("tail", ["", "a = 1", "a = 1 b", ")", "'"])
def test_whatever_is_repeated_is_answered_at_once(head: str, tail: str) -> None:
    """A reader that goes back for another try needs twice as long for each parenthesis more."""
    for times in (9, 31, LONGEST // len(head)):
        text = (head * times + tail)[:LONGEST]
        began = time.process_time()
        with suppress(FilterRefused):
            read_text(text)
        assert time.process_time() - began < 0.5


def broken(chance: random.Random, text: str) -> str:
    """Break a filter in a few places."""
    characters = list(text)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(characters) + 1)
        match chance.randrange(4):
            case 0:
                del characters[at : at + chance.randint(1, 5)]
            case 1:
                characters.insert(at, chance.choice("()'\"\\,.%_=<>-+eE \n\0é\u2028"))
            case 2:
                characters[at:at] = characters[: chance.randint(0, 40)]
            case _:
                characters.insert(at, chr(chance.randrange(0x110000)))
    return "".join(characters)
