"""Filters of every sort, as CQL2 JSON, for Hypothesis; and how each is said in CQL2 Text."""

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from app.domain.cql2.expression import Kind, Order, Relation, Timing

Json = Any
_ORDERED = (Kind.TEXT, Kind.NUMBER, Kind.INSTANT)
_OF_INSTANTS = ("t_after", "t_before", "t_disjoint", "t_equals", "t_intersects")
_KEYWORDS = {"true", "false", "and", "or", "not", "in", "is", "like", "null", "between"}


def filters(
    known: Mapping[str, Kind], values: Mapping[Kind, Sequence[Any]]
) -> st.SearchStrategy[Json]:
    """Give filters about known properties.

    Args:
        values: some of each kind: texts, numbers, instants as text, and GeoJSON geometries.
    """
    made = _Made(known, values)
    return st.recursive(
        st.one_of(
            made.compared(),
            made.like(),
            made.between(),
            made.among(),
            made.is_null(),
            made.placed(),
            made.timed(),
            st.booleans(),
        ),
        lambda inner: st.one_of(
            st.builds(_called, st.just("not"), st.lists(inner, min_size=1, max_size=1)),
            st.builds(
                _called, st.sampled_from(("and", "or")), st.lists(inner, min_size=2, max_size=3)
            ),
        ),
        max_leaves=8,
    )


def _called(op: str, args: Sequence[Json]) -> Json:
    return {"op": op, "args": list(args)}


class _Made:
    def __init__(self, known: Mapping[str, Kind], values: Mapping[Kind, Sequence[Any]]) -> None:
        self._values = values
        self._names = {
            kind: [{"property": name} for name, of in known.items() if of is kind] for kind in Kind
        }

    def _property(self, kind: Kind) -> st.SearchStrategy[Json]:
        return st.sampled_from(self._names[kind])

    def _value(self, kind: Kind) -> st.SearchStrategy[Json]:
        some = st.sampled_from(self._values[kind])
        if kind is Kind.INSTANT:
            return some.map(lambda at: {"timestamp": at})
        if kind is Kind.TEXT:
            return some | st.text(
                st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\"), max_size=3
            )
        return some

    def _scalar(self, kind: Kind) -> st.SearchStrategy[Json]:
        return self._property(kind) | self._value(kind) | self._value(kind)

    def compared(self) -> st.SearchStrategy[Json]:
        orders = st.sampled_from([order.value for order in Order])

        def of(kind: Kind) -> st.SearchStrategy[Json]:
            sides = st.tuples(self._property(kind), self._scalar(kind)) | st.tuples(
                self._scalar(kind), self._property(kind)
            )
            return st.builds(_called, orders, sides)

        return st.sampled_from(_ORDERED).flatmap(of)

    def between(self) -> st.SearchStrategy[Json]:
        def of(kind: Kind) -> st.SearchStrategy[Json]:
            sides = st.tuples(self._property(kind), self._scalar(kind), self._scalar(kind))
            return st.builds(_called, st.just("between"), sides)

        return st.sampled_from(_ORDERED).flatmap(of)

    def among(self) -> st.SearchStrategy[Json]:
        def of(kind: Kind) -> st.SearchStrategy[Json]:
            values = st.lists(self._scalar(kind), min_size=1, max_size=4)
            return st.builds(_called, st.just("in"), st.tuples(self._property(kind), values))

        return st.sampled_from(_ORDERED).flatmap(of)

    def like(self) -> st.SearchStrategy[Json]:
        wild = st.sampled_from(["%", "_", "%%", "\\%", "\\_", "\\\\"])
        pieces = st.lists(st.one_of(wild, self._value(Kind.TEXT).map(_harmless)), max_size=4)
        sides = st.tuples(self._property(Kind.TEXT), pieces.map("".join))
        return st.builds(_called, st.just("like"), sides)

    def is_null(self) -> st.SearchStrategy[Json]:
        every = st.sampled_from([each for names in self._names.values() for each in names])
        return st.builds(_called, st.just("isNull"), st.tuples(every))

    def placed(self) -> st.SearchStrategy[Json]:
        relations = st.sampled_from([relation.value for relation in Relation])
        there, place = self._property(Kind.PLACE), self._value(Kind.PLACE)
        sides = st.tuples(there, place) | st.tuples(place, there) | st.tuples(there, there)
        return st.builds(_called, relations, sides)

    def timed(self) -> st.SearchStrategy[Json]:
        instant = self._property(Kind.INSTANT) | self._value(Kind.INSTANT)
        end = st.one_of(
            st.just(".."), self._property(Kind.INSTANT), st.sampled_from(self._values[Kind.INSTANT])
        )
        validity = [{"property": "valid_from"}, {"property": "valid_until"}]
        interval = st.one_of(
            st.just({"interval": validity}),
            st.lists(end, min_size=2, max_size=2)
            .map(_in_order)
            .map(lambda ends: {"interval": ends}),
        )
        of_intervals = st.sampled_from([timing.value for timing in Timing])
        time = instant | interval
        return st.one_of(
            st.builds(_called, of_intervals, st.tuples(interval, interval)),
            st.builds(_called, st.sampled_from(_OF_INSTANTS), st.tuples(time, time)),
        )


def _harmless(text: str) -> str:
    return text.replace("\\", "\\\\")


def _in_order(ends: list[Json]) -> list[Json]:
    texts = sorted(end for end in ends if isinstance(end, str) and end != "..")
    return texts if len(texts) == 2 else ends


def said(document: Json) -> str:
    """Say a filter in CQL2 Text."""
    match document:
        case bool():
            return str(document).upper()
        case {"op": "not", "args": [part]}:
            return f"NOT ({said(part)})"
        case {"op": "and" | "or" as op, "args": parts}:
            return f" {op.upper()} ".join(f"({said(part)})" for part in parts)
        case {"op": "isNull", "args": [subject]}:
            return f"{scalar(subject)} IS NULL"
        case {"op": "like", "args": [subject, pattern]}:
            return f"{scalar(subject)} LIKE {scalar(pattern)}"
        case {"op": "between", "args": [subject, low, high]}:
            return f"{scalar(subject)} BETWEEN {scalar(low)} AND {scalar(high)}"
        case {"op": "in", "args": [subject, values]}:
            return f"{scalar(subject)} IN ({','.join(map(scalar, values))})"
        case {"op": str(op), "args": [one, other]}:
            if op[:2] in {"s_", "t_"}:
                return f"{op.upper()}({scalar(one)},{scalar(other)})"
            return f"{scalar(one)} {op} {scalar(other)}"
        case _:
            raise TypeError(document)


def scalar(value: Json) -> str:
    """Say a value in CQL2 Text."""
    match value:
        case bool():
            return str(value).upper()
        case str():
            return "'" + value.replace("'", "''") + "'"
        case int() | float():
            return repr(value)
        case {"property": name}:
            return f'"{name}"' if name in _KEYWORDS else str(name)
        case {"timestamp": at}:
            return f"TIMESTAMP('{at}')"
        case {"interval": ends}:
            return f"INTERVAL({','.join(map(scalar, ends))})"
        case {"bbox": sides}:
            return f"BBOX({','.join(map(repr, sides))})"
        case {"type": "GeometryCollection", "geometries": inner}:
            return f"GEOMETRYCOLLECTION({','.join(map(scalar, inner))})"
        case {"type": kind, "coordinates": coordinates}:
            return str(kind).upper() + _listed(coordinates, outer=True)
        case _:
            raise TypeError(value)


def _listed(coordinates: Any, *, outer: bool = False) -> str:
    if isinstance(coordinates[0], int | float):
        position = " ".join(map(repr, coordinates))
        return f"({position})" if outer else position
    return f"({','.join(map(_listed, coordinates))})"
