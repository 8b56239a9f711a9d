"""Numbers with places as text: the record and the hash hold no fractions."""

from decimal import Decimal


def decimal_text(number: float) -> str:
    """Write a number as the shortest decimal text that reads back as the same number."""
    text = repr(number)
    if "e" in text:
        text = format(Decimal(text), "f")
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text
