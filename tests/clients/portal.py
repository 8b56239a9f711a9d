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
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest
from typing_extensions import override

_FOLDER = Path(__file__).parent / "browser"
_LIBRARIES = {
    "OpenLayers": _FOLDER / "node_modules/ol/dist/ol.js",
    "MapLibre": _FOLDER / "node_modules/maplibre-gl/dist/maplibre-gl.mjs",
}
_MAPLIBRE = (
    "maplibre-gl.mjs",
    "maplibre-gl-shared.mjs",
    "maplibre-gl-worker.mjs",
    "maplibre-gl.css",
)
_OWN = ("page.css", "visit.js", "map.js", "maplibre.js", "corridors.js")
_FILES = {
    "/": _FOLDER / "page.html",
    "/maplibre": _FOLDER / "maplibre.html",
    **{f"/{name}": _FOLDER / name for name in _OWN},
    "/ol.js": _LIBRARIES["OpenLayers"],
    **{f"/maplibre/{name}": _LIBRARIES["MapLibre"].with_name(name) for name in _MAPLIBRE},
}
_KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; "
    "img-src data: blob:; connect-src 'self' http://127.0.0.1:*"
)
"""What such a portal lets its pages load, as the page on map clients says."""
_PATIENCE_S = 120
_QUIET = (
    "--headless",
    "--no-sandbox",  # whoever tests may be root
    *("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),  # WebGL
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
                path = _FILES.get(urlsplit(self.path).path)
                self.send_response(404 if path is None else 200)
                self.send_header("Content-Type", _KINDS[path.suffix] if path else "text/plain")
                self.send_header("Content-Security-Policy", _POLICY)
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

    def browse(
        self, *, page: str = "/", origin: str | None = None, **asked: Any
    ) -> Mapping[str, Any]:
        """Open the page of a map in a browser, and give what it found.

        Args:
            page: `/` is the map by OpenLayers, `/maplibre` the one by MapLibre.
            origin: another name of the portal.
            asked: what the page is to ask for, see `map.js` and `maplibre.js`.
        """
        visit = uuid4().hex
        address = f"{origin or self.origin}{page}#{quote(json.dumps({**asked, 'visit': visit}))}"
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
    absent = ["chromium"] if found is None else []
    absent += [name for name, library in _LIBRARIES.items() if not library.exists()]
    if found is None or absent:
        what = " and ".join(absent)
        missing = f"{what} not there; install chromium, and `npm ci` in {_FOLDER.name}"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found
