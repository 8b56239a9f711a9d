"""Redaction: which fields of an event may be erased, and what is read in place of one that was.

A field is erased whole, since its commitment covers it whole. What people typed may go, and so may
who acted; what decides what holds may not, unless nothing rests on it any more.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from app.domain.json_value import Json

KIND = "redacted"
"""The kind of event that erases fields of earlier events of its subject."""
_PREFIX = "redaction:"
_ASPECT = "aspect/"

OF_EVERY_EVENT = frozenset({"actor", "reason", "warnings"})
TEXTS: Mapping[str, frozenset[str]] = {
    "operation": frozenset({"name"}),
    "organisation": frozenset({"name"}),
    "token": frozenset({"holder"}),
    "source": frozenset({"publisher", "title", "address", "published_at_as_announced"}),
    "contact": frozenset({"participants", "at_as_announced", "summary", "outcome", "follow_ups"}),
    "site": frozenset({"name", "other_names", "contact_channel"}),
    "corridor": frozenset({"name"}),
    "agreement": frozenset({"title", "purpose", "term", "position", "attestation", "window"}),
}
"""By kind of subject the aspects that may be erased: those that hold what somebody typed."""
ONCE_CORRECTED: Mapping[str, frozenset[str]] = {
    "agreement": frozenset({"status", "stop"}),
    "corridor": frozenset({"status", "stop"}),
}
"""Those on which it rests whether people may move: erased once a correction took them out."""

_BLANKS: Mapping[str, Json] = {
    "name": "",
    "title": "",
    "publisher": "",
    "purpose": "",
    "holder": "",
    "other_names": [],
    "participants": [],
    "follow_ups": [],
}


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """What a redaction erases of one event.

    Attributes:
        fields: names of fields of its record, sorted.
    """

    event: UUID
    fields: tuple[str, ...]

    def aspect(self) -> dict[str, Json]:
        """Give the aspect by which the redaction names it."""
        fields: list[Json] = [*self.fields]
        return {f"{_PREFIX}{self.event}": {"event": str(self.event), "fields": fields}}


def erasures(aspects: Mapping[str, Json]) -> Iterator[Erasure]:
    """Read what a redaction erases from its aspects."""
    for name, value in aspects.items():
        if name.startswith(_PREFIX):
            told = cast(dict[str, Any], value)
            yield Erasure(event=UUID(told["event"]), fields=tuple(told["fields"]))


def erases(aspects: Mapping[str, Json], *prefixes: str) -> bool:
    """Tell whether a redaction erases an aspect that begins with one of `prefixes`."""
    wanted = tuple(_ASPECT + prefix for prefix in prefixes)
    return any(f.startswith(wanted) for each in erasures(aspects) for f in each.fields)


def blank(aspect: str) -> Json:
    """Give what is read in place of an aspect that was erased."""
    return _BLANKS.get(aspect)


@dataclass(frozen=True, kw_only=True)
class Redactable:
    """An event of which fields are to be erased.

    Attributes:
        subject_kind: `agreement`, `site` and so on.
        fields: those of its record.
        gone: those that were erased before.
        corrected: the aspects of it that a correction has taken out.
        is_ended: of a token: it has been revoked.
    """

    kind: str
    subject_kind: str
    fields: Collection[str]
    gone: Collection[str]
    corrected: Collection[str]
    is_ended: bool

    def refusal(self, field: str) -> str | None:
        """Say why a field cannot be erased, and what to do; None where it can."""
        if self.kind == KIND:
            return "this event is a redaction itself; nothing of it is ever erased"
        if field not in self.fields:
            return f"this event has no such field; expected one of {', '.join(sorted(self.fields))}"
        if field in self.gone:
            return "this field was erased before; leave it out"
        if field in OF_EVERY_EVENT:
            return None
        return self._refusal_of_aspect(field.removeprefix(_ASPECT))

    def _refusal_of_aspect(self, aspect: str) -> str | None:
        name = aspect.partition(":")[0]
        if name in ONCE_CORRECTED.get(self.subject_kind, ()):
            return None if aspect in self.corrected else _STILL_NEEDED
        if name not in TEXTS.get(self.subject_kind, ()):
            return _NO_TEXT
        if self.subject_kind == "token" and not self.is_ended:
            return "this token is still valid, and acts under this name; revoke it first"
        return None


_STILL_NEEDED = (
    "whether people may move rests on this; record a correction that says the same without the "
    "text (`corrects`), then erase this"
)
_NO_TEXT = (
    "this holds no free text and no name of a person, and other records rest on it; it stays. "
    "Change what it says instead"
)
