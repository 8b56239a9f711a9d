"""Numbers that are written together are the bytes of each, one after another."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tiles.varints import varint, varints

_NUMBERS = st.lists(st.integers(0, 2**62) | st.integers(0, 300), max_size=9)


@given(groups=st.lists(_NUMBERS, max_size=5))
def test_many_are_written_as_each_by_itself(groups: list[list[int]]) -> None:
    every = [number for group in groups for number in group]
    found = varints(np.array(every, dtype=np.int64), [len(group) for group in groups])
    assert found == [b"".join(map(varint, group)) for group in groups]
