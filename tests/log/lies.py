"""Exports of a writer who lies: each well made and rightly signed, and each wrong in one thing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from app.domain.fact import Event, Replaced
from app.domain.json_value import Json
from app.domain.record import LABEL, canonical
from app.log import verifier
from tests.log.exports import CORRIDOR, NOON, OCHA, History, Line, given_history, shown

NOWHERE = UUID(int=0xFF)


@dataclass(frozen=True, kw_only=True)
class Lie:
    """One thing that is wrong in an export.

    Attributes:
        lines: the entries, made anew at each call.
        says: part of the finding.
        checks: what of the verifier finds it, each with a fault that lets it pass.
    """

    lines: Callable[[], list[Line]]
    says: str
    checks: Mapping[str, object]


def nothing(*_: object) -> list[str]:
    """Find nothing."""
    return []


def as_it_stands(told: Line, *_: object) -> str:
    """Take a line for what it should be."""
    return canonical(told).decode()


_REPEATED = {"_made_anew": as_it_stands}
_UNOPENED = {"_wrong_openings": nothing}
_SHAPELESS: Mapping[str, object] = {"_VALUES": {}}
_UNREAD = {"_DECODER": json.JSONDecoder()}


def _changed(index: int, member: str, **changes: Any) -> Callable[[], list[Line]]:
    """Change what an entry says beside its record."""

    def lines() -> list[Line]:
        made = given_history().lines()
        made[index][member].update(changes)
        return made

    return lines


def _set(index: int, member: str, value: Any) -> Callable[[], list[Line]]:
    def lines() -> list[Line]:
        made = given_history().lines()
        made[index][member] = value
        return made

    return lines


def _committed(text: str, field: str = "aspect/status") -> Callable[[], list[Line]]:
    """Commit to a value as it is written here, canonical or not."""

    def lines() -> list[Line]:
        made = given_history().lines()
        line = made[2]
        salt, _ = line["values"][field]
        told = LABEL + b"\0" + field.encode() + b"\0" + bytes.fromhex(salt) + text.encode()
        record = json.loads(line["record"])
        record["values"][field] = sha256(told).hexdigest()
        line["record"] = canonical(record).decode()
        line["values"][field] = [salt, text]
        return made

    return lines


def _recorded(before: str, after: str, index: int = 2) -> Callable[[], list[Line]]:
    """Write a record otherwise than the service would."""

    def lines() -> list[Line]:
        made = given_history().lines()
        assert before in made[index]["record"]
        made[index]["record"] = made[index]["record"].replace(before, after)
        return made

    return lines


def _with(record: Callable[[History], object]) -> Callable[[], list[Line]]:
    """Add to the history."""

    def lines() -> list[Line]:
        history = given_history()
        record(history)
        return history.lines()

    return lines


def _replacing(event: UUID, aspect: str = "status") -> Callable[[], list[Line]]:
    replaces = [Replaced(event=event, aspects=(aspect,))]
    return _with(lambda history: history.record({"status": "open"}, replaces=replaces))


def _erasing(event: UUID, *names: str) -> Json:
    return {"event": str(event), "fields": [*names]}


def _redacting(event: UUID, *names: str, told: UUID | None = None) -> Callable[[], list[Line]]:
    """Add a redaction of which the entries before know nothing."""
    value = _erasing(told or event, *names)
    return _with(lambda history: history.record({f"redaction:{event}": value}, kind="redacted"))


def _erased(by: Callable[[History, Event], object]) -> Callable[[], list[Line]]:
    """Erase the reason of an event, with something else than a redaction of it."""

    def lines() -> list[Line]:
        history = given_history()
        event = history.events[2]
        by(history, event)
        history.redacted[event.fact.id] = {"reason": history.events[-1].fact.id}
        return history.lines()

    return lines


def _aspect_that_equals() -> list[Line]:
    """Write the sequence number of an aspect as true, which Python takes for 1."""
    made = given_history().lines()
    aspect = next(iter(made[0]["aspects"].values()))
    assert aspect[3] == 1
    aspect[3] = True
    return made


def _both() -> list[Line]:
    history = given_history()
    made, first = history.lines(), history.events[0]
    made[0]["values"]["actor"] = shown(0, first, {})["values"]["actor"]
    return made


def _neither() -> list[Line]:
    made = given_history().lines()
    del made[2]["values"]["reason"]
    return made


def _redacted_redaction() -> list[Line]:
    history = given_history()
    history.redact(history.events[5], "reason")
    return history.lines()


def _early(history: History) -> None:
    history.record({"status": "open"}, recorded_at=NOON + timedelta(minutes=5))


_EVENT = UUID(int=0xE003)
_KIND = '"kind":"status_changed"'
LIES: Mapping[str, Lie] = {
    # what stands beside the record
    "another index": Lie(lines=_set(2, "i", 7), says="i is 7; expected 2", checks=_REPEATED),
    "an index that equals": Lie(
        lines=_set(1, "i", True), says="i is true; expected 1", checks=_REPEATED
    ),
    "a column that equals": Lie(
        lines=_changed(0, "columns", sequence=True),
        says="columns.sequence is true; the record says 1",
        checks=_REPEATED,
    ),
    "an aspect that equals": Lie(lines=_aspect_that_equals, says="aspects.", checks=_REPEATED),
    "another column": Lie(
        lines=_changed(2, "columns", recorded_at="2022-04-26T12:04:00.000000Z"),
        says='columns.recorded_at is "2022-04-26T12:04:00.000000Z"; the record says',
        checks=_REPEATED,
    ),
    "another organisation": Lie(
        lines=_changed(2, "columns", organisation=str(NOWHERE)),
        says="columns.organisation is",
        checks=_REPEATED,
    ),
    "a column too many": Lie(
        lines=_changed(2, "columns", note="x"), says="columns.note is", checks=_REPEATED
    ),
    "an aspect that was not set": Lie(
        lines=_changed(2, "aspects", title=[]), says="aspects.title is []", checks=_REPEATED
    ),
    "a replacement that was not made": Lie(
        lines=_set(2, "replaced", [[str(_EVENT), "status"]]),
        says="replaced is",
        checks=_REPEATED,
    ),
    "a replacement hidden": Lie(
        lines=_set(4, "replaced", []), says="replaced is []", checks=_REPEATED
    ),
    # values
    "another value": Lie(
        lines=_changed(2, "values", reason=["00" * 32, '"x"']),
        says="reason: salt and value lead to",
        checks=_UNOPENED,
    ),
    "a value that is no JSON": Lie(
        lines=_committed("{"), says="aspect/status: found no JSON", checks={}
    ),
    "a value in another form": Lie(
        lines=_committed('{"b":1,"a":2}'),
        says="aspect/status: the JSON is not in its canonical form",
        checks={"check_canonical": nothing},
    ),
    "a value with a key twice": Lie(
        lines=_committed('{"a":1,"a":2}'),
        says='aspect/status: found the key "a" more than once',
        checks={"check_canonical": nothing},
    ),
    "a text in another normal form": Lie(
        lines=_committed('"Cafe\u0301"'),
        says="is not in Unicode normal form C",
        checks={"check_form_c": nothing},
    ),
    "a fraction in a value": Lie(
        lines=_committed("[0.5]"), says="found the number 0.5", checks=_UNREAD
    ),
    "a big integer in a value": Lie(
        lines=_committed("9007199254740992"),
        says="found the number 9007199254740992",
        checks=_UNREAD,
    ),
    "a huge integer in a value": Lie(
        lines=_committed("9" * 5000), says="found the number 999", checks={}
    ),
    "no number in a value": Lie(lines=_committed("NaN"), says="found the number NaN", checks={}),
    "half of a pair in a value": Lie(
        lines=_committed('"\\ud800"'), says="aspect/status: ", checks={"check_canonical": nothing}
    ),
    "a deep value": Lie(lines=_committed("[" * 9000 + "]" * 9000), says="found no JSON", checks={}),
    "a value too deep to be one of ours": Lie(
        lines=_committed("[" * 400 + "]" * 400),
        says="nested more than 200 deep",
        checks={"_check_depth": nothing},
    ),
    "an actor without a holder": Lie(
        lines=_committed(f'{{"organisation":"{OCHA.organisation}"}}', "actor"),
        says="actor: found {",
        checks=_SHAPELESS,
    ),
    "a reason that is no text": Lie(
        lines=_committed("1", "reason"), says="reason: found 1", checks=_SHAPELESS
    ),
    "sources that are none": Lie(
        lines=_committed("[null]", "sources"), says="sources: found [null]", checks=_SHAPELESS
    ),
    "warnings that are none": Lie(
        lines=_committed("[{}]", "warnings"), says="warnings: found [{}]", checks=_SHAPELESS
    ),
    "a value and a redaction at once": Lie(
        lines=_both, says="actor has a value and is redacted", checks={"_uncovered": nothing}
    ),
    "neither a value nor a redaction": Lie(
        lines=_neither, says="reason is neither opened nor redacted", checks={"_uncovered": nothing}
    ),
    # records
    "a key twice in a record": Lie(
        lines=_recorded(_KIND, f"{_KIND},{_KIND}"),
        says='the record: found the key "kind" more than once',
        checks={"_faults_of_text": nothing},
    ),
    "a blank in a record": Lie(
        lines=_recorded('"v":1', '"v": 1'),
        says="the record: the JSON is not in its canonical form",
        checks={"_faults_of_text": nothing},
    ),
    "a fraction in a record": Lie(
        lines=_recorded('"v":1', '"v":1.0'), says="found the number 1.0", checks={}
    ),
    "a big integer in a record": Lie(
        lines=_recorded('"sequence":2', '"sequence":9007199254740993'),
        says="found the number 9007199254740993",
        checks={},
    ),
    "another version of the record": Lie(
        lines=_recorded('"v":1', '"v":2'), says="the record says v 2", checks={}
    ),
    "a member too many in a record": Lie(
        lines=_recorded('"v":1', '"v":1,"w":1'), says="the record has", checks={}
    ),
    "a day that never was": Lie(
        lines=_recorded('"recorded_at":"2022-04-26', '"recorded_at":"2022-02-30'),
        says="the record says recorded_at",
        checks={},
    ),
    "an effect after its recording": Lie(
        lines=_with(lambda h: h.record({"status": "open"}, effective_at=NOON + timedelta(days=1))),
        says="lies after recorded_at",
        checks={"_too_late": nothing},
    ),
    # sequences and clocks
    "a hole in a sequence": Lie(
        lines=_with(lambda history: history.record({"status": "open"}, sequence=7)),
        says="found sequence 7 of the subject",
        checks={"Ledger._misplaced": nothing},
    ),
    "a sequence number twice": Lie(
        lines=_with(lambda history: history.record({"status": "open"}, sequence=5)),
        says="found sequence 5 of the subject",
        checks={"Ledger._misplaced": nothing},
    ),
    "a clock that was put back": Lie(
        lines=_with(_early),
        says="lies before 2022-04-26T12:06",
        checks={"Ledger._misplaced": nothing},
    ),
    # corrections
    "a correction of a later event": Lie(
        lines=_replacing(UUID(int=0xE009)),
        says="expected an earlier event of the same subject",
        checks={"Ledger._uncorrected": nothing},
    ),
    "a correction of itself": Lie(
        lines=_replacing(UUID(int=0xE008)),
        says="expected an earlier event of the same subject",
        checks={"Ledger._uncorrected": nothing},
    ),
    "a correction of another subject": Lie(
        lines=_replacing(UUID(int=0xE002), "name"),
        says="expected an earlier event of the same subject",
        checks={"Ledger._uncorrected": nothing},
    ),
    "a correction of what was not set": Lie(
        lines=_replacing(_EVENT, "title"),
        says='it replaces "title" of event',
        checks={"Ledger._uncorrected": nothing},
    ),
    # redactions
    "a redaction without its event": Lie(
        lines=_erased(lambda *_: None),
        says="no later event says so",
        checks={"Ledger.end": nothing},
    ),
    "a redaction by an event of another kind": Lie(
        lines=_erased(lambda history, _: history.record({"status": "open"})),
        says="no later event says so",
        checks={"Ledger.end": nothing},
    ),
    "a redaction by an event of another subject": Lie(
        lines=_erased(
            lambda history, event: history.record(
                {f"redaction:{event.fact.id}": _erasing(event.fact.id, "reason")},
                CORRIDOR,
                kind="redacted",
            )
        ),
        says="expected an earlier event of the same subject",
        checks={"Ledger._redacting": nothing, "Ledger.end": nothing},
    ),
    "a redaction that names another field": Lie(
        lines=_erased(
            lambda history, event: history.record(
                {
                    f"redaction:{event.fact.id}": {
                        "event": str(event.fact.id),
                        "fields": ["sources"],
                    }
                },
                kind="redacted",
            )
        ),
        says="it redacts sources of event",
        checks={"Ledger._redacting": nothing, "Ledger.end": nothing},
    ),
    "a redaction of what still shows": Lie(
        lines=_redacting(_EVENT, "reason"),
        says="it redacts reason of event",
        checks={"Ledger._redacting": nothing, "Ledger.end": nothing},
    ),
    "a redaction of what never was": Lie(
        lines=_redacting(NOWHERE, "reason"),
        says="expected an earlier event of the same subject",
        checks={"Ledger._redacting": nothing, "Ledger.end": nothing},
    ),
    "a redaction of a field that there is not": Lie(
        lines=_redacting(_EVENT, "aspect/title"),
        says="expected that event and fields of it",
        checks={"Ledger._redacting": nothing, "Ledger.end": nothing},
    ),
    "a redaction that names another event": Lie(
        lines=_redacting(_EVENT, "reason", told=NOWHERE),
        says="expected that event and fields of it",
        checks={"Ledger._redacting": nothing, "Ledger.end": nothing},
    ),
    "a redaction of a redaction": Lie(
        lines=_redacted_redaction,
        says="something of a redaction is redacted",
        checks={"Ledger._redacting": nothing, "Ledger.end": nothing},
    ),
}


def replaced(name: str) -> tuple[object, str]:
    """Find what of the verifier has this name: its owner, and the name there."""
    owner, _, name = name.rpartition(".")
    return (getattr(verifier, owner) if owner else verifier), name
