"""The values that the record can hold: JSON without fractions."""

from typing import TypeAlias

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
