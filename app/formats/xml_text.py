"""XML of features: escaped by the standard library, of characters that XML and devices can show."""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_UNREADABLE = re.compile(
    "[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)
"""What XML refuses, control characters, and marks that turn the order of reading."""


def clean(text: str) -> str:
    """Leave out what cannot be read."""
    return _UNREADABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """Leave out what cannot be read, and ends of lines."""
    return " ".join(clean(text).split())


def below(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """Add an element with a text."""
    child = SubElement(parent, tag, attributes)
    child.text = clean(text) or None
    return child


def written(element: Element) -> bytes:
    """Write an element and what is below it, on a line of its own."""
    return tostring(element, encoding="unicode").encode() + b"\n"
