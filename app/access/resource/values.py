"""Fields as the record holds them, made from what a body says."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeAlias
from uuid import UUID

from pydantic import BaseModel

from app.domain.decimal_text import decimal_text
from app.domain.fact import Warned
from app.domain.geometry.reading import Read
from app.domain.geometry.shape import as_recorded
from app.domain.instant import format_instant
from app.domain.json_value import Json
from app.http.schema import Change

Values: TypeAlias = "Mapping[str, Json]"
"""The fields of a resource by name."""

_OF_EVERY_CHANGE = frozenset({*Change.model_fields, "corrects"})


def given(body: BaseModel, *, all_fields: bool = False) -> dict[str, Json]:
    """Give the fields that `body` sets; those of the change itself (`effective_at` …) left out.

    Args:
        all_fields: those that the body leaves out too, with their defaults.
    """
    names = type(body).model_fields if all_fields else body.model_fields_set
    return {name: as_json(getattr(body, name)) for name in names if name not in _OF_EVERY_CHANGE}


def warned(body: BaseModel) -> tuple[Warned, ...]:
    """Say what was changed about the geometries that `body` sets, each thing once."""
    given = (getattr(body, name) for name in type(body).model_fields)
    warnings = [warning for each in given if isinstance(each, Read) for warning in each.warnings]
    return tuple(dict.fromkeys(warnings))


def as_json(value: Any) -> Json:
    """Give a value as the record can hold it: UTC with six digits, numbers with places as text."""
    if isinstance(value, Read):
        return as_recorded(value.shape)
    if isinstance(value, BaseModel):
        return {name: as_json(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {str(key): as_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(inner) for inner in value]
    return _plain(value)


def _plain(value: Any) -> Json:
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, float):
        return decimal_text(value)
    raise TypeError(f"found a {type(value).__name__}; the record has no form for it")
