"""The page on the record is enough for a stranger: its example is computed again from it alone."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from app.domain.record import canonical, commitment

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "record.md").read_text(encoding="utf-8")
EXAMPLE = PAGE.partition("## A worked example")[2]
ROWS = [
    match.groups()
    for match in re.finditer(
        r"\| field \| `(.+)` \|\n\| salt \| `(.+)` \|\n"
        r"\| canonical value \| `(.+)` \|\n\| commitment \| `(.+)` \|",
        EXAMPLE,
    )
]
RECORD = EXAMPLE.partition("```json\n")[2].partition("\n```")[0].encode()


@pytest.mark.parametrize(("field", "salt", "value", "committed"), ROWS)
def test_a_stranger_gets_the_same_commitment(
    field: str, salt: str, value: str, committed: str
) -> None:
    label = b"safe-passage/commitment/v1"
    message = b"%b\x00%b\x00%b%b" % (label, field.encode(), bytes.fromhex(salt), value.encode())
    assert sha256(message).hexdigest() == committed


@pytest.mark.parametrize(("field", "salt", "value", "committed"), ROWS)
def test_the_service_commits_as_the_page_says(
    field: str, salt: str, value: str, committed: str
) -> None:
    assert canonical(json.loads(value)) == value.encode()
    assert commitment(field, bytes.fromhex(salt), json.loads(value)) == committed


def test_the_example_shows_every_field_of_its_record() -> None:
    assert json.loads(RECORD)["values"] == {field: committed for field, _, _, committed in ROWS}


def test_the_record_of_the_example_is_canonical() -> None:
    content = json.loads(RECORD)
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert plain.encode() == RECORD == canonical(content)
    assert f"{len(RECORD):,} bytes" in EXAMPLE


def test_the_members_are_those_that_the_page_lists() -> None:
    table = PAGE.partition("| member | value |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == json.loads(RECORD).keys()


def test_the_leaf_is_the_hash_of_a_zero_byte_and_the_record() -> None:
    leaf = sha256(b"\x00" + RECORD).hexdigest()
    assert f"`{leaf}`" in EXAMPLE.partition("### The leaf")[2]
