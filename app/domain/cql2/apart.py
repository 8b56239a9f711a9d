"""Taking a filter apart: what it asks about, and with which values. Only the first shapes a question."""

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from app.domain.cql2.expression import Expression, Property, Slot, Value


@dataclass(frozen=True)
class Apart:
    """A filter whose values stand apart.

    Attributes:
        structure: with a `Slot` in the place of each value, so that it can be known again.
        values: by the numbers of the slots.
    """

    structure: Expression
    values: tuple[Value, ...]


def taken_apart(expression: Expression) -> Apart:
    """Take the values out of a filter, in the order in which they stand there."""
    values: list[Value] = []
    structure = _taken(expression, values)
    return Apart(structure=structure, values=tuple(values))


def names(expression: Expression) -> frozenset[str]:
    """Give the names of the properties that a filter asks about."""
    return frozenset(_names(expression))


def _taken(node: Any, values: list[Value]) -> Any:
    if isinstance(node, Value):
        values.append(node)
        return Slot(len(values) - 1, node.kind)
    if isinstance(node, tuple):
        return tuple(_taken(each, values) for each in node)
    if not is_dataclass(node) or isinstance(node, type):
        return node
    return replace(node, **{f.name: _taken(getattr(node, f.name), values) for f in fields(node)})


def _names(node: Any) -> list[str]:
    if isinstance(node, Property):
        return [node.name]
    if isinstance(node, tuple):
        return [name for each in node for name in _names(each)]
    if not is_dataclass(node) or isinstance(node, type):
        return []
    return [name for f in fields(node) for name in _names(getattr(node, f.name))]
