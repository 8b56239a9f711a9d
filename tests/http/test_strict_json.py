"""The strict reader of JSON."""

import contextlib
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.http.strict_json import MAX_BYTES, MAX_VALUES, JsonRefused, read_json

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text("ab é", max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc"), inner, max_size=4),
    max_leaves=20,
)


@given(PLAIN)
def test_plain_json_comes_back_as_it_was(value: Any) -> None:
    assert read_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(JsonRefused):
        read_json(raw)


@given(st.text('{}[]",:0123456789.eE-+ \\utrfalsn', max_size=40))
def test_what_looks_like_json_is_read_as_json_reads_it_or_refused(text: str) -> None:
    try:
        value = read_json(text.encode())
    except JsonRefused:
        return
    assert value == json.loads(text)


@given(TEXT)
def test_text_comes_back_in_nfc(text: str) -> None:
    once = read_json(json.dumps(text).encode())
    assert read_json(json.dumps(once).encode()) == once


@pytest.mark.parametrize(
    ("raw", "pointer", "reason"),
    [
        ('{"a": [1, NaN]}', "/a/1", "NaN"),
        ('{"a": Infinity}', "/a", "Infinity"),
        ('{"a": -Infinity}', "/a", "-Infinity"),
        ('{"a": 1e999}', "/a", "too great"),
        ('{"a": 9007199254740992}', "/a", "9007199254740991"),
        ('{"a": ' + "9" * 100_000 + "}", "/a", "9007199254740991"),
        ('{"a": 1e' + "9" * 100_000 + "}", "/a", "too great"),
        ('{"a": -9007199254740992}', "/a", "9007199254740991"),
        ('{"a": {"b": 1, "b": 2}}', "/a", "twice"),
        ('{"é": 1, "e\u0301": 2}', "", "twice"),
        ('{"a": "\\ud800"}', "/a", "surrogate"),
        ('{"a": "\\udc00\\ud800"}', "/a", "surrogate"),
        ('{"\\ud800": 1}', "", "surrogate"),
        ('{"a/b~c": ["\\u0000"]}', "/a~1b~0c/0", "NUL"),
        ("{'a': 1}", "", "line 1, column 2"),
        ('{"a": 1,}', "", "line 1"),
        ("", "", "line 1"),
        ("1 2", "", "column 3"),
        ("\ufeff{}", "", "byte order mark"),
        ('"tab\tinside"', "", "line 1"),
    ],
)
def test_what_is_refused_says_where_and_why(raw: str, pointer: str, reason: str) -> None:
    with pytest.raises(JsonRefused) as refused:
        read_json(raw.encode())
    assert refused.value.pointer == pointer
    assert reason in refused.value.reason


def test_text_that_is_not_utf_8_is_refused() -> None:
    for raw in (b'"\xff"', b'"\xed\xa0\x80"', '{"a": 1}'.encode("utf-16")):
        with pytest.raises(JsonRefused):
            read_json(raw)


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert read_json(b'"\\ud83d\\ude8c"') == "\U0001f68c"


def test_fractions_are_floats_and_never_turned_into_integers() -> None:
    assert [type(number) for number in read_json(b"[1.0, 1]")] == [float, int]


def test_depth_32_is_read_and_33_refused() -> None:
    def nested(depth: int) -> bytes:
        return b"[" * depth + b"]" * depth

    assert read_json(nested(32))
    with pytest.raises(JsonRefused, match="32"):
        read_json(nested(33))


def test_brackets_in_text_do_not_count_as_depth() -> None:
    assert read_json(json.dumps(["[{" * 100, '"[', "\\"]).encode()) == ["[{" * 100, '"[', "\\"]


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 600_000,
        b'{"a":' * 120_000,
        b"[]," * 690_000,
        b"[" + b"[]," * 690_000 + b"[]]",
        b'"' + b"\\" * 2_000_000,
        b'"' * 2_000_000,
        b"[" + b"1," * 1_000_000 + b"1]",
        b'{"' + b'a":1,"' * 300_000 + b'b":1}',
        b"-" * 2_000_000,
    ],
)
def test_hostile_text_is_read_or_refused_fast(raw: bytes) -> None:
    began = time.process_time()
    with contextlib.suppress(JsonRefused):
        read_json(raw)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"[" + b"[]," * 300_000 + b"[]]", ""),
        (b'{"a": 1, "b": [{"c": "x,[", "d": [' + b"0," * 300_000 + b"0]}]}", "/b/0/d"),
        (b'{"a": [[1], [' + b"0," * 300_000, "/a/1"),
        (b"]" + b"0," * 300_000, ""),
    ],
)
def test_very_many_values_are_refused_with_their_place_before_they_are_read(
    raw: bytes, place: str
) -> None:
    with pytest.raises(JsonRefused, match=f"{MAX_VALUES} in all") as refused:
        read_json(raw)
    assert refused.value.pointer == place


def test_more_than_two_mebibytes_is_refused() -> None:
    assert read_json(b'"' + b"a" * (MAX_BYTES - 2) + b'"')
    with pytest.raises(JsonRefused):
        read_json(b'"' + b"a" * (MAX_BYTES - 1) + b'"')
