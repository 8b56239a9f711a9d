"""Signed notes: known vectors, round trips, every malformed form and every flipped bit refused."""

from base64 import b64decode, b64encode
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from app.domain import merkle
from app.domain.note import (
    COSIGNATURE,
    LARGEST_NOTE,
    MOST_SIGNATURES,
    SIGNATURE,
    Checkpoint,
    InvalidNote,
    Note,
    Purpose,
    Signer,
    cosigned,
    key_id,
    new_signer,
    read_checkpoint,
    read_note,
    read_signature,
    read_skey,
    read_vkey,
    times,
)

# From the documentation of the package that the format was taken from.
SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6"
    "KE6RyyBwJnAM=\n"
)
# From C2SP signed-note, "Verifier keys".
C2SP_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ON"
    "ncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# From C2SP tlog-cosignature; the keys are not given there.
C2SP_CHECKPOINT = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q"
    "1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oy"
    "in1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
NOON = 1_650_974_400  # 26 April 2022
SIZE, ROOT = "7", b64encode(bytes(32)).decode()

names = st.text(
    st.characters(exclude_characters="+", exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]),
    min_size=1,
    max_size=20,
)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=60).map(
    lambda text: text + "\n"
)
seeds = st.binary(min_size=32, max_size=32)
purposes: st.SearchStrategy[Purpose] = st.sampled_from((SIGNATURE, COSIGNATURE))


def signer(name: str = "un.example/log", purpose: Purpose = SIGNATURE, seed: int = 1) -> Signer:
    """Give the same key for the same seed."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return Signer(name=name, key=key, purpose=purpose)


def witness(name: str = "icrc.example/witness", seed: int = 2) -> Signer:
    """Give the key of a witness."""
    return signer(name, COSIGNATURE, seed)


def note(text: str = "un.example/log\n" + SIZE + "\n" + ROOT + "\n") -> Note:
    """Give a checkpoint that the log signed and a witness cosigned."""
    return Note(text=text, signatures=[signer().sign(text), witness().sign(text, time=NOON)])


class TestKnownVectors:
    def test_a_note_is_signed_to_the_letter(self) -> None:
        made = read_skey(SKEY).sign(TEXT)
        assert made.line() == LINE
        assert str(Note(text=TEXT, signatures=[made])) == TEXT + "\n" + LINE

    def test_a_private_key_gives_its_public_one(self) -> None:
        assert read_skey(SKEY).verifier.vkey == VKEY
        assert read_skey(SKEY).skey == SKEY

    @pytest.mark.parametrize(("vkey", "text"), [(VKEY, TEXT + "\n" + LINE), (C2SP_VKEY, C2SP_NOTE)])
    def test_a_note_verifies(self, vkey: str, text: str) -> None:
        assert read_vkey(vkey).vkey == vkey
        assert read_vkey(vkey).verify(read_note(text)) is None

    def test_a_checkpoint_with_a_cosignature_is_read(self) -> None:
        found = read_note(C2SP_CHECKPOINT)
        assert str(found) == C2SP_CHECKPOINT
        assert read_checkpoint(found) == Checkpoint(
            origin="example.com/behind-the-sofa",
            size=20852163,
            root=b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="),
        )
        log, cosignature = found.signatures
        assert (len(log.value), len(cosignature.value)) == (64, 8 + 64)
        assert int.from_bytes(cosignature.value[:8], "big") == 1679315147

    def test_the_message_of_a_cosignature_is_that_of_the_specification(self) -> None:
        text = read_note(C2SP_CHECKPOINT).text
        assert cosigned(text, 1679315147).decode() == (
            "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
            "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
        )


class TestRoundTrips:
    @given(name=names, seed=seeds, purpose=purposes)
    def test_keys(self, name: str, seed: bytes, purpose: Purpose) -> None:
        key = Signer(name=name, key=Ed25519PrivateKey.from_private_bytes(seed), purpose=purpose)
        assert read_skey(key.skey).skey == key.skey
        assert read_vkey(key.verifier.vkey).vkey == key.verifier.vkey
        assert read_vkey(key.verifier.vkey).purpose == purpose

    @given(name=names, seed=seeds, text=texts)
    def test_notes(self, name: str, seed: bytes, text: str) -> None:
        key = Signer(name=name, key=Ed25519PrivateKey.from_private_bytes(seed), purpose=SIGNATURE)
        made = Note(text=text, signatures=[key.sign(text)])
        found = read_note(str(made))
        assert found == made
        assert key.verifier.verify(found) is None

    @given(time=st.integers(0, 2**63 - 1))
    def test_cosignatures_give_their_time(self, time: int) -> None:
        text = note().text
        made = Note(text=text, signatures=[witness().sign(text, time=time)])
        assert witness().verifier.verify(read_note(str(made))) == time

    @given(size=st.integers(0, 2**63 - 1), root=st.binary(min_size=32, max_size=32))
    def test_checkpoints(self, size: int, root: bytes) -> None:
        made = Checkpoint(origin="un.example/log", size=size, root=root)
        assert read_checkpoint(Note(text=made.text(), signatures=[])) == made

    def test_extension_lines_are_left_alone_but_signed(self) -> None:
        made = Checkpoint(origin="un.example/log", size=1, root=bytes(32))
        more = note(made.text() + "an extension\n")
        assert read_checkpoint(more) == made
        assert signer().verifier.verify(more) is None
        with pytest.raises(InvalidNote):
            signer().verifier.verify(replace(more, text=made.text()))

    def test_new_keys_differ(self) -> None:
        made = [new_signer("un.example/log", SIGNATURE) for _ in range(2)]
        assert made[0].verifier.id != made[1].verifier.id

    def test_the_text_may_hold_empty_lines(self) -> None:
        found = read_note("\n\n\n" + LINE)
        assert found.text == "\n\n"


class TestFlips:
    """One bit changed anywhere in a note, in any signature that counts."""

    def _verifies(self, changed: bytes) -> bool:
        try:
            found = read_note(changed.decode())
            signer().verifier.verify(found)
            witness().verifier.verify(found)
        except (InvalidNote, UnicodeDecodeError):
            return False
        return True

    def test_none_verifies(self) -> None:
        whole = str(note()).encode()
        assert self._verifies(whole)
        for place in range(len(whole)):
            for bit in range(8):
                turned = bytes([whole[place] ^ 1 << bit])
                assert not self._verifies(whole[:place] + turned + whole[place + 1 :])

    def test_no_cut_verifies(self) -> None:
        whole = str(note()).encode()
        assert not any(self._verifies(whole[:length]) for length in range(len(whole)))

    def test_no_flip_of_a_key_reads_as_another(self) -> None:
        for place in range(len(VKEY)):
            for bit in range(7):
                changed = VKEY[:place] + chr(ord(VKEY[place]) ^ 1 << bit) + VKEY[place + 1 :]
                with pytest.raises(InvalidNote):
                    read_vkey(changed)


NOT_NOTES = {
    "nothing": "",
    "no signature": TEXT,
    "no blank line": TEXT + LINE,
    "a blank line and nothing": TEXT + "\n",
    "no text": "\n" + LINE,
    "no end": TEXT + "\n" + LINE.removesuffix("\n"),
    "two ends": TEXT + "\n" + LINE + "\n",
    "a tab": "a\ttab\n\n" + LINE,
    "carriage returns": (TEXT + "\n" + LINE).replace("\n", "\r\n"),
    "a zero": "a\x00\n\n" + LINE,
    "half of a pair": "a\ud800\n\n" + LINE,
    "a line that is no signature": TEXT + "\n" + LINE + "more\n",
    "too many signatures": TEXT + "\n" + LINE * (MOST_SIGNATURES + 1),
    "too much": "x" * LARGEST_NOTE + "\n\n" + LINE,
}

NOT_SIGNATURES = {
    "nothing": "",
    "a hyphen": LINE.strip().replace("—", "-"),
    "an en dash": LINE.strip().replace("—", "–"),
    "no space": LINE.strip().replace("— ", "—"),
    "two spaces before the name": LINE.strip().replace("— ", "—  "),
    "two spaces after the name": LINE.strip().replace("Neumann ", "Neumann  "),
    "no name": "— " + LINE.split()[2],
    "an empty name": "—  " + LINE.split()[2],
    "a plus in the name": LINE.strip().replace("PeterN", "Peter+N"),
    "a space of another kind in the name": LINE.strip().replace("PeterN", "Peter\u2003N"),
    "a control character in the name": LINE.strip().replace("PeterN", "Peter\x01N"),
    "no base64": "— PeterNeumann",
    "other letters": LINE.strip().replace("/", "_"),
    "letters beyond ASCII": LINE.strip().replace("x08", "х08"),
    "no padding": LINE.strip().rstrip("="),
    "base64 of another form": LINE.strip().replace("nAM=", "nAN="),
    "only an id": "— PeterNeumann x08gow==",
    "something behind": LINE.strip() + " more",
}


class TestMalformed:
    @pytest.mark.parametrize("text", NOT_NOTES.values(), ids=NOT_NOTES)
    def test_notes(self, text: str) -> None:
        with pytest.raises(InvalidNote, match="found"):
            read_note(text)

    def test_as_many_signatures_as_are_taken(self) -> None:
        assert len(read_note(TEXT + "\n" + LINE * MOST_SIGNATURES).signatures) == MOST_SIGNATURES

    @pytest.mark.parametrize("line", NOT_SIGNATURES.values(), ids=NOT_SIGNATURES)
    def test_signatures(self, line: str) -> None:
        assert read_signature(LINE.strip()).line() == LINE
        with pytest.raises(InvalidNote, match="found"):
            read_signature(line)

    @pytest.mark.parametrize(
        "text",
        [
            f"{SIZE}\n{ROOT}\n",
            f"un.example/log\n{SIZE}\n",
            f"\n{SIZE}\n{ROOT}\n",
            f"un.example/log\n\n{ROOT}\n",
            f"un.example/log\n07\n{ROOT}\n",
            f"un.example/log\n-7\n{ROOT}\n",
            f"un.example/log\n+7\n{ROOT}\n",
            f"un.example/log\n7.0\n{ROOT}\n",
            f"un.example/log\n1٧\n{ROOT}\n",
            f"un.example/log\n{2**63}\n{ROOT}\n",
            f"un.example/log\n{10**30}\n{ROOT}\n",
            f"un.example/log\n{SIZE}\n{ROOT[:-4]}\n",
            f"un.example/log\n{SIZE}\n{ROOT} \n",
            f"un.example/log\n{SIZE}\n{ROOT.rstrip('=')}\n",
            f"un.example/log\n{SIZE}\n{b64encode(bytes(33)).decode()}\n",
            f"un.example/log\n{SIZE}\n{ROOT}\n\n",
            f"un.example/log\n{SIZE}\n{ROOT}\n\nan extension\n",
        ],
    )
    def test_checkpoints(self, text: str) -> None:
        with pytest.raises(InvalidNote, match="found no checkpoint"):
            read_checkpoint(Note(text=text, signatures=[]))

    @pytest.mark.parametrize(
        "word",
        [
            "",
            "PeterNeumann",
            VKEY.replace("PeterNeumann", "PeterNeumanN"),
            VKEY.replace("c74f20a3", "c74f20a4"),
            VKEY.replace("c74f20a3", "C74F20A3"),
            VKEY.replace("PeterNeumann", ""),
            VKEY.replace("PeterNeumann", "Peter Neumann"),
            VKEY.replace("+AR", "+AB"),
            VKEY + "=",
            VKEY[:-4],
            VKEY + "AAAA",
            SKEY,
            f"un+{key_id('un', 2, bytes(32)).hex()}+{b64encode(bytes([2, *bytes(32)])).decode()}",
        ],
    )
    def test_public_keys(self, word: str) -> None:
        with pytest.raises(InvalidNote):
            read_vkey(word)

    @pytest.mark.parametrize(
        "word",
        [
            "",
            VKEY,
            SKEY.replace("PRIVATE", "private"),
            "x" + SKEY,
            SKEY.replace("c74f20a3", "c74f20a4"),
            SKEY.replace("PeterNeumann", "PeterNeumanN"),
            SKEY[:-4],
        ],
    )
    def test_private_keys(self, word: str) -> None:
        with pytest.raises(InvalidNote) as refused:
            read_skey(word)
        assert SKEY.rpartition("+")[2] not in str(refused.value)

    @pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\x00b", "a\ud800b"])
    def test_names(self, name: str) -> None:
        with pytest.raises(InvalidNote, match="expected one without"):
            new_signer(name, SIGNATURE)


class TestSignatures:
    def test_one_of_an_unknown_key_is_left_alone(self) -> None:
        with pytest.raises(InvalidNote, match=r"found no signature of un\.example/log\+"):
            signer(seed=3).verifier.verify(note())

    @pytest.mark.parametrize("length", [1, 7, 8, 63, 65, 72])
    def test_one_of_another_length_is_refused(self, length: int) -> None:
        whole = note()
        for key, line in zip((signer(), witness()), whole.signatures, strict=True):
            if len(line.value) == length:
                continue
            cut = replace(line, value=(line.value * 2)[:length])
            with pytest.raises(InvalidNote, match="not one of this text"):
                key.verifier.verify(replace(whole, signatures=[cut]))

    def test_the_first_of_two_by_one_key_decides(self) -> None:
        whole = note()
        forged = replace(whole.signatures[0], value=bytes(64))
        with pytest.raises(InvalidNote):
            signer().verifier.verify(replace(whole, signatures=[forged, *whole.signatures]))

    def test_a_signature_is_no_cosignature_under_the_same_key(self) -> None:
        text = note().text
        both = signer(seed=2), witness("un.example/log")
        assert both[0].key.private_bytes_raw() == both[1].key.private_bytes_raw()
        assert both[0].verifier.id != both[1].verifier.id
        signed = Note(text=text, signatures=[both[0].sign(text)])
        with pytest.raises(InvalidNote, match="found no signature"):
            both[1].verifier.verify(signed)

    def test_a_cosignature_has_a_time_and_a_signature_none(self) -> None:
        with pytest.raises(ValueError, match="has one"):
            witness().sign(TEXT)
        with pytest.raises(ValueError, match="has none"):
            signer().sign(TEXT, time=NOON)

    @pytest.mark.parametrize("time", [-1, 2**63])
    def test_a_time_that_never_is_is_not_signed(self, time: int) -> None:
        with pytest.raises(ValueError, match=str(time)):
            witness().sign(TEXT, time=time)

    def test_a_time_that_never_is_is_refused(self) -> None:
        text, time = note().text, 2**63
        value = time.to_bytes(8, "big") + witness().key.sign(cosigned(text, time))
        line = replace(note().signatures[1], value=value)
        with pytest.raises(InvalidNote, match="never is"):
            witness().verifier.verify(Note(text=text, signatures=[line]))

    def test_another_time_is_not_what_was_signed(self) -> None:
        whole = note()
        line = whole.signatures[1]
        moved = replace(line, value=(NOON + 1).to_bytes(8, "big") + line.value[8:])
        with pytest.raises(InvalidNote, match="not one of this text"):
            witness().verifier.verify(replace(whole, signatures=[moved]))

    def test_times_are_those_of_the_witnesses_that_cosigned(self) -> None:
        known = {"icrc": witness().verifier, "un": witness("un.example/witness", 3).verifier}
        assert times(note(), known) == {"icrc": NOON}
        forged = replace(note().signatures[1], value=bytes(72))
        with pytest.raises(InvalidNote):
            times(replace(note(), signatures=[forged]), known)


def test_the_checkpoint_of_an_empty_log() -> None:
    empty = Checkpoint(origin="un.example/log", size=0, root=merkle.EMPTY)
    assert empty.text() == ("un.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
