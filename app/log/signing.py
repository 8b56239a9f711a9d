"""Signing checkpoints: of what was vouched for before, and of what came after it, or of nothing."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from app.domain.note import Checkpoint, InvalidNote, Note, Signer, read_checkpoint
from app.log import checkpoints
from app.log.keys import Files, Unusable
from app.log.tree import Damaged, Tree, size

WHAT_NEXT = (
    "Nothing more is signed. If the database was restored from an older backup, restore the newest "
    "one. If what is missing is lost for good, the old log has ended: tell its auditors and "
    "witnesses, move {directory} away, set PASSAGE_LOG_NAME to a new name and run: passage log key "
    "new. A new log begins with that key."
)


class Contradicted(RuntimeError):
    """The database is not the one that was vouched for; the message says what to do next."""


class Desk:
    """Whoever signs: with the keys of one log, and the last checkpoint that they signed."""

    def __init__(self, files: Files, name: str = "") -> None:
        """Sign with the keys in `files`; the first of them is made for the log `name`."""
        self._files = files
        self._name = name
        self._signed: int | None = None

    def is_done(self, size: int) -> bool:
        """Whether this desk saw a log of that size signed; a new key signs what comes then."""
        return self._signed == size

    def sign(self, db: Session) -> Note | None:
        """Sign the log as it stands and publish that; None where nothing has come since.

        Raises:
            Contradicted: the log does not go on from the last checkpoint.
            Unusable: the keys or the checkpoint cannot be read.
        """
        last, kept = checkpoints.latest(db), self._files.checkpoint()
        signers = self._signers(last)
        if last is not None and read_checkpoint(last).origin != signers[0].name:
            last = None  # the log that it is of has ended
        tree = Tree(db, size(db))
        for earlier in {note.text: note for note in (kept, last) if note is not None}.values():
            self._check(earlier, tree, signers)
        if last is not None and _says(last, tree, signers):
            if kept is None or kept.text != last.text:  # another machine signed it
                self._files.keep(last)
            self._signed = tree.size
            return None
        text = Checkpoint(origin=signers[0].name, size=tree.size, root=tree.root).text()
        note = Note(text=text, signatures=[signer.sign(text) for signer in signers])
        self._files.keep(note)  # first: what was published is always known here
        checkpoints.keep(db, note, datetime.now(UTC))
        self._signed = tree.size
        return note

    def _signers(self, last: Note | None) -> list[Signer]:
        found = self._files.signers()
        if found:
            return found
        if last is not None:
            raise Unusable(
                f"{self._files.directory} holds no key, but the log {read_checkpoint(last).origin} "
                "was signed before: restore its key from a backup, or copy it from where it lies. If "
                "it is lost for good, that log has ended: tell its auditors and witnesses, set "
                "PASSAGE_LOG_NAME to a new name and run: passage log key new"
            )
        return [self._files.add(self._name)]

    def _check(self, earlier: Note, tree: Tree, signers: list[Signer]) -> None:
        """Check that the log goes on from a checkpoint that one of these keys signed."""
        origin = read_checkpoint(earlier).origin
        if origin != signers[0].name:
            raise Contradicted(
                f"the keys are those of the log {signers[0].name}, the last checkpoint is one of "
                f"{origin}. {WHAT_NEXT.format(directory=self._files.directory)}"
            )
        if found := _difference(read_checkpoint(earlier), tree):
            raise Contradicted(f"{found}. {WHAT_NEXT.format(directory=self._files.directory)}")


def contradiction(db: Session, files: Files) -> str | None:
    """Say why the log does not go on from the last checkpoint that was signed; None where it does.

    Raises:
        Unusable: the checkpoint cannot be read.
    """
    kept = files.checkpoint()
    return None if kept is None else _difference(read_checkpoint(kept), Tree(db, size(db)))


def _difference(told: Checkpoint, tree: Tree) -> str | None:
    if tree.size < told.size:
        return f"the log has {tree.size} entries, the last checkpoint covers {told.size}"
    try:
        if tree.root_at(told.size) == told.root:
            return None
    except Damaged as error:
        return str(error)
    return f"the first {told.size} entries of the log are not those of its checkpoint"


def _says(last: Note, tree: Tree, signers: list[Signer]) -> bool:
    """Whether a note says what would be signed now, under all keys that would sign it."""
    if read_checkpoint(last).size != tree.size:
        return False
    try:
        for signer in signers:
            signer.verifier.verify(last)
    except InvalidNote:
        return False
    return True
