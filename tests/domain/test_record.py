"""The record: the same bytes for the same event, and nothing of a value without its salt."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.fact import Actor, Basis, Event, Fact, Replaced, Subject, Warned
from app.domain.instant import parse_instant
from app.domain.record import NotRecordable, canonical, commitment, fields, record_bytes, seal

AGREEMENT = Subject(
    kind="agreement",
    id=UUID("6f1c0b52-9d0e-4a57-8a35-2f6f1f0f7c11"),
    operation=UUID("0b8a7f64-3c3e-4d29-9f55-5a1d9a1c2e47"),
)
OCHA = Actor(
    principal=UUID("d4b9c8e1-52a0-4e0b-9a6c-7f2e31c5a906"),
    holder="ocha-duty-1",
    organisation=UUID("a1d3f0c2-6b7e-4f18-8c59-e0b4d2a7935e"),
    role="coordinator",
)
SALT = bytes(range(32))


def given_event(**changes: Any) -> Event:
    fact = Fact(
        subject=AGREEMENT,
        kind="status_changed",
        effective_at=parse_instant("2022-04-26T18:00:00Z"),
        actor=OCHA,
        aspects={"status": {"to": "agreed_in_principle"}},
    )
    return Event(
        fact=replace(fact, **changes),
        sequence=5,
        recorded_at=parse_instant("2026-03-02T09:15:27.043518Z"),
    )


def salts_for(event: Event) -> dict[str, bytes]:
    return dict.fromkeys(fields(event.fact), SALT)


def read(event: Event) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(record_bytes(event, salts_for(event)))
    return content


def test_a_record_holds_a_commitment_for_each_value_and_no_value() -> None:
    event = given_event(reason="positions_received")
    content = read(event)
    assert content["values"].keys() == {"actor", "reason", "sources", "warnings", "aspect/status"}
    assert content["values"]["reason"] == commitment("reason", SALT, "positions_received")
    assert b"positions_received" not in record_bytes(event, salts_for(event))


def test_a_record_says_what_it_is_about_and_when() -> None:
    content = read(given_event(basis=Basis.INFERRED))
    assert content["v"] == 1
    assert content["subject"] == {"kind": "agreement", "id": str(AGREEMENT.id)}
    assert content["effective_at"] == "2022-04-26T18:00:00.000000Z"
    assert content["recorded_at"] == "2026-03-02T09:15:27.043518Z"
    assert (content["sequence"], content["basis"]) == (5, "inferred")


def test_a_subject_of_no_operation_says_so() -> None:
    assert read(given_event(subject=replace(AGREEMENT, operation=None)))["operation"] is None


def test_the_aspects_that_are_taken_out_are_named_in_order() -> None:
    earlier = UUID("3e5f9b70-8d14-4c2a-b6f1-90a7c4d8e213")
    event = given_event(replaces=(Replaced(event=earlier, aspects=("status", "note")),))
    assert read(event)["replaces"] == [{"event": str(earlier), "aspects": ["note", "status"]}]


def test_a_fact_may_set_nothing_at_all() -> None:
    assert read(given_event(aspects={}))["values"].keys() == {
        "actor",
        "reason",
        "sources",
        "warnings",
    }


def test_warnings_and_sources_are_part_of_the_record() -> None:
    event = given_event(warnings=(Warned(code="text_dropped", message="A number was dropped."),))
    assert seal(event, salts_for(event)).values["warnings"] == (
        b'[{"code":"text_dropped","message":"A number was dropped."}]'
    )


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), 2**53, -(2**53), "\ud800", "e\u0301", {"e\u0301": 1}, [b"bytes"], {1: "x"}],
)
def test_what_the_record_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(NotRecordable, match=r"found .*expected"):
        canonical(value)


@pytest.mark.parametrize("wrong", [{}, {"actor": SALT}])
def test_each_field_needs_its_salt(wrong: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="found salts"):
        record_bytes(given_event(), wrong)


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(ValueError, match="salt of 31 bytes"):
        commitment("reason", SALT[:31], None)


def test_no_field_can_stand_for_another() -> None:
    given_all = {field: commitment(field, SALT, "x") for field in ("reason", "actor", "aspect/a")}
    assert len(set(given_all.values())) == 3


words = st.text("abcxyz абвї€😀", max_size=6)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=10,
)


@given(values)
def test_canonical_bytes_are_json_for_the_same_value(value: Any) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(words, values, max_size=4))
def test_the_order_of_members_does_not_matter(value: dict[str, Any]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)
