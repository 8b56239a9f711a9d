"""A portal of another agency: its pages, and a browser without a screen that shows one of them."""

import json
import os
import shutil
import subprocess
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from typing_extensions import override

_FOLDER = Path(__file__).parent / "browser"
_LIBRARY = _FOLDER / "node_modules/ol/dist/ol.js"
_PAGES = {
    "/": (_FOLDER / "page.html", "text/html"),
    "/map.js": (_FOLDER / "map.js", "text/javascript"),
    "/ol.js": (_LIBRARY, "text/javascript"),
}
_PATIENCE_S = 120
_QUIET = (
    "--headless",
    "--no-sandbox",  # whoever tests may be root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Portal:
    """Serves the page of a map, and takes what it found."""

    def __init__(self) -> None:
        self.found: defaultdict[str, Queue[Any]] = defaultdict(Queue)
        portal = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path, kind = _PAGES.get(self.path, (None, ""))
                self.send_response(404 if path is None else 200)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(path.read_bytes() if path else b"")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(204)
                self.end_headers()
                portal.found[self.path].put(json.loads(body))

            @override
            def log_message(self, format: str, *args: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Where its pages are, on this machine."""
        return self._server.server_port

    @property
    def origin(self) -> str:
        """How browsers name it."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()

    def browse(self, *, origin: str | None = None, **asked: Any) -> Mapping[str, Any]:
        """Open the page of the map in a browser, and give what it found.

        Args:
            origin: another name of the portal.
            asked: what the page is to ask for, see `map.js`.
        """
        visit = uuid4().hex
        address = f"{origin or self.origin}/#{quote(json.dumps({**asked, 'visit': visit}))}"
        with _browser(address):
            try:
                found: Mapping[str, Any] = self.found[f"/found/{visit}"].get(timeout=_PATIENCE_S)
            except Empty:
                raise AssertionError("the page told nothing") from None
        return found


@contextmanager
def _browser(address: str) -> Iterator[None]:
    with TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as folder:
        command = (_chromium(), *_QUIET, f"--user-data-dir={folder}", address)
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            yield
        finally:
            os.killpg(process.pid, 9)
            process.wait()


def _chromium() -> str:
    found = shutil.which("chromium")
    if found is None or not _LIBRARY.exists():
        what = "chromium" if found is None else "OpenLayers"
        missing = f"{what} is not there; install chromium, and `npm ci` in {_FOLDER.name}"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found
