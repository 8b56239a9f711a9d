"""The record of an event: the bytes that will be hashed, settled for good.

The layout, with a worked example, is in `docs/reference/record.md`.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

import rfc8785

from app.domain.fact import Actor, Basis, Event, Fact, Replaced
from app.domain.instant import format_instant
from app.domain.json_value import Json

VERSION = 1
LABEL = b"safe-passage/commitment/v1"
SALT_BYTES = 32
LARGEST_INTEGER = 2**53 - 1


class NotRecordable(ValueError):
    """A value that the record cannot hold: the message says what was found and expected."""


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """An event in the form in which it is kept.

    Attributes:
        record: the canonical bytes of the event, with a commitment for each value.
        values: the canonical bytes of each named value, from which its commitment was made.
    """

    record: bytes
    values: Mapping[str, bytes]


def canonical(value: Json) -> bytes:
    """Give the RFC 8785 form of `value`.

    Raises:
        NotRecordable: a fraction, an integer beyond ±(2**53 - 1), or a text that is not in
            Unicode normal form C or holds half of a surrogate pair.
    """
    _check(value)
    return _encode(value)


def commitment(field: str, salt: bytes, value: Json) -> str:
    """Commit to `value` of `field`: lower-case hex that tells nothing without the salt."""
    return _commit(field, salt, canonical(value))


def fields(fact: Fact) -> dict[str, Json]:
    """Give the named values of `fact` that enter its record as commitments."""
    named: dict[str, Json] = {
        "actor": _actor(fact.actor),
        "reason": fact.reason,
        "sources": [str(source) for source in fact.sources],
        "warnings": [{"code": each.code, "message": each.message} for each in fact.warnings],
    }
    return named | {aspect_field(name): value for name, value in fact.aspects.items()}


def aspect_field(aspect: str) -> str:
    """Name the field that holds `aspect`."""
    return f"aspect/{aspect}"


def seal(event: Event, salts: Mapping[str, bytes]) -> Sealed:
    """Make the record of `event`, with one salt of 32 bytes for each of its fields."""
    values = {field: canonical(value) for field, value in fields(event.fact).items()}
    if salts.keys() != values.keys():
        raise ValueError(f"found salts for {sorted(salts)}; expected them for {sorted(values)}")
    commitments = {field: _commit(field, salts[field], value) for field, value in values.items()}
    return Sealed(record=canonical(_content(event, commitments)), values=values)


def record_bytes(event: Event, salts: Mapping[str, bytes]) -> bytes:
    """Give the bytes of the record of `event` alone."""
    return seal(event, salts).record


def _content(event: Event, commitments: Mapping[str, str]) -> dict[str, Json]:
    fact = event.fact
    return {
        "v": VERSION,
        "event": str(fact.id),
        "subject": {"kind": fact.subject.kind, "id": str(fact.subject.id)},
        "operation": None if fact.subject.operation is None else str(fact.subject.operation),
        "sequence": event.sequence,
        "kind": fact.kind,
        "effective_at": format_instant(fact.effective_at),
        "recorded_at": format_instant(event.recorded_at),
        "basis": Basis(fact.basis).value,
        "replaces": [_replaced(each) for each in fact.replaces],
        "values": dict(commitments),
    }


def _actor(actor: Actor) -> Json:
    return {
        "principal": str(actor.principal),
        "holder": actor.holder,
        "organisation": str(actor.organisation),
        "role": actor.role,
    }


def _replaced(replaced: Replaced) -> Json:
    return {"event": str(replaced.event), "aspects": cast(list[Json], sorted(replaced.aspects))}


def _commit(field: str, salt: bytes, value: bytes) -> str:
    if len(salt) != SALT_BYTES:
        raise ValueError(f"found a salt of {len(salt)} bytes; expected {SALT_BYTES}")
    return sha256(LABEL + b"\x00" + field.encode() + b"\x00" + salt + value).hexdigest()


def _encode(value: Json) -> bytes:
    return rfc8785.dumps(cast(Any, value))


def _check(value: object) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, int):
        if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            raise NotRecordable("found a larger integer; expected one within ±(2**53 - 1)")
    elif isinstance(value, list):
        for item in value:
            _check(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check(key) if isinstance(key, str) else _refuse(key)
            _check(item)
    else:
        _refuse(value)


def _check_text(text: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotRecordable("found half of a surrogate pair; expected Unicode text") from None
    if not unicodedata.is_normalized("NFC", text):
        raise NotRecordable("found text in another form; expected Unicode normal form C")


def _refuse(value: object) -> None:
    raise NotRecordable(
        f"found a {type(value).__name__}; expected null, true, false, an integer, "
        "a text, a list or an object with texts as keys"
    )
