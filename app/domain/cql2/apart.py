"""Taking a filter apart: what it asks about, and with which values. Only the first shapes a question."""

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from app.domain.cql2.expression import Among, Expression, Property, Slot, Value


@dataclass(frozen=True)
class Apart:
    """A filter whose values stand apart.

    Attributes:
        structure: with a `Slot` in the place of each value, so that it can be known again.
        values: by the numbers of the slots; for a slot of many, a tuple.
    """

    structure: Expression
    values: tuple[Any, ...]


def taken_apart(expression: Expression) -> Apart:
    """Take the values out of a filter, in the order in which they stand there."""
    values: list[Any] = []
    structure = _taken(expression, values)
    return Apart(structure=structure, values=tuple(values))


def names(expression: Expression) -> frozenset[str]:
    """Give the names of the properties that a filter asks about."""
    return frozenset(_names(expression))


def _taken(node: Any, values: list[Any]) -> Any:
    if isinstance(node, Value):
        values.append(node.value)
        return Slot(len(values) - 1, node.kind)
    if isinstance(node, tuple):
        return tuple(_taken(each, values) for each in node)
    if isinstance(node, Among):
        return _among(node, values)
    if not is_dataclass(node) or isinstance(node, type):
        return node
    return replace(node, **{f.name: _taken(getattr(node, f.name), values) for f in fields(node)})


def _among(node: Among, values: list[Any]) -> Among:
    """Take all values of a list out as one, so that their number does not shape the question."""
    subject = _taken(node.subject, values)
    given = [each for each in node.values if isinstance(each, Value)]
    others = tuple(each for each in node.values if not isinstance(each, Value))
    if not given:
        return Among(subject, others)
    values.append(tuple(each.value for each in given))
    return Among(subject, (Slot(len(values) - 1, given[0].kind, many=True), *others))


def _names(node: Any) -> list[str]:
    if isinstance(node, Property):
        return [node.name]
    if isinstance(node, tuple):
        return [name for each in node for name in _names(each)]
    if not is_dataclass(node) or isinstance(node, type):
        return []
    return [name for f in fields(node) for name in _names(getattr(node, f.name))]
