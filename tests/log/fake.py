"""A log of its own over a real socket: honest by nature, and whatever else a test makes of it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typing_extensions import override

from app.domain import merkle
from app.domain.note import (
    SIGNATURE,
    Checkpoint,
    Note,
    Signature,
    Signer,
    read_note,
    read_signature,
    read_vkey,
)

ORIGIN = "ocha.example/safe-passage"
TOKEN = "sp_" + "w" * 43


def key(seed: int, name: str = ORIGIN) -> Signer:
    """Give the same key of a log for the same seed."""
    return Signer(
        name=name, key=Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32), purpose=SIGNATURE
    )


def leaves(*entries: str) -> list[bytes]:
    """Give the leaf hashes of entries."""
    return [merkle.leaf_hash(each.encode()) for each in entries]


class FakeLog:
    """What a service would keep of its log, and how it answers.

    Attributes:
        answers: by path, what is answered in place of the honest answer.
        on_cosignature: called with each body that is handed in, before it is answered.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self.leaves: list[bytes] = []
        self.signers = [key(1)]
        self.cosigned: dict[str, list[Signature]] = {}
        self.taken: list[dict[str, str]] = []
        self.answers: dict[str, tuple[int, str]] = {}
        self.on_cosignature: Callable[[dict[str, str]], None] = lambda _: None
        self.url = ""

    @property
    def vkey(self) -> str:
        """The first of its public keys."""
        return self.signers[0].verifier.vkey

    @property
    def sizes(self) -> list[int]:
        """How many entries each checkpoint covers that a cosignature came for."""
        return [int(body["checkpoint"].split("\n")[1]) for body in self.taken]

    def grow(self, *entries: str) -> None:
        """Add entries."""
        self.leaves += leaves(*entries)

    def note(self, origin: str = ORIGIN) -> Note:
        """Sign the log as it stands, with the cosignatures that came for it."""
        root = merkle.root_hash(self.leaves)
        text = Checkpoint(origin=origin, size=len(self.leaves), root=root).text()
        signed = [signer.sign(text) for signer in self.signers]
        return Note(text=text, signatures=[*signed, *self.cosigned.get(text, [])])

    def answer(self, path: str, query: str) -> tuple[int, str]:
        """Answer a question."""
        if path in self.answers:
            return self.answers[path]
        if path == "/v1/ledger/checkpoint":
            return 200, str(self.note())
        if path == "/v1/ledger/proofs/consistency":
            asked = {name: int(value) for name, (value,) in parse_qs(query).items()}
            proof = merkle.consistency_proof(self.leaves[: asked["to"]], asked["from"])
            return 200, json.dumps({**asked, "proof": [each.hex() for each in proof]})
        return 404, "{}"

    def take(self, body: dict[str, str]) -> tuple[int, str]:
        """Take a cosignature that verifies."""
        answer = self.answers.get("/v1/ledger/cosignatures")
        self.on_cosignature(body)
        if answer is not None:
            return answer
        note = read_note(body["checkpoint"])
        line = read_signature(body["cosignature"])
        read_vkey(body["vkey"]).verify(Note(text=note.text, signatures=[line]))
        self.taken.append(body)
        self.cosigned.setdefault(note.text, []).append(line)
        return 201, "{}"


@contextmanager
def served(log: FakeLog) -> Iterator[FakeLog]:
    """Serve a log at an address of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            self._send(*log.answer(asked.path, asked.query))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._send(*log.take(json.loads(body)))

        def _send(self, status: int, text: str) -> None:
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                status, text = 401, '{"detail": "the token is unknown"}'
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", text)
            self.end_headers()
            self.wfile.write(text.encode(errors="surrogateescape"))

        @override
        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        log.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield log
        finally:
            server.shutdown()
            thread.join()
