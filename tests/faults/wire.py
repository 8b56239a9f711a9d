"""A light HTTP/1.1 client that keeps its connection and says honestly when an answer was lost."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_BODYLESS = {204, 304}


class Lost(Exception):
    """No whole answer came: nobody knows what became of the request."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One whole answer; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)

    @property
    def version(self) -> int:
        """The version that the ETag names."""
        return int(self.headers["etag"].strip('"'))


@dataclass(kw_only=True)
class Wire:
    """One connection at a time to a service; opened when needed, given up when it breaks."""

    port: int
    token: str = ""
    patience_s: float = 60.0
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        if_match: int | None = None,
        token: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer:
        """Send one request and wait for its answer; never sends anything twice.

        Raises:
            Lost: the connection could not be made or broke before the whole answer was there.
        """
        wanted = {"Idempotency-Key": key, "If-None-Match": if_none_match}
        if if_match is not None:
            wanted["If-Match"] = f'"{if_match}"'
        message = self._message(method, path, body, wanted, token or self.token)
        try:
            async with asyncio.timeout(self.patience_s):
                reader, writer = await self._connected()
                writer.write(message)
                return await _answer(reader)
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            self.close()
            raise Lost(str(error)) from error

    def close(self) -> None:
        """Give the connection up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        return self._streams

    def _message(
        self,
        method: str,
        path: str,
        body: Any,
        wanted: Mapping[str, str | None],
        token: str,
    ) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        if content:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in wanted.items() if value is not None]
        return "\r\n".join([*lines, "", ""]).encode() + content


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(head[0].split(" ", 2)[1])
    pairs = (line.partition(":") for line in head[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    if status in _BODYLESS:
        return Answer(status=status, headers=headers, body=b"")
    if "content-length" not in headers:
        raise ValueError("an answer without a length")
    body = await reader.readexactly(int(headers["content-length"]))
    return Answer(status=status, headers=headers, body=body)
