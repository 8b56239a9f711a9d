"""Numbers with places as text: the record and the hash hold no fractions."""

from decimal import Decimal


def decimal_text(number: float) -> str:
    """Write a number as the shortest decimal text that reads back as the same number."""
    text = format(Decimal(repr(number)).normalize(), "f")
    return "0" if text == "-0" else text
