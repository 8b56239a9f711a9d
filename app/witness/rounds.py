"""The rounds of a witness: look, compare, remember, and only then vouch."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from app.domain.note import Note, Verifier
from app.witness.asking import Log
from app.witness.folder import Folder
from app.witness.judging import check_grown, only_by, read_signed
from app.witness.refusals import WHAT_NEXT, Contradicted, NotTheLog, Unreached, Unusable

LONGEST_PAUSE_S = 300


def go_round(log: Log, folder: Folder, keys: Sequence[Verifier]) -> str:
    """Look at the log once, and vouch for what is new and fits; tell in a sentence what was done.

    Raises:
        Contradicted: the log said what cannot both be true; the folder holds the evidence.
        NotTheLog, Unreached: nothing can be said; nothing was vouched for that was not before.
        Unusable: the folder is of another log.
    """
    last = folder.last
    if last is not None and last.origin != keys[0].name:
        raise Unusable(f"this folder vouches for the log {last.origin}; take another --dir")
    text = log.checkpoint()
    try:
        note, now = read_signed(text, keys)
        if last is not None:
            check_grown(last, now, log.prove)
    except Contradicted as error:
        raise _with_evidence(folder, text, error) from None
    if now.size == 0:
        return "the log has no entry yet; there is nothing to vouch for"
    if now == last and _shows(note, folder.signer.verifier):
        return f"nothing new; the log shows what this witness vouched for, {now.size} entries"
    _vouch(log, folder, only_by(note, keys))
    return f"vouched for {now.size} entries"


def go_on(
    log: Log, folder: Folder, keys: Sequence[Verifier], say: Callable[[str], None], every: int
) -> None:
    """Go round every so many seconds, until the log contradicts itself; never returns otherwise.

    Raises:
        Contradicted, Unusable: as of one round.
    """
    failures, said = 0, ""
    while True:
        try:
            told, pause, failures = go_round(log, folder, keys), every, 0
        except (Unreached, NotTheLog) as error:
            failures += 1
            pause = min(2**failures, LONGEST_PAUSE_S)
            told = f"{error}. Trying again in {pause} seconds"
        if told != said:
            say(told)
            said = told
        time.sleep(pause)


def _vouch(log: Log, folder: Folder, note: Note) -> None:
    """Cosign: the memory is on disk before anybody else sees the cosignature."""
    at = max(int(time.time()), folder.last_time)  # a clock that was set back tells nothing new
    cosignature = folder.signer.sign(note.text, time=at)
    folder.remember(note, cosignature)
    log.hand_in(str(note), folder.signer.verifier.vkey, cosignature.line().removesuffix("\n"))


def _shows(note: Note, key: Verifier) -> bool:
    return any((line.name, line.key_id) == (key.name, key.id) for line in note.signatures)


def _with_evidence(folder: Folder, text: str, error: Contradicted) -> Contradicted:
    texts = [("after", text), ("why", f"{error}\n")]
    if error.shown:
        texts.append(("proof", error.shown))
    held = folder.keep_evidence(texts, datetime.now(UTC))
    return Contradicted(f"{error}. Nothing was vouched for. What it said is in {held}. {WHAT_NEXT}")
