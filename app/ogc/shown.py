"""Features as documents show them: their coordinates as asked for, and for people grid references."""

from typing import Any

import orjson

from app.disclosure.answers import as_feature
from app.disclosure.reading import Found
from app.formats.shapes import squares
from app.ogc.asked import AnswerForm
from app.ogc.crs import Crs


def shown(found: Found, crs: Crs, form: AnswerForm) -> dict[str, Any]:
    """Give a feature; pages for people say in which squares of MGRS it begins and ends."""
    if form is AnswerForm.JSON and crs.is_stored:
        return as_feature(found, orjson.Fragment)
    feature = as_feature(found)
    document = {**feature, "geometry": crs.show(feature["geometry"])}
    named = squares(feature) if form is AnswerForm.HTML else []
    return document | ({"mgrs": " to ".join(named)} if named else {})
