"""Runs the verifier on an export as its user would, and keeps what it said."""

import json
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.domain.note import Signer
from app.log import verifier
from tests.log.exports import LOG

INTACT, TAMPERED, INCOMPLETE, UNUSABLE = 0, 1, 2, 3


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the verifier said."""

    status: int
    lines: Sequence[str]

    @property
    def verdict(self) -> str:
        """The last line."""
        return self.lines[-1]

    @property
    def findings(self) -> str:
        """All before it."""
        return "\n".join(self.lines[:-1])

    @property
    def answer(self) -> dict[str, Any]:
        """What the record says of a subject."""
        told: dict[str, Any] = json.loads(self.findings)
        return told


def verified(
    export: bytes,
    *words: str,
    keys: Sequence[Signer] = (LOG,),
    files: Mapping[str, str] | None = None,
) -> Said:
    """Verify an export.

    Args:
        files: what stands in files beside it, by the option that names them.
    """
    with TemporaryDirectory() as folder, redirect_stdout(StringIO()) as said:
        path = Path(folder) / "export"
        path.write_bytes(export)
        options = [f"--key={key.verifier.vkey}" for key in keys]
        for option, text in (files or {}).items():
            beside = Path(folder) / option.strip("-")
            beside.write_text(text, encoding="utf-8")
            options.append(f"{option}={beside}")
        status = verifier.main([str(path), *options, *words])
    return Said(status=status, lines=said.getvalue().splitlines())
