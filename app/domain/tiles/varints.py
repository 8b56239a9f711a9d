"""Whole numbers as Protocol Buffers write them: in groups of seven bits, the lowest first."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

_BITS = 7
_ALL, _MORE = 0x7F, 0x80
_SIGN = 63
"""So far to the right, a whole number is 0 or -1."""

Numbers = Any
"""An array of numpy of whole numbers that are not negative."""


def zigzag(value: Any) -> Any:
    """Give a number, or each of an array, as one that is not negative: 0, -1, 1, -2 as 0, 1, 2, 3."""
    return value << 1 ^ value >> _SIGN


@lru_cache(maxsize=1 << 15)
def varint(value: int) -> bytes:
    """Write one number."""
    written = bytearray()
    while value > _ALL:
        written.append(value & _ALL | _MORE)
        value >>= _BITS
    written.append(value)
    return bytes(written)


def varints(values: Numbers, counts: Sequence[int]) -> list[bytes]:
    """Write many numbers at once, the first so many together, then the next; one by one takes long."""
    import numpy as np  # noqa: PLC0415

    longest = max(1, -(-int(values.max(initial=0)).bit_length() // _BITS))
    written = np.empty((len(values), longest), dtype=np.uint8)
    needed = np.ones(written.shape, dtype=bool)
    for at in range(longest):
        if at:
            needed[:, at] = values > 0
        written[:, at] = values & _ALL
        values = values >> _BITS
        written[:, at] |= (values > 0) * np.uint8(_MORE)
    content = written[needed].tobytes()
    sizes = np.concatenate([[0], needed.ravel().cumsum()[longest - 1 :: longest]])
    ends = sizes[np.concatenate([[0], np.cumsum(counts, dtype=int)])].tolist()
    return [content[start:end] for start, end in pairwise(ends)]
