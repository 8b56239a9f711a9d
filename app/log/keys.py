"""The keys of the log and its last checkpoint, in files: the database never holds either.

`PASSAGE_DATA_DIR/log/` has one file `<id>.key` for each key that signs, readable by its owner only,
and `checkpoint`, the note that was signed last.
"""

import os
import secrets
import tempfile
from pathlib import Path

from app.domain.note import SIGNATURE, InvalidNote, Note, Signer, new_signer, read_note, read_skey

_SUFFIX = ".key"
_CHECKPOINT = "checkpoint"


class Unusable(RuntimeError):
    """The files do not let anything be signed; the message says what to do next."""


class Files:
    """The directory of the log's keys and of its last checkpoint."""

    def __init__(self, data_dir: Path) -> None:
        """Look into `data_dir`; nothing is made before it is needed."""
        self.directory = data_dir / "log"

    def signers(self) -> list[Signer]:
        """Give the keys that sign, in the order of their ids.

        Raises:
            Unusable: a file holds no key, or keys of different logs lie together.
        """
        paths = sorted(self.directory.glob("*" + _SUFFIX))
        found = [_read(path) for path in paths]
        if len({signer.name for signer in found}) > 1:
            raise Unusable(f"{self.directory} holds keys of different logs; keep those of one")
        return found

    def add(self, name: str) -> Signer:
        """Make one more key for the log of that name; from now on it signs too."""
        signer = new_signer(name or f"safe-passage.invalid/{secrets.token_hex(4)}", SIGNATURE)
        _write(self.directory / (signer.verifier.id.hex() + _SUFFIX), signer.skey + "\n")
        return signer

    def retire(self, id: str) -> Path:
        """Let a key sign no more; its file stays, under another name.

        Raises:
            Unusable: there is no such key, or it is the last.
        """
        path = self.directory / (id + _SUFFIX)
        if not path.exists():
            raise Unusable(f"there is no key {id} in {self.directory}")
        if len(self.signers()) == 1:
            raise Unusable(f"{id} is the only key; first run: passage log key new")
        return path.rename(path.with_suffix(".retired"))

    def checkpoint(self) -> Note | None:
        """Give the checkpoint that was signed last; None where none ever was.

        Raises:
            Unusable: the file holds none.
        """
        path = self.directory / _CHECKPOINT
        if not path.exists():
            return None
        try:
            return read_note(path.read_text())
        except (InvalidNote, UnicodeDecodeError) as error:
            raise Unusable(
                f"{path} holds no checkpoint ({error}); restore it from a backup, or from what "
                "an auditor or witness holds"
            ) from None

    def keep(self, note: Note) -> None:
        """Keep a checkpoint as the last one, whatever happens to the machine from now on."""
        _write(self.directory / _CHECKPOINT, str(note))


def _read(path: Path) -> Signer:
    try:
        return read_skey(path.read_text())
    except (InvalidNote, UnicodeDecodeError) as error:
        raise Unusable(f"{path} holds no key ({error}); restore it from a backup") from None


def _write(path: Path, text: str) -> None:
    """Put a file in place at once, readable by its owner only, and on disk before this returns."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(draft).rename(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
