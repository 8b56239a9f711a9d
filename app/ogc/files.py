"""Files of features: what a question finds, read in short pages and sent as it is written.

The pages belong together like those of a list (decision 27). Each is read in a transaction of its own
by a caller who is found anew, so that a slow client holds none, and what may no longer be seen
leaves at once.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from anyio.to_thread import run_sync
from fastapi import Request, Response
from sqlalchemy.orm import Session

from app.access.caller import found_again
from app.db.session import reading as transaction
from app.disclosure import reading
from app.disclosure.answers import as_feature
from app.disclosure.fields import readable
from app.disclosure.mark import Mark, mark
from app.disclosure.reading import Found, Question
from app.formats.csv_hxl import HxlCsv
from app.formats.geojsonl import GeojsonSequence
from app.formats.gpkg import GeoPackage
from app.formats.gpx import Gpx
from app.formats.kml import Kml
from app.formats.writer import About, Column, Kind, Writer, whole
from app.http.problems import Fault, unreadable
from app.http.streamed import Streamed
from app.ledger.reading import NOW
from app.ogc.answers import VARY
from app.ogc.collections import COLLECTIONS
from app.ogc.crs import CRS84, Crs
from app.ogc.forms import MEDIA_TYPES, FileForm

PAGE = 200
"""So many features are held at most."""
_WRITERS: Mapping[FileForm, Callable[[About], Writer]] = {
    FileForm.GEOJSONL: GeojsonSequence,
    FileForm.CSV: HxlCsv,
    FileForm.GPKG: GeoPackage,
    FileForm.KML: Kml,
    FileForm.GPX: Gpx,
}
_KINDS = {
    "number": Kind.NUMBER,
    "integer": Kind.INTEGER,
    "array": Kind.NESTED,
    "object": Kind.NESTED,
}


def check(request: Request, crs: Crs) -> None:
    """Refuse what only answers in pages have.

    Raises:
        Problem: 400, with what was found and what was expected.
    """
    if not crs.is_stored:
        message = "found another system than CRS84, expected none: files are in CRS84"
        raise unreadable(Fault(pointer="query/crs", message=message))
    for name in ("cursor", "number-matched"):
        if name in request.query_params:
            message = f"found {name}, expected none: a file has no pages; limit bounds it"
            raise unreadable(Fault(pointer=f"query/{name}", message=message))


def single(found: Found, question: Question, marked: Mark, form: FileForm, tagged: str) -> Response:
    """Give one feature as a file; it never leaves memory, as it may be more exact than lists."""
    about = _about(question, marked, is_list=False)
    body = whole(_WRITERS[form](about), [as_feature(found)])
    name = f"{question.collection}-{found.id}"
    headers = _headers(form, tagged, name, about.read_at)
    return Response(body, headers=headers, media_type=MEDIA_TYPES[form])


def all_of(
    request: Request, db: Session, question: Question, marked: Mark, form: FileForm, tagged: str
) -> Response:
    """Give all that a question finds, or as many as its limit says.

    The first page is read in the transaction of the request, so that what stands against it is
    answered before anything is sent.
    """
    asked = request.query_params.get("limit")
    export = _Export(
        request=request,
        question=replace(question, pin=marked.pin),
        make=lambda: _WRITERS[form](_about(question, marked, is_list=True)),
        left=int(asked) if asked else None,
    )
    first = reading.find(db, question, limit=export.room + 1)
    headers = _headers(form, tagged, question.collection, question.now)
    return Streamed(
        export.pieces(first), headers, MEDIA_TYPES[form], reader=question.caller.principal
    )


@dataclass(kw_only=True)
class _Export:
    """The features of one file, a page at a time.

    Attributes:
        left: how many may still be written; None for all.
    """

    request: Request
    question: Question
    make: Callable[[], Writer]
    left: int | None

    @property
    def room(self) -> int:
        """How many the next page holds at most."""
        return PAGE if self.left is None else min(PAGE, self.left)

    async def pieces(self, found: Sequence[Found]) -> AsyncIterator[bytes]:
        """Write page by page; a fault breaks off, so that what was sent is not taken for whole."""
        writer = await run_sync(self.make)
        try:
            yield await run_sync(writer.begin)
            while True:
                shown, has_more = self._taken(found)
                yield await run_sync(_written, writer, shown)
                if not has_more:
                    break
                found = await self._after(shown[-1])
            rest = writer.end()
            while (piece := await run_sync(next, rest, None)) is not None:
                yield piece
        finally:
            writer.close()

    def _taken(self, found: Sequence[Found]) -> tuple[Sequence[Found], bool]:
        """Give what is to be written of a page, of which one more was looked for."""
        shown, follows = found[: self.room], len(found) > self.room
        if self.left is not None:
            self.left -= len(shown)
        return shown, follows and self.left != 0

    async def _after(self, last: Found) -> Sequence[Found]:
        async with self.request.app.state.gates.turn(reads=True):
            return await run_sync(self._page, last)

    def _page(self, last: Found) -> Sequence[Found]:
        with transaction(self.request.app.state.engine) as db:
            caller = found_again(db, self.request, self.question.caller)
            asked = replace(self.question, caller=caller, now=datetime.now(UTC), after=last.id)
            _, asked = mark(db, asked)
            return reading.find(db, asked, limit=self.room + 1)


def _written(writer: Writer, found: Sequence[Found]) -> bytes:
    return b"".join(writer.add(as_feature(one)) for one in found)


def _about(question: Question, marked: Mark, *, is_list: bool) -> About:
    collection = COLLECTIONS[question.collection]
    fields = readable(collection.fields, question.caller)
    return About(
        collection=collection.id,
        title=collection.title,
        description=collection.description,
        columns=[
            Column(name=each.name, kind=_kind(each.schema))
            for each in fields
            if each.name != "geometry"
        ],
        read_at=question.now,
        stands_since=marked.moved_at,
        is_present=question.reading == NOW and question.since is None,
        is_list=is_list,
    )


def _kind(schema: Mapping[str, Any]) -> Kind:
    if schema.get("format") == "date-time":
        return Kind.INSTANT
    if str(schema.get("format", "")).startswith("geometry"):
        return Kind.NESTED
    return _KINDS.get(schema["type"], Kind.TEXT)


def _headers(form: FileForm, tagged: str, name: str, read_at: datetime) -> dict[str, str]:
    file = f"{name}-{read_at:%Y%m%dT%H%M%SZ}.{form.value}"
    named = {"Content-Disposition": f'attachment; filename="{file}"'}
    return {**VARY, **named, **Crs(CRS84).header, "ETag": tagged}
