"""The fields of places, as schemas tell them and filters ask about them: the same whatever is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.access.caller import Caller
from app.domain.cql2.expression import Kind
from app.domain.policy import Audience


@dataclass(frozen=True, kw_only=True)
class Field:
    """One property of the features of a collection.

    Attributes:
        schema: members of JSON Schema.
        kind: as what a filter may compare it; None where it cannot be asked about.
        operational: whether the operational audience alone is shown it.
    """

    name: str
    title: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    kind: Kind | None = Kind.TEXT
    operational: bool = False

    @property
    def is_nested(self) -> bool:
        """Whether its values are arrays or objects, but for the geometry of the feature."""
        return self.kind is None


def text(name: str, title: str, *, operational: bool = False) -> Field:
    """A text that somebody wrote."""
    return Field(name=name, title=title, operational=operational)


def one_of(name: str, title: str, names: type[StrEnum], *, operational: bool = False) -> Field:
    """One of the names of an enumeration."""
    schema = {"type": "string", "enum": [each.value for each in names]}
    return Field(name=name, title=title, schema=schema, operational=operational)


def reference(name: str, title: str, *, role: str | None = None) -> Field:
    """The id of something."""
    schema = {"type": "string", "format": "uuid"} | _role(role)
    return Field(name=name, title=title, schema=schema)


def metres(name: str, title: str, *, whole: bool = False) -> Field:
    """A length."""
    schema = {"type": "integer" if whole else "number", "minimum": 0, "x-ogc-unit": "m"}
    return Field(name=name, title=title, schema=schema, kind=Kind.NUMBER)


def instant(name: str, title: str, *, operational: bool = False, role: str | None = None) -> Field:
    """An instant in UTC."""
    schema = {"type": "string", "format": "date-time"} | _role(role)
    return Field(name=name, title=title, schema=schema, kind=Kind.INSTANT, operational=operational)


def _role(role: str | None) -> dict[str, str]:
    return {} if role is None else {"x-ogc-role": role}


ID = reference("id", "Id, the same as under /v1", role="id")
IDS = {"type": "array", "items": {"type": "string", "format": "uuid"}}
SOURCES = Field(
    name="sources", title="Sources that it rests on", schema=IDS, kind=None, operational=True
)
VALIDITY = (
    instant("valid_from", "Since when this is so", role="primary-interval-start"),
    instant(
        "valid_until",
        "Until when it was so; none where it still is",
        role="primary-interval-end",
    ),
)


def geometry(format: str) -> Field:
    """The geometry of a feature, as exactly as its reader may see it."""
    return Field(
        name="geometry",
        title="Geometry, as exactly as you may see it",
        schema={"format": format, "x-ogc-role": "primary-geometry"},
        kind=Kind.PLACE,
    )


def readable(fields: Iterable[Field], caller: Caller) -> list[Field]:
    """Give the fields that a caller may be shown of some place, whether or not there is one."""
    sees_all = Audience.OPERATIONAL in caller.operations.values()
    return [each for each in fields if sees_all or not each.operational]
