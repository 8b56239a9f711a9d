"""Signed notes and the checkpoints in them, as C2SP has them: text that anybody can check by itself.

Sources: C2SP signed-note, tlog-checkpoint and tlog-cosignature (https://c2sp.org). Keys are Ed25519.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from typing_extensions import override

from app.domain.merkle import HASH_BYTES

LARGEST_NOTE = 64 * 1024
MOST_SIGNATURES = 100
Purpose = Literal[1, 4]
SIGNATURE: Purpose = 1
"""The key signs a note itself."""
COSIGNATURE: Purpose = 4
"""The key vouches, at a time, for a checkpoint that it found consistent with all before it."""
_SEED_BYTES = 32
_MOST = 2**63 - 1  # no size and no time is greater
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_DASH = "— "  # an em dash, as C2SP has it


class InvalidNote(ValueError):
    """A note, key or signature that is not as it should be; the message says what was found."""


@dataclass(frozen=True, kw_only=True)
class Verifier:
    """A public key, with the name under which it signs and what for."""

    name: str
    key: Ed25519PublicKey
    purpose: Purpose

    @property
    def id(self) -> bytes:
        """The four bytes that name the key in a signature line."""
        return key_id(self.name, self.purpose, self.key.public_bytes_raw())

    @property
    def vkey(self) -> str:
        """The key as people hand it on: name, id and key in one word."""
        raw = bytes([self.purpose]) + self.key.public_bytes_raw()
        return f"{self.name}+{self.id.hex()}+{b64encode(raw).decode()}"

    def verify(self, note: "Note") -> int | None:
        """Check that this key signed `note`.

        Returns:
            for a cosignature its time, in seconds since 1970-01-01T00:00Z; else None.

        Raises:
            InvalidNote: there is no signature of this key, or it is not one of this text.
        """
        for line in note.signatures:
            if (line.name, line.key_id) == (self.name, self.id):
                return self._check(note.text, line.value)
        raise InvalidNote(f"found no signature of {self.name}+{self.id.hex()}")

    def _check(self, text: str, value: bytes) -> int | None:
        told, time = value, None
        message = text.encode()
        if self.purpose == COSIGNATURE:
            time, told = int.from_bytes(value[:8], "big"), value[8:]
            message = cosigned(text, time)
        try:
            self.key.verify(told, message)
        except InvalidSignature:
            raise InvalidNote(f"the signature of {self.name} is not one of this text") from None
        if time is not None and time > _MOST:
            raise InvalidNote(f"the cosignature of {self.name} has the time {time}, which never is")
        return time


@dataclass(frozen=True, kw_only=True)
class Signer:
    """A private key, with the name under which it signs and what for."""

    name: str
    key: Ed25519PrivateKey
    purpose: Purpose

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(name=self.name, key=self.key.public_key(), purpose=self.purpose)

    @property
    def skey(self) -> str:
        """The key as its owner keeps it, in one word."""
        raw = b64encode(bytes([self.purpose]) + self.key.private_bytes_raw()).decode()
        return f"PRIVATE+KEY+{self.name}+{self.verifier.id.hex()}+{raw}"

    def sign(self, text: str, *, time: int | None = None) -> "Signature":
        """Sign the text of a note; a cosignature says at which `time` (seconds since 1970).

        Raises:
            ValueError: a cosignature has a time from 1970 on, a signature has none.
        """
        if (time is None) is (self.purpose == COSIGNATURE) or not 0 <= (time or 0) <= _MOST:
            raise ValueError(f"found the time {time}; a cosignature has one, a signature has none")
        message = text.encode() if time is None else cosigned(text, time)
        before = b"" if time is None else time.to_bytes(8, "big")
        value = before + self.key.sign(message)
        return Signature(name=self.name, key_id=self.verifier.id, value=value)


@dataclass(frozen=True, kw_only=True)
class Signature:
    """One signature of a note."""

    name: str
    key_id: bytes
    value: bytes

    def line(self) -> str:
        """Write it as a line of a note."""
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True, kw_only=True)
class Note:
    """A text, which ends with a line break, and who signed it."""

    text: str
    signatures: Sequence[Signature]

    @override
    def __str__(self) -> str:
        """Write it as C2SP has it."""
        return self.text + "\n" + "".join(each.line() for each in self.signatures)


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """How large a log was, and the root over all that was in it.

    Attributes:
        origin: the name of the log, unique in the world.
    """

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Write it as the text of a note."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def key_id(name: str, purpose: int, public: bytes) -> bytes:
    """Give the first four bytes of SHA-256(name ‖ 0x0A ‖ purpose ‖ public key)."""
    return sha256(name.encode() + b"\n" + bytes([purpose]) + public).digest()[:4]


def cosigned(text: str, time: int) -> bytes:
    """Give the bytes that a cosignature of a checkpoint signs."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def read_note(text: str) -> Note:
    """Read a signed note.

    Raises:
        InvalidNote: it is none.
    """
    if len(text) > LARGEST_NOTE:
        raise InvalidNote(f"found {len(text)} characters; a note has at most {LARGEST_NOTE}")
    if _CONTROL.search(text):
        raise InvalidNote("found a control character; a note has none but line breaks")
    body, blank, signed = text.rpartition("\n\n")
    if not (blank and signed.endswith("\n")):
        raise InvalidNote("found no text, blank line and signatures, each line with its end")
    lines = signed.removesuffix("\n").split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise InvalidNote(f"found {len(lines)} signatures; a note has at most {MOST_SIGNATURES}")
    return Note(text=body + "\n", signatures=[read_signature(line) for line in lines])


def read_signature(line: str) -> Signature:
    """Read one signature line, without its end.

    Raises:
        InvalidNote: it is none.
    """
    name, blank, encoded = line.removeprefix(_DASH).partition(" ")
    value = _base64(encoded)
    if not (line.startswith(_DASH) and blank and _NAME.fullmatch(name) and len(value) > 4):
        raise InvalidNote("found a line that is no signature: — name base64")
    return Signature(name=name, key_id=value[:4], value=value[4:])


def read_checkpoint(note: Note) -> Checkpoint:
    """Read the checkpoint in a note; lines after the third are extensions, and are left alone.

    Raises:
        InvalidNote: there is none.
    """
    lines = note.text.removesuffix("\n").split("\n")
    origin, size, root, *_ = [*lines, "", ""]
    fits = _SIZE.fullmatch(size) and int(size) <= _MOST and len(_base64(root)) == HASH_BYTES
    if not (fits and all(lines)):
        raise InvalidNote("found no checkpoint: origin, size and root, each on its line")
    return Checkpoint(origin=origin, size=int(size), root=_base64(root))


def read_vkey(word: str) -> Verifier:
    """Read a public key as people hand it on.

    Raises:
        InvalidNote: it is none, or one of another kind.
    """
    name, _, rest = word.strip().partition("+")
    id, _, encoded = rest.partition("+")
    purpose, raw = _key(name, encoded)
    found = Verifier(name=name, key=Ed25519PublicKey.from_public_bytes(raw), purpose=purpose)
    if found.id.hex() != id:
        raise InvalidNote(f"the id of the key of {name} is not that of this name and key")
    return found


def read_skey(word: str) -> Signer:
    """Read a private key as its owner keeps it.

    Raises:
        InvalidNote: it is none, or one of another kind.
    """
    before, _, rest = word.strip().partition("PRIVATE+KEY+")
    name, _, rest = rest.partition("+")
    id, _, encoded = rest.partition("+")
    purpose, raw = _key(name, encoded)
    found = Signer(name=name, key=Ed25519PrivateKey.from_private_bytes(raw), purpose=purpose)
    if before or found.verifier.id.hex() != id:
        raise InvalidNote("found a private key whose id is not that of its name and key")
    return found


def new_signer(name: str, purpose: Purpose) -> Signer:
    """Make a key.

    Raises:
        InvalidNote: a name cannot hold blanks or plus signs.
    """
    if not _NAME.fullmatch(name):
        raise InvalidNote(f"found the name {name!r}; expected one without blanks and plus signs")
    return Signer(name=name, key=Ed25519PrivateKey.generate(), purpose=purpose)


def times(note: Note, witnesses: Mapping[str, Verifier]) -> dict[str, int]:
    """Give when each of the named witnesses cosigned; those who did not are left out.

    Raises:
        InvalidNote: a cosignature of theirs is not one of this text.
    """
    signed = {(line.name, line.key_id) for line in note.signatures}
    found = {}
    for named, verifier in witnesses.items():
        if (verifier.name, verifier.id) in signed:
            found[named] = verifier.verify(note) or 0
    return found


def _key(name: str, encoded: str) -> tuple[Purpose, bytes]:
    raw = _base64(encoded)
    purpose: Purpose | None = {1: SIGNATURE, 4: COSIGNATURE}.get(raw[0] if raw else 0)
    if purpose is None or len(raw) != 1 + _SEED_BYTES or not _NAME.fullmatch(name):
        raise InvalidNote("found no Ed25519 key: name+id+key, as C2SP signed-note has it")
    return purpose, raw[1:]


def _base64(text: str) -> bytes:
    """Read base64 in its one form; what is none is empty."""
    try:
        found = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        return b""
    return found if b64encode(found).decode() == text else b""
