"""From end to end: two organisations vouch for a running service, and for no older state of it."""

import shutil
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError

import pytest

from app.console import main
from app.domain.note import Note, read_checkpoint, read_note, read_vkey
from app.log.keys import Files
from tests.databases import Database
from tests.servers import Service, running_service

WITNESSES = {"UN OCHA": "ocha.example/witness", "ICRC": "icrc.example/witness"}
_PATIENCE_S = 120


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A running service, and what its operator and its witnesses hold."""

    service: Service
    folder: Path
    passage: Callable[..., Done]

    def organisation(self, name: str) -> None:
        """Make an organisation known, which is one event of the record."""
        made = self.passage(
            "organisation", "create", "--short-name", name, "--name", name, "--kind", "ngo"
        )
        assert made.code == 0, made.err

    def token(self, organisation: str, role: str) -> str:
        """Issue a token."""
        asked = ("--organisation", organisation, "--role", role, "--holder", f"{role}-1")
        made = self.passage("token", "create", *asked)
        assert made.code == 0, made.err
        return made.out.strip()

    def checkpoint(self, token: str) -> Note:
        """Give the last checkpoint."""
        request = urllib.request.Request(
            f"{self.service.url}/v1/ledger/checkpoint", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return read_note(answer.read().decode())

    def settled(self, token: str, size: int) -> Note:
        """Give the checkpoint once it covers so many events."""
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            try:
                note = self.checkpoint(token)
                if read_checkpoint(note).size >= size:
                    return note
            except HTTPError as error:  # nothing is signed yet
                error.close()
                if error.code != 503:
                    raise
            time.sleep(0.05)
        raise AssertionError("the log was not signed in time")

    def witness(self, organisation: str, token: str) -> Done:
        """Let the witness of an organisation look once."""
        place = self.folder / organisation
        place.mkdir(exist_ok=True)
        (place / "token").write_text(token)
        (signer,) = Files(self.folder).signers()
        return self.passage(
            *("witness", "--once", "--url", self.service.url, "--log-key", signer.verifier.vkey),
            *("--token-file", str(place / "token"), "--dir", str(place / "witness")),
            *("--name", WITNESSES[organisation]),
        )


@pytest.fixture
def scene(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Scene]:
    """Run the service, and commands in this process."""
    for name, value in {**database.environment, "PASSAGE_DATA_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)

    def passage(*words: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["passage", *words])
        with pytest.raises(SystemExit) as left:
            main()
        told = capsys.readouterr()
        return Done(code=int(left.value.code or 0), out=told.out, err=told.err)

    with running_service(database, tmp_path) as service:
        yield Scene(service=service, folder=tmp_path, passage=passage)


def test_two_witnesses_vouch_and_whoever_reads_the_checkpoint_can_verify_both(
    scene: Scene,
) -> None:
    for organisation in WITNESSES:
        scene.organisation(organisation)
    tokens = {each: scene.token(each, "witness") for each in WITNESSES}
    auditor = scene.token("ICRC", "auditor")
    before = scene.settled(auditor, 5)
    first = {each: scene.witness(each, token) for each, token in tokens.items()}
    assert [done.code for done in first.values()] == [0, 0], first
    shown = scene.checkpoint(auditor)
    assert shown.text == before.text
    for done in first.values():
        at = read_vkey(done.out.strip()).verify(shown)
        assert at is not None
        assert abs(at - time.time()) < _PATIENCE_S
    scene.organisation("MSF")
    scene.settled(auditor, 6)
    for each, token in tokens.items():
        again = scene.witness(each, token)
        assert (again.code, again.out) == (0, first[each].out), again.err
        assert "vouched for 6 entries" in again.err
        read_vkey(again.out.strip()).verify(scene.checkpoint(auditor))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("then", ["shorter", "other"])
def test_a_service_on_an_older_state_finds_no_witness(scene: Scene, then: str) -> None:
    """The operator put back a backup, and the log's own memory of what it signed with it."""
    service, file, copy = scene.service, scene.folder / "passage.sqlite", scene.folder / "copy"
    scene.organisation("ICRC")
    token = scene.token("ICRC", "witness")
    scene.settled(token, 2)
    service.stop()
    _copy(scene.folder, copy)
    service.start()
    scene.organisation("MSF")
    scene.settled(token, 3)
    assert scene.witness("ICRC", token).code == 0
    service.stop()
    for left in file.parent.glob(f"{file.name}-*"):
        left.unlink()
    _copy(copy, scene.folder)
    service.start()
    if then == "other":
        scene.organisation("NRC")
        scene.organisation("UNHCR")
        scene.settled(token, 4)
    refused = scene.witness("ICRC", token)
    assert refused.code == 1, refused.err
    assert "Nothing was vouched for" in refused.err
    found = scene.checkpoint(token)
    assert read_checkpoint(found).size == (4 if then == "other" else 2)
    assert len(found.signatures) == 1


def _copy(here: Path, there: Path) -> None:
    copies: list[tuple[Path, Callable[[Path, Path], object]]] = [
        (Path("passage.sqlite"), shutil.copyfile),
        (Path("log"), lambda a, b: shutil.copytree(a, b, dirs_exist_ok=True)),
    ]
    there.mkdir(exist_ok=True)
    for name, copy in copies:
        copy(here / name, there / name)
