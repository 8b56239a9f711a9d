"""The forms in which features are given: documents to be read at once, and files to be kept."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, Header, Query
from starlette.requests import Request

from app.access.caller import Caller, require_role
from app.domain.policy import FILES, Role, may_call
from app.http.problems import not_allowed
from app.ogc.asked import AnswerForm, named_first
from app.ogc.links import Links, address, in_form, link


class FileForm(StrEnum):
    """A form of a file."""

    GEOJSONL = "geojsonl"
    CSV = "csv"
    GPKG = "gpkg"
    KML = "kml"
    GPX = "gpx"


class FeatureForm(StrEnum):
    """Any form in which features are given."""

    JSON = "json"
    HTML = "html"
    GEOJSONL = "geojsonl"
    CSV = "csv"
    GPKG = "gpkg"
    KML = "kml"
    GPX = "gpx"


MEDIA_TYPES = {
    FileForm.GEOJSONL: "application/geo+json-seq",
    FileForm.CSV: "text/csv",
    FileForm.GPKG: "application/geopackage+sqlite3",
    FileForm.KML: "application/vnd.google-earth.kml+xml",
    FileForm.GPX: "application/gpx+xml",
}
CONTENT: dict[str, Any] = {
    kind: {"schema": {"type": "string"} | ({"format": "binary"} if form is FileForm.GPKG else {})}
    for form, kind in MEDIA_TYPES.items()
}
"""The files, for the description of the API."""
_TITLES = {
    FileForm.GEOJSONL: "As a sequence of GeoJSON texts",
    FileForm.CSV: "As a table with HXL hashtags",
    FileForm.GPKG: "As a GeoPackage",
    FileForm.KML: "For a map on a telephone (KML)",
    FileForm.GPX: "For a satellite receiver (GPX)",
}
_OF_ACCEPT = {
    "text/html": FeatureForm.HTML,
    "application/xhtml+xml": FeatureForm.HTML,
    **{kind: FeatureForm(form.value) for form, kind in MEDIA_TYPES.items()},
}
_ONE_PAGE = frozenset({"f", "limit", "cursor", "number-matched", "crs"})
"""Parameters about one answer; a file holds all that is asked for."""


async def _form(
    f: Annotated[
        FeatureForm | None, Query(description="the form of the answer, whatever Accept says")
    ] = None,
    accept: Annotated[
        str, Header(description="the media type of a form; text/html gives pages for people")
    ] = "",
) -> AnswerForm | FileForm:
    form = f or named_first(accept, _OF_ACCEPT) or FeatureForm.JSON
    is_file = form.value in frozenset(FileForm)
    return FileForm(form.value) if is_file else AnswerForm(form.value)


AskedFeatureForm = Annotated[AnswerForm | FileForm, Depends(_form)]
"""In which form features are wanted, `?f=` or `Accept`."""


def may_have(caller: Caller, form: AnswerForm | FileForm) -> bool:
    """Tell whether a caller may have features in a form; documents are for everybody."""
    return isinstance(form, AnswerForm) or may_call(FILES[form.value], caller.role)


def require_form(caller: Caller, form: AnswerForm | FileForm) -> None:
    """Refuse who may not have files of a form.

    Raises:
        Problem: 401 without a token; 403 where its role may not.
    """
    if may_have(caller, form):
        return
    rule = FILES[form.value]
    if caller.role is None:
        require_role(caller, rule)
    raise not_allowed(
        f"your token is for the role {caller.role}; files of the form {form.value} are for drivers' "
        f"devices, of the roles {_named(rule.roles)}. Ask for {_others(caller)} instead"
    )


def _named(roles: frozenset[Role]) -> str:
    return " and ".join(sorted(roles))


def _others(caller: Caller) -> str:
    return " or ".join(f"f={form.value}" for form in FileForm if may_have(caller, form))


def alternates(request: Request, caller: Caller, path: str = "", rel: str = "alternate") -> Links:
    """Link files of all that is asked for; those for devices only to who may have them.

    Args:
        path: what else is linked than the answer to the request itself.
    """
    at = path or address(request, without=_ONE_PAGE)
    return [
        link(request, rel, in_form(at, form), MEDIA_TYPES[form], _TITLES[form])
        for form in FileForm
        if may_have(caller, form)
    ]
