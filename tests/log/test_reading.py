"""What an intact record says of one subject, on a day, as known on a day."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.instant import format_instant
from tests.log.exports import AGREEMENT, CORRIDOR, NOON, given_history, write
from tests.log.verifying import INCOMPLETE, INTACT, TAMPERED, verified

EXPORT = write(given_history().lines())


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def told(*, as_of: datetime | None = None, known_at: datetime | None = None) -> dict[str, Any]:
    words = [f"--subject={AGREEMENT}"]
    words += [f"--as-of={format_instant(as_of)}"] if as_of else []
    words += [f"--known-at={format_instant(known_at)}"] if known_at else []
    said = verified(EXPORT, *words)
    assert said.status == INTACT
    assert said.verdict.startswith("intact: ")
    return said.answer


def event(number: int) -> str:
    return str(UUID(int=0xE000 + number))


@pytest.mark.parametrize(
    ("as_of", "known_at", "status", "number"),
    [
        (1, 1, "proposed", 1),
        (3, 3, "agreed_in_principle", 3),
        (2, 3, "proposed", 1),
        (2, 4, "in_talks", 4),  # reported late, of minute 1.5
        (4, 4, "agreed_in_principle", 3),  # which the late report does not undo
        (3, 5, "suspended", 5),  # corrected
        (3, 4, "agreed_in_principle", 3),  # though not yet then
        (2, 5, "in_talks", 4),
        (None, None, "suspended", 5),
    ],
)
def test_the_status(as_of: int | None, known_at: int | None, status: str, number: int) -> None:
    answer = told(
        as_of=None if as_of is None else after(as_of),
        known_at=None if known_at is None else after(known_at),
    )
    assert answer["aspects"]["status"]["value"] == status
    assert answer["aspects"]["status"]["event"] == event(number)


def test_what_was_erased_is_told_as_erased() -> None:
    title = told()["aspects"]["title"]
    assert title["redacted_by"] == event(6)
    assert title["event"] == event(1)
    assert "value" not in title


def test_nothing_holds_before_the_first_effect_or_recording() -> None:
    assert told(as_of=after(0.5))["aspects"] == {}
    assert told(known_at=after(0.5))["aspects"] == {}


def test_it_says_what_was_asked() -> None:
    answer = told(as_of=after(2), known_at=after(4))
    assert answer["subject"] == {"kind": "agreement", "id": str(AGREEMENT)}
    assert answer["as_of"] == "2022-04-26T12:02:00.000000Z"
    assert answer["known_at"] == "2022-04-26T12:04:00.000000Z"


def test_a_time_may_have_any_zone() -> None:
    said = verified(EXPORT, f"--subject={AGREEMENT}", "--as-of=2022-04-26T15:02:00+03:00")
    assert said.answer["as_of"] == "2022-04-26T12:02:00.000000Z"


def test_of_a_subject_that_is_not_there_it_says_so() -> None:
    said = verified(EXPORT, f"--subject={UUID(int=1)}")
    assert said.status == INCOMPLETE
    assert "no entry is about the subject" in said.verdict
    assert "withheld" not in said.verdict


def test_of_a_subject_that_may_be_withheld_it_says_so() -> None:
    said = verified(write(given_history().lines(withheld=[CORRIDOR])), f"--subject={CORRIDOR}")
    assert said.status == INCOMPLETE
    assert "2 entries are withheld, and it may be among them" in said.verdict


def test_of_a_tampered_record_nothing_is_told() -> None:
    lines = given_history().lines()
    lines[0]["columns"]["kind"] = "x"
    said = verified(write(lines), f"--subject={AGREEMENT}")
    assert said.status == TAMPERED
    assert "in_talks" not in said.findings
