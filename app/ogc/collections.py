"""The collections that map clients read, and by which standards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path
from sqlalchemy.orm import Session

from app.corridors import fields as fields_of_corridors
from app.corridors import seen as corridors
from app.corridors.features import COLLECTION as CORRIDORS
from app.disclosure.fields import Field
from app.disclosure.reading import Found, Question
from app.http.problems import not_found
from app.sites import fields as fields_of_sites
from app.sites import service as sites
from app.sites.features import COLLECTION as SITES

CONFORMS_TO = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/core-roles-features",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/returnables-and-receivables",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
)
"""Each class that is declared is met: see `tests/http/ogc`, `test_conformance` and `test_cql2`."""


@dataclass(frozen=True, kw_only=True)
class Collection:
    """One kind of places.

    Attributes:
        fields: what its features hold; each reader is told of those that it may be shown.
        find: gives a single one as its reader may see it, exactly where only that may show it so.
    """

    id: str
    title: str
    description: str
    fields: tuple[Field, ...]
    find: Callable[[Session, Question], Found | None]

    @property
    def nested(self) -> tuple[str, ...]:
        """Names of the properties that are arrays or objects."""
        return tuple(each.name for each in self.fields if each.is_nested)


COLLECTIONS = {
    each.id: each
    for each in (
        Collection(
            id=CORRIDORS,
            title="Humanitarian corridors",
            description=(
                "Corridors as this reader may see them. Nobody may move along one whose "
                "do_not_move has reasons, or has none but was read after its until."
            ),
            fields=fields_of_corridors.FIELDS,
            find=corridors.find,
        ),
        Collection(
            id=SITES,
            title="Evacuation sites",
            description=(
                "Shelters, assembly points and places of reception, each as exactly as this "
                "reader may see it."
            ),
            fields=fields_of_sites.FIELDS,
            find=sites.find,
        ),
    )
}


async def _named(
    collection_id: Annotated[str, Path(description="corridors or sites")],
) -> Collection:
    found = COLLECTIONS.get(collection_id)
    if found is None:
        raise not_found()
    return found


Named = Annotated[Collection, Depends(_named)]
"""The collection of the path; 404 where there is none of this name."""
