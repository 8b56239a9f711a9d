"""What each audience sees of a site."""

from datetime import datetime
from typing import Any

from app.access.resource import Values
from app.disclosure.places import cell_width_m, evidence
from app.domain.disclosure import Precision
from app.domain.geometry.shape import as_geojson, from_recorded
from app.domain.policy import Audience

COLLECTION = "sites"
_EXACT = ("name", "other_names", "capacity", "p_code", "precision_m", "controlled_by")
_OPERATIONAL = ("sensitivity", "release_at", "contact_channel")


def properties(
    values: Values, precision: Precision, audience: Audience, _: datetime
) -> dict[str, Any]:
    """Give the properties of a site: where its point is not exact, none that would tell more."""
    shown: dict[str, Any] = {name: values[name] for name in ("operation", "kind", "status")}
    if precision is Precision.EXACT:
        shown |= {name: values[name] for name in _EXACT}
        shown["area"] = _area(values)
    else:
        shown["precision_m"] = cell_width_m(precision)
    if audience is Audience.OPERATIONAL:
        shown |= {name: values[name] for name in _OPERATIONAL} | evidence(values)
    return shown


def _area(values: Values) -> Any:
    area = values["area"]
    return as_geojson(from_recorded(area)) if area else None
