"""Numbers by their decimal value: what a person wrote and reads, not what the machine rounded."""

from decimal import Decimal
from fractions import Fraction


def exact(number: float) -> Fraction:
    """Give the value of the shortest decimal text of `number`: 47.1 is exactly 471/10."""
    return Fraction(Decimal(repr(number)))
