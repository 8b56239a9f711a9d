"""Makes small exports of a history as its page says, valid or as a liar would make them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.domain.fact import Actor, Event, Fact, Replaced, Subject
from app.domain.instant import format_instant, parse_instant
from app.domain.json_value import Json
from app.domain.merkle import leaf_hash, root_hash
from app.domain.note import COSIGNATURE, SIGNATURE, Checkpoint, Note, Purpose, Signer
from app.domain.record import fields, seal

ORIGIN = "log.example/azovstal"
NOON = parse_instant("2022-04-26T12:00:00Z")
OPERATION = UUID(int=0xA0)
AGREEMENT = UUID(int=0xA1)
CORRIDOR = UUID(int=0xA2)
OCHA = Actor(
    principal=UUID(int=0xB1), holder="ocha-duty-1", organisation=UUID(int=0xB2), role="coordinator"
)

Line = dict[str, Any]
"""An entry of an export."""


def given_signer(name: str, purpose: Purpose, number: int = 1) -> Signer:
    """Make a key, always the same for one name and number."""
    seed = sha256(f"{name}/{number}".encode()).digest()
    return Signer(name=name, purpose=purpose, key=Ed25519PrivateKey.from_private_bytes(seed))


LOG = given_signer(ORIGIN, SIGNATURE)
NEW = given_signer(ORIGIN, SIGNATURE, number=2)
UN = given_signer("witness.example/un", COSIGNATURE)
ICRC = given_signer("witness.example/icrc", COSIGNATURE)
MINISTRY = given_signer("witness.example/ministry", COSIGNATURE)


@dataclass
class History:
    """Events in the order of their recording, a minute between each two."""

    events: list[Event] = field(default_factory=list)
    redacted: dict[UUID, dict[str, UUID]] = field(default_factory=dict)

    def record(
        self,
        aspects: Mapping[str, Json],
        subject: UUID = AGREEMENT,
        *,
        effective_at: datetime | None = None,
        recorded_at: datetime | None = None,
        sequence: int | None = None,
        subject_kind: str = "agreement",
        replaces: Sequence[Replaced] = (),
        kind: str = "status_changed",
        reason: str | None = None,
    ) -> Event:
        """Add an event; what is not said follows from those before it."""
        number = len(self.events) + 1
        at = recorded_at or NOON + timedelta(minutes=number)
        before = sum(each.fact.subject.id == subject for each in self.events)
        fact = Fact(
            subject=Subject(kind=subject_kind, id=subject, operation=OPERATION),
            kind=kind,
            effective_at=effective_at or at,
            actor=OCHA,
            aspects=aspects,
            reason=reason,
            replaces=tuple(replaces),
            id=UUID(int=0xE000 + number),
        )
        self.events.append(Event(fact=fact, sequence=sequence or before + 1, recorded_at=at))
        return self.events[-1]

    def redact(self, event: Event, *names: str) -> Event:
        """Erase fields of an event."""
        erased: Json = {"event": str(event.fact.id), "fields": [*sorted(names)]}
        by = self.record(
            {f"redaction:{event.fact.id}": erased},
            event.fact.subject.id,
            kind="redacted",
            reason="name_of_a_person",
        )
        self.redacted.setdefault(event.fact.id, {}).update(dict.fromkeys(names, by.fact.id))
        return by

    def lines(self, *, withheld: Sequence[UUID] = ()) -> list[Line]:
        """Give the entries of an export to a reader who may not see some subjects."""
        return [
            hidden(line) if event.fact.subject.id in withheld else line
            for event, line in zip(self.events, map(self._line, self.events), strict=True)
        ]

    def _line(self, event: Event) -> Line:
        return shown(self.events.index(event), event, self.redacted.get(event.fact.id, {}))


def given_history() -> History:
    """Make a history with a late report, a correction, a redaction and a second subject."""
    history = History()
    history.record({"title": "Evacuation from Азовсталь", "status": "proposed"}, kind="created")
    history.record({"name": "North gate"}, CORRIDOR, subject_kind="corridor", kind="created")
    wrong = history.record({"status": "agreed_in_principle"}, reason="call of the duty desk")
    history.record({"status": "in_talks"}, effective_at=NOON + timedelta(seconds=90))
    history.record(
        {"status": "suspended"},
        kind="corrected",
        replaces=[Replaced(event=wrong.fact.id, aspects=("status",))],
        effective_at=wrong.fact.effective_at,
    )
    history.redact(history.events[0], "actor", "aspect/title")
    history.record({"status": "planned"}, CORRIDOR, subject_kind="corridor")
    return history


def salt(event: Event, name: str) -> bytes:
    """Give the salt of a field: not random, so that two makings are alike."""
    return sha256(f"{event.fact.id}/{name}".encode()).digest()


def shown(index: int, event: Event, redacted: Mapping[str, UUID]) -> Line:
    """Make the entry of a reader who may see the event."""
    fact, salts = event.fact, {name: salt(event, name) for name in fields(event.fact)}
    sealed = seal(event, salts)
    effective_at, recorded_at = format_instant(fact.effective_at), format_instant(event.recorded_at)
    line: Line = {
        "i": index,
        "record": sealed.record.decode(),
        "columns": {
            "event": str(fact.id),
            "subject": str(fact.subject.id),
            "subject_kind": fact.subject.kind,
            "operation": str(fact.subject.operation),
            "sequence": event.sequence,
            "kind": fact.kind,
            "effective_at": effective_at,
            "recorded_at": recorded_at,
            "basis": fact.basis.value,
            "organisation": str(fact.actor.organisation),
        },
        "aspects": {
            name: [str(fact.subject.id), effective_at, recorded_at, event.sequence]
            for name in fact.aspects
        },
        "replaced": sorted([str(r.event), name] for r in fact.replaces for name in r.aspects),
        "values": {
            name: [salts[name].hex(), value.decode()]
            for name, value in sealed.values.items()
            if name not in redacted
        },
    }
    if redacted:
        line["redacted"] = {name: str(by) for name, by in redacted.items()}
    return line


def leaf(line: Line) -> bytes:
    """Give the leaf hash of an entry."""
    if "leaf" in line:
        return bytes.fromhex(line["leaf"])
    return leaf_hash(line["record"].encode("utf-8", "surrogatepass"))


def hidden(line: Line) -> Line:
    """Make the same entry for a reader who may not see it."""
    return {"i": line["i"], "leaf": leaf(line).hex()}


def checkpoint(
    lines: Sequence[Line],
    *signers: Signer,
    cosigners: Mapping[str, tuple[Signer, datetime]] | None = None,
    origin: str = ORIGIN,
) -> str:
    """Sign the root over entries, whatever they say; without a name, by the log."""
    root = root_hash([leaf(line) for line in lines])
    text = Checkpoint(origin=origin, size=len(lines), root=root).text()
    signatures = [signer.sign(text) for signer in signers or (LOG,)]
    for signer, at in (cosigners or {}).values():
        signatures.append(signer.sign(text, time=int(at.timestamp())))
    return str(Note(text=text, signatures=signatures))


def write(lines: Sequence[Line], note: str | None = None) -> bytes:
    """Write an export; without a checkpoint, with one that is signed anew."""
    header: Line = {
        "format": "safe-passage-history/1",
        "checkpoint": checkpoint(lines) if note is None else note,
        "exported_at": "2022-04-27T00:00:00.000000Z",
    }
    return close([rfc8785.dumps(line) for line in (header, *lines)])


def close(lines: Sequence[bytes]) -> bytes:
    """Put the last line under lines, the first among them, so that the file is whole."""
    body = b"".join(line + b"\n" for line in lines)
    last: Line = {"entries": len(lines) - 1, "sha256": sha256(body).hexdigest()}
    return body + rfc8785.dumps(last) + b"\n"
