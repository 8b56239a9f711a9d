"""LIKE is answered as the standard says, and never takes long."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cql2.likeness import is_like
from tests.domain.cql2.judge import like

few = st.text("aA%_\\é\n.", max_size=6)


@given(
    text=few,
    pattern=st.lists(
        st.sampled_from(["a", "A", "é", "\n", ".", "%", "_", "\\%", "\\_", "\\\\", "\\a"]),
        max_size=7,
    ),
)
def test_it_agrees_with_another_reading_of_the_standard(text: str, pattern: list[str]) -> None:
    assert is_like(text, "".join(pattern)) is like(text, "".join(pattern))


@pytest.mark.parametrize(("text", "pattern"), [(None, "%"), ("a", None), (None, None)])
def test_of_what_is_unknown_it_is_unknown(text: str | None, pattern: str | None) -> None:
    assert is_like(text, pattern) is None


def test_many_wildcards_do_not_keep_others_waiting() -> None:
    began = time.process_time()
    assert is_like("a" * 5000, "%a" * 1999 + "%b") is False
    assert time.process_time() - began < 0.5
