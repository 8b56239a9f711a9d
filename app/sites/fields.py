"""The fields of a site, as map clients are told them; see `features` for who sees which of which."""

from app.disclosure.fields import (
    ID,
    SOURCES,
    VALIDITY,
    Field,
    geometry,
    instant,
    metres,
    one_of,
    reference,
    text,
)
from app.domain.cql2.expression import Kind
from app.domain.disclosure import Sensitivity
from app.domain.site import SiteKind, SiteStatus

_TEXTS = {"type": "array", "items": {"type": "string"}}

FIELDS = (
    ID,
    geometry("geometry-point"),
    reference("operation", "Operation that it belongs to"),
    one_of("kind", "What it is in an evacuation", SiteKind),
    one_of("status", "Whether it takes people", SiteStatus),
    text("name", "Name"),
    Field(name="other_names", title="Other names", schema=_TEXTS, kind=None),
    Field(
        name="capacity",
        title="People at a time",
        schema={"type": "integer", "minimum": 0},
        kind=Kind.NUMBER,
    ),
    text("p_code", "Place code of OCHA"),
    metres("precision_m", "How far from its geometry the place may be", whole=True),
    reference("controlled_by", "Organisation that controls it"),
    Field(
        name="area",
        title="Outline",
        schema={"format": "geometry-polygon-or-multipolygon"},
        kind=None,
    ),
    one_of("sensitivity", "Class of sensitivity", Sensitivity, operational=True),
    instant("release_at", "From when on everybody sees it", operational=True),
    text("contact_channel", "How to reach its duty desk", operational=True),
    SOURCES,
    *VALIDITY,
)
