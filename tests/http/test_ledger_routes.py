"""The log over HTTP: whatever it answers, an auditor can check against the checkpoint alone."""

import random
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import Response
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.db.session import writing
from app.domain import merkle
from app.domain.fact import Fact, Subject
from app.domain.note import Checkpoint, read_checkpoint, read_note, read_vkey
from app.domain.policy import Role
from app.ledger import store
from app.log import verifier
from app.log.keys import Files
from app.main import create_app
from app.settings import Settings
from tests.databases import Database, stock
from tests.http.cosigning import checkpoint, settled_checkpoint
from tests.http.given import bearer, given_operation, given_token
from tests.http.world import OCHA, World, given_world, read
from tests.http.worlds import Worlds
from tests.store.ledger_given import OCHA as DESK
from tests.store.ledger_given import april
from tests.store.tampering import unguarded

LEDGER = "/v1/ledger"
EXPORT = f"{LEDGER}/export"
TILE = 256


@dataclass(frozen=True, kw_only=True)
class Log:
    """A log of several hundred events, as an auditor of all operations reads it."""

    world: World
    checkpoint: Checkpoint
    entries: Sequence[dict[str, Any]]

    @property
    def size(self) -> int:
        """How many events the checkpoint covers."""
        return self.checkpoint.size

    @property
    def leaves(self) -> list[bytes]:
        """The leaf hashes under the checkpoint."""
        return [bytes.fromhex(entry["leaf_hash"]) for entry in self.entries]

    def get(self, path: str, *, who: str = "auditor", **params: Any) -> Response:
        """Ask for something below the ledger."""
        return self.world.by(who).get(f"{LEDGER}/{path}", **params)

    def read(self, path: str, *, who: str = "auditor", **params: Any) -> Any:
        """Read what must be there."""
        return read(self.get(path, who=who, **params), 200)


@pytest.fixture(params=("sqlite", "postgresql"))
def log(request: pytest.FixtureRequest, worlds: Worlds) -> Log:
    """Lend a log to read; nobody adds to it."""
    world = worlds.lend(request.param, "ledger", signs=True)
    if "log" not in world.kept:
        world.kept["log"] = _new_log(world)
    found: Log = world.kept["log"]
    return found


def _new_log(world: World) -> Log:
    world.source()
    world.source("kherson-2022", by="ocha-elsewhere")
    both = ["mariupol-2022", "kherson-2022"]
    world.token("auditor-of-both", OCHA, "auditor", "auditor-of-both", operations=both)
    world.token("witness", OCHA, "witness", "witness")
    _record(world.engine, 3 * TILE)
    signed = read_checkpoint(settled_checkpoint(world, "auditor"))
    return Log(world=world, checkpoint=signed, entries=_all_entries(world, "auditor-of-both"))


def _record(engine: Engine, count: int) -> None:
    """Record so many events that every auditor may read."""
    subject = Subject(kind="schema", id=uuid4(), operation=None)
    with writing(engine) as db:
        for number in range(count):
            fact = Fact(
                subject=subject,
                kind="migrated",
                effective_at=april(25),
                actor=DESK,
                aspects={"revision": {"from": None, "to": str(number)}},
            )
            store.append(db, fact, at=store.moment(db), new=number == 0)


def _all_entries(world: World, who: str) -> list[dict[str, Any]]:
    found, page = [], world.by(who).read(f"{LEDGER}/entries", limit=1000)
    while True:
        found += page["items"]
        if page["next"] is None:
            return found
        page = world.by(who).read(page["next"])


class TestCheckpoint:
    def test_is_a_note_that_the_key_of_the_log_signed(self, log: Log, tmp_path: Path) -> None:
        answer = log.get("checkpoint")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        note = read_note(answer.text)
        read_vkey(key_of(log.world)).verify(note)
        assert read_checkpoint(note).root == merkle.root_hash(log.leaves)
        assert read_checkpoint(note).size == len(log.entries) == log.world.events()

    def test_is_there_for_auditors_and_witnesses_alone(self, log: Log) -> None:
        expected = {"witness": 200, "nrc-auditor": 200, "ocha": 403, "anonymous": 401}
        for who, status in expected.items():
            assert log.get("checkpoint", who=who).status_code == status


def key_of(world: World) -> str:
    """Give the vkey of the log of a service that runs in this process."""
    files: Files = world.client.app.state.log_files  # type: ignore[attr-defined]
    (signer,) = files.signers()
    return signer.verifier.vkey


class TestEntries:
    def test_come_in_pages_in_their_order(self, log: Log) -> None:
        assert [entry["index"] for entry in log.entries] == list(range(log.size))
        first = log.read("entries", limit=3)
        second = log.world.by("auditor").read(first["next"])
        assert [entry["index"] for entry in second["items"]] == [3, 4, 5]

    def test_hold_the_record_whose_hash_is_the_leaf(self, log: Log) -> None:
        for entry in log.entries:
            leaf = sha256(b"\x00" + entry["record"].encode()).hexdigest()
            assert entry["leaf_hash"] == leaf
            assert f'"event":"{entry["event"]}"' in entry["record"]

    @pytest.mark.parametrize(
        ("who", "hidden"), [("auditor", "kherson-2022"), ("nrc-auditor", "mariupol-2022")]
    )
    def test_of_another_operation_hold_nothing_but_the_leaf(
        self, log: Log, who: str, hidden: str
    ) -> None:
        told = _all_entries(log.world, who)
        assert [each["leaf_hash"] for each in told] == [each["leaf_hash"] for each in log.entries]
        other = log.world.operations[hidden]
        withheld = [each for each in told if each["record"] is None]
        assert all(each["event"] is None for each in withheld)
        assert withheld
        assert not any(f'"operation":"{other}"' in (each["record"] or "") for each in told)
        named = {each["index"] for each in log.entries if f'"{other}"' in each["record"]}
        assert named <= {each["index"] for each in withheld}

    @pytest.mark.parametrize("limit", ["0", "-1", "abc", "1001"])
    def test_are_not_there_in_pages_of_any_size(self, log: Log, limit: str) -> None:
        refused(log.get("entries", limit=limit), "query/limit")


class TestInclusion:
    def test_is_proved_for_every_event_under_the_checkpoint(self, log: Log) -> None:
        chance = random.Random(1)
        for entry in [*log.entries[:60], *chance.sample(log.entries, 60), log.entries[-1]]:
            told = log.read("proofs/inclusion", who="auditor-of-both", event=entry["event"])
            assert (told["index"], told["size"]) == (entry["index"], log.size)
            assert told["leaf_hash"] == entry["leaf_hash"]
            assert bytes.fromhex(told["root"]) == log.checkpoint.root
            check_inclusion(told, log.checkpoint.root)

    def test_is_proved_under_any_smaller_tree_too(self, log: Log) -> None:
        chance = random.Random(2)
        sizes = [1, 2, 255, 256, 257, 512, *chance.sample(range(1, log.size), 40)]
        for size in sizes:
            entry = chance.choice(log.entries[:size])
            told = log.read(
                "proofs/inclusion", who="auditor-of-both", event=entry["event"], size=size
            )
            check_inclusion(told, merkle.root_hash(log.leaves[:size]))

    def test_is_not_proved_under_a_tree_that_lacks_the_event(self, log: Log) -> None:
        answer = log.get("proofs/inclusion", event=log.entries[5]["event"], size=5)
        assert answer.status_code == 409
        assert "not in the first 5 entries" in answer.json()["detail"]

    def test_is_not_told_of_events_that_one_may_not_know(self, log: Log) -> None:
        other = log.world.operations["kherson-2022"]
        hidden = next(e for e in log.entries if f'"operation":"{other}"' in e["record"])
        unknown = log.get("proofs/inclusion", event=str(uuid4()))
        withheld = log.get("proofs/inclusion", event=hidden["event"])
        assert (unknown.status_code, withheld.status_code) == (404, 404)
        assert unknown.json()["detail"] == withheld.json()["detail"]

    @pytest.mark.parametrize("size", ["0", "-1", "abc", "1.0", "9" * 15, "9" * 40, "٣", " 3"])
    def test_needs_a_size_that_was_signed(self, log: Log, size: str) -> None:
        event = log.entries[0]["event"]
        refused(log.get("proofs/inclusion", event=event, size=size), "query/size")

    def test_needs_a_size_that_was_signed_and_no_larger_one(self, log: Log) -> None:
        event = log.entries[0]["event"]
        refused(log.get("proofs/inclusion", event=event, size=log.size + 1), "query/size")

    @pytest.mark.parametrize("event", ["", "abc", "0"])
    def test_needs_an_event(self, log: Log, event: str) -> None:
        refused(log.get("proofs/inclusion", event=event), "query/event")
        refused(log.get("proofs/inclusion"), "query/event")


def check_inclusion(told: dict[str, Any], root: bytes) -> None:
    """Verify a proof as a stranger would."""
    proof = [bytes.fromhex(each) for each in told["proof"]]
    leaf = bytes.fromhex(told["leaf_hash"])
    merkle.verify_inclusion(leaf, told["index"], told["size"], proof, root)


def refused(answer: Response, pointer: str) -> None:
    """Expect that a value of the query is named as wrong."""
    assert answer.status_code == 400, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


class TestConsistency:
    def test_is_proved_between_any_two_sizes(self, log: Log) -> None:
        chance = random.Random(3)
        some = sorted({1, 2, 255, 256, 257, 512, log.size, *chance.sample(range(1, log.size), 30)})
        for first, second in [*pairwise(some), (1, log.size), (256, 512), (log.size, log.size)]:
            told = read(between(log, first, second), 200)
            assert (told["from"], told["to"]) == (first, second)
            proof = [bytes.fromhex(each) for each in told["proof"]]
            old, new = (merkle.root_hash(log.leaves[:size]) for size in (first, second))
            merkle.verify_consistency(first, second, old, new, proof)

    def test_leads_to_the_last_checkpoint_where_nothing_else_is_asked(self, log: Log) -> None:
        told = read(between(log, 100, who="witness"), 200)
        proof = [bytes.fromhex(each) for each in told["proof"]]
        old, new = merkle.root_hash(log.leaves[:100]), log.checkpoint.root
        merkle.verify_consistency(100, told["to"], old, new, proof)

    @pytest.mark.parametrize("first", ["0", "-1", "abc", "", "9" * 15, "9" * 40])
    def test_needs_a_first_size_that_was_signed(self, log: Log, first: str) -> None:
        refused(between(log, first), "query/from")

    @pytest.mark.parametrize("second", ["0", "-1", "abc", "9" * 15])
    def test_needs_a_second_size_that_was_signed(self, log: Log, second: str) -> None:
        refused(between(log, 1, second), "query/to")

    def test_does_not_lead_back(self, log: Log) -> None:
        refused(between(log, 9, 8), "query/from")
        refused(between(log, log.size + 1), "query/from")
        refused(between(log, 1, log.size + 1), "query/to")
        refused(log.get("proofs/consistency"), "query/from")


def between(
    log: Log, first: str | int, second: str | int | None = None, *, who: str = "auditor"
) -> Response:
    """Ask for a proof that one tree begins another."""
    sizes = {"from": first} if second is None else {"from": first, "to": second}
    return log.world.by(who).get(f"{LEDGER}/proofs/consistency", **sizes)


class TestTiles:
    def test_hold_the_hashes_of_whole_subtrees(self, log: Log) -> None:
        whole, left = divmod(log.size, TILE)
        assert whole >= 3
        for number in range(whole):
            body = hashes(log.get(f"tile/0/{number:03}"))
            assert body == log.leaves[number * TILE : (number + 1) * TILE]
        part = hashes(log.get(f"tile/0/{whole:03}.p/{left}"))
        assert part == log.leaves[whole * TILE :]
        above = hashes(log.get(f"tile/1/000.p/{whole}"))
        tiles = [log.leaves[n * TILE : (n + 1) * TILE] for n in range(whole)]
        assert above == [merkle.root_hash(tile) for tile in tiles]

    def test_are_there_in_part_also_when_they_are_whole(self, log: Log) -> None:
        answer = log.get("tile/0/000.p/255")
        assert hashes(answer) == log.leaves[:255]
        assert answer.headers["Content-Type"] == "application/octet-stream"

    @pytest.mark.parametrize(
        "address",
        [
            "0/0",
            "0/00",
            "0/0000",
            "0/1",
            "0/x000/000",
            "0/x000/001",
            "0/x001",
            "0/000.p/0",
            "0/000.p/01",
            "0/000.p/256",
            "0/000.p/257",
            "0/000.p/",
            "0/000.p",
            "0/000/",
            "0/-01",
            "0/900",
            "0/x001/x234/067",
            "0/x999/x999/x999/999",
            "0/x999/x999/x999/x999/999",
            "0/٠٠٠",
            "1/000",
            "1/000.p/200",
            "2/000",
            "2/000.p/1",
            "6/000.p/1",
            "10/000",
            "00/000",
            "-1/000",
            "x/000",
            "entries/900",
            "entries/000.p/0",
            "entries/1",
        ],
    )
    def test_are_not_there_under_another_address(self, log: Log, address: str) -> None:
        assert log.get(f"tile/{address}", who="auditor-of-both").status_code == 404

    def test_are_not_there_beyond_the_checkpoint(self, log: Log) -> None:
        whole, left = divmod(log.size, TILE)
        for name in ("0", "entries"):
            assert log.get(f"tile/{name}/{whole:03}.p/{left + 1}").status_code == 404
            assert log.get(f"tile/{name}/{whole:03}").status_code == 404

    def test_of_entries_hold_records(self, log: Log) -> None:
        whole, left = divmod(log.size, TILE)
        for number, width in ((0, TILE), (1, TILE), (whole, left)):
            name = f"{number:03}" if width == TILE else f"{number:03}.p/{width}"
            records = bundle(log.get(f"tile/entries/{name}", who="auditor-of-both"))
            first = number * TILE
            told = [each["record"].encode() for each in log.entries[first : first + width]]
            assert records == told

    def test_of_entries_are_there_for_whoever_may_read_all_of_them(self, log: Log) -> None:
        assert len(bundle(log.get("tile/entries/001"))) == TILE
        mixed = log.get("tile/entries/000")
        assert mixed.status_code == 403
        assert "/v1/ledger/entries" in mixed.json()["detail"]
        assert log.get("tile/entries/001", who="witness").status_code == 403


def hashes(answer: Response) -> list[bytes]:
    """Cut a tile into its hashes."""
    assert answer.status_code == 200, answer.text
    assert len(answer.content) % 32 == 0
    return [answer.content[i : i + 32] for i in range(0, len(answer.content), 32)]


def bundle(answer: Response) -> list[bytes]:
    """Cut a tile of entries into its records, as C2SP tlog-tiles has them."""
    assert answer.status_code == 200, answer.text
    found, rest = [], answer.content
    while rest:
        length = int.from_bytes(rest[:2], "big")
        found.append(rest[2 : 2 + length])
        rest = rest[2 + length :]
    return found


class TestExport:
    def test_is_verified(self, log: Log, tmp_path: Path) -> None:
        said = verified(log, "auditor-of-both", tmp_path)
        assert f"intact: {log.size} entries, 0 of them withheld" in said

    def test_of_one_operation_holds_leaves_for_the_rest(self, log: Log, tmp_path: Path) -> None:
        for who in ("auditor", "nrc-auditor"):
            said = verified(log, who, tmp_path)
            assert f"intact: {log.size} entries, " in said
            assert ", 0 of them withheld" not in said

    def test_of_one_operation_names_nothing_of_another(self, log: Log) -> None:
        text = log.get("export", who="nrc-auditor").text
        assert log.world.operations["mariupol-2022"] not in text
        assert log.world.operations["kherson-2022"] in text

    def test_is_one_file_for_auditors(self, log: Log) -> None:
        answer = log.get("export")
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        assert "history.jsonl" in answer.headers["Content-Disposition"]
        expected = {"anonymous": 401, "revoked": 401, "ocha": 403, "witness": 403}
        for who, status in expected.items():
            assert log.get("export", who=who).status_code == status

    def test_is_found_out_when_a_letter_changes(self, log: Log, tmp_path: Path) -> None:
        body = log.get("export", who="auditor").content
        altered = body.replace(b'"schema"', b'"scheme"', 1)
        assert altered != body
        assert verify(altered, log, tmp_path)[0] == verifier.TAMPERED


def verified(log: Log, who: str, folder: Path) -> str:
    """Verify what a caller exports, and give what the verifier said."""
    answer = log.get("export", who=who)
    assert answer.status_code == 200
    status, said = verify(answer.content, log, folder)
    assert status == verifier.INTACT, said
    return said


def verify(body: bytes, log: Log, folder: Path) -> tuple[int, str]:
    """Run the verifier, with an older checkpoint too."""
    export, older = folder / "history.jsonl", folder / "older"
    export.write_bytes(body)
    older.write_text(str(checkpoint(log.world, "auditor")))
    with redirect_stdout(StringIO()) as said:
        words = [str(export), f"--key={key_of(log.world)}", f"--older={older}"]
        status = verifier.main(words)
    return status, said.getvalue()


class TestNothingSigned:
    @pytest.fixture
    def client(self, database: Database, tmp_path: Path) -> Iterator[TestClient]:
        """Run a service that does not sign."""
        settings = Settings(data_dir=tmp_path, database_url=database.url, log_signs=False)
        with TestClient(create_app(settings)) as client:
            yield client

    @pytest.mark.parametrize(
        "path",
        [
            "checkpoint",
            "export",
            "proofs/consistency?from=1",
            "tile/0/000",
            "tile/0/000.p/1",
            "tile/entries/000.p/1",
        ],
    )
    def test_it_says_that_it_takes_a_moment(
        self, client: TestClient, engine: Engine, path: str
    ) -> None:
        token = given_token(engine, Role.AUDITOR, operations=(given_operation(engine),))
        answer = client.get(f"{LEDGER}/{path}", headers=bearer(token))
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert answer.json()["type"] == "/problems/not-signed"


class TestRestoredDatabase:
    def test_is_served_but_not_vouched_for(self, database: Database, tmp_path: Path) -> None:
        with given_world(database, tmp_path, signs=True) as world:
            settled_checkpoint(world, "auditor")
            tokens = world.tokens
        with stock().copy(database, tmp_path) as copied:
            with given_world(database, tmp_path, empty=True, signs=True) as later:
                later.tokens = tokens
                later.source()
                lost = read_checkpoint(settled_checkpoint(later, "auditor"))
            with given_world(copied, tmp_path, empty=True, signs=True) as restored:
                restored.tokens = tokens
                self._contradicts(restored, tmp_path)
                restored.source()
                self._contradicts(restored, tmp_path)
                assert restored.events() == lost.size
                for path in ("entries", "proofs/consistency?from=1"):
                    assert restored.by("auditor").get(f"{LEDGER}/{path}").status_code == 200
        kept = Files(tmp_path).checkpoint()
        assert kept is not None
        assert read_checkpoint(kept) == lost

    def test_an_event_that_the_log_does_not_know_is_told_without_its_name(
        self, database: Database, tmp_path: Path
    ) -> None:
        with given_world(database, tmp_path, signs=True) as world:
            settled_checkpoint(world, "auditor")
            owner = unguarded(database)
            with owner.begin() as db:
                event = db.exec_driver_sql("SELECT id FROM event ORDER BY id LIMIT 1").scalar_one()
                db.exec_driver_sql(f"UPDATE log_entry SET event_id = '{uuid4()}' "
                                   f"WHERE event_id = '{event}'")  # fmt: skip
            owner.dispose()
            answer = world.by("auditor").get(f"{LEDGER}/export")
        assert answer.status_code == 503, answer.text
        assert answer.json()["type"] == "/problems/log-contradicted"
        assert "an event of the history is not in the log" in answer.json()["detail"]
        assert str(event) not in answer.text

    def _contradicts(self, world: World, folder: Path) -> None:
        for path in ("checkpoint", "export"):
            answer = world.by("auditor").get(f"{LEDGER}/{path}")
            assert answer.status_code == 503, answer.text
            assert answer.json()["type"] == "/problems/log-contradicted"
            assert "until the operator has put it right" in answer.json()["detail"]
            assert str(folder) not in answer.text
