"""Witnesses vouch for checkpoints over HTTP; what they hand in proves itself, or is refused."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select

from app.db.session import reading, writing
from app.domain.note import (
    MOST_SIGNATURES,
    SIGNATURE,
    Note,
    Signer,
    new_signer,
    read_checkpoint,
    read_note,
    read_vkey,
)
from app.log.cosignatures import MOST_KEYS, MOST_SHOWN, cosignatures_of
from app.log.tables import LogCosignatureRow
from tests.http.cosigning import (
    CHECKPOINT,
    checkpoint,
    given_key,
    given_witness,
    hand_in,
    offer,
    published_event,
    settled_checkpoint,
)
from tests.http.world import ICRC, OCHA, World, read

_kept = LogCosignatureRow.__table__
Spoil: TypeAlias = "Callable[[Note, Signer], dict[str, Any]]"

pytestmark = pytest.mark.signs


def count(world: World, key: Signer) -> int:
    """Count what is kept of a key."""
    own = _kept.c.vkey == key.verifier.vkey
    with reading(world.engine) as db:
        return db.execute(select(func.count()).select_from(_kept).where(own)).scalar_one()


def lines_of(world: World, size: int) -> list[str]:
    """Give what stands below the checkpoint of that size."""
    with reading(world.engine) as db:
        return cosignatures_of(db, size)


class TestAWitness:
    def test_vouches_and_the_checkpoint_shows_it(self, world: World) -> None:
        who, key = given_witness(world), given_key()
        note = checkpoint(world, who)
        body = offer(note, key)
        kept = read(hand_in(world, who, body), 201)
        size = read_checkpoint(note).size
        assert kept["size"] == size
        assert (kept["vkey"], kept["cosignature"]) == (body["vkey"], body["cosignature"])
        assert body["cosignature"] + "\n" in lines_of(world, size)

    def test_is_shown_below_the_checkpoint_to_auditors_and_witnesses(self, world: World) -> None:
        witnesses = [given_witness(world), given_witness(world, OCHA)]
        keys = [given_key(), given_key("ocha.example/witness")]
        note = settled_checkpoint(world, witnesses[0])
        for who, key in zip(witnesses, keys, strict=True):
            read(hand_in(world, who, offer(note, key)), 201)
        for reader in ("auditor", witnesses[0]):
            shown = checkpoint(world, reader)
            assert shown.text == note.text
            for key in keys:
                at = read_vkey(key.verifier.vkey).verify(shown)
                assert at is not None
                assert abs(at - time.time()) < 60

    def test_hands_in_twice_with_one_effect(self, world: World) -> None:
        who, key = given_witness(world), given_key()
        body = offer(checkpoint(world, who), key)
        first = read(hand_in(world, who, body), 201)
        assert read(hand_in(world, who, body), 200) == first
        assert count(world, key) == 1

    def test_of_a_key_the_first_cosignature_stays(self, world: World) -> None:
        who, key = given_witness(world), given_key()
        note = checkpoint(world, who)
        first = read(hand_in(world, who, offer(note, key)), 201)
        assert read(hand_in(world, who, offer(note, key, ahead=2)), 200) == first

    def test_hands_in_at_once_with_one_effect(self, world: World) -> None:
        who, key = given_witness(world), given_key()
        body = offer(checkpoint(world, who), key)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: hand_in(world, who, body).status_code, range(8)))
        assert sorted(answers) == [200] * 7 + [201]
        assert count(world, key) == 1

    def test_vouches_for_what_was_published_a_while_ago(self, world: World) -> None:
        who, key = given_witness(world), given_key()
        note = checkpoint(world, who)
        published_event(world)
        assert settled_checkpoint(world, who).text != note.text
        body = offer(note, key)
        read(hand_in(world, who, body), 201)
        assert body["cosignature"] + "\n" in lines_of(world, read_checkpoint(note).size)

    def test_its_clock_may_be_four_minutes_off(self, world: World) -> None:
        who = given_witness(world)
        note = checkpoint(world, who)
        for ahead in (-240, 240):
            read(hand_in(world, who, offer(note, given_key(), ahead=ahead)), 201)

    def test_sees_nothing_but_hashes(self, world: World) -> None:
        who = given_witness(world)
        for path in ("operations", "sites", "corridors", "agreements"):
            given = world.by(who).get(f"/v1/{path}")
            assert given.content == world.by("anonymous").get(f"/v1/{path}").content
        assert world.by(who).read("/v1/sources")["items"] == []
        for path in ("history", "ledger/entries"):
            assert world.by(who).get(f"/v1/{path}").status_code == 403


def _more(note: Note, text: str) -> Note:
    return Note(text=text, signatures=note.signatures)


def _of_another_size(note: Note, key: Signer) -> dict[str, Any]:
    told = read_checkpoint(note)
    return offer(_more(note, replace(told, size=10**18).text()), key)


def _of_another_root(note: Note, key: Signer) -> dict[str, Any]:
    return offer(_more(note, replace(read_checkpoint(note), root=bytes(32)).text()), key)


def _of_another_log(note: Note, key: Signer) -> dict[str, Any]:
    return offer(_more(note, replace(read_checkpoint(note), origin="mod.example/log").text()), key)


def _with_an_extension(note: Note, key: Signer) -> dict[str, Any]:
    return offer(_more(note, note.text + "more\n"), key)


def _of_another_text(note: Note, key: Signer) -> dict[str, Any]:
    other = _more(note, replace(read_checkpoint(note), root=bytes(32)).text())
    return {**offer(note, key), "cosignature": offer(other, key)["cosignature"]}


def _by_another_key(note: Note, key: Signer) -> dict[str, Any]:
    return {**offer(note, key), "vkey": given_key().verifier.vkey}


def _by_a_key_of_logs(note: Note, key: Signer) -> dict[str, Any]:
    other = new_signer(key.name, SIGNATURE)
    line = other.sign(note.text).line().removesuffix("\n")
    return {**offer(note, key), "vkey": other.verifier.vkey, "cosignature": line}


def _under_the_name_of_the_log(note: Note, key: Signer) -> dict[str, Any]:
    return offer(note, given_key(read_checkpoint(note).origin))


REFUSED: list[tuple[Spoil, str]] = [
    (lambda note, key: {**offer(note, key), "checkpoint": "nonsense"}, "/checkpoint"),
    (lambda note, key: {**offer(note, key), "checkpoint": note.text}, "/checkpoint"),
    (lambda note, key: {**offer(note, key), "checkpoint": "x" * 70_000}, "/checkpoint"),
    (_of_another_size, "/checkpoint"),
    (_of_another_root, "/checkpoint"),
    (_of_another_log, "/checkpoint"),
    (_with_an_extension, "/checkpoint"),
    (lambda note, key: {**offer(note, key), "vkey": "nonsense"}, "/vkey"),
    (_by_a_key_of_logs, "/vkey"),
    (_under_the_name_of_the_log, "/vkey"),
    (lambda note, key: {**offer(note, key), "cosignature": "nonsense"}, "/cosignature"),
    (_of_another_text, "/cosignature"),
    (_by_another_key, "/cosignature"),
    (lambda note, key: offer(note, key, ahead=360), "/cosignature"),
    (lambda note, key: offer(note, key, ahead=-360), "/cosignature"),
    (lambda note, key: offer(note, key, ahead=2**62), "/cosignature"),
    (lambda note, key: {**offer(note, key), "trust": "me"}, "/trust"),
    (lambda note, key: {**offer(note, key), "vkey": 1}, "/vkey"),
]


@pytest.mark.parametrize(("spoil", "pointer"), REFUSED)
def test_what_does_not_prove_itself_is_refused_in_its_place(
    world: World, spoil: Spoil, pointer: str
) -> None:
    who, key = given_witness(world), given_key()
    document = read(hand_in(world, who, spoil(checkpoint(world, who), key)), 422)
    assert [fault["pointer"] for fault in document["errors"]] == [pointer]
    assert count(world, key) == 0


def given_rows(world: World, size: int, organisation: UUID, keys: list[Signer]) -> list[UUID]:
    """Keep cosignatures as if they had come, each by a token of its own."""
    text = "a/log\n1\n" + "A" * 43 + "=\n"
    now = datetime.now(UTC)
    rows = [
        {
            "size": size,
            "key_name": key.name,
            "key_id": key.verifier.id.hex(),
            "root": bytes(32),
            "vkey": key.verifier.vkey,
            "line": key.sign(text, time=1).line().removesuffix("\n"),
            "time": now,
            "organisation_id": organisation,
            "principal_id": uuid4(),
            "received_at": now,
        }
        for key in keys
    ]
    with writing(world.engine) as db:
        db.execute(insert(_kept), rows)
    return [row["principal_id"] for row in rows if isinstance(row["principal_id"], UUID)]


class TestLimits:
    def test_a_key_that_could_be_taken_for_another_is_refused(self, world: World) -> None:
        who, key, other = given_witness(world), given_key(), given_key()
        twin = {
            "size": 2**40,
            "key_name": key.name,
            "key_id": key.verifier.id.hex(),
            "root": bytes(32),
            "vkey": other.verifier.vkey,
            "line": "—",
            "time": datetime.now(UTC),
            "organisation_id": uuid4(),
            "principal_id": uuid4(),
            "received_at": datetime.now(UTC),
        }
        with writing(world.engine) as db:
            db.execute(insert(_kept), twin)
        document = read(hand_in(world, who, offer(checkpoint(world, who), key)), 422)
        assert document["errors"][0]["pointer"] == "/vkey"
        assert "make a new key" in document["detail"]

    def test_a_token_has_so_many_keys_and_no_more(self, world: World) -> None:
        who, keys = given_witness(world), [given_key() for _ in range(MOST_KEYS + 1)]
        note = checkpoint(world, who)
        for key in keys[:-1]:
            read(hand_in(world, who, offer(note, key)), 201)
        document = read(hand_in(world, who, offer(note, keys[-1])), 422)
        assert document["errors"][0]["pointer"] == "/vkey"
        read(hand_in(world, who, offer(note, keys[0])), 200)
        read(hand_in(world, given_witness(world), offer(note, keys[-1])), 201)

    def test_no_organisation_crowds_out_another(self, world: World) -> None:
        size, many, one = 2**41 + uuid4().int % 2**20, uuid4(), uuid4()
        crowd = [given_key(f"a{number}.example") for number in range(MOST_SIGNATURES + 5)]
        last = given_key("z.example")
        given_rows(world, size, many, crowd)
        given_rows(world, size, one, [last])
        lines = lines_of(world, size)
        assert len(lines) == MOST_SHOWN < MOST_SIGNATURES
        assert any(line.startswith("— z.example ") for line in lines)
        text = "a/log\n1\n" + "A" * 43 + "=\n"
        assert len(read_note(text + "\n" + "".join(lines)).signatures) == MOST_SHOWN

    def test_what_vouches_for_one_size_does_not_for_another(self, world: World) -> None:
        who, key = given_witness(world), given_key()
        note = checkpoint(world, who)
        read(hand_in(world, who, offer(note, key)), 201)
        assert lines_of(world, read_checkpoint(note).size + 10**6) == []


class TestTheToken:
    @pytest.mark.parametrize(
        ("more", "pointer"),
        [({"operations": ["mariupol-2022"]}, "/operations"), ({"audience": "public"}, "/audience")],
    )
    def test_names_no_operation_and_no_audience(
        self, world: World, more: dict[str, Any], pointer: str
    ) -> None:
        body = {"organisation": ICRC, "role": "witness", "holder": "witness", **more}
        document = read(world.by("administrator").post("/v1/tokens", body), 422)
        assert [fault["pointer"] for fault in document["errors"]] == [pointer]

    def test_every_auditor_sees_that_it_was_issued(self, world: World) -> None:
        id = world.token("seen", ICRC, "witness", "icrc-witness")
        for who in ("auditor", "nrc-auditor"):
            (event,) = world.by(who).read("/v1/history", subject=id)["items"]
            assert event["aspects"]["role"] == "witness"

    def test_reads_the_checkpoint_and_that_the_log_only_grew(self, world: World) -> None:
        who = given_witness(world)
        assert world.by(who).get(CHECKPOINT).headers["Content-Type"].startswith("text/plain")
        size = read_checkpoint(checkpoint(world, who)).size
        path = "/v1/ledger/proofs/consistency"
        proved = world.by(who).read(path, **{"from": 1, "to": size})
        assert (proved["from"], proved["to"]) == (1, size)
