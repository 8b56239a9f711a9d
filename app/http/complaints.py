"""Sentences about what the declared types refused: what was found, what was expected, where."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.http.found import found

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "list_type": "an array",
    "tuple_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "none_required": "null",
}


def complaints(errors: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Give (pointer, message) for each error of a validation, in the order of the body."""
    return [(_pointer(error["loc"]), _message(error)) for error in errors]


def pointer(steps: Sequence[str | int]) -> str:
    """Write an RFC 6901 JSON pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _pointer(loc: Sequence[str | int]) -> str:
    place, *steps = loc or ("body",)
    if place == "body":
        return pointer(steps)
    return "/".join([str(place), *(str(step) for step in steps)])


def _message(error: Mapping[str, Any]) -> str:
    kind, given = error["type"], error.get("input")
    context = error.get("ctx") or {}
    if kind in _EXPECTED:
        return f"found {found(given)}, expected {_EXPECTED[kind]}"
    match kind:
        case "missing":
            return "missing; expected a value"
        case "extra_forbidden":
            return "unknown member; nothing of this name is expected here"
        case "too_long" | "too_short":
            return f"found {found(given)}, expected {_bounds(context)}"
        case "literal_error" | "enum":
            return f"found {found(given)}, expected {context.get('expected')}"
        case "value_error":
            return str(context.get("error"))
        case "found_expected":
            return str(error["msg"])
        case _:
            return f"found {found(given)}; {_plain(str(error['msg']))}"


def _bounds(context: Mapping[str, Any]) -> str:
    if "max_length" in context:
        return f"{context['max_length']} items at most"
    return f"{context['min_length']} or more items"


def _plain(message: str) -> str:
    """Turn the validator's own sentence into one like ours."""
    return message.replace("Input should be", "expected", 1).replace(
        "String should", "expected it to", 1
    )
