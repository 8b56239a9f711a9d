"""Verify an export of the history, with nothing of the service: Python 3.11 and `cryptography`.

    python verifier.py FILE --key VKEY [--policy FILE] [--older FILE] [--subject ID]

Copy this one file to a machine that you trust. It shares no code with the service that wrote the
export; the format is in `docs/reference/export.md` and `docs/reference/record.md`. Findings go to
stdout, the verdict as the last line; it ends with 0 (intact), 1 (tampered), 2 (incomplete) or 3
(unusable).
"""

import argparse
import json
import os
import re
import sys
import time
import unicodedata
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, NoReturn, TextIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "safe-passage-history/1"
INTACT, TAMPERED, INCOMPLETE, UNUSABLE = range(4)
MOST_FINDINGS = 20
"""So many are told; the others are counted."""
LONGEST_LINE = 8 * 1024 * 1024
TOLERANCE_S = 300
"""By so much may the clocks of the service and of a witness differ."""


class Wrong(ValueError):
    """Something in the export is not as it should be; the message says what and how."""


class Forged(ValueError):
    """A signature in the name of a known key is not one of this text."""


class Incomplete(Exception):
    """What is there may be right, but something is missing."""


class Unusable(Exception):
    """This cannot be verified at all; the message says what to do next."""


def shown(value: object, most: int = 160) -> str:
    """Write a value that was found, so that it cannot harm a terminal."""
    text = json.dumps(value, default=str)
    return text if len(text) <= most else text[:most] + "…"


# ---- JSON in its one form: RFC 8785, and of numbers only integers ----

LARGEST_INTEGER = 2**53 - 1
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > LARGEST_INTEGER:
        raise Wrong(f"found the number {digits[:30]}; expected one within ±(2^53 - 1)")
    return int(digits)


def _no_number(text: str) -> NoReturn:
    raise Wrong(f"found the number {text[:30]}; expected integers only")


_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_no_number, parse_constant=_no_number)
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":"), sort_keys=True
)
_DEEPEST = 200
_quoted = json.encoder.encode_basestring
_AS_THEY_COME = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":"), sort_keys=False
)


def parse(text: str) -> Any:
    """Read one JSON value; whether it is in canonical form is for `canonical` to tell."""
    try:
        value, end = _DECODER.scan_once(text, 0)  # type: ignore[attr-defined]
    except Wrong:
        raise
    except (StopIteration, ValueError, RecursionError):
        raise Wrong("found no JSON that can be read") from None
    if end != len(text):
        raise Wrong("found something after the end of the JSON value")
    if text.count("[") + text.count("{") > _DEEPEST:
        _check_depth(value)
    return value


def _check_depth(value: object) -> None:
    """Refuse what is nested deeper than anything the service records; others would not end on it."""
    level = [value]
    for _ in range(_DEEPEST):
        inner = [each for each in level if isinstance(each, (dict, list))]
        level = [each for one in inner for each in (one.values() if type(one) is dict else one)]
        if not level:
            return
    raise Wrong(f"found JSON that is nested more than {_DEEPEST} deep")


def canonical(value: object) -> str:
    """Write a value as RFC 8785 has it, with the keys in the order of their UTF-16 units."""
    text = _ENCODER.encode(value)
    if text.isascii() or not _ASTRAL.search(text):
        return text
    return _AS_THEY_COME.encode(_sorted(value))


def _sorted(value: object) -> object:
    if isinstance(value, list):
        return [_sorted(each) for each in value]
    if not isinstance(value, dict):
        return value
    keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    return {key: _sorted(value[key]) for key in keys}


def check_canonical(text: str, value: object) -> None:
    """Check that a text is the canonical form of the value that was read from it."""
    if canonical(value) != text:
        json.loads(text, object_pairs_hook=_each_key_once)
        raise Wrong("the JSON is not in its canonical form (RFC 8785)")


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Wrong(f"found the key {shown(twice)} more than once in one object")
    return found


def _is_form_c(text: str) -> bool:
    """Tell quickly whether all texts within a JSON text are; False proves nothing."""
    return text.isascii() or unicodedata.is_normalized("NFC", text)


def check_form_c(value: object) -> None:
    """Check that every text within a value is in Unicode normal form C."""
    if isinstance(value, str):
        if not unicodedata.is_normalized("NFC", value):
            raise Wrong(f"the text {shown(value)} is not in Unicode normal form C")
    elif isinstance(value, list):
        for each in value:
            check_form_c(each)
    elif isinstance(value, dict):
        check_form_c([*value, *value.values()])


# ---- the tree: RFC 9162, section 2.1 ----


class Tree:
    """A Merkle tree that grows leaf by leaf; only the roots of whole subtrees are kept."""

    def __init__(self) -> None:
        """Begin without leaves."""
        self.size = 0
        self._heads: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        size = self.size
        while size & 1:
            leaf = sha256(b"\x01" + self._heads.pop() + leaf).digest()
            size >>= 1
        self._heads.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Give the root over all leaves so far."""
        if not self._heads:
            return sha256().digest()
        *others, root = self._heads
        for head in reversed(others):
            root = sha256(b"\x01" + head + root).digest()
        return root


# ---- keys, notes and checkpoints: C2SP signed-note, tlog-checkpoint, tlog-cosignature ----

LOG_KEY, WITNESS_KEY = 1, 4
_LAST_SECOND = 253402300799  # of the year 9999
_LARGEST = 2**63 - 1  # no size and no time is greater
_NAME = re.compile(r"[^\s+\x00-\x1f]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_DASH = "— "


class Key(NamedTuple):
    """A public key; `purpose` is that of a log or that of a witness."""

    name: str
    id: bytes
    purpose: int
    raw: bytes

    @property
    def label(self) -> str:
        """The key without itself, as people compare it."""
        return f"{self.name}+{self.id.hex()}"


class Signature(NamedTuple):
    """One signature line."""

    name: str
    key_id: bytes
    value: bytes


class Note(NamedTuple):
    """A text and its signature lines."""

    text: str
    signatures: list[Signature]

    def by(self, key: Key) -> list[bytes]:
        """Give what this key is said to have signed."""
        lines = self.signatures
        return [each.value for each in lines if (each.name, each.key_id) == (key.name, key.id)]


class Checkpoint(NamedTuple):
    """The root of a log at a size, and the note that says so."""

    origin: str
    size: int
    root: bytes
    note: Note


def read_key(word: str, purpose: int) -> Key:
    """Read a vkey: name+id+key."""
    name, _, rest = word.partition("+")
    id, _, encoded = rest.partition("+")
    raw = _base64(encoded)
    if not _NAME.fullmatch(name) or len(raw) != 33 or raw[0] != purpose:
        whose = "log" if purpose == LOG_KEY else "witness"
        raise Unusable(
            f"found {shown(word)}; expected the Ed25519 key of a {whose}: name+id+key, kind {purpose}"
        )
    made = sha256(_opaque(name) + b"\n" + raw).digest()[:4]
    if made.hex() != id:
        raise Unusable(
            f"the key {shown(word)} is damaged: expected the id {made.hex()}; get it anew"
        )
    return Key(name=name, id=made, purpose=purpose, raw=raw[1:])


def read_note(text: str) -> Note:
    """Read a signed note."""
    body, _, signed = text.rpartition("\n\n")
    if len(text) > 64 * 1024 or any(sign < " " and sign != "\n" for sign in text):
        raise Wrong("the note is too long, or holds control characters")
    if not body or not signed.endswith("\n"):
        raise Wrong("the note lacks its text, its blank line or its signatures")
    lines = signed[:-1].split("\n")
    if len(lines) > 100:
        raise Wrong(f"the note has {len(lines)} signatures; expected at most 100")
    return Note(text=body + "\n", signatures=[_signature(line) for line in lines])


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    raw = _base64(encoded)
    if not line.startswith(_DASH) or not _NAME.fullmatch(name) or len(raw) < 5:
        raise Wrong(f"the line {shown(line)} of the note is no signature")
    return Signature(name=name, key_id=raw[:4], value=raw[4:])


def read_checkpoint(text: str) -> Checkpoint:
    """Read the checkpoint in a signed note."""
    note = read_note(text)
    lines = note.text[:-1].split("\n")
    origin, size, root, *_ = [*lines, "", ""]
    is_size = _SIZE.fullmatch(size) and int(size) <= _LARGEST
    if not is_size or len(_base64(root)) != 32 or not all(lines):
        raise Wrong("the note holds no checkpoint: origin, size and root, a line each")
    return Checkpoint(origin=origin, size=int(size), root=_base64(root), note=note)


def signs(key: Key, note: Note) -> bool:
    """Tell whether this key of a log signed the note."""
    for value in note.by(key):
        _check_signature(key, value, note.text)
    return bool(note.by(key))


def cosigned_at(key: Key, note: Note) -> list[int]:
    """Give when this witness cosigned the note, in seconds since 1970."""
    times = []
    for value in note.by(key):
        at = int.from_bytes(value[:8], "big")
        _check_signature(key, value[8:], f"cosignature/v1\ntime {at}\n{note.text}")
        if at > _LARGEST:
            raise Forged(f"the cosignature of {key.label} has the time {at}, which never is")
        times.append(at)
    return times


def _check_signature(key: Key, value: bytes, text: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(value, text.encode())
    except (InvalidSignature, ValueError):
        raise Forged(
            f"the signature in the name of {key.label} is not one of this checkpoint; "
            "the checkpoint or the signature was altered"
        ) from None


def _base64(text: str) -> bytes:
    """Read base64 in its one form; what is none is empty."""
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        return b""
    return raw if b64encode(raw).decode() == text else b""


def _opaque(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


# ---- whom to believe: C2SP tlog-policy ----


class Group(NamedTuple):
    """So many of the members must have witnessed."""

    threshold: int
    members: list[str]


class Policy:
    """The logs and witnesses that an auditor believes, and how many of them it takes."""

    def __init__(self) -> None:
        """Begin with nobody and without a quorum."""
        self.logs: list[Key] = []
        self.witnesses: dict[str, Key] = {}
        self._groups: dict[str, Group] = {}
        self._quorum: str | None = None
        self._grouped: set[str] = set()

    @classmethod
    def read(cls, data: bytes) -> "Policy":
        """Read a policy file."""
        policy = cls()
        if any((byte < 32 and byte not in b"\t\n") or byte == 127 for byte in data):
            raise Unusable(
                "the policy holds control characters; expected lines of text that end in LF"
            )
        for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
            words = re.split("[ \t]+", line.strip(" \t"))
            if words == [""] or words[0].startswith("#"):
                continue
            try:
                policy._add(*words)
            except (TypeError, Wrong, Unusable) as error:
                told = "too few or too many words" if isinstance(error, TypeError) else str(error)
                raise Unusable(f"line {number} of the policy: {told}") from None
        if policy._quorum is None:
            raise Unusable("the policy has no line quorum; add one: quorum NAME, or quorum none")
        return policy

    def _add(self, kind: str, *words: str) -> None:
        add: dict[str, Callable[..., None]] = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._end,
        }
        if kind not in add:
            raise Wrong(f"found {shown(kind)}; expected log, witness, group or quorum")
        add[kind](*words)

    def _log(self, vkey: str, _url: str = "") -> None:
        key = read_key(vkey, LOG_KEY)
        self._check_new(key, self.logs)
        self.logs.append(key)

    def _witness(self, name: str, vkey: str, _url: str = "") -> None:
        key = read_key(vkey, WITNESS_KEY)
        self._check_new(key, self.witnesses.values())
        self._check_free(name)
        self.witnesses[name] = key

    def _group(self, name: str, count: str, first: str, *others: str) -> None:
        members = [first, *others]
        self._check_free(name)
        for each in members:
            self._check_known(each)
            if each in self._grouped:
                raise Wrong(f"{shown(each)} is in a group already; each name may be in one")
            self._grouped.add(each)
        counts = {"any": "1", "all": str(len(members))}
        number = counts.get(count, count)
        if not re.fullmatch("[1-9][0-9]{0,5}", number) or int(number) > len(members):
            raise Wrong(f"found {shown(count)}; expected any, all or 1 to {len(members)}")
        self._groups[name] = Group(threshold=int(number), members=members)

    def _end(self, name: str) -> None:
        if self._quorum is not None:
            raise Wrong("found a second quorum; expected one")
        if name != "none":
            self._check_known(name)
        self._quorum = name

    def _check_new(self, key: Key, others: Iterable[Key]) -> None:
        if any(key.raw == other.raw for other in others):
            raise Wrong(f"the key of {shown(key.name)} is there already; expected each key once")

    def _check_free(self, name: str) -> None:
        if name == "none" or name in self.witnesses or name in self._groups:
            raise Wrong(f"the name {shown(name)} is taken")

    def _check_known(self, name: str) -> None:
        if name not in self.witnesses and name not in self._groups:
            raise Wrong(f"no line before this one defines {shown(name)}")

    def check_quorum(self, witnesses: Iterable[str]) -> None:
        """Check that these witnesses are enough."""
        cosigned = set(witnesses)
        if self._quorum != "none" and not self._witnessed(str(self._quorum), cosigned):
            found = ", ".join(sorted(map(shown, cosigned))) or "none"
            raise Incomplete(
                f"the quorum {shown(self._quorum)} is not met: found valid cosignatures of {found}; "
                "get a checkpoint that more witnesses have cosigned"
            )

    def _witnessed(self, name: str, cosigned: set[str]) -> bool:
        group = self._groups.get(name)
        if group is None:
            return name in cosigned
        return sum(self._witnessed(each, cosigned) for each in group.members) >= group.threshold


class Trust(NamedTuple):
    """What an auditor brings along: keys of the log, a policy, or both."""

    keys: list[Key]
    policy: Policy | None

    def check_log(self, checkpoint: Checkpoint) -> list[str]:
        """Check that the log signed; where both keys and a policy are given, by both.

        Returns:
            the keys that signed.
        """
        signed = []
        for trusted in (self.keys, self.policy.logs if self.policy else []):
            if not trusted:
                continue
            _check_origin(checkpoint, trusted)
            found = [key for key in trusted if signs(key, checkpoint.note)]
            if not found:
                raise Unusable(_not_signed(checkpoint, trusted))
            signed += [key.label for key in found]
        return list(dict.fromkeys(signed))

    def cosignatures(self, checkpoint: Checkpoint) -> dict[str, list[int]]:
        """Give when each witness of the policy cosigned, in seconds since 1970."""
        witnesses = self.policy.witnesses.items() if self.policy else ()
        times = {name: cosigned_at(key, checkpoint.note) for name, key in witnesses}
        return {name: found for name, found in times.items() if found}


def _check_origin(checkpoint: Checkpoint, trusted: Sequence[Key]) -> None:
    if all(key.name != checkpoint.origin for key in trusted):
        names = ", ".join(sorted({shown(key.name) for key in trusted}))
        raise Unusable(
            f"the checkpoint is of the log {shown(checkpoint.origin)}, the key of {names}; "
            "give the key, or the export, of the same log"
        )


def _not_signed(checkpoint: Checkpoint, trusted: Sequence[Key]) -> str:
    found = ", ".join(
        shown(f"{each.name}+{each.key_id.hex()}") for each in checkpoint.note.signatures
    )
    wanted = " or ".join(key.label for key in trusted)
    return (
        f"the checkpoint is not signed by the key that was given: found signatures of {found}, "
        f"expected one of {wanted}; if the log has a new key, get it from its operator and the "
        "witnesses, and give it with --key"
    )


# ---- one entry by itself: its record, its columns, its values ----

_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HASH = re.compile("[0-9a-f]{64}")
_HASHES = re.compile("[0-9a-f]{64}(?:,[0-9a-f]{64})*")
_LABEL = b"safe-passage/commitment/v1\x00"
_ALWAYS = frozenset(("actor", "reason", "sources", "warnings"))
_ASPECT = "aspect/"
_NOTHING: dict[str, str] = {}
_WITHHELD = {"i", "leaf"}
_SHOWN = {"i", "record", "columns", "aspects", "replaced", "values"}


class Layout(NamedTuple):
    """The fields of a record in the order of canonical JSON, each with its name quoted."""

    fields: dict[str, str]
    aspects: dict[str, str]
    names: tuple[str, ...]


class Entry(NamedTuple):
    """What a readable entry says; times are texts, which sort like the instants they name."""

    event: str
    subject: str
    record: dict[str, Any]
    aspects: tuple[str, ...]
    values: dict[str, Any]
    redacted: dict[str, str]


class Line(NamedTuple):
    """One line of the log: its leaf, and what it says unless it is withheld or unreadable."""

    leaf: bytes | None
    entry: Entry | None
    faults: list[str]


def read_line(text: str, index: int, subject: str | None = None) -> Line:
    """Read one entry and check everything that can be checked of it alone.

    Args:
        subject: of entries about others, values are let go once they are checked.
    """
    line = _read_by(_cut, text, index)
    if line.faults:
        line = _read_by(_parsed, text, index)
    entry = line.entry
    if entry is not None:
        del entry.record["values"]
        if entry.subject != subject and entry.record["kind"] != "redacted":
            entry.values.clear()
    return line


def _read_by(read: Callable[[str], dict[str, Any]], text: str, index: int) -> Line:
    leaf, faults = None, list[str]()
    try:
        told = read(text)
        if "leaf" in told:
            return _read_withheld(told, text, index)
        leaf = sha256(b"\x00" + told["record"].encode()).digest()
        record = read_record(told["record"], faults)
        entry = _open(told, record, faults)
        faults += check_entry(text, told, entry, index)
        return Line(leaf, entry, faults)
    except UnicodeEncodeError:
        faults.append("found half of a surrogate pair; expected Unicode text")
    except Wrong as error:
        faults.append(str(error))
    return Line(leaf, None, faults)


def _cut(text: str) -> dict[str, Any]:
    """Cut a line of the usual form into its parts, several times faster than JSON is read.

    Nothing is checked here. What was cut is believed only if the same line can be made anew from it.
    """
    record, found, rest = text.partition('"record":"')[2].partition('","replaced":[],"values":{"')
    if not found:
        raise Wrong("this is not the usual form")
    parts = rest.replace('\\"', "\0").split('"')
    values = {
        field: [salt, value.replace("\0", '"')]
        for field, salt, value in zip(parts[::6], parts[2::6], parts[4::6], strict=False)
    }
    return {"record": record.replace('\\"', '"'), "values": values, "columns": {}}


def _parsed(text: str) -> dict[str, Any]:
    """Read a line as JSON, and check that it has its members, so that each can be looked into."""
    told = parse(text)
    if type(told) is not dict or told.keys() not in (_WITHHELD, _SHOWN, _SHOWN | {"redacted"}):
        members = sorted(told) if isinstance(told, dict) else told
        raise Wrong(f"found {shown(members)}; expected an entry of the log")
    if "leaf" in told:
        return told
    values, redacted = told["values"], told.get("redacted", {"": ""})
    if type(told["record"]) is not str:
        raise Wrong(f"record is {shown(told['record'])}; expected a text")
    if type(values) is not dict or not all(map(_is_opening, values.values())):
        raise Wrong(f"values is {shown(values)}; expected {{field: [salt, value]}}")
    if not redacted or not _is_texts(redacted):
        raise Wrong(f"redacted is {shown(redacted)}; expected {{field: event}}, or nothing")
    return told


def _is_opening(value: Any) -> bool:
    return type(value) is list and len(value) == 2 and type(value[0]) is type(value[1]) is str


def _read_withheld(told: dict[str, Any], text: str, index: int) -> Line:
    faults = []
    if canonical({"i": index, "leaf": told["leaf"]}) != text:
        faults.append(f"found the index {shown(told['i'])}; expected {index}, in canonical JSON")
    if not is_hash(told["leaf"]):
        return Line(None, None, [*faults, f"the leaf {shown(told['leaf'])} is no hash"])
    return Line(bytes.fromhex(told["leaf"]), None, faults)


def _is_texts(value: Any) -> bool:
    return type(value) is dict and all(type(each) is str for each in value.values())


def read_record(text: str, faults: list[str]) -> dict[str, Any]:
    """Read a record, and check each of its members by itself."""
    record = parse(text)
    if type(record) is not dict or record.keys() != _MEMBERS.keys():
        found = sorted(record) if isinstance(record, dict) else record
        raise Wrong(f"the record has {shown(found)}; expected {', '.join(_MEMBERS)}")
    if _is_plain(text, record):
        return record
    for name, is_right in _MEMBERS.items():
        if not is_right(record[name]):
            raise Wrong(f"the record says {name} {shown(record[name])}; that is not its form")
    faults += _faults_of_text("the record", text, record)
    return record


_PLAIN = re.compile(
    r'\{"basis":"(?:stated|inferred)","effective_at":"%T","event":"%U","kind":"%S",'
    r'"operation":(?:null|"%U"),"recorded_at":"%T","replaces":\[\],"sequence":[1-9][0-9]*,'
    r'"subject":\{"id":"%U","kind":"%S"\},"v":1,"values":'.replace("%U", _UUID.pattern)
    .replace("%T", r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
    .replace("%S", "[a-z_]+")
)


def _is_plain(text: str, record: dict[str, Any]) -> bool:
    """Tell quickly that a record is right, as nearly all are; False proves nothing."""
    head, values = _PLAIN.match(text), record["values"]
    if head is None or type(values) is not dict or not are_hashes(values.values()):
        return False
    try:
        datetime.fromisoformat(record["effective_at"][:-1])
        datetime.fromisoformat(record["recorded_at"][:-1])
    except ValueError:
        return False
    fields = layout_of(tuple(values)).fields
    told = ",".join([f'{quoted}:"{values[field]}"' for field, quoted in fields.items()])
    return text.isascii() and text[head.end() :] == f"{{{told}}}}}"


def is_uuid(value: Any) -> bool:
    """Tell whether this is an id: a UUID in lower case with hyphens."""
    return type(value) is str and _UUID.fullmatch(value) is not None


def is_hash(value: Any) -> bool:
    """Tell whether this is a SHA-256 in lower-case hex."""
    return type(value) is str and _HASH.fullmatch(value) is not None


def are_hashes(values: Collection[Any]) -> bool:
    """Tell whether each of these is a SHA-256 in lower-case hex."""
    try:
        joined = ",".join(values)
    except TypeError:
        return False
    return len(joined) == 65 * len(values) - 1 and _HASHES.fullmatch(joined) is not None


def is_instant(value: Any) -> bool:
    """Tell whether this is an instant in UTC with six digits and Z, on a day that exists."""
    try:
        return bool(value == instant(datetime.fromisoformat(value[:-1])))
    except (TypeError, ValueError):
        return False


def instant(at: datetime) -> str:
    """Write an instant in UTC as records have it."""
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _is_text(value: Any) -> bool:
    return type(value) is str and value != ""


def _is_subject(value: Any) -> bool:
    if type(value) is not dict or value.keys() != {"kind", "id"}:
        return False
    return _is_text(value["kind"]) and is_uuid(value["id"])


def _is_replaced(value: Any) -> bool:
    if type(value) is not dict or value.keys() != {"event", "aspects"}:
        return False
    aspects = value["aspects"]
    return (
        is_uuid(value["event"])
        and type(aspects) is list
        and all(type(each) is str for each in aspects)
        and aspects == sorted(set(aspects))
    )


_MEMBERS: Mapping[str, Callable[[Any], bool]] = {
    "v": lambda value: type(value) is int and value == 1,
    "event": is_uuid,
    "subject": _is_subject,
    "operation": lambda value: value is None or is_uuid(value),
    "sequence": lambda value: type(value) is int and value >= 1,
    "kind": _is_text,
    "effective_at": is_instant,
    "recorded_at": is_instant,
    "basis": lambda value: value in ("stated", "inferred"),
    "replaces": lambda value: type(value) is list and all(map(_is_replaced, value)),
    "values": lambda value: type(value) is dict and are_hashes(value.values()),
}


def _is_actor(value: Any) -> bool:
    return (
        _is_texts(value)
        and value.keys() == {"principal", "holder", "organisation", "role"}
        and is_uuid(value["principal"])
        and is_uuid(value["organisation"])
    )


def _is_warning(value: Any) -> bool:
    return _is_texts(value) and value.keys() == {"code", "message"}


_VALUES: Mapping[str, Callable[[Any], bool]] = {
    "actor": _is_actor,
    "reason": lambda value: value is None or type(value) is str,
    "sources": lambda value: type(value) is list and all(map(is_uuid, value)),
    "warnings": lambda value: type(value) is list and all(map(_is_warning, value)),
}


@lru_cache(maxsize=4096)
def layout_of(fields: tuple[str, ...]) -> Layout:
    """Order the fields of a record as canonical JSON does, and find the aspects among them."""
    missing = _ALWAYS.difference(fields)
    if missing:
        raise Wrong(f"the record lacks the fields {', '.join(sorted(missing))}")
    ordered = sorted(fields, key=lambda field: field.encode("utf-16-be"))
    strange = [f for f in ordered if f not in _ALWAYS and not (_ASPECT < f < "aspect0")]
    if strange:
        raise Wrong(f"the record has the field {shown(strange[0])}; expected aspect/<name>")
    aspects = [field.removeprefix(_ASPECT) for field in ordered if field not in _ALWAYS]
    return Layout(
        fields={field: canonical(field) for field in ordered},
        aspects={name: canonical(name) for name in aspects},
        names=tuple(aspects),
    )


@lru_cache(maxsize=4096)
def _before(field: str) -> bytes:
    return _LABEL + field.encode() + b"\x00"


def _open(told: dict[str, Any], record: dict[str, Any], faults: list[str]) -> Entry:
    """Open each commitment for which salt and value are given."""
    values, opened = {}, told["values"]
    faults += _wrong_openings(opened, record["values"])
    for field, (_, text) in opened.items():
        try:
            read = read_value if len(text) > _SHORT else read_again
            values[field] = read(field, text)
        except Wrong as error:
            faults.append(f"{field}: {error}")
    aspects, redacted = layout_of(tuple(record["values"])).names, told.get("redacted", _NOTHING)
    return Entry(record["event"], record["subject"]["id"], record, aspects, values, redacted)


def read_value(field: str, text: str) -> Any:
    """Read a value, and check that it is canonical and of the form of its field."""
    value = parse(text)
    check_canonical(text, value)
    if not _is_form_c(text):
        check_form_c(value)
    if field in _VALUES and not _VALUES[field](value):
        raise Wrong(f"found {shown(value)}, which is not of its form")
    return value


_SHORT = 200
read_again = lru_cache(maxsize=4096)(read_value)
"""The same for short values, of which most come again and again."""


def _wrong_openings(opened: dict[str, Any], commitments: dict[str, str]) -> list[str]:
    salts = _bytes([salt for salt, _ in opened.values()])
    if salts is None:
        return ["found a salt that is not 32 bytes in lower-case hex"]
    made = {
        field: sha256(_before(field) + salt + opening[1].encode()).hexdigest()
        for salt, (field, opening) in zip(salts, opened.items(), strict=True)
    }
    if made.items() <= commitments.items():
        return []
    return [
        f"{field}: salt and value lead to {found}; the record has {commitments[field]}"
        for field, found in made.items()
        if found != commitments.get(field, found)
    ]


def _bytes(salts: list[str]) -> list[bytes] | None:
    """Read salts, all at once; None where one is none."""
    joined = "".join(salts)
    try:
        raw = bytes.fromhex(joined)
    except ValueError:
        return None
    if raw.hex() != joined or any(len(salt) != 64 for salt in salts):
        return None
    return [raw[start : start + 32] for start in range(0, len(raw), 32)]


def _faults_of_text(what: str, text: str, value: Any) -> Iterator[str]:
    """Say what keeps a readable JSON text from the form in which it is hashed."""
    try:
        check_canonical(text, value)
        if not _is_form_c(text):
            check_form_c(value)
    except Wrong as error:
        yield f"{what}: {error}"


def check_entry(text: str, told: dict[str, Any], entry: Entry, index: int) -> Iterator[str]:
    """Check that an entry is what its record says: it is made anew from that, and compared."""
    made = _made_anew(told, entry, index)
    if made != text:
        differences = list(_differences(told, parse(made)))
        differences = differences or list(_faults_of_text("the line", text, told))
        yield from differences or ["the line is not what its record makes it"]
    yield from _too_late(entry.record["effective_at"], entry.record["recorded_at"])
    yield from _uncovered(entry.record["values"].keys(), told["values"], entry.redacted)


def _too_late(effective_at: str, recorded_at: str) -> Iterator[str]:
    if effective_at > recorded_at:
        yield f"effective_at {effective_at} lies after recorded_at {recorded_at}"


def _made_anew(told: dict[str, Any], entry: Entry, index: int) -> str:
    """Write the line that the export must hold, in canonical form."""
    record, subject = entry.record, entry.subject
    fields, aspects_set, _ = layout_of(tuple(record["values"]))
    effective_at, recorded_at = record["effective_at"], record["recorded_at"]
    operation = "null" if record["operation"] is None else f'"{record["operation"]}"'
    set_at = f'["{subject}","{effective_at}","{recorded_at}",{record["sequence"]}]'
    aspects = ",".join([f"{quoted}:{set_at}" for quoted in aspects_set.values()])
    replaces = [[r["event"], a] for r in record["replaces"] for a in r["aspects"]]
    replaced = canonical(sorted(replaces)) if replaces else "[]"
    redacted = f'"redacted":{canonical(entry.redacted)},' if entry.redacted else ""
    opened = told["values"]
    values = ",".join(
        [
            f'{quoted}:["{opened[field][0]}",{_quoted(opened[field][1])}]'
            for field, quoted in fields.items()
            if field in entry.values
        ]
    )
    return (
        f'{{"aspects":{{{aspects}}},"columns":{{"basis":"{record["basis"]}",'
        f'"effective_at":"{effective_at}","event":"{entry.event}",'
        f'"kind":{_quoted(record["kind"])},"operation":{operation},'
        f'"organisation":{_quoted(_organisation(told, entry))},"recorded_at":"{recorded_at}",'
        f'"sequence":{record["sequence"]},"subject":"{subject}",'
        f'"subject_kind":{_quoted(record["subject"]["kind"])}}},"i":{index},'
        f'"record":{_quoted(told["record"])},{redacted}"replaced":{replaced},'
        f'"values":{{{values}}}}}'
    )


def _organisation(told: dict[str, Any], entry: Entry) -> str:
    """Give the organisation of the actor, or what the column says where the actor is erased."""
    held = entry.values.get("actor", told["columns"])
    said = held.get("organisation") if isinstance(held, dict) else None
    return said if isinstance(said, str) and is_uuid(said) else "the id of an organisation"


def _differences(told: dict[str, Any], expected: dict[str, Any]) -> Iterator[str]:
    for member, right in expected.items():
        found = told.get(member)
        if _same(found, right):
            continue
        if not (isinstance(found, dict) and isinstance(right, dict)):
            yield f"{member} is {shown(found)}; expected {shown(right)}"
            continue
        for name in sorted({*found, *right}):
            if (name in found) is not (name in right) or not _same(
                found.get(name), right.get(name)
            ):
                yield (
                    f"{member}.{name} is {shown(found.get(name, 'missing'))}; "
                    f"the record says {shown(right.get(name, 'nothing of it'))}"
                )


def _same(one: object, other: object) -> bool:
    """Tell whether two values are written alike; to Python, true is 1."""
    return canonical(one) == canonical(other)


def _uncovered(fields: Iterable[str], values: Any, redacted: Any) -> Iterator[str]:
    if not redacted and fields == values.keys():
        return
    for field in sorted({*fields, *values, *redacted}):
        if field not in fields:
            yield f"{shown(field)} is opened or redacted; the record has no such field"
        elif field in values and field in redacted:
            yield f"{field} has a value and is redacted; expected one of both"
        elif field not in values and field not in redacted:
            yield f"{field} is neither opened nor redacted; expected one of both"


# ---- the entries together: sequences, clocks, corrections, redactions ----


class Ledger:
    """What must fit between the entries of a log; kept small, for there may be millions."""

    def __init__(self, not_after: str = "~") -> None:
        """Begin without entries.

        Args:
            not_after: the instant by which everything must have been recorded.
        """
        self.not_after = not_after
        self.not_before = ""
        self._subjects: dict[bytes, int] = {}
        self._sequences: list[int] = []
        self._times: list[str] = []
        self._events: dict[bytes, int] = {}
        self._sets: dict[tuple[str, ...], int] = {}
        self._names: list[tuple[str, ...]] = []
        self._erased: dict[str, dict[str, str]] = {}
        self._unproved: dict[tuple[str, str, str], int] = {}

    def take(self, entry: Entry, index: int) -> Iterator[str]:
        """Add an entry, and say what does not fit with those before it."""
        subject = self._subjects.setdefault(_key(entry.subject), len(self._subjects))
        yield from self._misplaced(entry, subject)
        if not self.not_before <= entry.record["recorded_at"] <= self.not_after:
            yield from self._untimely(entry.record["recorded_at"])
        for replaced in entry.record["replaces"]:
            yield from self._uncorrected(subject, replaced["event"], replaced["aspects"])
        if _key(entry.event) in self._events:
            yield "an earlier entry has the same event; expected each event once"
        names = self._sets.setdefault(entry.aspects, len(self._sets))
        if names == len(self._names):
            self._names.append(entry.aspects)
        self._events.setdefault(_key(entry.event), subject << 32 | names)
        if entry.record["kind"] == "redacted":
            yield from self._redacting(entry, subject)
        elif entry.redacted:
            self._erased[entry.event] = entry.redacted
            for field, event in entry.redacted.items():
                self._unproved[event, entry.event, field] = index

    def _misplaced(self, entry: Entry, subject: int) -> Iterator[str]:
        sequence, at = entry.record["sequence"], entry.record["recorded_at"]
        if subject == len(self._sequences):
            self._sequences.append(0)
            self._times.append("")
        expected, before = self._sequences[subject] + 1, self._times[subject]
        if sequence != expected:
            yield (
                f"found sequence {sequence} of the subject {entry.subject}; expected "
                f"{expected}: an event is missing, repeated or out of its order"
            )
        if at < before:
            yield (
                f"recorded_at {at} lies before {before}, that of the subject's event before; "
                "expected never backwards"
            )
        self._sequences[subject], self._times[subject] = sequence, max(at, before)

    def _untimely(self, at: str) -> Iterator[str]:
        if at > self.not_after:
            yield (
                f"recorded_at {at} lies after the checkpoint was cosigned; expected none after "
                f"{self.not_after}"
            )
        if at < self.not_before:
            yield (
                f"recorded_at {at} lies before the older checkpoint was cosigned, which does not "
                f"cover this entry; expected none before {self.not_before}"
            )

    def _uncorrected(self, subject: int, event: str, aspects: Sequence[str]) -> Iterator[str]:
        found = self._find(event, subject)
        if found is None:
            yield f"it replaces event {event}; expected an earlier event of the same subject"
            return
        for aspect in aspects:
            if aspect not in found:
                yield f"it replaces {shown(aspect)} of event {event}, which did not set that"

    def _find(self, event: str, subject: int) -> tuple[str, ...] | None:
        """Give the aspects of an earlier event, if it is one of this subject."""
        packed = self._events.get(_key(event))
        if packed is None or packed >> 32 != subject:
            return None
        return self._names[packed & 0xFFFFFFFF]

    def _redacting(self, entry: Entry, subject: int) -> Iterator[str]:
        if entry.redacted:
            yield "something of a redaction is redacted; expected it whole"
        for name in entry.aspects:
            _, is_one, event = name.partition("redaction:")
            if is_one and _ASPECT + name in entry.values:
                yield from self._redacts(entry, subject, event, entry.values[_ASPECT + name])

    def _redacts(self, entry: Entry, subject: int, event: str, value: Any) -> Iterator[str]:
        aspects = self._find(event, subject) if is_uuid(event) and event != entry.event else None
        if aspects is None:
            yield f"it redacts event {shown(event)}; expected an earlier event of the same subject"
            return
        known = {*_ALWAYS, *(_ASPECT + name for name in aspects)}
        if not _is_redaction(value, event, known):
            yield (
                f"the redaction of event {event} says {shown(value)}; expected that event and "
                "fields of it, sorted"
            )
            return
        erased = self._erased.get(event, {})
        for field in value["fields"]:
            self._unproved.pop((entry.event, event, field), None)
            if field not in erased:
                yield f"it redacts {field} of event {event}, which still shows a value"

    def end(self) -> Iterator[tuple[int, str, str]]:
        """Say, of which entry (index and event), what is still open when all have been seen."""
        for (by, event, field), index in self._unproved.items():
            yield index, event, f"{field} is redacted by {shown(by)}; no later event says so"


def _is_redaction(value: Any, event: str, known: set[str]) -> bool:
    if not isinstance(value, dict) or value.keys() != {"event", "fields"}:
        return False
    fields = value["fields"]
    return (
        value["event"] == event
        and isinstance(fields, list)
        and fields != []
        and all(isinstance(field, str) and field in known for field in fields)
        and fields == sorted(set(fields))
    )


def _key(id: str) -> bytes:
    return bytes.fromhex(id.replace("-", ""))


# ---- what the record says of one subject ----


class Reading:
    """What was so at `as_of`, as it was known at `known_at`, of one subject."""

    def __init__(self, subject: str, as_of: str | None, known_at: str | None) -> None:
        """Begin without entries; None stands for all that the file holds."""
        self.subject = subject
        self._as_of, self._known_at = as_of, known_at
        self._entries: list[Entry] = []

    def take(self, entry: Entry) -> None:
        """Keep an entry, if it is about the subject."""
        if entry.subject == self.subject:
            self._entries.append(entry)

    def answer(self, withheld: int) -> dict[str, Any]:
        """Give the state of each aspect, and from which event it is."""
        if not self._entries:
            raise Incomplete(
                f"no entry is about the subject {self.subject}"
                + (f"; {withheld} entries are withheld, and it may be among them" * bool(withheld))
                + "; check the id, or ask for an export that shows it"
            )
        record = self._entries[0].record
        return {
            "subject": record["subject"],
            "operation": record["operation"],
            "as_of": self._as_of,
            "known_at": self._known_at,
            "aspects": dict(sorted(self._aspects().items())),
        }

    def _aspects(self) -> dict[str, Any]:
        known = [e for e in self._entries if e.record["recorded_at"] <= (self._known_at or "~")]
        replaced = {
            (each["event"], aspect)
            for entry in known
            for each in entry.record["replaces"]
            for aspect in each["aspects"]
        }
        known = [e for e in known if e.record["effective_at"] <= (self._as_of or "~")]
        known.sort(key=lambda e: (e.record["effective_at"], e.record["sequence"]))
        return {
            aspect: _told(entry, aspect)
            for entry in known
            for aspect in entry.aspects
            if (entry.event, aspect) not in replaced
        }


def _told(entry: Entry, aspect: str) -> dict[str, Any]:
    field = _ASPECT + aspect
    what = (
        {"redacted_by": entry.redacted[field]}
        if field in entry.redacted
        else {"value": entry.values[field]}
    )
    names = ("event", "sequence", "effective_at", "recorded_at", "basis")
    return what | {name: entry.record[name] for name in names}


# ---- the file ----

PACKED = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}


class Lines:
    """The lines of an export, with the SHA-256 of all but the last."""

    def __init__(self, stream: BinaryIO) -> None:
        """Begin before the first line."""
        self._stream = stream
        self._digest = sha256()
        self.number = 0
        self.bytes = 0
        self.last: bytes | None = None
        self.broken: Wrong | Incomplete | None = None

    def next(self) -> bytes | None:
        """Give the next line without its end; None where there is no more."""
        line = self._stream.readline(LONGEST_LINE + 1)
        if not line:
            return None
        self.number += 1
        self.bytes += len(line)
        if line[-1:] != b"\n":
            if len(line) > LONGEST_LINE:
                raise Wrong(f"line {self.number} is longer than {LONGEST_LINE} bytes")
            raise Incomplete(f"line {self.number} has no end; the file was cut short, get it anew")
        return line[:-1]

    def take(self, line: bytes) -> None:
        """Count a line in."""
        self._digest.update(line + b"\n")

    def entries(self) -> Iterator[bytes]:
        """Give the lines up to the last one; `last` and `broken` say afterwards how they ended."""
        try:
            while (line := self.next()) is not None:
                if line.startswith(b'{"entries":'):
                    self.last = line
                    return
                self.take(line)
                yield line
        except (Wrong, Incomplete) as error:
            self.broken = error

    def sha256(self) -> str:
        """Give the hash of what was counted in."""
        return self._digest.hexdigest()


class Task(NamedTuple):
    """Some lines to be read, the index of the first, and the subject whose values are wanted."""

    lines: list[bytes]
    first: int
    subject: str | None


def read_task(task: Task) -> list[Line]:
    """Read each line of a task by itself."""
    return [_decoded(line, task.first + n, task.subject) for n, line in enumerate(task.lines)]


def _decoded(line: bytes, index: int, subject: str | None) -> Line:
    try:
        return read_line(line.decode(), index, subject)
    except UnicodeDecodeError:
        return Line(None, None, ["the line is not UTF-8"])


def tasks(lines: Iterable[bytes], subject: str | None) -> Iterator[Task]:
    """Put lines together, so many that to hand them over costs little beside reading them."""
    first, some, size = 0, list[bytes](), 0
    for line in lines:
        some.append(line)
        size += len(line)
        if size > _TASK_BYTES:
            yield Task(some, first, subject)
            first, some, size = first + len(some), [], 0
    yield Task(some, first, subject)


_TASK_BYTES = 1024 * 1024


def read_all(wanted: Iterable[Task], workers: int) -> Iterator[Line]:
    """Read the lines of tasks, in their order; with more than one worker, side by side."""
    if workers < 2:
        for task in wanted:
            yield from read_task(task)
        return
    with ProcessPoolExecutor(workers) as pool:
        under_way = deque[Future[list[Line]]]()
        for task in wanted:
            under_way.append(pool.submit(read_task, task))
            if len(under_way) > 2 * workers:
                yield from under_way.popleft().result()
        while under_way:
            yield from under_way.popleft().result()


def workers_for(size: int) -> int:
    """Give how many processes shall read a file of so many bytes."""
    if size < _WORTH_IT or not hasattr(os, "sched_getaffinity"):
        return 1
    return min(len(os.sched_getaffinity(0)), 8)


_WORTH_IT = 16 * _TASK_BYTES


class Header(NamedTuple):
    """The first line: a checkpoint, and whatever is wrong with the line otherwise."""

    checkpoint: Checkpoint
    faults: list[str]


def read_header(lines: Lines) -> Header:
    """Read the first line; what has none is no export."""
    try:
        line = lines.next()
        text = (line or b"").decode()
        told = parse(text)
        if not isinstance(told, dict) or told.get("format") != FORMAT:
            found = shown(told.get("format") if isinstance(told, dict) else told)
            raise Wrong(f"found the format {found}; expected {shown(FORMAT)}")
        if not isinstance(told.get("checkpoint"), str):
            raise Wrong("the first line holds no checkpoint")
        checkpoint = read_checkpoint(told["checkpoint"])
    except UnicodeDecodeError:
        raise Unusable(_no_export(lines, "the first line is not UTF-8")) from None
    except (Wrong, Incomplete) as error:
        raise Unusable(_no_export(lines, str(error))) from None
    lines.take(line or b"")
    faults = []
    if told.keys() != {"format", "checkpoint", "exported_at"} or canonical(told) != text:
        faults.append("the first line has other members, or is not canonical JSON")
    if not is_instant(told.get("exported_at")):
        faults.append(
            f"exported_at is {shown(told.get('exported_at'))}; expected an instant in UTC"
        )
    return Header(checkpoint=checkpoint, faults=faults)


def _no_export(lines: Lines, why: str) -> str:
    what = "the file is empty" if not lines.bytes else f"this is no export of a history: {why}"
    return f"{what}; give the file that passage history export wrote"


def check_packed(start: bytes) -> None:
    """Refuse what is compressed before anything of it is read."""
    for magic, name in PACKED.items():
        if start.startswith(magic):
            raise Unusable(
                f"the file is compressed ({name}); unpack it first, it is never unpacked here"
            )


# ---- the whole check ----


class Findings:
    """What does not fit: the first ones are told, the others counted."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        """Begin without any."""
        self._tell = tell
        self.count = 0

    def add(self, where: str, what: str) -> None:
        """Tell one."""
        self.count += 1
        if self.count <= MOST_FINDINGS:
            self._tell(f"{where}: {what}")

    def end(self) -> None:
        """Say how many were not told."""
        if self.count > MOST_FINDINGS:
            self._tell(f"and {self.count - MOST_FINDINGS} more findings")


class Check:
    """One check of one export, line by line."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        older: Checkpoint | None,
        ledger: Ledger,
        reading: Reading | None,
        findings: Findings,
    ) -> None:
        """Begin after the first line."""
        self._checkpoint, self._older = checkpoint, older
        self._ledger, self._reading, self._findings = ledger, reading, findings
        self._tree, self._every_leaf = Tree(), True
        self.entries = self.withheld = 0
        self.not_before = ""
        self._compare_older()

    def run(self, lines: Lines, progress: Callable[[int], None], workers: int) -> None:
        """Take every line to the last."""
        subject = self._reading.subject if self._reading else None
        for line in read_all(tasks(lines.entries(), subject), workers):
            self._take(line)
            progress(lines.bytes)
        if lines.broken is not None:
            raise lines.broken
        if lines.last is None:
            raise Incomplete(
                f"the file ends after {self.entries} entries without its last line; the checkpoint "
                f"covers {self._checkpoint.size}: get the file anew"
            )
        self._end(lines.last, lines)

    def _take(self, line: Line) -> None:
        index, (leaf, entry, faults) = self.entries, line
        self.entries += 1
        event = f"line {index + 2}" if entry is None else f"event {entry.event}"
        for fault in faults:
            self._findings.add(f"entry {index}, {event}", fault)
        if leaf is None:
            self._every_leaf = False
        else:
            self._tree.add(leaf)
        if entry is not None:
            for fault in self._ledger.take(entry, index):
                self._findings.add(f"entry {index}, {event}", fault)
            if self._reading is not None:
                self._reading.take(entry)
        elif not faults:
            self.withheld += 1
        self._compare_older()

    def _compare_older(self) -> None:
        if self._older is None or self.entries != self._older.size:
            return
        self._ledger.not_before = self.not_before
        if self._every_leaf and self._tree.root() != self._older.root:
            self._findings.add(
                "the older checkpoint",
                f"its root over {self._older.size} entries is {self._older.root.hex()}, the "
                f"entries lead to {self._tree.root().hex()}: what it covers was rewritten",
            )

    def _end(self, line: bytes, lines: Lines) -> None:
        right = canonical({"entries": self.entries, "sha256": lines.sha256()})
        if line != right.encode():
            self._findings.add(
                "the last line", f"found {shown(line.decode(errors='replace'))}; expected {right}"
            )
        if lines.next() is not None:
            self._findings.add(f"line {lines.number}", "something follows the last line")
        size, root = self._checkpoint.size, self._checkpoint.root
        if self.entries != size:
            self._findings.add(
                "the checkpoint", f"it covers {size} entries; the file holds {self.entries}"
            )
        elif self._every_leaf and self._tree.root() != root:
            self._findings.add(
                "the checkpoint",
                f"its root is {root.hex()}, the entries lead to {self._tree.root().hex()}",
            )
        for index, event, fault in self._ledger.end():
            self._findings.add(f"entry {index}, event {event}", fault)


class Outcome(NamedTuple):
    """What is said at the end, and the status to leave with."""

    status: int
    verdict: str


def verify(options: argparse.Namespace, tell: Callable[[str], None]) -> Outcome:
    """Check the export that the options name, and say what was found."""
    trust = read_trust(options)
    older = read_older(options.older) if options.older else None
    reading = read_question(options)
    with _opened(options.file) as stream:
        check_packed(stream.read(8))
        size = stream.seek(0, 2)
        stream.seek(0)
        progress = Progress(size, sys.stderr, wanted=options.progress)
        try:
            workers = workers_for(size)
            return _verify(
                Lines(stream), trust, older, reading, options.tolerance, tell, progress, workers
            )
        finally:
            progress.end()


def _verify(
    lines: Lines,
    trust: Trust,
    older: Checkpoint | None,
    reading: Reading | None,
    tolerance: int,
    tell: Callable[[str], None],
    progress: "Progress",
    workers: int,
) -> Outcome:
    findings, missing = Findings(tell), list[str]()
    checkpoint, faults = read_header(lines)
    for fault in faults:
        findings.add("the first line", fault)
    signed = check_signatures(checkpoint, trust, findings)
    before = check_older(older, checkpoint, trust, findings, missing) if older else []
    try:
        if trust.policy:
            trust.policy.check_quorum(signed.cosigned)
    except Incomplete as error:
        missing.append(str(error))
    ledger = Ledger(_moment(min(signed.times) + tolerance) if signed.times else "~")
    check = Check(checkpoint, older, ledger, reading, findings)
    check.not_before = _moment(max(before) - tolerance) if before else ""
    try:
        check.run(lines, progress, workers)
    except Incomplete as error:
        missing.append(str(error))
    except Wrong as error:
        findings.add("the file", str(error))
    findings.end()
    return conclude(findings, missing, check, reading, tell, _praise(signed, older, trust))


class Signed(NamedTuple):
    """Who signed a checkpoint, and when it was cosigned."""

    by: list[str]
    cosigned: dict[str, list[int]]

    @property
    def times(self) -> list[int]:
        """All times of cosignatures, in seconds since 1970."""
        return [at for times in self.cosigned.values() for at in times]


def check_signatures(checkpoint: Checkpoint, trust: Trust, findings: Findings) -> Signed:
    """Check who signed the checkpoint; a forged signature is a finding, none is unusable."""
    signed, cosigned = list[str](), dict[str, list[int]]()
    try:
        signed = trust.check_log(checkpoint)
        cosigned = trust.cosignatures(checkpoint)
    except Forged as error:
        findings.add("the checkpoint", str(error))
    return Signed(by=signed, cosigned=cosigned)


def check_older(
    older: Checkpoint,
    checkpoint: Checkpoint,
    trust: Trust,
    findings: Findings,
    missing: list[str],
) -> list[int]:
    """Check that the older checkpoint is signed and of this log; give when it was cosigned."""
    if older.origin != checkpoint.origin:
        raise Unusable(
            f"the older checkpoint is of the log {shown(older.origin)}, the export of "
            f"{shown(checkpoint.origin)}; give a checkpoint of the same log"
        )
    if older.size > checkpoint.size:
        missing.append(
            f"the older checkpoint covers {older.size} entries, the export only "
            f"{checkpoint.size}; ask for a newer export, and why entries are gone if it stays so"
        )
    try:
        trust.check_log(older)
        return [at for times in trust.cosignatures(older).values() for at in times]
    except Forged as error:
        findings.add("the older checkpoint", str(error))
    except Unusable as error:
        raise Unusable(f"the older checkpoint: {error}") from None
    return []


def conclude(
    findings: Findings,
    missing: list[str],
    check: Check,
    reading: Reading | None,
    tell: Callable[[str], None],
    praise: str,
) -> Outcome:
    """Give the verdict; of an intact record also what it says of the subject asked for."""
    if findings.count:
        for each in missing:
            tell(f"also: {each}")
        count = "1 finding" if findings.count == 1 else f"{findings.count} findings"
        return Outcome(TAMPERED, f"tampered: {count} in {check.entries} entries")
    if reading is not None and not missing:
        try:
            answer = reading.answer(check.withheld)
            tell(json.dumps(answer, ensure_ascii=False, indent=2))
        except Incomplete as error:
            missing.append(str(error))
    if missing:
        return Outcome(INCOMPLETE, f"incomplete: {'; '.join(missing)}")
    return Outcome(
        INTACT, f"intact: {check.entries} entries, {check.withheld} of them withheld; {praise}"
    )


def _praise(signed: Signed, older: Checkpoint | None, trust: Trust) -> str:
    said = [f"signed by {shown(', '.join(signed.by))}"]
    if trust.policy is None:
        said.append("no policy was given, so no cosignature was looked at")
    else:
        said.append(f"cosigned by {shown(', '.join(sorted(signed.cosigned)) or 'nobody')}")
    if older is not None:
        said.append(f"it begins with the {older.size} entries of the older checkpoint")
    return "; ".join(said)


def _moment(seconds: int) -> str:
    return instant(datetime.fromtimestamp(min(max(seconds, 0), _LAST_SECOND), UTC))


# ---- the command ----


class Progress:
    """Tells on a terminal how far the check is, once a second."""

    def __init__(self, size: int, stream: TextIO, *, wanted: bool) -> None:
        """Begin at nothing of `size` bytes."""
        self._size, self._stream = size, stream
        self._on_terminal = stream.isatty()
        self._wanted = wanted or self._on_terminal
        self._told_at = time.monotonic()
        self._told = False

    def __call__(self, done: int) -> None:
        """Tell that so many bytes are done."""
        if not self._wanted or time.monotonic() - self._told_at < 1:
            return
        self._told_at, self._told = time.monotonic(), True
        end = "\r" if self._on_terminal else "\n"
        self._stream.write(f"checked {100 * done // self._size:3} %{end}")
        self._stream.flush()

    def end(self) -> None:
        """Leave the terminal as it was."""
        if self._told and self._on_terminal:
            self._stream.write(" " * 20 + "\r")


@lru_cache(maxsize=1)
def parser() -> argparse.ArgumentParser:
    """Describe the command."""
    made = argparse.ArgumentParser(
        prog="verifier.py",
        description="Verify an export of the history of a Safe Passage service.",
        epilog="Ends with 0: intact, 1: tampered, 2: incomplete, 3: unusable input.",
    )
    add = made.add_argument
    add("file", metavar="FILE", help="the export, not compressed")
    add("--key", action="append", default=[], metavar="VKEY",
        help="key of the log; may be given several times, one of them must have signed")  # fmt: skip
    add("--policy", metavar="FILE", help="whom to believe, as C2SP tlog-policy has it")
    add("--older", metavar="FILE", help="a checkpoint that you kept; the export must extend it")
    add("--subject", metavar="ID", help="say what the record says of this subject")
    add("--as-of", metavar="TIME", help="what was so then; left out: the latest")
    add("--known-at", metavar="TIME", help="as it was known then; left out: all that is known")
    add("--tolerance", type=_seconds, default=TOLERANCE_S, metavar="SECONDS",
        help="by how much clocks may differ (default %(default)s)")  # fmt: skip
    add("--progress", action="store_true", help="tell how far it is, also without a terminal")
    return made


def read_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; only asking for help ends the program here."""
    try:
        return parser().parse_args(argv)
    except SystemExit as left:
        if not left.code:
            raise
        raise Unusable("the arguments cannot be read; --help shows what can be given") from None


def _seconds(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text):
        raise argparse.ArgumentTypeError(f"found {shown(text)}; expected whole seconds")
    return int(text)


def read_trust(options: argparse.Namespace) -> Trust:
    """Read keys and policy; without any of a log there is nothing to verify with."""
    keys = [read_key(word.strip(), LOG_KEY) for word in options.key]
    policy = Policy.read(_read(options.policy)) if options.policy else None
    if not keys and not (policy and policy.logs):
        raise Unusable("no key of the log is given; give --key VKEY, or a policy with a line log")
    return Trust(keys=keys, policy=policy)


def read_older(path: str) -> Checkpoint:
    """Read the checkpoint that the auditor kept."""
    try:
        return read_checkpoint(_read(path).decode())
    except ValueError as error:
        why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error
        raise Unusable(
            f"{path} holds no checkpoint: {why}; give the signed note as it was kept"
        ) from None


def read_question(options: argparse.Namespace) -> Reading | None:
    """Read of what subject, and of when, the record shall tell."""
    as_of, known_at = (_time(options.as_of, "--as-of"), _time(options.known_at, "--known-at"))
    if options.subject is None:
        if as_of or known_at:
            raise Unusable("--as-of and --known-at ask about a subject; give --subject ID too")
        return None
    subject = options.subject.strip().lower()
    if not is_uuid(subject):
        raise Unusable(f"found the subject {shown(options.subject)}; expected an id (a UUID)")
    return Reading(subject, as_of, known_at)


def _time(text: str | None, option: str) -> str | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError
        return instant(at.astimezone(UTC))
    except (ValueError, OverflowError):
        expected = "expected a time with a zone, like 2022-04-26T15:00:00Z"
        raise Unusable(f"{option}: found {shown(text)}; {expected}") from None


def _read(path: str) -> bytes:
    with _opened(path) as stream:
        data = stream.read(1024 * 1024 + 1)
    if len(data) > 1024 * 1024:
        raise Unusable(f"{path} is longer than 1 MiB; expected a policy or a checkpoint")
    return data


def _opened(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise Unusable(f"{path} cannot be read: {why}") from None


def _say(text: str) -> None:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def main(argv: Sequence[str]) -> int:
    """Verify as the arguments say, and give the exit status."""
    try:
        status, verdict = verify(read_arguments(argv), _say)
    except Unusable as error:
        status, verdict = UNUSABLE, f"unusable: {error}"
    except BrokenProcessPool:
        status, verdict = UNUSABLE, "unusable: a process that helped was ended; verify once more"
    except OSError as error:
        status, verdict = UNUSABLE, f"unusable: the file cannot be read: {error.strerror}"
    _say(verdict)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
