"""Whether a checkpoint goes on from an earlier one: pure, without files and network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.domain import merkle
from app.domain.note import (
    SIGNATURE,
    Checkpoint,
    InvalidNote,
    Note,
    Verifier,
    read_checkpoint,
    read_note,
    read_vkey,
)
from app.witness.refusals import Contradicted, NotTheLog, Unusable


@dataclass(frozen=True, kw_only=True)
class Proved:
    """A consistency proof as it was given, and the text of the answer that held it."""

    hashes: Sequence[bytes]
    text: str


def read_keys(words: Sequence[str]) -> list[Verifier]:
    """Read the keys of one log.

    Raises:
        Unusable: one is none, or they are of different logs.
    """
    try:
        keys = [read_vkey(word) for word in words]
    except InvalidNote as error:
        raise Unusable(f"--log-key: {error}; ask the operator of the log for its key") from None
    if len({key.name for key in keys}) != 1 or any(key.purpose != SIGNATURE for key in keys):
        raise Unusable("--log-key: expected keys that sign notes, all of them of one log")
    return keys


def read_signed(text: str, keys: Sequence[Verifier]) -> tuple[Note, Checkpoint]:
    """Read what the log says now, once one of its keys is found to have signed it.

    Returns:
        the note with all its signatures, and the checkpoint in it.

    Raises:
        NotTheLog: none of them did, or it is no note at all.
        Contradicted: they signed what is no checkpoint of this log.
    """
    try:
        note = read_note(text)
        _check_signed(note, keys)
    except InvalidNote as error:
        raise NotTheLog(
            f"what came is not signed by the log ({error}). Compare --log-key with the key that "
            "the operator of the log published; if it is the same, something stands between you "
            "and the log"
        ) from None
    try:
        checkpoint = read_checkpoint(note)
    except InvalidNote as error:
        raise Contradicted(f"the log signed what is no checkpoint: {error}") from None
    if checkpoint.origin != keys[0].name:
        raise Contradicted(
            f"the log {keys[0].name} signed a checkpoint of {checkpoint.origin}, which is not itself"
        )
    if note.text != checkpoint.text():
        raise Contradicted("the log signed lines beside size and root, which no witness can check")
    if checkpoint.size == 0 and checkpoint.root != merkle.EMPTY:
        raise Contradicted("the log signed a root of no entries that is not that of no entries")
    return note, checkpoint


def check_grown(before: Checkpoint, now: Checkpoint, prove: Callable[[int, int], Proved]) -> None:
    """Check that the log only grew.

    Args:
        prove: asks the log for a consistency proof between two sizes.

    Raises:
        Contradicted: it did not, or did not show it.
    """
    if now.size < before.size:
        raise Contradicted(
            f"the log has {now.size} entries, but had {before.size} when this witness last looked"
        )
    if now.size == before.size:
        if now.root != before.root:
            raise Contradicted(f"the log signed two different views of its {now.size} entries")
        return
    proof = prove(before.size, now.size)
    try:
        merkle.verify_consistency(before.size, now.size, before.root, now.root, proof.hashes)
    except merkle.InvalidProof as error:
        raise Contradicted(
            f"the log of {now.size} entries does not begin with the {before.size} entries that "
            f"this witness vouched for, or its proof is wrong: {error}",
            proof.text,
        ) from None


def only_by(note: Note, keys: Sequence[Verifier]) -> Note:
    """Leave out all signatures but those of the given keys."""
    known = {(key.name, key.id) for key in keys}
    lines = [line for line in note.signatures if (line.name, line.key_id) in known]
    return Note(text=note.text, signatures=lines)


def _check_signed(note: Note, keys: Sequence[Verifier]) -> None:
    """Check each signature by a known key, and that there is one."""
    signed = {(line.name, line.key_id) for line in note.signatures}
    for key in [key for key in keys if (key.name, key.id) in signed] or keys[:1]:
        key.verify(note)
