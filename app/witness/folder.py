"""The folder of a witness: its key, and the last checkpoint that it vouched for.

Both are made together and stay together. A witness that forgot what it vouched for could vouch for
two views of one log, so what is missing or torn is refused and never made anew.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from app.domain.note import (
    COSIGNATURE,
    Checkpoint,
    InvalidNote,
    Note,
    Signature,
    Signer,
    new_signer,
    read_checkpoint,
    read_note,
    read_skey,
)
from app.witness.refusals import WHAT_NEXT, Contradicted, Unusable

_NOTHING_YET = "This witness has vouched for nothing yet.\n"


class Folder:
    """An opened folder; while it is open, no other witness opens it."""

    def __init__(self, path: Path, signer: Signer, last: Note | None, *, is_new: bool) -> None:
        """Take what `opened` found."""
        self.signer = signer
        self.is_new = is_new
        self._path = path
        self._last = last

    @property
    def last(self) -> Checkpoint | None:
        """The last checkpoint that this witness vouched for, if it ever did."""
        return None if self._last is None else read_checkpoint(self._last)

    @property
    def last_time(self) -> int:
        """When it did so, in seconds since 1970."""
        return 0 if self._last is None else self.signer.verifier.verify(self._last) or 0

    def remember(self, note: Note, cosignature: Signature) -> None:
        """Keep a checkpoint as the last one, whatever happens to the machine from now on.

        Args:
            note: as the log signed it, without other signatures.
            cosignature: kept below it; it shows later that the file is whole.
        """
        last = Note(text=note.text, signatures=[*note.signatures, cosignature])
        _write(self._path / "checkpoint", str(last))
        self._last = last

    def keep_evidence(self, texts: Sequence[tuple[str, str]], at: datetime) -> Path:
        """Keep texts by name beside the last checkpoint, and give the folder that holds them."""
        held = self._path / "evidence" / at.strftime("%Y%m%dT%H%M%S.%fZ")
        held.mkdir(parents=True)
        before = [] if self._last is None else [("before", str(self._last))]
        for name, text in [*before, *texts]:
            _write(held / name, text)
        _sync(held.parent)
        _sync(self._path)
        return held


@contextmanager
def opened(path: Path, name: str | None) -> Iterator[Folder]:
    """Open the folder of a witness; make it, with a new key, where there is none.

    Args:
        name: of the new key; of a key that is there already it must be the name.

    Raises:
        Unusable: it is open already, or lacks what it must hold.
        Contradicted: it holds evidence of a contradiction that nobody has looked at.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (path / "lock").open("a") as lock:
            _lock(lock.fileno(), path)
            _check_evidence(path)
            yield _folder(path, name)
    except OSError as error:
        raise Unusable(f"{path} cannot be used: {error.strerror or error}") from None


def _folder(path: Path, name: str | None) -> Folder:
    is_new = not (path / "key").exists()
    if is_new:
        _make(path, name)
    try:
        signer = read_skey((path / "key").read_text(encoding="utf-8"))
    except (InvalidNote, UnicodeDecodeError) as error:
        raise Unusable(f"{path / 'key'} holds no key ({error}). {_BEGIN_ANEW}") from None
    if name not in (None, signer.name):
        raise Unusable(f"the key in {path} has the name {signer.name}; leave out --name")
    return Folder(path, signer, _read_last(path, signer), is_new=is_new)


def _make(path: Path, name: str | None) -> None:
    """Make the memory first, then the key: a key without a memory is never there."""
    memory = path / "checkpoint"
    if memory.exists() and memory.read_bytes() != _NOTHING_YET.encode():
        raise Unusable(f"{path} holds a checkpoint, but its key is gone. {_BEGIN_ANEW}")
    try:
        signer = new_signer(name or f"witness-{secrets.token_hex(4)}", COSIGNATURE)
    except InvalidNote as error:
        raise Unusable(f"--name: {error}") from None
    _write(memory, _NOTHING_YET)
    _write(path / "key", signer.skey + "\n")


_BEGIN_ANEW = (
    "Do not restore it from a backup, which may be older than what was vouched for: begin anew "
    "with another --dir, and tell those who trust the old key that it has ended"
)


def _read_last(path: Path, signer: Signer) -> Note | None:
    memory = path / "checkpoint"
    try:
        text = memory.read_text(encoding="utf-8")
        if text == _NOTHING_YET:
            return None
        note = read_note(text)
        signer.verifier.verify(note)
        read_checkpoint(note)
    except FileNotFoundError:
        raise Unusable(f"{memory} is gone. {_BEGIN_ANEW}") from None
    except (InvalidNote, UnicodeDecodeError) as error:
        raise Unusable(
            f"{memory} is not what this witness wrote ({error}). {_BEGIN_ANEW}"
        ) from None
    return note


def _check_evidence(path: Path) -> None:
    held = sorted((path / "evidence").glob("*"))
    if held:
        raise Contradicted(
            f"{held[0]} holds what the log said against itself; this witness vouches for nothing "
            f"more. {WHAT_NEXT}"
        )


def _lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Unusable(f"another witness runs in {path}; stop it, or take another --dir") from None


def _write(path: Path, text: str) -> None:
    """Put a file in place at once, for its owner only, and on disk before this returns."""
    draft = path.with_name(path.name + ".draft")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync(path.parent)


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
