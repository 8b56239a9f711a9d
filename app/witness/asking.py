"""Asking the service, over HTTP: for its checkpoint, for a proof, and to take a cosignature."""

import json
from http.client import HTTPException
from typing import Any, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from typing_extensions import override

from app.domain.merkle import HASH_BYTES
from app.witness.judging import Proved
from app.witness.refusals import Unreached, Unusable

_PATIENCE_S = 30
_LARGEST = 1024 * 1024


class _NoRedirect(HTTPRedirectHandler):
    """The token is for one address only."""

    @override
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Log:
    """The log behind an address, as a token may see it."""

    def __init__(self, url: str, token: str) -> None:
        """Ask at `url`, which is that of the service, without `/v1`.

        Raises:
            Unusable: this is no address, or no token.
        """
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise Unusable("--url: expected an address such as https://safe-passage.example")
        if not (token.isascii() and token.isprintable() and token):
            raise Unusable("--token-file: expected a token, alone, as the administrator gave it")
        self._base = url.rstrip("/") + "/v1/ledger"
        self._token = token
        self._opener = build_opener(_NoRedirect)

    def checkpoint(self) -> str:
        """Give the text that should be the last checkpoint.

        Raises:
            Unreached: there is none to be had.
        """
        return self._ask("/checkpoint")

    def prove(self, before: int, now: int) -> Proved:
        """Give what should prove that the log only grew.

        Raises:
            Unreached: there is none to be had.
        """
        text = self._ask(f"/proofs/consistency?from={before}&to={now}")
        try:
            hashes = [bytes.fromhex(each) for each in json.loads(text)["proof"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Unreached("the answer holds no proof; expected JSON with hashes in it") from None
        if any(len(each) != HASH_BYTES for each in hashes):
            raise Unreached(f"the proof holds what is no hash; expected {HASH_BYTES} bytes each")
        return Proved(hashes=hashes, text=text)

    def hand_in(self, checkpoint: str, vkey: str, cosignature: str) -> None:
        """Hand in a cosignature.

        Raises:
            Unreached: it was not taken, or nobody knows.
        """
        body = {"checkpoint": checkpoint, "vkey": vkey, "cosignature": cosignature}
        self._ask("/cosignatures", json.dumps(body).encode())

    def _ask(self, path: str, body: bytes | None = None) -> str:
        headers = {"Authorization": f"Bearer {self._token}", "Cache-Control": "no-cache"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = Request(self._base + path, data=body, headers=headers)
        try:
            with self._opener.open(request, timeout=_PATIENCE_S) as answer:
                return _text(answer.read(_LARGEST + 1))
        except HTTPError as error:
            _tell(error)
        except (URLError, HTTPException, OSError) as error:
            reason = getattr(error, "reason", None) or str(error) or type(error).__name__
            raise Unreached(f"the service does not answer at {self._base}: {reason}") from None


def _text(body: bytes) -> str:
    if len(body) > _LARGEST:
        raise Unreached(
            f"the answer is larger than {_LARGEST} bytes; is --url that of the service?"
        )
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Unreached("the answer is not text; is --url that of the service?") from None


def _tell(error: HTTPError) -> NoReturn:
    """Tell a refusal in the words of the service, where it has any."""
    try:
        with error:
            document = json.loads(error.read(_LARGEST))
        told = "; ".join([document["detail"], *(e["message"] for e in document.get("errors", []))])
    except (ValueError, KeyError, TypeError, OSError, HTTPException, RecursionError):
        told = "no reason given"
    advice = {
        401: ". Ask the administrator of the service for a new token",
        403: ". Ask the administrator of the service for a token of the role witness",
        404: ". Is --url that of the service, without /v1?",
    }.get(error.code, "")
    raise Unreached(f"the service answered {error.code}: {told}{advice}") from None
